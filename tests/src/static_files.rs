//! A static file server that has never heard of Assay: a path is a file below one folder, or 404.

use std::{
    fs,
    io::{BufRead, BufReader, Write},
    net::{TcpListener, TcpStream},
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread::JoinHandle,
};

/// A server of one folder, ended with the value.
pub struct StaticFiles {
    /// Its address, such as `http://127.0.0.1:4711`.
    pub address: String,
    ends: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl StaticFiles {
    /// Serves the files below a folder on a free port.
    ///
    /// # Panics
    /// When no port is free.
    pub fn serve(folder: &Path) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let address = listener.local_addr().expect("a bound socket");
        let ends = Arc::new(AtomicBool::new(false));
        let (folder, ended) = (folder.to_owned(), ends.clone());
        let thread = std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                if ended.load(Ordering::Acquire) {
                    return;
                }
                // A client that hangs up ends its own request and nothing else.
                let _ = answer(&folder, &stream);
            }
        });
        Self {
            address: format!("http://{address}"),
            ends,
            thread: Some(thread),
        }
    }
}

impl Drop for StaticFiles {
    fn drop(&mut self) {
        self.ends.store(true, Ordering::Release);
        let host = self.address.trim_start_matches("http://");
        // Connecting wakes the loop up; it ends before it answers.
        let _ = TcpStream::connect(host);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

/// Every file below a folder, as paths from it, sorted.
///
/// # Panics
/// When a folder cannot be read.
pub fn files_below(folder: &Path) -> Vec<String> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(next) = folders.pop() {
        for entry in fs::read_dir(&next).expect("a folder that was listed") {
            let path = entry.expect("a folder entry").path();
            if path.is_dir() {
                folders.push(path);
            } else {
                let path = path.strip_prefix(folder).expect("it lies below");
                found.push(path.to_str().expect("public names are ASCII").to_owned());
            }
        }
    }
    found.sort();
    found
}

fn answer(folder: &Path, mut stream: &TcpStream) -> std::io::Result<()> {
    let mut lines = BufReader::new(stream).lines();
    let request = lines.next().unwrap_or(Ok(String::new()))?;
    for line in lines {
        if line?.is_empty() {
            break;
        }
    }
    let bytes = request
        .split(' ')
        .nth(1)
        .and_then(|path| inside(folder, path))
        .and_then(|path| fs::read(path).ok());
    let status = if bytes.is_some() {
        "200 OK"
    } else {
        "404 Not Found"
    };
    let bytes = bytes.unwrap_or_default();
    let length = bytes.len();
    write!(
        stream,
        "HTTP/1.1 {status}\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n"
    )?;
    stream.write_all(&bytes)
}

fn inside(folder: &Path, path: &str) -> Option<PathBuf> {
    let path = path.strip_prefix('/')?;
    let is_plain = |part: &str| !part.is_empty() && part != ".." && part != ".";
    path.split('/').all(is_plain).then(|| folder.join(path))
}

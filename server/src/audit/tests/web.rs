//! A web server over a folder that answers badly where it is told to.
//!
//! It speaks as much HTTP as one request needs, and ends with the process.

use std::{
    collections::BTreeMap,
    fs,
    io::{self, BufRead, BufReader, Write as _},
    net::{TcpListener, TcpStream},
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    thread,
};

use flate2::{Compression, write::GzEncoder};

/// What is done to a file on its way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// Sent as gzip, as a web server may.
    Packed,
    /// One byte less, and the length says so.
    Short,
    /// So many zeros more, and the length says so.
    Longer(usize),
    /// Zeros without an end, and no length.
    Endless,
    /// Sent as gzip: so many zeros.
    Bomb(usize),
    /// Said to be gzip, and as it is.
    NotPacked,
    /// Less than its length says.
    BrokenOff,
    /// Another status.
    Status(&'static str),
}

/// A server of a folder.
pub struct Web {
    /// Its address.
    pub address: String,
    /// Bytes that were taken of endless files.
    pub taken: Arc<AtomicU64>,
}

#[derive(Clone)]
struct Files {
    folder: PathBuf,
    faults: BTreeMap<String, Fault>,
    taken: Arc<AtomicU64>,
}

impl Web {
    /// Serves a folder with these faults, by path.
    pub fn serve(folder: &Path, faults: &[(&str, Fault)]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let address = listener.local_addr().expect("it is bound");
        let faults = faults
            .iter()
            .map(|(path, fault)| ((*path).to_owned(), *fault));
        let files = Files {
            folder: folder.to_owned(),
            faults: faults.collect(),
            taken: Arc::default(),
        };
        let taken = Arc::clone(&files.taken);
        thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                let files = files.clone();
                // Whoever has read enough hangs up: that is what is tested.
                thread::spawn(move || files.answer(stream).ok());
            }
        });
        Self {
            address: format!("http://{address}"),
            taken,
        }
    }
}

impl Files {
    fn answer(&self, mut stream: TcpStream) -> io::Result<()> {
        let mut lines = BufReader::new(stream.try_clone()?).lines();
        let request = lines.next().unwrap_or_else(|| Ok(String::new()))?;
        while lines
            .next()
            .is_some_and(|line| line.is_ok_and(|line| !line.is_empty()))
        {}
        let path = request.strip_prefix("GET /").unwrap_or_default();
        let path = path.split(' ').next().unwrap_or_default();
        let Ok(file) = fs::read(self.folder.join(path)) else {
            return send(&mut stream, "404 Not Found", "", b"");
        };
        let gzip = "content-encoding: gzip\r\n";
        match self.faults.get(path) {
            None => send(&mut stream, "200 OK", "", &file),
            Some(Fault::Packed) => send(&mut stream, "200 OK", gzip, &packed(&file)),
            Some(Fault::Short) => send(&mut stream, "200 OK", "", &file[..file.len() - 1]),
            Some(Fault::Longer(more)) => {
                let longer = [file, vec![0; *more]].concat();
                send(&mut stream, "200 OK", "", &longer)
            }
            Some(Fault::Endless) => self.endless(&mut stream),
            Some(Fault::Bomb(zeros)) => {
                send(&mut stream, "200 OK", gzip, &packed(&vec![0; *zeros]))
            }
            Some(Fault::NotPacked) => send(&mut stream, "200 OK", gzip, &file),
            Some(Fault::BrokenOff) => {
                let length = file.len();
                write!(
                    stream,
                    "HTTP/1.1 200 OK\r\ncontent-length: {length}\r\n\r\n"
                )?;
                stream.write_all(&file[..length / 2])
            }
            Some(Fault::Status(status)) => send(&mut stream, status, "", b""),
        }
    }

    fn endless(&self, stream: &mut TcpStream) -> io::Result<()> {
        write!(stream, "HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n")?;
        let zeros = [0; 4096];
        loop {
            stream.write_all(&zeros)?;
            self.taken.fetch_add(zeros.len() as u64, Ordering::Relaxed);
        }
    }
}

fn send(stream: &mut TcpStream, status: &str, headers: &str, body: &[u8]) -> io::Result<()> {
    let length = body.len();
    write!(
        stream,
        "HTTP/1.1 {status}\r\ncontent-length: {length}\r\nconnection: close\r\n{headers}\r\n"
    )?;
    stream.write_all(body)
}

fn packed(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(bytes).expect("memory takes it");
    encoder.finish().expect("memory takes it")
}

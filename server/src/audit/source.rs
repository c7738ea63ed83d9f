//! Where the public files of a station are read from: a folder, or any web server over one.
//!
//! Every file has a longest length, before and after decompression. What the station fails to show is
//! told apart from what we fail to fetch: the first can be a finding, the second ends the audit.

use std::{
    fmt,
    fs::{File, OpenOptions},
    io::{self, Read},
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
    thread,
    time::Duration,
};

use flate2::read::GzDecoder;
use ureq::{Agent, Body, http::Response};

use crate::fetch;

/// Pauses before a request is tried again.
const PAUSES: [Duration; 2] = [Duration::from_millis(200), Duration::from_secs(1)];
/// Requests under way at a time.
const CONNECTIONS: usize = 16;

/// The public files of a station.
pub enum Source {
    /// A folder on this machine.
    Folder(PathBuf),
    /// A web server.
    Web {
        /// Reuses connections.
        agent: Agent,
        /// Address without a slash at the end.
        base: String,
    },
}

/// What a station shows in place of a file.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unserved {
    /// Nothing.
    #[error("{0} is not served")]
    Missing(String),
    /// More bytes than such a file can have.
    #[error("{path} has more than {most} bytes")]
    TooLong {
        /// The file.
        path: String,
        /// What it may have.
        most: usize,
    },
    /// A folder, a pipe or a device, which may never end.
    #[error("{0} is not a regular file")]
    NotRegular(String),
    /// Bytes that do not decompress.
    #[error("{0} is sent as gzip and is none")]
    NotGzip(String),
}

/// Why a file cannot be fetched at all.
#[derive(Debug, thiserror::Error)]
pub enum SourceError {
    /// Not a folder and not an address.
    #[error("{0} is neither a folder nor an address that starts with http:// or https://")]
    Nowhere(String),
    /// The disk refuses.
    #[error("{path}: {source}")]
    File {
        /// Which file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The network refuses, again and again.
    #[error("{url} does not answer: {says}; try again, what was checked so far is not kept")]
    Web {
        /// What was asked for.
        url: String,
        /// What happened last.
        says: String,
    },
}

/// A file, what stands in its place, or why neither is known.
pub type Fetched = Result<Result<Vec<u8>, Unserved>, SourceError>;

impl Source {
    /// A source by its name: an address, or the path of a folder.
    pub fn open(name: &str) -> Result<Self, SourceError> {
        if fetch::is_address(name) {
            let base = name.trim_end_matches('/').to_owned();
            let agent = fetch::agent(&base, CONNECTIONS);
            return Ok(Self::Web { agent, base });
        }
        let folder = PathBuf::from(name);
        if folder.is_dir() {
            return Ok(Self::Folder(folder));
        }
        Err(SourceError::Nowhere(name.to_owned()))
    }

    /// How many readers are worth having.
    pub fn readers(&self) -> usize {
        let cores = thread::available_parallelism().map_or(1, usize::from);
        match self {
            Self::Folder(_) => cores,
            Self::Web { .. } => cores.max(CONNECTIONS),
        }
    }

    /// Reads a file of at most `most` bytes.
    pub fn get(&self, path: &str, most: usize) -> Fetched {
        match self {
            Self::Folder(folder) => from_folder(folder, path, most),
            Self::Web { agent, base } => from_web(agent, base, path, most),
        }
    }
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Folder(folder) => folder.display().fmt(f),
            Self::Web { base, .. } => f.write_str(base),
        }
    }
}

fn from_folder(folder: &Path, path: &str, most: usize) -> Fetched {
    let file = folder.join(path);
    let refused = |source| SourceError::File {
        path: file.clone(),
        source,
    };
    match open_at_once(&file) {
        Ok(open) if open.metadata().map_err(refused)?.is_file() => {
            bounded(open, path, most).map_err(refused)
        }
        Ok(_) => Ok(Err(Unserved::NotRegular(path.to_owned()))),
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            Ok(Err(Unserved::Missing(path.to_owned())))
        }
        Err(error) => Err(refused(error)),
    }
}

/// Opens a file; a pipe is not waited for.
fn open_at_once(file: &Path) -> io::Result<File> {
    let flags = rustix::fs::OFlags::NONBLOCK.bits().cast_signed();
    OpenOptions::new().read(true).custom_flags(flags).open(file)
}

fn from_web(agent: &Agent, base: &str, path: &str, most: usize) -> Fetched {
    let url = format!("{base}/{path}");
    let mut tried = 0;
    loop {
        let says = match ask(agent, &url, path, most) {
            Ok(answer) => return Ok(answer),
            Err(says) => says,
        };
        let Some(pause) = PAUSES.get(tried) else {
            return Err(SourceError::Web { url, says });
        };
        thread::sleep(*pause);
        tried += 1;
    }
}

/// One request; what may pass by itself is an `Err`.
fn ask(
    agent: &Agent,
    url: &str,
    path: &str,
    most: usize,
) -> Result<Result<Vec<u8>, Unserved>, String> {
    let request = agent.get(url).header("accept-encoding", "gzip");
    let mut answer = request.call().map_err(|error| error.to_string())?;
    match answer.status().as_u16() {
        200 => read(&mut answer, path, most).map_err(|error| error.to_string()),
        403 | 404 | 410 => Ok(Err(Unserved::Missing(path.to_owned()))),
        status => Err(format!("status {status}")),
    }
}

fn read(
    answer: &mut Response<Body>,
    path: &str,
    most: usize,
) -> io::Result<Result<Vec<u8>, Unserved>> {
    let is_gzip = answer
        .headers()
        .get("content-encoding")
        .is_some_and(|coding| coding == "gzip");
    let body = answer.body_mut().as_reader();
    if !is_gzip {
        return bounded(body, path, most);
    }
    let Ok(sent) = bounded(body, path, packed_max(most))? else {
        return Ok(Err(too_long(path, most)));
    };
    // From here on nothing is fetched any more: a fault is one of the bytes.
    let decoded = bounded(GzDecoder::new(sent.as_slice()), path, most);
    Ok(decoded.unwrap_or_else(|_| Err(Unserved::NotGzip(path.to_owned()))))
}

/// Longest gzip of so many bytes: hashes do not compress, and what does not grows a little.
fn packed_max(bytes: usize) -> usize {
    bytes + bytes / 256 + 1024
}

/// All bytes, unless there are more than `most`.
fn bounded(from: impl Read, path: &str, most: usize) -> io::Result<Result<Vec<u8>, Unserved>> {
    let mut bytes = Vec::new();
    from.take(most as u64 + 1).read_to_end(&mut bytes)?;
    Ok(if bytes.len() > most {
        Err(too_long(path, most))
    } else {
        Ok(bytes)
    })
}

fn too_long(path: &str, most: usize) -> Unserved {
    let path = path.to_owned();
    Unserved::TooLong { path, most }
}

#[cfg(test)]
mod tests;

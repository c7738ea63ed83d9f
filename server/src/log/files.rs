//! Where the log's files lie: a folder on this machine, or any object store.
//!
//! A store of files is not trusted: it can stop the log, and it cannot make it lie. Files are created and
//! never changed; only `checkpoint` is replaced. What the files mean is not known here.

mod folder;
mod objects;
mod steps;

use std::{
    fmt, io,
    path::{Path, PathBuf},
    sync::Arc,
};

use bytes::Bytes;
use futures_util::future::BoxFuture;

use crate::exchange::ExchangeError;

pub use folder::Folder;
pub use objects::Objects;
pub use steps::{Step, Steps};

/// Path of the one file that changes.
pub const CHECKPOINT: &str = "checkpoint";

/// Why files could not be read or written.
#[derive(Clone, Debug, thiserror::Error)]
pub enum FilesError {
    /// The disk refused; nothing was promised yet.
    #[error("{path}: {source}; make room or look at the disk")]
    Disk {
        /// Which file or folder.
        path: PathBuf,
        /// Why.
        source: Arc<io::Error>,
    },
    /// A sync failed: what was written before may or may not be on disk.
    #[error("{path} could not be synced: {source}; look at the disk")]
    Sync {
        /// Which file or folder.
        path: PathBuf,
        /// Why.
        source: Arc<io::Error>,
    },
    /// A file is there already, with other content.
    #[error("{0} is there with other content; somebody else writes this log's files")]
    Different(String),
    /// Another station gave no such file.
    #[error(transparent)]
    Remote(#[from] ExchangeError),
    /// The object store refused.
    #[error("the object store: {0}")]
    Objects(Arc<object_store::Error>),
}

impl FilesError {
    /// The disk refused a file or folder.
    pub fn disk(path: &Path, source: io::Error) -> Self {
        Self::Disk {
            path: path.to_owned(),
            source: Arc::new(source),
        }
    }
}

/// A file on its way to its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewFile {
    /// Path under the public prefix, such as `tile/0/000`.
    pub path: String,
    /// Content.
    pub bytes: Bytes,
}

/// What comes of an operation on files.
pub type Filed<'a, T> = BoxFuture<'a, Result<T, FilesError>>;

/// Public files of a log, wherever they lie.
pub trait ReadFiles: Send + Sync + fmt::Debug {
    /// A public file; `None` when it is not there.
    fn read<'a>(&'a self, path: &'a str) -> Filed<'a, Option<Bytes>>;
}

/// A store of files. Whatever a method has written is durable when it returns.
pub trait Files: ReadFiles {
    /// Puts public files in place. One that is there with the same content is fine; with other content it
    /// is [`FilesError::Different`].
    fn create(&self, files: Vec<NewFile>) -> Filed<'_, ()>;

    /// Puts public files in place whatever a crash has left there. Only for files that no published
    /// checkpoint covers.
    fn restore(&self, files: Vec<NewFile>) -> Filed<'_, ()>;

    /// Replaces the public checkpoint, as a whole or not at all.
    fn publish(&self, note: Bytes) -> Filed<'_, ()>;

    /// Removes all public files in some folders, which have become of no use.
    fn remove_folders(&self, folders: Vec<String>) -> Filed<'_, ()>;

    /// Keeps a batch under a name, apart from the public files.
    fn stage<'a>(&'a self, name: &'a str, batch: Bytes) -> Filed<'a, ()>;

    /// A staged batch, read from the store.
    fn staged<'a>(&'a self, name: &'a str) -> Filed<'a, Option<Bytes>>;

    /// Names of all staged batches.
    fn staged_names(&self) -> Filed<'_, Vec<String>>;

    /// Forgets a staged batch.
    fn unstage<'a>(&'a self, name: &'a str) -> Filed<'a, ()>;
}

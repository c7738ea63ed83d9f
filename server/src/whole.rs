//! Files that are whole or absent: written elsewhere, synced, then renamed into place.
//!
//! What they hold and who may read them is the caller's business. A file of the same name is replaced.

use std::{
    io,
    path::{Path, PathBuf},
};

use assay_evidence::hex;
use tokio::{fs, io::AsyncWriteExt as _};

use crate::{entropy::Entropy, folder};

/// The disk refused.
#[derive(Debug, thiserror::Error)]
#[error("{path}: {source}; check the disk and its permissions")]
pub struct DiskError {
    /// Where.
    pub path: PathBuf,
    /// Why.
    pub source: io::Error,
}

/// The folder of files that are still being written.
#[derive(Clone, Debug)]
pub struct Whole {
    unfinished: PathBuf,
    entropy: Entropy,
}

impl Whole {
    /// Opens the folder `unfinished` of a data folder and drops what an earlier process left in it.
    pub async fn open(data: &Path, entropy: Entropy) -> Result<Self, DiskError> {
        let unfinished = data.join("unfinished");
        if fs::try_exists(&unfinished).await.unwrap_or(false) {
            at(&unfinished, fs::remove_dir_all(&unfinished).await)?;
        }
        at(&unfinished, make_folder(&unfinished).await)?;
        Ok(Self {
            unfinished,
            entropy,
        })
    }

    /// Writes a file durably.
    pub async fn write(&self, to: &Path, bytes: &[u8]) -> Result<(), DiskError> {
        let (path, mut file) = self.begin().await?;
        at(&path, file.write_all(bytes).await)?;
        self.finish(&path, file, to).await
    }

    /// An empty file to write into, and where it lies.
    pub async fn begin(&self) -> Result<(PathBuf, fs::File), DiskError> {
        let name: [u8; 16] = self.entropy.bytes();
        let path = self.unfinished.join(hex::encode(&name));
        let file = at(&path, fs::File::create_new(&path).await)?;
        Ok((path, file))
    }

    /// Syncs, renames, syncs the folder: after this a power cut cannot take the file back.
    pub async fn finish(&self, from: &Path, file: fs::File, to: &Path) -> Result<(), DiskError> {
        at(from, file.sync_all().await)?;
        drop(file);
        let dir = to.parent().expect("a file that is put has a folder");
        at(dir, make_folder(dir).await)?;
        at(to, fs::rename(from, to).await)?;
        // The folder may be new as well, so its own name must be durable too.
        for folder in [Some(dir), dir.parent()].into_iter().flatten() {
            let open = at(folder, fs::File::open(folder).await)?;
            at(folder, open.sync_all().await)?;
        }
        Ok(())
    }
}

/// The bytes of a file; `None` when it is not there.
pub async fn read(path: &Path) -> Result<Option<Vec<u8>>, DiskError> {
    match fs::read(path).await {
        Ok(bytes) => Ok(Some(bytes)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(source) => at(path, Err(source)),
    }
}

/// Removes a file, if it is there.
pub async fn remove(path: &Path) -> Result<(), DiskError> {
    match fs::remove_file(path).await {
        Err(source) if source.kind() != io::ErrorKind::NotFound => at(path, Err(source)),
        Ok(()) | Err(_) => Ok(()),
    }
}

/// As [`folder::make`], without holding up other tasks.
pub async fn make_folder(path: &Path) -> io::Result<()> {
    fs::DirBuilder::new()
        .mode(folder::MODE)
        .recursive(true)
        .create(path)
        .await
}

/// Names the path in a refusal of the disk.
pub fn at<T>(path: &Path, result: io::Result<T>) -> Result<T, DiskError> {
    result.map_err(|source| DiskError {
        path: path.to_owned(),
        source,
    })
}

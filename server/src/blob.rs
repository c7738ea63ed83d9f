//! Bytes by their SHA-256, in a folder: adapters, seals, terms, boards and their inputs.
//!
//! A blob is whole or absent: bytes go to a temporary file, are synced, then take their name. It does
//! not know what a blob means, and never deletes one.

use std::{
    io,
    path::{Path, PathBuf},
};

use assay_evidence::digest::{Digest, Hasher};
use tokio::{
    fs,
    io::{AsyncRead, AsyncReadExt as _, AsyncWriteExt as _},
};

use crate::{entropy::Entropy, folder};

const CHUNK_BYTES: usize = 64 * 1024;

/// Why bytes could not be kept or read.
#[derive(Debug, thiserror::Error)]
pub enum BlobError {
    /// The sender's stream is longer than allowed.
    #[error("the upload is longer than {max} bytes; send at most that")]
    TooLarge {
        /// The limit.
        max: u64,
    },
    /// The sender's stream broke off.
    #[error("the upload broke off after {bytes} bytes ({source}); send it again")]
    Interrupted {
        /// What had arrived.
        bytes: u64,
        /// How.
        source: io::Error,
    },
    /// The bytes are not those announced.
    #[error(
        "the upload has SHA-256 {found}, but {announced} was announced; send the whole file again"
    )]
    Digest {
        /// What was promised.
        announced: Digest,
        /// What came.
        found: Digest,
    },
    /// A kept file no longer has the digest that it is named by.
    #[error("blob {0} is damaged on disk; restore it from a mirror or a backup")]
    Damaged(Digest),
    /// The disk refused.
    #[error("{path}: {source}; check the disk and its permissions")]
    Disk {
        /// Where.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
}

/// The folder of blobs, and beside it the folder of unfinished ones.
#[derive(Clone, Debug)]
pub struct Blobs {
    root: PathBuf,
    unfinished: PathBuf,
    entropy: Entropy,
}

impl Blobs {
    /// Opens the folder `blob` of a data folder and drops what an earlier process left unfinished.
    pub async fn open(data: &Path, entropy: Entropy) -> Result<Self, BlobError> {
        let blobs = Self {
            root: data.join("blob"),
            unfinished: data.join("unfinished"),
            entropy,
        };
        if fs::try_exists(&blobs.unfinished).await.unwrap_or(false) {
            at(
                &blobs.unfinished,
                fs::remove_dir_all(&blobs.unfinished).await,
            )?;
        }
        for dir in [&blobs.root, &blobs.unfinished] {
            at(dir, make_folder(dir).await)?;
        }
        Ok(blobs)
    }

    /// Where a blob lies.
    pub fn path(&self, digest: &Digest) -> PathBuf {
        let hex = digest.to_string();
        self.root.join(&hex[..2]).join(hex)
    }

    /// Is the blob here?
    pub async fn holds(&self, digest: &Digest) -> bool {
        fs::try_exists(self.path(digest)).await.unwrap_or(false)
    }

    /// Keeps bytes that are at hand.
    pub async fn keep(&self, bytes: &[u8]) -> Result<Digest, BlobError> {
        let digest = Digest::of(bytes);
        if !self.holds(&digest).await {
            let (path, mut file) = self.begin().await?;
            at(&path, file.write_all(bytes).await)?;
            self.finish(&path, file, &digest).await?;
        }
        Ok(digest)
    }

    /// Keeps a stream of at most `bytes_max` bytes if it has the announced digest; its length.
    ///
    /// Nothing stays when the stream breaks off, grows too long or is not what was announced.
    pub async fn receive(
        &self,
        stream: &mut (impl AsyncRead + Unpin),
        announced: Digest,
        bytes_max: u64,
    ) -> Result<u64, BlobError> {
        let (path, file) = self.begin().await?;
        let outcome = self
            .receive_into(&path, file, stream, announced, bytes_max)
            .await;
        if outcome.is_err() {
            // The refusal is what the caller must hear; a file left behind goes at the next start.
            let _ = fs::remove_file(&path).await;
        }
        outcome
    }

    /// The bytes of a blob, checked against their digest; `None` when it is not here.
    pub async fn read(&self, digest: &Digest) -> Result<Option<Vec<u8>>, BlobError> {
        let path = self.path(digest);
        let bytes = match fs::read(&path).await {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(source) => return Err(BlobError::Disk { path, source }),
        };
        if Digest::of(&bytes) == *digest {
            Ok(Some(bytes))
        } else {
            Err(BlobError::Damaged(*digest))
        }
    }

    async fn receive_into(
        &self,
        path: &Path,
        mut file: fs::File,
        stream: &mut (impl AsyncRead + Unpin),
        announced: Digest,
        bytes_max: u64,
    ) -> Result<u64, BlobError> {
        let mut hasher = Hasher::new();
        let mut buffer = vec![0; CHUNK_BYTES];
        let mut bytes = 0;
        loop {
            let read = stream
                .read(&mut buffer)
                .await
                .map_err(|source| BlobError::Interrupted { bytes, source })?;
            if read == 0 {
                break;
            }
            bytes += read as u64;
            if bytes > bytes_max {
                return Err(BlobError::TooLarge { max: bytes_max });
            }
            hasher.absorb(&buffer[..read]);
            at(path, file.write_all(&buffer[..read]).await)?;
        }
        let found = hasher.finish();
        if found != announced {
            return Err(BlobError::Digest { announced, found });
        }
        self.finish(path, file, &found).await?;
        Ok(bytes)
    }

    async fn begin(&self) -> Result<(PathBuf, fs::File), BlobError> {
        let name: [u8; 16] = self.entropy.bytes();
        let path = self.unfinished.join(assay_evidence::hex::encode(&name));
        let file = at(&path, fs::File::create_new(&path).await)?;
        Ok((path, file))
    }

    /// Syncs, renames, syncs the folder: after this a power cut cannot take the blob back.
    async fn finish(&self, from: &Path, file: fs::File, digest: &Digest) -> Result<(), BlobError> {
        let to = self.path(digest);
        at(from, file.sync_all().await)?;
        drop(file);
        put(from, &to).await
    }
}

/// Writes a file whole or not at all, and durably.
pub async fn write_whole(path: &Path, bytes: &[u8]) -> Result<(), BlobError> {
    let beside = path.with_extension("part");
    let mut file = at(&beside, fs::File::create(&beside).await)?;
    at(&beside, file.write_all(bytes).await)?;
    at(&beside, file.sync_all().await)?;
    drop(file);
    put(&beside, path).await
}

async fn put(from: &Path, to: &Path) -> Result<(), BlobError> {
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

/// As [`folder::make`], without holding up other tasks.
async fn make_folder(path: &Path) -> io::Result<()> {
    fs::DirBuilder::new()
        .mode(folder::MODE)
        .recursive(true)
        .create(path)
        .await
}

fn at<T>(path: &Path, result: io::Result<T>) -> Result<T, BlobError> {
    result.map_err(|source| BlobError::Disk {
        path: path.to_owned(),
        source,
    })
}

#[cfg(test)]
mod tests;

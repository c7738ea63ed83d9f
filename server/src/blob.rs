//! Bytes by their SHA-256, in a folder: adapters, seals, terms, boards and their inputs.
//!
//! A blob is whole or absent. Nobody outside reads here: what is public lies in another folder as well.
//! This module does not know what a blob means, and never deletes one.

use std::{
    io,
    path::{Path, PathBuf},
};

use assay_evidence::digest::{Digest, Hasher};
use tokio::{
    fs,
    io::{AsyncRead, AsyncReadExt as _, AsyncWriteExt as _},
};

use crate::whole::{self, DiskError, Whole, at, make_folder};

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
    /// A file that rows name is not there.
    #[error("blob {0} is gone from the disk; restore it from a mirror or a backup")]
    Gone(Digest),
    /// The disk refused.
    #[error(transparent)]
    Disk(#[from] DiskError),
}

/// The folder of blobs.
#[derive(Clone, Debug)]
pub struct Blobs {
    root: PathBuf,
    whole: Whole,
}

impl Blobs {
    /// Opens the folder `blob` of a data folder, made if absent.
    pub async fn open(data: &Path, whole: Whole) -> Result<Self, BlobError> {
        let root = data.join("blob");
        at(&root, make_folder(&root).await)?;
        Ok(Self { root, whole })
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
            self.whole.write(&self.path(&digest), bytes).await?;
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
        let (path, file) = self.whole.begin().await?;
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
        let Some(bytes) = whole::read(&self.path(digest)).await? else {
            return Ok(None);
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
        self.whole.finish(path, file, &self.path(&found)).await?;
        Ok(bytes)
    }
}

#[cfg(test)]
mod tests;

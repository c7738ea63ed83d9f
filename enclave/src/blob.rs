//! Large bytes between roles: sealed memory files, handed over as descriptors, never as paths.
//!
//! A sealed blob can no longer change, so what was hashed is what is read later. This file does not
//! know what the bytes are; [`AuthenticImage`] only says that they have the digest asked for.

use std::{
    io,
    os::fd::{AsFd, OwnedFd},
};

use assay_evidence::digest::Digest;
use rustix::fs::{MemfdFlags, SealFlags};

/// Longest native image.
pub const IMAGE_BYTES_MAX: u64 = 128 * 1024 * 1024;
/// Longest component.
pub const COMPONENT_BYTES_MAX: u64 = 32 * 1024 * 1024;

/// All seals that make a blob unchangeable, and its seals too.
const SEALS: SealFlags = SealFlags::WRITE
    .union(SealFlags::GROW)
    .union(SealFlags::SHRINK)
    .union(SealFlags::SEAL);

/// Why a descriptor is not the blob it should be.
#[derive(Debug, thiserror::Error)]
pub enum BlobError {
    /// The system call that was made did not work.
    #[error("blob could not be read or written: {0}")]
    Io(#[from] io::Error),
    /// The bytes could still change.
    #[error("blob is not sealed")]
    NotSealed,
    /// Longer than its reader allows.
    #[error("blob of {bytes} bytes, more than {bytes_max}")]
    TooLong {
        /// Found.
        bytes: u64,
        /// Allowed.
        bytes_max: u64,
    },
    /// Not the bytes that were announced.
    #[error("blob has digest {found}, announced was {announced}")]
    Digest {
        /// Of the bytes read.
        found: Digest,
        /// Of the frame that came with them.
        announced: Digest,
    },
}

/// Puts bytes into a memory file and seals it.
pub fn sealed(name: &str, bytes: &[u8]) -> Result<OwnedFd, BlobError> {
    let file = empty(name)?;
    fill_and_seal(&file, bytes)?;
    Ok(file)
}

/// An empty, unsealed memory file, for a process that may make none later.
pub fn empty(name: &str) -> Result<OwnedFd, BlobError> {
    let flags = MemfdFlags::CLOEXEC | MemfdFlags::ALLOW_SEALING;
    Ok(rustix::fs::memfd_create(name, flags).map_err(io::Error::from)?)
}

/// Writes all bytes into an empty memory file and seals it.
pub fn fill_and_seal(file: &OwnedFd, bytes: &[u8]) -> Result<(), BlobError> {
    let mut written = 0;
    while written < bytes.len() {
        written +=
            rustix::io::pwrite(file, &bytes[written..], written as u64).map_err(io::Error::from)?;
    }
    Ok(rustix::fs::fcntl_add_seals(file, SEALS).map_err(io::Error::from)?)
}

/// Reads a sealed blob of at most `bytes_max` bytes.
pub fn read(file: impl AsFd, bytes_max: u64) -> Result<Vec<u8>, BlobError> {
    let seals = rustix::fs::fcntl_get_seals(&file).map_err(|_| BlobError::NotSealed)?;
    if !seals.contains(SEALS) {
        return Err(BlobError::NotSealed);
    }
    let bytes = rustix::fs::fstat(&file)
        .map_err(io::Error::from)?
        .st_size
        .cast_unsigned();
    if bytes > bytes_max {
        return Err(BlobError::TooLong { bytes, bytes_max });
    }
    let mut content = vec![0; bytes as usize];
    let mut read = 0;
    while read < content.len() {
        let piece =
            rustix::io::pread(&file, &mut content[read..], read as u64).map_err(io::Error::from)?;
        if piece == 0 {
            return Err(BlobError::Io(io::ErrorKind::UnexpectedEof.into()));
        }
        read += piece;
    }
    Ok(content)
}

/// Native code that is exactly what the keeper announced.
pub struct AuthenticImage(Vec<u8>);

impl AuthenticImage {
    /// Reads a sealed blob and compares its digest with that of the keeper's frame.
    pub fn open(file: impl AsFd, announced: Digest) -> Result<Self, BlobError> {
        let bytes = read(file, IMAGE_BYTES_MAX)?;
        let found = Digest::of(&bytes);
        if found == announced {
            Ok(Self(bytes))
        } else {
            Err(BlobError::Digest { found, announced })
        }
    }

    /// The native code.
    pub fn bytes(&self) -> &[u8] {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sealed_blob_is_read_back_and_cannot_be_written() {
        let file = sealed("test", b"native").unwrap();
        assert_eq!(read(&file, 6).unwrap(), b"native");
        assert_eq!(
            rustix::io::pwrite(&file, b"X", 0),
            Err(rustix::io::Errno::PERM)
        );
    }

    #[test]
    fn an_unsealed_blob_is_refused() {
        let file = empty("test").unwrap();
        assert!(matches!(read(&file, 6), Err(BlobError::NotSealed)));
    }

    #[test]
    fn a_blob_above_its_limit_is_refused() {
        let file = sealed("test", b"native").unwrap();
        assert!(matches!(
            read(&file, 5),
            Err(BlobError::TooLong {
                bytes: 6,
                bytes_max: 5
            })
        ));
    }

    #[test]
    fn an_image_with_another_digest_is_refused() {
        let file = sealed("test", b"native").unwrap();
        assert!(AuthenticImage::open(&file, Digest::of(b"native")).is_ok());
        let refused = AuthenticImage::open(&file, Digest::of(b"other")).err();
        assert!(
            matches!(refused, Some(BlobError::Digest { .. })),
            "{refused:?}"
        );
    }
}

//! Blobs that records name by digest: fetched, bounded, hashed.
//!
//! A blob that is not served and one with other content are two breaches.

use std::collections::BTreeSet;

use assay_evidence::{
    audit::{Breach, Finding},
    digest::Digest,
    wire::BLOB_BYTES_MAX,
};

use super::source::{Source, SourceError, Unserved};

/// The blobs of a station.
pub struct Blobs<'a> {
    source: &'a Source,
    good: BTreeSet<Digest>,
}

/// Why a blob is not what a record names.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BlobFault {
    /// Not there.
    #[error(transparent)]
    Unserved(#[from] Unserved),
    /// Something else is there.
    #[error("{0} has another digest than its name")]
    Other(String),
}

impl BlobFault {
    /// The finding in the record that names the blob.
    pub fn at(&self, record: u64) -> Finding {
        let name = match self {
            Self::Unserved(Unserved::Missing(_)) => Breach::WithheldBlob,
            Self::Unserved(_) | Self::Other(_) => Breach::BadBlob,
        };
        Finding::at(record, name, self)
    }
}

impl<'a> Blobs<'a> {
    /// Nothing fetched yet.
    pub fn new(source: &'a Source) -> Self {
        Self {
            source,
            good: BTreeSet::new(),
        }
    }

    /// The bytes of a blob.
    pub fn get(&mut self, digest: &Digest) -> Result<Result<Vec<u8>, BlobFault>, SourceError> {
        let hex = digest.to_string();
        let path = format!("blob/{}/{hex}", &hex[..2]);
        let most = usize::try_from(BLOB_BYTES_MAX).unwrap_or(usize::MAX);
        let bytes = match self.source.get(&path, most)? {
            Ok(bytes) => bytes,
            Err(unserved) => return Ok(Err(unserved.into())),
        };
        if Digest::of(&bytes) != *digest {
            return Ok(Err(BlobFault::Other(path)));
        }
        self.good.insert(*digest);
        Ok(Ok(bytes))
    }

    /// Is this blob served as it is named? Each is fetched once.
    pub fn check(&mut self, digest: &Digest) -> Result<Result<(), BlobFault>, SourceError> {
        if self.good.contains(digest) {
            return Ok(Ok(()));
        }
        Ok(self.get(digest)?.map(drop))
    }

    /// Blobs that are what their names say.
    pub fn good(&self) -> u64 {
        self.good.len() as u64
    }
}

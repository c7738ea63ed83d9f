//! The public files of another station, read over HTTP: tiles, and the fallback for partial ones.
//!
//! Whether a tile is right, a signed root decides; here only its length is checked.

use assay_evidence::{
    digest::Digest,
    tile::{self, FULL, TILE_BYTES_MAX, TileAt},
};
use bytes::Bytes;

use crate::{
    exchange::Exchange,
    log::files::{Filed, FilesError, ReadFiles},
    witness::WITNESS_PATH,
};

/// Longest checkpoint.
pub(super) const NOTE_BYTES_MAX: usize = 64 * 1024;

/// A station that is asked.
#[derive(Clone, Debug)]
pub(super) struct Remote {
    exchange: Exchange,
    /// Address without slash at the end.
    url: String,
}

impl Remote {
    pub fn new(url: &str) -> Self {
        let url = url.trim_end_matches('/').to_owned();
        let exchange = Exchange::with(&url);
        Self { exchange, url }
    }

    /// Address of a public file.
    pub fn address(&self, path: &str) -> String {
        format!("{}/{path}", self.url)
    }

    /// The newest public checkpoint, as text.
    pub async fn checkpoint(&self) -> Result<Option<String>, FilesError> {
        self.note("checkpoint").await
    }

    /// What the station's witness has cosigned last of a log.
    pub async fn cosigned(&self, origin: &str) -> Result<Option<String>, FilesError> {
        let origin = Digest::of(origin.as_bytes());
        self.note(&format!("{WITNESS_PATH}/{origin}/checkpoint"))
            .await
    }

    async fn note(&self, path: &str) -> Result<Option<String>, FilesError> {
        let note = self.get(path, NOTE_BYTES_MAX).await?;
        Ok(note.map(|note| String::from_utf8_lossy(&note).into_owned()))
    }

    async fn tile(&self, at: TileAt) -> Result<Option<Bytes>, FilesError> {
        let path = at.path();
        if let Some(bytes) = self.get(&path, TILE_BYTES_MAX).await? {
            return Ok(Some(bytes.into()));
        }
        if at.width == FULL {
            return Ok(None);
        }
        // The partial tile may have gone since the full one is there, which begins with it.
        let full = TileAt { width: FULL, ..at }.path();
        let bytes = self.get(&full, TILE_BYTES_MAX).await?;
        let wanted = usize::from(at.width) * tile::HASH_BYTES;
        Ok(bytes.map(|bytes| Bytes::from(bytes).slice(..wanted.min(TILE_BYTES_MAX))))
    }

    async fn get(&self, path: &str, limit: usize) -> Result<Option<Vec<u8>>, FilesError> {
        Ok(self.exchange.get(&self.address(path), limit).await?)
    }
}

impl ReadFiles for Remote {
    fn read<'a>(&'a self, path: &'a str) -> Filed<'a, Option<Bytes>> {
        Box::pin(async move {
            match tile::parse_path(path) {
                Some(at) => self.tile(at).await,
                None => Ok(None),
            }
        })
    }
}

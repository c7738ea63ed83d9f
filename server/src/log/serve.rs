//! Reading the log: records, proofs at a published size, tiles and entry bundles.
//!
//! Nothing here writes, and nothing here shows a leaf that no published checkpoint covers.

use std::sync::PoisonError;

use assay_evidence::{
    base64,
    bundle::{Bundle, Member, Records, Sizes},
    digest::Digest,
    dsse::Envelope,
    keys::P256PublicKey,
    tile::{self, TileAt, TileKind},
    wire::Proven,
};

use super::{Log, LogError, Logged, View, place};
use crate::store::ledger::LeafRow;

/// Hashes in a full tile, and entries in a full bundle.
const TILE_WIDTH: u64 = 256;

impl Log {
    /// A record by its leaf hash.
    pub async fn record(&self, leaf: &Digest) -> Result<Option<Logged>, LogError> {
        self.ledger.by_hash(leaf).await?.map(logged).transpose()
    }

    /// A record by its index.
    pub async fn record_at(&self, index: u64) -> Result<Option<Logged>, LogError> {
        self.ledger.by_index(index).await?.map(logged).transpose()
    }

    /// The record that closes a run-intent: a receipt or a run-abort.
    pub async fn closing(&self, intent: u64) -> Result<Option<Logged>, LogError> {
        self.ledger.closing(intent).await?.map(logged).transpose()
    }

    /// Run-intents that nothing closes.
    pub async fn open_intents(&self) -> Result<Vec<Logged>, LogError> {
        let rows = self.ledger.open_intents().await?;
        rows.into_iter().map(logged).collect()
    }

    /// All records of a type from an index on.
    pub async fn records_named(&self, name: &str, from: u64) -> Result<Vec<Logged>, LogError> {
        let rows = self.ledger.named(name, from).await?;
        rows.into_iter().map(logged).collect()
    }

    /// A record with its inclusion proof in the tree of a published size.
    pub fn prove(&self, record: &Logged, size: u64) -> Result<Proven, LogError> {
        Ok(Proven {
            envelope: record.envelope()?,
            index: record.place.index,
            path: self.inclusion(record.place.index, size),
            public_key: base64::encode(&record.key.spki_der()),
        })
    }

    /// Inclusion hashes of a leaf in the tree of a published size, leaf to root.
    pub fn inclusion(&self, index: u64, size: u64) -> Vec<Digest> {
        self.read(|view| {
            view.tree
                .inclusion(index, size.min(view.published.head.size))
        })
    }

    /// Consistency hashes between two published sizes.
    pub fn consistency(&self, old: u64, new: u64) -> Vec<Digest> {
        self.read(|view| {
            view.tree
                .consistency(old, new.min(view.published.head.size))
        })
    }

    /// A receipt bundle under the published checkpoint; `heads` are the sizes of `before` and `start`.
    pub fn bundle(
        &self,
        heads: (u64, u64),
        records: Records<Member>,
        manifests: Vec<Envelope>,
    ) -> Bundle {
        self.read(|view| {
            let sizes = Sizes {
                before: heads.0,
                start: heads.1,
                checkpoint: view.published.head.size,
            };
            let note = &view.published.note;
            Bundle::assemble(&view.tree, sizes, note, records, manifests)
        })
    }

    /// The root at a published size.
    pub fn root_at(&self, size: u64) -> Digest {
        self.read(|view| view.tree.root_at(size.min(view.published.head.size)))
    }

    /// A tile or entry bundle by its path (`tile/0/000.p/5`, `tile/entries/000`), if the published
    /// checkpoint implies it.
    pub async fn tile(&self, path: &str) -> Result<Option<Vec<u8>>, LogError> {
        let Some(TileAt { kind, n, width }) = tile::parse_path(path) else {
            return Ok(None);
        };
        match kind {
            TileKind::Hashes(level) => Ok(self.hash_tile(level, n, width)),
            TileKind::Entries => self.entries(n, width).await,
        }
    }

    fn hash_tile(&self, level: u8, n: u64, width: u16) -> Option<Vec<u8>> {
        self.read(|view| {
            let hashes = published_hashes(view, level);
            let from = n.checked_mul(TILE_WIDTH)?;
            (from.checked_add(u64::from(width))? <= hashes)
                .then(|| view.tree.tile(level, n, width))
                .flatten()
        })
    }

    async fn entries(&self, n: u64, width: u16) -> Result<Option<Vec<u8>>, LogError> {
        let Some(from) = n.checked_mul(TILE_WIDTH) else {
            return Ok(None);
        };
        if from.saturating_add(u64::from(width)) > self.published().head.size {
            return Ok(None);
        }
        let entries = self.ledger.entries(from, u64::from(width)).await?;
        Ok(Some(tile::entry_bundle(&entries)))
    }

    fn read<T>(&self, look: impl FnOnce(&View) -> T) -> T {
        look(&self.view.read().unwrap_or_else(PoisonError::into_inner))
    }
}

/// Complete hashes at a level of the published tree.
fn published_hashes(view: &View, level: u8) -> u64 {
    let shift = u32::from(level) * 8;
    view.published.head.size.checked_shr(shift).unwrap_or(0)
}

pub(super) fn logged(row: LeafRow) -> Result<Logged, LogError> {
    let key = P256PublicKey::from_spki_der(&row.public_key)
        .map_err(|error| LogError::BadRecord(error.to_string()))?;
    Ok(Logged {
        place: place(&row),
        name: row.name,
        bytes: row.envelope,
        key,
    })
}

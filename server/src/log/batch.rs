//! One step of the log as files: records, entry bundles, tiles, and the root they lead to.
//!
//! Bytes in, bytes out; nothing is written and nothing is signed here.

use assay_evidence::{
    digest::Digest,
    keys::P256PublicKey,
    tile::{self, FULL, TileAt, TileKind},
    tree::Edge,
};
use bytes::Bytes;

use super::files::NewFile;
use crate::store::index::IndexRow;

/// A record as the log keeps it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Entry {
    /// The envelope, JCS.
    pub envelope: Bytes,
    /// Leaf data.
    pub data: Vec<u8>,
    /// Leaf hash.
    pub hash: Digest,
    /// Duplicate key.
    pub once: Digest,
    /// Short name of the record's type.
    pub name: String,
    /// Index of the run-intent that it closes.
    pub closes: Option<u64>,
    /// Its signer.
    pub signer: P256PublicKey,
}

/// The right edge of a log: what the next batch stands on.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Ground {
    /// Hashes of the partial tiles.
    pub edge: Edge,
    /// Entries of the partial bundle.
    pub entries: Vec<Vec<u8>>,
}

/// A batch that nobody has checked.
pub(super) struct Batch {
    /// The right edge after it.
    pub ground: Ground,
    /// Root after it.
    pub root: Digest,
    /// Every file that it adds.
    pub files: Vec<NewFile>,
}

impl Batch {
    /// Lays out the entries that follow some ground.
    pub fn build(ground: &Ground, added: &[Entry]) -> Self {
        let mut after = ground.clone();
        let mut files: Vec<NewFile> = added.iter().map(record).collect();
        let mut n = ground.edge.size() / u64::from(FULL);
        for entry in added {
            after.entries.push(entry.data.clone());
            if after.entries.len() == usize::from(FULL) {
                files.push(bundle(n, &after.entries));
                after.entries.clear();
                n += 1;
            }
        }
        if !after.entries.is_empty() && !added.is_empty() {
            files.push(bundle(n, &after.entries));
        }
        let tiles = after.edge.extend(added.iter().map(|entry| entry.hash));
        files.extend(tiles.iter().map(|tile| NewFile {
            path: tile.at.path(),
            bytes: tile::hash_tile(&tile.hashes).into(),
        }));
        Self {
            root: after.edge.root(),
            ground: after,
            files,
        }
    }
}

impl Entry {
    /// Its row in the index, once it has a place.
    pub fn row(&self, index: u64) -> IndexRow {
        IndexRow {
            index,
            hash: self.hash,
            once: self.once,
            name: self.name.clone(),
            closes: self.closes,
            signer: self.signer.spki_der(),
        }
    }
}

/// The entry bundle with this number in a log of `size`.
pub(super) fn bundle_at(n: u64, size: u64) -> TileAt {
    let full = u64::from(FULL);
    TileAt {
        kind: TileKind::Entries,
        n,
        width: if n < size / full {
            FULL
        } else {
            (size % full) as u16
        },
    }
}

fn record(entry: &Entry) -> NewFile {
    NewFile {
        path: tile::record_path(&entry.hash),
        bytes: entry.envelope.clone(),
    }
}

fn bundle(n: u64, entries: &[Vec<u8>]) -> NewFile {
    NewFile {
        path: tile::entries_path(n, entries.len() as u16),
        bytes: tile::entry_bundle(entries).into(),
    }
}

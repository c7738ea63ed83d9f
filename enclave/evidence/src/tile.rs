//! Tiles and entry bundles (c2sp.org/tlog-tiles): their paths and bytes, and those of records beside them.
//!
//! A path here starts at `tile/` or `record/`; under which prefix it is served is the server's business.
//! Bytes are read strictly and within limits; whether they belong under a root is not checked here.

use thiserror::Error;

use crate::{digest::Digest, leaf::LEAF_BYTES_MAX, tree::TILE_WIDTH};

/// Width of a full tile or bundle.
pub const FULL: u16 = TILE_WIDTH as u16;
/// Longest tile of hashes in bytes.
pub const TILE_BYTES_MAX: usize = FULL as usize * HASH_BYTES;
/// Longest entry bundle in bytes.
pub const BUNDLE_BYTES_MAX: usize = FULL as usize * (LENGTH_BYTES + LEAF_BYTES_MAX);
const LEVEL_MAX: u8 = 63;
/// Bytes of a hash in a tile.
pub const HASH_BYTES: usize = 32;
/// Bytes of the length before each entry.
const LENGTH_BYTES: usize = 2;

/// What a path names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TileAt {
    /// Hashes of a level, or entries.
    pub kind: TileKind,
    /// Number of the tile in its level.
    pub n: u64,
    /// Hashes or entries in it; [`FULL`] when the path names the full tile.
    pub width: u16,
}

/// Two kinds of files lie under `tile/`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum TileKind {
    /// Hashes at this tile level.
    Hashes(u8),
    /// Entries.
    Entries,
}

/// Why some bytes are not the tile or the bundle that they should be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum TileError {
    /// Not so many hashes of 32 bytes.
    #[error("tile of {width} hashes has {found} bytes instead of {}", width * 32)]
    TileLength {
        /// Hashes that it should hold.
        width: u16,
        /// Bytes found.
        found: usize,
    },
    /// The bundle ends within an entry, or goes on after the last.
    #[error("bundle of {width} entries does not end with the last of them")]
    BundleLength {
        /// Entries that it should hold.
        width: u16,
    },
    /// An entry longer than a leaf can be.
    #[error("entry {position} of the bundle has {found} bytes, more than 1024")]
    EntryTooLong {
        /// Which entry, from 0.
        position: u16,
        /// Its length.
        found: usize,
    },
}

/// Path of a tile of hashes; with [`FULL`] that of the full tile.
pub fn path(level: u8, n: u64, width: u16) -> String {
    format!("tile/{level}/{}", numbered(n, width))
}

/// Path of an entry bundle.
pub fn entries_path(n: u64, width: u16) -> String {
    format!("tile/entries/{}", numbered(n, width))
}

/// Reads a path; anything but the one spelling of a tile is `None`.
pub fn parse_path(text: &str) -> Option<TileAt> {
    let (kind, rest) = text.strip_prefix("tile/")?.split_once('/')?;
    let kind = match kind {
        "entries" => TileKind::Entries,
        level => TileKind::Hashes(level.parse().ok().filter(|level| *level <= LEVEL_MAX)?),
    };
    let (number, width) = match rest.split_once(".p/") {
        Some((number, width)) => (
            number,
            width.parse().ok().filter(|w| (1..FULL).contains(w))?,
        ),
        None => (rest, FULL),
    };
    let n = parse_number(number)?;
    let at = TileAt { kind, n, width };
    (at.path() == text).then_some(at)
}

/// Width of the partial tile that a log of this size has at a level; 0 when there is none.
pub fn partial_width(level: u8, size: u64) -> u16 {
    let shift = u32::from(level) * TILE_WIDTH.ilog2();
    (size.checked_shr(shift).unwrap_or(0) % TILE_WIDTH) as u16
}

/// Entries as a bundle: u16be length ‖ entry, one after the other.
///
/// # Panics
/// When an entry is longer than 65,535 bytes; leaves are far shorter.
pub fn entry_bundle<E: AsRef<[u8]>>(entries: &[E]) -> Vec<u8> {
    let mut bundle = Vec::new();
    for entry in entries {
        let entry = entry.as_ref();
        let length = u16::try_from(entry.len()).expect("leaves are bounded far below 64 KiB");
        bundle.extend(length.to_be_bytes());
        bundle.extend(entry);
    }
    bundle
}

/// The entries of a bundle, exactly `width` of them.
pub fn parse_entries(bundle: &[u8], width: u16) -> Result<Vec<&[u8]>, TileError> {
    let cut = TileError::BundleLength { width };
    let mut rest = bundle;
    let mut entries = Vec::with_capacity(usize::from(width));
    for position in 0..width {
        let (length, after) = rest.split_first_chunk::<LENGTH_BYTES>().ok_or(cut)?;
        let found = usize::from(u16::from_be_bytes(*length));
        if found > LEAF_BYTES_MAX {
            return Err(TileError::EntryTooLong { position, found });
        }
        let (entry, after) = after.split_at_checked(found).ok_or(cut)?;
        entries.push(entry);
        rest = after;
    }
    if rest.is_empty() {
        Ok(entries)
    } else {
        Err(cut)
    }
}

/// Hashes as the bytes of a tile.
pub fn hash_tile(hashes: &[Digest]) -> Vec<u8> {
    hashes.iter().flat_map(|hash| hash.0).collect()
}

/// The hashes of a tile, exactly `width` of them.
pub fn parse_hashes(tile: &[u8], width: u16) -> Result<Vec<Digest>, TileError> {
    let found = tile.len();
    if found != usize::from(width) * HASH_BYTES {
        return Err(TileError::TileLength { width, found });
    }
    let (hashes, _) = tile.as_chunks::<HASH_BYTES>();
    Ok(hashes.iter().copied().map(Digest).collect())
}

/// Path of a record's envelope, by its leaf hash.
pub fn record_path(leaf: &Digest) -> String {
    let hex = leaf.to_string();
    format!("record/{}/{hex}.json", &hex[..2])
}

impl TileAt {
    /// The path of this tile.
    pub fn path(&self) -> String {
        match self.kind {
            TileKind::Hashes(level) => path(level, self.n, self.width),
            TileKind::Entries => entries_path(self.n, self.width),
        }
    }
}

fn numbered(n: u64, width: u16) -> String {
    let mut text = format!("{:03}", n % 1000);
    let mut rest = n / 1000;
    while rest > 0 {
        text = format!("x{:03}/{text}", rest % 1000);
        rest /= 1000;
    }
    if width != FULL {
        text = format!("{text}.p/{width}");
    }
    text
}

fn parse_number(text: &str) -> Option<u64> {
    let mut n: u64 = 0;
    for group in text.split('/') {
        let digits = group.strip_prefix('x').unwrap_or(group);
        n = n.checked_mul(1000)?.checked_add(digits.parse().ok()?)?;
    }
    Some(n)
}

#[cfg(test)]
mod tests;

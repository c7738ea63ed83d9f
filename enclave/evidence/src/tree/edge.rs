//! The right edge of a log in tiles: all that is needed to add leaves and to know the root.
//!
//! It holds the partial tile of each level, at most 255 hashes on at most eight levels. It forgets full
//! tiles as soon as it has handed them out.

use super::{TILE_WIDTH, node, root};
use crate::{
    digest::Digest,
    tile::{FULL, TileAt, TileKind, partial_width},
};

/// Tile levels of the largest log.
const LEVELS: usize = 8;

/// The partial tiles of a log.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Edge {
    size: u64,
    /// `levels[l]` are the hashes of the partial tile at tile level `l`.
    levels: [Vec<Digest>; LEVELS],
}

/// A tile of hashes with its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tile {
    /// Where it lies.
    pub at: TileAt,
    /// As many as its width says.
    pub hashes: Vec<Digest>,
}

impl Edge {
    /// The edge of the empty log.
    pub fn new() -> Self {
        Self::default()
    }

    /// The partial tiles of a log of this size.
    pub fn tiles(size: u64) -> Vec<TileAt> {
        (0..LEVELS as u8)
            .map(|level| partial_tile(level, size))
            .filter(|at| at.width > 0)
            .collect()
    }

    /// The edge of a log of this size, from the hashes of each tile of [`Self::tiles`].
    ///
    /// Whether they are right, only [`Self::root`] says.
    pub fn read<E>(
        size: u64,
        mut tile: impl FnMut(TileAt) -> Result<Vec<Digest>, E>,
    ) -> Result<Self, E> {
        let mut edge = Self {
            size,
            ..Self::default()
        };
        for (level, hashes) in (0_u8..).zip(&mut edge.levels) {
            let at = partial_tile(level, size);
            if at.width > 0 {
                *hashes = tile(at)?;
            }
        }
        Ok(edge)
    }

    /// Number of leaves.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// The hashes of the partial tile at a level; empty when there is none.
    pub fn partial(&self, level: u8) -> &[Digest] {
        self.levels
            .get(usize::from(level))
            .map_or(&[], Vec::as_slice)
    }

    /// The root over all leaves.
    pub fn root(&self) -> Digest {
        let mut right: Option<Digest> = None;
        for hashes in &self.levels {
            let mut end = hashes.len();
            while end > 0 {
                // The lowest set bit is the width of the rightmost full subtree.
                let start = end & (end - 1);
                let left = root(&hashes[start..end]);
                right = Some(right.map_or(left, |right| node(&left, &right)));
                end = start;
            }
        }
        right.unwrap_or_else(|| Digest::of(b""))
    }

    /// Adds leaves; the tiles that this completes, then the partial tiles that it changes.
    pub fn extend(&mut self, leaves: impl IntoIterator<Item = Digest>) -> Vec<Tile> {
        let before = self.size;
        let mut tiles = Vec::new();
        for leaf in leaves {
            self.push(leaf, &mut tiles);
        }
        for (level, hashes) in (0_u8..).zip(&self.levels) {
            let at = partial_tile(level, self.size);
            if at.width > 0 && partial_tile(level, before) != at {
                tiles.push(Tile {
                    at,
                    hashes: hashes.clone(),
                });
            }
        }
        tiles
    }

    fn push(&mut self, leaf: Digest, full: &mut Vec<Tile>) {
        self.size += 1;
        let mut hash = leaf;
        for (level, hashes) in (0_u8..).zip(&mut self.levels) {
            hashes.push(hash);
            if hashes.len() < usize::from(FULL) {
                return;
            }
            let hashes = std::mem::take(hashes);
            hash = root(&hashes);
            let n = (self.size >> (8 * u32::from(level))) / TILE_WIDTH - 1;
            let at = TileAt {
                kind: TileKind::Hashes(level),
                n,
                width: FULL,
            };
            full.push(Tile { at, hashes });
        }
    }
}

/// The partial tile of a level; of width 0 when there is none.
fn partial_tile(level: u8, size: u64) -> TileAt {
    let shift = 8 * u32::from(level);
    TileAt {
        kind: TileKind::Hashes(level),
        n: size.checked_shr(shift).unwrap_or(0) / TILE_WIDTH,
        width: partial_width(level, size),
    }
}

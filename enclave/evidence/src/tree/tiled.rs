//! Roots and proofs of a log whose hashes lie in tiles: which tiles to fetch, then what they prove.
//!
//! Memory is that of the few tiles named, however large the log. Nothing here fetches, and nothing here
//! checks a tile against a root: whoever fetches must know that its tiles are right.

use std::{collections::BTreeSet, ops::Range};

use super::{TILE_WIDTH, node, parts, root};
use crate::{
    digest::Digest,
    tile::{FULL, TileAt, TileKind, partial_width},
};

/// Tree levels that one tile level spans.
const TILE_LEVELS: u32 = TILE_WIDTH.ilog2();

/// A root or a proof that tiles can answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Query {
    /// Each range gives one hash of the answer.
    ranges: Vec<Range<u64>>,
    /// Size of the log whose tiles are read.
    size: u64,
}

/// Hashes of one tile that together make one subtree.
struct Slice {
    tile: TileAt,
    hashes: Range<usize>,
}

impl Query {
    /// Asks for the root over the first `at` leaves of a log of `size`; none for 0, whose root is fixed.
    ///
    /// # Panics
    /// When the log is smaller.
    pub fn root(at: u64, size: u64) -> Self {
        let whole = 0..at;
        Self::of(if at == 0 { Vec::new() } else { vec![whole] }, at, size)
    }

    /// Asks for the inclusion proof of a leaf in the tree of `at` leaves, from a log of `size`.
    ///
    /// # Panics
    /// When the leaf is not in the tree, or the log is smaller.
    pub fn inclusion(index: u64, at: u64, size: u64) -> Self {
        Self::of(parts::inclusion(index, at), at, size)
    }

    /// Asks for the consistency proof between two sizes, from a log of `size`.
    ///
    /// # Panics
    /// When the sizes are not in order, or the log is smaller.
    pub fn consistency(old: u64, new: u64, size: u64) -> Self {
        Self::of(parts::consistency(old, new), new, size)
    }

    /// The tiles that hold the answer, as the log of that size has them.
    pub fn tiles(&self) -> BTreeSet<TileAt> {
        let slices = self.ranges.iter().flat_map(|range| self.slices(range));
        slices.map(|slice| slice.tile).collect()
    }

    /// The hashes that were asked for, given the hashes of each tile of [`Self::tiles`].
    ///
    /// # Panics
    /// When a tile that is given has another width than the one that was named.
    pub fn answer<'a, E>(
        &self,
        mut tile: impl FnMut(TileAt) -> Result<&'a [Digest], E>,
    ) -> Result<Vec<Digest>, E> {
        let mut answer = Vec::with_capacity(self.ranges.len());
        for range in &self.ranges {
            let mut parts = Vec::new();
            for slice in self.slices(range) {
                parts.push(root(&tile(slice.tile)?[slice.hashes]));
            }
            let joined = parts
                .into_iter()
                .rev()
                .reduce(|right, left| node(&left, &right));
            answer.push(joined.expect("a range of a proof holds a leaf"));
        }
        Ok(answer)
    }

    fn of(ranges: Vec<Range<u64>>, at: u64, size: u64) -> Self {
        assert!(at <= size, "the log has {size} leaves, not {at}");
        Self { ranges, size }
    }

    fn slices(&self, range: &Range<u64>) -> Vec<Slice> {
        parts::subtrees(range)
            .into_iter()
            .map(|subtree| {
                let level = subtree.level / TILE_LEVELS;
                let height = subtree.level % TILE_LEVELS;
                let first = subtree.index << height;
                let start = (first % TILE_WIDTH) as usize;
                Slice {
                    tile: tile_at(level as u8, first / TILE_WIDTH, self.size),
                    hashes: start..start + (1 << height),
                }
            })
            .collect()
    }
}

/// The tile with this number as a log of `size` has it: full, or the partial one at the right edge.
pub fn tile_at(level: u8, n: u64, size: u64) -> TileAt {
    let hashes = size
        .checked_shr(u32::from(level) * TILE_LEVELS)
        .unwrap_or(0);
    let is_full = n < hashes / TILE_WIDTH;
    TileAt {
        kind: TileKind::Hashes(level),
        n,
        width: if is_full {
            FULL
        } else {
            partial_width(level, size)
        },
    }
}

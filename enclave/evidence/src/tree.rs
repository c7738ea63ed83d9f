//! The RFC 6962 Merkle tree: an append-only tree in memory, its proofs, and their verification.
//!
//! [`Tree`] keeps every hash of every full subtree, so roots and proofs of any earlier size cost
//! logarithmic time. A log too large for that grows by its [`Edge`] and answers a [`Query`] from tiles.
//! All know leaf hashes only; what a leaf says is [`crate::leaf`]'s business.

mod edge;
mod parts;
mod proof;
mod tiled;

use std::ops::Range;

pub use edge::{Edge, Tile};
pub(crate) use proof::consistency_roots;
pub use proof::{PROOF_HASHES_MAX, ProofError, verify_consistency, verify_inclusion};
pub use tiled::{Query, tile_at};

use crate::digest::{Digest, Hasher};

/// Hashes in a full tile.
pub const TILE_WIDTH: u64 = 256;
/// Tree levels that one tile level spans.
const TILE_LEVELS: u32 = 8;

/// An append-only tree.
#[derive(Clone, Debug, Default)]
pub struct Tree {
    /// `levels[k][i]` is the hash over the leaves `i·2^k .. (i+1)·2^k`, for full subtrees alone.
    levels: Vec<Vec<Digest>>,
}

/// The hash of two subtrees: SHA-256(0x01 ‖ left ‖ right).
pub fn node(left: &Digest, right: &Digest) -> Digest {
    Hasher::new()
        .update(&[1])
        .update(left.as_bytes())
        .update(right.as_bytes())
        .finish()
}

/// The root over some leaf hashes; SHA-256 of nothing for none.
pub fn root(leaves: &[Digest]) -> Digest {
    leaves.iter().copied().collect::<Tree>().root()
}

impl Tree {
    /// The empty tree.
    pub fn new() -> Self {
        Self::default()
    }

    /// Appends a leaf hash.
    pub fn push(&mut self, leaf: Digest) {
        let mut hash = leaf;
        for level in 0.. {
            if self.levels.len() == level {
                self.levels.push(Vec::new());
            }
            let row = &mut self.levels[level];
            row.push(hash);
            // An even position waits for its sibling; an odd one completes a subtree.
            if row.len() % 2 == 1 {
                return;
            }
            hash = node(&row[row.len() - 2], &row[row.len() - 1]);
        }
    }

    /// Number of leaves.
    pub fn size(&self) -> u64 {
        self.levels.first().map_or(0, |leaves| leaves.len() as u64)
    }

    /// The hash of a leaf.
    pub fn leaf(&self, index: u64) -> Option<Digest> {
        let index = usize::try_from(index).ok()?;
        self.levels.first()?.get(index).copied()
    }

    /// The root over all leaves.
    pub fn root(&self) -> Digest {
        self.root_at(self.size())
    }

    /// The root over the first `size` leaves.
    ///
    /// # Panics
    /// When the tree is smaller than `size`.
    pub fn root_at(&self, size: u64) -> Digest {
        assert!(
            size <= self.size(),
            "tree has {} leaves, not {size}",
            self.size()
        );
        if size == 0 {
            return Digest::of(b"");
        }
        self.range(&(0..size))
    }

    /// The inclusion proof of a leaf in the tree of a size, leaf to root.
    ///
    /// # Panics
    /// When the leaf is not in the tree of that size, or the tree is smaller.
    pub fn inclusion(&self, index: u64, size: u64) -> Vec<Digest> {
        assert!(
            index < size && size <= self.size(),
            "no leaf {index} in {size} of {} leaves",
            self.size()
        );
        self.hashes(&parts::inclusion(index, size))
    }

    /// The consistency proof between two sizes; empty from size 0 and between equal sizes.
    ///
    /// # Panics
    /// When the sizes are not in order, or the tree is smaller.
    pub fn consistency(&self, old: u64, new: u64) -> Vec<Digest> {
        assert!(
            old <= new && new <= self.size(),
            "no step from {old} to {new} in {} leaves",
            self.size()
        );
        self.hashes(&parts::consistency(old, new))
    }

    /// The first `width` hashes of tile `n` at a tile level; `None` when the tree lacks one of them.
    pub fn tile(&self, level: u8, n: u64, width: u16) -> Option<Vec<u8>> {
        if width == 0 || u64::from(width) > TILE_WIDTH {
            return None;
        }
        let row = self.levels.get((u32::from(level) * TILE_LEVELS) as usize)?;
        let start = usize::try_from(n.checked_mul(TILE_WIDTH)?).ok()?;
        let hashes = row.get(start..start.checked_add(usize::from(width))?)?;
        Some(hashes.iter().flat_map(|hash| hash.0).collect())
    }

    fn hashes(&self, ranges: &[Range<u64>]) -> Vec<Digest> {
        ranges.iter().map(|range| self.range(range)).collect()
    }

    /// MTH of a range that starts a subtree that could hold it whole.
    fn range(&self, range: &Range<u64>) -> Digest {
        let parts = parts::subtrees(range).into_iter().rev();
        let hashes = parts.map(|part| self.levels[part.level as usize][part.index as usize]);
        hashes
            .reduce(|right, left| node(&left, &right))
            .expect("a range of a proof holds a leaf")
    }
}

impl FromIterator<Digest> for Tree {
    fn from_iter<I: IntoIterator<Item = Digest>>(leaves: I) -> Self {
        let mut tree = Self::new();
        for leaf in leaves {
            tree.push(leaf);
        }
        tree
    }
}

#[cfg(test)]
mod tests;

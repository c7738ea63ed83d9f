//! Which ranges of leaves the hashes of a proof cover, and of which full subtrees a range is made.
//!
//! Sizes in, ranges out: no hash is known here. Whoever holds hashes turns ranges into a proof.

use std::ops::Range;

/// A full subtree: its 2^`level` leaves begin at `index`·2^`level`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Subtree {
    /// Height above the leaves.
    pub level: u32,
    /// Number among the subtrees of its height.
    pub index: u64,
}

/// The ranges of leaves that an inclusion proof covers, leaf to root.
///
/// # Panics
/// When the leaf is not in a tree of that size.
pub fn inclusion(index: u64, size: u64) -> Vec<Range<u64>> {
    assert!(index < size, "no leaf {index} in {size} leaves");
    let (mut low, mut high) = (0, size);
    let mut ranges = Vec::new();
    while high - low > 1 {
        let middle = low + split(high - low);
        if index < middle {
            ranges.push(middle..high);
            high = middle;
        } else {
            ranges.push(low..middle);
            low = middle;
        }
    }
    ranges.reverse();
    ranges
}

/// The ranges of leaves that a consistency proof covers; none from size 0 and between equal sizes.
///
/// # Panics
/// When the sizes are not in order.
pub fn consistency(old: u64, new: u64) -> Vec<Range<u64>> {
    assert!(old <= new, "no step from {old} to {new} leaves");
    if old == 0 || old == new {
        return Vec::new();
    }
    let (mut low, mut high) = (0, new);
    let mut ranges = Vec::new();
    while high != old {
        let middle = low + split(high - low);
        if old <= middle {
            ranges.push(middle..high);
            high = middle;
        } else {
            ranges.push(low..middle);
            low = middle;
        }
    }
    // From 0 the verifier already knows the hash of this subtree: it is the old root.
    if low > 0 {
        ranges.push(low..high);
    }
    ranges.reverse();
    ranges
}

/// The full subtrees of a range whose start begins a subtree that could hold it whole, left to right.
pub fn subtrees(range: &Range<u64>) -> Vec<Subtree> {
    let mut low = range.start;
    let mut found = Vec::new();
    while low < range.end {
        let level = (range.end - low).ilog2();
        found.push(Subtree {
            level,
            index: low >> level,
        });
        low += 1 << level;
    }
    found
}

/// The largest power of two below `count`, for `count` of 2 and more.
fn split(count: u64) -> u64 {
    1 << (count - 1).ilog2()
}

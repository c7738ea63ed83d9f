//! Verification of inclusion and consistency proofs (RFC 9162 sections 2.1.3.2 and 2.1.4.2).
//!
//! Nothing here needs a tree: a verifier has only hashes.

use thiserror::Error;

use super::node;
use crate::digest::Digest;

/// Most hashes in a proof.
pub const PROOF_HASHES_MAX: usize = 63;

/// Why a proof proves nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum ProofError {
    /// The leaf lies past the end of the tree.
    #[error("leaf {index} is not in a tree of {size}")]
    IndexPastEnd {
        /// Leaf index.
        index: u64,
        /// Tree size.
        size: u64,
    },
    /// The old tree is larger than the new one.
    #[error("a tree of {old} cannot grow into one of {new}")]
    Shrinks {
        /// Old size.
        old: u64,
        /// New size.
        new: u64,
    },
    /// Too many or too few hashes for these sizes.
    #[error("proof has {0} hashes, which does not fit the tree sizes")]
    Length(usize),
    /// The hashes lead elsewhere.
    #[error("proof leads to another root")]
    Root,
}

/// Checks that `leaf` stands at `index` in the tree of `size` leaves with this root.
pub fn verify_inclusion(
    index: u64,
    size: u64,
    leaf: &Digest,
    root: &Digest,
    path: &[Digest],
) -> Result<(), ProofError> {
    if index >= size {
        return Err(ProofError::IndexPastEnd { index, size });
    }
    let length = Err(ProofError::Length(path.len()));
    if path.len() > PROOF_HASHES_MAX {
        return length;
    }
    let mut climb = Climb::new(index, size - 1);
    let mut hash = *leaf;
    for sibling in path {
        match climb.step() {
            Step::PastRoot => return length,
            Step::Left => hash = node(sibling, &hash),
            Step::Right => hash = node(&hash, sibling),
        }
    }
    if !climb.is_done() {
        return length;
    }
    if hash != *root {
        return Err(ProofError::Root);
    }
    Ok(())
}

/// Checks that the tree of `new` leaves begins with the tree of `old` leaves.
pub fn verify_consistency(
    old: u64,
    new: u64,
    old_root: &Digest,
    new_root: &Digest,
    path: &[Digest],
) -> Result<(), ProofError> {
    if old > new {
        return Err(ProofError::Shrinks { old, new });
    }
    let length = Err(ProofError::Length(path.len()));
    if old == new || old == 0 {
        let is_same = old != new || old_root == new_root;
        let is_empty_tree = old != 0 || *old_root == Digest::of(b"");
        return match (path.is_empty(), is_same && is_empty_tree) {
            (false, _) => length,
            (true, false) => Err(ProofError::Root),
            (true, true) => Ok(()),
        };
    }
    if path.is_empty() {
        return length;
    }
    let (start, rest) = if old.is_power_of_two() {
        (old_root, path)
    } else {
        (&path[0], &path[1..])
    };
    match consistency_roots(old, new, start, rest) {
        Ok(roots) if roots == (*old_root, *new_root) => Ok(()),
        Ok(_) => Err(ProofError::Root),
        // The hashes beside the way are counted together with the one before them.
        Err(_) => length,
    }
}

/// The roots of `old` and of `new` leaves that some hashes build, for 0 < `old` < `new`.
///
/// `start` is the hash of the subtree that the last of the `old` leaves ends; `rest` are those beside
/// the way from there up.
pub(crate) fn consistency_roots(
    old: u64,
    new: u64,
    start: &Digest,
    rest: &[Digest],
) -> Result<(Digest, Digest), ProofError> {
    let length = Err(ProofError::Length(rest.len()));
    if rest.len() > PROOF_HASHES_MAX {
        return length;
    }
    let mut climb = Climb::new(old - 1, new - 1);
    climb.skip_right_edges();
    let (mut old_hash, mut new_hash) = (*start, *start);
    for sibling in rest {
        match climb.step() {
            Step::PastRoot => return length,
            Step::Left => {
                old_hash = node(sibling, &old_hash);
                new_hash = node(sibling, &new_hash);
            }
            Step::Right => new_hash = node(&new_hash, sibling),
        }
    }
    if !climb.is_done() {
        return length;
    }
    Ok((old_hash, new_hash))
}

/// The way from a node up to the root: `f` and `s` of RFC 9162.
struct Climb {
    first: u64,
    second: u64,
}

/// On which side the next hash of a proof stands.
enum Step {
    PastRoot,
    Left,
    Right,
}

impl Climb {
    fn new(first: u64, second: u64) -> Self {
        Self { first, second }
    }

    fn step(&mut self) -> Step {
        if self.second == 0 {
            return Step::PastRoot;
        }
        let is_left = self.first % 2 == 1 || self.first == self.second;
        if is_left {
            while self.first.is_multiple_of(2) && self.first != 0 {
                self.shift();
            }
        }
        self.shift();
        if is_left { Step::Left } else { Step::Right }
    }

    fn skip_right_edges(&mut self) {
        while self.first % 2 == 1 {
            self.shift();
        }
    }

    fn is_done(&self) -> bool {
        self.second == 0
    }

    fn shift(&mut self) {
        self.first >>= 1;
        self.second >>= 1;
    }
}

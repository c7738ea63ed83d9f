//! The classic eight-leaf tree, a naive tree as oracle, and proofs that must not verify.

mod tiles;

use proptest::prelude::*;

use super::*;
use crate::{hex, json, json::Value, leaf};

fn vectors() -> Value {
    // Only strings and small integers are read, so the strict reader takes the file.
    json::parse(include_bytes!("../../../../tests/vectors/log/vectors.json")).unwrap()
}

fn digests(value: &Value) -> Vec<Digest> {
    value
        .as_array()
        .unwrap()
        .iter()
        .map(|text| text.as_str().unwrap().parse().unwrap())
        .collect()
}

fn sizes(key: &str) -> (u64, u64) {
    let (a, b) = key.split_once(',').unwrap();
    (a.parse().unwrap(), b.parse().unwrap())
}

fn leaves(count: u64) -> Vec<Digest> {
    (0..count).map(|i| leaf::hash(&i.to_be_bytes())).collect()
}

/// MTH, PATH and SUBPROOF as RFC 6962 section 2.1 words them.
mod naive {
    use super::*;

    pub fn root(d: &[Digest]) -> Digest {
        match d {
            [] => Digest::of(b""),
            [only] => *only,
            _ => {
                let k = split(d);
                node(&root(&d[..k]), &root(&d[k..]))
            }
        }
    }

    pub fn path(m: usize, d: &[Digest]) -> Vec<Digest> {
        if d.len() == 1 {
            return vec![];
        }
        let k = split(d);
        let (mut below, beside) = if m < k {
            (path(m, &d[..k]), root(&d[k..]))
        } else {
            (path(m - k, &d[k..]), root(&d[..k]))
        };
        below.push(beside);
        below
    }

    pub fn subproof(m: usize, d: &[Digest], is_whole: bool) -> Vec<Digest> {
        if m == d.len() {
            return if is_whole { vec![] } else { vec![root(d)] };
        }
        let k = split(d);
        let (mut below, beside) = if m <= k {
            (subproof(m, &d[..k], is_whole), root(&d[k..]))
        } else {
            (subproof(m - k, &d[k..], false), root(&d[..k]))
        };
        below.push(beside);
        below
    }

    fn split(d: &[Digest]) -> usize {
        d.len().next_power_of_two() / 2
    }
}

#[test]
fn the_classic_tree_of_eight_leaves_holds() {
    let vectors = &vectors()["rfc6962_tree"];
    let mut tree = Tree::new();
    let roots = digests(&vectors["roots"]);
    assert_eq!(tree.root(), roots[0]);
    for (size, text) in vectors["leaves_hex"].as_array().unwrap().iter().enumerate() {
        let hash = leaf::hash(&hex::decode(text.as_str().unwrap()).unwrap());
        assert_eq!(hash, digests(&vectors["leaf_hashes"])[size]);
        tree.push(hash);
        assert_eq!(tree.root(), roots[size + 1]);
    }
    for (key, path) in vectors["inclusion"].as_object().unwrap() {
        let (index, size) = sizes(key);
        assert_eq!(tree.inclusion(index, size), digests(path), "{key}");
    }
    for (key, path) in vectors["consistency"].as_object().unwrap() {
        let (old, new) = sizes(key);
        assert_eq!(tree.consistency(old, new), digests(path), "{key}");
    }
}

#[test]
fn every_root_and_inclusion_proof_up_to_100_agrees_with_the_naive_tree() {
    let leaves = leaves(100);
    let tree: Tree = leaves.iter().copied().collect();
    for size in 0..=100 {
        let part = &leaves[..size];
        let root = tree.root_at(size as u64);
        assert_eq!(root, naive::root(part));
        for (index, leaf) in part.iter().enumerate() {
            let path = tree.inclusion(index as u64, size as u64);
            assert_eq!(path, naive::path(index, part));
            let verified = verify_inclusion(index as u64, size as u64, leaf, &root, &path);
            assert_eq!(verified, Ok(()));
        }
    }
}

#[test]
fn every_consistency_proof_up_to_100_agrees_with_the_naive_tree() {
    let leaves = leaves(100);
    let tree: Tree = leaves.iter().copied().collect();
    for new in 0..=100_u64 {
        for old in 0..=new {
            let path = tree.consistency(old, new);
            if old > 0 {
                assert_eq!(
                    path,
                    naive::subproof(old as usize, &leaves[..new as usize], true)
                );
            }
            let (from, to) = (tree.root_at(old), tree.root_at(new));
            assert_eq!(
                verify_consistency(old, new, &from, &to, &path),
                Ok(()),
                "{old} to {new}"
            );
        }
    }
}

#[test]
fn tiles_hold_the_hashes_of_full_subtrees() {
    let leaves = leaves(600);
    let tree: Tree = leaves.iter().copied().collect();
    assert_eq!(tree.tile(0, 0, 256).unwrap().len(), 8192);
    assert_eq!(tree.tile(0, 2, 88).unwrap()[..32], leaves[512].0);
    assert_eq!(tree.tile(0, 2, 89), None);
    assert_eq!(
        tree.tile(1, 0, 2).unwrap()[32..],
        naive::root(&leaves[256..512]).0
    );
    assert_eq!(tree.tile(1, 0, 3), None);
    assert_eq!(tree.tile(2, 0, 1), None);
    assert_eq!(tree.tile(0, 0, 0), None);
    assert_eq!(tree.tile(0, 0, 257), None);
    assert_eq!(tree.tile(0, u64::MAX, 1), None);
    assert_eq!(tree.tile(255, 0, 1), None);
}

#[test]
fn sizes_out_of_order_are_refused_by_name() {
    let (leaf, root) = (leaves(1)[0], Digest::of(b""));
    assert_eq!(
        verify_inclusion(3, 3, &leaf, &root, &[]),
        Err(ProofError::IndexPastEnd { index: 3, size: 3 })
    );
    assert_eq!(
        verify_consistency(4, 3, &root, &root, &[]),
        Err(ProofError::Shrinks { old: 4, new: 3 })
    );
    assert_eq!(
        verify_consistency(3, 4, &root, &root, &[]),
        Err(ProofError::Length(0))
    );
    assert_eq!(
        verify_consistency(2, 4, &root, &root, &[]),
        Err(ProofError::Length(0))
    );
    assert_eq!(
        verify_consistency(0, 4, &leaf, &root, &[]),
        Err(ProofError::Root)
    );
    assert_eq!(
        verify_consistency(4, 4, &leaf, &root, &[]),
        Err(ProofError::Root)
    );
    assert_eq!(
        verify_consistency(4, 4, &leaf, &leaf, &[leaf]),
        Err(ProofError::Length(1))
    );
    assert_eq!(
        verify_inclusion(0, u64::MAX, &leaf, &root, &[leaf; 64]),
        Err(ProofError::Length(64))
    );
}

proptest! {
    #[test]
    fn a_changed_inclusion_proof_never_verifies(size in 2_u64..300, pick: u64, bit in 0_usize..256, at: prop::sample::Index) {
        let leaves = leaves(size);
        let tree: Tree = leaves.iter().copied().collect();
        let (index, root) = (pick % size, tree.root());
        let leaf = leaves[index as usize];
        let path = tree.inclusion(index, size);
        let refuses = |index, size, leaf: &Digest, path: &[Digest]| verify_inclusion(index, size, leaf, &root, path).is_err();

        let mut flipped = path.clone();
        flipped[at.index(path.len())].0[bit / 8] ^= 1 << (bit % 8);
        prop_assert!(refuses(index, size, &leaf, &flipped));
        prop_assert!(refuses(index, size, &leaf, &path[1..]));
        prop_assert!(refuses(index, size, &leaf, &[path.as_slice(), &[leaf]].concat()));
        prop_assert!(refuses((index + 1) % size, size, &leaf, &path));
        prop_assert!(refuses(index, size, &path[0], &path));
        let mut reversed = path.clone();
        reversed.reverse();
        prop_assert!(reversed == path || refuses(index, size, &leaf, &reversed));
    }

    #[test]
    fn a_changed_consistency_proof_never_verifies(new in 2_u64..300, pick: u64, bit in 0_usize..256, at: prop::sample::Index) {
        let tree: Tree = leaves(new).into_iter().collect();
        let old = 1 + pick % (new - 1);
        let (from, to) = (tree.root_at(old), tree.root());
        let path = tree.consistency(old, new);
        prop_assert_eq!(verify_consistency(old, new, &from, &to, &path), Ok(()));

        let mut flipped = path.clone();
        flipped[at.index(path.len())].0[bit / 8] ^= 1 << (bit % 8);
        prop_assert!(verify_consistency(old, new, &from, &to, &flipped).is_err());
        prop_assert!(verify_consistency(old, new, &from, &to, &path[..path.len() - 1]).is_err());
        prop_assert!(verify_consistency(old, new, &to, &from, &path).is_err());
        prop_assert!(verify_consistency(old, new, &from, &to, &[path.as_slice(), &[from]].concat()).is_err());
    }
}

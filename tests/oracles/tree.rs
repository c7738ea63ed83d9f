//! The Merkle tree against `ct-merkle`: same roots, same proofs, and no proof survives a change.
//!
//! A root does not fix the size of its tree, here as in RFC 6962: sizes are changed together with
//! their roots, as a checkpoint binds them. What a changed size alone does must be what `tlog_tiles`
//! finds too.

use assay_evidence::{
    digest::Digest,
    leaf,
    tree::{Tree, verify_consistency, verify_inclusion},
};
use ct_merkle::{ConsistencyProof, InclusionProof, mem_backed_tree::MemoryBackedTree};
use sha2::Sha256;
use tlog_tiles::Hash;

use crate::{records, tree_of};

/// Every pair of sizes up to this one.
const SIZE_MAX: u64 = 300;
/// Up to this size every single bit of every hash is turned.
const EVERY_BIT_UP_TO: u64 = 33;
/// Up to this size every proof is presented as a proof of everything.
const EVERY_CLAIM_UP_TO: u64 = 24;

fn flat(path: &[Digest]) -> Vec<u8> {
    path.iter().flat_map(|hash| hash.0).collect()
}

fn turned(hash: &Digest, bit: u64) -> Digest {
    let mut bytes = hash.0;
    bytes[(bit / 8 % 32) as usize] ^= 1 << (bit % 8);
    Digest(bytes)
}

/// Copies of a proof with one hash changed in one bit, left out, doubled or moved, or with one more.
fn changed(path: &[Digest], bit: u64) -> Vec<Vec<Digest>> {
    let stranger = Digest::of(b"a hash that belongs nowhere");
    let mut copies = vec![
        [&[stranger], path].concat(),
        [path, &[stranger]].concat(),
        path.iter().rev().copied().collect(),
    ];
    for place in 0..path.len() {
        let (before, from) = path.split_at(place);
        copies.push(
            [
                before,
                &[turned(&path[place], bit + place as u64)],
                &from[1..],
            ]
            .concat(),
        );
        copies.push([before, &from[1..]].concat());
        copies.push([before, &from[..1], from].concat());
        if place > 0 {
            let mut moved = path.to_vec();
            moved.swap(place - 1, place);
            copies.push(moved);
        }
    }
    copies.retain(|copy| copy != path);
    copies
}

fn every_bit(path: &[Digest]) -> impl Iterator<Item = Vec<Digest>> {
    (0..path.len() as u64 * 256).map(|bit| {
        let mut copy = path.to_vec();
        let place = (bit / 256) as usize;
        copy[place] = turned(&path[place], bit % 256);
        copy
    })
}

#[test]
fn roots_and_inclusion_proofs_of_all_sizes_up_to_300_are_those_of_ct_merkle() {
    let mut theirs = MemoryBackedTree::<Sha256, String>::new();
    let mut ours = Tree::new();
    for record in records(SIZE_MAX) {
        ours.push(leaf::hash(record.as_bytes()));
        theirs.push(record);
        let size = ours.size();
        let root = theirs.root();
        assert_eq!(ours.root().0[..], root.as_bytes()[..], "root of {size}");
        for (index, record) in (0..size).zip(theirs.items()) {
            let path = ours.inclusion(index, size);
            let proof = theirs.prove_inclusion(index as usize);
            assert_eq!(proof.as_bytes(), flat(&path), "{index} in {size}");
            let ours_read = InclusionProof::<Sha256>::try_from_bytes(flat(&path)).unwrap();
            assert!(root.verify_inclusion(record, index, &ours_read).is_ok());
        }
    }
}

#[test]
fn consistency_proofs_between_all_sizes_up_to_300_are_those_of_ct_merkle() {
    let ours = tree_of(SIZE_MAX);
    let mut theirs = MemoryBackedTree::<Sha256, String>::new();
    let mut roots = Vec::new();
    for record in records(SIZE_MAX) {
        theirs.push(record);
        roots.push(theirs.root());
        let new = theirs.len();
        for old in 1..=new {
            let path = ours.consistency(old, new);
            let proof = theirs.prove_consistency((new - old) as usize);
            assert_eq!(proof.as_bytes(), flat(&path), "{old} to {new}");
            let read = ConsistencyProof::<Sha256>::try_from_bytes(flat(&path)).unwrap();
            let step = theirs
                .root()
                .verify_consistency(&roots[old as usize - 1], &read);
            assert!(step.is_ok(), "{old} to {new}");
        }
    }
}

#[test]
fn every_inclusion_proof_up_to_300_is_refused_once_anything_is_changed() {
    let tree = tree_of(SIZE_MAX + 1);
    for size in 1..=SIZE_MAX {
        let root = tree.root_at(size);
        for index in 0..size {
            let path = tree.inclusion(index, size);
            let leaf = tree.leaf(index).unwrap();
            assert_eq!(verify_inclusion(index, size, &leaf, &root, &path), Ok(()));
            let bit = index * 7 + size;
            let mut copies = changed(&path, bit);
            if size <= EVERY_BIT_UP_TO {
                copies.extend(every_bit(&path));
            }
            for copy in copies {
                assert!(
                    verify_inclusion(index, size, &leaf, &root, &copy).is_err(),
                    "{index} in {size}"
                );
            }
            assert!(verify_inclusion(index, size, &turned(&leaf, bit), &root, &path).is_err());
            assert!(verify_inclusion(index, size, &leaf, &turned(&root, bit), &path).is_err());
            for other in [
                index + 1,
                index ^ 1,
                index.wrapping_sub(1),
                size - 1 - index,
            ] {
                let is_other = other != index;
                assert_eq!(
                    verify_inclusion(other, size, &leaf, &root, &path).is_err(),
                    is_other
                );
            }
            for other in [size - 1, size + 1] {
                let root = tree.root_at(other);
                assert!(verify_inclusion(index, other, &leaf, &root, &path).is_err());
            }
        }
    }
}

#[test]
fn every_consistency_proof_up_to_300_is_refused_once_anything_is_changed() {
    let tree = tree_of(SIZE_MAX + 1);
    for new in 1..=SIZE_MAX {
        let to = tree.root_at(new);
        for old in 1..=new {
            let from = tree.root_at(old);
            let path = tree.consistency(old, new);
            assert_eq!(verify_consistency(old, new, &from, &to, &path), Ok(()));
            let bit = old * 7 + new;
            let mut copies = changed(&path, bit);
            if new <= EVERY_BIT_UP_TO {
                copies.extend(every_bit(&path));
            }
            for copy in copies {
                assert!(
                    verify_consistency(old, new, &from, &to, &copy).is_err(),
                    "{old} to {new}"
                );
            }
            let refuses = |old, new, from: &Digest, to: &Digest| {
                verify_consistency(old, new, from, to, &path).is_err()
            };
            assert!(refuses(old, new, &turned(&from, bit), &to));
            assert!(refuses(old, new, &from, &turned(&to, bit)));
            assert!(refuses(old, new + 1, &from, &tree.root_at(new + 1)));
            assert!(refuses(old + 1, new, &tree.root_at(old + 1), &to));
            assert_eq!(refuses(new, old, &to, &from), old != new);
            // From nothing, as from the same size, the empty proof is the right one.
            if !path.is_empty() {
                assert!(refuses(old, new - 1, &from, &tree.root_at(new - 1)));
                assert!(refuses(old - 1, new, &tree.root_at(old - 1), &to));
            }
        }
    }
}

#[test]
fn our_verifiers_and_those_of_tlog_tiles_decide_alike_on_every_claim() {
    let tree = tree_of(EVERY_CLAIM_UP_TO);
    let hash = |digest: &Digest| Hash(digest.0);
    let (mut accepted, mut claims) = (0, 0);
    for (index, size) in pairs() {
        let path = tree.inclusion(index, size);
        let theirs = path.iter().map(hash).collect();
        let (leaf, root) = (tree.leaf(index).unwrap(), tree.root_at(size));
        for (other, of) in pairs() {
            let ours = verify_inclusion(other, of, &leaf, &root, &path).is_ok();
            let judged = tlog_tiles::check_record(&theirs, of, hash(&root), other, hash(&leaf));
            assert_eq!(ours, judged.is_ok(), "{index} in {size} as {other} in {of}");
            accepted += u64::from(ours);
            claims += 1;
        }
        let old = index + 1;
        let path = tree.consistency(old, size);
        let theirs = path.iter().map(hash).collect();
        let from = tree.root_at(old);
        for (other, of) in pairs().map(|(index, size)| (index + 1, size)) {
            let ours = verify_consistency(other, of, &from, &root, &path).is_ok();
            let judged = tlog_tiles::check_tree(&theirs, of, hash(&root), other, hash(&from));
            assert_eq!(ours, judged.is_ok(), "{old} to {size} as {other} to {of}");
            accepted += u64::from(ours);
            claims += 1;
        }
    }
    let honest = 2 * pairs().count() as u64;
    assert!(
        accepted >= honest && accepted < claims / 10,
        "{accepted} of {claims}"
    );
}

/// Every leaf of every tree.
fn pairs() -> impl Iterator<Item = (u64, u64)> {
    (1..=EVERY_CLAIM_UP_TO).flat_map(|size| (0..size).map(move |index| (index, size)))
}

//! Tiles and checkpoints read by `tlog_tiles`, from the golden folder and from trees of awkward sizes.
//!
//! Its tile paths carry the height 8 in front, as the Go checksum database's do; ours, of
//! c2sp.org/tlog-tiles, leave it out. It knows no entry bundles: those are read here by their lengths.

use std::{cell::RefCell, fs, path::PathBuf};

use assay_evidence::{
    checkpoint::Checkpoint,
    digest::Digest,
    leaf,
    tile::{self, TileKind},
    tree::{Tree, verify_consistency, verify_inclusion},
};
use assay_tests::programs::root;
use proptest::prelude::*;
use tlog_tiles::{Error, Hash, Tile, TileHashReader, TileReader};

use crate::tree_of;

const HEIGHT: u8 = 8;

/// Tiles as somebody serves them, by our path.
struct Served<F> {
    fetch: F,
    asked: RefCell<Vec<String>>,
}

impl<F: Fn(&str) -> Option<Vec<u8>>> Served<F> {
    fn new(fetch: F) -> Self {
        Self {
            fetch,
            asked: RefCell::default(),
        }
    }
}

impl<F: Fn(&str) -> Option<Vec<u8>>> TileReader for Served<F> {
    fn height(&self) -> u8 {
        HEIGHT
    }

    fn read_tiles(&self, tiles: &[Tile]) -> Result<Vec<Vec<u8>>, Error> {
        tiles
            .iter()
            .map(|tile| {
                let path = our_path(tile);
                let found = (self.fetch)(&path).ok_or(Error::InvalidTile);
                self.asked.borrow_mut().push(path);
                found
            })
            .collect()
    }

    fn save_tiles(&self, _: &[Tile], _: &[Vec<u8>]) {}
}

fn our_path(tile: &Tile) -> String {
    tile.path().replacen("tile/8/", "tile/", 1)
}

fn golden_file(path: &str) -> Option<Vec<u8>> {
    fs::read(golden_folder().join(path)).ok()
}

fn golden_folder() -> PathBuf {
    root().join("tests/vectors/log/tree")
}

fn digests(hashes: &[Hash]) -> Vec<Digest> {
    hashes.iter().map(|hash| Digest(hash.0)).collect()
}

/// The tile of a tree in memory, by path.
fn tile_of(tree: &Tree, path: &str) -> Option<Vec<u8>> {
    let at = tile::parse_path(path)?;
    let TileKind::Hashes(level) = at.kind else {
        return None;
    };
    tree.tile(level, at.n, at.width)
}

#[test]
fn the_golden_folder_alone_proves_every_entry_and_every_step() {
    let note = String::from_utf8(golden_file("checkpoint").unwrap()).unwrap();
    let (text, _) = note.split_once("\n\n").unwrap();
    let head = tlog_tiles::Checkpoint::from_bytes(format!("{text}\n").as_bytes()).unwrap();
    assert_eq!(
        (head.origin(), head.size()),
        ("log.station-a.example.org", 300)
    );
    assert_eq!(Checkpoint::peek(&note).unwrap().root.0, head.hash().0);

    let served = Served::new(golden_file);
    let reader = TileHashReader::new(300, *head.hash(), &served);
    let tree = tree_of(300);
    for (index, entry) in (0..300).zip(golden_entries()) {
        let proof = tlog_tiles::prove_record(300, index, &reader).unwrap();
        assert_eq!(digests(&proof), tree.inclusion(index, 300), "entry {index}");
        let hash = tlog_tiles::record_hash(&entry);
        assert_eq!(hash.0, leaf::hash(&entry).0);
        assert!(tlog_tiles::check_record(&proof, 300, *head.hash(), index, hash).is_ok());
    }
    for old in 1..=300 {
        let proof = tlog_tiles::prove_tree(300, old, &reader).unwrap();
        assert_eq!(
            digests(&proof),
            tree.consistency(old, 300),
            "step from {old}"
        );
    }
    let mut asked = served.asked.take();
    asked.sort();
    asked.dedup();
    assert_eq!(asked, ["tile/0/000", "tile/0/001.p/44", "tile/1/000.p/1"]);
}

/// The reader of `tlog_tiles` 0.2.0 compares a full tile with its parent only from a place in its list
/// that it counts before leaving out repeated tiles; so its proof is checked as well.
#[test]
fn a_turned_bit_in_any_golden_tile_proves_nothing_any_more() {
    let tree = tree_of(300);
    let root = Hash(tree.root().0);
    for path in ["tile/0/000", "tile/0/001.p/44", "tile/1/000.p/1"] {
        let length = golden_file(path).unwrap().len();
        for place in (0..length).step_by(31) {
            let served = Served::new(|asked: &str| {
                let mut bytes = golden_file(asked)?;
                if asked == path {
                    bytes[place] ^= 1 << (place % 8);
                }
                Some(bytes)
            });
            let reader = TileHashReader::new(300, root, &served);
            // The neighbour of the changed hash has that hash in its proof.
            let index = (place as u64 / 32) ^ 1;
            let leaf = Hash(tree.leaf(index).unwrap().0);
            let refused = tlog_tiles::prove_record(300, index, &reader)
                .and_then(|proof| tlog_tiles::check_record(&proof, 300, root, index, leaf));
            assert!(
                matches!(refused, Err(Error::InconsistentTile | Error::InvalidProof)),
                "{path} at {place}: {refused:?}"
            );
        }
    }
}

#[test]
fn their_list_of_tiles_for_a_size_is_the_list_that_ours_implies() {
    for size in [
        1, 2, 255, 256, 257, 511, 512, 65_535, 65_536, 65_537, 70_000,
    ] {
        let tree = tree_of(size);
        let theirs = Tile::new_tiles(HEIGHT, 0, size);
        let mut theirs: Vec<String> = theirs.iter().map(our_path).collect();
        let mut ours = implied_tiles(size);
        theirs.sort();
        ours.sort();
        assert_eq!(theirs, ours, "tiles of {size}");
        for path in ours {
            let width = tile::parse_path(&path).unwrap().width;
            let bytes = tile_of(&tree, &path);
            assert_eq!(
                bytes.map(|b| b.len()),
                Some(32 * usize::from(width)),
                "{path}"
            );
        }
    }
}

/// Full tiles, and the partial one, of every level.
fn implied_tiles(size: u64) -> Vec<String> {
    let mut paths = Vec::new();
    for level in 0_u8..8 {
        let full = size >> (8 * (u32::from(level) + 1)).min(63);
        paths.extend((0..full).map(|n| tile::path(level, n, tile::FULL)));
        let width = tile::partial_width(level, size);
        if width > 0 {
            paths.push(tile::path(level, full, width));
        }
    }
    paths
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn a_tree_of_any_size_is_read_from_its_tiles(size in 1_u64..70_000, picks: [u64; 4]) {
        let tree = tree_of(size);
        let root = Hash(tree.root().0);
        let served = Served::new(|path: &str| tile_of(&tree, path));
        let reader = TileHashReader::new(size, root, &served);
        for index in picks.map(|pick| pick % size) {
            let proof = tlog_tiles::prove_record(size, index, &reader).unwrap();
            let path = digests(&proof);
            prop_assert_eq!(&path, &tree.inclusion(index, size));
            let leaf = tree.leaf(index).unwrap();
            prop_assert_eq!(verify_inclusion(index, size, &leaf, &tree.root(), &path), Ok(()));
            prop_assert!(tlog_tiles::check_record(&proof, size, root, index, Hash(leaf.0)).is_ok());

            let old = index + 1;
            let proof = tlog_tiles::prove_tree(size, old, &reader).unwrap();
            let path = digests(&proof);
            let from = tree.root_at(old);
            prop_assert_eq!(&path, &tree.consistency(old, size));
            prop_assert_eq!(verify_consistency(old, size, &from, &tree.root(), &path), Ok(()));
            prop_assert!(tlog_tiles::check_tree(&proof, size, root, old, Hash(from.0)).is_ok());
        }
    }
}

/// The entries of both golden bundles, by their lengths alone.
fn golden_entries() -> Vec<Vec<u8>> {
    let mut entries = Vec::new();
    for path in ["tile/entries/000", "tile/entries/001.p/44"] {
        let bytes = golden_file(path).unwrap();
        let mut rest = bytes.as_slice();
        while let Some((length, after)) = rest.split_first_chunk::<2>() {
            let (entry, after) = after.split_at(usize::from(u16::from_be_bytes(*length)));
            entries.push(entry.to_vec());
            rest = after;
        }
    }
    assert_eq!(entries.len(), 300);
    entries
}

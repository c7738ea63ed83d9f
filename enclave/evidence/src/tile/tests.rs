//! Golden tiles, the one spelling of each path, and bytes that are cut, padded or too long.

use proptest::prelude::*;

use super::*;
use crate::{leaf, tree::Tree};

fn records() -> Vec<String> {
    (0..300).map(|i| format!("record {i}")).collect()
}

#[test]
fn the_golden_log_is_reproduced_tile_by_tile() {
    let records = records();
    let tree: Tree = records
        .iter()
        .map(|record| leaf::hash(record.as_bytes()))
        .collect();
    macro_rules! golden {
        ($path:literal) => {
            include_bytes!(concat!("../../../../tests/vectors/log/tree/", $path)).as_slice()
        };
    }
    assert_eq!(tree.tile(0, 0, 256).unwrap(), golden!("tile/0/000"));
    assert_eq!(tree.tile(0, 1, 44).unwrap(), golden!("tile/0/001.p/44"));
    assert_eq!(tree.tile(1, 0, 1).unwrap(), golden!("tile/1/000.p/1"));
    assert_eq!(entry_bundle(&records[..256]), golden!("tile/entries/000"));
    assert_eq!(
        entry_bundle(&records[256..]),
        golden!("tile/entries/001.p/44")
    );
}

#[test]
fn paths_hold_to_the_vectors() {
    assert_eq!(path(0, 0, FULL), "tile/0/000");
    assert_eq!(path(0, 1, 44), "tile/0/001.p/44");
    assert_eq!(path(1, 1000, FULL), "tile/1/x001/000");
    assert_eq!(path(2, 1_234_067, 9), "tile/2/x001/x234/067.p/9");
    assert_eq!(entries_path(999_999, FULL), "tile/entries/x999/999");
}

#[test]
fn widths_hold_to_the_sizes_of_the_specification() {
    assert_eq!(
        [0, 1, 2, 3].map(|level| partial_width(level, 70_000)),
        [112, 17, 1, 0]
    );
    assert_eq!([0, 1].map(|level| partial_width(level, 256)), [0, 1]);
    assert_eq!(partial_width(63, u64::MAX), 0);
}

#[test]
fn other_spellings_are_no_paths() {
    for text in [
        "tile/0/0",
        "tile/0/0000",
        "tile/00/000",
        "tile/64/000",
        "tile/-1/000",
        "tile/+1/000",
        "tile/0/x000/000",
        "tile/0/x000",
        "tile/0/000/000",
        "tile/0/1000",
        "tile/0/000.p/0",
        "tile/0/000.p/256",
        "tile/0/000.p/01",
        "tile/0/000.p/+1",
        "tile/0/000.p/",
        "tile/0/+00",
        "tile/0/",
        "tile/0",
        "/tile/0/000",
        "tile/0/000/",
        "tile/entries",
        "tile/0/../000",
        "tile/0/x018/x446/x744/x073/x709/x551/616",
    ] {
        assert_eq!(parse_path(text), None, "{text}");
    }
}

proptest! {
    #[test]
    fn every_path_reads_back(n: u64, width in 1_u16..=256, level in 0_u8..=63, is_entries: bool) {
        let kind = if is_entries { TileKind::Entries } else { TileKind::Hashes(level) };
        let at = TileAt { kind, n, width };
        prop_assert_eq!(parse_path(&at.path()), Some(at));
    }
}

#[test]
fn a_bundle_reads_back_and_every_cut_or_longer_one_is_refused() {
    let records = &records()[..5];
    let bundle = entry_bundle(records);
    let entries = parse_entries(&bundle, 5).unwrap();
    assert!(
        entries.iter().eq(records
            .iter()
            .map(String::as_bytes)
            .collect::<Vec<_>>()
            .iter())
    );
    for end in 0..bundle.len() {
        assert_eq!(
            parse_entries(&bundle[..end], 5),
            Err(TileError::BundleLength { width: 5 }),
            "{end}"
        );
    }
    let longer = [bundle.as_slice(), &[0]].concat();
    for (bytes, width) in [(longer, 5), (bundle.clone(), 4), (bundle, 6)] {
        assert_eq!(
            parse_entries(&bytes, width),
            Err(TileError::BundleLength { width })
        );
    }
    assert_eq!(parse_entries(&[], 0), Ok(vec![]));
}

#[test]
fn an_entry_longer_than_a_leaf_is_refused() {
    let at_limit = entry_bundle(&[vec![7; 1024]]);
    assert_eq!(parse_entries(&at_limit, 1).unwrap()[0].len(), 1024);
    let over = entry_bundle(&[vec![1; 3], vec![7; 1025]]);
    assert_eq!(
        parse_entries(&over, 2),
        Err(TileError::EntryTooLong {
            position: 1,
            found: 1025
        })
    );
}

#[test]
fn a_tile_of_another_length_is_refused() {
    let tile = vec![7; 96];
    assert_eq!(parse_hashes(&tile, 3).unwrap(), [Digest([7; 32]); 3]);
    assert_eq!(hash_tile(&[Digest([7; 32]); 3]), tile);
    for (bytes, width) in [(&tile[..95], 3), (&tile[..], 2), (&tile[..], 4), (&[], 1)] {
        assert_eq!(
            parse_hashes(bytes, width),
            Err(TileError::TileLength {
                width,
                found: bytes.len()
            })
        );
    }
}

#[test]
fn a_record_lies_under_the_first_two_digits_of_its_leaf() {
    let leaf = leaf::hash(b"");
    assert_eq!(
        record_path(&leaf),
        "record/6e/6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d.json"
    );
}

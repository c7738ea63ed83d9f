//! Tiles and entry bundles (c2sp.org/tlog-tiles): their paths and bytes.
//!
//! A path here starts at `tile/`; under which prefix it is served is the server's business.

use crate::tree::TILE_WIDTH;

/// Width of a full tile or bundle.
pub const FULL: u16 = TILE_WIDTH as u16;
const LEVEL_MAX: u8 = 63;

/// What a path names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TileAt {
    /// Hashes of a level, or entries.
    pub kind: TileKind,
    /// Number of the tile in its level.
    pub n: u64,
    /// Hashes or entries in it; [`FULL`] when the path names the full tile.
    pub width: u16,
}

/// Two kinds of files lie under `tile/`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TileKind {
    /// Hashes at this tile level.
    Hashes(u8),
    /// Entries.
    Entries,
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
mod tests {
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
                include_bytes!(concat!("../../../tests/vectors/log/tree/", $path)).as_slice()
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
}

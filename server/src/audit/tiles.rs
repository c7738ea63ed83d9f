//! Tiles of hashes: every one that the checkpoint implies, compared with what the entries give.
//!
//! Level 0 is compared by whoever reads the entries; the levels above, here.

use assay_evidence::{
    audit::{Breach, Finding},
    tile::{FULL, TILE_BYTES_MAX, TileAt, TileKind, partial_width},
    tree::{TILE_WIDTH, Tree},
};

use super::source::{Source, SourceError, Unserved};

/// Compares a served tile with the bytes that it should have.
pub fn compare(
    source: &Source,
    at: TileAt,
    expected: &[u8],
) -> Result<Option<Finding>, SourceError> {
    let path = at.path();
    let says = match served(source, at)? {
        Ok(bytes) if bytes == expected => return Ok(None),
        Ok(_) => format!("{path} differs from the hashes of the entries"),
        Err(unserved) => unserved.to_string(),
    };
    Ok(Some(Finding::of_log(Breach::BadTile, says)))
}

/// Compares every tile above level 0; how many there are.
pub fn compare_upper(
    source: &Source,
    tree: &Tree,
    mut found: impl FnMut(Finding),
) -> Result<u64, SourceError> {
    let mut compared = 0;
    for at in upper(tree.size()) {
        let TileKind::Hashes(level) = at.kind else {
            continue;
        };
        let expected = tree.tile(level, at.n, at.width);
        let expected = expected.expect("the tree holds what its own size implies");
        compare(source, at, &expected)?
            .into_iter()
            .for_each(&mut found);
        compared += 1;
    }
    Ok(compared)
}

/// The tiles above level 0 of a log of this size.
fn upper(size: u64) -> impl Iterator<Item = TileAt> {
    let levels = (1_u8..).take_while(move |level| hashes(*level, size) > 0);
    levels.flat_map(move |level| {
        let full = hashes(level, size) / TILE_WIDTH;
        let partial = partial_width(level, size);
        let at = move |n, width| TileAt {
            kind: TileKind::Hashes(level),
            n,
            width,
        };
        (0..full)
            .map(move |n| at(n, FULL))
            .chain((partial > 0).then(|| at(full, partial)))
    })
}

/// Hashes that a log of this size has at a tile level.
fn hashes(level: u8, size: u64) -> u64 {
    let shift = u32::from(level) * TILE_WIDTH.ilog2();
    size.checked_shr(shift).unwrap_or(0)
}

/// The bytes of a tile; where only the full one is left, its first hashes.
fn served(source: &Source, at: TileAt) -> super::source::Fetched {
    let asked = source.get(&at.path(), TILE_BYTES_MAX)?;
    if at.width == FULL || !matches!(asked, Err(Unserved::Missing(_))) {
        return Ok(asked);
    }
    let full = TileAt { width: FULL, ..at };
    let Ok(mut bytes) = source.get(&full.path(), TILE_BYTES_MAX)? else {
        return Ok(asked);
    };
    if bytes.len() != TILE_BYTES_MAX {
        return Ok(asked);
    }
    bytes.truncate(TILE_BYTES_MAX / usize::from(FULL) * usize::from(at.width));
    Ok(Ok(bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tiles_above_the_leaves_are_those_of_the_specification() {
        let names = |size| upper(size).map(|at| at.path()).collect::<Vec<_>>();
        assert_eq!(names(255), Vec::<String>::new());
        assert_eq!(names(256), ["tile/1/000.p/1"]);
        assert_eq!(
            names(70_000),
            ["tile/1/000", "tile/1/001.p/17", "tile/2/000.p/1"]
        );
    }
}

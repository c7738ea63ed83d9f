//! The self-audit: a staged batch, as it reads back, is recomputed from its entries before it is signed.
//!
//! It takes nothing from the computation that wrote the batch. What it refuses is dropped; a log that has
//! signed one flipped bit can never be repaired.

use std::{collections::HashMap, num::NonZero, thread};

use assay_evidence::{
    digest::Digest,
    dsse::Envelope,
    leaf::{self, Leaf},
    tile::{self, FULL, TileAt},
    tree::{Edge, Query, verify_consistency},
};
use bytes::Bytes;

use super::{batch::bundle_at, files::NewFile, staged};

/// The name of the first object that is not what it should be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Flawed(pub String);

/// A head, as the lock store has it or as it would be signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Step {
    pub size: u64,
    pub root: Digest,
}

/// Checks that a staged batch leads from one head to the other; its files.
pub(super) fn audit(
    batch: &Bytes,
    edge: &Edge,
    from: Step,
    to: Step,
) -> Result<Vec<NewFile>, Flawed> {
    if edge.size() != from.size || edge.root() != from.root {
        return flawed("the right edge in memory");
    }
    let files = staged::decode(batch).ok_or_else(|| Flawed("the staged batch".to_owned()))?;
    let mut left: HashMap<&str, &Bytes> = HashMap::new();
    for file in &files {
        if left.insert(&file.path, &file.bytes).is_some() {
            return flawed(&file.path);
        }
    }
    let entries = entries(&mut left, edge, from.size, to.size)?;
    let mut records = Vec::with_capacity(entries.len());
    for entry in &entries {
        let path = tile::record_path(&leaf::hash(entry));
        let envelope = taken(&mut left, &path)?;
        records.push((path, *entry, envelope));
    }
    verify_all(&records)?;
    let tiles = tiles(&mut left, edge, &entries, to)?;
    if let Some(path) = left.keys().next() {
        return flawed(path);
    }
    check_consistency(edge, &tiles, from, to)?;
    Ok(files)
}

/// The entries that the batch adds, cut from its bundles; those before them must be the log's own.
fn entries<'a>(
    left: &mut HashMap<&str, &'a Bytes>,
    edge: &Edge,
    from: u64,
    to: u64,
) -> Result<Vec<&'a [u8]>, Flawed> {
    let full = u64::from(FULL);
    let mut added = Vec::new();
    for n in from / full..to.div_ceil(full) {
        let at = bundle_at(n, to);
        let bundle = taken(left, &at.path())?;
        let bundled = tile::parse_entries(bundle, at.width).map_err(|_| Flawed(at.path()))?;
        let known = from.saturating_sub(n * full).min(full) as usize;
        let are_known = bundled[..known]
            .iter()
            .map(|entry| leaf::hash(entry))
            .eq(edge.partial(0)[..known].iter().copied());
        if !are_known {
            return flawed(&at.path());
        }
        added.extend_from_slice(&bundled[known..]);
    }
    Ok(added)
}

/// Recomputes the tiles and the root, and compares every byte.
fn tiles(
    left: &mut HashMap<&str, &Bytes>,
    edge: &Edge,
    entries: &[&[u8]],
    to: Step,
) -> Result<HashMap<TileAt, Vec<Digest>>, Flawed> {
    let mut after = edge.clone();
    let mut tiles = HashMap::new();
    for tile in after.extend(entries.iter().map(|entry| leaf::hash(entry))) {
        let path = tile.at.path();
        let written = taken(left, &path)?;
        if tile::parse_hashes(written, tile.at.width).as_ref() != Ok(&tile.hashes) {
            return flawed(&path);
        }
        tiles.insert(tile.at, tile.hashes);
    }
    if after.size() != to.size || after.root() != to.root {
        return flawed("the new root");
    }
    Ok(tiles)
}

fn check_consistency(
    edge: &Edge,
    tiles: &HashMap<TileAt, Vec<Digest>>,
    from: Step,
    to: Step,
) -> Result<(), Flawed> {
    let query = Query::consistency(from.size, to.size, to.size);
    let proof = query.answer(|at| {
        let unchanged = || match at.kind {
            tile::TileKind::Hashes(level) => edge.partial(level),
            tile::TileKind::Entries => &[],
        };
        Ok::<_, Flawed>(tiles.get(&at).map_or_else(unchanged, Vec::as_slice))
    })?;
    verify_consistency(from.size, to.size, &from.root, &to.root, &proof)
        .map_err(|_| Flawed("the step from the last head".to_owned()))
}

/// Verifies leaf, envelope and signature of each record, on all cores.
fn verify_all(records: &[(String, &[u8], &Bytes)]) -> Result<(), Flawed> {
    let cores = thread::available_parallelism().map_or(1, NonZero::get);
    let share = records.len().div_ceil(cores).max(1);
    thread::scope(|scope| {
        let workers: Vec<_> = records
            .chunks(share)
            .map(|some| scope.spawn(|| some.iter().try_for_each(verify)))
            .collect();
        workers
            .into_iter()
            .try_for_each(|worker| worker.join().expect("verifying a record never panics"))
    })
}

fn verify((path, entry, envelope): &(String, &[u8], &Bytes)) -> Result<(), Flawed> {
    let fits = Leaf::parse(entry).is_ok_and(|leaf| {
        Envelope::parse(envelope)
            .is_ok_and(|parsed| parsed.to_bytes() == **envelope && leaf.matches(&parsed).is_ok())
    });
    if fits { Ok(()) } else { flawed(path) }
}

fn taken<'a>(left: &mut HashMap<&str, &'a Bytes>, path: &str) -> Result<&'a Bytes, Flawed> {
    left.remove(path).ok_or_else(|| Flawed(path.to_owned()))
}

fn flawed<T>(what: &str) -> Result<T, Flawed> {
    Err(Flawed(what.to_owned()))
}

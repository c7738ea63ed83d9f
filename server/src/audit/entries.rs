//! Entry bundles, level-0 tiles and envelopes, read on all cores and handed over in the log's order.
//!
//! A window of bundles is read while the one before is replayed. A window ends early when its
//! envelopes are long, so what is held is bounded by two windows and one bundle for each reader,
//! whatever the log holds; what the replay keeps of each record is not, and is said there.

use std::{
    sync::{
        Mutex,
        atomic::{AtomicU64, AtomicUsize, Ordering},
    },
    thread,
};

use assay_evidence::{
    audit::{Breach, Entry, Finding, Leafed, Missing},
    dsse::ENVELOPE_BYTES_MAX,
    tile::{self, BUNDLE_BYTES_MAX, FULL, TileAt, TileKind},
};

use super::{
    Depth,
    source::{Source, SourceError, Unserved},
    tiles,
};

/// Bundles that are read ahead: 8,192 records.
const WINDOW: u64 = 32;
/// Bytes of envelopes after which a window takes no further bundle.
const WINDOW_BYTES: usize = 64 << 20;

/// What one bundle of a log gave.
pub struct Bundle {
    /// Its entries, in order; none when the bundle itself is not of its form.
    pub entries: Vec<Entry>,
    /// What is wrong with the bundle or its tile.
    pub findings: Vec<Finding>,
}

/// A log of a certain size and the way to its files.
#[derive(Clone, Copy)]
pub struct Log<'a> {
    /// Its files.
    pub source: &'a Source,
    /// Its origin.
    pub origin: &'a str,
    /// Its size under the checkpoint.
    pub size: u64,
    /// What is asked of each record.
    pub depth: Depth,
}

/// Reads the whole log and hands over bundle after bundle, until `take` has enough.
pub fn read(log: Log, mut take: impl FnMut(Bundle) -> Enough) -> Result<(), SourceError> {
    let bundles = log.size.div_ceil(u64::from(FULL));
    let mut ready = window(log, 0, bundles)?;
    let mut next = ready.len() as u64;
    while !ready.is_empty() {
        let (taken, ahead) = thread::scope(|scope| {
            let ahead = scope.spawn(|| window(log, next, bundles));
            let taken = ready.drain(..).map(&mut take).find(|e| *e == Enough::Yes);
            (taken, ahead.join().expect("a reader does not panic"))
        });
        if taken.is_some() {
            return Ok(());
        }
        ready = ahead?;
        next += ready.len() as u64;
    }
    Ok(())
}

/// Whether a taker wants more.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Enough {
    /// Nothing more.
    Yes,
    /// The next, please.
    No,
}

/// The next bundles: none is left out between the first and the last, and there is one at least.
fn window(log: Log, from: u64, bundles: u64) -> Result<Vec<Bundle>, SourceError> {
    let until = bundles.min(from.saturating_add(WINDOW));
    let (next, held) = (AtomicU64::new(from), AtomicUsize::new(0));
    let read = Mutex::new(Vec::new());
    thread::scope(|scope| {
        for _ in 0..log.source.readers() {
            scope.spawn(|| {
                while held.load(Ordering::Relaxed) < WINDOW_BYTES {
                    let n = next.fetch_add(1, Ordering::Relaxed);
                    if n >= until {
                        return;
                    }
                    let bundle = bundle(log, n, &held);
                    let mut all = read.lock().expect("no reader panics while it holds this");
                    all.push((n, bundle));
                }
            });
        }
    });
    let mut all = read.into_inner().expect("no reader panicked");
    all.sort_by_key(|(n, _)| *n);
    all.into_iter().map(|(_, bundle)| bundle).collect()
}

fn bundle(log: Log, n: u64, held: &AtomicUsize) -> Result<Bundle, SourceError> {
    let first = n * u64::from(FULL);
    let width = u16::try_from(log.size - first).map_or(FULL, |rest| rest.min(FULL));
    let broken = |says: String| Bundle {
        entries: Vec::new(),
        findings: vec![Finding::at(first, Breach::BadEntry, says)],
    };
    let bytes = match served(log.source, n, width)? {
        Ok(bytes) => bytes,
        Err(unserved) => return Ok(broken(unserved.to_string())),
    };
    let entries = match tile::parse_entries(&bytes, width) {
        Ok(entries) => entries,
        Err(error) => {
            let path = tile::entries_path(n, width);
            return Ok(broken(format!("{path}: {error}")));
        }
    };
    let leafed = (first..)
        .zip(entries)
        .map(|(i, entry)| Leafed::of(i, entry));
    let entries = leafed
        .map(|leafed| entry(log, leafed, held))
        .collect::<Result<Vec<Entry>, SourceError>>()?;
    let hashes: Vec<_> = entries.iter().map(|entry| entry.hash).collect();
    let at = TileAt {
        kind: TileKind::Hashes(0),
        n,
        width,
    };
    let findings = tiles::compare(log.source, at, &tile::hash_tile(&hashes))?;
    Ok(Bundle {
        entries,
        findings: findings.into_iter().collect(),
    })
}

/// The bytes of a bundle; where only the full one is left, its first entries.
fn served(source: &Source, n: u64, width: u16) -> super::source::Fetched {
    let asked = source.get(&tile::entries_path(n, width), BUNDLE_BYTES_MAX)?;
    if width == FULL || !matches!(asked, Err(Unserved::Missing(_))) {
        return Ok(asked);
    }
    let Ok(full) = source.get(&tile::entries_path(n, FULL), BUNDLE_BYTES_MAX)? else {
        return Ok(asked);
    };
    // A full bundle that is none is the same as the missing part of it.
    Ok(tile::parse_entries(&full, FULL).map_or(asked, |entries| {
        Ok(tile::entry_bundle(&entries[..usize::from(width)]))
    }))
}

fn entry(log: Log, leafed: Leafed, held: &AtomicUsize) -> Result<Entry, SourceError> {
    if log.depth == Depth::Hashes {
        return Ok(leafed.alone());
    }
    let path = tile::record_path(&leafed.hash);
    let envelope = log.source.get(&path, ENVELOPE_BYTES_MAX)?;
    held.fetch_add(envelope.as_ref().map_or(0, Vec::len), Ordering::Relaxed);
    let envelope = envelope.as_deref().map_err(|why| Missing(why.to_string()));
    Ok(leafed.with(log.origin, envelope))
}

//! Starting a log: what the lock store says is true, and the files must agree or be made to.
//!
//! Cut-off work of a crashed process is finished from its staged batches. Anything that cannot be explained
//! by a crash is refused, with what to do about it. Only the right edge is read, however long the log.

use std::sync::Arc;

use assay_evidence::{
    checkpoint::Checkpoint,
    digest::Digest,
    dsse::Envelope,
    leaf::{self, Leaf},
    record::Head,
    tile::{self, FULL, TileAt, TileKind},
    tree::{self, Edge, Query, tile_at},
};

use super::{
    LogError, LogSigners, Published,
    batch::Ground,
    files::{CHECKPOINT, Files},
    inspect,
    shared::View,
    staged,
    tiles::{Tiles, read_hashes},
};
use crate::{
    clock::Millis,
    store::{
        index::{Index, IndexRow},
        lock::{Lock, StoredHead},
    },
};

/// What a log goes on from.
pub(super) struct Recovered {
    pub head: StoredHead,
    pub ground: Ground,
    /// The public note and what it says; none before the first publication.
    pub public: Option<Public>,
}

/// The newest public checkpoint.
pub(super) struct Public {
    pub note: String,
    pub checkpoint: Checkpoint,
    pub since: Millis,
}

/// What a start has to work with.
pub(super) struct Start<'a> {
    pub origin: &'a str,
    pub signers: &'a LogSigners,
    pub lock: &'a Lock,
    pub files: Arc<dyn Files>,
    pub now: Millis,
}

impl Recovered {
    /// What readers see first.
    pub fn view(&self, origin: &str) -> View {
        let published = match &self.public {
            Some(public) => Published {
                note: public.note.as_str().into(),
                head: public.checkpoint.head(),
            },
            // Nothing is public yet: the empty head proves nothing of anything.
            None => Published {
                note: "".into(),
                head: Head {
                    origin: origin.to_owned(),
                    root: Digest::of(b""),
                    size: 0,
                },
            },
        };
        View {
            edge: Arc::new(self.ground.edge.clone()),
            stored: Arc::new(self.head.clone()),
            published,
            public_since: self.public.as_ref().map(|public| public.since),
        }
    }
}

impl Start<'_> {
    /// Brings files and lock store together.
    pub async fn recover(&self, head: StoredHead) -> Result<Recovered, LogError> {
        self.check_head(&head)?;
        let public = self.public(&head).await?;
        let from = public.as_ref().map_or(0, |public| public.checkpoint.size);
        self.replay(&head, from).await?;
        let edge = self.edge(&head).await?;
        let tiles = Tiles::new(self.files.clone());
        if let Some(public) = &public {
            check_public(&tiles, &edge, public).await?;
        }
        let entries = check_unpublished(&tiles, &edge, self.files.as_ref(), from).await?;
        Ok(Recovered {
            head,
            ground: Ground { edge, entries },
            public,
        })
    }

    fn check_head(&self, head: &StoredHead) -> Result<(), LogError> {
        let foreign = |says: String| LogError::Foreign {
            resource: "log.db",
            says,
        };
        let signed = self.signers.open(&head.note, self.origin);
        let signed = signed.map_err(|error| foreign(error.to_string()))?;
        if (signed.size, signed.root) != (head.size, head.root) {
            return Err(foreign("its head and its signed note differ".to_owned()));
        }
        if self.now < head.at {
            return Err(LogError::ClockBehind {
                now: self.now.rfc3339(),
                last: head.at.rfc3339(),
            });
        }
        Ok(())
    }

    /// The newer of the published file and what the lock store remembers, which is at least a batch older
    /// than the stored head and so is soon replaced.
    async fn public(&self, head: &StoredHead) -> Result<Option<Public>, LogError> {
        let file = self.files.read(CHECKPOINT).await?;
        let file = file.map(|note| self.open(&note, head.at)).transpose()?;
        let kept = self.lock.published().await?;
        // Older than the stored head, it may be of a key that signs no more, and is then of no use.
        let kept = kept.and_then(|kept| self.open(kept.note.as_bytes(), kept.at).ok());
        for public in [&file, &kept].into_iter().flatten() {
            check_against(head, public)?;
        }
        let size = |public: &Public| public.checkpoint.size;
        Ok(file.into_iter().chain(kept).max_by_key(size))
    }

    fn open(&self, note: &[u8], since: Millis) -> Result<Public, LogError> {
        let foreign = |says: String| LogError::Foreign {
            resource: "the public checkpoint",
            says,
        };
        let note = String::from_utf8(note.to_vec());
        let note = note.map_err(|_| foreign("it is not text".to_owned()))?;
        let checkpoint = self.signers.open(&note, self.origin);
        let checkpoint = checkpoint.map_err(|error| foreign(error.to_string()))?;
        Ok(Public {
            note,
            checkpoint,
            since,
        })
    }

    /// Puts the files of signed and unpublished batches in place once more, and drops all other batches.
    async fn replay(&self, head: &StoredHead, published: u64) -> Result<(), LogError> {
        let mut batches = Vec::new();
        for name in self.files.staged_names().await? {
            match staged::parse_name(&name) {
                Some((size, root))
                    if size > published
                        && (size < head.size || (size, root) == (head.size, head.root)) =>
                {
                    batches.push((size, name));
                }
                // Public already, or its head was never stored and nobody has seen it.
                _ => self.files.unstage(&name).await?,
            }
        }
        batches.sort();
        for (_, name) in batches {
            let batch = self.files.staged(&name).await?;
            if let Some(files) = batch.as_ref().and_then(staged::decode) {
                self.files.restore(files).await?;
            } else {
                // Whether its files are in place all the same is checked next.
                tracing::warn!(name, "a staged batch is damaged and is passed over");
            }
        }
        Ok(())
    }

    async fn edge(&self, head: &StoredHead) -> Result<Edge, LogError> {
        let mut hashes = std::collections::HashMap::new();
        for at in Edge::tiles(head.size) {
            hashes.insert(at, read_hashes(self.files.as_ref(), at).await?);
        }
        let edge = Edge::read(head.size, |at| Ok::<_, LogError>(hashes[&at].clone()))?;
        if edge.root() == head.root {
            return Ok(edge);
        }
        Err(LogError::Damaged(self.blame(&edge, head).await?))
    }

    /// Which tile of a wrong right edge it is: the one that, computed from the level below, gives the root.
    async fn blame(&self, edge: &Edge, head: &StoredHead) -> Result<String, LogError> {
        for at in Edge::tiles(head.size) {
            let Ok(right) = self.hashes_of_below(at, head.size).await else {
                continue;
            };
            let mended = Edge::read(head.size, |other| {
                let TileKind::Hashes(level) = other.kind else {
                    unreachable!("an edge has tiles of hashes only")
                };
                Ok::<_, LogError>(if other == at {
                    right.clone()
                } else {
                    edge.partial(level).to_vec()
                })
            })?;
            if mended.root() == head.root {
                return Ok(at.path());
            }
        }
        let paths = Edge::tiles(head.size).into_iter().map(|at| at.path());
        Ok(paths.collect::<Vec<_>>().join(" or "))
    }

    /// The hashes of a tile from what lies below it.
    async fn hashes_of_below(&self, at: TileAt, size: u64) -> Result<Vec<Digest>, LogError> {
        let files = self.files.as_ref();
        let TileKind::Hashes(level) = at.kind else {
            unreachable!("an edge has tiles of hashes only")
        };
        let Some(below) = level.checked_sub(1) else {
            let path = tile::entries_path(at.n, at.width);
            let bundle = files.read(&path).await?;
            let bundle = bundle.ok_or_else(|| LogError::Missing(path.clone()))?;
            let entries = tile::parse_entries(&bundle, at.width);
            let entries = entries.map_err(|_| LogError::Damaged(path))?;
            return Ok(entries.into_iter().map(leaf::hash).collect());
        };
        let first = at.n * u64::from(FULL);
        let mut hashes = Vec::new();
        for n in first..first + u64::from(at.width) {
            let full = read_hashes(files, tile_at(below, n, size)).await?;
            hashes.push(tree::root(&full));
        }
        Ok(hashes)
    }
}

/// What is public must be what was signed, or the beginning of it.
fn check_against(head: &StoredHead, public: &Public) -> Result<(), LogError> {
    let public = &public.checkpoint;
    if public.size > head.size {
        return Err(LogError::SetBack {
            stored: head.size,
            public: public.size,
        });
    }
    if public.size == head.size && public.root != head.root {
        return Err(LogError::Fork {
            size: public.size,
            public: public.root,
            stored: head.root,
        });
    }
    Ok(())
}

/// A public head below the stored one must be the beginning of it.
async fn check_public(tiles: &Tiles, edge: &Edge, public: &Public) -> Result<(), LogError> {
    let size = public.checkpoint.size;
    let query = Query::root(size, edge.size());
    let root = tiles.answer(edge, &query).await?.pop();
    let stored = root.unwrap_or_else(|| Digest::of(b""));
    if stored != public.checkpoint.root {
        return Err(LogError::Fork {
            size,
            public: public.checkpoint.root,
            stored,
        });
    }
    Ok(())
}

/// Everything above the public size is in place, and the last bundle is right; the entries of the partial
/// bundle.
async fn check_unpublished(
    tiles: &Tiles,
    edge: &Edge,
    files: &dyn Files,
    from: u64,
) -> Result<Vec<Vec<u8>>, LogError> {
    let (size, full) = (edge.size(), u64::from(FULL));
    let Some(last) = size.checked_sub(1).map(|index| index / full) else {
        return Ok(Vec::new());
    };
    let mut entries = Vec::new();
    for n in (from / full).min(last)..=last {
        entries = tiles.entries(edge, n).await?;
        for (index, entry) in (n * full..).zip(&entries) {
            if index >= from {
                record(files, entry).await?;
            }
        }
    }
    let partial = if size % full == 0 {
        Vec::new()
    } else {
        entries
    };
    Ok(partial.iter().map(|entry| entry.to_vec()).collect())
}

/// The record of an entry that stands under the signed root.
async fn record(files: &dyn Files, entry: &[u8]) -> Result<inspect::Inspected, LogError> {
    let hash = leaf::hash(entry);
    let path = tile::record_path(&hash);
    let bytes = files.read(&path).await?;
    let bytes = bytes.ok_or_else(|| LogError::Missing(path.clone()))?;
    let damaged = || LogError::Damaged(path.clone());
    let leaf = Leaf::parse(entry).map_err(|_| damaged())?;
    let envelope = Envelope::parse(&bytes).map_err(|_| damaged())?;
    let inspected = inspect::read(&envelope, &leaf.key).map_err(|_| damaged())?;
    if inspected.entry.hash != hash || inspected.entry.envelope != bytes {
        return Err(damaged());
    }
    Ok(inspected)
}

/// Brings the index up to the edge; it must be empty or reach to a size of this log.
pub(super) async fn catch_up(
    index: &Index,
    tiles: &Tiles,
    edge: &Edge,
    files: &dyn Files,
) -> Result<(), LogError> {
    let (size, full) = (edge.size(), u64::from(FULL));
    let mut reached = index.reach().await?.map_or(0, |(size, _)| size);
    while reached < size {
        let n = reached / full;
        let entries = tiles.entries(edge, n).await?;
        let mut rows: Vec<IndexRow> = Vec::new();
        for (index, entry) in (n * full..)
            .zip(&entries)
            .skip((reached - n * full) as usize)
        {
            rows.push(record(files, entry).await?.entry.row(index));
        }
        reached += rows.len() as u64;
        let root = tiles.answer(edge, &Query::root(reached, size)).await?.pop();
        let root = root.expect("a log with a record has a root");
        index.add(&rows, (reached, root)).await?;
    }
    Ok(())
}

/// Does the index belong to this log, as far as it goes, and end there?
pub(super) async fn is_of(index: &Index, tiles: &Tiles, edge: &Edge) -> Result<bool, LogError> {
    if !index.ends_at_reach().await? {
        return Ok(false);
    }
    let Some((size, root)) = index.reach().await? else {
        return Ok(true);
    };
    if size > edge.size() {
        return Ok(false);
    }
    let here = tiles.answer(edge, &Query::root(size, edge.size())).await?;
    Ok(here.first() == Some(&root))
}

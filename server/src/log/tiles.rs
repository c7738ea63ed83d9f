//! Reading tiles and bundles of hashes that are known to be right, with little memory.
//!
//! A full tile is believed when its root is the hash that the tile above it has for it; the uppermost
//! lie on the right edge, which was checked against the signed root. A bounded number of full tiles is kept.

use std::{
    collections::{HashMap, VecDeque},
    sync::{Arc, Mutex, PoisonError},
};

use assay_evidence::{
    digest::Digest,
    leaf,
    tile::{self, FULL, TileAt, TileKind},
    tree::{self, Edge, Query, tile_at},
};
use bytes::Bytes;

use super::{
    LogError,
    batch::bundle_at,
    files::{FilesError, ReadFiles},
};

/// Full tiles that are kept: 8 MiB of hashes.
const KEPT_MAX: usize = 1_024;

/// The tiles of a log.
#[derive(Debug)]
pub(crate) struct Tiles {
    files: Arc<dyn ReadFiles>,
    kept: Mutex<Kept>,
}

/// Full tiles in the order in which they were read.
#[derive(Debug, Default)]
struct Kept {
    tiles: HashMap<TileAt, Arc<[Digest]>>,
    order: VecDeque<TileAt>,
}

impl Tiles {
    pub fn new(files: Arc<dyn ReadFiles>) -> Self {
        Self {
            files,
            kept: Mutex::default(),
        }
    }

    /// The hashes that a query asks for, of a log with this edge.
    pub async fn answer(&self, edge: &Edge, query: &Query) -> Result<Vec<Digest>, LogError> {
        let mut tiles: HashMap<TileAt, Arc<[Digest]>> = HashMap::new();
        for at in query.tiles() {
            tiles.insert(at, self.hashes(edge, at).await?);
        }
        query.answer(|at| Ok(tiles[&at].as_ref()))
    }

    /// The hashes of a tile that a log with this edge has.
    pub async fn hashes(&self, edge: &Edge, at: TileAt) -> Result<Arc<[Digest]>, LogError> {
        let mut below = vec![at];
        let mut sure = loop {
            let next = below
                .pop()
                .expect("the loop always leaves a tile to look at");
            if let Some(hashes) = self.known(edge, next) {
                break hashes;
            }
            below.push(next);
            below.push(above(next, edge.size()));
        };
        while let Some(at) = below.pop() {
            let hashes = read_hashes(self.files.as_ref(), at).await?;
            if tree::root(&hashes) != sure[(at.n % u64::from(FULL)) as usize] {
                return Err(LogError::Damaged(at.path()));
            }
            sure = hashes.into();
            self.keep(at, Arc::clone(&sure));
        }
        Ok(sure)
    }

    /// The leaf hash at an index; none past the end.
    pub async fn leaf(&self, edge: &Edge, index: u64) -> Result<Option<Digest>, LogError> {
        if index >= edge.size() {
            return Ok(None);
        }
        let (n, at) = (index / u64::from(FULL), index % u64::from(FULL));
        let hashes = self.hashes(edge, tile_at(0, n, edge.size())).await?;
        Ok(hashes.get(at as usize).copied())
    }

    /// The entries of the bundle with this number, each checked against its leaf hash.
    pub async fn entries(&self, edge: &Edge, n: u64) -> Result<Vec<Bytes>, LogError> {
        let at = bundle_at(n, edge.size());
        let hashes = self.hashes(edge, tile_at(0, n, edge.size())).await?;
        let (path, bundle, width) = self.bundle(at).await?;
        let damaged = || LogError::Damaged(path.clone());
        let entries = tile::parse_entries(&bundle, width).map_err(|_| damaged())?;
        let wanted = usize::from(at.width);
        let entries = entries.get(..wanted).ok_or_else(damaged)?;
        let found = entries.iter().map(|entry| leaf::hash(entry));
        if !found.eq(hashes.iter().take(wanted).copied()) {
            return Err(damaged());
        }
        Ok(entries
            .iter()
            .map(|entry| bundle.slice_ref(entry))
            .collect())
    }

    /// A bundle; a partial one may have gone since the full one is there.
    async fn bundle(&self, at: TileAt) -> Result<(String, Bytes, u16), LogError> {
        let full = tile::entries_path(at.n, FULL);
        for (path, width) in [(at.path(), at.width), (full, FULL)] {
            if let Some(bundle) = self.files.read(&path).await? {
                return Ok((path, bundle, width));
            }
        }
        Err(LogError::Missing(at.path()))
    }

    /// What needs no reading: the right edge, and tiles that were read before.
    fn known(&self, edge: &Edge, at: TileAt) -> Option<Arc<[Digest]>> {
        match at.kind {
            TileKind::Hashes(level) if at.width < FULL => Some(edge.partial(level).into()),
            _ => self.lock().tiles.get(&at).cloned(),
        }
    }

    fn keep(&self, at: TileAt, hashes: Arc<[Digest]>) {
        let mut kept = self.lock();
        if kept.tiles.insert(at, hashes).is_none() {
            kept.order.push_back(at);
        }
        if kept.order.len() > KEPT_MAX
            && let Some(oldest) = kept.order.pop_front()
        {
            kept.tiles.remove(&oldest);
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A tile of hashes as its file has it, of the right length and not yet believed.
pub(crate) async fn read_hashes(
    files: &dyn ReadFiles,
    at: TileAt,
) -> Result<Vec<Digest>, LogError> {
    let path = at.path();
    let bytes: Result<Option<Bytes>, FilesError> = files.read(&path).await;
    let bytes = bytes?.ok_or_else(|| LogError::Missing(path.clone()))?;
    tile::parse_hashes(&bytes, at.width).map_err(|_| LogError::Damaged(path))
}

/// The tile that holds the root of a full tile.
fn above(at: TileAt, size: u64) -> TileAt {
    let TileKind::Hashes(level) = at.kind else {
        unreachable!("only tiles of hashes are looked for here")
    };
    tile_at(level + 1, at.n / u64::from(FULL), size)
}

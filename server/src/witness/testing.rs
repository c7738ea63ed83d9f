//! A log in memory that signs whatever a test wants, and a witness in a folder.

use std::path::Path;

use assay_evidence::{
    checkpoint::Checkpoint,
    digest::Digest,
    keys::Ed25519SigningKey,
    leaf,
    note::VerifierKey,
    policy::Policy,
    tile::{self, FULL, TileKind},
    tree::{Tree, tile_at},
    witness::Request,
};

use super::Witness;
use crate::{
    clock::Clock, contradictions::Contradictions, entropy::Entropy, store::witness::WitnessStore,
};

/// A log with its key and all its leaves.
#[derive(Clone)]
pub(crate) struct TestLog {
    pub origin: String,
    seed: u8,
    pub tree: Tree,
}

impl TestLog {
    /// A log whose leaf `i` is `story` and the number, but the same for all stories below `fork`.
    pub fn new(origin: &str, seed: u8, size: u64, (story, fork): (&str, u64)) -> Self {
        let entry = |i| {
            let story = if i < fork { "record" } else { story };
            format!("{story} {i}")
        };
        Self {
            origin: origin.to_owned(),
            seed,
            tree: (0..size).map(|i| leaf::hash(entry(i).as_bytes())).collect(),
        }
    }

    pub fn key(&self) -> Ed25519SigningKey {
        Ed25519SigningKey::from_seed([self.seed; 32])
    }

    pub fn head(&self, size: u64) -> Checkpoint {
        Checkpoint {
            origin: self.origin.clone(),
            size,
            root: self.tree.root_at(size),
        }
    }

    pub fn note(&self, size: u64) -> String {
        self.head(size).sign(&self.key()).unwrap()
    }

    /// A body of `add-checkpoint`.
    pub fn request(&self, old: u64, size: u64) -> Vec<u8> {
        let request = Request {
            old,
            proof: self.tree.consistency(old, size),
            note: self.note(size),
        };
        request.to_body().into_bytes()
    }

    pub fn policy(&self) -> Policy {
        let key = VerifierKey::new(&self.origin, self.key().public()).unwrap();
        Policy::parse(&format!("log {key}\nquorum none\n")).unwrap()
    }

    /// A public file at this size: full tiles, and partial ones of tiles that are not full.
    pub fn file(&self, path: &str, size: u64) -> Option<Vec<u8>> {
        if path == "checkpoint" {
            return Some(self.note(size).into_bytes());
        }
        let at = tile::parse_path(path)?;
        let TileKind::Hashes(level) = at.kind else {
            return None;
        };
        let there = tile_at(level, at.n, size).width;
        let is_there = match there {
            FULL => at.width == FULL,
            partial => at.width <= partial,
        };
        is_there.then_some(())?;
        self.tree.tile(level, at.n, at.width)
    }
}

/// A witness with its memory in a folder.
pub(crate) async fn witness(
    dir: &Path,
    station: &str,
    logs: &[&TestLog],
    clock: &Clock,
) -> Witness {
    let (store, contradictions) = memory(dir).await;
    let policies: Vec<Policy> = logs.iter().map(|log| log.policy()).collect();
    let key = Ed25519SigningKey::from_seed(Digest::of(station.as_bytes()).0);
    let memory = (store, contradictions);
    Witness::new(station, key, &policies, memory, clock.clone()).unwrap()
}

pub(crate) async fn memory(dir: &Path) -> (WitnessStore, Contradictions) {
    let store = WitnessStore::open(dir).await.unwrap();
    let contradictions = Contradictions::in_folder(store.clone(), dir, Entropy::system());
    (store, contradictions.await.unwrap())
}

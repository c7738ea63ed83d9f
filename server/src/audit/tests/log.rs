//! A folder with the tiles, entries, records, checkpoint and policy of a log.
//!
//! Whatever the entries say: enough for an audit of hashes, and of signatures where there are any.

use std::{
    fs,
    path::{Path, PathBuf},
};

use assay_evidence::{
    checkpoint::Checkpoint,
    digest::Digest,
    dsse::Envelope,
    keys::{Ed25519SigningKey, P256PublicKey, P256SigningKey},
    leaf::{self, Leaf},
    note::VerifierKey,
    policy::Policy,
    tile::{self, FULL},
    tree::{Edge, Tree},
};

/// Origin of the log.
pub const ORIGIN: &str = "log.example.org";

/// A log in a folder.
pub struct Log {
    /// Where it lies.
    pub folder: PathBuf,
    /// Its tree.
    pub tree: Tree,
    key: Ed25519SigningKey,
}

/// Leaf data, with the envelope behind it if anybody has it.
pub type Entry = (Vec<u8>, Option<Envelope>);

impl Log {
    /// Writes a log of `size` records that nobody has.
    pub fn write(folder: &Path, size: u64) -> Self {
        let key = new_key().public();
        Self::of(folder, (0..size).map(|index| (junk(index, key), None)))
    }

    /// Writes a log of these entries.
    pub fn of(folder: &Path, entries: impl Iterator<Item = Entry>) -> Self {
        let mut log = Self {
            folder: folder.to_owned(),
            tree: Tree::new(),
            key: Ed25519SigningKey::from_seed([7; 32]),
        };
        let mut bundle = Vec::new();
        for (data, envelope) in entries {
            let leaf = leaf::hash(&data);
            if let Some(envelope) = envelope {
                log.put(&tile::record_path(&leaf), &envelope.to_bytes());
            }
            log.tree.push(leaf);
            bundle.push(data);
            if bundle.len() == usize::from(FULL) {
                log.put_bundle(&std::mem::take(&mut bundle));
            }
        }
        if !bundle.is_empty() {
            log.put_bundle(&bundle);
        }
        log.finish();
        log
    }

    /// The honest checkpoint of some size.
    pub fn checkpoint(&self, size: u64) -> Checkpoint {
        Checkpoint {
            origin: ORIGIN.to_owned(),
            size,
            root: self.tree.root_at(size),
        }
    }

    /// A checkpoint as a signed note.
    pub fn note(&self, checkpoint: &Checkpoint) -> String {
        checkpoint.sign(&self.key).expect("the origin is a name")
    }

    /// Puts a checkpoint where it is served.
    pub fn publish(&self, checkpoint: &Checkpoint) {
        self.put("checkpoint", self.note(checkpoint).as_bytes());
    }

    /// Puts a file.
    pub fn put(&self, path: &str, bytes: &[u8]) {
        let path = self.folder.join(path);
        fs::create_dir_all(path.parent().expect("it lies in a folder")).expect("a folder");
        fs::write(path, bytes).expect("a file");
    }

    /// Puts the bundle whose last entry was the last one of the tree.
    fn put_bundle(&self, bundle: &[Vec<u8>]) {
        let n = (self.tree.size() - 1) / u64::from(FULL);
        let width = u16::try_from(bundle.len()).expect("at most a full bundle");
        let path = tile::entries_path(n, width);
        self.put(&path, &tile::entry_bundle(bundle));
    }

    fn finish(&self) {
        let size = self.tree.size();
        let leaves = (0..size).filter_map(|index| self.tree.leaf(index));
        for tile in Edge::new().extend(leaves) {
            self.put(&tile.at.path(), &tile::hash_tile(&tile.hashes));
        }
        self.publish(&self.checkpoint(size));
        let verifier = VerifierKey::new(ORIGIN, self.key.public()).expect("the origin is a name");
        let policy = Policy::lone(&verifier, "http://127.0.0.1/", &Digest::of(b"manifest"));
        self.put("policy", policy.as_bytes());
    }
}

/// A key that was never used.
pub fn new_key() -> P256SigningKey {
    P256SigningKey::from_pkcs8(&P256SigningKey::generate_pkcs8()).expect("it was just made")
}

/// Leaf data that is canonical; its signature is nobody's.
pub fn junk(index: u64, key: P256PublicKey) -> Vec<u8> {
    let pae_digest = Digest::of(&index.to_be_bytes());
    let half = pae_digest.as_bytes().as_slice();
    let signature = [half, half, &[0; 7]].concat();
    Leaf {
        pae_digest,
        signature,
        key,
    }
    .to_bytes()
}

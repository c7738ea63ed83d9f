//! A folder with the tiles, entries, checkpoint and policy of a log whose records nobody has.
//!
//! Enough for an audit of hashes alone. Leaves are canonical and signed by nobody.

use std::{
    fs,
    path::{Path, PathBuf},
};

use assay_evidence::{
    checkpoint::Checkpoint,
    digest::Digest,
    keys::{Ed25519SigningKey, P256PublicKey, P256SigningKey},
    leaf::{self, Leaf},
    note::VerifierKey,
    policy::Policy,
    tile::{self, FULL},
    tree::Tree,
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

impl Log {
    /// Writes a log of `size` records.
    pub fn write(folder: &Path, size: u64) -> Self {
        let log = Self {
            folder: folder.to_owned(),
            tree: Tree::new(),
            key: Ed25519SigningKey::from_seed([7; 32]),
        };
        let log = log.with_entries(size);
        log.write_tiles();
        log.publish(&log.checkpoint(size));
        let verifier = VerifierKey::new(ORIGIN, log.key.public()).expect("the origin is a name");
        let policy = Policy::lone(&verifier, "http://127.0.0.1/", &Digest::of(b"manifest"));
        log.put("policy", policy.as_bytes());
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

    fn with_entries(mut self, size: u64) -> Self {
        let key = P256SigningKey::from_pkcs8(&P256SigningKey::generate_pkcs8())
            .expect("it was just made")
            .public();
        let mut bundle = Vec::new();
        for index in 0..size {
            let data = junk(index, key);
            self.tree.push(leaf::hash(&data));
            bundle.push(data);
            let is_full = bundle.len() == usize::from(FULL);
            if is_full || index + 1 == size {
                let width = u16::try_from(bundle.len()).expect("at most a full bundle");
                let path = tile::entries_path(index / u64::from(FULL), width);
                self.put(&path, &tile::entry_bundle(&bundle));
                bundle.clear();
            }
        }
        self
    }

    fn write_tiles(&self) {
        for level in 0_u8.. {
            let hashes = self.tree.size() >> (8 * u32::from(level));
            if hashes == 0 {
                return;
            }
            for n in 0..hashes.div_ceil(u64::from(FULL)) {
                let rest = hashes - n * u64::from(FULL);
                let width = u16::try_from(rest).map_or(FULL, |rest| rest.min(FULL));
                let bytes = self.tree.tile(level, n, width).expect("the tree holds it");
                self.put(&tile::path(level, n, width), &bytes);
            }
        }
    }
}

/// Leaf data that is canonical; its signature is nobody's.
fn junk(index: u64, key: P256PublicKey) -> Vec<u8> {
    let pae_digest = Digest::of(&index.to_be_bytes());
    let signature = [
        pae_digest.as_bytes().as_slice(),
        pae_digest.as_bytes(),
        &[0; 7],
    ]
    .concat();
    Leaf {
        pae_digest,
        signature,
        key,
    }
    .to_bytes()
}

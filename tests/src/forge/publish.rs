//! Writes a forged log as a folder of public files, as a static web server would serve it.

use std::{
    fs,
    path::{Path, PathBuf},
};

use assay_evidence::{
    checkpoint::Checkpoint,
    tile::{self, FULL},
    tree::Edge,
};

use super::{Forge, relog::Relogged};

/// A folder of public files.
pub struct Published {
    /// The folder.
    pub folder: PathBuf,
    /// Leaf hashes, in order.
    pub leaves: Vec<assay_evidence::digest::Digest>,
}

impl Forge {
    /// Makes everything fit, then writes it into a folder.
    ///
    /// # Panics
    /// When the disk refuses.
    pub fn publish(&self, folder: &Path) -> Published {
        let log = Relogged::of(self);
        let size = log.tree.size();
        let published = Published {
            folder: folder.to_owned(),
            leaves: (0..size).filter_map(|at| log.tree.leaf(at)).collect(),
        };
        for (n, bundle) in (0_u64..).zip(log.entries.chunks(usize::from(FULL))) {
            let entries: Vec<&[u8]> = bundle.iter().map(|(data, _)| data.as_slice()).collect();
            let path = tile::entries_path(n, entries.len() as u16);
            published.put(&path, &tile::entry_bundle(&entries));
        }
        for tile in Edge::new().extend(published.leaves.iter().copied()) {
            published.put(&tile.at.path(), &tile::hash_tile(&tile.hashes));
        }
        for (leaf, (_, envelope)) in published.leaves.iter().zip(&log.entries) {
            published.put(&tile::record_path(leaf), &envelope.to_bytes());
        }
        for (digest, bytes) in &log.blobs {
            let hex = digest.to_string();
            published.put(&format!("blob/{}/{hex}", &hex[..2]), bytes);
        }
        let head = Checkpoint {
            origin: self.origin.clone(),
            size,
            root: log.tree.root(),
        };
        published.put("checkpoint", self.note(&head).as_bytes());
        published.put("policy", &self.policy);
        published
    }

    /// A checkpoint, signed by the log.
    ///
    /// # Panics
    /// Never: the origin is that of a running log.
    pub fn note(&self, head: &Checkpoint) -> String {
        head.sign(&self.keys.log).expect("the origin is a name")
    }
}

impl Published {
    /// Puts a file.
    ///
    /// # Panics
    /// When the disk refuses.
    pub fn put(&self, path: &str, bytes: &[u8]) {
        let path = self.folder.join(path);
        fs::create_dir_all(path.parent().expect("it lies in the folder")).expect("a folder");
        fs::write(path, bytes).expect("a file");
    }

    /// Reads a file.
    ///
    /// # Panics
    /// When it is not there.
    pub fn read(&self, path: &str) -> Vec<u8> {
        fs::read(self.folder.join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
    }

    /// Takes a file away.
    ///
    /// # Panics
    /// When it is not there.
    pub fn remove(&self, path: &str) {
        let gone = fs::remove_file(self.folder.join(path));
        gone.unwrap_or_else(|error| panic!("{path}: {error}"));
    }
}

//! The keys that sign a log's checkpoints: one, and two while one takes the other's place.
//!
//! Every key puts one line under every checkpoint. Which key is in force at which size is the manifest's
//! business.

use assay_evidence::{
    checkpoint::{Checkpoint, CheckpointError},
    keys::Ed25519SigningKey,
    note::VerifierKey,
};

/// At least one key.
pub struct LogSigners {
    first: Ed25519SigningKey,
    rest: Vec<Ed25519SigningKey>,
}

impl LogSigners {
    /// The key of a log, and those that sign beside it.
    pub fn new(first: Ed25519SigningKey, rest: Vec<Ed25519SigningKey>) -> Self {
        Self { first, rest }
    }

    /// The signed note, one line for each key.
    pub fn sign(&self, checkpoint: &Checkpoint) -> Result<String, CheckpointError> {
        let mut note = checkpoint.sign(&self.first)?;
        let before_lines = checkpoint.text().len() + 1;
        for key in &self.rest {
            note.push_str(&checkpoint.sign(key)?[before_lines..]);
        }
        Ok(note)
    }

    /// The checkpoint in a note that one of the keys signed under this origin.
    pub fn open(&self, note: &str, origin: &str) -> Result<Checkpoint, CheckpointError> {
        let open = |key: &Ed25519SigningKey| {
            Checkpoint::open(note, &VerifierKey::new(origin, key.public())?)
        };
        let mut opened = open(&self.first);
        for key in &self.rest {
            if opened.is_err() {
                opened = open(key).or(opened);
            }
        }
        opened
    }
}

impl From<Ed25519SigningKey> for LogSigners {
    fn from(key: Ed25519SigningKey) -> Self {
        Self::new(key, Vec::new())
    }
}

#[cfg(test)]
mod tests {
    use assay_evidence::digest::Digest;

    use super::*;

    const ORIGIN: &str = "log.station.test";

    fn key(seed: u8) -> Ed25519SigningKey {
        Ed25519SigningKey::from_seed([seed; 32])
    }

    fn verifier(seed: u8) -> VerifierKey {
        VerifierKey::new(ORIGIN, key(seed).public()).unwrap()
    }

    #[test]
    fn every_key_puts_its_line() {
        let checkpoint = Checkpoint {
            origin: ORIGIN.to_owned(),
            size: 0,
            root: Digest::of(b""),
        };
        let both = LogSigners::new(key(1), vec![key(2)]);
        let note = both.sign(&checkpoint).unwrap();
        assert_eq!(note.lines().count(), 6);
        for seed in [1, 2] {
            assert_eq!(
                Checkpoint::open(&note, &verifier(seed)),
                Ok(checkpoint.clone())
            );
        }
        let old = LogSigners::from(key(1)).sign(&checkpoint).unwrap();
        let turned = LogSigners::new(key(2), vec![key(1)]);
        assert_eq!(turned.open(&old, ORIGIN), Ok(checkpoint));
        let refusal = LogSigners::from(key(3)).open(&old, ORIGIN).unwrap_err();
        assert_eq!(
            refusal.to_string(),
            format!("checkpoint: note has no signature line by {}", verifier(3))
        );
    }
}

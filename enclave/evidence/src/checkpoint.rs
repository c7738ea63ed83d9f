//! Checkpoints (c2sp.org/tlog-checkpoint): the signed size and root of a log.
//!
//! Three lines and no extension lines, since those could not be audited. How many cosignatures are
//! enough is [`crate::policy`]'s business.

use thiserror::Error;

#[cfg(not(target_arch = "wasm32"))]
use crate::keys::Ed25519SigningKey;
use crate::{
    base64,
    cosignature::{self, CosignatureError, CosignerKey},
    digest::Digest,
    note::{self, NoteError, VerifierKey},
    record::Head,
};

/// Size and root of a log, under its origin.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checkpoint {
    /// Name of the log: its URL prefix without scheme.
    pub origin: String,
    /// Number of leaves.
    pub size: u64,
    /// RFC 6962 root.
    pub root: Digest,
}

/// A checkpoint with the known keys whose lines stand under it, all verified.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Opened {
    /// What was signed.
    pub checkpoint: Checkpoint,
    /// Keys of the log that signed; at least one.
    pub logs: Vec<VerifierKey>,
    /// For each cosigner asked for, in that order, its newest time in seconds since 1970.
    pub cosigned: Vec<Option<u64>>,
}

/// Why a note is no checkpoint of the log.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum CheckpointError {
    /// The note is refused.
    #[error("checkpoint: {0}")]
    Note(#[from] NoteError),
    /// A cosignature is refused.
    #[error("checkpoint: {0}")]
    Cosignature(#[from] CosignatureError),
    /// No line by any of the log's keys.
    #[error("checkpoint has no signature line by a known key of its log {0}")]
    Unsigned(String),
    /// Not origin, size and root.
    #[error("checkpoint is not the three lines origin, size and root")]
    Shape,
    /// The text is of another log.
    #[error("checkpoint is of {found} instead of {expected}")]
    Origin {
        /// Name of the key.
        expected: String,
        /// First line of the text.
        found: String,
    },
}

impl Checkpoint {
    /// Signs the head as a note, under its origin as key name.
    #[cfg(not(target_arch = "wasm32"))]
    pub fn sign(&self, key: &Ed25519SigningKey) -> Result<String, CheckpointError> {
        Ok(note::sign(&self.text(), &self.origin, key)?)
    }

    /// Verifies a checkpoint under the key of its log.
    pub fn open(note: &str, key: &VerifierKey) -> Result<Self, CheckpointError> {
        let checkpoint = Self::parse(note::open(note, key)?)?;
        if checkpoint.origin != key.name() {
            return Err(CheckpointError::Origin {
                expected: key.name().to_owned(),
                found: checkpoint.origin,
            });
        }
        Ok(checkpoint)
    }

    /// Verifies a checkpoint under the keys that its log may use, and reads the lines of known
    /// cosigners.
    ///
    /// Lines by other keys are skipped; a line by any of these that does not verify, or a
    /// cosignature far ahead of `now`, refuses the whole note. Log keys of other origins do not count.
    pub fn open_cosigned(
        note: &str,
        logs: &[VerifierKey],
        cosigners: &[CosignerKey],
        now: Option<u64>,
    ) -> Result<Opened, CheckpointError> {
        let note = note::parse(note)?;
        let checkpoint = Self::parse(note.text)?;
        let mut signed = Vec::new();
        for key in logs.iter().filter(|key| key.name() == checkpoint.origin) {
            if note.is_signed_by(key)? {
                signed.push(key.clone());
            }
        }
        if signed.is_empty() {
            return Err(CheckpointError::Unsigned(checkpoint.origin));
        }
        let cosigned = cosigners
            .iter()
            .map(|cosigner| Ok(cosignature::newest(&note, cosigner, now)?.map(|(time, _)| time)))
            .collect::<Result<_, CosignatureError>>()?;
        Ok(Opened {
            checkpoint,
            logs: signed,
            cosigned,
        })
    }

    /// Reads a checkpoint without verifying anything, to find out whose key to ask for.
    pub fn peek(note: &str) -> Result<Self, CheckpointError> {
        Self::parse(note::parse(note)?.text)
    }

    /// The three lines.
    pub fn text(&self) -> String {
        let root = base64::encode(self.root.as_bytes());
        format!("{}\n{}\n{root}\n", self.origin, self.size)
    }

    /// The head as records name it.
    pub fn head(&self) -> Head {
        Head {
            origin: self.origin.clone(),
            root: self.root,
            size: self.size,
        }
    }

    fn parse(text: &str) -> Result<Self, CheckpointError> {
        let checkpoint = Self::parse_lines(text)?;
        if checkpoint.size == 0 && checkpoint.root != Digest::of(b"") {
            return Err(CheckpointError::Shape);
        }
        Ok(checkpoint)
    }

    /// Reads the three lines; an empty tree may still claim any root, which a witness answers by itself.
    pub(crate) fn parse_lines(text: &str) -> Result<Self, CheckpointError> {
        Self::read_lines(text)
            .filter(|checkpoint| checkpoint.text() == text)
            .ok_or(CheckpointError::Shape)
    }

    fn read_lines(text: &str) -> Option<Self> {
        let mut lines = text.lines();
        let origin = lines.next().filter(|origin| !origin.is_empty())?.to_owned();
        let size = lines.next()?.parse().ok()?;
        let root = base64::decode(lines.next()?).ok()?;
        let root = Digest(root.try_into().ok()?);
        Some(Self { origin, size, root })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{leaf, tree::Tree};

    const ORIGIN: &str = "log.station-a.example.org";
    const GOLDEN: [(u64, &str); 3] = [
        (0, include_str!("../../../tests/vectors/log/checkpoint.0")),
        (1, include_str!("../../../tests/vectors/log/checkpoint.1")),
        (
            300,
            include_str!("../../../tests/vectors/log/checkpoint.300"),
        ),
    ];

    fn key() -> Ed25519SigningKey {
        Ed25519SigningKey::from_seed(Digest::of(b"TEST ONLY station-a log key").0)
    }

    fn verifier() -> VerifierKey {
        VerifierKey::new(ORIGIN, key().public()).unwrap()
    }

    fn noted(text: &str) -> String {
        note::sign(text, ORIGIN, &key()).unwrap()
    }

    #[test]
    fn the_golden_checkpoints_are_reproduced_from_the_seed() {
        let tree: Tree = (0..300)
            .map(|i| leaf::hash(format!("record {i}").as_bytes()))
            .collect();
        assert_eq!(
            verifier().to_string(),
            "log.station-a.example.org+7b5c348b+ARJakYe2S4R9ff10euMz4COPbaYuhx8IJbW8KucFK8+A"
        );
        for (size, golden) in GOLDEN {
            let checkpoint = Checkpoint {
                origin: ORIGIN.into(),
                size,
                root: tree.root_at(size),
            };
            // The last line of each file is a witness's; the log's own part comes before.
            let (own, _) = golden.trim_end().rsplit_once('\n').unwrap();
            assert_eq!(checkpoint.sign(&key()).unwrap(), format!("{own}\n"));
            assert_eq!(
                Checkpoint::open(golden, &verifier()),
                Ok(checkpoint.clone())
            );
            assert_eq!(Checkpoint::peek(golden), Ok(checkpoint));
        }
    }

    #[test]
    fn other_spellings_of_a_head_are_refused() {
        let root = base64::encode(&[7; 32]);
        for text in [
            format!("{ORIGIN}\n007\n{root}\n"),
            format!("{ORIGIN}\n+7\n{root}\n"),
            format!("{ORIGIN}\n-7\n{root}\n"),
            format!("{ORIGIN}\n7\n{root}\nextension\n"),
            format!("{ORIGIN}\n7\n{root}\n\n"),
            format!("{ORIGIN}\n7\n"),
            format!("{ORIGIN}\n7\n{}\n", base64::encode(&[7; 31])),
            format!("{ORIGIN}\n0\n{root}\n"),
            format!("{ORIGIN}\n18446744073709551616\n{root}\n"),
            format!("\n7\n{root}\n"),
        ] {
            assert_eq!(
                Checkpoint::open(&noted(&text), &verifier()),
                Err(CheckpointError::Shape),
                "{text}"
            );
        }
    }

    #[test]
    fn a_log_cannot_sign_for_another_origin() {
        let text = format!("log.other.example.org\n7\n{}\n", base64::encode(&[7; 32]));
        assert_eq!(
            Checkpoint::open(&noted(&text), &verifier()),
            Err(CheckpointError::Origin {
                expected: ORIGIN.into(),
                found: "log.other.example.org".into()
            })
        );
    }
}

//! Portable proofs (c2sp.org/tlog-proof): one leaf, its place and a checkpoint in one text file.
//!
//! This module reads and writes the text. `extra` is not authenticated by it: a verifier rebuilds the
//! leaf from there, and the tree vouches for the result.

use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::{base64, digest::Digest, dsse::Envelope, json, note::NOTE_BYTES_MAX, wire::Proven};

/// First line of the file.
pub const HEAD: &str = "c2sp.org/tlog-proof@v1";
/// Most hashes in a proof.
const PATH_MAX: usize = 63;
/// Longest file: an envelope twice wrapped in base64, a path and a note.
const PROOF_BYTES_MAX: usize = 1024 * 1024;

/// A proof in its parts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogProof {
    /// From what the verifier rebuilds the leaf.
    pub extra: Option<Vec<u8>>,
    /// Leaf index.
    pub index: u64,
    /// Inclusion hashes, leaf to root.
    pub path: Vec<Digest>,
    /// The checkpoint, verbatim.
    pub checkpoint: String,
}

/// What `extra` holds for a record.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct RecordExtra {
    /// The record.
    pub dsse_envelope: Envelope,
    /// SPKI DER of the signer, base64.
    pub public_key: String,
}

/// The text is no proof.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum ProofTextError {
    /// Longer than 1 MiB.
    #[error("proof has {0} bytes, more than 1048576")]
    TooLong(usize),
    /// A line is missing, or spelt otherwise.
    #[error("not a c2sp.org/tlog-proof@v1 file: {0}")]
    Shape(&'static str),
}

impl LogProof {
    /// The proof of a record under a checkpoint.
    pub fn of_record(record: Proven, checkpoint: &str) -> Self {
        let extra = RecordExtra {
            dsse_envelope: record.envelope,
            public_key: record.public_key,
        };
        Self {
            extra: Some(json::to_vec(&extra)),
            index: record.index,
            path: record.path,
            checkpoint: checkpoint.to_owned(),
        }
    }

    /// The file.
    pub fn to_text(&self) -> String {
        let mut lines = vec![HEAD.to_owned()];
        if let Some(extra) = &self.extra {
            lines.push(format!("extra {}", base64::encode(extra)));
        }
        lines.push(format!("index {}", self.index));
        lines.extend(self.path.iter().map(Digest::to_base64));
        lines.join("\n") + "\n\n" + &self.checkpoint
    }

    /// Reads a file; only the spelling that [`Self::to_text`] writes is accepted.
    pub fn parse(text: &str) -> Result<Self, ProofTextError> {
        if text.len() > PROOF_BYTES_MAX {
            return Err(ProofTextError::TooLong(text.len()));
        }
        let shape = ProofTextError::Shape;
        let (head, checkpoint) = text
            .split_once("\n\n")
            .ok_or(shape("no empty line before the checkpoint"))?;
        if checkpoint.is_empty() || checkpoint.len() > NOTE_BYTES_MAX {
            return Err(shape("no checkpoint of at most 65536 bytes"));
        }
        let mut lines = head.split('\n').peekable();
        if lines.next() != Some(HEAD) {
            return Err(shape("another first line"));
        }
        let extra = lines
            .next_if(|line| line.starts_with("extra "))
            .map(|line| base64::decode(&line["extra ".len()..]))
            .transpose()
            .map_err(|_| shape("extra is not base64"))?;
        let index = lines
            .next()
            .and_then(|line| line.strip_prefix("index ")?.parse().ok())
            .ok_or(shape("no index"))?;
        let path = lines
            .map(|line| {
                Digest::try_from_base64(line).ok_or(shape("a hash is not 32 bytes of base64"))
            })
            .collect::<Result<Vec<_>, _>>()?;
        if path.len() > PATH_MAX {
            return Err(shape("more than 63 hashes"));
        }
        let proof = Self {
            extra,
            index,
            path,
            checkpoint: checkpoint.to_owned(),
        };
        if proof.to_text() != text {
            return Err(shape("a number is spelt otherwise"));
        }
        Ok(proof)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        checkpoint::Checkpoint,
        leaf,
        tree::{Tree, verify_inclusion},
    };

    const CHECKPOINT: &str = include_str!("../../../tests/vectors/log/checkpoint.300");

    fn golden() -> LogProof {
        let tree: Tree = (0..300)
            .map(|i| leaf::hash(format!("record {i}").as_bytes()))
            .collect();
        LogProof {
            extra: Some(b"record 299".to_vec()),
            index: 299,
            path: tree.inclusion(299, 300),
            checkpoint: CHECKPOINT.into(),
        }
    }

    #[test]
    fn the_proof_of_entry_299_reads_back_and_verifies() {
        let text = golden().to_text();
        assert!(text.starts_with("c2sp.org/tlog-proof@v1\nextra cmVjb3JkIDI5OQ==\nindex 299\noJeCE4EcZnD3TghM2hxVfAALwF5llUkBn6elkggA9lg=\n"));
        assert!(text.ends_with(&format!(
            "3JNJ+Xh+0Ahtptl/Z5xRpRmPmORW6Vsdh/o6vAEv7DE=\n\n{CHECKPOINT}"
        )));
        let proof = LogProof::parse(&text).unwrap();
        assert_eq!(proof, golden());
        let head = Checkpoint::peek(&proof.checkpoint).unwrap();
        let leaf = leaf::hash(&proof.extra.unwrap());
        assert_eq!(
            verify_inclusion(proof.index, head.size, &leaf, &head.root, &proof.path),
            Ok(())
        );
    }

    #[test]
    fn a_proof_without_extra_and_hashes_reads_back() {
        let proof = LogProof {
            extra: None,
            index: 0,
            path: vec![],
            checkpoint: CHECKPOINT.into(),
        };
        assert_eq!(LogProof::parse(&proof.to_text()), Ok(proof));
    }

    #[test]
    fn the_step_from_256_to_300_is_the_golden_hash() {
        let tree: Tree = (0..300)
            .map(|i| leaf::hash(format!("record {i}").as_bytes()))
            .collect();
        let hashes = tree.consistency(256, 300);
        assert_eq!(hashes.len(), 1);
        assert_eq!(
            base64::encode(hashes[0].as_bytes()),
            "uwaa/GEGqF4PM03Df+GfKIyZ5+fHBsK9y3f1tqCMyf8="
        );
    }

    #[test]
    fn other_spellings_are_refused() {
        let text = golden().to_text();
        let parse = |from: &str, to: &str| {
            let changed = text.replacen(from, to, 1);
            assert_ne!(changed, text, "{from}");
            LogProof::parse(&changed).unwrap_err()
        };
        assert_eq!(
            parse("@v1", "@v2"),
            ProofTextError::Shape("another first line")
        );
        assert_eq!(
            parse("index 299", "index 0299"),
            ProofTextError::Shape("a number is spelt otherwise")
        );
        assert_eq!(
            parse("index 299", "index -1"),
            ProofTextError::Shape("no index")
        );
        assert_eq!(parse("index 299\n", ""), ProofTextError::Shape("no index"));
        assert_eq!(
            parse("OQ==", "OR=="),
            ProofTextError::Shape("extra is not base64")
        );
        assert_eq!(
            parse("oJeC", "oJe"),
            ProofTextError::Shape("a hash is not 32 bytes of base64")
        );
        assert_eq!(
            parse("\n\n", "\n"),
            ProofTextError::Shape("a hash is not 32 bytes of base64")
        );
        let long = " ".repeat(PROOF_BYTES_MAX + 1);
        assert_eq!(
            LogProof::parse(&long),
            Err(ProofTextError::TooLong(long.len()))
        );
        let hash = base64::encode(&[1; 32]) + "\n";
        assert_eq!(
            parse("index 299\n", &format!("index 299\n{}", hash.repeat(63))),
            ProofTextError::Shape("more than 63 hashes")
        );
    }
}

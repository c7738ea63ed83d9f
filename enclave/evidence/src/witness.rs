//! The pure half of a witness (c2sp.org/tlog-witness): requests, and what to answer them.
//!
//! It keeps no state and signs nothing. Whoever does must compare the recorded head and replace it in
//! one durable step before the answer leaves: otherwise a slow small request overwrites a large one.

use thiserror::Error;

use crate::{
    base64,
    checkpoint::{Checkpoint, CheckpointError},
    digest::Digest,
    note::{self, NoteError, VerifierKey},
    tree::{self, PROOF_HASHES_MAX, ProofError},
};

/// Longest request in bytes.
pub const REQUEST_BYTES_MAX: usize = 64 * 1024;
/// Media type of the recorded size that answers an outdated `old`.
pub const SIZE_MEDIA_TYPE: &str = "text/x.tlog.size";

/// The body of `add-checkpoint`: where the witness stands, the way from there, and the new head.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    /// Size at which the log believes the witness to be.
    pub old: u64,
    /// Consistency proof from there.
    pub proof: Vec<Digest>,
    /// The signed checkpoint.
    pub note: String,
}

/// A request whose checkpoint a trusted key of its log signed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Offer {
    old: u64,
    proof: Vec<Digest>,
    checkpoint: Checkpoint,
    note: String,
}

/// The largest head of an origin that the witness has cosigned.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recorded {
    /// Tree size.
    pub size: u64,
    /// RFC 6962 root.
    pub root: Digest,
}

/// Why a witness does not cosign.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum Refused {
    /// Not a request.
    #[error(
        "request is not `old SIZE`, up to 63 lines of hashes, an empty line and a checkpoint of up to 64 KiB"
    )]
    Malformed,
    /// The checkpoint part cannot be read.
    #[error(transparent)]
    Checkpoint(CheckpointError),
    /// This witness does not know the log.
    #[error("this witness is not configured for the log {0}")]
    UnknownOrigin(String),
    /// No trusted line, or one that fails.
    #[error("{0}")]
    NotSigned(NoteError),
    /// The log takes the witness to be further than the new head.
    #[error("old size {old} is greater than the size {size} of the checkpoint")]
    OldAhead {
        /// `old` of the request.
        old: u64,
        /// Size offered.
        size: u64,
    },
    /// The log must ask again from the recorded size.
    #[error("this witness stands at size {0}")]
    Stands(u64),
    /// An empty tree has one root.
    #[error("checkpoint of size 0 does not have the root of the empty tree")]
    EmptyRoot,
    /// From nothing there is nothing to prove.
    #[error("proof given with old size 0")]
    NeedlessProof,
    /// Two trees of one size, or of two sizes that do not follow.
    #[error("checkpoint does not follow from the recorded one: {0}")]
    Inconsistent(ProofError),
}

impl Refused {
    /// The HTTP status that says so.
    pub fn status(&self) -> u16 {
        match self {
            Self::Malformed | Self::Checkpoint(_) | Self::OldAhead { .. } => 400,
            Self::NotSigned(_) => 403,
            Self::UnknownOrigin(_) => 404,
            Self::Stands(_) => 409,
            Self::EmptyRoot | Self::NeedlessProof | Self::Inconsistent(_) => 422,
        }
    }
}

impl Request {
    /// Reads a body. The checkpoint in it stays text.
    pub fn parse(body: &[u8]) -> Result<Self, Refused> {
        if body.len() > REQUEST_BYTES_MAX {
            return Err(Refused::Malformed);
        }
        std::str::from_utf8(body)
            .ok()
            .and_then(Self::parse_lines)
            .ok_or(Refused::Malformed)
    }

    /// The body.
    pub fn to_body(&self) -> String {
        let hashes = self
            .proof
            .iter()
            .map(|hash| base64::encode(hash.as_bytes()) + "\n");
        format!(
            "old {}\n{}\n{}",
            self.old,
            hashes.collect::<String>(),
            self.note
        )
    }

    fn parse_lines(body: &str) -> Option<Self> {
        let (first, mut rest) = body.split_once('\n')?;
        let size = first.strip_prefix("old ")?;
        let old: u64 = size
            .parse()
            .ok()
            .filter(|old: &u64| old.to_string() == size)?;
        let mut proof = Vec::new();
        loop {
            let (line, after) = rest.split_once('\n')?;
            rest = after;
            if line.is_empty() {
                break;
            }
            if proof.len() == PROOF_HASHES_MAX {
                return None;
            }
            let hash = base64::decode(line).ok()?;
            proof.push(Digest(hash.try_into().ok()?));
        }
        let note = rest.to_owned();
        Some(Self { old, proof, note })
    }
}

impl Offer {
    /// Reads a body and checks who signed its checkpoint: the rows of the table up to `old`.
    ///
    /// `keys_of` gives the keys trusted for an origin, none for an origin that is not configured.
    pub fn open(
        body: &[u8],
        keys_of: impl FnOnce(&str) -> Vec<VerifierKey>,
    ) -> Result<Self, Refused> {
        let request = Request::parse(body)?;
        let note = note::parse(&request.note)
            .map_err(|reason| Refused::Checkpoint(CheckpointError::Note(reason)))?;
        let checkpoint = Checkpoint::parse_lines(note.text).map_err(Refused::Checkpoint)?;
        let keys = keys_of(&checkpoint.origin);
        if keys.is_empty() {
            return Err(Refused::UnknownOrigin(checkpoint.origin));
        }
        let signed = note.only(&keys).map_err(Refused::NotSigned)?;
        let Some(signed) = signed else {
            let reason = NoteError::Unsigned(checkpoint.origin);
            return Err(Refused::NotSigned(reason));
        };
        let (old, size) = (request.old, checkpoint.size);
        if old > size {
            return Err(Refused::OldAhead { old, size });
        }
        Ok(Self {
            old,
            proof: request.proof,
            checkpoint,
            note: signed,
        })
    }

    /// The head that is offered.
    pub fn checkpoint(&self) -> &Checkpoint {
        &self.checkpoint
    }

    /// The note that is offered, with the lines of its log alone.
    pub fn note(&self) -> &str {
        &self.note
    }

    /// May the offer replace the recorded head? `None` when nothing was cosigned for the origin.
    pub fn judge(&self, recorded: Option<&Recorded>) -> Result<(), Refused> {
        let nothing = Recorded {
            size: 0,
            root: Digest::of(b""),
        };
        let recorded = recorded.unwrap_or(&nothing);
        if self.old != recorded.size {
            return Err(Refused::Stands(recorded.size));
        }
        let Checkpoint { size, root, .. } = &self.checkpoint;
        if *size == 0 && *root != nothing.root {
            return Err(Refused::EmptyRoot);
        }
        if self.old == 0 && !self.proof.is_empty() {
            return Err(Refused::NeedlessProof);
        }
        tree::verify_consistency(self.old, *size, &recorded.root, root, &self.proof)
            .map_err(Refused::Inconsistent)
    }

    /// Does the offer prove a split: a second root, signed, at the very size that is recorded?
    ///
    /// Whoever keeps the recorded note then keeps this one beside it, whatever the answer was.
    pub fn splits(&self, recorded: &Recorded) -> bool {
        self.checkpoint.size == recorded.size && self.checkpoint.root != recorded.root
    }
}

#[cfg(test)]
mod tests;

//! Misbehaviour: what an accused station's own signatures prove against it, without asking anybody.
//!
//! A proof needs the record and the manifests of the accused; of what is too large for a record, the
//! form body, it needs the bytes that the accused itself named by digest. Who accuses does not matter,
//! except for kind `void`, which is one station's word. Making and logging accusations is not here.

mod heads;
mod records;
mod recount;

use thiserror::Error;

pub use heads::fork_hashes;

use crate::{
    base64::Bytes,
    checkpoint::{Checkpoint, CheckpointError},
    digest::Digest,
    manifest::Chain,
    note::VerifierKey,
    proof::ProofTextError,
    record::{Misbehaviour, MisbehaviourKind},
    statement::Subject,
    tree::ProofError,
    verify::LoggedError,
};

/// What is known of the accused.
#[derive(Clone, Copy)]
pub struct Accused<'a> {
    /// Its manifests, from the pinned one on.
    pub chain: &'a Chain,
    /// For kind `wrong-reveal`, the form body that the reveal names, if it is at hand.
    pub body: Option<&'a [u8]>,
}

/// What an accusation is worth.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// It follows from signatures of the accused.
    Proven,
    /// It is the accuser's word: nothing signed can show it.
    Word,
}

/// Why an accusation proves nothing.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum MisbehaviourError {
    /// The manifests are of another station.
    #[error("accusation is of {accused}, but the manifests are of {chain}")]
    Accused {
        /// Origin accused.
        accused: String,
        /// Origin of the manifests.
        chain: String,
    },
    /// A member is missing, or one too many.
    #[error("{kind:?} takes {needs}")]
    Members {
        /// The kind.
        kind: MisbehaviourKind,
        /// What it is made of.
        needs: &'static str,
    },
    /// A note is not text.
    #[error("note is not UTF-8")]
    NotUtf8,
    /// A note is no checkpoint under the log's keys.
    #[error(transparent)]
    Note(#[from] CheckpointError),
    /// A note of another log.
    #[error("note is a checkpoint of {0}, which is not the accused log")]
    OtherLog(String),
    /// A proof is malformed.
    #[error("proof {number}: {reason}")]
    Proof {
        /// Number of the proof, from 1.
        number: usize,
        /// What is wrong.
        reason: ProofTextError,
    },
    /// A proof does not carry the note.
    #[error("proof {0} is under another checkpoint than the note")]
    OtherCheckpoint(usize),
    /// A proof carries no record.
    #[error("proof {0} carries no record from which its leaf could be rebuilt")]
    NoRecord(usize),
    /// What the leaf does not bind is spelt otherwise.
    #[error("the record in proof {0} is not canonical JSON with the key's own id as hint")]
    Spelling(usize),
    /// A record does not stand in the log, or is of another type.
    #[error("proof {number}: {reason}")]
    Logged {
        /// Number of the proof, from 1.
        number: usize,
        /// What is wrong.
        reason: LoggedError,
    },
    /// A record is signed by a key that may not.
    #[error("proof {number} holds a record by the key {key}, which may not sign it")]
    Signer {
        /// Number of the proof, from 1.
        number: usize,
        /// Key id.
        key: Digest,
    },
    /// The accusation names another record than its proofs hold.
    #[error("accusation names another record than its first proof holds")]
    OtherRecord,
    /// The proofs hold records that do not name each other.
    #[error("the record in proof {number} is not the {what} that the first record names")]
    Unrelated {
        /// Number of the proof, from 1.
        number: usize,
        /// What it should be.
        what: &'static str,
    },
    /// Hashes do not build what they should.
    #[error("hashes: {0}")]
    Hashes(#[from] ProofError),
    /// An outcome leaf is none that a run of this version makes under the revealed seed.
    #[error("outcome leaf {0} opens to no verdict of this version under the revealed seed")]
    Outcome(u64),
    /// Nothing wrong with it.
    #[error("{0}")]
    Innocent(&'static str),
}

/// The subjects of an accusation's record: its notes.
pub fn subjects(accusation: &Misbehaviour) -> Vec<Subject> {
    let notes = [Some(&accusation.note_a), accusation.note_b.as_ref()];
    let named = notes.into_iter().flatten().zip(["note-a", "note-b"]);
    named
        .map(|(note, name)| Subject::new(name, Digest::of(&note.0)))
        .collect()
}

/// Does this accusation hold, from its own content alone?
pub fn verify(
    accusation: &Misbehaviour,
    accused: Accused<'_>,
) -> Result<Standing, MisbehaviourError> {
    let chain = accused.chain;
    if accusation.subject != chain.origin() {
        return Err(MisbehaviourError::Accused {
            accused: accusation.subject.clone(),
            chain: chain.origin().to_owned(),
        });
    }
    check_members(accusation)?;
    let note = open_note(&accusation.note_a, chain)?;
    match accusation.kind {
        MisbehaviourKind::Split => heads::split(accusation, &note, chain)?,
        MisbehaviourKind::Fork => heads::fork(accusation, &note, chain)?,
        MisbehaviourKind::BadSignature => records::bad_signature(accusation, &note)?,
        MisbehaviourKind::Order => records::order(accusation, &note, chain)?,
        MisbehaviourKind::WrongScore => records::wrong_score(accusation, &note, chain)?,
        MisbehaviourKind::WrongReveal => records::wrong_reveal(accusation, &note, accused)?,
        MisbehaviourKind::Void => {
            heads::stands(accusation, &note)?;
            return Ok(Standing::Word);
        }
    }
    Ok(Standing::Proven)
}

/// Which members each kind has, so that none can be added unseen.
fn check_members(accusation: &Misbehaviour) -> Result<(), MisbehaviourError> {
    use MisbehaviourKind::{BadSignature, Fork, Order, Split, Void, WrongReveal, WrongScore};
    let kind = accusation.kind;
    let has = (
        accusation.note_b.is_some(),
        accusation.record.is_some(),
        !accusation.hashes.is_empty(),
        accusation.proofs.len(),
    );
    let (fits, needs) = match kind {
        Split => (has == (true, false, false, 0), "two notes and nothing else"),
        Fork => (has == (true, false, true, 0), "two notes and hashes"),
        BadSignature | Order => (
            has == (false, true, false, 1),
            "one note, a record and its proof",
        ),
        WrongReveal => (
            has == (false, true, false, 2),
            "one note, a reveal and the proofs of reveal and commitment",
        ),
        WrongScore => (
            has == (false, true, false, 2) || has == (false, true, true, 3),
            "one note, a receipt, the proofs of receipt and commitment and, with outcome leaves, of the reveal",
        ),
        // A leaf that is alone in its log has an empty path.
        Void => (
            matches!(has, (false, true, _, 0)),
            "one note, a record and the path of its leaf",
        ),
    };
    if fits {
        return Ok(());
    }
    Err(MisbehaviourError::Members { kind, needs })
}

/// A checkpoint of the accused, signed by a log key that was in force at its size.
fn open_note(note: &Bytes, chain: &Chain) -> Result<Checkpoint, MisbehaviourError> {
    let text = text_of(note)?;
    let head = Checkpoint::peek(text)?;
    if head.origin != chain.origin() {
        return Err(MisbehaviourError::OtherLog(head.origin));
    }
    let keys: Vec<VerifierKey> = chain
        .log_keys_at(head.size)
        .into_iter()
        .filter_map(|key| VerifierKey::new(&head.origin, key).ok())
        .collect();
    Ok(Checkpoint::open_cosigned(text, &keys, &[], None)?.checkpoint)
}

fn text_of(bytes: &Bytes) -> Result<&str, MisbehaviourError> {
    str::from_utf8(&bytes.0).map_err(|_| MisbehaviourError::NotUtf8)
}

#[cfg(test)]
mod tests;

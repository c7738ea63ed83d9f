//! What two heads of one log show against it, and whether a leaf stands in one.

use super::{MisbehaviourError, open_note};
use crate::{
    checkpoint::Checkpoint,
    digest::Digest,
    manifest::Chain,
    record::Misbehaviour,
    tree::{ProofError, consistency_roots, verify_inclusion},
};

/// The hashes of a `fork` accusation, from the consistency proof between the two sizes in the tree of
/// the larger head, and that tree's own root at the smaller size.
///
/// A consistency proof leaves out its first hash where the smaller size is a power of two, since a
/// verifier knows that root. Here it is what is in dispute, so it always stands first.
pub fn fork_hashes(smaller: u64, root: &Digest, consistency: &[Digest]) -> Vec<Digest> {
    let first = smaller.is_power_of_two().then_some(root);
    first.into_iter().chain(consistency).copied().collect()
}

/// One size, two roots.
pub(super) fn split(
    accusation: &Misbehaviour,
    a: &Checkpoint,
    chain: &Chain,
) -> Result<(), MisbehaviourError> {
    let b = second(accusation, chain)?;
    if a.size != b.size {
        return Err(MisbehaviourError::Innocent("the notes have two sizes"));
    }
    if a.root == b.root {
        return Err(MisbehaviourError::Innocent("the notes have one root"));
    }
    Ok(())
}

/// The tree of the larger head has another root at the smaller size than the smaller head.
pub(super) fn fork(
    accusation: &Misbehaviour,
    a: &Checkpoint,
    chain: &Chain,
) -> Result<(), MisbehaviourError> {
    let b = second(accusation, chain)?;
    if a.size == 0 || a.size >= b.size {
        let innocent = "the first note is not of a smaller tree that has leaves";
        return Err(MisbehaviourError::Innocent(innocent));
    }
    let (start, rest) = accusation
        .hashes
        .split_first()
        .ok_or(ProofError::Length(0))?;
    let (smaller, larger) = consistency_roots(a.size, b.size, start, rest)?;
    if larger != b.root {
        return Err(ProofError::Root.into());
    }
    if smaller == a.root {
        let innocent = "the second note continues the first";
        return Err(MisbehaviourError::Innocent(innocent));
    }
    Ok(())
}

/// The leaf that a `void` accusation names is in the log.
pub(super) fn stands(
    accusation: &Misbehaviour,
    note: &Checkpoint,
) -> Result<(), MisbehaviourError> {
    let record = accusation.record.as_ref();
    let record = record.ok_or(MisbehaviourError::OtherRecord)?;
    if record.origin != note.origin {
        return Err(MisbehaviourError::OtherRecord);
    }
    let path = &accusation.hashes;
    Ok(verify_inclusion(
        record.index,
        note.size,
        &record.leaf,
        &note.root,
        path,
    )?)
}

fn second(accusation: &Misbehaviour, chain: &Chain) -> Result<Checkpoint, MisbehaviourError> {
    let note = accusation.note_b.as_ref();
    open_note(note.ok_or(MisbehaviourError::NotUtf8)?, chain)
}

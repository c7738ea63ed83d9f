//! What records in a log show against its station, each with its proof under one checkpoint.

use super::{Accused, MisbehaviourError, recount, text_of};
use crate::{
    checkpoint::Checkpoint,
    json, leaf,
    manifest::Chain,
    proof::{LogProof, RecordExtra},
    record::{FormCommitment, FormReveal, Misbehaviour, Predicate, Receipt, RecordRef},
    reveal,
    seal::LEAF_GROUP,
    statement,
    tree::verify_inclusion,
    verify::{Held, LoggedError, history, open_logged, public_key, roles_of, scores},
    wire::Proven,
};

/// A leaf of the log whose signature does not verify over its envelope.
pub(super) fn bad_signature(
    accusation: &Misbehaviour,
    note: &Checkpoint,
) -> Result<(), MisbehaviourError> {
    let proven = proven(accusation, 0)?;
    let logged = |reason| MisbehaviourError::Logged { number: 1, reason };
    let key = public_key(&proven).map_err(logged)?;
    let data = leaf::data(&proven.envelope, &key).map_err(|error| logged(error.into()))?;
    let at = RecordRef {
        index: proven.index,
        leaf: leaf::hash(&data),
        origin: note.origin.clone(),
    };
    verify_inclusion(at.index, note.size, &at.leaf, &note.root, &proven.path)?;
    is_named(accusation, &at)?;
    let signature =
        statement::only_signature(&proven.envelope).map_err(|error| logged(error.into()))?;
    match key.verify(&proven.envelope.pae(), &signature.sig) {
        Ok(()) => Err(MisbehaviourError::Innocent("the signature verifies")),
        Err(_) => Ok(()),
    }
}

/// A receipt that breaks the order of commitment, submission, intent and itself, by its own content.
pub(super) fn order(
    accusation: &Misbehaviour,
    note: &Checkpoint,
    chain: &Chain,
) -> Result<(), MisbehaviourError> {
    let receipt = record::<Receipt>(accusation, 0, note, chain)?;
    is_named(accusation, &receipt.reference)?;
    match history::check_stated_order(&receipt.predicate, &receipt.reference) {
        Ok(()) => Err(MisbehaviourError::Innocent("the receipt keeps the order")),
        Err(_) => Ok(()),
    }
}

/// A receipt whose scores contradict each other, its commitment or its opened outcomes.
pub(super) fn wrong_score(
    accusation: &Misbehaviour,
    note: &Checkpoint,
    chain: &Chain,
) -> Result<(), MisbehaviourError> {
    let receipt = record::<Receipt>(accusation, 0, note, chain)?;
    is_named(accusation, &receipt.reference)?;
    let commitment = record::<FormCommitment>(accusation, 1, note, chain)?;
    is_related(
        2,
        "commitment",
        &receipt.predicate.commitment,
        &commitment.reference,
    )?;
    if accusation.proofs.len() == 2 {
        return match scores::check(&receipt.predicate, &commitment.predicate) {
            Ok(()) => Err(MisbehaviourError::Innocent(
                "counts and scores are possible",
            )),
            Err(_) => Ok(()),
        };
    }
    let reveal = record::<FormReveal>(accusation, 2, note, chain)?;
    is_related(
        3,
        "commitment's reveal",
        &reveal.predicate.commitment,
        &commitment.reference,
    )?;
    let counted = recount::outcomes(
        &receipt.predicate,
        reveal.predicate.seed,
        &accusation.hashes,
    )?;
    if counted.agrees(&receipt.predicate) {
        return Err(MisbehaviourError::Innocent(
            "the scores follow from the outcomes",
        ));
    }
    Ok(())
}

/// A reveal that does not give back what was committed: by its own figures, or by its form body.
pub(super) fn wrong_reveal(
    accusation: &Misbehaviour,
    note: &Checkpoint,
    accused: Accused<'_>,
) -> Result<(), MisbehaviourError> {
    let chain = accused.chain;
    let reveal = record::<FormReveal>(accusation, 0, note, chain)?;
    is_named(accusation, &reveal.reference)?;
    let commitment = record::<FormCommitment>(accusation, 1, note, chain)?;
    is_related(
        2,
        "commitment",
        &reveal.predicate.commitment,
        &commitment.reference,
    )?;
    let committed = &commitment.predicate.items;
    let leaves = reveal.predicate.items.checked_next_multiple_of(LEAF_GROUP);
    if reveal.predicate.items_root != committed.root || leaves != Some(committed.leaves) {
        return Ok(());
    }
    let Some(body) = accused.body else {
        let innocent = "reveal and commitment state one root; only the form body can tell more";
        return Err(MisbehaviourError::Innocent(innocent));
    };
    match reveal::check(body, &reveal.predicate, &commitment.predicate) {
        Ok(_) => Err(MisbehaviourError::Innocent(
            "the form body is the committed one",
        )),
        // Bytes that the station did not name say nothing about it.
        Err(reveal::RevealError::Bytes { .. } | reveal::RevealError::Body { .. }) => Err(
            MisbehaviourError::Innocent("the bytes are not the form body that the reveal names"),
        ),
        Err(_) => Ok(()),
    }
}

fn record<P: Predicate>(
    accusation: &Misbehaviour,
    position: usize,
    note: &Checkpoint,
    chain: &Chain,
) -> Result<Held<P>, MisbehaviourError> {
    let number = position + 1;
    let proven = proven(accusation, position)?;
    let logged = |reason: LoggedError| MisbehaviourError::Logged { number, reason };
    let held = open_logged::<P>(&proven, note).map_err(logged)?;
    check_signer(number, &held, chain)?;
    Ok(held)
}

fn check_signer<P: Predicate>(
    number: usize,
    held: &Held<P>,
    chain: &Chain,
) -> Result<(), MisbehaviourError> {
    let key = held.signer;
    let mut roles = roles_of(P::NAME).unwrap_or_default().iter();
    if roles.any(|role| chain.key_held(*role, &key, held.reference.index)) {
        return Ok(());
    }
    Err(MisbehaviourError::Signer { number, key })
}

/// A record with its path, under the same checkpoint as the note, byte for byte.
fn proven(accusation: &Misbehaviour, position: usize) -> Result<Proven, MisbehaviourError> {
    let number = position + 1;
    let bytes = accusation.proofs.get(position);
    let text = text_of(bytes.ok_or(MisbehaviourError::NoRecord(number))?)?;
    let proof =
        LogProof::parse(text).map_err(|reason| MisbehaviourError::Proof { number, reason })?;
    if proof.checkpoint.as_bytes() != accusation.note_a.0 {
        return Err(MisbehaviourError::OtherCheckpoint(number));
    }
    let extra = proof.extra.unwrap_or_default();
    let record: RecordExtra =
        json::from_slice(&extra).map_err(|_| MisbehaviourError::NoRecord(number))?;
    if json::to_vec(&record) != extra {
        return Err(MisbehaviourError::Spelling(number));
    }
    let proven = Proven {
        envelope: record.dsse_envelope,
        index: proof.index,
        path: proof.path,
        public_key: record.public_key,
    };
    check_hint(number, &proven)?;
    Ok(proven)
}

/// The leaf does not bind the hint, so it has the one value that follows from the key.
fn check_hint(number: usize, proven: &Proven) -> Result<(), MisbehaviourError> {
    let key = public_key(proven);
    let key = key.map_err(|reason| MisbehaviourError::Logged { number, reason })?;
    let id = key.key_id().to_string();
    if proven.envelope.signatures.iter().all(|one| one.keyid == id) {
        return Ok(());
    }
    Err(MisbehaviourError::Spelling(number))
}

fn is_named(accusation: &Misbehaviour, at: &RecordRef) -> Result<(), MisbehaviourError> {
    if accusation.record.as_ref() == Some(at) {
        return Ok(());
    }
    Err(MisbehaviourError::OtherRecord)
}

fn is_related(
    number: usize,
    what: &'static str,
    named: &RecordRef,
    at: &RecordRef,
) -> Result<(), MisbehaviourError> {
    if named == at {
        return Ok(());
    }
    Err(MisbehaviourError::Unrelated { number, what })
}

//! Checking what the keeper signed, as a stranger would, before a byte of it reaches the log.
//!
//! Signature first, content second. Nothing is repaired: a record that is not exactly what the run
//! announced is refused.

use std::fmt;

use assay_evidence::{
    dsse::Envelope,
    manifest::Role,
    record::{Head, Predicate, Receipt, RecordRef, RunAbort, RunIntent, Score},
    seed::run_seed,
    statement::{Opened, open_record},
};

use super::assign::Ground;
use crate::station::Station;

/// An intent that is logged.
pub(super) struct Announced {
    /// What it states.
    pub intent: RunIntent,
    /// Where it lies.
    pub reference: RecordRef,
}

/// Why a record of the keeper is refused.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum Refusal {
    /// The signature does not verify under the enclave's key, or the statement is malformed.
    #[error("the record does not verify under the enclave's key: {0}")]
    Statement(String),
    /// The manifest does not give the signer its role.
    #[error("the manifest gives the signer no right to sign at this index")]
    Role,
    /// A member does not say what it must.
    #[error("its {0} is not that of the run")]
    Member(&'static str),
}

/// Opens a run-intent and compares it with what was assigned.
pub(super) fn intent(
    station: &Station,
    ground: &Ground,
    before: &Head,
    envelope: &Envelope,
) -> Result<RunIntent, Refusal> {
    let opened: Opened<RunIntent> = open(station, envelope)?;
    let intent = opened.predicate;
    let origin = &station.facts().origin;
    let commitment: assay_evidence::record::FormCommitment = ground
        .commitment
        .predicate()
        .map_err(|error| Refusal::Statement(error.to_string()))?;
    let adapter = assay_evidence::digest::Digest::of(&ground.component);
    all(&[
        ("station", intent.station == *origin),
        (
            "subject",
            opened
                .subjects
                .iter()
                .any(|subject| subject.digest == adapter),
        ),
        ("adapter", intent.adapter.sha256 == adapter),
        ("before", intent.before == *before),
        (
            "commitment",
            intent.commitment == ground.commitment.place.of(origin),
        ),
        (
            "submission",
            intent.submission == ground.submission.place.of(origin),
        ),
        (
            "evidence",
            intent.evidence == ground.evidence.place.of(origin),
        ),
        ("grader", intent.grader == commitment.grader),
    ])?;
    Ok(intent)
}

/// Opens a receipt and compares it with its intent and with the head that it started under.
pub(super) fn receipt(
    station: &Station,
    announced: &Announced,
    started: &Head,
    envelope: &Envelope,
) -> Result<Receipt, Refusal> {
    let opened: Opened<Receipt> = open(station, envelope)?;
    let receipt = opened.predicate;
    let intent = &announced.intent;
    let adapter = intent.adapter.sha256;
    let counts = &receipt.counts;
    let seed = run_seed(&started.root, &announced.reference.leaf);
    all(&[
        ("station", receipt.station == intent.station),
        (
            "subject",
            opened
                .subjects
                .iter()
                .any(|subject| subject.digest == adapter),
        ),
        ("adapter", receipt.adapter == intent.adapter),
        ("nonce", receipt.nonce == intent.nonce),
        ("intent", receipt.intent == announced.reference),
        ("before", receipt.before == intent.before),
        ("start", receipt.start == *started),
        ("seed", receipt.seed == seed),
        ("commitment", receipt.commitment == intent.commitment),
        ("submission", receipt.submission == intent.submission),
        ("evidence", receipt.evidence == intent.evidence),
        ("grader", receipt.grader == intent.grader),
        ("runtime", receipt.runtime == intent.runtime),
        ("limits", receipt.limits == intent.limits),
        (
            "counts",
            counts.answered.checked_add(counts.failed) == Some(counts.items),
        ),
        (
            "outcomes",
            receipt.outcomes.leaves == counts.items.next_multiple_of(64),
        ),
        (
            "scores",
            receipt
                .scores
                .iter()
                .all(|score| is_possible(score, counts.items)),
        ),
    ])?;
    Ok(receipt)
}

/// Opens the keeper's run-abort and compares it with its intent.
pub(super) fn abort(
    station: &Station,
    announced: &Announced,
    envelope: &Envelope,
) -> Result<RunAbort, Refusal> {
    let opened: Opened<RunAbort> = open(station, envelope)?;
    let abort = opened.predicate;
    all(&[
        ("station", abort.station == announced.intent.station),
        ("nonce", abort.nonce == announced.intent.nonce),
        ("intent", abort.intent == announced.reference),
    ])?;
    Ok(abort)
}

fn open<P: Predicate>(station: &Station, envelope: &Envelope) -> Result<Opened<P>, Refusal> {
    let key = station.enclave_key();
    let opened = open_record(envelope, &key).map_err(|error| said(&error))?;
    let index = station.log().published().head.size;
    if station
        .manifest()
        .key_held(Role::EnclaveSign, &key.key_id(), index)
    {
        Ok(opened)
    } else {
        Err(Refusal::Role)
    }
}

fn said(error: &dyn fmt::Display) -> Refusal {
    Refusal::Statement(error.to_string())
}

fn all(members: &[(&'static str, bool)]) -> Result<(), Refusal> {
    match members.iter().find(|(_, right)| !right) {
        Some((member, _)) => Err(Refusal::Member(member)),
        None => Ok(()),
    }
}

/// Passed of attempted of decided of presented, and no more than there are items.
fn is_possible(score: &Score, items: u64) -> bool {
    score.num <= score.attempted
        && score.attempted <= score.decided
        && score.decided <= score.den
        && score.den <= items
        && score.families <= score.den
}

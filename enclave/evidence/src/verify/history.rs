//! Order without clocks: what came before what, proven by heads of one history.
//!
//! Declared times play no part.

use super::rules::{RuleError, Run};
use crate::{
    bundle::Bundle,
    checkpoint::Checkpoint,
    digest::Digest,
    record::{Head, RecordRef},
    tree::{verify_consistency, verify_inclusion},
};

/// Rule 4: commitment, submission, evidence < before ≤ intent < start ≤ receipt.
pub(super) fn check_order(run: &Run) -> Result<(), RuleError> {
    let before = run.receipt.predicate.before.size;
    let start = run.receipt.predicate.start.size;
    let intent = run.intent.reference.index;
    let receipt = run.receipt.reference.index;
    for (name, index) in [
        ("commitment", run.commitment.reference.index),
        ("submission", run.submission.reference.index),
        ("evidence", run.evidence.reference.index),
    ] {
        precedes(name, index, "head `before`", before)?;
    }
    follows("head `before`", before, "intent", intent)?;
    precedes("intent", intent, "head `start`", start)?;
    follows("head `start`", start, "receipt", receipt)
}

/// Rule 5: both heads lead to the checkpoint, and hold what they must.
pub(super) fn check_heads(
    run: &Run,
    bundle: &Bundle,
    checkpoint: &Checkpoint,
) -> Result<(), RuleError> {
    let receipt = &run.receipt.predicate;
    let (before, start) = (&receipt.before, &receipt.start);
    leads(
        "head `before`",
        before,
        &bundle.before.consistency,
        checkpoint,
    )?;
    leads("head `start`", start, &bundle.start.consistency, checkpoint)?;
    let commitment = &run.commitment.reference;
    holds(
        "commitment under `before`",
        before,
        commitment,
        &bundle.before.commitment,
    )?;
    let submission = &run.submission.reference;
    holds(
        "submission under `before`",
        before,
        submission,
        &bundle.before.submission,
    )?;
    holds(
        "intent under `start`",
        start,
        &run.intent.reference,
        &bundle.start.intent,
    )
}

fn precedes(
    earlier: &'static str,
    earlier_at: u64,
    later: &'static str,
    later_at: u64,
) -> Result<(), RuleError> {
    if earlier_at < later_at {
        return Ok(());
    }
    Err(RuleError::Order {
        earlier,
        earlier_at,
        later,
        later_at,
    })
}

/// A head of size n ends before index n.
fn follows(
    head: &'static str,
    size: u64,
    later: &'static str,
    later_at: u64,
) -> Result<(), RuleError> {
    if size <= later_at {
        return Ok(());
    }
    Err(RuleError::Order {
        earlier: head,
        earlier_at: size,
        later,
        later_at,
    })
}

fn leads(
    what: &'static str,
    head: &Head,
    path: &[Digest],
    checkpoint: &Checkpoint,
) -> Result<(), RuleError> {
    if head.origin != checkpoint.origin {
        return Err(RuleError::HeadOrigin(what));
    }
    verify_consistency(
        head.size,
        checkpoint.size,
        &head.root,
        &checkpoint.root,
        path,
    )
    .map_err(|reason| RuleError::Head { what, reason })
}

fn holds(
    what: &'static str,
    head: &Head,
    record: &RecordRef,
    path: &[Digest],
) -> Result<(), RuleError> {
    verify_inclusion(record.index, head.size, &record.leaf, &head.root, path)
        .map_err(|reason| RuleError::Head { what, reason })
}

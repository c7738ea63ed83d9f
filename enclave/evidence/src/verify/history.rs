//! Order without clocks: what came before what, proven by heads of one history.
//!
//! Declared times play no part.

use super::rules::{Announced, RuleError, Run};
use crate::{
    bundle::Bundle,
    checkpoint::Checkpoint,
    digest::Digest,
    record::{Head, Receipt, RecordRef},
    tree::{verify_consistency, verify_inclusion},
};

/// Rule 4 as far as the intent goes: commitment, submission, evidence < before ≤ intent.
pub(crate) fn check_announced_order(announced: Announced) -> Result<(), RuleError> {
    let before = announced.intent.predicate.before.size;
    for (name, index) in [
        ("commitment", announced.commitment.reference.index),
        ("submission", announced.submission.reference.index),
        ("evidence", announced.evidence.reference.index),
    ] {
        precedes(name, index, "head `before`", before)?;
    }
    let intent = announced.intent.reference.index;
    follows("head `before`", before, "intent", intent)
}

/// Rule 4 for the receipt: intent < start ≤ receipt.
pub(crate) fn check_receipt_order(run: Run) -> Result<(), RuleError> {
    let start = run.receipt.predicate.start.size;
    let intent = run.announced.intent.reference.index;
    precedes("intent", intent, "head `start`", start)?;
    let receipt = run.receipt.reference.index;
    follows("head `start`", start, "receipt", receipt)
}

/// Rule 4 by what a receipt says of itself: every place that it names is in this log and in order.
pub(crate) fn check_stated_order(receipt: &Receipt, at: &RecordRef) -> Result<(), RuleError> {
    let (before, start) = (&receipt.before, &receipt.start);
    for (name, origin) in [
        ("head `before`", &before.origin),
        ("head `start`", &start.origin),
        ("commitment", &receipt.commitment.origin),
        ("submission", &receipt.submission.origin),
        ("evidence", &receipt.evidence.origin),
        ("intent", &receipt.intent.origin),
    ] {
        if *origin != at.origin {
            return Err(RuleError::HeadOrigin(name));
        }
    }
    for (name, record) in [
        ("commitment", &receipt.commitment),
        ("submission", &receipt.submission),
        ("evidence", &receipt.evidence),
    ] {
        precedes(name, record.index, "head `before`", before.size)?;
    }
    follows("head `before`", before.size, "intent", receipt.intent.index)?;
    precedes("intent", receipt.intent.index, "head `start`", start.size)?;
    follows("head `start`", start.size, "receipt", at.index)
}

/// Rule 5: both heads lead to the checkpoint, and hold what they must.
pub(super) fn check_heads(
    run: Run,
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
    let commitment = &run.announced.commitment.reference;
    holds(
        "commitment under `before`",
        before,
        commitment,
        &bundle.before.commitment,
    )?;
    let submission = &run.announced.submission.reference;
    holds(
        "submission under `before`",
        before,
        submission,
        &bundle.before.submission,
    )?;
    holds(
        "intent under `start`",
        start,
        &run.announced.intent.reference,
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

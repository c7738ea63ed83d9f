//! Faults of runs: order, accounting, and records that belong to another run.

use super::{
    found,
    station::{By, Station},
};
use crate::{
    audit::{Aborted, Open},
    digest::Digest,
    record::{AbortReason, Receipt, RecordRef, RunAbort, RunIntent},
    verify::tests::samples::{self, ORIGIN, TIME},
};

/// Announces a run as changed, closes it honestly.
fn announced(change: fn(&mut RunIntent, &Station)) -> Station {
    let mut station = Station::new();
    let mut intent = station.intent();
    change(&mut intent, &station);
    let place = station.log(By::Enclave, b"adapter", &intent);
    let receipt = samples::receipt(&intent, &place, &station.head());
    station.log(By::Enclave, b"adapter", &receipt);
    station
}

/// Announces a run honestly, closes it as changed.
fn received(change: fn(&mut Receipt, &Station)) -> Station {
    let mut station = Station::new();
    let intent = station.intent();
    let place = station.log(By::Enclave, b"adapter", &intent);
    let mut receipt = samples::receipt(&intent, &place, &station.head());
    change(&mut receipt, &station);
    station.log(By::Enclave, b"adapter", &receipt);
    station
}

fn abort(station: &mut Station, intent: &RecordRef, nonce: Digest) -> RecordRef {
    let abort = RunAbort {
        answered: 3,
        declared: TIME.into(),
        intent: intent.clone(),
        nonce,
        reason: AbortReason::KeeperLost,
        station: ORIGIN.into(),
    };
    station.log(By::Recorder, b"adapter", &abort)
}

#[test]
fn a_commitment_later_than_its_run_is_back_dated() {
    let late = |intent: &mut RunIntent, _: &Station| intent.commitment.index = 9;
    let says = "commitment at 9 does not precede intent at 4";
    let name = "back-dated-commitment";
    assert_eq!(announced(late).finding(), found(name, 4, says));
    let outside = |intent: &mut RunIntent, station: &Station| {
        intent.before.size = 2;
        intent.before.root = station.tree.root_at(2);
    };
    let says = "commitment at 2 does not precede head `before` at 2";
    assert_eq!(announced(outside).finding(), found(name, 4, says));
}

#[test]
fn a_run_on_a_form_that_the_log_does_not_hold_is_uncommitted() {
    let nowhere = |intent: &mut RunIntent, _: &Station| intent.commitment.leaf = Digest([7; 32]);
    let says = "run-intent names a form-commitment at 2, where this log holds no such";
    assert_eq!(
        announced(nowhere).finding(),
        found("uncommitted-form", 4, says)
    );
}

#[test]
fn records_and_heads_out_of_order_are_found() {
    let ahead = |intent: &mut RunIntent, _: &Station| intent.before.size = 5;
    let says = "head `before` at 5 does not precede intent at 4";
    assert_eq!(announced(ahead).finding(), found("order", 4, says));
    let late = |intent: &mut RunIntent, _: &Station| intent.submission.index = 4;
    let says = "submission at 4 does not precede intent at 4";
    assert_eq!(announced(late).finding(), found("order", 4, says));
    let early = |receipt: &mut Receipt, _: &Station| receipt.start = receipt.before.clone();
    let says = "intent at 4 does not precede head `start` at 4";
    assert_eq!(received(early).finding(), found("order", 5, says));
    let ahead = |receipt: &mut Receipt, _: &Station| receipt.start.size = 6;
    let says = "head `start` at 6 does not precede receipt at 5";
    assert_eq!(received(ahead).finding(), found("order", 5, says));
}

#[test]
fn heads_of_another_history_are_found() {
    let before = |intent: &mut RunIntent, _: &Station| intent.before.root = Digest([7; 32]);
    let says = "head `before` of 4 records is not of this log's history";
    assert_eq!(announced(before).finding(), found("wrong-head", 4, says));
    let start = |receipt: &mut Receipt, _: &Station| receipt.start.origin = "log.other".into();
    let says = "head `start` of 5 records is not of this log's history";
    assert_eq!(received(start).finding(), found("wrong-head", 5, says));
}

#[test]
fn an_intent_is_closed_once() {
    let mut station = Station::new();
    let intent = station.intent();
    let place = station.log(By::Enclave, b"adapter", &intent);
    abort(&mut station, &place, intent.nonce);
    let receipt = samples::receipt(&intent, &place, &station.head());
    station.log(By::Enclave, b"adapter", &receipt);
    let says = "receipt closes the run-intent at 4, which 5 closed before";
    assert_eq!(station.finding(), found("double-close", 6, says));
    assert_eq!(station.replay().open(), []);
}

#[test]
fn a_nonce_counts_once() {
    let mut station = Station::new();
    let intent = station.intent();
    let place = station.log(By::Enclave, b"adapter", &intent);
    abort(&mut station, &place, intent.nonce);
    let mut again = station.intent();
    again.nonce = intent.nonce;
    station.log(By::Enclave, b"adapter", &again);
    let says = "run-intent repeats the nonce of the one at 4";
    assert_eq!(station.finding(), found("reused-nonce", 6, says));
}

#[test]
fn a_receipt_of_another_run_is_replayed() {
    let nowhere = |receipt: &mut Receipt, _: &Station| receipt.intent.leaf = Digest([7; 32]);
    let says = "receipt names a run-intent at 4, where this log holds no such";
    let name = "replayed-receipt";
    assert_eq!(received(nowhere).finding(), found(name, 5, says));
    let nonce = |receipt: &mut Receipt, _: &Station| receipt.nonce = Digest([7; 32]);
    let says = "receipt and intent disagree on the nonce";
    assert_eq!(received(nonce).finding(), found(name, 5, says));
    let form = |receipt: &mut Receipt, _: &Station| receipt.commitment.index = 1;
    let says = "log and receipt disagree on the commitment";
    assert_eq!(received(form).finding(), found(name, 5, says));
}

#[test]
fn what_a_receipt_may_not_change_is_found_under_its_own_name() {
    let limits = |receipt: &mut Receipt, _: &Station| receipt.limits.memory_bytes += 1;
    let says = "receipt and intent disagree on the limits";
    assert_eq!(received(limits).finding(), found("disagreement", 5, says));
    let seed = |receipt: &mut Receipt, _: &Station| receipt.seed = Digest([7; 32]);
    let says = "seed of the receipt does not follow from its start head and intent";
    assert_eq!(received(seed).finding(), found("wrong-seed", 5, says));
    let counts = |receipt: &mut Receipt, _: &Station| receipt.counts.failed = 3;
    let says = "counts do not add up: 58 answered and 3 failed of 60 items";
    assert_eq!(
        received(counts).finding(),
        found("impossible-score", 5, says)
    );
    let time = |intent: &mut RunIntent, _: &Station| intent.close_by = "soon".into();
    let says = "closing time of the intent is not of its form";
    assert_eq!(announced(time).finding(), found("bad-schema", 4, says));
}

#[test]
fn a_broken_intent_is_reported_once_and_its_receipt_not_again() {
    let adapter = |intent: &mut RunIntent, _: &Station| intent.adapter.sha256 = Digest([7; 32]);
    let says = "intent and submission disagree on the adapter";
    assert_eq!(announced(adapter).finding(), found("disagreement", 4, says));
}

#[test]
fn open_and_aborted_runs_are_listed() {
    let mut station = Station::new();
    let intent = station.intent();
    let place = station.log(By::Enclave, b"adapter", &intent);
    let open = station.intent();
    station.log(By::Enclave, b"adapter", &open);
    abort(&mut station, &place, intent.nonce);
    let replay = station.replay();
    assert!(replay.findings().is_empty());
    assert_eq!(
        replay.open(),
        [Open {
            intent: 5,
            commitment: 2,
            submission: 3,
            declared: TIME.into(),
            close_by: "2026-11-21T13:00:00Z".into(),
        }]
    );
    assert_eq!(
        replay.aborted(),
        [Aborted {
            intent: 4,
            record: 6,
            declared: TIME.into(),
            reason: AbortReason::KeeperLost,
            answered: 3,
        }]
    );
}

#[test]
fn an_abort_under_another_nonce_is_found() {
    let mut station = Station::new();
    let intent = station.intent();
    let place = station.log(By::Enclave, b"adapter", &intent);
    abort(&mut station, &place, Digest([7; 32]));
    let says = "run-abort and intent disagree on the nonce";
    assert_eq!(station.finding(), found("disagreement", 5, says));
}

//! Faults that an honest-looking station could sign and log: each is refused by its own reason.

use super::{planted, verified, world::Plan, world::made};
use crate::{
    digest::Digest,
    record::{EnclaveEvidence, FormCommitment, Receipt, RunIntent, Submission},
    tree::ProofError,
    verify::ScoreError,
};

type Refusal = (&'static str, String);

fn receipt(receipt: fn(&mut Receipt)) -> Refusal {
    planted(&Plan {
        receipt,
        ..Plan::default()
    })
}

fn intent(intent: fn(&mut RunIntent)) -> Refusal {
    planted(&Plan {
        intent,
        ..Plan::default()
    })
}

fn commitment(commitment: fn(&mut FormCommitment)) -> Refusal {
    planted(&Plan {
        commitment,
        ..Plan::default()
    })
}

fn submission(submission: fn(&mut Submission)) -> Refusal {
    planted(&Plan {
        submission,
        ..Plan::default()
    })
}

fn evidence(evidence: fn(&mut EnclaveEvidence)) -> Refusal {
    planted(&Plan {
        evidence,
        ..Plan::default()
    })
}

fn order(reason: &str) -> Refusal {
    ("order", reason.to_owned())
}

fn bindings(reason: &str) -> Refusal {
    ("bindings", reason.to_owned())
}

fn scores(reason: &ScoreError) -> Refusal {
    ("scores", reason.to_string())
}

fn bounds(receipt: &mut Receipt, low: &str, high: &str) {
    let interval = receipt.scores[0].interval.as_mut().unwrap();
    (interval.low, interval.high) = (low.into(), high.into());
}

#[test]
fn a_submission_after_the_head_before_the_run_is_refused() {
    let plan = Plan {
        submission_is_late: true,
        ..Plan::default()
    };
    assert_eq!(
        planted(&plan),
        order("submission at 5 does not precede head `before` at 5")
    );
}

#[test]
fn heads_and_records_out_of_order_are_refused() {
    assert_eq!(
        intent(|i| i.before.size = 1),
        order("commitment at 3 does not precede head `before` at 1")
    );
    assert_eq!(
        intent(|i| i.before.size = 3),
        order("commitment at 3 does not precede head `before` at 3")
    );
    assert_eq!(
        intent(|i| i.before.size = 6),
        order("head `before` at 6 does not precede intent at 5")
    );
    assert_eq!(
        receipt(|r| r.start.size = 5),
        order("intent at 5 does not precede head `start` at 5")
    );
    assert_eq!(
        receipt(|r| r.start.size = 8),
        order("head `start` at 8 does not precede receipt at 7")
    );
}

#[test]
fn heads_of_another_history_are_refused() {
    let heads = |reason: String| ("heads", reason);
    let root = ProofError::Root;
    assert_eq!(
        receipt(|r| r.start.root = Digest::of(b"")),
        heads(format!("head `start`: {root}"))
    );
    assert_eq!(
        receipt(|r| r.before.root = Digest::of(b"")),
        heads(format!("head `before`: {root}"))
    );
    assert_eq!(
        receipt(|r| r.start.origin = "log.other".into()),
        heads("head `start` is of another log".into())
    );
}

#[test]
fn a_receipt_that_departs_from_its_intent_is_refused() {
    let differs = |what: &str| bindings(&format!("receipt and intent disagree on the {what}"));
    assert_eq!(receipt(|r| r.nonce = Digest::of(b"")), differs("nonce"));
    assert_eq!(receipt(|r| r.limits.memory_bytes += 1), differs("limits"));
    assert_eq!(
        receipt(|r| r.adapter.sha256 = Digest::of(b"")),
        differs("adapter")
    );
    assert_eq!(
        receipt(|r| r.grader.version = "2".into()),
        differs("grader")
    );
    assert_eq!(
        receipt(|r| r.runtime.version = "2".into()),
        differs("runtime")
    );
}

#[test]
fn a_reference_to_another_record_is_refused() {
    let differs = |by: &str, what: &str| bindings(&format!("log and {by} disagree on the {what}"));
    assert_eq!(
        receipt(|r| r.commitment.index = 0),
        differs("receipt", "commitment")
    );
    assert_eq!(
        receipt(|r| r.submission.leaf = Digest::of(b"")),
        differs("receipt", "submission")
    );
    assert_eq!(
        receipt(|r| r.evidence.origin = "x".into()),
        differs("receipt", "evidence")
    );
    assert_eq!(
        receipt(|r| r.intent.index = 0),
        differs("receipt", "intent")
    );
    let plan = Plan {
        intent: |i| i.evidence.index = 0,
        receipt: |r| r.evidence.index = 1,
        ..Plan::default()
    };
    assert_eq!(planted(&plan), differs("intent", "evidence"));
}

#[test]
fn values_of_another_form_and_a_wrong_seed_are_refused() {
    let malformed = |what: &str| bindings(&format!("{what} is not of its form"));
    assert_eq!(
        receipt(|r| r.declared = "today".into()),
        malformed("declared time of the receipt")
    );
    assert_eq!(
        intent(|i| i.close_by = "soon".into()),
        malformed("closing time of the intent")
    );
    assert_eq!(
        receipt(|r| r.usage.fuel = "01".into()),
        malformed("fuel used")
    );
    assert_eq!(
        intent(|i| i.limits.fuel_per_item = "1e9".into()),
        malformed("fuel limit")
    );
    assert_eq!(
        receipt(|r| r.confinement = "00".into()),
        malformed("confinement of the receipt")
    );
    assert_eq!(
        receipt(|r| r.seed = Digest::of(b"")),
        bindings("seed of the receipt does not follow from its start head and intent")
    );
}

#[test]
fn adapters_graders_and_subjects_must_agree() {
    assert_eq!(
        submission(|s| s.adapter.sha256 = Digest::of(b"")),
        bindings("intent and submission disagree on the adapter")
    );
    assert_eq!(
        commitment(|c| c.grader.name = "x".into()),
        bindings("intent and commitment disagree on the grader")
    );
    let plan = Plan {
        receipt_subject: b"another",
        ..Plan::default()
    };
    assert_eq!(
        planted(&plan),
        bindings("receipt and its predicate disagree on the subject")
    );
    assert_eq!(
        evidence(|e| e.binary.sha256 = Digest::of(b"")),
        bindings("evidence and its predicate disagree on the subject")
    );
}

#[test]
fn another_enclave_another_manifest_and_another_team_are_refused() {
    assert_eq!(
        commitment(|c| c.seal.recipients.clear()),
        bindings("commitment was not sealed for the enclave that ran it")
    );
    assert_eq!(
        evidence(|e| e.manifest.sha256 = Digest::of(b"")),
        bindings("enclave evidence names a manifest that the bundle does not hold")
    );
    let (name, reason) = evidence(|e| e.keys.sign = Digest::of(b""));
    assert_eq!(name, "bindings");
    assert!(
        reason.starts_with("evidence is signed by the key "),
        "{reason}"
    );
    let (name, reason) = submission(|s| s.submitter = Digest::of(b""));
    assert_eq!(name, "bindings");
    assert!(
        reason.starts_with("submission is signed by the key "),
        "{reason}"
    );
    let seal = Digest::of(b"");
    let plan = Plan {
        commitment: |c| c.seal.recipients = vec![Digest::of(b"")],
        evidence: |e| e.keys.seal = Digest::of(b""),
        ..Plan::default()
    };
    assert_eq!(
        planted(&plan),
        bindings(&format!(
            "key {seal} does not hold the role enclave-seal at index 7"
        ))
    );
}

#[test]
fn counts_that_do_not_add_up_are_refused() {
    assert_eq!(
        receipt(|r| r.counts.failed = 3),
        scores(&ScoreError::Counts {
            answered: 58,
            failed: 3,
            items: 60
        })
    );
    assert_eq!(
        receipt(|r| r.outcomes.leaves = 128),
        scores(&ScoreError::Leaves {
            outcomes: 128,
            items: 60,
            leaves: 64
        })
    );
    assert_eq!(
        receipt(|r| (r.counts.answered, r.counts.items) = (63, 65)),
        scores(&ScoreError::Leaves {
            outcomes: 64,
            items: 65,
            leaves: 64
        })
    );
}

#[test]
fn estimates_out_of_range_are_refused() {
    let range = scores(&ScoreError::Range(1));
    assert_eq!(receipt(|r| r.scores[0].num = 58), range);
    assert_eq!(receipt(|r| r.scores[0].attempted = 59), range);
    assert_eq!(receipt(|r| r.scores[0].decided = 61), range);
    assert_eq!(receipt(|r| r.scores[0].den = 61), range);
    assert_eq!(
        receipt(|r| r.scores[0].families = 61),
        scores(&ScoreError::Families(1))
    );
    assert_eq!(
        receipt(|r| r.scores[0].families = 0),
        scores(&ScoreError::Families(1))
    );
    assert_eq!(receipt(|r| r.scores.clear()), scores(&ScoreError::NoScores));
    assert_eq!(
        receipt(|r| r.scores.push(r.scores[0].clone())),
        scores(&ScoreError::Repeated(2))
    );
}

#[test]
fn an_interval_must_be_well_formed_and_hold_its_rate() {
    let (form, outside) = (
        scores(&ScoreError::Interval(1)),
        scores(&ScoreError::RateOutside(1)),
    );
    assert_eq!(receipt(|r| bounds(r, "0.6834", "0.7920")), outside);
    assert_eq!(receipt(|r| bounds(r, "0.5600", "0.6833")), outside);
    assert_eq!(receipt(|r| bounds(r, "0.5600", "1.0001")), form);
    assert_eq!(receipt(|r| bounds(r, "-0.1", "1")), form);
    assert_eq!(receipt(|r| bounds(r, ".5", "1")), form);
    assert_eq!(receipt(|r| bounds(r, "00", "1")), form);
    // 41 of 60 lies between these two.
    let plan = Plan {
        receipt: |r| bounds(r, "0.6833", "0.6834"),
        ..Plan::default()
    };
    assert!(verified(&made(&plan)).verified());
}

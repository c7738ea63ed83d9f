//! Portable proofs of single records, genuine and not.

use super::{Plan, failure_of, made, world::Made};
use crate::{
    bundle::Record,
    policy::{NotAttested, Policy},
    proof::{LogProof, ProofTextError},
    statement::StatementError,
    tree::ProofError,
    verify::{self, LoggedError},
    wire::Proven,
};

fn proof(made: &Made, record: &Record) -> LogProof {
    LogProof::of_record(Proven::from(record.clone()), &made.bundle.checkpoint)
}

fn refusal(made: &Made, text: &str) -> (&'static str, String) {
    failure_of(&verify::log_proof(text.as_bytes(), &made.policy, None))
}

#[test]
fn the_proof_of_each_record_verifies_and_says_what_it_leaves_open() {
    let made = made(&Plan::default());
    let records = &made.bundle.records;
    for (record, name) in [
        (&records.receipt, "receipt"),
        (&records.intent, "run-intent"),
        (&records.commitment, "form-commitment"),
        (&records.submission, "submission"),
        (&records.evidence, "enclave-evidence"),
    ] {
        let text = proof(&made, record).to_text();
        let report = verify::log_proof(text.as_bytes(), &made.policy, None);
        assert!(report.verified(), "{:?}", report.failure());
        let names: Vec<_> = report.checks.iter().map(|check| check.name).collect();
        assert_eq!(
            names,
            ["proof", "policy", "checkpoint", "quorum", "record", "role"]
        );
        let role = &report.checks[5];
        assert_eq!(
            role.says,
            format!("the signer may sign a {name} at index {}", record.index)
        );
        assert_eq!(report.facts, None);
    }
}

#[test]
fn a_proof_of_another_place_or_record_or_log_is_refused() {
    let made = made(&Plan::default());
    let genuine = proof(&made, &made.bundle.records.receipt);
    let intent = proof(&made, &made.bundle.records.intent);
    let moved = LogProof {
        index: intent.index,
        path: intent.path.clone(),
        ..genuine.clone()
    };
    let reason = ProofError::Root;
    let not_included = LoggedError::NotIncluded {
        index: intent.index,
        reason,
    };
    assert_eq!(
        refusal(&made, &moved.to_text()),
        ("record", not_included.to_string())
    );

    let bare = LogProof {
        extra: None,
        ..genuine.clone()
    };
    let unknown = "the proof has no extra line, so its record is unknown".to_owned();
    assert_eq!(refusal(&made, &bare.to_text()), ("record", unknown));

    let stranger = super::made(&Plan::default());
    let foreign = proof(&stranger, &stranger.bundle.records.receipt);
    let mixed = LogProof {
        checkpoint: genuine.checkpoint.clone(),
        ..foreign
    };
    let index = mixed.index;
    let not_included = LoggedError::NotIncluded {
        index,
        reason: ProofError::Root,
    };
    assert_eq!(
        refusal(&made, &mixed.to_text()),
        ("record", not_included.to_string())
    );

    let cut = ProofTextError::Shape("another first line").to_string();
    let text = genuine.to_text();
    assert_eq!(refusal(&made, &text[1..]), ("proof", cut));
}

#[test]
fn a_changed_envelope_in_a_proof_is_refused_by_its_signature() {
    let made = made(&Plan::default());
    let mut record = made.bundle.records.receipt.clone();
    record.dsse_envelope.payload.push(b' ');
    let signer = verify::public_key(&Proven::from(record.clone())).unwrap();
    let refused = StatementError::Signature(signer.key_id()).to_string();
    let text = proof(&made, &record).to_text();
    assert_eq!(refusal(&made, &text), ("record", refused));
}

#[test]
fn a_proof_is_believed_under_the_policy_of_its_own_log_alone() {
    let made = made(&Plan::default());
    let text = proof(&made, &made.bundle.records.receipt).to_text();
    let other =
        "log example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k\nquorum none\n";
    let other = Policy::parse(other).unwrap();
    let report = verify::log_proof(text.as_bytes(), &other, None);
    let unknown = NotAttested::UnknownLog(super::ORIGIN.to_owned()).to_string();
    assert_eq!(failure_of(&report), ("policy", unknown));
}

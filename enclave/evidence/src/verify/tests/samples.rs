//! Sample predicates of a run that fit together.
//!
//! They name no key: who signs them is the station's business.

use crate::{
    digest::Digest,
    record::{
        Counts, EvidenceType, GraderRef, Head, Interval, IntervalMethod, Lane, Limits, Metric,
        Outcomes, Receipt, RecordRef, RunIntent, Runtime, Score, Sha256Ref, Usage,
    },
    seed,
};

pub const ORIGIN: &str = "log.example.org";
pub const TIME: &str = "2026-11-21T12:00:00Z";

pub fn intent(
    before: &Head,
    commitment: &RecordRef,
    submission: &RecordRef,
    evidence: &RecordRef,
) -> RunIntent {
    RunIntent {
        adapter: digest_ref(b"adapter"),
        before: before.clone(),
        close_by: "2026-11-21T13:00:00Z".into(),
        commitment: commitment.clone(),
        declared: TIME.into(),
        evidence: evidence.clone(),
        grader: grader(),
        limits: Limits {
            fuel_per_item: "2000000000".into(),
            memory_bytes: 268_435_456,
            output_bytes: 65_536,
            wall_ms_per_item: 10_000,
        },
        nonce: Digest::of(b"nonce"),
        runtime: Runtime {
            config_sha256: Digest::of(b"config"),
            lane: Lane::Sealed,
            name: "wasmtime".into(),
            target: "x86_64-unknown-linux-gnu".into(),
            version: "48.0.8".into(),
        },
        station: ORIGIN.into(),
        submission: submission.clone(),
    }
}

/// A receipt that follows its intent, as changed by the plan, in every shared field.
pub fn receipt(intent: &RunIntent, intent_ref: &RecordRef, start: &Head) -> Receipt {
    let intent = intent.clone();
    Receipt {
        adapter: intent.adapter,
        before: intent.before,
        commitment: intent.commitment,
        confinement: "00002000000020000000382000000000".into(),
        counts: Counts {
            answered: 58,
            failed: 2,
            items: 60,
        },
        declared: TIME.into(),
        evidence: intent.evidence,
        evidence_type: EvidenceType::None,
        grader: intent.grader,
        intent: intent_ref.clone(),
        limits: intent.limits,
        nonce: intent.nonce,
        outcomes: Outcomes {
            leaves: 64,
            root: Digest::of(b"outcomes"),
        },
        runtime: intent.runtime,
        scores: vec![Score {
            attempted: 57,
            decided: 58,
            den: 60,
            families: 15,
            interval: Some(Interval {
                high: "0.7920".into(),
                level: "0.95".into(),
                low: "0.5600".into(),
                method: IntervalMethod::Wilson,
            }),
            locale: Some("en".into()),
            metric: Metric::Strict,
            num: 41,
            section: None,
        }],
        seed: seed::run_seed(&start.root, &intent_ref.leaf),
        start: start.clone(),
        station: intent.station,
        submission: intent.submission,
        usage: Usage {
            fuel: "183220114000".into(),
            wall_ms: 81_230,
        },
    }
}

pub fn grader() -> GraderRef {
    GraderRef {
        name: "assay-marks".into(),
        sha256: Digest::of(b"grader"),
        version: "1.0.0".into(),
    }
}

pub fn recipient() -> String {
    format!("age1{}", "q".repeat(58))
}

pub fn digest_ref(bytes: &[u8]) -> Sha256Ref {
    Sha256Ref {
        sha256: Digest::of(bytes),
    }
}

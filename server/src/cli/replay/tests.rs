//! What is compared, and what is said of a difference; runs are tested where the enclave is.

use assay_evidence::record::{
    Counts, EvidenceType, GraderRef, Head, Lane, Limits, Outcomes, RecordRef, Runtime, Sha256Ref,
    Usage,
};

use super::*;

fn digest(text: &str) -> Digest {
    Digest::of(text.as_bytes())
}

fn place() -> RecordRef {
    RecordRef {
        index: 0,
        leaf: digest("leaf"),
        origin: "log.test.example.org".to_owned(),
    }
}

fn head() -> Head {
    Head {
        origin: "log.test.example.org".to_owned(),
        root: digest("root"),
        size: 4,
    }
}

fn receipt() -> Receipt {
    Receipt {
        adapter: Sha256Ref {
            sha256: digest("adapter"),
        },
        before: head(),
        commitment: place(),
        confinement: "0".repeat(32),
        counts: Counts {
            answered: 3,
            failed: 1,
            items: 4,
        },
        declared: "2026-11-21T18:08:50Z".to_owned(),
        evidence: place(),
        evidence_type: EvidenceType::None,
        grader: GraderRef {
            name: "all".to_owned(),
            sha256: digest("grader"),
            version: "1".to_owned(),
        },
        intent: place(),
        limits: Limits {
            fuel_per_item: "1".to_owned(),
            memory_bytes: 1,
            output_bytes: 1,
            wall_ms_per_item: 1,
        },
        nonce: digest("nonce"),
        outcomes: Outcomes {
            leaves: 64,
            root: digest("outcomes"),
        },
        runtime: Runtime {
            config_sha256: digest("config"),
            lane: Lane::Sealed,
            name: "engine".to_owned(),
            target: "target".to_owned(),
            version: "1".to_owned(),
        },
        scores: Vec::new(),
        seed: digest("seed"),
        start: head(),
        station: "log.test.example.org".to_owned(),
        submission: place(),
        usage: Usage {
            fuel: "700".to_owned(),
            wall_ms: 9,
        },
    }
}

/// What the enclave program prints of a run that this receipt is about.
fn replay() -> Value {
    let receipt = receipt();
    json!({
        "counts": receipt.counts,
        "fuel": receipt.usage.fuel,
        "grader": receipt.grader,
        "items": [],
        "limits": receipt.limits,
        "outcomes": receipt.outcomes,
        "runtime": receipt.runtime,
        "scores": receipt.scores,
    })
}

fn different(replay: &Value) -> Vec<&'static str> {
    let compared = compare(&receipt(), replay);
    let different = compared.iter().filter(|one| !one.agrees);
    different.map(|one| one.name).collect()
}

#[test]
fn a_replay_that_states_the_same_agrees() {
    assert_eq!(different(&replay()), [] as [&str; 0]);
}

#[test]
fn each_member_that_differs_is_named() {
    for (name, value) in [
        ("runtime", json!({})),
        ("grader", json!({})),
        ("outcomes", json!({"leaves": 64, "root": digest("other")})),
        ("counts", json!({"answered": 4, "failed": 0, "items": 4})),
        ("scores", json!([{}])),
        ("fuel", json!("701")),
    ] {
        let mut changed = replay();
        changed[name] = value;
        assert_eq!(different(&changed), [name]);
    }
}

#[test]
fn a_replay_that_lacks_a_member_differs_in_it() {
    let mut sampled = replay();
    sampled["outcomes"].take();
    assert_eq!(different(&sampled), ["outcomes"]);
}

#[test]
fn people_are_told_both_statements() {
    let mut changed = replay();
    changed["fuel"] = json!("701");
    let compared = compare(&receipt(), &changed);
    let agrees = false;
    let text = shown(&Replayed { agrees, compared });
    assert!(
        text.contains("  DIFFERENT  fuel: the receipt states \"700\", the replay \"701\"\n"),
        "{text}"
    );
    assert!(
        text.ends_with("the replay does NOT give what the receipt states"),
        "{text}"
    );
}

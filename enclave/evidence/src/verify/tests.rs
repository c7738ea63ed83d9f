//! A real bundle verifies; no changed byte and no planted fault does.

mod assembled;
mod attested;
mod faults;
mod portable;
mod rotation;
pub(crate) mod samples;
mod world;

use std::{collections::BTreeSet, thread};

use samples::ORIGIN;
use world::{Made, Plan, Signer, made};

use super::*;
use crate::{
    bundle::{Bundle, BundleError},
    checkpoint::Checkpoint,
    digest::Digest,
    json,
    keys::P256SigningKey,
    manifest::{ChainError, Role, Until},
    note::VerifierKey,
    policy::Policy,
    record::Receipt,
    wire::Proven,
};

const LINES: [&str; 16] = [
    "bundle",
    "policy",
    "checkpoint",
    "quorum",
    "manifest",
    "later-manifests",
    "evidence",
    "commitment",
    "submission",
    "intent",
    "receipt",
    "order",
    "heads",
    "bindings",
    "scores",
    "single-close",
];

fn verified(made: &Made) -> Report {
    bundle(&made.bundle.to_bytes(), &made.policy)
}

/// Name and reason of the line that failed; every line before must stand, and none may follow.
fn failure(report: &Report) -> (&'static str, String) {
    let names: Vec<_> = report.checks.iter().map(|check| check.name).collect();
    assert_eq!(names, LINES[..names.len()]);
    failure_of(report)
}

/// Name and reason of the line that failed, which is the last one.
fn failure_of(report: &Report) -> (&'static str, String) {
    let last = report.checks.last().unwrap();
    assert!(!report.verified());
    assert_eq!(report.failure(), Some(last));
    match &last.state {
        CheckState::Failed(reason) => (last.name, reason.clone()),
        other => panic!("{} is {other:?}", last.name),
    }
}

fn planted(plan: &Plan) -> (&'static str, String) {
    failure(&verified(&made(plan)))
}

fn altered(change: impl FnOnce(&mut Bundle)) -> (&'static str, String) {
    let mut made = made(&Plan::default());
    change(&mut made.bundle);
    failure(&verified(&made))
}

#[test]
fn a_sound_bundle_verifies_line_by_line() {
    let made = made(&Plan::default());
    let report = verified(&made);
    assert_eq!(report.failure(), None);
    assert!(report.verified());
    let names: Vec<_> = report.checks.iter().map(|check| check.name).collect();
    assert_eq!(names, LINES);
    let unknown = |check: &&Check| matches!(check.state, CheckState::NotChecked(_));
    let unknown: Vec<_> = report
        .checks
        .iter()
        .filter(unknown)
        .map(|check| check.name)
        .collect();
    assert_eq!(unknown, ["quorum", "later-manifests", "single-close"]);
    let facts = report.facts.unwrap();
    assert_eq!(facts.receipt.scores[0].num, 41);
    assert_eq!(facts.signer, made.enclave);
    assert_eq!(facts.receipt_ref.index, 7);
    assert_eq!(facts.attested.checkpoint.size, 9);
}

#[test]
fn a_line_of_the_report_is_flat_json() {
    let made = made(&Plan::default());
    let text = String::from_utf8(json::to_vec(&verified(&made).checks)).unwrap();
    assert!(text.starts_with(
        r#"[{"name":"bundle","says":"the file is a receipt bundle in its one canonical form","state":"passed"}"#
    ));
    assert!(text.ends_with(
        r#""reason":"absence shows only in the whole log","says":"no earlier record closes the intent","state":"not-checked"}]"#
    ));
}

#[test]
fn no_changed_byte_anywhere_in_a_bundle_verifies() {
    let made = made(&Plan::default());
    let text = made.bundle.to_bytes();
    let sweep = |start: usize, step: usize| {
        let mut failed = BTreeSet::new();
        let mut changed = text.clone();
        for at in (start..text.len()).step_by(step) {
            changed[at] ^= 1;
            let report = bundle(&changed, &made.policy);
            assert!(!report.verified(), "byte {at}");
            failed.insert(report.failure().unwrap().name);
            changed[at] ^= 1;
        }
        failed
    };
    let threads = thread::available_parallelism().map_or(2, usize::from);
    let failed: BTreeSet<_> = thread::scope(|scope| {
        let parts: Vec<_> = (0..threads)
            .map(|start| scope.spawn(move || sweep(start, threads)))
            .collect();
        parts
            .into_iter()
            .flat_map(|part| part.join().unwrap())
            .collect()
    });
    // The sweep must reach every layer, not only the JSON reader.
    for name in [
        "bundle",
        "policy",
        "checkpoint",
        "manifest",
        "evidence",
        "commitment",
        "submission",
        "intent",
        "receipt",
        "heads",
    ] {
        assert!(failed.contains(name), "no byte failed at {name}");
    }
}

#[test]
fn a_cut_or_reformatted_bundle_is_refused() {
    let made = made(&Plan::default());
    let text = made.bundle.to_bytes();
    for end in [0, 1, text.len() / 2, text.len() - 1] {
        assert_eq!(failure(&bundle(&text[..end], &made.policy)).0, "bundle");
    }
    let spaced = [text.as_slice(), b"\n"].concat();
    assert_eq!(
        failure(&bundle(&spaced, &made.policy)).1,
        BundleError::NotCanonical.to_string()
    );
    let long = vec![b' '; 4 * 1024 * 1024 + 1];
    assert_eq!(
        failure(&bundle(&long, &made.policy)).1,
        BundleError::TooLong(long.len()).to_string()
    );
}

#[test]
fn unknown_members_and_media_types_are_refused() {
    let made = made(&Plan::default());
    let text = String::from_utf8(made.bundle.to_bytes()).unwrap();
    let more = text.replacen("{\"before\"", "{\"aside\":1,\"before\"", 1);
    let (name, reason) = failure(&bundle(more.as_bytes(), &made.policy));
    assert_eq!(name, "bundle");
    assert!(reason.contains("unknown field `aside`"), "{reason}");
    let (_, reason) = altered(|bundle| bundle.media_type = "text/plain".into());
    assert!(reason.contains("media type \"text/plain\""), "{reason}");
}

#[test]
fn a_policy_for_another_log_or_without_a_pin_or_with_another_pin_refuses() {
    let made = made(&Plan::default());
    let check = |text: &str| {
        failure(&bundle(
            &made.bundle.to_bytes(),
            &Policy::parse(text).unwrap(),
        ))
    };
    let log = VerifierKey::new(ORIGIN, made.log.public()).unwrap();
    let other = VerifierKey::new("log.example.net", made.log.public()).unwrap();
    let (name, reason) = check(&Policy::lone(&other, "", &Digest::of(b"")));
    assert_eq!(
        (name, reason.as_str()),
        (
            "policy",
            "the policy names no log log.example.org; add its `log` line or use another policy"
        )
    );
    let (name, reason) = check(&format!("log {log}\nquorum none\n"));
    assert_eq!(
        (name, reason.as_str()),
        (
            "policy",
            "the policy pins no manifest of log.example.org; add `# assay-manifest log.example.org SHA256`"
        )
    );
    let (name, reason) = check(&Policy::lone(&log, "", &Digest::of(b"")));
    assert_eq!(name, "manifest");
    assert!(
        reason.ends_with(&format!("but {} is pinned", Digest::of(b""))),
        "{reason}"
    );
}

#[test]
fn a_receipt_by_another_key_is_refused_by_that_keys_id() {
    let made = made(&Plan {
        receipt_signer: Signer::Stranger,
        ..Plan::default()
    });
    let (name, reason) = failure(&verified(&made));
    assert_eq!(name, "receipt");
    assert_eq!(
        reason,
        format!(
            "record is signed by the key {}, which does not hold the role enclave-sign at index 7",
            made.stranger
        )
    );
}

#[test]
fn a_key_past_the_end_of_its_range_signs_nothing() {
    let (name, reason) = planted(&Plan {
        manifest: |manifest| {
            for range in &mut manifest.validity {
                range.until = Some(Until::At(if range.role == Role::EnclaveSign {
                    7
                } else {
                    9
                }));
            }
        },
        ..Plan::default()
    });
    assert_eq!(name, "receipt");
    assert!(
        reason.ends_with("does not hold the role enclave-sign at index 7"),
        "{reason}"
    );
    let (name, reason) = planted(&Plan {
        manifest: |manifest| {
            for range in &mut manifest.validity {
                range.until = Some(Until::At(8));
            }
        },
        ..Plan::default()
    });
    assert_eq!(
        (name, reason.as_str()),
        (
            "manifest",
            "manifest gives no log key that signed the checkpoint its role at size 9"
        )
    );
}

#[test]
fn a_foreign_hint_is_refused_in_a_bundle() {
    let (name, reason) = altered(|bundle| {
        bundle.records.receipt.dsse_envelope.signatures[0].keyid = String::new();
    });
    assert_eq!(name, "receipt");
    assert!(
        reason.starts_with("a keyid is , but the key has the id "),
        "{reason}"
    );
    let (name, _) = altered(|bundle| bundle.manifests[0].signatures[0].keyid = "00".into());
    assert_eq!(name, "manifest");
}

#[test]
fn records_and_proofs_that_do_not_belong_are_refused() {
    assert_eq!(
        altered(|bundle| bundle.manifests.clear()),
        ("manifest", ChainError::Empty.to_string())
    );
    let (name, reason) = altered(|bundle| bundle.records.receipt.index = 6);
    assert_eq!(name, "receipt");
    assert!(
        reason.starts_with("record 6 is not in the log of this checkpoint"),
        "{reason}"
    );
    let (name, reason) = altered(|bundle| bundle.records.receipt = bundle.records.intent.clone());
    assert_eq!(name, "receipt");
    assert!(
        reason.contains("instead of \"https://assay.example.org/record/receipt/v1\""),
        "{reason}"
    );
    assert_eq!(
        altered(|bundle| bundle.before.consistency.clear()).0,
        "heads"
    );
    assert_eq!(
        altered(|bundle| bundle.start.intent.push(Digest::of(b""))).0,
        "heads"
    );
    let (name, reason) = planted(&Plan {
        receipt: |receipt| receipt.station = "log.other".into(),
        ..Plan::default()
    });
    assert_eq!(
        (name, reason.as_str()),
        (
            "receipt",
            "record belongs to the log log.other, but stands in log.example.org"
        )
    );
}

#[test]
fn a_logged_record_opens_with_its_place_and_signer() {
    let made = made(&Plan::default());
    let checkpoint = Checkpoint::peek(&made.bundle.checkpoint).unwrap();
    let proven = Proven::from(made.bundle.records.receipt.clone());
    let held = open_logged::<Receipt>(&proven, &checkpoint).unwrap();
    assert_eq!(held.predicate.intent.index, 5);
    assert_eq!(held.reference.index, 7);
    assert_eq!(held.signer, made.enclave);
}

#[test]
fn a_record_under_another_public_key_does_not_open() {
    let made = made(&Plan::default());
    let checkpoint = Checkpoint::peek(&made.bundle.checkpoint).unwrap();
    let mut proven = Proven::from(made.bundle.records.receipt.clone());
    let other = P256SigningKey::from_pkcs8(&P256SigningKey::generate_pkcs8())
        .unwrap()
        .public();
    proven.public_key = crate::base64::encode(&other.spki_der());
    let refused = open_logged::<Receipt>(&proven, &checkpoint).unwrap_err();
    assert_eq!(
        refused,
        LoggedError::Statement(crate::statement::StatementError::Signature(other.key_id()))
    );
    proven.public_key = "AAAA".into();
    let refused = open_logged::<Receipt>(&proven, &checkpoint).unwrap_err();
    assert_eq!(refused, LoggedError::Key(crate::keys::KeyError::NotSpki));
}

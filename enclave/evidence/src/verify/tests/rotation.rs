//! Bundles that carry a second manifest: keys that came, and keys that were closed.

use super::{
    Report, altered, bundle, failure, planted, verified,
    world::{Made, Plan, made},
};
use crate::{
    checkpoint::Checkpoint,
    keys::Ed25519SigningKey,
    manifest::{Manifest, ManifestKey, Role, Until},
    verify::CheckState,
};

/// The index of the receipt and the size of the checkpoint.
const RECEIPT: u64 = 7;
const SIZE: u64 = 9;

fn joining_log_key() -> Ed25519SigningKey {
    Ed25519SigningKey::from_seed([3; 32])
}

/// Version 2 takes in a second log key for the last checkpoint sizes.
fn joined(manifest: &mut Manifest) {
    let key = ManifestKey::Ed25519(joining_log_key().public());
    manifest.add_key(Role::Log, key, SIZE - 1);
}

fn close(manifest: &mut Manifest, role: Role, until: u64) {
    let key = manifest.roles[&role].keyids[0];
    manifest.close_range(&key, &Until::At(until));
}

/// A bundle whose checkpoint is signed by its log's key and by another one.
fn signed_twice(plan: &Plan, other: &Ed25519SigningKey) -> Made {
    let mut made = made(plan);
    let head = Checkpoint::peek(&made.bundle.checkpoint).unwrap();
    let again = head.sign(other).unwrap();
    made.bundle.checkpoint += again.split_once("\n\n").unwrap().1;
    made
}

fn with_second(second: fn(&mut Manifest)) -> Plan {
    Plan {
        second: Some(second),
        ..Plan::default()
    }
}

fn says(report: &Report, name: &str) -> String {
    let named = report.checks.iter().find(|check| check.name == name);
    named.unwrap().says.clone()
}

#[test]
fn a_checkpoint_by_two_keys_verifies_under_the_policy_that_pins_the_first() {
    let made = signed_twice(&with_second(joined), &joining_log_key());
    let report = verified(&made);
    assert_eq!(report.failure(), None);
    assert!(report.verified());
    assert_eq!(
        says(&report, "manifest"),
        "the manifests of log.example.org lead from the pinned one to version 2, each signed by its roots"
    );
    assert_eq!(report.facts.unwrap().chain.newest().version, 2);
}

#[test]
fn manifests_after_the_newest_of_the_bundle_are_not_checked() {
    let report = verified(&made(&Plan::default()));
    let line = &report.checks[5];
    assert_eq!(line.name, "later-manifests");
    assert_eq!(
        line.says,
        "no later manifest closes the range of a key before these records, after version 1"
    );
    assert!(matches!(line.state, CheckState::NotChecked(_)));
}

#[test]
fn a_second_line_counts_only_by_a_log_key_in_force() {
    let refusal = (
        "manifest",
        "signature line 2 of the checkpoint is by no log key that the manifest allows at size 9, or repeats one"
            .to_owned(),
    );
    let by =
        |plan: &Plan, other: &Ed25519SigningKey| failure(&verified(&signed_twice(plan, other)));
    assert_eq!(by(&Plan::default(), &joining_log_key()), refusal);
    let stranger = Ed25519SigningKey::from_seed([4; 32]);
    assert_eq!(by(&with_second(joined), &stranger), refusal);
    let late: fn(&mut Manifest) = |manifest| {
        let key = ManifestKey::Ed25519(joining_log_key().public());
        manifest.add_key(Role::Log, key, SIZE + 1);
    };
    assert_eq!(by(&with_second(late), &joining_log_key()), refusal);
}

#[test]
fn no_byte_of_the_second_line_and_of_the_second_manifest_may_change() {
    let mut made = signed_twice(&with_second(joined), &joining_log_key());
    let line = made.bundle.checkpoint.lines().last().unwrap().len();
    let text = made.bundle.checkpoint.clone();
    for at in text.len() - 1 - line..text.len() {
        let mut changed = text.clone().into_bytes();
        changed[at] ^= 1;
        let Ok(changed) = String::from_utf8(changed) else {
            continue;
        };
        made.bundle.checkpoint = changed;
        assert!(!verified(&made).verified(), "byte {at}");
    }
    made.bundle.checkpoint = text;
    let text = String::from_utf8(made.bundle.to_bytes()).unwrap();
    let second = text.find("\"manifests\"").unwrap();
    let start = second + text[second..].find("},{").unwrap();
    let end = start + text[start..].find("\"mediaType\"").unwrap_or(200);
    for at in (start..end.min(text.len())).step_by(7) {
        let mut changed = text.clone().into_bytes();
        changed[at] ^= 1;
        assert!(!bundle(&changed, &made.policy).verified(), "byte {at}");
    }
}

#[test]
fn a_receipt_by_a_key_retired_before_its_index_is_refused_and_one_before_verifies() {
    let (name, reason) = planted(&with_second(|manifest| {
        close(manifest, Role::EnclaveSign, RECEIPT);
    }));
    assert_eq!(name, "receipt");
    assert!(
        reason.ends_with("does not hold the role enclave-sign at index 7"),
        "{reason}"
    );
    let report = verified(&made(&with_second(|manifest| {
        close(manifest, Role::EnclaveSign, RECEIPT + 1);
    })));
    assert!(report.verified(), "{:?}", report.failure());
}

#[test]
fn the_log_key_of_the_policy_must_reach_the_checkpoint() {
    let closed: fn(&mut Manifest) = |manifest| {
        close(manifest, Role::Log, SIZE - 1);
        joined(manifest);
    };
    assert_eq!(
        planted(&with_second(closed)),
        (
            "manifest",
            "manifest gives no log key that signed the checkpoint its role at size 9".into()
        )
    );
}

#[test]
fn a_missing_first_manifest_and_a_foreign_hint_are_refused() {
    let mut made = made(&with_second(joined));
    made.bundle.manifests.swap(0, 1);
    let (name, reason) = failure(&verified(&made));
    assert_eq!(name, "manifest");
    assert!(reason.ends_with("is pinned"), "{reason}");
    made.bundle.manifests.swap(0, 1);
    made.bundle.manifests[1].signatures[0].keyid = "00".into();
    let (name, reason) = failure(&verified(&made));
    assert_eq!(name, "manifest");
    assert!(
        reason.starts_with("a keyid is 00, but the key has the id "),
        "{reason}"
    );
    let (name, _) = altered(|bundle| bundle.manifests[0].signatures[0].keyid = "00".into());
    assert_eq!(name, "manifest");
}

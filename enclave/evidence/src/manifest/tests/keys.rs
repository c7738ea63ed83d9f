//! Keys that a manifest does not take in: weak, malformed, published, or listed twice.

use std::collections::BTreeSet;

use super::*;
use crate::json::JsonError;

#[test]
fn a_published_test_key_is_refused() {
    let seed = Digest::of(b"TEST ONLY station-a log key").0;
    let test_key = ManifestKey::Ed25519(Ed25519SigningKey::from_seed(seed).public());
    let id = test_key.id();
    assert_eq!(
        refused(|manifest| drop(manifest.keys.insert(id, test_key))),
        ManifestError::TestKey(id)
    );
}

#[test]
fn weak_and_malformed_keys_do_not_parse() {
    let manifest = sound();
    let text = String::from_utf8(json::to_vec(&manifest)).unwrap();
    let log = hex_of(&manifest, Role::Log);
    let age = "age1".to_owned() + &"q".repeat(58);
    for (from, to, reason) in [
        (log.as_str(), "0".repeat(64).as_str(), "weak Ed25519 key"),
        (log.as_str(), "00", "an Ed25519 public key has 32 bytes"),
        (log.as_str(), "XY", "Ed25519 key is not 64 hex digits"),
        (age.as_str(), "age1qq", "seal recipient is not"),
        (
            "\"age-v1\"",
            "\"age-v2\"",
            "key type \"x25519\" with scheme \"age-v2\" is unknown",
        ),
        (
            "-----BEGIN",
            "-----begin",
            "not the PEM of a P-256 public key",
        ),
        (
            "\"peers\":[]",
            "\"peers\":[],\"note\":1",
            "unknown field `note`",
        ),
    ] {
        let changed = text.replacen(from, to, 1);
        assert_ne!(changed, text);
        let error = json::from_slice::<Manifest>(changed.as_bytes())
            .unwrap_err()
            .to_string();
        assert!(error.contains(reason), "{error}");
    }
}

#[test]
fn no_small_order_key_stands_in_any_ed25519_role() {
    let ends = ["7f", "ff"];
    let edged = |first: &str| ends.map(|end| format!("{first}{}{end}", "ff".repeat(30)));
    let plain = |rest: &str| ["00", "80"].map(|end| rest.to_owned() + end);
    let points = [
        "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc",
        "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03",
    ];
    let weak: Vec<String> = [
        plain(&"00".repeat(31)),
        plain(&("01".to_owned() + &"00".repeat(30))),
        edged("ec"),
        edged("ed"),
        edged("ee"),
        ["05", "85"].map(|end| points[0].to_owned() + end),
        ["7a", "fa"].map(|end| points[1].to_owned() + end),
    ]
    .concat();
    assert_eq!(weak.iter().collect::<BTreeSet<_>>().len(), 14);
    let mut manifest = sound();
    manifest.add_key(Role::Witness, ed25519(4), 0);
    manifest.add_key(Role::Mirror, ed25519(5), 0);
    let text = String::from_utf8(json::to_vec(&manifest)).unwrap();
    for role in [Role::Root, Role::Log, Role::Witness, Role::Mirror] {
        for point in &weak {
            let changed = text.replacen(&hex_of(&manifest, role), point, 1);
            let error = json::from_slice::<Manifest>(changed.as_bytes()).unwrap_err();
            assert_eq!(
                error.to_string(),
                "JSON has another shape: weak Ed25519 key: its point has small order; generate another key"
            );
        }
    }
}

#[test]
fn one_key_id_listed_twice_is_refused() {
    let mut envelope = sign(&[], &sound());
    let text = String::from_utf8(envelope.payload).unwrap();
    let id = only(&json::from_slice(text.as_bytes()).unwrap(), Role::Log);
    let entry = text.find(&format!("\"{id}\":{{")).unwrap();
    let end = text[entry..].find('}').unwrap() + entry;
    let twice = format!("{},{}", &text[entry..=end], &text[entry..=end]);
    envelope.payload = text.replacen(&text[entry..=end], &twice, 1).into_bytes();
    let pinned = payload_digest(&envelope);
    assert_eq!(
        Chain::open(&[envelope], &pinned),
        Err(ChainError::Unsound {
            version: 1,
            reason: ManifestError::Json(JsonError::DuplicateKey(id.to_string()))
        })
    );
}

fn hex_of(manifest: &Manifest, role: Role) -> String {
    match &manifest.keys[&only(manifest, role)] {
        ManifestKey::Ed25519(key) => crate::hex::encode(key.as_bytes()),
        other => panic!("{other:?} has no hex"),
    }
}

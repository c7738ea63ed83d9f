//! Python `securesystemslib` over exported envelopes, the manifest, and the golden DSSE sample.
//!
//! It matches signatures with keys by key id alone, so it also judges the ids that we write.

use std::fs;

use assay_evidence::{
    base64,
    digest::Digest,
    keys::{Ed25519PublicKey, Ed25519SigningKey, P256SigningKey},
};
use assay_tests::programs::root;
use serde_json::{Value, json};

use crate::{
    checkers::{self, assert_refusals},
    station::{self, Change, RECORDS, Station, refusals, turn_base64},
};

const UNMET: &str = "VerificationError: Accepted signatures do not match threshold";

const CHANGES: [Change; 8] = [
    ("payload", UNMET, |e| turn_base64(e, "/payload")),
    ("payload-type", UNMET, |e| {
        e["payloadType"] = "application/vnd.in-toto+jsoN".into();
    }),
    ("signature", UNMET, |e| turn_base64(e, "/signatures/0/sig")),
    ("signature-cut", UNMET, |e| {
        e["signatures"][0]["sig"] = "MEQC".into();
    }),
    ("keyid", UNMET, |e| {
        e["signatures"][0]["keyid"] = "00".repeat(32).into();
    }),
    ("no-keyid", "KeyError", |e| {
        e["signatures"][0]
            .as_object_mut()
            .expect("an object")
            .remove("keyid");
    }),
    ("no-signature", UNMET, |e| e["signatures"] = json!([])),
    (
        "signature-twice",
        "ValueError: Multiple signatures found for keyid",
        |e| {
            let twice = e["signatures"][0].clone();
            e["signatures"].as_array_mut().expect("a list").push(twice);
        },
    ),
];

fn ed25519_pem(key: &Ed25519PublicKey) -> String {
    let body = base64::encode(&key.spki_der());
    format!("-----BEGIN PUBLIC KEY-----\n{body}\n-----END PUBLIC KEY-----\n")
}

#[test]
fn securesystemslib_verifies_all_five_records_and_refuses_each_changed_copy() {
    let station = Station::new();
    for record in RECORDS {
        let key = station.exported(record, "--public-key");
        let envelope = station.exported(record, "--envelope");
        let answers = checkers::securesystemslib(&key, &[envelope]);
        assert_eq!(
            answers.values().next(),
            Some(&Ok(())),
            "{record}: {answers:?}"
        );
    }
    let key = station.exported("receipt", "--public-key");
    let file = station.exported("receipt", "--envelope");
    let copies = station.copies(&station::json(&file), &CHANGES);
    assert_refusals(
        &checkers::securesystemslib(&key, &copies),
        &refusals(&CHANGES),
    );

    let stranger = P256SigningKey::from_pkcs8(&P256SigningKey::generate_pkcs8()).unwrap();
    let other = station.write("other.pem", stranger.public().pem());
    let answers = checkers::securesystemslib(&other, std::slice::from_ref(&file));
    assert_refusals(&answers, &[("receipt--envelope", UNMET)]);

    the_manifest_verifies_under_its_root_key(&station);
}

fn the_manifest_verifies_under_its_root_key(station: &Station) {
    let manifests = station.world.get("/manifest.json");
    let manifest = &manifests[0];
    let file = station.write("manifest.json", manifest.to_string());
    let payload = base64::decode(manifest["payload"].as_str().unwrap()).unwrap();
    let payload: Value = serde_json::from_slice(&payload).unwrap();
    let role_key = |role: &str| {
        let id = payload["roles"][role]["keyids"][0].as_str().unwrap();
        let raw = payload["keys"][id]["public"].as_str().unwrap();
        let raw = assay_evidence::hex::decode(raw).unwrap();
        station.write(
            role,
            ed25519_pem(&Ed25519PublicKey::from_slice(&raw).unwrap()),
        )
    };
    let answers = checkers::securesystemslib(&role_key("root"), std::slice::from_ref(&file));
    assert_eq!(answers["manifest.json"], Ok(()));
    let answers = checkers::securesystemslib(&role_key("log"), &[file]);
    assert_refusals(&answers, &[("manifest.json", UNMET)]);
}

#[test]
fn securesystemslib_verifies_the_golden_sample_with_its_own_key_id() {
    let folder = tempfile::tempdir().unwrap();
    let key = Ed25519SigningKey::from_seed(Digest::of(b"TEST ONLY enclave signing key").0);
    let pem = folder.path().join("key.pem");
    fs::write(&pem, ed25519_pem(&key.public())).unwrap();
    let golden = root().join("tests/vectors/log/statement.dsse.json");
    let answers = checkers::securesystemslib(&pem, std::slice::from_ref(&golden));
    assert_eq!(answers["statement.dsse.json"], Ok(()));

    let changed = folder.path().join("changed");
    let mut envelope = station::json(&golden);
    turn_base64(&mut envelope, "/payload");
    fs::write(&changed, envelope.to_string()).unwrap();
    assert_refusals(
        &checkers::securesystemslib(&pem, &[changed]),
        &[("changed", UNMET)],
    );
}

//! npm `@sigstore/verify` over exported sigstore bundles.

use std::fs;

use assay_evidence::{
    checkpoint::Checkpoint,
    digest::Digest,
    keys::{Ed25519SigningKey, P256SigningKey},
    note::VerifierKey,
    sigstore::trusted_root,
};
use serde_json::{Value, json};

use crate::{
    checkers::{self, assert_refusals},
    station::{self, Change, RECORDS, Station, refusals, turn_base64},
};

const ENTRY: &str = "/verificationMaterial/tlogEntries/0";

fn set(document: &mut Value, at: &str, value: impl Into<Value>) {
    let slot = document
        .pointer_mut(at)
        .unwrap_or_else(|| panic!("{at} is absent"));
    *slot = value.into();
}

fn entry(document: &mut Value) -> &mut Value {
    document.pointer_mut(ENTRY).expect("the one entry")
}

fn replace(document: &mut Value, at: &str, change: impl FnOnce(&str) -> String) {
    let at = format!("{ENTRY}{at}");
    let text = document
        .pointer(&at)
        .and_then(Value::as_str)
        .expect("a text");
    let changed = change(text);
    set(document, &at, changed);
}

const UNSIGNED_HEAD: &str = "TLOG_INCLUSION_PROOF_ERROR: invalid checkpoint signature";
const CHECKPOINT: &str = "/inclusionProof/checkpoint/envelope";

/// Each thing that binds, changed by itself.
const CHANGES: [Change; 21] = [
    ("payload", "TLOG_BODY_ERROR: digest mismatch", |b| {
        turn_base64(b, "/dsseEnvelope/payload");
    }),
    ("payload-type", "TLOG_BODY_ERROR: digest mismatch", |b| {
        set(b, "/dsseEnvelope/payloadType", "application/json");
    }),
    ("signature", "TLOG_BODY_ERROR: signature mismatch", |b| {
        turn_base64(b, "/dsseEnvelope/signatures/0/sig");
    }),
    ("two-signatures", "Error: invalid bundle: content", |b| {
        let twice = b["dsseEnvelope"]["signatures"][0].clone();
        b["dsseEnvelope"]["signatures"]
            .as_array_mut()
            .expect("a list")
            .push(twice);
    }),
    ("no-signature", "Error: invalid bundle: content", |b| {
        set(b, "/dsseEnvelope/signatures", json!([]));
    }),
    ("hint", "PUBLIC_KEY_ERROR: key not found", |b| {
        turn_base64(b, "/verificationMaterial/publicKey/hint");
    }),
    (
        "no-entry",
        "TLOG_ERROR: expected 1 tlog entries, got 0",
        |b| {
            set(b, "/verificationMaterial/tlogEntries", json!([]));
        },
    ),
    ("entry-twice", "TLOG_ERROR: duplicate tlog entry", |b| {
        let twice = b["verificationMaterial"]["tlogEntries"][0].clone();
        b["verificationMaterial"]["tlogEntries"]
            .as_array_mut()
            .expect("a list")
            .push(twice);
    }),
    ("log-id", UNSIGNED_HEAD, |b| {
        turn_base64(b, &format!("{ENTRY}/logId/keyId"));
    }),
    ("kind", "TLOG_BODY_ERROR: kind/version mismatch", |b| {
        entry(b)["kindVersion"]["kind"] = "dsse".into();
    }),
    (
        "kind-version",
        "TLOG_BODY_ERROR: kind/version mismatch",
        |b| {
            entry(b)["kindVersion"]["version"] = "0.0.1".into();
        },
    ),
    (
        "leaf",
        "TLOG_INCLUSION_PROOF_ERROR: calculated root hash",
        |b| {
            turn_base64(b, &format!("{ENTRY}/canonicalizedBody"));
        },
    ),
    (
        "leaf-spelling",
        "TLOG_INCLUSION_PROOF_ERROR: calculated root hash",
        |b| {
            replace(b, "/canonicalizedBody", |text| {
                let leaf = assay_evidence::base64::decode(text).expect("canonical base64");
                assay_evidence::base64::encode(&[b" ", leaf.as_slice()].concat())
            });
        },
    ),
    (
        "proof-hash",
        "TLOG_INCLUSION_PROOF_ERROR: calculated root hash",
        |b| {
            turn_base64(b, &format!("{ENTRY}/inclusionProof/hashes/0"));
        },
    ),
    (
        "proof-short",
        "TLOG_INCLUSION_PROOF_ERROR: invalid hash count",
        |b| {
            entry(b)["inclusionProof"]["hashes"]
                .as_array_mut()
                .expect("a list")
                .pop();
        },
    ),
    ("proof-index", "TLOG_INCLUSION_PROOF_ERROR", |b| {
        entry(b)["inclusionProof"]["logIndex"] = "0".into();
    }),
    (
        "proof-index-negative",
        "TLOG_INCLUSION_PROOF_ERROR: invalid index: -1",
        |b| {
            entry(b)["inclusionProof"]["logIndex"] = "-1".into();
        },
    ),
    (
        "no-proof",
        "Error: invalid bundle: verificationMaterial.tlogEntries[0].inclusionProof",
        |b| {
            drop(
                entry(b)
                    .as_object_mut()
                    .expect("an object")
                    .remove("inclusionProof"),
            );
        },
    ),
    ("checkpoint-size", UNSIGNED_HEAD, |b| {
        replace(b, CHECKPOINT, |note| {
            let size = note.lines().nth(1).expect("the size");
            note.replacen(&format!("\n{size}\n"), &format!("\n{size}0\n"), 1)
        });
    }),
    (
        "checkpoint-origin",
        "TLOG_INCLUSION_PROOF_ERROR: too few lines",
        |b| {
            replace(b, CHECKPOINT, |note| {
                let (_, rest) = note.split_once('\n').expect("three lines");
                rest.to_owned()
            });
        },
    ),
    ("checkpoint-signature", UNSIGNED_HEAD, |b| {
        replace(b, CHECKPOINT, |note| {
            let at = note.rfind(' ').expect("a signature line") + 20;
            let other = if &note[at..=at] == "A" { "B" } else { "A" };
            format!("{}{other}{}", &note[..at], &note[at + 1..])
        });
    }),
];

#[test]
fn npm_verifies_all_five_records_and_refuses_each_changed_copy() {
    let station = Station::new();
    let root = station.exported("receipt", "--trusted-root");
    for record in RECORDS {
        let key = station.exported(record, "--public-key");
        let bundle = station.exported(record, "--sigstore");
        let answers = checkers::sigstore(&root, &key, &[bundle]);
        assert_eq!(
            answers.values().next(),
            Some(&Ok(())),
            "{record}: {answers:?}"
        );
    }
    let (key, bundle) = (
        station.exported("receipt", "--public-key"),
        station::json(&station.exported("receipt", "--sigstore")),
    );
    let copies = station.copies(&bundle, &CHANGES);
    assert_refusals(
        &checkers::sigstore(&root, &key, &copies),
        &refusals(&CHANGES),
    );

    envelopes_of_other_records_are_refused(&station, &bundle);
    other_keys_and_other_logs_are_refused(&station, &bundle);
    what_it_does_not_compare_is_still_known(&station, &bundle);
}

/// A genuine envelope beside the proof of another record.
fn envelopes_of_other_records_are_refused(station: &Station, bundle: &Value) {
    let intent = station::json(&station.exported("intent", "--sigstore"));
    let mut swapped = bundle.clone();
    swapped["dsseEnvelope"] = intent["dsseEnvelope"].clone();
    let mut moved = bundle.clone();
    moved["verificationMaterial"] = intent["verificationMaterial"].clone();
    let files = [
        station.write("swapped-envelope", swapped.to_string()),
        station.write("swapped-proof", moved.to_string()),
    ];
    let (root, key) = trust(station);
    let answers = checkers::sigstore(&root, &key, &files);
    assert_refusals(
        &answers,
        &[
            ("swapped-envelope", "TLOG_BODY_ERROR: signature mismatch"),
            ("swapped-proof", "TLOG_BODY_ERROR: signature mismatch"),
        ],
    );
}

fn trust(station: &Station) -> (std::path::PathBuf, std::path::PathBuf) {
    let root = station.exported("receipt", "--trusted-root");
    (root, station.exported("receipt", "--public-key"))
}

/// The same files under a stranger's key, a stranger's log, and a head that a stranger signed.
fn other_keys_and_other_logs_are_refused(station: &Station, bundle: &Value) {
    let (root, key) = trust(station);
    let original = station.write("original", bundle.to_string());
    let stranger = P256SigningKey::from_pkcs8(&P256SigningKey::generate_pkcs8()).unwrap();
    let other_key = station.write("other.pem", stranger.public().pem());
    let answers = checkers::sigstore(&root, &other_key, std::slice::from_ref(&original));
    assert_refusals(&answers, &[("original", "PUBLIC_KEY_ERROR: key not found")]);

    let log = Ed25519SigningKey::from_seed(Digest::of(b"a log that nobody runs").0);
    let note = bundle
        .pointer(&format!("{ENTRY}{CHECKPOINT}"))
        .and_then(Value::as_str);
    let head = Checkpoint::peek(note.expect("a checkpoint")).unwrap();
    let vkey = VerifierKey::new(&head.origin, log.public()).unwrap();
    let other_root = station.write("other_root.json", trusted_root(&[vkey]));
    let answers = checkers::sigstore(&other_root, &key, std::slice::from_ref(&original));
    assert_refusals(&answers, &[("original", UNSIGNED_HEAD)]);

    let mut forged = bundle.clone();
    entry(&mut forged)["inclusionProof"]["checkpoint"]["envelope"] =
        head.sign(&log).unwrap().into();
    let forged = station.write("forged-head", forged.to_string());
    assert_refusals(
        &checkers::sigstore(&root, &key, &[forged]),
        &[("forged-head", UNSIGNED_HEAD)],
    );
}

/// Repetitions that this verifier ignores; when it begins to compare them, this fails and can go.
fn what_it_does_not_compare_is_still_known(station: &Station, bundle: &Value) {
    let ignored: [Change; 4] = [
        ("ignored-outer-index", "", |b| {
            entry(b)["logIndex"] = "0".into();
        }),
        ("ignored-tree-size", "", |b| {
            entry(b)["inclusionProof"]["treeSize"] = "1".into();
        }),
        ("ignored-root", "", |b| {
            turn_base64(b, &format!("{ENTRY}/inclusionProof/rootHash"));
        }),
        ("ignored-keyid", "", |b| {
            set(b, "/dsseEnvelope/signatures/0/keyid", "another");
        }),
    ];
    let (root, key) = trust(station);
    let answers = checkers::sigstore(&root, &key, &station.copies(bundle, &ignored));
    assert!(answers.values().all(Result::is_ok), "{answers:?}");
}

#[test]
fn the_station_serves_the_trusted_root_that_is_exported() {
    let station = Station::new();
    let exported = fs::read_to_string(station.exported("receipt", "--trusted-root")).unwrap();
    assert_eq!(station.world.get_text("/trusted_root.json"), exported);
    let stored = station
        .world
        .station()
        .join("data/public/trusted_root.json");
    assert_eq!(fs::read_to_string(stored).unwrap(), exported);
}

//! The export of one record, field by field, and what has no export. Stock verifiers read real ones in
//! `tests/outsiders`.

use super::*;
use crate::{
    json::Value,
    keys::{Ed25519SigningKey, P256SigningKey},
    note::NoteError,
    record::{AbortReason, RecordRef, RunAbort},
    statement::{self, Subject, sign_record},
    tree::{ProofError, Tree},
};

const ORIGIN: &str = "log.station-a.example.org";

fn log_key() -> Ed25519SigningKey {
    Ed25519SigningKey::from_seed(Digest::of(b"TEST ONLY station-a log key").0)
}

fn log() -> VerifierKey {
    VerifierKey::new(ORIGIN, log_key().public()).unwrap()
}

/// A record at place 2 of 5, and the signed checkpoint over all.
fn logged() -> (Record, String) {
    let key = P256SigningKey::from_pkcs8(&P256SigningKey::generate_pkcs8()).unwrap();
    let abort = RunAbort {
        answered: 7,
        declared: "2026-01-01T00:00:00Z".into(),
        intent: RecordRef {
            index: 1,
            leaf: Digest::of(b"intent"),
            origin: ORIGIN.into(),
        },
        nonce: Digest::of(b"nonce"),
        reason: AbortReason::KeeperLost,
        station: ORIGIN.into(),
    };
    let subject = Subject::new("adapter", Digest::of(b"adapter"));
    let envelope = sign_record(&key, &[subject], &abort);
    let own = leaf::hash(&leaf::data(&envelope, &key.public()).unwrap());
    let other = |i: u8| leaf::hash(&[i]);
    let tree: Tree = [other(0), other(1), own, other(3), other(4)]
        .into_iter()
        .collect();
    let head = Checkpoint {
        origin: ORIGIN.into(),
        size: 5,
        root: tree.root(),
    };
    let record = Record {
        dsse_envelope: envelope,
        index: 2,
        path: tree.inclusion(2, 5),
        public_key: base64::encode(&key.public().spki_der()),
    };
    (record, head.sign(&log_key()).unwrap())
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap()
}

#[test]
fn the_bundle_of_a_record_holds_all_that_a_stock_verifier_needs() {
    let (record, note) = logged();
    let bytes = bundle(&record, &note, &log()).unwrap();
    let made = json::parse(&bytes).unwrap();
    assert_eq!(json::to_vec(&made), bytes);
    assert_eq!(made["mediaType"], BUNDLE_MEDIA_TYPE);
    assert_eq!(
        json::to_vec(&made["dsseEnvelope"]),
        record.dsse_envelope.to_bytes()
    );
    let material = &made["verificationMaterial"];
    let spki = base64::decode(&record.public_key).unwrap();
    assert_eq!(
        text(&material["publicKey"]["hint"]),
        Digest::of(&spki).to_base64()
    );
    assert_eq!(material["timestampVerificationData"], json!({}));
    assert_eq!(material["tlogEntries"].as_array().unwrap().len(), 1);
    let entry = &material["tlogEntries"][0];
    assert_eq!(text(&entry["logIndex"]), "2");
    assert_eq!(text(&entry["integratedTime"]), "0");
    assert_eq!(
        entry["kindVersion"],
        json!({"kind": "hashedrekord", "version": "0.0.2"})
    );
    let body = base64::decode(text(&entry["canonicalizedBody"])).unwrap();
    let leaf = leaf::Leaf::parse(&body).unwrap();
    assert_eq!(leaf.matches(&record.dsse_envelope), Ok(()));
    let proof = &entry["inclusionProof"];
    assert_eq!(text(&proof["logIndex"]), "2");
    assert_eq!(text(&proof["treeSize"]), "5");
    assert_eq!(proof["hashes"].as_array().unwrap().len(), 3);
    assert_eq!(text(&proof["checkpoint"]["envelope"]), note);
    assert!(note.contains(text(&proof["rootHash"])));
}

#[test]
fn the_log_id_is_the_whole_hash_that_the_key_id_begins() {
    let (record, note) = logged();
    let made = json::parse(&bundle(&record, &note, &log()).unwrap()).unwrap();
    let id = text(&made["verificationMaterial"]["tlogEntries"][0]["logId"]["keyId"]).to_owned();
    let id = base64::decode(&id).unwrap();
    assert_eq!((id.len(), &id[..4]), (32, log().id().as_slice()));
}

#[test]
fn the_trusted_root_of_the_golden_log_is_these_bytes() {
    let expected = format!(
        "{{\"certificateAuthorities\":[],\"ctlogs\":[],\"mediaType\":\"application/vnd.dev.sigstore.trustedroot+json;version=0.1\",\"timestampAuthorities\":[],\"tlogs\":[{{\"baseUrl\":\"https://log.station-a.example.org\",\"hashAlgorithm\":\"SHA2_256\",\"logId\":{{\"keyId\":\"{}\"}},\"publicKey\":{{\"keyDetails\":\"PKIX_ED25519\",\"rawBytes\":\"MCowBQYDK2VwAyEAElqRh7ZLhH19/XR64zPgI49tpi6HHwgltbwq5wUrz4A=\",\"validFor\":{{\"start\":\"1970-01-01T00:00:00Z\"}}}}}}]}}",
        log().log_id().to_base64()
    );
    assert_eq!(String::from_utf8(trusted_root(&[log()])).unwrap(), expected);
    let id = log().log_id().to_string();
    assert!(id.starts_with("7b5c348b"), "{id}");
}

#[test]
fn the_hint_of_the_key_in_the_specification_of_dsse_holds() {
    let spki = base64::decode("MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEZ805D3eqNZywjCI19lInBJOp7YMrCrzAH3CVTAOQ0jgMeCvVTiaRJaRPRDOv8UMs6U4SvKc6pnrIDOoSYI3fdA==").unwrap();
    let key = P256PublicKey::from_spki_der(&spki).unwrap();
    assert_eq!(
        key_hint(&key),
        "95NYAGBWLW/wddgU6mmMKC/Md5sM3mTXn/xjAd8A0Us="
    );
}

#[test]
fn a_record_that_does_not_verify_has_no_export() {
    let (record, note) = logged();
    let refused = |change: &dyn Fn(&mut Record)| {
        let mut changed = record.clone();
        change(&mut changed);
        match bundle(&changed, &note, &log()) {
            Err(ExportError::Record(reason)) => reason,
            other => panic!("{other:?}"),
        }
    };
    assert_eq!(
        refused(&|record| record.index = 3),
        LoggedError::NotIncluded {
            index: 3,
            reason: ProofError::Root
        }
    );
    assert_eq!(
        refused(&|record| record.path.truncate(2)),
        LoggedError::NotIncluded {
            index: 2,
            reason: ProofError::Length(2)
        }
    );
    let signer = verify::public_key(&Proven::from(record.clone())).unwrap();
    assert_eq!(
        refused(&|record| record.dsse_envelope.payload.push(b' ')),
        LoggedError::Statement(statement::StatementError::Signature(signer.key_id()))
    );
    let other = VerifierKey::new(ORIGIN, Ed25519SigningKey::from_seed([7; 32]).public()).unwrap();
    assert_eq!(
        bundle(&record, &note, &other),
        Err(ExportError::Checkpoint(CheckpointError::Note(
            NoteError::Unsigned(other.to_string())
        )))
    );
}

//! Records signed, opened, and refused for each reason.

use super::*;
use crate::record::{AbortReason, RecordRef, RunAbort, RunIntent};

fn key() -> P256SigningKey {
    P256SigningKey::from_pkcs8(&P256SigningKey::generate_pkcs8()).unwrap()
}

fn abort() -> RunAbort {
    RunAbort {
        answered: 3,
        declared: "2026-01-02T03:04:05Z".into(),
        intent: RecordRef {
            index: 7,
            leaf: Digest::of(b"leaf"),
            origin: "log.example.org".into(),
        },
        nonce: Digest::of(b"nonce"),
        reason: AbortReason::Operator,
        station: "log.example.org".into(),
    }
}

fn signed(key: &P256SigningKey) -> Envelope {
    sign_record(key, &[Subject::new("adapter", Digest::of(b"a"))], &abort())
}

fn resigned(key: &P256SigningKey, payload_type: &str, payload: &str) -> Envelope {
    Envelope {
        payload: payload.into(),
        payload_type: payload_type.into(),
        signatures: vec![Signature {
            keyid: String::new(),
            sig: key.sign(&pae(payload_type, payload.as_bytes())),
        }],
    }
}

#[test]
fn a_record_opens_under_its_key_and_says_what_was_signed() {
    let key = key();
    let envelope = signed(&key);
    let opened = open_record::<RunAbort>(&envelope, &key.public()).unwrap();
    assert_eq!(opened.predicate, abort());
    assert_eq!(opened.subjects, [Subject::new("adapter", Digest::of(b"a"))]);
    assert_eq!(predicate_name(&envelope), Ok("run-abort".into()));
    assert_eq!(
        envelope.signatures[0].keyid,
        key.public().key_id().to_string()
    );
}

#[test]
fn the_payload_is_a_canonical_in_toto_statement() {
    let payload = String::from_utf8(signed(&key()).payload).unwrap();
    let digest = Digest::of(b"a");
    assert!(
        payload.starts_with(
            r#"{"_type":"https://in-toto.io/Statement/v1","predicate":{"answered":3,"#
        )
    );
    assert!(payload.ends_with(&format!(
        r#""predicateType":"https://assay.example.org/record/run-abort/v1","subject":[{{"digest":{{"sha256":"{digest}"}},"name":"adapter"}}]}}"#
    )));
}

#[test]
fn another_key_a_second_signature_and_a_changed_byte_are_refused() {
    let (key, other) = (key(), key());
    let envelope = signed(&key);
    assert_eq!(
        open_record::<RunAbort>(&envelope, &other.public()),
        Err(StatementError::Signature(other.public().key_id()))
    );
    let mut twice = envelope.clone();
    twice.signatures.push(envelope.signatures[0].clone());
    assert_eq!(
        open_record::<RunAbort>(&twice, &key.public()),
        Err(StatementError::SignatureCount(2))
    );
    let mut changed = envelope;
    changed.payload[30] ^= 1;
    assert_eq!(
        open_record::<RunAbort>(&changed, &key.public()),
        Err(StatementError::Signature(key.public().key_id()))
    );
}

#[test]
fn a_swapped_keyid_alone_changes_nothing() {
    let key = key();
    let mut envelope = signed(&key);
    envelope.signatures[0].keyid = Digest::of(b"foreign").to_string();
    assert_eq!(
        open_record::<RunAbort>(&envelope, &key.public())
            .unwrap()
            .predicate,
        abort()
    );
}

#[test]
fn other_types_are_refused_at_each_layer() {
    let key = key();
    assert_eq!(
        open_record::<RunIntent>(&signed(&key), &key.public()),
        Err(StatementError::PredicateType {
            expected: "https://assay.example.org/record/run-intent/v1".into(),
            found: "https://assay.example.org/record/run-abort/v1".into(),
        })
    );
    let payload = String::from_utf8(signed(&key).payload).unwrap();
    assert_eq!(
        open_record::<RunAbort>(&resigned(&key, "text/plain", &payload), &key.public()),
        Err(StatementError::PayloadType("text/plain".into()))
    );
    let v01 = payload.replacen("Statement/v1", "Statement/v0.1", 1);
    assert_eq!(
        open_record::<RunAbort>(&resigned(&key, PAYLOAD_TYPE, &v01), &key.public()),
        Err(StatementError::StatementType(
            "https://in-toto.io/Statement/v0.1".into()
        ))
    );
}

#[test]
fn missing_unknown_and_doubled_fields_are_refused() {
    let key = key();
    let payload = String::from_utf8(signed(&key).payload).unwrap();
    let open = |payload: &str| {
        open_record::<RunAbort>(&resigned(&key, PAYLOAD_TYPE, payload), &key.public()).unwrap_err()
    };
    assert_eq!(
        open(&payload.replacen("\"answered\":3,", "", 1)),
        StatementError::Json(JsonError::Shape("missing field `answered`".into()))
    );
    assert_eq!(
        open(&payload.replacen("\"answered\":3,", "\"answered\":3,\"answered\":4,", 1)),
        StatementError::Json(JsonError::DuplicateKey("answered".into()))
    );
    assert!(
        open(&payload.replacen("\"answered\":3,", "\"answered\":3,\"note\":1,", 1))
            .to_string()
            .starts_with("statement: JSON has another shape: unknown field `note`")
    );
    let start = payload.find("\"subject\":[").unwrap() + "\"subject\":[".len();
    assert_eq!(
        open(&format!("{}]}}", &payload[..start])),
        StatementError::NoSubject
    );
}

//! DSSE against the `dsse` crate, with the curves of `p256` and `ed25519-dalek` behind it.
//!
//! That crate reads neither statements nor strict JSON, so what only our reader refuses is tested
//! beside our reader.

use std::fs;

use assay_evidence::{
    base64,
    digest::Digest,
    dsse::{Envelope, pae},
    keys::{P256PublicKey, P256SigningKey},
    record::{AbortReason, RecordRef, RunAbort},
    statement::{self, Subject},
};
use assay_tests::programs::root;
use dsse::{Ed25519Verifier, Error, Verifier};
use p256::ecdsa::{Signature, VerifyingKey, signature::Verifier as _};
use proptest::prelude::*;

/// A P-256 key as `p256` reads it.
struct P256(VerifyingKey, String);

impl P256 {
    fn of(key: &P256PublicKey) -> Self {
        let point = &key.spki_der()[26..];
        let read = VerifyingKey::from_sec1_bytes(point).expect("a point on the curve");
        Self(read, key.key_id().to_string())
    }
}

impl Verifier for P256 {
    fn verify(&self, message: &[u8], signature: &[u8]) -> bool {
        Signature::from_der(signature).is_ok_and(|sig| self.0.verify(message, &sig).is_ok())
    }

    fn key_id(&self) -> Option<String> {
        Some(self.1.clone())
    }
}

fn record() -> (Envelope, P256PublicKey) {
    let pkcs8 = P256SigningKey::generate_pkcs8();
    let key = P256SigningKey::from_pkcs8(&pkcs8).unwrap();
    let abort = RunAbort {
        answered: 7,
        declared: "2026-01-01T00:00:00Z".into(),
        intent: RecordRef {
            index: 3,
            leaf: Digest::of(b"intent"),
            origin: "log.example.org".into(),
        },
        nonce: Digest::of(b"nonce"),
        reason: AbortReason::KeeperLost,
        station: "log.example.org".into(),
    };
    let subject = Subject::new("adapter \u{e9}", Digest::of(b"adapter"));
    (
        statement::sign_record(&key, &[subject], &abort),
        key.public(),
    )
}

fn theirs(envelope: &Envelope) -> dsse::Envelope {
    dsse::Envelope::from_json(&envelope.to_bytes()).unwrap()
}

#[test]
fn a_record_verifies_there_and_its_payload_is_the_statement() {
    let (envelope, key) = record();
    let verified = dsse::verify(&theirs(&envelope), &[&P256::of(&key)], 1).unwrap();
    assert_eq!(verified.payload_type, statement::PAYLOAD_TYPE);
    assert_eq!(verified.payload, envelope.payload);
    assert_eq!(verified.accepted_keys, [key.key_id().to_string()]);
}

#[test]
fn a_keyid_is_a_hint_on_both_sides() {
    let (mut envelope, key) = record();
    for hint in [String::new(), Digest::of(b"another key").to_string()] {
        envelope.signatures[0].keyid = hint;
        assert!(dsse::verify(&theirs(&envelope), &[&P256::of(&key)], 1).is_ok());
        assert_eq!(statement::verify_record(&envelope, &key), Ok(()));
    }
}

#[test]
fn a_record_verifies_under_no_other_key_on_either_side() {
    let ((envelope, own), (_, other)) = (record(), record());
    let refused = dsse::verify(&theirs(&envelope), &[&P256::of(&other)], 1);
    assert!(
        matches!(refused, Err(Error::NoValidSignature { .. })),
        "{refused:?}"
    );
    assert_eq!(
        statement::verify_record(&envelope, &other),
        Err(statement::StatementError::Signature(other.key_id()))
    );
    let twice = dsse::verify(&theirs(&envelope), &[&P256::of(&own)], 0);
    assert!(matches!(twice, Err(Error::ZeroThreshold)), "{twice:?}");
}

#[test]
fn no_bit_of_a_record_can_change_on_either_side() {
    let (envelope, key) = record();
    let judge = P256::of(&key);
    let refuses = |copy: &Envelope| {
        dsse::verify(&theirs(copy), &[&judge], 1).is_err()
            && statement::verify_record(copy, &key).is_err()
    };
    for place in 0..envelope.payload.len() {
        let mut copy = envelope.clone();
        copy.payload[place] ^= 1 << (place % 8);
        assert!(refuses(&copy), "payload byte {place}");
    }
    for place in 0..envelope.signatures[0].sig.len() {
        let mut copy = envelope.clone();
        copy.signatures[0].sig[place] ^= 1 << (place % 8);
        assert!(refuses(&copy), "signature byte {place}");
    }
    let mut copy = envelope.clone();
    copy.payload_type.push(' ');
    assert!(refuses(&copy));
    copy.signatures.clear();
    assert!(refuses(&copy));
}

#[test]
fn r_and_s_side_by_side_are_refused_on_both_sides() {
    let (mut envelope, key) = record();
    let sig = Signature::from_der(&envelope.signatures[0].sig).unwrap();
    envelope.signatures[0].sig = sig.to_bytes().to_vec();
    assert!(dsse::verify(&theirs(&envelope), &[&P256::of(&key)], 1).is_err());
    assert_eq!(
        statement::verify_record(&envelope, &key),
        Err(statement::StatementError::Signature(key.key_id()))
    );
}

#[test]
fn both_alphabets_and_no_stray_bits_are_read_on_both_sides() {
    let golden = fs::read(root().join("tests/vectors/log/statement.dsse.json")).unwrap();
    let text = String::from_utf8(golden).unwrap();
    let signer = "3519c17439a3a6f753ef1333ecf256fd0d89ebedc0810c621aa1d9270a6df930";
    let key = Ed25519Verifier::from_bytes(&assay_evidence::hex::decode(signer).unwrap()).unwrap();
    let read = dsse::Envelope::from_json(text.as_bytes()).unwrap();
    let verified = dsse::verify(&read, &[&key], 1).unwrap();
    let ours = Envelope::parse(text.as_bytes()).unwrap();
    assert_eq!(verified.payload, ours.payload);

    let sig = base64::encode(&ours.signatures[0].sig);
    let other_alphabet = text.replace(&sig, &sig.replace('/', "_").replace('+', "-"));
    assert_ne!(other_alphabet, text);
    let read = dsse::Envelope::from_json(other_alphabet.as_bytes()).unwrap();
    assert!(dsse::verify(&read, &[&key], 1).is_ok());
    assert_eq!(Envelope::parse(other_alphabet.as_bytes()), Ok(ours));

    let stray = text.replace("V19fQ==", "V19fR==");
    assert_ne!(stray, text);
    let read = dsse::Envelope::from_json(stray.as_bytes()).unwrap();
    let refused = dsse::verify(&read, &[&key], 1);
    assert!(
        matches!(refused, Err(Error::NonCanonicalBase64 { field: "payload" })),
        "{refused:?}"
    );
    assert!(Envelope::parse(stray.as_bytes()).is_err());
}

proptest! {
    #[test]
    fn the_signed_bytes_are_the_same(kind in "\\PC{0,40}", body: Vec<u8>) {
        prop_assert_eq!(pae(&kind, &body), dsse::pae(&kind, &body));
    }

    #[test]
    fn what_either_side_writes_the_other_reads(kind in "\\PC{1,40}", payload: Vec<u8>, keyid in "\\PC{0,20}", sig: Vec<u8>) {
        let ours = Envelope {
            payload: payload.clone(),
            payload_type: kind.clone(),
            signatures: vec![assay_evidence::dsse::Signature { keyid: keyid.clone(), sig: sig.clone() }],
        };
        let read = theirs(&ours);
        prop_assert_eq!(&read.payload, &base64::encode(&payload));
        prop_assert_eq!(read.signatures[0].keyid.as_deref(), Some(keyid.as_str()));
        prop_assert_eq!(&read.signatures[0].sig, &base64::encode(&sig));
        let back = Envelope::parse(&read.to_json().unwrap());
        prop_assert_eq!(back, Ok(ours));
    }
}

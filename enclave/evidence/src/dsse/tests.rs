//! The DSSE specification's vector, a foreign Ed25519 envelope, and abuse.

use super::*;
use crate::{
    digest::Digest,
    hex,
    json::JsonError,
    keys::{BadSignature, Ed25519PublicKey, P256PublicKey},
};

const FOREIGN: &[u8] = include_bytes!("../../../../tests/vectors/log/statement.dsse.json");
const TYPE: &str = "http://example.com/HelloWorld";
const SPKI_B64: &str = "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEZ805D3eqNZywjCI19lInBJOp7YMrCrzAH3CVTAOQ0jgMeCvVTiaRJaRPRDOv8UMs6U4SvKc6pnrIDOoSYI3fdA==";
const SIG_B64: &str = "MEQCIANyarEBrVbCdjtsaqyOSHJ14qeRk6CdxfhZ2fjvPEo7AiBR6rDAajabZKciJTfUiHqJPcIAriEGAHTVeCUjW2JIZA==";

fn key() -> P256PublicKey {
    P256PublicKey::from_spki_der(&base64::decode(SPKI_B64).unwrap()).unwrap()
}

#[test]
fn the_vector_of_the_dsse_specification_holds() {
    let signed = pae(TYPE, b"hello world");
    assert_eq!(
        signed,
        b"DSSEv1 29 http://example.com/HelloWorld 11 hello world"
    );
    assert_eq!(
        Digest::of(&signed).to_string(),
        "217751fac2c4f14edb2c9297fbc34abcb016ba88e74757e875ec4ac16fb6b6a1"
    );
    assert_eq!(
        key().verify(&signed, &base64::decode(SIG_B64).unwrap()),
        Ok(())
    );
}

#[test]
fn lengths_count_bytes_and_not_characters() {
    assert_eq!(pae("é", "é".as_bytes()), "DSSEv1 2 é 2 é".as_bytes());
}

#[test]
fn r_and_s_side_by_side_are_no_signature() {
    let der = base64::decode(SIG_B64).unwrap();
    let flat = [&der[4..36], &der[38..70]].concat();
    assert_eq!(
        key().verify(&pae(TYPE, b"hello world"), &flat),
        Err(BadSignature)
    );
}

#[test]
fn a_foreign_envelope_verifies_over_its_decoded_bytes() {
    let envelope = Envelope::parse(FOREIGN).unwrap();
    let raw =
        hex::decode("3519c17439a3a6f753ef1333ecf256fd0d89ebedc0810c621aa1d9270a6df930").unwrap();
    let signer = Ed25519PublicKey::from_bytes(raw.try_into().unwrap()).unwrap();
    assert_eq!(
        Digest::of(&envelope.pae()).to_string(),
        "44d6da133c2a8cd58deec39acbb92a46b71935b09374deb8703c9744780a5c30"
    );
    assert_eq!(
        signer.verify(&envelope.pae(), &envelope.signatures[0].sig),
        Ok(())
    );
    assert_eq!(envelope.signatures[0].keyid, signer.key_id().to_string());
}

#[test]
fn both_alphabets_are_read_and_one_is_written() {
    let text = br#"{"payload":"_-8=","payloadType":"t","signatures":[{"sig":"_-8="}],"more":1}"#;
    assert_eq!(
        Envelope::parse(text).unwrap().to_bytes(),
        br#"{"payload":"/+8=","payloadType":"t","signatures":[{"keyid":"","sig":"/+8="}]}"#
    );
}

#[test]
fn broken_envelopes_are_refused() {
    let long = vec![b' '; ENVELOPE_BYTES_MAX + 1];
    assert_eq!(
        Envelope::parse(&long),
        Err(EnvelopeError::TooLong(long.len()))
    );
    let twice = br#"{"payload":"","payload":"","payloadType":"t","signatures":[]}"#;
    assert_eq!(
        Envelope::parse(twice),
        Err(EnvelopeError::Json(JsonError::DuplicateKey(
            "payload".into()
        )))
    );
    let stray = br#"{"payload":"Zh==","payloadType":"t","signatures":[]}"#;
    assert_eq!(
        Envelope::parse(stray),
        Err(EnvelopeError::Json(JsonError::Shape(
            "not canonical base64 (RFC 4648 section 4, padded, no white space)".into()
        )))
    );
}

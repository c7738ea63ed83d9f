//! Key ids, encodings and refusals against the vectors of the formats.

use super::*;
use crate::{base64, hex};

const SPKI_B64: &str = "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEZ805D3eqNZywjCI19lInBJOp7YMrCrzAH3CVTAOQ0jgMeCvVTiaRJaRPRDOv8UMs6U4SvKc6pnrIDOoSYI3fdA==";

fn vector_key() -> P256PublicKey {
    P256PublicKey::from_spki_der(&base64::decode(SPKI_B64).unwrap()).unwrap()
}

#[test]
fn key_ids_are_those_of_securesystemslib() {
    assert_eq!(
        vector_key().key_id().to_string(),
        "2f9c4662c9410d724be73522fa0dd06be3e17ce4c9b055b2f196737557650ec2"
    );
    let raw =
        hex::decode("3519c17439a3a6f753ef1333ecf256fd0d89ebedc0810c621aa1d9270a6df930").unwrap();
    assert_eq!(
        Ed25519PublicKey::from_bytes(raw.try_into().unwrap())
            .unwrap()
            .key_id()
            .to_string(),
        "2d37f32d190d265f51619f323acd1c520bd0d408294a145faeb35325f386c85e"
    );
}

#[test]
fn a_generated_key_signs_and_its_stored_form_reads_back() {
    let pkcs8 = P256SigningKey::generate_pkcs8();
    let key = P256SigningKey::from_pkcs8(&pkcs8).unwrap();
    let signature = key.sign(b"message");
    let public = P256PublicKey::from_spki_der(&key.public().spki_der()).unwrap();
    assert_eq!(public.verify(b"message", &signature), Ok(()));
    assert_eq!(public.verify(b"another", &signature), Err(BadSignature));
    assert_eq!(
        P256SigningKey::from_pkcs8(&pkcs8[1..]).err(),
        Some(KeyError::NotPkcs8)
    );
}

#[test]
fn other_encodings_of_a_public_key_are_refused() {
    let der = vector_key().spki_der();
    let mut compressed = der.clone();
    compressed[26] = 2;
    for bad in [
        &der[..90],
        &[der.as_slice(), &[0]].concat(),
        &compressed,
        &[],
    ] {
        assert_eq!(P256PublicKey::from_spki_der(bad), Err(KeyError::NotSpki));
    }
}

#[test]
fn pem_has_one_spelling() {
    let pem = vector_key().pem();
    assert_eq!(P256PublicKey::from_pem(&pem), Ok(vector_key()));
    for bad in [
        pem.replace('\n', "\r\n"),
        pem.trim_end().to_owned(),
        pem.replacen("Mr\nCr", "M\nrCr", 1),
    ] {
        assert_eq!(
            P256PublicKey::from_pem(&bad),
            Err(KeyError::NotPem),
            "{bad}"
        );
    }
}

/// The fourteen encodings of points of small order, for whoever must refuse them.
pub fn weak_encodings() -> Vec<[u8; 32]> {
    let texts = [
        "0000000000000000000000000000000000000000000000000000000000000000",
        "0100000000000000000000000000000000000000000000000000000000000000",
        "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
        "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
    ];
    let key = |text: &str| hex::decode(text).unwrap().try_into().unwrap();
    let both = |mut key: [u8; 32]| {
        let unsigned = key;
        key[31] |= 0x80;
        [unsigned, key]
    };
    texts.into_iter().map(key).flat_map(both).collect()
}

#[test]
fn all_fourteen_small_order_keys_are_refused() {
    let weak = weak_encodings();
    assert_eq!(weak.len(), 14);
    for key in weak {
        assert_eq!(Ed25519PublicKey::from_bytes(key), Err(KeyError::Weak));
    }
}

#[test]
fn a_public_key_of_a_seed_is_never_weak() {
    let key = Ed25519SigningKey::from_seed(random_bytes());
    let public = Ed25519PublicKey::from_bytes(*key.public().as_bytes()).unwrap();
    assert_eq!(public.verify(b"m", &key.sign(b"m")), Ok(()));
    assert_eq!(public.verify(b"n", &key.sign(b"m")), Err(BadSignature));
}

//! Both backends give the same answers: on vectors, on edge cases, and on what chance makes of them.
//!
//! Keys here may be weak or off the curve; the formats refuse those before a backend sees them.

mod ecdsa;

pub use ecdsa::p256_verifies;
use proptest::prelude::*;

use super::{browser, native};
use crate::{base64, checkpoint::Checkpoint, hex, json, note};

/// The answer of both backends, which must be one.
pub fn ed25519_verifies(key: &[u8; 32], message: &[u8], signature: &[u8]) -> bool {
    let verifies = native::ed25519_verifies(key, message, signature);
    assert_eq!(
        browser::ed25519_verifies(key, message, signature),
        verifies,
        "key {} message {} signature {}",
        hex::encode(key),
        hex::encode(message),
        hex::encode(signature),
    );
    verifies
}

fn key(text: &str) -> [u8; 32] {
    hex::decode(text).unwrap().try_into().unwrap()
}

#[test]
fn the_published_edge_cases_of_ed25519_end_as_they_say() {
    let vectors = include_bytes!("../../../../tests/vectors/signatures/ed25519.json");
    let vectors = json::parse(vectors).unwrap();
    let cases = vectors["cases"].as_array().unwrap();
    assert_eq!(cases.len(), 12);
    for case in cases {
        let bytes = |name: &str| hex::decode(case[name].as_str().unwrap()).unwrap();
        let verifies = ed25519_verifies(
            &bytes("key").try_into().unwrap(),
            &bytes("message"),
            &bytes("signature"),
        );
        assert_eq!(case["verifies"], verifies, "{}", case["says"]);
    }
}

#[test]
fn golden_notes_and_checkpoints_verify_on_both() {
    let signed = "Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=";
    let signed = base64::decode(signed).unwrap();
    let vkey = base64::decode("AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k").unwrap();
    let known = vkey[1..].try_into().unwrap();
    assert!(ed25519_verifies(
        known,
        b"This is an example message.\n",
        &signed[4..]
    ));
    assert!(!ed25519_verifies(
        known,
        b"This is an example message",
        &signed[4..]
    ));

    let log = key("125a9187b64b847d7dfd747ae333e0238f6da62e871f0825b5bc2ae7052bcf80");
    let golden = include_str!("../../../../tests/vectors/log/checkpoint.300");
    assert_eq!(Checkpoint::peek(golden).unwrap().size, 300);
    let parsed = note::parse(golden).unwrap();
    let own = &parsed.lines[0].signature;
    assert!(ed25519_verifies(&log, parsed.text.as_bytes(), own));
    let shorter = parsed.text.replace("300", "299");
    assert!(!ed25519_verifies(&log, shorter.as_bytes(), own));
}

#[test]
fn an_ed25519_signature_has_64_bytes_and_s_below_the_group_order() {
    // The group order, little-endian.
    const ORDER: &str = "edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010";
    let pair = native::Ed25519Pair::from_seed(&[7; 32]);
    let (public, signature) = (pair.public(), pair.sign(b"message"));
    assert!(ed25519_verifies(&public, b"message", &signature));
    for end in [0, 1, 32, 63] {
        assert!(
            !ed25519_verifies(&public, b"message", &signature[..end]),
            "{end}"
        );
    }
    let longer = [signature.as_slice(), &[0]].concat();
    assert!(!ed25519_verifies(&public, b"message", &longer));

    let mut shifted = signature;
    let mut carry = 0;
    for (byte, order) in shifted[32..].iter_mut().zip(key(ORDER)) {
        let sum = u16::from(*byte) + u16::from(order) + carry;
        *byte = sum as u8;
        carry = sum >> 8;
    }
    assert!(
        !ed25519_verifies(&public, b"message", &shifted),
        "S plus the order"
    );
}

/// Under these keys the identity as R with S = 0 fits messages at will: the reason to refuse them.
#[test]
fn both_answer_alike_under_all_fourteen_small_order_keys() {
    let mut accepted = 0;
    for text in [
        "0000000000000000000000000000000000000000000000000000000000000000",
        "0100000000000000000000000000000000000000000000000000000000000000",
        "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
        "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
    ] {
        for sign in [0, 0x80] {
            let mut weak = key(text);
            weak[31] |= sign;
            let mut signature = [0; 64];
            for r in [key(text), weak, {
                let mut one = [0; 32];
                one[0] = 1;
                one
            }] {
                signature[..32].copy_from_slice(&r);
                for message in 0..8_u8 {
                    accepted += usize::from(ed25519_verifies(&weak, &[message], &signature));
                }
            }
        }
    }
    assert!(accepted > 0, "small-order keys accept what nobody signed");
}

#[test]
fn digests_of_every_length_around_a_block_agree() {
    let bytes: Vec<u8> = (0..=255).cycle().take(300).collect();
    for end in 0..bytes.len() {
        let mut native = native::Sha256::new();
        let mut browser = browser::Sha256::new();
        native.update(&bytes[..end]);
        browser.update(&bytes[..end / 2]);
        browser.update(&bytes[end / 2..end]);
        assert_eq!(native.finish(), browser.finish(), "{end}");
    }
}

/// Changes nothing, one bit, or everything.
fn changed(bytes: &mut [u8], (at, bit): (usize, u8)) {
    if !bytes.is_empty() && bit < 8 {
        let at = at % bytes.len();
        bytes[at] ^= 1 << bit;
    }
}

proptest! {
    #[test]
    fn derived_keys_agree(ikm: Vec<u8>, salt: Vec<u8>, info: Vec<u8>) {
        prop_assert_eq!(
            native::hkdf_sha256(&ikm, &salt, &info),
            browser::hkdf_sha256(&ikm, &salt, &info)
        );
    }

    #[test]
    fn changed_ed25519_signatures_keys_and_messages_end_alike(
        seed: [u8; 32],
        mut message: Vec<u8>,
        in_key: (usize, u8),
        in_message: (usize, u8),
        in_signature: (usize, u8),
    ) {
        let pair = native::Ed25519Pair::from_seed(&seed);
        let (mut public, mut signature) = (pair.public(), pair.sign(&message));
        prop_assert!(ed25519_verifies(&public, &message, &signature));
        changed(&mut public, (in_key.0, in_key.1 % 16));
        changed(&mut message, (in_message.0, in_message.1 % 16));
        changed(&mut signature, (in_signature.0, in_signature.1 % 16));
        ed25519_verifies(&public, &message, &signature);
    }
}

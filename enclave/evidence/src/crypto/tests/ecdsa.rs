//! ECDSA on P-256: which encodings, ranges and points both backends take.

use p256::{
    Scalar,
    ecdsa::{Signature, SigningKey},
    elliptic_curve::{PrimeField, ops::Reduce},
};
use proptest::prelude::*;

use super::changed;
use crate::{
    base64,
    crypto::{P256_POINT_BYTES, browser, native},
    hex,
};

/// The key of the DSSE specification, its secret half, and its signature over the PAE.
const POINT: &str = "0467cd390f77aa359cb08c2235f652270493a9ed832b0abcc01f70954c0390d2380c782bd54e269125a44f4433aff1432ce94e12bca73aa67ac80cea12608ddf74";
const SECRET: &str = "d73ec437fd6346e3619c5ebfdfff0f6916804955ad32ac9ac492b0ede1f6ffb7";
const PAE: &[u8] = b"DSSEv1 29 http://example.com/HelloWorld 11 hello world";
const SIGNATURE: &str = "MEQCIANyarEBrVbCdjtsaqyOSHJ14qeRk6CdxfhZ2fjvPEo7AiBR6rDAajabZKciJTfUiHqJPcIAriEGAHTVeCUjW2JIZA==";
/// The order of the group, big-endian.
const ORDER: &str = "ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551";
/// The order of the field, big-endian.
const FIELD: &str = "ffffffff00000001000000000000000000000000ffffffffffffffffffffffff";
const SEQUENCE: u8 = 0x30;
const INTEGER: u8 = 0x02;

/// The answer of both backends, which must be one.
pub fn p256_verifies(point: &[u8; P256_POINT_BYTES], message: &[u8], signature: &[u8]) -> bool {
    let verifies = native::p256_verifies(point, message, signature);
    assert_eq!(
        browser::p256_verifies(point, message, signature),
        verifies,
        "point {} message {} signature {}",
        hex::encode(point),
        hex::encode(message),
        hex::encode(signature),
    );
    verifies
}

fn point() -> [u8; P256_POINT_BYTES] {
    hex::decode(POINT).unwrap().try_into().unwrap()
}

fn golden() -> Signature {
    Signature::from_der(&base64::decode(SIGNATURE).unwrap()).unwrap()
}

fn number(text: &str) -> Vec<u8> {
    hex::decode(text).unwrap()
}

/// DER of one value: tag, length in the short form, content.
fn value(tag: u8, content: &[u8]) -> Vec<u8> {
    [&[tag, content.len() as u8], content].concat()
}

/// DER of a positive integer, as few bytes as it needs.
fn integer(big_endian: &[u8]) -> Vec<u8> {
    let zeros = big_endian.iter().take_while(|byte| **byte == 0).count();
    let rest = &big_endian[zeros..];
    let needs_zero = rest.first().is_none_or(|byte| *byte >= 0x80);
    let content = [if needs_zero { &[0][..] } else { &[] }, rest].concat();
    value(INTEGER, &content)
}

fn signature(r: &[u8], s: &[u8]) -> Vec<u8> {
    value(SEQUENCE, &[integer(r), integer(s)].concat())
}

/// R and S of the golden signature.
fn halves() -> (Vec<u8>, Vec<u8>) {
    let (r, s) = golden().split_bytes();
    (r.to_vec(), s.to_vec())
}

#[test]
fn the_vector_of_dsse_verifies_and_only_over_its_message_and_key() {
    let (r, s) = halves();
    let der = base64::decode(SIGNATURE).unwrap();
    assert_eq!(signature(&r, &s), der);
    assert!(p256_verifies(&point(), PAE, &der));
    assert!(!p256_verifies(&point(), &PAE[1..], &der));
    let mut other = point();
    other[64] ^= 1;
    assert!(!p256_verifies(&other, PAE, &der), "off the curve");
}

#[test]
fn the_other_root_of_a_signature_verifies_too() {
    let (r, s) = halves();
    let low = Scalar::from_repr((*s).try_into().unwrap()).unwrap();
    let high = (-low).to_repr();
    assert!(
        high[0] >= 0x80 && s[0] < 0x80,
        "one is above half of the order"
    );
    assert!(p256_verifies(&point(), PAE, &signature(&r, &high)));
}

#[test]
fn halves_outside_one_to_the_order_are_refused() {
    let (r, s) = halves();
    let order = number(ORDER);
    let mut above = order.clone();
    above[31] += 1;
    let long = [&[1][..], &[0; 32]].concat();
    for wrong in [vec![], vec![0; 32], order, above, vec![0xff; 32], long] {
        assert!(
            !p256_verifies(&point(), PAE, &signature(&wrong, &s)),
            "{wrong:?}"
        );
        assert!(
            !p256_verifies(&point(), PAE, &signature(&r, &wrong)),
            "{wrong:?}"
        );
    }
    // Congruent to a good half, but not the number that was signed.
    let shifted = |half: &[u8]| {
        let order = number(ORDER);
        let (mut sum, mut carry) = (vec![0; 33], 0);
        for at in (0..32).rev() {
            let digit = u16::from(half[at]) + u16::from(order[at]) + carry;
            sum[at + 1] = digit as u8;
            carry = digit >> 8;
        }
        sum[0] = carry as u8;
        sum
    };
    assert!(!p256_verifies(&point(), PAE, &signature(&shifted(&r), &s)));
    assert!(!p256_verifies(&point(), PAE, &signature(&r, &shifted(&s))));
}

#[test]
fn only_the_one_der_form_is_a_signature() {
    let (r, s) = halves();
    let der = signature(&r, &s);
    assert!(
        !p256_verifies(&point(), PAE, &[r.clone(), s.clone()].concat()),
        "r then s"
    );
    for end in 0..der.len() {
        assert!(!p256_verifies(&point(), PAE, &der[..end]), "cut at {end}");
    }
    let (int_r, int_s) = (integer(&r), integer(&s));
    let padded = value(INTEGER, &[&[0][..], &r].concat());
    let negative = value(INTEGER, &[&[0x80][..], &r[1..]].concat());
    let content = [int_r.clone(), int_s.clone()].concat();
    for (what, bad) in [
        ("a trailing byte", [der.as_slice(), &[0]].concat()),
        (
            "a needless zero",
            value(SEQUENCE, &[padded, int_s.clone()].concat()),
        ),
        (
            "a negative half",
            value(SEQUENCE, &[negative, int_s.clone()].concat()),
        ),
        (
            "a third integer",
            value(SEQUENCE, &[content.clone(), integer(&[1])].concat()),
        ),
        ("one integer", value(SEQUENCE, &int_r)),
        (
            "an empty integer",
            value(SEQUENCE, &[value(INTEGER, &[]), int_s.clone()].concat()),
        ),
        (
            "a bit string",
            value(SEQUENCE, &[value(0x03, &r), int_s].concat()),
        ),
        ("a set", value(0x31, &content)),
        (
            "a long length",
            [&[SEQUENCE, 0x81, content.len() as u8], content.as_slice()].concat(),
        ),
        (
            "no length",
            [&[SEQUENCE, 0x80], content.as_slice(), &[0, 0]].concat(),
        ),
    ] {
        assert!(!p256_verifies(&point(), PAE, &bad), "{what}");
    }
}

#[test]
fn points_that_are_none_verify_nothing() {
    let der = base64::decode(SIGNATURE).unwrap();
    let mut beyond = point();
    beyond[1..33].copy_from_slice(&number(FIELD));
    let mut nothing = [0; P256_POINT_BYTES];
    nothing[0] = 4;
    for bad in [beyond, nothing, [0xff; P256_POINT_BYTES]] {
        assert!(!p256_verifies(&bad, PAE, &der));
    }
    for tag in [0, 2, 3, 5, 6, 7] {
        let mut other = point();
        other[0] = tag;
        assert!(!p256_verifies(&other, PAE, &der), "tag {tag}");
    }
}

/// With r = −e/d the two products cancel, whatever s is: no point, hence no coordinate to compare.
#[test]
fn a_sum_at_infinity_is_no_signature() {
    let digest = crate::digest::Digest::of(PAE).0;
    let e = <Scalar as Reduce<p256::FieldBytes>>::reduce(&digest.into());
    let secret = SigningKey::from_slice(&number(SECRET)).unwrap();
    assert_eq!(
        secret.verifying_key().to_sec1_point(false).as_bytes(),
        point()
    );
    let d = Scalar::from_repr((*number(SECRET)).try_into().unwrap()).unwrap();
    let r = (-(e * d.invert().unwrap())).to_repr();
    for s in [1, 2, 77] {
        assert!(!p256_verifies(&point(), PAE, &signature(&r, &[s])));
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn changed_signatures_points_and_messages_end_alike(
        mut message: Vec<u8>,
        in_point: (usize, u8),
        in_message: (usize, u8),
        in_signature: (usize, u8),
    ) {
        let pair = native::P256Pair::from_pkcs8(&native::P256Pair::generate_pkcs8()).unwrap();
        let (mut point, mut signature) = (pair.point(), pair.sign(&message));
        prop_assert!(p256_verifies(&point, &message, &signature));
        changed(&mut point, (in_point.0, in_point.1 % 32));
        changed(&mut message, (in_message.0, in_message.1 % 32));
        changed(&mut signature, (in_signature.0, in_signature.1 % 16));
        p256_verifies(&point, &message, &signature);
    }

    #[test]
    fn numbers_at_random_in_any_der_end_alike(r: Vec<u8>, s: Vec<u8>, tags: [u8; 2]) {
        let (r, s) = (&r[..r.len().min(60)], &s[..s.len().min(60)]);
        p256_verifies(&point(), PAE, &signature(r, s));
        let odd = [value(INTEGER ^ (tags[0] & 1), r), value(INTEGER ^ (tags[1] & 1), s)].concat();
        p256_verifies(&point(), PAE, &value(SEQUENCE, &odd));
    }
}

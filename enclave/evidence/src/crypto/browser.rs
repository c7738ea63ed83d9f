//! The backend of the browser's verifier: `p256`, `ed25519-dalek`, `sha2` and `hkdf`.
//!
//! The only module that names them. It verifies and derives; it cannot sign and draws no chance.
//! Natively it is compiled for the tests alone.

use ed25519_dalek::Verifier as _;
use hkdf::Hkdf;
use p256::{
    AffinePoint,
    ecdsa::{Signature, VerifyingKey},
    elliptic_curve::point::AffineCoordinates as _,
};
use sha2::Digest as _;

use super::P256_POINT_BYTES;

/// Bytes of a coordinate, and of half a signature.
const HALF: usize = 32;
/// First byte of an uncompressed point.
const UNCOMPRESSED: u8 = 4;
const SEQUENCE: u8 = 0x30;
const INTEGER: u8 = 0x02;

/// SHA-256 over bytes that arrive in pieces.
#[derive(Clone)]
pub struct Sha256(sha2::Sha256);

impl Sha256 {
    pub fn new() -> Self {
        Self(sha2::Sha256::new())
    }

    pub fn update(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }

    pub fn finish(self) -> [u8; 32] {
        self.0.finalize().into()
    }
}

/// HKDF-SHA256 with 32 bytes of output.
pub fn hkdf_sha256(ikm: &[u8], salt: &[u8], info: &[u8]) -> [u8; 32] {
    let mut out = [0; 32];
    Hkdf::<sha2::Sha256>::new(Some(salt), ikm)
        .expand(info, &mut out)
        .expect("32 bytes are within the limit of HKDF-SHA256");
    out
}

/// Does the DER signature fit the message under the key of this point?
pub fn p256_verifies(point: &[u8; P256_POINT_BYTES], message: &[u8], signature: &[u8]) -> bool {
    let key = p256_key(point);
    let signature = halves(signature).and_then(|(r, s)| Signature::from_scalars(r, s).ok());
    key.zip(signature)
        .is_some_and(|(key, signature)| key.verify(message, &signature).is_ok())
}

/// A key of an uncompressed point on the curve; compressed ones never get here.
fn p256_key(point: &[u8; P256_POINT_BYTES]) -> Option<VerifyingKey> {
    let (&[UNCOMPRESSED], x, y) = (point.first_chunk()?, &point[1..33], &point[33..]) else {
        return None;
    };
    let (x, y): ([u8; HALF], [u8; HALF]) = (x.try_into().ok()?, y.try_into().ok()?);
    let point = AffinePoint::from_coordinates(&x.into(), &y.into()).into_option()?;
    VerifyingKey::from_affine(point).ok()
}

/// The two integers of a signature, from the one form that DER allows: short lengths, no needless
/// zero, nothing negative, nothing behind. Read here since the reader of `der` is ten times as long.
fn halves(der: &[u8]) -> Option<([u8; HALF], [u8; HALF])> {
    let (content, []) = value(SEQUENCE, der)? else {
        return None;
    };
    let (r, rest) = value(INTEGER, content)?;
    let (s, []) = value(INTEGER, rest)? else {
        return None;
    };
    Some((positive(r)?, positive(s)?))
}

/// Content of the first value, and what follows it.
fn value(tag: u8, der: &[u8]) -> Option<(&[u8], &[u8])> {
    let [found, length, rest @ ..] = der else {
        return None;
    };
    let is_short = *length < 0x80;
    if *found != tag || !is_short {
        return None;
    }
    rest.split_at_checked(usize::from(*length))
}

fn positive(content: &[u8]) -> Option<[u8; HALF]> {
    let is_high = |digits: &[u8]| digits.first().is_some_and(|first| *first >= 0x80);
    let digits = match content {
        [0, digits @ ..] if is_high(digits) => digits,
        [] | [0, _, ..] => return None,
        negative if is_high(negative) => return None,
        digits => digits,
    };
    let mut number = [0; HALF];
    let at = HALF.checked_sub(digits.len())?;
    number[at..].copy_from_slice(digits);
    Some(number)
}

/// Does the signature of 64 bytes fit the message under this key?
///
/// By `verify`, not `verify_strict`: the strict one refuses what `ring` accepts. Weak keys are kept
/// out before.
pub fn ed25519_verifies(public: &[u8; 32], message: &[u8], signature: &[u8]) -> bool {
    let Ok(key) = ed25519_dalek::VerifyingKey::from_bytes(public) else {
        return false;
    };
    ed25519_dalek::Signature::from_slice(signature)
        .is_ok_and(|signature| key.verify(message, &signature).is_ok())
}

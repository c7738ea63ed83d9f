//! Ed25519 keys: log and root signatures.
//!
//! Small-order public keys, under which one signature can fit many messages, cannot be constructed.

use super::{BadSignature, KeyError};
use crate::{crypto, digest::Digest, hex};

/// What stands before the raw key in the SPKI DER of every Ed25519 key.
const SPKI_PREFIX: [u8; 12] = [
    0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00,
];

/// The small-order encodings with the sign bit cleared.
const WEAK: [[u8; 32]; 7] = [
    [0; 32],
    edged(0x01, 0x00, 0x00),
    edged(0xec, 0xff, 0x7f),
    edged(0xed, 0xff, 0x7f),
    edged(0xee, 0xff, 0x7f),
    [
        0x26, 0xe8, 0x95, 0x8f, 0xc2, 0xb2, 0x27, 0xb0, 0x45, 0xc3, 0xf4, 0x89, 0xf2, 0xef, 0x98,
        0xf0, 0xd5, 0xdf, 0xac, 0x05, 0xd3, 0xc6, 0x33, 0x39, 0xb1, 0x38, 0x02, 0x88, 0x6d, 0x53,
        0xfc, 0x05,
    ],
    [
        0xc7, 0x17, 0x6a, 0x70, 0x3d, 0x4d, 0xd8, 0x4f, 0xba, 0x3c, 0x0b, 0x76, 0x0d, 0x10, 0x67,
        0x0f, 0x2a, 0x20, 0x53, 0xfa, 0x2c, 0x39, 0xcc, 0xc6, 0x4e, 0xc7, 0xfd, 0x77, 0x92, 0xac,
        0x03, 0x7a,
    ],
];

const fn edged(first: u8, middle: u8, last: u8) -> [u8; 32] {
    let mut bytes = [middle; 32];
    bytes[0] = first;
    bytes[31] = last;
    bytes
}

/// An Ed25519 private key.
#[cfg(not(target_arch = "wasm32"))]
pub struct Ed25519SigningKey(crypto::Ed25519Pair);

#[cfg(not(target_arch = "wasm32"))]
impl Ed25519SigningKey {
    /// The key of a 32-byte seed (RFC 8032).
    pub fn from_seed(seed: [u8; 32]) -> Self {
        Self(crypto::Ed25519Pair::from_seed(&seed))
    }

    /// The public half.
    pub fn public(&self) -> Ed25519PublicKey {
        Ed25519PublicKey(self.0.public())
    }

    /// Signs; the same message always gets the same signature.
    pub fn sign(&self, message: &[u8]) -> [u8; 64] {
        self.0.sign(message)
    }
}

/// An Ed25519 public key that is not weak.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Ed25519PublicKey([u8; 32]);

impl Ed25519PublicKey {
    /// Takes a raw key unless it has small order.
    pub fn from_bytes(bytes: [u8; 32]) -> Result<Self, KeyError> {
        let mut unsigned = bytes;
        unsigned[31] &= 0x7f;
        if WEAK.contains(&unsigned) {
            return Err(KeyError::Weak);
        }
        Ok(Self(bytes))
    }

    /// Takes a raw key of unknown length.
    pub fn from_slice(bytes: &[u8]) -> Result<Self, KeyError> {
        Self::from_bytes(bytes.try_into().map_err(|_| KeyError::NotEd25519)?)
    }

    /// The raw key.
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// The 44 bytes of SPKI DER.
    pub fn spki_der(&self) -> Vec<u8> {
        [SPKI_PREFIX.as_slice(), &self.0].concat()
    }

    /// The id that `securesystemslib` gives this key.
    pub fn key_id(&self) -> Digest {
        let public = hex::encode(&self.0);
        Digest::of(
            format!(
                "{{\"keytype\":\"ed25519\",\"keyval\":{{\"public\":\"{public}\"}},\"scheme\":\"ed25519\"}}"
            )
            .as_bytes(),
        )
    }

    /// Checks a 64-byte signature.
    pub fn verify(&self, message: &[u8], signature: &[u8]) -> Result<(), BadSignature> {
        if crypto::ed25519_verifies(&self.0, message, signature) {
            return Ok(());
        }
        Err(BadSignature)
    }
}

//! The backend of programs: `ring`, which signs, draws chance and verifies.
//!
//! The only module that names it. It knows nothing of formats, nor of the browser's backend.

use ring::{
    digest, hkdf,
    rand::{SecureRandom, SystemRandom},
    signature::{
        ECDSA_P256_SHA256_ASN1, ECDSA_P256_SHA256_ASN1_SIGNING, ED25519, EcdsaKeyPair,
        Ed25519KeyPair, KeyPair, UnparsedPublicKey,
    },
};

use super::P256_POINT_BYTES;

/// SHA-256 over bytes that arrive in pieces.
#[derive(Clone)]
pub struct Sha256(digest::Context);

impl Sha256 {
    pub fn new() -> Self {
        Self(digest::Context::new(&digest::SHA256))
    }

    pub fn update(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }

    pub fn finish(self) -> [u8; 32] {
        to_32(self.0.finish().as_ref())
    }
}

/// HKDF-SHA256 with 32 bytes of output.
pub fn hkdf_sha256(ikm: &[u8], salt: &[u8], info: &[u8]) -> [u8; 32] {
    let info = [info];
    let mut out = [0; 32];
    hkdf::Salt::new(hkdf::HKDF_SHA256, salt)
        .extract(ikm)
        .expand(&info, hkdf::HKDF_SHA256)
        .and_then(|okm| okm.fill(&mut out))
        .expect("32 bytes are within the limit of HKDF-SHA256");
    out
}

/// Bytes from the operating system's generator.
pub fn random_32() -> [u8; 32] {
    let mut out = [0; 32];
    SystemRandom::new()
        .fill(&mut out)
        .expect("the operating system's random generator answers");
    out
}

/// A P-256 private key; neither `Debug` nor `Clone`.
pub struct P256Pair(EcdsaKeyPair);

impl P256Pair {
    pub fn generate_pkcs8() -> Vec<u8> {
        EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_ASN1_SIGNING, &SystemRandom::new())
            .expect("the operating system's random generator answers")
            .as_ref()
            .to_vec()
    }

    /// `None` when the bytes are no PKCS #8 P-256 key whose halves belong together.
    pub fn from_pkcs8(pkcs8: &[u8]) -> Option<Self> {
        EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_ASN1_SIGNING, pkcs8, &SystemRandom::new())
            .ok()
            .map(Self)
    }

    pub fn point(&self) -> [u8; P256_POINT_BYTES] {
        let point = self.0.public_key().as_ref();
        point
            .try_into()
            .expect("a P-256 key has an uncompressed point of 65 bytes")
    }

    /// A DER signature over SHA-256 of the message, with a fresh nonce.
    pub fn sign(&self, message: &[u8]) -> Vec<u8> {
        self.0
            .sign(&SystemRandom::new(), message)
            .expect("the operating system's random generator answers")
            .as_ref()
            .to_vec()
    }
}

/// Does the DER signature fit the message under the key of this point?
pub fn p256_verifies(point: &[u8; P256_POINT_BYTES], message: &[u8], signature: &[u8]) -> bool {
    UnparsedPublicKey::new(&ECDSA_P256_SHA256_ASN1, point)
        .verify(message, signature)
        .is_ok()
}

/// An Ed25519 private key; neither `Debug` nor `Clone`.
pub struct Ed25519Pair(Ed25519KeyPair);

impl Ed25519Pair {
    pub fn from_seed(seed: &[u8; 32]) -> Self {
        Self(Ed25519KeyPair::from_seed_unchecked(seed).expect("a seed has 32 bytes"))
    }

    pub fn public(&self) -> [u8; 32] {
        to_32(self.0.public_key().as_ref())
    }

    pub fn sign(&self, message: &[u8]) -> [u8; 64] {
        let signature = self.0.sign(message);
        signature
            .as_ref()
            .try_into()
            .expect("an Ed25519 signature has 64 bytes")
    }
}

/// Does the signature of 64 bytes fit the message under this key?
pub fn ed25519_verifies(public: &[u8; 32], message: &[u8], signature: &[u8]) -> bool {
    UnparsedPublicKey::new(&ED25519, public)
        .verify(message, signature)
        .is_ok()
}

fn to_32(bytes: &[u8]) -> [u8; 32] {
    bytes
        .try_into()
        .expect("SHA-256 and Ed25519 keys have 32 bytes")
}

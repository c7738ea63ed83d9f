//! The backend of the browser's verifier: `p256`, `ed25519-dalek`, `sha2` and `hkdf`.
//!
//! The only module that names them. It verifies and derives; it cannot sign and draws no chance.
//! Natively it is compiled for the tests alone.

use ed25519_dalek::Verifier as _;
use hkdf::Hkdf;
use sha2::Digest as _;

use super::P256_POINT_BYTES;

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
    let Ok(key) = p256::ecdsa::VerifyingKey::from_sec1_bytes(point) else {
        return false;
    };
    p256::ecdsa::DerSignature::from_bytes(signature)
        .is_ok_and(|signature| key.verify(message, &signature).is_ok())
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

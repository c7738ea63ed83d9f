//! Keys: P-256 for statements, Ed25519 for checkpoints and manifests, and the ids others expect.
//!
//! Private keys are neither `Debug` nor `Clone` and are never written back. Which key may sign what
//! is the manifest's business.

mod ecdsa;
mod ed25519;
mod published;

use thiserror::Error;

pub use ecdsa::P256PublicKey;
#[cfg(not(target_arch = "wasm32"))]
pub use ecdsa::P256SigningKey;
pub use ed25519::Ed25519PublicKey;
#[cfg(not(target_arch = "wasm32"))]
pub use ed25519::Ed25519SigningKey;
pub use published::{is_published_ed25519, is_published_p256};

/// Why some bytes are no usable key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum KeyError {
    /// Not a PKCS #8 P-256 key.
    #[error("not a PKCS #8 private key on the curve P-256")]
    NotPkcs8,
    /// Not the one SPKI form of a P-256 key.
    #[error("not the 91 byte SPKI DER of an uncompressed P-256 key")]
    NotSpki,
    /// Not 32 bytes.
    #[error("an Ed25519 public key has 32 bytes")]
    NotEd25519,
    /// Under such a key one signature fits many messages.
    #[error("weak Ed25519 key: its point has small order; generate another key")]
    Weak,
    /// Not the PEM of a P-256 key.
    #[error("not the PEM of a P-256 public key, wrapped at 64 columns")]
    NotPem,
}

/// The signature does not fit key and message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("signature does not verify")]
pub struct BadSignature;

/// 32 bytes from the operating system: a new Ed25519 seed, form seed or nonce.
#[cfg(not(target_arch = "wasm32"))]
pub fn random_bytes() -> [u8; 32] {
    crate::crypto::random_32()
}

#[cfg(test)]
pub(crate) mod tests;

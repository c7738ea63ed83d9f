//! The seam to the cryptographic backends: exactly the primitives that the formats need.
//!
//! Programs use `ring`. The browser only verifies: there, signing, key generation and chance do not
//! exist, so code that needs them does not compile. Both backends must accept exactly the same: in
//! the tests of this crate every signature, of whatever format, is asked of both. Nothing here knows
//! a format.

#[cfg(any(target_arch = "wasm32", test))]
mod browser;
#[cfg(not(target_arch = "wasm32"))]
mod native;

#[cfg(target_arch = "wasm32")]
pub use browser::{Sha256, ed25519_verifies, hkdf_sha256, p256_verifies};
#[cfg(not(target_arch = "wasm32"))]
pub use native::{Ed25519Pair, P256Pair, Sha256, hkdf_sha256, random_32};
#[cfg(not(any(target_arch = "wasm32", test)))]
pub use native::{ed25519_verifies, p256_verifies};
#[cfg(test)]
pub use tests::{ed25519_verifies, p256_verifies};

/// Length of an uncompressed P-256 point.
pub const P256_POINT_BYTES: usize = 65;

#[cfg(test)]
mod tests;

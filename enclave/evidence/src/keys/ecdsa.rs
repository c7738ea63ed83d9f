//! ECDSA P-256 keys with SHA-256 and DER signatures: statements.
//!
//! A public key has one accepted encoding. Whether its point lies on the curve shows at the first
//! verification: one that does not verifies nothing.

use std::fmt;

use super::{BadSignature, KeyError};
use crate::{base64, crypto, digest::Digest};

/// What stands before the point in the SPKI DER of every uncompressed P-256 key.
const SPKI_PREFIX: [u8; 26] = [
    0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, 0x06, 0x08, 0x2a,
    0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07, 0x03, 0x42, 0x00,
];
const UNCOMPRESSED: u8 = 0x04;
const PEM_HEAD: &str = "-----BEGIN PUBLIC KEY-----\n";
const PEM_FOOT: &str = "\n-----END PUBLIC KEY-----\n";
const PEM_COLUMNS: usize = 64;

/// A P-256 private key.
#[cfg(not(target_arch = "wasm32"))]
pub struct P256SigningKey(crypto::P256Pair);

#[cfg(not(target_arch = "wasm32"))]
impl P256SigningKey {
    /// Draws a new key and returns it as PKCS #8, the form to store.
    pub fn generate_pkcs8() -> Vec<u8> {
        crypto::P256Pair::generate_pkcs8()
    }

    /// Reads a stored key.
    pub fn from_pkcs8(pkcs8: &[u8]) -> Result<Self, KeyError> {
        crypto::P256Pair::from_pkcs8(pkcs8)
            .map(Self)
            .ok_or(KeyError::NotPkcs8)
    }

    /// The public half.
    pub fn public(&self) -> P256PublicKey {
        P256PublicKey(self.0.point())
    }

    /// A DER signature with a fresh nonce: two calls give two signatures.
    pub fn sign(&self, message: &[u8]) -> Vec<u8> {
        self.0.sign(message)
    }
}

/// A P-256 public key.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct P256PublicKey([u8; crypto::P256_POINT_BYTES]);

impl P256PublicKey {
    /// Reads the 91 bytes of SPKI DER; compressed points and other encodings are refused.
    pub fn from_spki_der(der: &[u8]) -> Result<Self, KeyError> {
        let point = der.strip_prefix(&SPKI_PREFIX).ok_or(KeyError::NotSpki)?;
        let point: [u8; crypto::P256_POINT_BYTES] =
            point.try_into().map_err(|_| KeyError::NotSpki)?;
        if point[0] != UNCOMPRESSED {
            return Err(KeyError::NotSpki);
        }
        Ok(Self(point))
    }

    /// The 91 bytes of SPKI DER.
    pub fn spki_der(&self) -> Vec<u8> {
        [SPKI_PREFIX.as_slice(), &self.0].concat()
    }

    /// Reads the one PEM form that [`Self::pem`] writes.
    pub fn from_pem(pem: &str) -> Result<Self, KeyError> {
        let body = pem
            .strip_prefix(PEM_HEAD)
            .and_then(|rest| rest.strip_suffix(PEM_FOOT))
            .ok_or(KeyError::NotPem)?;
        let der = base64::decode(&body.replace('\n', "")).map_err(|_| KeyError::NotPem)?;
        let key = Self::from_spki_der(&der)?;
        if key.pem() != pem {
            return Err(KeyError::NotPem);
        }
        Ok(key)
    }

    /// PEM, wrapped at 64 columns, ending in a newline.
    pub fn pem(&self) -> String {
        let body = base64::encode(&self.spki_der());
        let (first, rest) = body.split_at(PEM_COLUMNS);
        format!("{PEM_HEAD}{first}\n{rest}{PEM_FOOT}")
    }

    /// The id that `securesystemslib` gives this key; its PEM stands in raw, newlines included.
    pub fn key_id(&self) -> Digest {
        let pem = self.pem();
        Digest::of(
            format!(
                "{{\"keytype\":\"ecdsa\",\"keyval\":{{\"public\":\"{pem}\"}},\"scheme\":\"ecdsa-sha2-nistp256\"}}"
            )
            .as_bytes(),
        )
    }

    /// Checks a DER signature over SHA-256 of the message.
    pub fn verify(&self, message: &[u8], signature: &[u8]) -> Result<(), BadSignature> {
        if crypto::p256_verifies(&self.0, message, signature) {
            return Ok(());
        }
        Err(BadSignature)
    }
}

impl fmt::Debug for P256PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "P256PublicKey({})", self.key_id())
    }
}

//! SHA-256 digests as values: compared, sorted, and written as lowercase hex.
//!
//! A `Digest` does not say of what it is the digest; field names do.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};
use thiserror::Error;

use crate::{base64, crypto, hex};

/// 32 bytes: a SHA-256 digest, or another public value of that size that travels as hex.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Digest(pub [u8; 32]);

/// Why a text is no digest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum DigestError {
    /// Not hex.
    #[error(transparent)]
    Hex(#[from] hex::HexError),
    /// Not 32 bytes.
    #[error("a digest has 64 hex digits, not {0}")]
    Length(usize),
}

impl Digest {
    /// SHA-256 of some bytes.
    pub fn of(bytes: &[u8]) -> Self {
        Hasher::new().update(bytes).finish()
    }

    /// The base64 spelling of text formats.
    pub fn to_base64(&self) -> String {
        base64::encode(&self.0)
    }

    /// Reads the base64 spelling of text formats.
    pub(crate) fn try_from_base64(text: &str) -> Option<Self> {
        let bytes = base64::decode(text).ok()?;
        bytes.try_into().ok().map(Self)
    }

    /// The 32 bytes.
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex::encode(&self.0))
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Digest({self})")
    }
}

impl FromStr for Digest {
    type Err = DigestError;

    fn from_str(text: &str) -> Result<Self, DigestError> {
        let bytes = hex::decode(text)?;
        <[u8; 32]>::try_from(bytes)
            .map(Self)
            .map_err(|_| DigestError::Length(text.len()))
    }
}

impl Serialize for Digest {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&hex::encode(&self.0))
    }
}

impl<'de> Deserialize<'de> for Digest {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        String::deserialize(from)?.parse().map_err(D::Error::custom)
    }
}

/// Serde: a list of digests in base64, as proofs in a bundle have them.
pub(crate) mod base64_list {
    use serde::{Deserialize, Deserializer, Serializer, de::Error as _};

    use super::Digest;

    pub fn serialize<S: Serializer>(list: &[Digest], serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(list.iter().map(Digest::to_base64))
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<Digest>, D::Error> {
        let texts = Vec::<String>::deserialize(from)?;
        texts
            .iter()
            .map(|text| Digest::try_from_base64(text))
            .collect::<Option<_>>()
            .ok_or_else(|| D::Error::custom("a proof hash is not 32 bytes of canonical base64"))
    }
}

/// SHA-256 over bytes that arrive in pieces.
#[derive(Clone)]
pub struct Hasher(crypto::Sha256);

impl Hasher {
    /// Nothing hashed yet.
    pub fn new() -> Self {
        Self(crypto::Sha256::new())
    }

    /// Adds bytes; chains for short messages.
    #[must_use]
    pub fn update(mut self, bytes: &[u8]) -> Self {
        self.0.update(bytes);
        self
    }

    /// Adds bytes in place, for loops and struct fields.
    pub fn absorb(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }

    /// The digest of all that was added.
    pub fn finish(self) -> Digest {
        Digest(self.0.finish())
    }
}

impl Default for Hasher {
    fn default() -> Self {
        Self::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ABC: &str = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

    #[test]
    fn one_shot_and_pieces_give_the_digest_of_fips_180() {
        assert_eq!(Digest::of(b"abc").to_string(), ABC);
        let mut hasher = Hasher::new().update(b"a");
        hasher.absorb(b"bc");
        assert_eq!(hasher.finish().to_string(), ABC);
    }

    #[test]
    fn texts_of_another_length_are_refused() {
        assert_eq!(ABC.parse(), Ok(Digest::of(b"abc")));
        assert_eq!(ABC[2..].parse::<Digest>(), Err(DigestError::Length(62)));
    }
}

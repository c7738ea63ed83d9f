//! RFC 4648 base64 that has one spelling for one value.
//!
//! Stray bits, missing padding and white space are refused. [`decode_lenient`] exists for the fields
//! of a DSSE envelope alone, where the URL-safe alphabet is legal too.

use ::base64::{
    Engine,
    engine::general_purpose::{STANDARD, URL_SAFE},
};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};
use thiserror::Error;

/// The text is no canonical base64.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("not canonical base64 (RFC 4648 section 4, padded, no white space)")]
pub struct Base64Error;

/// Some bytes that travel in JSON as base64 of the standard alphabet, verbatim.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Bytes(pub Vec<u8>);

/// Writes bytes with the standard alphabet and padding.
pub fn encode(bytes: &[u8]) -> String {
    STANDARD.encode(bytes)
}

/// Reads canonical base64 in the standard alphabet.
pub fn decode(text: &str) -> Result<Vec<u8>, Base64Error> {
    STANDARD.decode(text).map_err(|_| Base64Error)
}

/// Reads canonical base64 in either alphabet.
pub fn decode_lenient(text: &str) -> Result<Vec<u8>, Base64Error> {
    decode(text).or_else(|_| URL_SAFE.decode(text).map_err(|_| Base64Error))
}

impl Serialize for Bytes {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serialize(&self.0, serializer)
    }
}

impl<'de> Deserialize<'de> for Bytes {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let bytes = decode(&String::deserialize(from)?).map_err(D::Error::custom)?;
        Ok(Self(bytes))
    }
}

/// Serde: writes bytes as base64.
pub(crate) fn serialize<S: Serializer>(bytes: &[u8], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&encode(bytes))
}

/// Serde: reads the fields of a DSSE envelope.
pub(crate) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<u8>, D::Error> {
    decode_lenient(&String::deserialize(from)?).map_err(D::Error::custom)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_canonical_spelling_decodes() {
        assert_eq!(decode("Zg=="), Ok(b"f".to_vec()));
        for bad in ["Zg", "Zg=", "Zh==", "Zg==\n", " Zg==", "Z g==", "_-8="] {
            assert_eq!(decode(bad), Err(Base64Error), "{bad:?}");
        }
    }

    #[test]
    fn envelope_fields_may_use_the_other_alphabet_but_not_both() {
        assert_eq!(decode_lenient("_-8="), Ok(vec![0xff, 0xef]));
        assert_eq!(decode_lenient("/+8="), Ok(vec![0xff, 0xef]));
        assert_eq!(decode_lenient("/-8="), Err(Base64Error));
        assert_eq!(decode_lenient("_-9="), Err(Base64Error));
    }
}

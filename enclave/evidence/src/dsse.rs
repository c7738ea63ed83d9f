//! DSSE v1 envelopes: a payload, its type, and signatures over both.
//!
//! An envelope is only parsed here; what its payload may be, and whose signature counts, is decided
//! by [`crate::statement`] and [`crate::manifest`]. A `keyid` is a hint and adds no trust.

use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::{base64, json};

/// Longest envelope in bytes: 256 KiB.
pub const ENVELOPE_BYTES_MAX: usize = 256 * 1024;

/// A payload with its signatures; base64 in JSON, plain bytes here.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Envelope {
    /// The signed bytes.
    #[serde(with = "base64")]
    pub payload: Vec<u8>,
    /// Media type of the payload; signed too.
    pub payload_type: String,
    /// Signatures over [`Envelope::pae`].
    pub signatures: Vec<Signature>,
}

/// One signature of an envelope.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Signature {
    /// A hint which key signed.
    #[serde(default)]
    pub keyid: String,
    /// The signature.
    #[serde(with = "base64")]
    pub sig: Vec<u8>,
}

/// Why some bytes are no envelope.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum EnvelopeError {
    /// Longer than [`ENVELOPE_BYTES_MAX`].
    #[error("envelope has {0} bytes, more than 262144")]
    TooLong(usize),
    /// Not strict JSON, or not an envelope.
    #[error("envelope: {0}")]
    Json(#[from] json::JsonError),
}

/// The bytes that are signed: lengths count bytes.
pub fn pae(payload_type: &str, body: &[u8]) -> Vec<u8> {
    let head = format!(
        "DSSEv1 {} {payload_type} {} ",
        payload_type.len(),
        body.len()
    );
    [head.as_bytes(), body].concat()
}

impl Envelope {
    /// Reads an envelope; members that nobody asked for are ignored, as DSSE wants.
    pub fn parse(text: &[u8]) -> Result<Self, EnvelopeError> {
        if text.len() > ENVELOPE_BYTES_MAX {
            return Err(EnvelopeError::TooLong(text.len()));
        }
        Ok(json::from_slice(text)?)
    }

    /// The canonical JSON.
    pub fn to_bytes(&self) -> Vec<u8> {
        json::to_vec(self)
    }

    /// The bytes that its signatures cover.
    pub fn pae(&self) -> Vec<u8> {
        pae(&self.payload_type, &self.payload)
    }
}

#[cfg(test)]
mod tests;

//! Receipt bundles: a receipt and all that proves it, in one canonical JSON file.
//!
//! This module reads and writes the bytes. The proofs come from whoever holds the tree, and whether a
//! bundle proves anything is for [`crate::verify`] to say.

use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::{
    digest::{self, Digest},
    dsse::Envelope,
    json::{self, JsonError},
    keys::P256PublicKey,
    wire::Proven,
};

/// Media type of a bundle.
pub const MEDIA_TYPE: &str = "application/vnd.assay.bundle+json";
/// Longest bundle in bytes: 4 MiB.
pub const BUNDLE_BYTES_MAX: usize = 4 * 1024 * 1024;

/// A receipt bundle.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Bundle {
    /// Proofs under the head that the run-intent names.
    pub before: Before,
    /// The signed checkpoint that holds all five records.
    pub checkpoint: String,
    /// Inner envelopes of the station's manifests, from version 1.
    pub manifests: Vec<Envelope>,
    /// [`MEDIA_TYPE`].
    pub media_type: String,
    /// The records.
    pub records: Records<Record>,
    /// Proofs under the head that the receipt names as its start.
    pub start: Start,
}

/// The five records of a run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Records<R> {
    /// Form commitment.
    pub commitment: R,
    /// Enclave evidence.
    pub evidence: R,
    /// Run-intent.
    pub intent: R,
    /// Receipt.
    pub receipt: R,
    /// Submission.
    pub submission: R,
}

/// A record with its place under the bundle's checkpoint.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Record {
    /// The record's envelope.
    pub dsse_envelope: Envelope,
    /// Its leaf index.
    pub index: u64,
    /// Inclusion hashes, leaf to root.
    #[serde(with = "digest::base64_list")]
    pub path: Vec<Digest>,
    /// SPKI DER of the signer, base64.
    pub public_key: String,
}

/// Proofs under the head before the run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Before {
    /// Inclusion of the commitment.
    #[serde(with = "digest::base64_list")]
    pub commitment: Vec<Digest>,
    /// Consistency with the checkpoint.
    #[serde(with = "digest::base64_list")]
    pub consistency: Vec<Digest>,
    /// Inclusion of the submission.
    #[serde(with = "digest::base64_list")]
    pub submission: Vec<Digest>,
}

/// Proofs under the head at which the run started.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Start {
    /// Consistency with the checkpoint.
    #[serde(with = "digest::base64_list")]
    pub consistency: Vec<Digest>,
    /// Inclusion of the intent.
    #[serde(with = "digest::base64_list")]
    pub intent: Vec<Digest>,
}

/// A record as a station holds it, before it is proven.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Member {
    /// The record's envelope.
    pub envelope: Envelope,
    /// Its leaf index.
    pub index: u64,
    /// The signer.
    pub key: P256PublicKey,
}

/// Why some bytes are no bundle.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum BundleError {
    /// Longer than [`BUNDLE_BYTES_MAX`].
    #[error("bundle has {0} bytes, more than 4194304")]
    TooLong(usize),
    /// Not strict JSON of this shape.
    #[error("bundle: {0}")]
    Json(#[from] JsonError),
    /// Another media type.
    #[error("bundle has the media type {0:?} instead of application/vnd.assay.bundle+json")]
    MediaType(String),
    /// The same content, spelt otherwise.
    #[error("bundle is not in its canonical form; download it again and do not reformat it")]
    NotCanonical,
}

impl Bundle {
    /// Reads a bundle; only the bytes that [`Self::to_bytes`] writes are accepted.
    pub fn parse(text: &[u8]) -> Result<Self, BundleError> {
        if text.len() > BUNDLE_BYTES_MAX {
            return Err(BundleError::TooLong(text.len()));
        }
        let bundle: Self = json::from_slice(text)?;
        if bundle.media_type != MEDIA_TYPE {
            return Err(BundleError::MediaType(bundle.media_type));
        }
        if bundle.to_bytes() != text {
            return Err(BundleError::NotCanonical);
        }
        Ok(bundle)
    }

    /// The canonical JSON.
    pub fn to_bytes(&self) -> Vec<u8> {
        json::to_vec(self)
    }
}

impl From<Record> for Proven {
    fn from(record: Record) -> Self {
        Self {
            envelope: record.dsse_envelope,
            index: record.index,
            path: record.path,
            public_key: record.public_key,
        }
    }
}

impl From<Proven> for Record {
    fn from(proven: Proven) -> Self {
        Self {
            dsse_envelope: proven.envelope,
            index: proven.index,
            path: proven.path,
            public_key: proven.public_key,
        }
    }
}

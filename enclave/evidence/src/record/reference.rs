//! How one record names another, a head, or bytes.

use serde::{Deserialize, Serialize};

use crate::digest::Digest;

/// `{"sha256": hex}`: the digest of some bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sha256Ref {
    /// Lowercase hex in JSON.
    pub sha256: Digest,
}

/// A record by its place and leaf hash in one log.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RecordRef {
    /// Leaf index, from 0.
    pub index: u64,
    /// Leaf hash.
    pub leaf: Digest,
    /// The log's origin.
    pub origin: String,
}

/// Size and root of a log at one moment.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Head {
    /// The log's origin.
    pub origin: String,
    /// RFC 6962 tree hash.
    pub root: Digest,
    /// Number of leaves.
    pub size: u64,
}

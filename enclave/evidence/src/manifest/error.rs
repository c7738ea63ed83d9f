//! Why one manifest does not load, whatever stands before it.

use thiserror::Error;

use super::Role;
use crate::{digest::Digest, json::JsonError};

/// Why a manifest does not load.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum ManifestError {
    /// Another payload type.
    #[error("manifest has payload type {0:?}")]
    PayloadType(String),
    /// Not strict JSON of this shape, or a bad or weak key.
    #[error("manifest: {0}")]
    Json(#[from] JsonError),
    /// Another `_type`.
    #[error("manifest is of type {0:?} instead of assay-station-manifest")]
    Kind(String),
    /// Empty or with blanks.
    #[error("manifest names the origin {0:?}, which is no key name")]
    Origin(String),
    /// Not `YYYY-MM-DDTHH:MM:SSZ`.
    #[error("manifest expires at {0:?}, which is not of the form YYYY-MM-DDTHH:MM:SSZ")]
    Time(String),
    /// The id does not belong to the key.
    #[error("manifest lists under {0} a key with another id")]
    WrongKeyId(Digest),
    /// Anybody can sign with it.
    #[error("manifest lists the published test key {0}; anybody can sign with it")]
    TestKey(Digest),
    /// A role that every station has is missing.
    #[error("manifest has no role {}", .0.name())]
    NoRole(Role),
    /// A role names a key that the manifest lacks.
    #[error("role {} names the key {key}, which the manifest does not list", .role.name())]
    UnknownKey {
        /// Role.
        role: Role,
        /// Key id.
        key: Digest,
    },
    /// A role names a key of another kind.
    #[error("role {} cannot be held by the key {key} of its kind", .role.name())]
    KeyKind {
        /// Role.
        role: Role,
        /// Key id.
        key: Digest,
    },
    /// A key stands twice in a role or in two roles.
    #[error("key {0} stands in two roles, or twice in one")]
    TwoRoles(Digest),
    /// A key has no role.
    #[error("key {0} has no role")]
    NoRoleForKey(Digest),
    /// Zero, or more than there are keys.
    #[error("role {} has threshold {threshold} with {keys} keys", .role.name())]
    Threshold {
        /// Role.
        role: Role,
        /// Threshold.
        threshold: u64,
        /// Number of keys.
        keys: usize,
    },
    /// Empty, repeated, of a key without the role, or with an end of the wrong kind.
    #[error(
        "validity of key {0} is empty, repeated, of a role that the key does not hold or of the wrong kind"
    )]
    Validity(Digest),
    /// Past `expires`.
    #[error("manifest expired at {0}; new records need a newer one")]
    Expired(String),
    /// More than two years ahead.
    #[error("manifest expires at {0}, more than two years ahead")]
    TooLong(String),
}

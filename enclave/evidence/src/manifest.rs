//! Station manifests: which key holds which role, over which part of the log.
//!
//! Only version 1 opens, pinned by digest from outside. Later versions, which must be signed by the
//! root of the one before, are refused as unknown rather than believed.

mod key;
mod rules;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use thiserror::Error;

pub use key::ManifestKey;

use crate::{
    digest::Digest,
    dsse::Envelope,
    json::{self, JsonError},
    keys::Ed25519PublicKey,
};
#[cfg(not(target_arch = "wasm32"))]
use crate::{
    dsse::{Signature, pae},
    keys::Ed25519SigningKey,
};

/// Payload type of the inner envelope.
pub const PAYLOAD_TYPE: &str = "application/vnd.assay.station-manifest+json";
/// `_type` of every manifest.
pub const MANIFEST_TYPE: &str = "assay-station-manifest";

/// Who speaks for a station.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    /// [`MANIFEST_TYPE`].
    #[serde(rename = "_type")]
    pub kind: String,
    /// Where the station serves.
    pub endpoints: Endpoints,
    /// No new records after this declared time; at most two years ahead.
    pub expires: String,
    /// Jurisdiction, such as `MO`.
    pub jurisdiction: String,
    /// All keys, by key id.
    pub keys: BTreeMap<Digest, ManifestKey>,
    /// Names of the station's cosigners.
    pub names: Names,
    /// Origin of the station's log.
    pub origin: String,
    /// Stations it follows.
    pub peers: Vec<Peer>,
    /// Keys and threshold of each role.
    pub roles: BTreeMap<Role, RoleKeys>,
    /// Where in the log each key counts.
    pub validity: Vec<Validity>,
    /// 1, 2, 3 … without gaps.
    pub version: u64,
}

/// URLs of a station.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Endpoints {
    /// The log's prefix.
    pub log: String,
    /// The mirror's prefix.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub mirror: Option<String>,
    /// The witness's prefix.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub witness: Option<String>,
}

/// Cosigner names of a station; the log's own name is its origin.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Names {
    /// Name of the mirror's key.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub mirror: Option<String>,
    /// Name of the witness's key.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub witness: Option<String>,
}

/// A station that this one follows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Peer {
    /// Digest of its first manifest payload.
    pub manifest: Digest,
    /// Origin of its log.
    pub origin: String,
}

/// Keys of a role.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RoleKeys {
    /// Ids of keys in [`Manifest::keys`].
    pub keyids: Vec<Digest>,
    /// How many of them must sign.
    pub threshold: u64,
}

/// Where in the station's own log a key counts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Validity {
    /// First index.
    pub from: u64,
    /// The key.
    pub keyid: Digest,
    /// The role.
    pub role: Role,
    /// First index past the range; `null` while it is open.
    pub until: Option<u64>,
}

/// What a key may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Role {
    /// Approves forms, m of n.
    Committee,
    /// Opens seals.
    EnclaveSeal,
    /// Signs intents, receipts, aborts, evidence.
    EnclaveSign,
    /// Signs checkpoints.
    Log,
    /// Cosigns what it stores of other logs.
    Mirror,
    /// Signs the server's records.
    Recorder,
    /// Signs manifests.
    Root,
    /// Cosigns heads of other logs.
    Witness,
}

impl Role {
    /// The role's name in manifests.
    pub fn name(self) -> &'static str {
        match self {
            Self::Committee => "committee",
            Self::EnclaveSeal => "enclave-seal",
            Self::EnclaveSign => "enclave-sign",
            Self::Log => "log",
            Self::Mirror => "mirror",
            Self::Recorder => "recorder",
            Self::Root => "root",
            Self::Witness => "witness",
        }
    }
}

/// Why a manifest does not load.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum ManifestError {
    /// Another payload type.
    #[error("manifest has payload type {0:?}")]
    PayloadType(String),
    /// Not the pinned one.
    #[error("manifest has digest {found}, but {pinned} is pinned")]
    NotPinned {
        /// Digest from outside.
        pinned: Digest,
        /// Digest of the payload.
        found: Digest,
    },
    /// Not strict JSON of this shape, or a bad or weak key.
    #[error("manifest: {0}")]
    Json(#[from] JsonError),
    /// Another `_type`.
    #[error("manifest is of type {0:?} instead of assay-station-manifest")]
    Kind(String),
    /// Not version 1.
    #[error("manifest has version {0}; only version 1 can be pinned by digest")]
    Version(u64),
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
    /// Empty, repeated, or of a key without the role.
    #[error("validity of key {0} is empty, repeated or of a role that the key does not hold")]
    Validity(Digest),
    /// A signature by no root key, by one twice, or a bad one.
    #[error("signature {0} of the manifest is not by a root key, is by one twice, or fails")]
    Signature(usize),
    /// Too few signatures.
    #[error("manifest has {found} root signatures of {needed}")]
    TooFew {
        /// Signatures that verified.
        found: usize,
        /// Threshold of the root.
        needed: u64,
    },
    /// Past `expires`.
    #[error("manifest expired at {0}; new records need a newer one")]
    Expired(String),
    /// More than two years ahead.
    #[error("manifest expires at {0}, more than two years ahead")]
    TooLong(String),
}

/// Signs a manifest with its root keys.
#[cfg(not(target_arch = "wasm32"))]
pub fn sign(roots: &[&Ed25519SigningKey], manifest: &Manifest) -> Envelope {
    let payload = json::to_vec(manifest);
    let signed = pae(PAYLOAD_TYPE, &payload);
    let signatures = roots.iter().map(|root| Signature {
        keyid: root.public().key_id().to_string(),
        sig: root.sign(&signed).to_vec(),
    });
    Envelope {
        signatures: signatures.collect(),
        payload,
        payload_type: PAYLOAD_TYPE.to_owned(),
    }
}

/// The digest that policies and evidence records name: SHA-256 of the inner payload.
pub fn payload_digest(envelope: &Envelope) -> Digest {
    Digest::of(&envelope.payload)
}

/// Opens version 1: pinned, sound in itself, and signed by enough of its own root keys.
///
/// Every signature must be by a root key and verify, so that no byte of it can change unseen.
pub fn open_first(envelope: &Envelope, pinned: &Digest) -> Result<Manifest, ManifestError> {
    if envelope.payload_type != PAYLOAD_TYPE {
        return Err(ManifestError::PayloadType(envelope.payload_type.clone()));
    }
    let found = payload_digest(envelope);
    if found != *pinned {
        return Err(ManifestError::NotPinned {
            pinned: *pinned,
            found,
        });
    }
    let manifest: Manifest = json::from_slice(&envelope.payload)?;
    manifest.check()?;
    if manifest.version != 1 {
        return Err(ManifestError::Version(manifest.version));
    }
    check_signatures(envelope, &manifest)?;
    Ok(manifest)
}

fn check_signatures(envelope: &Envelope, manifest: &Manifest) -> Result<(), ManifestError> {
    let message = envelope.pae();
    let mut unused: Vec<&Ed25519PublicKey> = manifest.root_keys().collect();
    for (position, signature) in envelope.signatures.iter().enumerate() {
        let signer = unused
            .iter()
            .position(|key| key.verify(&message, &signature.sig).is_ok())
            .ok_or(ManifestError::Signature(position + 1))?;
        unused.remove(signer);
    }
    let needed = manifest.role(Role::Root).map_or(1, |root| root.threshold);
    let found = envelope.signatures.len();
    if (found as u64) < needed {
        return Err(ManifestError::TooFew { found, needed });
    }
    Ok(())
}

impl Manifest {
    /// Keys and threshold of a role.
    pub fn role(&self, role: Role) -> Option<&RoleKeys> {
        self.roles.get(&role)
    }

    /// Did this key hold this role at this leaf index?
    pub fn key_held(&self, role: Role, key_id: &Digest, index: u64) -> bool {
        self.ranges(role, key_id)
            .any(|range| range.from <= index && range.until.is_none_or(|until| index < until))
    }

    /// Could this log key sign a checkpoint of this size? Both ends of its range count.
    pub fn log_key_held(&self, key_id: &Digest, size: u64) -> bool {
        self.ranges(Role::Log, key_id)
            .any(|range| range.from <= size && range.until.is_none_or(|until| size <= until))
    }

    /// May new records be added at this declared time?
    pub fn check_term(&self, now: &str) -> Result<(), ManifestError> {
        rules::check_term(&self.expires, now)
    }

    fn ranges(&self, role: Role, key_id: &Digest) -> impl Iterator<Item = &Validity> {
        let is_asked = move |range: &&Validity| range.role == role && range.keyid == *key_id;
        self.validity.iter().filter(is_asked)
    }

    /// The root keys, in the order of the role.
    pub fn root_keys(&self) -> impl Iterator<Item = &Ed25519PublicKey> {
        let ids = self.role(Role::Root).map_or(&[][..], |root| &root.keyids);
        ids.iter().filter_map(|id| match self.keys.get(id) {
            Some(ManifestKey::Ed25519(key)) => Some(key),
            _ => None,
        })
    }
}

#[cfg(test)]
mod tests;

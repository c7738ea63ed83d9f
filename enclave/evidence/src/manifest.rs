//! Station manifests: which key holds which role, over which part of the log.
//!
//! One manifest is a list of keys, roles and ranges, sound in itself. Who may speak for a station
//! now follows from its [`Chain`]: version 1 is pinned by digest from outside, and each later one is
//! signed by the roots of two. Nothing here reads a clock or asks whether a version was logged.

mod chain;
mod edit;
mod error;
mod key;
mod rules;
mod succession;
mod until;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

pub use chain::{CHAIN_BYTES_MAX, Chain, ChainError, VERSIONS_MAX};
pub use error::ManifestError;
pub use key::ManifestKey;
pub use succession::SuccessionError;
pub use until::Until;

use crate::{digest::Digest, dsse::Envelope, keys::Ed25519PublicKey, note::VerifierKey};
#[cfg(not(target_arch = "wasm32"))]
use crate::{
    dsse::{Signature, pae},
    json,
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
    /// First index; of no meaning for witness and mirror keys.
    pub from: u64,
    /// The key.
    pub keyid: Digest,
    /// The role.
    pub role: Role,
    /// Where the range ends; `null` while it is open.
    pub until: Option<Until>,
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

impl Manifest {
    /// Keys and threshold of a role.
    pub fn role(&self, role: Role) -> Option<&RoleKeys> {
        self.roles.get(&role)
    }

    /// Did this key hold this role at this leaf index?
    pub fn key_held(&self, role: Role, key_id: &Digest, index: u64) -> bool {
        self.ranges(role, key_id)
            .any(|range| range.from <= index && Until::is_after(range.until.as_ref(), index))
    }

    /// Could this log key sign a checkpoint of this size? Both ends of its range count.
    pub fn log_key_held(&self, key_id: &Digest, size: u64) -> bool {
        self.ranges(Role::Log, key_id)
            .any(|range| range.from <= size && Until::is_reached(range.until.as_ref(), size))
    }

    /// Does a cosignature by this key count on a head of this size of another log?
    pub fn cosigner_held(&self, role: Role, key_id: &Digest, origin: &str, size: u64) -> bool {
        self.ranges(role, key_id)
            .any(|range| Until::is_reached_for(range.until.as_ref(), origin, size))
    }

    /// The log keys that may sign a checkpoint of this size, newest range first.
    pub fn log_keys_at(&self, size: u64) -> Vec<Ed25519PublicKey> {
        let is_held =
            |range: &&Validity| range.role == Role::Log && self.log_key_held(&range.keyid, size);
        newest_first(self.validity.iter().filter(is_held))
            .iter()
            .filter_map(|range| self.ed25519(&range.keyid))
            .collect()
    }

    /// The same keys with the name under which they sign: the origin.
    pub fn log_verifiers_at(&self, size: u64) -> Vec<VerifierKey> {
        let keys = self.log_keys_at(size).into_iter();
        keys.filter_map(|key| VerifierKey::new(&self.origin, key).ok())
            .collect()
    }

    /// Keys of a role whose range is open, newest first: those that a station signs with.
    pub fn open_keys(&self, role: Role) -> Vec<Digest> {
        let is_open = |range: &&Validity| range.role == role && range.until.is_none();
        newest_first(self.validity.iter().filter(is_open))
            .iter()
            .map(|range| range.keyid)
            .collect()
    }

    /// The open log keys with the name under which they sign, newest first.
    pub fn open_log_verifiers(&self) -> Vec<VerifierKey> {
        let keys = self.open_keys(Role::Log).into_iter();
        keys.filter_map(|id| VerifierKey::new(&self.origin, self.ed25519(&id)?).ok())
            .collect()
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
    pub fn root_keys(&self) -> impl Iterator<Item = Ed25519PublicKey> {
        let ids = self.role(Role::Root).map_or(&[][..], |root| &root.keyids);
        ids.iter().filter_map(|id| self.ed25519(id))
    }

    /// How many root keys must sign.
    pub fn root_threshold(&self) -> u64 {
        self.role(Role::Root).map_or(1, |root| root.threshold)
    }

    fn ed25519(&self, id: &Digest) -> Option<Ed25519PublicKey> {
        match self.keys.get(id) {
            Some(ManifestKey::Ed25519(key)) => Some(*key),
            _ => None,
        }
    }
}

fn newest_first<'a>(ranges: impl Iterator<Item = &'a Validity>) -> Vec<&'a Validity> {
    let mut ordered: Vec<&Validity> = Vec::new();
    for range in ranges {
        let newer = ordered.partition_point(|other| other.from >= range.from);
        ordered.insert(newer, range);
    }
    ordered
}

#[cfg(test)]
mod tests;

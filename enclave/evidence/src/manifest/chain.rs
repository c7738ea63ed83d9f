//! The manifests of a station from version 1 on: each believed because of the one before.
//!
//! Whether a version was logged, and whether there is a later one, cannot be seen here.

use thiserror::Error;

use super::{
    Manifest, ManifestError, PAYLOAD_TYPE, Role, payload_digest,
    succession::{self, RolesHeld, SuccessionError},
};
use crate::{
    digest::Digest,
    dsse::Envelope,
    json::{self, JsonError},
    keys::Ed25519PublicKey,
};

/// Most versions in a chain.
pub const VERSIONS_MAX: usize = 256;
/// Longest chain file in bytes: 1 MiB.
pub const CHAIN_BYTES_MAX: usize = 1024 * 1024;

/// Manifests 1 to N of one station, without a gap.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Chain {
    /// Never empty.
    links: Vec<Link>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Link {
    envelope: Envelope,
    manifest: Manifest,
    digest: Digest,
    /// Key ids in the order of the signatures.
    signers: Vec<Digest>,
}

/// Why a chain of manifests is not believed.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum ChainError {
    /// Longer than [`CHAIN_BYTES_MAX`].
    #[error("chain of manifests has {0} bytes, more than 1048576")]
    TooLong(usize),
    /// Not a strict JSON list of envelopes.
    #[error("chain of manifests: {0}")]
    Json(#[from] JsonError),
    /// No version at all.
    #[error("chain of manifests is empty; it starts with version 1")]
    Empty,
    /// More than [`VERSIONS_MAX`].
    #[error("chain has {0} manifests, more than 256")]
    TooMany(usize),
    /// The first is not the pinned one.
    #[error("manifest has digest {found}, but {pinned} is pinned")]
    NotPinned {
        /// Digest from outside.
        pinned: Digest,
        /// Digest of the payload.
        found: Digest,
    },
    /// A version is missing or stands elsewhere.
    #[error("manifest version {found} stands where version {expected} belongs")]
    Gap {
        /// Version by place.
        expected: u64,
        /// Version stated.
        found: u64,
    },
    /// One manifest is unsound in itself.
    #[error("manifest version {version}: {reason}")]
    Unsound {
        /// Version by place.
        version: u64,
        /// What is wrong with it.
        reason: ManifestError,
    },
    /// One manifest changes what it must not.
    #[error("manifest version {version} is no successor: {reason}")]
    Succession {
        /// Version by place.
        version: u64,
        /// What it changes.
        reason: SuccessionError,
    },
    /// A signature by no root key, by one twice, or a bad one.
    #[error(
        "signature {position} of manifest version {version} is not by a root key, is by one twice, or fails"
    )]
    Signature {
        /// Version by place.
        version: u64,
        /// Number of the signature, from 1.
        position: usize,
    },
    /// Too few signatures.
    #[error(
        "manifest version {version} has {found} signatures by the root of version {root_of}, which needs {needed}"
    )]
    TooFew {
        /// Version by place.
        version: u64,
        /// The version whose root must sign.
        root_of: u64,
        /// Its keys that signed.
        found: usize,
        /// Its threshold.
        needed: u64,
    },
}

impl Chain {
    /// Opens versions 1 to N: the first pinned, each later one signed by the root thresholds of the
    /// version before and of its own, and a lawful successor.
    ///
    /// Every signature must be by a root key of one of the two and verify, so that no byte of one can
    /// change unseen.
    pub fn open(envelopes: &[Envelope], pinned: &Digest) -> Result<Self, ChainError> {
        let first = envelopes.first().ok_or(ChainError::Empty)?;
        if envelopes.len() > VERSIONS_MAX {
            return Err(ChainError::TooMany(envelopes.len()));
        }
        let found = payload_digest(first);
        if found != *pinned {
            let pinned = *pinned;
            return Err(ChainError::NotPinned { pinned, found });
        }
        let mut roles = RolesHeld::default();
        let mut links: Vec<Link> = Vec::new();
        for (version, envelope) in (1..).zip(envelopes) {
            let link = link(envelope, version, links.last())?;
            let added = roles.add(&link.manifest);
            added.map_err(|reason| ChainError::Succession { version, reason })?;
            links.push(link);
        }
        Ok(Self { links })
    }

    /// This chain and one more version.
    pub fn extended(&self, envelope: &Envelope) -> Result<Self, ChainError> {
        let envelopes: Vec<_> = self.envelopes().chain([envelope]).cloned().collect();
        Self::open(&envelopes, &self.links[0].digest)
    }

    /// Reads a chain file, a JSON list of inner envelopes from version 1, and opens it.
    pub fn parse(text: &[u8], pinned: &Digest) -> Result<Self, ChainError> {
        if text.len() > CHAIN_BYTES_MAX {
            return Err(ChainError::TooLong(text.len()));
        }
        Self::open(&json::from_slice::<Vec<Envelope>>(text)?, pinned)
    }

    /// The chain file: canonical JSON.
    pub fn to_bytes(&self) -> Vec<u8> {
        json::to_vec(&self.envelopes().collect::<Vec<_>>())
    }

    /// The inner envelopes from version 1.
    pub fn envelopes(&self) -> impl Iterator<Item = &Envelope> {
        self.links.iter().map(|link| &link.envelope)
    }

    /// The newest manifest, by which all ranges are judged.
    pub fn newest(&self) -> &Manifest {
        &self.newest_link().manifest
    }

    /// All manifests from version 1.
    pub fn manifests(&self) -> impl Iterator<Item = &Manifest> {
        self.links.iter().map(|link| &link.manifest)
    }

    /// Digest of the newest payload.
    pub fn newest_digest(&self) -> &Digest {
        &self.newest_link().digest
    }

    /// Digests of the payloads from version 1.
    pub fn digests(&self) -> impl Iterator<Item = &Digest> {
        self.links.iter().map(|link| &link.digest)
    }

    /// Ids of the keys that signed each version, in the order of its signatures.
    pub fn signers(&self) -> impl Iterator<Item = &[Digest]> {
        self.links.iter().map(|link| link.signers.as_slice())
    }

    /// Origin of the station's log.
    pub fn origin(&self) -> &str {
        &self.newest().origin
    }

    /// Did this key hold this role at this leaf index?
    pub fn key_held(&self, role: Role, key_id: &Digest, index: u64) -> bool {
        self.newest().key_held(role, key_id, index)
    }

    /// Could this log key sign a checkpoint of this size? Both ends of its range count.
    pub fn log_key_held(&self, key_id: &Digest, size: u64) -> bool {
        self.newest().log_key_held(key_id, size)
    }

    /// The log keys that may sign a checkpoint of this size, newest range first.
    pub fn log_keys_at(&self, size: u64) -> Vec<Ed25519PublicKey> {
        self.newest().log_keys_at(size)
    }

    fn newest_link(&self) -> &Link {
        self.links.last().expect("a chain has version 1")
    }
}

fn link(envelope: &Envelope, version: u64, before: Option<&Link>) -> Result<Link, ChainError> {
    let manifest = load(envelope).map_err(|reason| ChainError::Unsound { version, reason })?;
    if manifest.version != version {
        let (expected, found) = (version, manifest.version);
        return Err(ChainError::Gap { expected, found });
    }
    let before = before.map(|link| &link.manifest);
    if let Some(before) = before {
        succession::check(before, &manifest)
            .map_err(|reason| ChainError::Succession { version, reason })?;
    }
    let roots: Vec<&Manifest> = before.into_iter().chain([&manifest]).collect();
    let signers = signers(envelope, version, &roots)?;
    Ok(Link {
        envelope: envelope.clone(),
        digest: payload_digest(envelope),
        signers,
        manifest,
    })
}

fn load(envelope: &Envelope) -> Result<Manifest, ManifestError> {
    if envelope.payload_type != PAYLOAD_TYPE {
        return Err(ManifestError::PayloadType(envelope.payload_type.clone()));
    }
    let manifest: Manifest = json::from_slice(&envelope.payload)?;
    manifest.check()?;
    Ok(manifest)
}

/// Who signed; enough of the root of each given manifest must have.
fn signers(
    envelope: &Envelope,
    version: u64,
    roots: &[&Manifest],
) -> Result<Vec<Digest>, ChainError> {
    let message = envelope.pae();
    let mut signed: Vec<Ed25519PublicKey> = Vec::new();
    for (place, signature) in envelope.signatures.iter().enumerate() {
        let key = roots
            .iter()
            .flat_map(|manifest| manifest.root_keys())
            .find(|key| !signed.contains(key) && key.verify(&message, &signature.sig).is_ok());
        let position = place + 1;
        signed.push(key.ok_or(ChainError::Signature { version, position })?);
    }
    for manifest in roots {
        let found = manifest
            .root_keys()
            .filter(|key| signed.contains(key))
            .count();
        let needed = manifest.root_threshold();
        if (found as u64) < needed {
            return Err(ChainError::TooFew {
                version,
                root_of: manifest.version,
                found,
                needed,
            });
        }
    }
    Ok(signed.iter().map(Ed25519PublicKey::key_id).collect())
}

#[cfg(test)]
mod tests;

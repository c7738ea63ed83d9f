//! The station that this keeper belongs to: its own policy and manifest, and what they prove of a record.
//!
//! The server carries every file here; nothing is believed because it came from the server.

use assay_evidence::{
    base64,
    checkpoint::Checkpoint,
    digest::Digest,
    keys::P256PublicKey,
    leaf,
    manifest::{CHAIN_BYTES_MAX, Chain, Role},
    note::VerifierKey,
    policy::{POLICY_BYTES_MAX, Policy},
    record::{Predicate, RecordRef},
    statement::{self, Opened},
    tree,
    wire::Proven,
};

use super::{
    refusal::{Part, Refused},
    state::State,
};
use crate::clock;

const POLICY_FILE: &str = "policy";
const MANIFEST_FILE: &str = "manifest.json";

/// Policy and manifests, loaded and checked.
pub struct Station {
    policy: Policy,
    chain: Chain,
}

/// A record that a checkpoint proves and whose signature holds.
pub struct Logged<P> {
    /// What it says, with its subjects.
    pub opened: Opened<P>,
    /// Its place.
    pub at: RecordRef,
    /// Who signed.
    pub signer: P256PublicKey,
}

impl Station {
    /// Reads both files from the keeper's folder.
    pub fn load(state: &State) -> Result<Self, Refused> {
        let policy = state
            .public_file(POLICY_FILE, POLICY_BYTES_MAX as u64)?
            .ok_or(Refused::NoStation(POLICY_FILE))?;
        let policy = Policy::parse(&String::from_utf8_lossy(&policy))?;
        let manifests = state
            .public_file(MANIFEST_FILE, CHAIN_BYTES_MAX as u64)?
            .ok_or(Refused::NoStation(MANIFEST_FILE))?;
        let pinned: Vec<_> = policy
            .origins()
            .filter_map(|origin| policy.manifest_for(origin))
            .collect();
        let [pinned] = pinned.as_slice() else {
            return Err(Refused::PolicyLog);
        };
        let chain = Chain::parse(&manifests, pinned)?;
        if policy.keys_for(chain.origin()).is_empty() {
            return Err(Refused::PolicyLog);
        }
        Ok(Self { policy, chain })
    }

    /// Origin of the station's log.
    pub fn origin(&self) -> &str {
        self.chain.origin()
    }

    /// Digest of the newest manifest payload: what new evidence names.
    pub fn manifest_digest(&self) -> &Digest {
        self.chain.newest_digest()
    }

    /// Is this the digest of one of the station's manifests?
    pub fn has_manifest(&self, digest: &Digest) -> bool {
        self.chain.digests().any(|known| known == digest)
    }

    /// New records need a manifest that has not expired.
    pub fn check_term(&self, now: &str) -> Result<(), Refused> {
        Ok(self.chain.newest().check_term(now)?)
    }

    /// Opens a checkpoint of the station's own log, signed by a key that was in force, with its quorum.
    pub fn checkpoint(&self, note: &str) -> Result<Checkpoint, Refused> {
        let attested = self.policy.check(note, Some(clock::seconds_now()))?;
        let checkpoint = attested.checkpoint;
        if checkpoint.origin != self.origin() {
            return Err(Refused::PolicyLog);
        }
        let is_held = |key: &VerifierKey| {
            let id = key.key().key_id();
            self.chain.log_key_held(&id, checkpoint.size)
        };
        if !attested.logs.iter().any(is_held) {
            return Err(Refused::LogKey(checkpoint.size));
        }
        Ok(checkpoint)
    }

    /// Opens a record that stands in the log under this checkpoint.
    pub fn logged<P: Predicate>(
        &self,
        part: Part,
        proven: &Proven,
        under: &Checkpoint,
    ) -> Result<Logged<P>, Refused> {
        let spki = base64::decode(&proven.public_key).map_err(|_| Refused::KeyText(part))?;
        let signer =
            P256PublicKey::from_spki_der(&spki).map_err(|source| Refused::Key { part, source })?;
        let data = leaf::data(&proven.envelope, &signer)
            .map_err(|source| Refused::Leaf { part, source })?;
        let leaf = leaf::hash(&data);
        tree::verify_inclusion(proven.index, under.size, &leaf, &under.root, &proven.path)
            .map_err(|source| Refused::NotIncluded { part, source })?;
        let opened: Opened<P> = statement::open_record(&proven.envelope, &signer)
            .map_err(|source| Refused::Statement { part, source })?;
        let found = opened.predicate.station();
        if found != self.origin() {
            let (expected, found) = (self.origin().to_owned(), found.to_owned());
            return Err(Refused::Station {
                part,
                expected,
                found,
            });
        }
        let at = RecordRef {
            index: proven.index,
            leaf,
            origin: self.origin().to_owned(),
        };
        Ok(Logged { opened, at, signer })
    }

    /// Did the signer hold one of these roles at the record's place?
    pub fn held<P>(&self, part: Part, record: &Logged<P>, roles: &[Role]) -> Result<(), Refused> {
        let id = record.signer.key_id();
        let held = roles
            .iter()
            .any(|role| self.chain.key_held(*role, &id, record.at.index));
        if held {
            Ok(())
        } else {
            Err(Refused::Role(part))
        }
    }
}

//! Rotation: the next manifest of a station that nobody serves.
//!
//! A version takes in a key, closes a range or renews the term; roots sign it, and the next start of the
//! station logs it before anything else. Enclave keys are born in the keeper and are not rotated here.

mod logged;

use std::{fs::File, path::PathBuf};

use assay_evidence::{
    checkpoint::Checkpoint,
    digest::Digest,
    keys::Ed25519SigningKey,
    manifest::{self, Chain, ChainError, Manifest, Role, Until, Validity},
    note::VerifierKey,
    time,
};
use serde::Serialize;

use crate::{
    clock::Millis,
    config::Config,
    entropy::Entropy,
    log::LogError,
    station::{StationError, take_lock},
    station_files::{StationFiles, StationFilesError},
    station_init::TERM_YEARS,
    station_keys::{self, KeysError, ServerRole},
    store::{StoreError, lock::Lock, lock::StoredHead},
};

/// Days for which two log keys sign side by side.
pub const OVERLAP_DAYS: u64 = 30;

/// Why there is no next manifest.
#[derive(Debug, thiserror::Error)]
pub enum RotationError {
    /// The folder is in use, or is no data folder.
    #[error(transparent)]
    Station(#[from] StationError),
    /// Manifest and policy.
    #[error(transparent)]
    Files(#[from] StationFilesError),
    /// Keys.
    #[error(transparent)]
    Keys(#[from] KeysError),
    /// The lock store or the index.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The log's records.
    #[error(transparent)]
    Log(#[from] LogError),
    /// The new version does not follow from the one before.
    #[error("the next manifest does not hold: {0}; name every root key that must sign with --root")]
    Chain(#[from] ChainError),
    /// No head was ever signed.
    #[error("{0} holds no log; \"assay station init\" makes one")]
    NoLog(PathBuf),
    /// The key of the role was taken in and never used.
    #[error(
        "the {role} key {key} has signed nothing yet; serve the station once before the next rotation"
    )]
    Unused {
        /// The role.
        role: &'static str,
        /// Key id.
        key: Digest,
    },
    /// The record of an earlier version would be signed by a key that only this one takes in.
    #[error(
        "manifest version {0} is not in the log yet; serve the station once before the recorder key changes"
    )]
    Unlogged(u64),
    /// After its range a key signs nothing, so what it has signed must be in the log before.
    #[error(
        "the key {key} has signed {records} records that may not be in the log yet; serve the station once before its range ends"
    )]
    Waiting {
        /// Key id.
        key: Digest,
        /// How many.
        records: u64,
    },
    /// No range of this key can be closed.
    #[error("the manifest has no key {0} with a range; \"assay station keys\" lists them")]
    NoKey(Digest),
    /// The role would be left without a key.
    #[error(
        "{key} is the only open {role} key, and no station runs without one; take in another one first"
    )]
    OnlyKey {
        /// The role.
        role: &'static str,
        /// Key id.
        key: Digest,
    },
    /// The other log key has signed no head.
    #[error(
        "the newest checkpoint is signed by the key {0} alone; serve the station once so that the other log key signs"
    )]
    Unsigned(Digest),
    /// Closing now would take policies by surprise.
    #[error(
        "two log keys sign side by side for {OVERLAP_DAYS} days, here since {since}; wait, or say why not with --now-despite-overlap"
    )]
    Overlap {
        /// When the newer key's manifest was logged, or that it was not.
        since: String,
    },
}

/// What was changed, for people and programs.
#[derive(Clone, Debug, Serialize)]
pub struct NextManifest {
    /// Version of the new manifest.
    pub version: u64,
    /// Digest of its payload.
    pub sha256: Digest,
    /// No new records after this declared time.
    pub expires: String,
    /// Size of the log at which it was made.
    pub size: u64,
    /// Id of the key that was taken in.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub key: Option<Digest>,
    /// Its file.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub key_file: Option<PathBuf>,
    /// Ids of keys whose range ends here.
    pub closed: Vec<Digest>,
    /// The policy with the log keys that are open now.
    pub policy: PathBuf,
}

/// A station that nobody serves, held by its lock until this value goes.
pub struct Stopped {
    config: Config,
    files: StationFiles,
    head: StoredHead,
    _lock: File,
}

/// Root keys and the moment, which every new version needs.
pub struct Signing<'a> {
    /// Files of root keys.
    pub roots: &'a [PathBuf],
    /// Now.
    pub now: Millis,
}

/// Where a range ends, and whether it may end before two log keys have overlapped for long enough.
pub struct Closing {
    /// First index past the range, or last size for a log key; the present size when absent.
    pub at: Option<u64>,
    /// Why not to wait.
    pub despite_overlap: Option<String>,
}

impl Stopped {
    /// Takes a station that nobody serves.
    pub async fn take(config: Config) -> Result<Self, RotationError> {
        let lock = take_lock(&config.data)?;
        let files = StationFiles::read(&config)?;
        let heads = Lock::open(&config.data).await?;
        let head = heads.head().await;
        heads.close().await;
        let head = head?.ok_or_else(|| RotationError::NoLog(config.data.clone()))?;
        Ok(Self {
            config,
            files,
            head,
            _lock: lock,
        })
    }

    /// Takes in a new key: a log key beside the old one, a recorder key in the place of the old one.
    pub async fn rotate(
        &self,
        role: ServerRole,
        signing: &Signing<'_>,
        entropy: Entropy,
    ) -> Result<NextManifest, RotationError> {
        let mut next = self.renewed(signing.now);
        let size = self.head.size;
        for range in open_ranges(&next, role.role()) {
            if range.from >= size {
                return Err(RotationError::Unused {
                    role: role.role().name(),
                    key: range.keyid,
                });
            }
        }
        let closed = match role {
            ServerRole::Log | ServerRole::Witness => Vec::new(),
            ServerRole::Recorder => {
                logged::check_newest(&self.config, &self.files.chain).await?;
                next.open_keys(role.role())
            }
        };
        for key in &closed {
            logged::check_all_by(&self.config, key).await?;
            next.close_range(key, &Until::At(size));
        }
        let dir = &self.config.keys;
        let (key, file) = station_keys::make_next(dir, role, next.version, entropy)?;
        let id = key.id();
        next.add_key(role.role(), key, size);
        let made = self.sign(&next, signing, closed)?;
        Ok(NextManifest {
            key: Some(id),
            key_file: Some(file),
            ..made
        })
    }

    /// Closes the range of a key: of a log key that another one has overlapped, or of any key at the
    /// last index known to be good.
    pub async fn close(
        &self,
        key: &Digest,
        closing: &Closing,
        signing: &Signing<'_>,
    ) -> Result<NextManifest, RotationError> {
        let mut next = self.renewed(signing.now);
        let found = next.validity.iter().find(|range| range.keyid == *key);
        let range = found.ok_or(RotationError::NoKey(*key))?.clone();
        let mut rest = next.open_keys(range.role);
        rest.retain(|other| other != key);
        let Some(other) = rest.first() else {
            return Err(RotationError::OnlyKey {
                role: range.role.name(),
                key: *key,
            });
        };
        if range.role == Role::Log {
            self.check_signed_by(&rest)?;
            if closing.despite_overlap.is_none() {
                logged::check_overlap(&self.config, &self.files.chain, other, signing.now).await?;
            }
        }
        logged::check_all_by(&self.config, key).await?;
        let end = closing.at.unwrap_or(self.head.size);
        next.close_range(key, &Until::At(end));
        self.sign(&next, signing, vec![*key])
    }

    /// The same keys for another term.
    pub fn renew(&self, signing: &Signing<'_>) -> Result<NextManifest, RotationError> {
        self.sign(&self.renewed(signing.now), signing, Vec::new())
    }

    /// The next version, with a new term and nothing else changed.
    fn renewed(&self, now: Millis) -> Manifest {
        let mut next = self.files.chain.newest().successor();
        next.expires = time::years_later(&now.rfc3339(), TERM_YEARS);
        next
    }

    /// A start opens the newest head with the open log keys, so one of them must have signed it.
    fn check_signed_by(&self, keys: &[Digest]) -> Result<(), RotationError> {
        let verifiers = self.files.chain.newest().open_log_verifiers().into_iter();
        let mut rest = verifiers.filter(|key| keys.contains(&key.key().key_id()));
        let has_signed = |key: &VerifierKey| Checkpoint::open(&self.head.note, key).is_ok();
        if rest.any(|key| has_signed(&key)) {
            return Ok(());
        }
        let all = self.files.chain.newest().open_log_verifiers();
        let signer = all.iter().find(|key| has_signed(key));
        let signer = signer.map(|key| key.key().key_id());
        Err(RotationError::Unsigned(signer.unwrap_or(keys[0])))
    }

    fn sign(
        &self,
        next: &Manifest,
        signing: &Signing<'_>,
        closed: Vec<Digest>,
    ) -> Result<NextManifest, RotationError> {
        let roots = signing
            .roots
            .iter()
            .map(|path| station_keys::load_root(path))
            .collect::<Result<Vec<Ed25519SigningKey>, _>>()?;
        let envelope = manifest::sign(&roots.iter().collect::<Vec<_>>(), next);
        let chain: Chain = self.files.chain.extended(&envelope)?;
        let sha256 = *chain.newest_digest();
        self.files.with_chain(chain).write(&self.config)?;
        Ok(NextManifest {
            version: next.version,
            sha256,
            expires: next.expires.clone(),
            size: self.head.size,
            key: None,
            key_file: None,
            closed,
            policy: policy_path(&self.config),
        })
    }
}

/// Where the root key lies until it is moved away.
pub fn root_path(config: &Config) -> PathBuf {
    config.keys.join("root")
}

fn policy_path(config: &Config) -> PathBuf {
    config.folder().join("policy")
}

fn open_ranges(manifest: &Manifest, role: Role) -> Vec<Validity> {
    let is_open = |range: &&Validity| range.role == role && range.until.is_none();
    manifest.validity.iter().filter(is_open).cloned().collect()
}

#[cfg(test)]
mod tests;

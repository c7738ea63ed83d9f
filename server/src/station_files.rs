//! Manifests and policy as they lie in a station's folder, and how the next version replaces them.
//!
//! The keeper's folder holds copies, since the keeper believes nothing that the server carries to it.
//! Nothing is signed here.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use assay_evidence::{
    digest::Digest,
    manifest::Chain,
    note::VerifierKey,
    policy::{Policy, PolicyError, Witness},
};

use crate::{config::Config, folder};

const POLICY: &str = "policy";
const MANIFESTS: &str = "manifest.json";
/// Anybody may read them, as far as the umask goes.
const MODE: u32 = 0o666;

/// Why these files cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum StationFilesError {
    /// A file cannot be read or written.
    #[error("{path}: {source}; \"assay station init\" makes a station's folder")]
    File {
        /// Which file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// Not what this station needs.
    #[error("{path}: {says}; restore it, or make a new station with \"assay station init\"")]
    Content {
        /// Which file.
        path: PathBuf,
        /// What is wrong.
        says: String,
    },
}

/// Manifests and policy of one station.
#[derive(Clone, Debug)]
pub struct StationFiles {
    /// From the pinned version 1 on.
    pub chain: Chain,
    /// What pins it, and what the station verifies its own bundles with.
    pub policy: Policy,
    /// The policy as it is written.
    pub policy_text: String,
    /// Digest of the payload of version 1.
    pub pinned: Digest,
}

impl StationFiles {
    /// The files of a new station that nobody watches yet.
    pub fn first(chain: Chain, log: &VerifierKey, url: &str) -> Self {
        let pinned = *chain.newest_digest();
        let policy = Policy::unwatched(log, url, &pinned);
        Self {
            policy_text: policy.to_string(),
            policy,
            chain,
            pinned,
        }
    }

    /// The files with another chain of the same station; the policy names its open log keys.
    pub fn with_chain(&self, chain: Chain) -> Self {
        let keys = chain.newest().open_log_verifiers();
        let policy = self.policy.with_log_keys(chain.origin(), &keys);
        Self {
            policy_text: policy.to_string(),
            policy,
            chain,
            pinned: self.pinned,
        }
    }

    /// The files with another quorum: so many of these witnesses.
    pub fn with_witnesses(
        &self,
        witnesses: &[Witness],
        threshold: usize,
    ) -> Result<Self, PolicyError> {
        let policy = self.policy.with_witnesses(witnesses, threshold)?;
        Ok(Self {
            policy_text: policy.to_string(),
            policy,
            ..self.clone()
        })
    }

    /// Reads both files of a station's folder; they must be of the configured origin.
    pub fn read(config: &Config) -> Result<Self, StationFilesError> {
        let policy_path = config.folder().join(POLICY);
        let manifest_path = config.folder().join(MANIFESTS);
        let wrong = |path: &Path, says: String| StationFilesError::Content {
            path: path.to_owned(),
            says,
        };
        let policy_text = read(&policy_path)?;
        let policy =
            Policy::parse(&policy_text).map_err(|error| wrong(&policy_path, error.to_string()))?;
        let pinned = policy.manifest_for(&config.origin).copied();
        let (false, Some(pinned)) = (policy.keys_for(&config.origin).is_empty(), pinned) else {
            let says = format!("it names no log and no manifest of {}", config.origin);
            return Err(wrong(&policy_path, says));
        };
        let chain = Chain::parse(read(&manifest_path)?.as_bytes(), &pinned)
            .map_err(|error| wrong(&manifest_path, error.to_string()))?;
        if chain.origin() != config.origin {
            let (found, ours) = (chain.origin(), &config.origin);
            let says = format!("it is for {found}, the configuration says {ours}");
            return Err(wrong(&manifest_path, says));
        }
        Ok(Self {
            chain,
            policy,
            policy_text,
            pinned,
        })
    }

    /// Puts both files into the station's folder and the keeper's.
    ///
    /// The manifest in the station's folder is the last: until it is there, the station goes on under
    /// the version before, which the new files of the keeper hold as well.
    pub fn write(&self, config: &Config) -> Result<(), StationFilesError> {
        for folder in [config.enclave.state.as_path(), config.folder()] {
            let files = [
                (POLICY, self.policy_text.as_bytes()),
                (MANIFESTS, &self.chain.to_bytes()),
            ];
            for (name, bytes) in files {
                let path = folder.join(name);
                folder::replace(&path, bytes, MODE).map_err(|source| at(&path, source))?;
            }
        }
        Ok(())
    }
}

fn read(path: &Path) -> Result<String, StationFilesError> {
    fs::read_to_string(path).map_err(|source| at(path, source))
}

fn at(path: &Path, source: io::Error) -> StationFilesError {
    StationFilesError::File {
        path: path.to_owned(),
        source,
    }
}

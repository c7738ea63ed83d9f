//! What a station opens from, and how it begins: first records, recovery, then work.
//!
//! The order matters: nothing is logged before the folder is ours, and no job is taken before every run
//! agrees with the log.

use std::{
    fs::{File, TryLockError},
    io,
    path::{Path, PathBuf},
    sync::atomic::Ordering,
    time::Duration,
};

use assay_evidence::{
    digest::Digest,
    manifest::{self, Role},
    record::{Predicate as _, StationManifestRecord},
    statement::{Subject, sign_record},
};

use super::{FormChangeError, FormError, Opening, Station, StationFacts};
use crate::{
    blob::BlobError,
    clock::Clock,
    config::{Config, ConfigError},
    enclave_client::{EnclaveCommand, EnclaveError},
    entropy::Entropy,
    federation::FederationError,
    folder, job,
    log::LogError,
    run,
    station_files::{StationFiles, StationFilesError},
    station_keys::KeysError,
    store::StoreError,
    token::TokenFileError,
    whole::DiskError,
};

/// Why a station does not open, or stops.
#[derive(Debug, thiserror::Error)]
pub enum StationError {
    /// Another server holds the data folder.
    #[error("{0} is in use by another server; stop that one first")]
    InUse(PathBuf),
    /// A file of the station cannot be read.
    #[error("{path}: {source}; \"assay station init\" makes a station's folder")]
    File {
        /// Which file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// Manifest or policy.
    #[error(transparent)]
    Files(#[from] StationFilesError),
    /// A key is not the one that the manifest names for its role.
    #[error(
        "the {role} key is not the one in the manifest; restore the key that this station was made with"
    )]
    OtherKey {
        /// The role.
        role: &'static str,
    },
    /// The log is shorter than what the store has seen of it.
    #[error(
        "log.db ends at {size}, but record {index} was logged here; put back the newest log.db, never one from a backup"
    )]
    LogSetBack {
        /// Highest index that the store names.
        index: u64,
        /// Size of the log.
        size: u64,
    },
    /// The keeper's evidence record is refused.
    #[error("the keeper's evidence record is refused: {0}")]
    Evidence(String),
    /// A bundle that would not verify.
    #[error("the bundle of receipt {receipt} does not verify ({says}); it was not written")]
    Bundle {
        /// Leaf hash of the receipt.
        receipt: Digest,
        /// The check that failed.
        says: String,
    },
    /// A request was refused, in its own words.
    #[error("{0}")]
    Refused(String),
    /// The configuration is wrong.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// A key cannot be read.
    #[error(transparent)]
    Keys(#[from] KeysError),
    /// The token file cannot be read.
    #[error(transparent)]
    Tokens(#[from] TokenFileError),
    /// The log.
    #[error(transparent)]
    Log(#[from] LogError),
    /// The store.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The blobs.
    #[error(transparent)]
    Blob(#[from] BlobError),
    /// A file that must be whole.
    #[error(transparent)]
    Disk(#[from] DiskError),
    /// Witness, peers, policies.
    #[error(transparent)]
    Federation(#[from] FederationError),
    /// The enclave.
    #[error(transparent)]
    Enclave(#[from] EnclaveError),
    /// A form that was being published.
    #[error(transparent)]
    Form(#[from] FormError),
    /// A form that was being retired or revealed.
    #[error(transparent)]
    FormChange(#[from] FormChangeError),
}

impl Station {
    /// Opens the station of a configuration, brings it in line with its log, and starts its work.
    pub async fn open(
        config: Config,
        clock: Clock,
        entropy: Entropy,
    ) -> Result<Self, StationError> {
        let station = Opening::begin(config, clock, entropy).await?.open().await?;
        station.begin().await?;
        Ok(station)
    }

    /// Logs what a new log begins with, recovers, and lets the workers go.
    ///
    /// With witnesses this waits until everything that was signed has its quorum; until then the station
    /// shows what is public and takes nothing in.
    pub async fn begin(&self) -> Result<(), StationError> {
        let signing = self.manifest().open_keys(Role::EnclaveSign);
        if !signing.contains(&self.enclave_key().key_id()) {
            return Err(StationError::OtherKey {
                role: Role::EnclaveSign.name(),
            });
        }
        self.follow_peers().await;
        // What a crash has left stored and unpublished belongs to the runs that recovery looks at.
        self.log().settled().await?;
        let size = self.log().published().head.size;
        if let Some(index) = self.store().highest_index().await?
            && index >= size
        {
            return Err(StationError::LogSetBack { index, size });
        }
        self.log_manifests().await?;
        self.put_public_texts().await?;
        self.evidence().await?;
        for form in self.store().forms_unlogged().await? {
            self.log_form(&form).await?;
        }
        run::recover(self).await?;
        self.log_form_changes().await?;
        let mut workers = self.0.workers.lock().await;
        workers.spawn(self.clone().heal_public());
        workers.spawn(self.clone().accuse());
        job::start(self, &mut workers);
        self.0.begun.store(true, Ordering::Release);
        Ok(())
    }

    /// Has the station found out what its log holds? Before that it takes nothing in.
    pub fn has_begun(&self) -> bool {
        self.0.begun.load(Ordering::Acquire)
    }

    async fn follow_peers(&self) {
        let mut workers = self.0.workers.lock().await;
        let federation = &self.0.federation;
        federation.start(self.entropy(), self.stop(), &mut workers);
    }

    /// Logs the manifests that the log does not hold yet, before anything else: every role at every
    /// later index follows from them.
    pub(crate) async fn log_manifests(&self) -> Result<(), StationError> {
        let name = StationManifestRecord::NAME;
        let logged = self.log().records_named(name, 0).await?.len();
        for (version, envelope) in (1..).zip(self.chain().envelopes()).skip(logged) {
            let record = StationManifestRecord {
                declared: self.clock().now().rfc3339(),
                manifest: envelope.clone(),
                station: self.facts().origin.clone(),
                version,
            };
            let subject = Subject::new("manifest", manifest::payload_digest(envelope));
            let signed = sign_record(self.recorder(), &[subject], &record);
            self.log()
                .append(&signed, &self.recorder().public())
                .await?;
        }
        Ok(())
    }
}

pub(super) fn facts(files: &StationFiles, config: &Config) -> Result<StationFacts, StationError> {
    let manifest = files.chain.newest();
    let newest = manifest.open_log_verifiers().into_iter().next();
    Ok(StationFacts {
        origin: config.origin.clone(),
        jurisdiction: manifest.jurisdiction.clone(),
        public_url: config.public_url.clone(),
        manifest_sha256: files.pinned,
        policy: files.policy_text.clone(),
        log_key: newest.ok_or(KeysError::NoneOpen(Role::Log.name()))?,
        evidence_type: "none",
        lone: files.policy.is_lone(),
    })
}

pub(super) fn command(config: &Config) -> Result<EnclaveCommand, StationError> {
    Ok(EnclaveCommand {
        program: config.enclave_program()?,
        state: config.enclave.state.clone(),
        runners: config.enclave.runners,
        patience: Duration::from_secs(config.limits.keeper_seconds_max),
    })
}

pub(crate) fn take_lock(data: &Path) -> Result<File, StationError> {
    folder::make(data).map_err(|source| file_error(data, source))?;
    let path = data.join("lock");
    let file = File::create(&path).map_err(|source| file_error(&path, source))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(StationError::InUse(data.to_owned())),
        Err(TryLockError::Error(source)) => Err(file_error(&path, source)),
    }
}

fn file_error(path: &Path, source: io::Error) -> StationError {
    StationError::File {
        path: path.to_owned(),
        source,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_data_folder_is_made_for_its_user_only() {
        let dir = tempfile::tempdir().unwrap();
        let data = dir.path().join("data");
        take_lock(&data).unwrap();
        assert_eq!(folder::mode(&data), 0o700);
    }

    #[test]
    fn a_second_server_on_one_folder_is_refused_until_the_first_is_gone() {
        let dir = tempfile::tempdir().unwrap();
        let first = take_lock(dir.path()).unwrap();
        assert_eq!(
            take_lock(dir.path()).unwrap_err().to_string(),
            format!(
                "{} is in use by another server; stop that one first",
                dir.path().display()
            )
        );
        drop(first);
        take_lock(dir.path()).unwrap();
    }
}

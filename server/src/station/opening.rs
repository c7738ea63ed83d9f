//! The station before its log is open: its folder is taken, its keys are read, its witness answers.
//!
//! Stations that vouch for each other start together only if each answers before its own log is public,
//! so nothing here waits for anybody. What the log holds, [`Station::begin`] finds out.

use std::{
    collections::HashSet,
    fs::File,
    sync::{Arc, Mutex, atomic::AtomicBool},
    time::Duration,
};

use assay_evidence::keys::P256SigningKey;
use tokio::{
    sync::{Notify, watch},
    task::JoinSet,
};
use tokio_util::sync::CancellationToken;

use super::{
    Inner, Station, StationError, StationFacts,
    open::{command, facts, take_lock},
};
use crate::{
    blob::Blobs,
    clock::Clock,
    config::Config,
    enclave_client::Enclave,
    entropy::Entropy,
    federation::Federation,
    log::{Log, LogSigners, Setup},
    public::Public,
    station_files::StationFiles,
    station_keys::StationKeys,
    store::Store,
    token::Tokens,
    whole::Whole,
    witness::Witness,
};

/// A station whose log is not open yet.
pub struct Opening {
    config: Config,
    clock: Clock,
    entropy: Entropy,
    files: StationFiles,
    facts: StationFacts,
    federation: Federation,
    log_signers: LogSigners,
    recorder: P256SigningKey,
    whole: Whole,
    lock: File,
}

impl Opening {
    /// Takes the folder of a configuration, reads keys and policies, and opens the witness.
    pub async fn begin(
        config: Config,
        clock: Clock,
        entropy: Entropy,
    ) -> Result<Self, StationError> {
        let lock = take_lock(&config.data)?;
        let files = StationFiles::read(&config)?;
        let keys = StationKeys::load(&config.keys, files.chain.newest())?;
        let facts = facts(&files, &config)?;
        let whole = Whole::open(&config.data, entropy).await?;
        let own = &files.policy;
        let federation =
            Federation::open(&config, own, keys.witness, whole.clone(), &clock).await?;
        Ok(Self {
            config,
            clock,
            entropy,
            files,
            facts,
            federation,
            log_signers: keys.log,
            recorder: keys.recorder,
            whole,
            lock,
        })
    }

    /// What the station says of itself.
    pub fn facts(&self) -> &StationFacts {
        &self.facts
    }

    /// Answers logs of other stations from now on.
    pub fn witness(&self) -> &Arc<Witness> {
        self.federation.witness()
    }

    /// Opens log, store and enclave: the station shows what is public, and waits to begin.
    pub async fn open(self) -> Result<Station, StationError> {
        let Self {
            config,
            clock,
            entropy,
            files,
            facts,
            federation,
            log_signers,
            recorder,
            whole,
            lock,
        } = self;
        let (data, origin) = (&config.data, &config.origin);
        let mut setup = Setup::in_folder(data, origin, log_signers, clock.clone())?;
        setup.batch = Duration::from_millis(config.log.batch_ms);
        setup.cosign = federation.cosign();
        let log = Log::open(setup).await?;
        let store = Store::open(&config.data).await?;
        let blobs = Blobs::open(&config.data, whole.clone()).await?;
        let public = Public::open(&config.data, whole)?;
        let tokens = Tokens::load(&config.token_file)?;
        let enclave = Enclave::start(command(&config)?).await?;
        Ok(Station(Arc::new(Inner {
            facts,
            federation,
            clock,
            entropy,
            store,
            blobs,
            public,
            log,
            recorder,
            chain: files.chain,
            policy: files.policy,
            enclave,
            evidence: tokio::sync::Mutex::new(None),
            tokens,
            in_flight: Mutex::new(HashSet::new()),
            owner: entropy.bytes(),
            bell: Notify::new(),
            changes: watch::Sender::new(0),
            stop: CancellationToken::new(),
            workers: tokio::sync::Mutex::new(JoinSet::new()),
            config,
            begun: AtomicBool::new(false),
            _lock: lock,
        })))
    }
}

//! A station without a keeper process, for tests of what the server does with records.
//!
//! Keys, log, store and blobs are real; the enclave's signing key is in the test's hands.

use std::{
    collections::HashSet,
    fs::File,
    path::Path,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use assay_evidence::{
    base64,
    keys::{Ed25519SigningKey, P256SigningKey},
    manifest::{self, Chain, Manifest},
    note::VerifierKey,
    policy::Policy,
};
use tokio::{
    sync::{Notify, watch},
    task::JoinSet,
};
use tokio_util::sync::CancellationToken;

use super::{Inner, Station, StationFacts};
use crate::{
    blob::Blobs,
    clock::{Clock, Millis},
    config::{Config, TEMPLATE},
    enclave_client::Enclave,
    entropy::Entropy,
    federation::Federation,
    log::{Log, Setup},
    public::Public,
    station_init::{EnclaveKeys, InitOptions, manifest as first_manifest},
    station_keys::{self, FirstKeys},
    store::Store,
    token::{self, Scope, Tokens},
    whole::Whole,
};

pub(crate) const ORIGIN: &str = "log.station.test";

/// A station, the keys of its absent keeper, and its clock.
pub(crate) struct World {
    pub station: Station,
    pub enclave: P256SigningKey,
    pub clock: Clock,
    /// A token of scope `submit`.
    pub token: String,
    /// A token of scope `form`.
    pub form_token: String,
    /// Removed when the world ends.
    _dir: tempfile::TempDir,
}

impl World {
    pub(crate) async fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let entropy = Entropy::system();
        let clock = Clock::wound(Millis(1_800_000_000_000));
        let enclave = P256SigningKey::from_pkcs8(&P256SigningKey::generate_pkcs8()).unwrap();
        let config = config(dir.path());
        let keys = station_keys::make(&config.keys, entropy).unwrap();
        let manifest = manifest_of(&config, &keys, &enclave, &clock);
        let envelope = manifest::sign(&[&keys.root], &manifest);
        let pinned = manifest::payload_digest(&envelope);
        let facts = facts(&config, &keys, &pinned);
        let whole = Whole::open(&config.data, entropy).await.unwrap();
        let policy = Policy::parse(&facts.policy).unwrap();
        let shared = whole.clone();
        let federation = Federation::open(&config, &policy, keys.witness, shared, &clock);
        let federation = federation.await.unwrap();
        let token = token::draw(Scope::Submit, entropy);
        let form_token = token::draw(Scope::Form, entropy);
        let lines = format!("{}{}", token.line, form_token.line);
        std::fs::write(&config.token_file, lines).unwrap();
        let station = Station(Arc::new(Inner {
            policy,
            facts,
            federation,
            clock: clock.clone(),
            entropy,
            store: Store::open(&config.data).await.unwrap(),
            blobs: Blobs::open(&config.data, whole.clone()).await.unwrap(),
            public: Public::open(&config.data, whole).unwrap(),
            log: new_log(&config.data, keys.log, &clock).await,
            recorder: keys.recorder,
            chain: Chain::open(&[envelope], &pinned).unwrap(),
            enclave: Enclave::absent(enclave.public()),
            evidence: tokio::sync::Mutex::new(None),
            tokens: Tokens::load(&config.token_file).unwrap(),
            in_flight: Mutex::new(HashSet::new()),
            owner: entropy.bytes(),
            bell: Notify::new(),
            changes: watch::Sender::new(0),
            stop: CancellationToken::new(),
            workers: tokio::sync::Mutex::new(JoinSet::new()),
            begun: AtomicBool::new(true),
            _lock: File::create(config.data.join("lock")).unwrap(),
            config,
        }));
        station.put_public_texts().await.unwrap();
        Self {
            station,
            enclave,
            clock,
            token: token.token,
            form_token: form_token.token,
            _dir: dir,
        }
    }

    /// As before the station knew what its log holds.
    pub(crate) fn not_begun(&self) {
        self.station.0.begun.store(false, Ordering::Release);
    }
}

async fn new_log(data: &Path, key: Ed25519SigningKey, clock: &Clock) -> Log {
    let mut setup = Setup::in_folder(data, ORIGIN, key, clock.clone()).unwrap();
    setup.batch = Duration::from_millis(1);
    Log::create(&setup).await.unwrap();
    let log = Log::open(setup).await.unwrap();
    log.settled().await.unwrap();
    log
}

fn config(dir: &Path) -> Config {
    let text = TEMPLATE
        .replace("%ORIGIN%", &format!("{ORIGIN:?}"))
        .replace("%JURISDICTION%", "\"HK\"")
        .replace("%PUBLIC_URL%", "\"http://127.0.0.1:1\"")
        .replace("%LISTEN%", "\"127.0.0.1:1\"");
    Config::parse(&text, &dir.join("station.toml")).unwrap()
}

/// The manifest of another station, whose log has this key.
pub(crate) fn chain_of(origin: &str, log: Ed25519SigningKey) -> Chain {
    let dir = tempfile::tempdir().unwrap();
    let config = Config {
        origin: origin.to_owned(),
        ..config(dir.path())
    };
    let keys = station_keys::make(&config.keys, Entropy::system()).unwrap();
    let keys = FirstKeys { log, ..keys };
    let enclave = P256SigningKey::from_pkcs8(&P256SigningKey::generate_pkcs8()).unwrap();
    let clock = Clock::wound(Millis(1_800_000_000_000));
    let manifest = manifest_of(&config, &keys, &enclave, &clock);
    let envelope = manifest::sign(&[&keys.root], &manifest);
    let pinned = manifest::payload_digest(&envelope);
    Chain::open(&[envelope], &pinned).unwrap()
}

fn manifest_of(
    config: &Config,
    keys: &FirstKeys,
    enclave: &P256SigningKey,
    clock: &Clock,
) -> Manifest {
    let options = InitOptions {
        origin: config.origin.clone(),
        jurisdiction: config.jurisdiction.clone(),
        public_url: config.public_url.clone(),
        listen: config.listen,
        enclave: None,
    };
    let public = EnclaveKeys {
        sign_public_key: base64::encode(&enclave.public().spki_der()),
        seal_recipient: age::x25519::Identity::generate().to_public().to_string(),
    };
    first_manifest(&options, keys, &public, clock).unwrap()
}

fn facts(
    config: &Config,
    keys: &FirstKeys,
    digest: &assay_evidence::digest::Digest,
) -> StationFacts {
    let log_key = VerifierKey::new(ORIGIN, keys.log.public()).unwrap();
    StationFacts {
        origin: ORIGIN.to_owned(),
        jurisdiction: config.jurisdiction.clone(),
        public_url: config.public_url.clone(),
        manifest_sha256: *digest,
        policy: Policy::lone(&log_key, &config.public_url, digest),
        log_key,
        evidence_type: "none",
        lone: true,
    }
}

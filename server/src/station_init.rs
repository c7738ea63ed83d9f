//! Makes a station: keys, manifest, policy, configuration, tokens, databases. All of it, or nothing.
//!
//! Everything is built in a folder beside the wanted one, which takes its name at the very end.

use std::{
    collections::BTreeMap,
    fs, io,
    net::SocketAddr,
    path::{Path, PathBuf},
    process::Stdio,
};

use assay_evidence::{
    base64,
    digest::Digest,
    hex,
    keys::P256PublicKey,
    manifest::{
        self, Chain, ChainError, Endpoints, MANIFEST_TYPE, Manifest, ManifestKey, Names, Role,
    },
    note::VerifierKey,
    time,
};
use serde::{Deserialize, Serialize};

use crate::{
    clock::Clock,
    config::{self, Config, ConfigError},
    entropy::Entropy,
    folder,
    log::{Log, LogError, Setup},
    station_files::{StationFiles, StationFilesError},
    station_keys::{self, FirstKeys, KeysError},
    store::{Store, StoreError},
    token::{self, Scope},
    witness::{WITNESS_PATH, cosigner_of, witness_name},
};

/// Years until a manifest expires.
pub(crate) const TERM_YEARS: u16 = 2;

/// What a new station is called and where it serves.
#[derive(Clone, Debug)]
pub struct InitOptions {
    /// Name of the log: the public address without scheme.
    pub origin: String,
    /// Jurisdiction.
    pub jurisdiction: String,
    /// Address of the site.
    pub public_url: String,
    /// Where the server listens.
    pub listen: SocketAddr,
    /// The enclave program, written into the configuration; looked for when absent.
    pub enclave: Option<PathBuf>,
}

/// What a new station is, and what is shown only now: its tokens.
#[derive(Clone, Debug, Serialize)]
pub struct NewStation {
    /// The station's folder.
    pub dir: PathBuf,
    /// Its configuration file.
    pub config: PathBuf,
    /// Origin of its log.
    pub origin: String,
    /// Verifier key of its checkpoints.
    pub log_key: String,
    /// Verifier key of its witness.
    pub witness_key: String,
    /// Digest of its manifest.
    pub manifest_sha256: Digest,
    /// The policy file that verifies its receipts.
    pub policy: PathBuf,
    /// Forms are sealed to this recipient.
    pub seal_recipient: String,
    /// The token of scope `submit`.
    pub token: String,
    /// The token of scope `form`.
    pub form_token: String,
}

/// Why a station is not made.
#[derive(Debug, thiserror::Error)]
pub enum InitError {
    /// The folder has content.
    #[error("{0} is not empty; name a new folder")]
    NotEmpty(PathBuf),
    /// The disk refused.
    #[error("{path}: {source}")]
    File {
        /// Where.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// A name that no station can have.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// Keys.
    #[error(transparent)]
    Keys(#[from] KeysError),
    /// The enclave program made no keys.
    #[error("{program} keys: {says}")]
    Enclave {
        /// Which program.
        program: PathBuf,
        /// What went wrong.
        says: String,
    },
    /// The manifest does not hold.
    #[error(transparent)]
    Manifest(#[from] ChainError),
    /// Manifest and policy.
    #[error(transparent)]
    Files(#[from] StationFilesError),
    /// The log.
    #[error(transparent)]
    Log(#[from] LogError),
    /// The store.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// What `assay-enclave keys --json` prints.
#[derive(Deserialize)]
pub(crate) struct EnclaveKeys {
    pub sign_public_key: String,
    pub seal_recipient: String,
}

/// Makes a station in a folder that is absent or empty.
pub async fn init(
    dir: &Path,
    options: &InitOptions,
    clock: &Clock,
    entropy: Entropy,
) -> Result<NewStation, InitError> {
    refuse_content(dir)?;
    let config = config_text(options);
    // Everything that can be refused is refused before a file exists.
    Config::parse(&config, &dir.join("station.toml"))?;
    let unfinished = beside(dir, entropy);
    let made = build(&unfinished, &config, options, clock, entropy).await;
    let named = made.and_then(|station| {
        at(dir, fs::rename(&unfinished, dir))?;
        Ok(station.in_folder(dir))
    });
    if named.is_err() {
        // What went wrong first is what matters; a folder left behind is visibly unfinished.
        let _ = fs::remove_dir_all(&unfinished);
    }
    named
}

async fn build(
    dir: &Path,
    config_text: &str,
    options: &InitOptions,
    clock: &Clock,
    entropy: Entropy,
) -> Result<NewStation, InitError> {
    at(dir, fs::create_dir_all(dir))?;
    let file = dir.join("station.toml");
    let config = Config::parse(config_text, &file)?;
    let keys = station_keys::make(&config.keys, entropy)?;
    write(&file, config_text.as_bytes())?;
    let enclave = enclave_keys(&config).await?;
    let manifest = manifest(options, &keys, &enclave, clock)?;
    let inner = manifest::sign(&[&keys.root], &manifest);
    let digest = manifest::payload_digest(&inner);
    let chain = Chain::open(&[inner], &digest)?;
    let log_key = VerifierKey::new(&options.origin, keys.log.public())
        .map_err(|error| LogError::Origin(error.to_string()))?;
    let witness_key = cosigner_of(&options.origin, &keys.witness)
        .map_err(|error| LogError::Origin(error.to_string()))?;
    let files = StationFiles::first(chain, &log_key, &options.public_url);
    files.write(&config)?;
    let token = token::draw(Scope::Submit, entropy);
    let form_token = token::draw(Scope::Form, entropy);
    let lines = format!("{}{}", token.line, form_token.line);
    write(&config.token_file, lines.as_bytes())?;
    at(&config.data, folder::make(&config.data))?;
    let setup = Setup::in_folder(&config.data, &options.origin, keys.log, clock.clone())?;
    Log::create(&setup).await?;
    Store::open(&config.data).await?.close().await;
    Ok(NewStation {
        dir: PathBuf::new(),
        config: PathBuf::new(),
        origin: options.origin.clone(),
        log_key: log_key.to_string(),
        witness_key: witness_key.to_string(),
        manifest_sha256: digest,
        policy: PathBuf::new(),
        seal_recipient: enclave.seal_recipient,
        token: token.token,
        form_token: form_token.token,
    })
}

impl NewStation {
    fn in_folder(mut self, dir: &Path) -> Self {
        dir.clone_into(&mut self.dir);
        self.config = dir.join("station.toml");
        self.policy = dir.join("policy");
        self
    }
}

/// Version 1: one key per role, all in force from the first record on.
pub(crate) fn manifest(
    options: &InitOptions,
    keys: &FirstKeys,
    enclave: &EnclaveKeys,
    clock: &Clock,
) -> Result<Manifest, InitError> {
    let sign = base64::decode(&enclave.sign_public_key)
        .ok()
        .and_then(|der| P256PublicKey::from_spki_der(&der).ok())
        .ok_or_else(|| InitError::Enclave {
            program: PathBuf::from("assay-enclave"),
            says: "it printed no P-256 key".to_owned(),
        })?;
    let held = [
        (Role::Root, ManifestKey::Ed25519(keys.root.public())),
        (Role::Log, ManifestKey::Ed25519(keys.log.public())),
        (Role::Recorder, ManifestKey::P256(keys.recorder.public())),
        (Role::Witness, ManifestKey::Ed25519(keys.witness.public())),
        (Role::EnclaveSign, ManifestKey::P256(sign)),
        (
            Role::EnclaveSeal,
            ManifestKey::Age(enclave.seal_recipient.clone()),
        ),
    ];
    let mut manifest = Manifest {
        kind: MANIFEST_TYPE.to_owned(),
        endpoints: Endpoints {
            log: options.public_url.clone(),
            mirror: None,
            witness: Some(format!("{}/{WITNESS_PATH}", options.public_url)),
        },
        expires: time::years_later(&clock.now().rfc3339(), TERM_YEARS),
        jurisdiction: options.jurisdiction.clone(),
        keys: BTreeMap::new(),
        names: Names {
            witness: Some(witness_name(&options.origin)),
            ..Names::default()
        },
        origin: options.origin.clone(),
        peers: Vec::new(),
        roles: BTreeMap::new(),
        validity: Vec::new(),
        version: 1,
    };
    for (role, key) in held {
        manifest.add_key(role, key, 0);
    }
    Ok(manifest)
}

async fn enclave_keys(config: &Config) -> Result<EnclaveKeys, InitError> {
    let program = config.enclave_program()?;
    let wrong = |says: String| InitError::Enclave {
        program: program.clone(),
        says,
    };
    let output = tokio::process::Command::new(&program)
        .arg("keys")
        .arg(&config.enclave.state)
        .arg("--json")
        .stdin(Stdio::null())
        .output()
        .await
        .map_err(|error| wrong(format!("{error}; build assay-enclave or set ASSAY_ENCLAVE")))?;
    if !output.status.success() {
        let says: String = String::from_utf8_lossy(&output.stderr)
            .chars()
            .take(400)
            .collect();
        return Err(wrong(format!("{} ({})", says.trim(), output.status)));
    }
    serde_json::from_slice(&output.stdout).map_err(|error| wrong(error.to_string()))
}

fn config_text(options: &InitOptions) -> String {
    let quoted = |text: &str| toml::Value::from(text).to_string();
    let text = config::TEMPLATE
        .replace("%ORIGIN%", &quoted(&options.origin))
        .replace("%JURISDICTION%", &quoted(&options.jurisdiction))
        .replace("%PUBLIC_URL%", &quoted(&options.public_url))
        .replace("%LISTEN%", &quoted(&options.listen.to_string()));
    match options.enclave.as_deref().and_then(Path::to_str) {
        Some(program) => text.replace(
            "# program = \"/usr/local/bin/assay-enclave\"",
            &format!("program = {}", quoted(program)),
        ),
        None => text,
    }
}

fn refuse_content(dir: &Path) -> Result<(), InitError> {
    match fs::read_dir(dir).map(|mut entries| entries.next().is_none()) {
        Ok(true) => Ok(()),
        Ok(false) => Err(InitError::NotEmpty(dir.to_owned())),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(source) => Err(InitError::File {
            path: dir.to_owned(),
            source,
        }),
    }
}

fn beside(dir: &Path, entropy: Entropy) -> PathBuf {
    let name = dir.file_name().unwrap_or_default().to_string_lossy();
    let unfinished = format!(".{name}.unfinished-{}", hex::encode(&entropy.bytes::<4>()));
    dir.parent().unwrap_or(Path::new("")).join(unfinished)
}

fn write(path: &Path, bytes: &[u8]) -> Result<(), InitError> {
    let written = fs::File::create(path).and_then(|mut file| {
        io::Write::write_all(&mut file, bytes)?;
        file.sync_all()
    });
    at(path, written)
}

fn at<T>(path: &Path, result: io::Result<T>) -> Result<T, InitError> {
    result.map_err(|source| InitError::File {
        path: path.to_owned(),
        source,
    })
}

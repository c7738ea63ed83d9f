//! The station's configuration: one TOML file, every key known, every default stated in it.
//!
//! Also the only reader of the environment. Secrets are named by path and never stand here.

mod keys;

use std::{
    net::SocketAddr,
    path::{Path, PathBuf},
};

use serde::Deserialize;

/// The file that `assay station init` writes; `%` marks what it fills in.
pub const TEMPLATE: &str = include_str!("config/template.toml");

/// Why a configuration is refused.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The file cannot be read.
    #[error("{path}: {source}; name the station.toml that \"assay station init\" wrote")]
    Read {
        /// Which file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// A key that means nothing here.
    #[error("{path}:{line}: unknown key \"{key}\"; the nearest known key is \"{nearest}\"")]
    UnknownKey {
        /// Which file.
        path: PathBuf,
        /// Line, from 1.
        line: usize,
        /// The key with its table.
        key: String,
        /// What was probably meant.
        nearest: String,
    },
    /// The text is not TOML, or a value has the wrong type.
    #[error("{path}:{line}: {says}")]
    Syntax {
        /// Which file.
        path: PathBuf,
        /// Line, from 1.
        line: usize,
        /// What the parser says.
        says: String,
    },
    /// A value that no station can have.
    #[error("{path}: {key} {says}")]
    Value {
        /// Which file.
        path: PathBuf,
        /// The key.
        key: &'static str,
        /// What is wrong and what is right.
        says: String,
    },
    /// No enclave program was found.
    #[error(
        "no assay-enclave beside {beside}; set enclave.program in the configuration or ASSAY_ENCLAVE in the environment"
    )]
    NoEnclave {
        /// Where it was looked for.
        beside: PathBuf,
    },
}

/// A station's configuration with all paths resolved.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// Name of the log: the public address without scheme and without trailing slash.
    pub origin: String,
    /// Jurisdiction as the manifest states it.
    pub jurisdiction: String,
    /// Address of the site, as links use it.
    pub public_url: String,
    /// Where the server listens.
    pub listen: SocketAddr,
    /// Databases, blobs, bundles.
    #[serde(default = "defaults::data")]
    pub data: PathBuf,
    /// Log and recorder keys, and the root key until it is moved away.
    #[serde(default = "defaults::keys")]
    pub keys: PathBuf,
    /// Who may do what: per line a token's public id, its scope and the SHA-256 of the whole token.
    #[serde(default = "defaults::token_file")]
    pub token_file: PathBuf,
    /// The enclave.
    #[serde(default)]
    pub enclave: EnclaveConfig,
    /// The log.
    #[serde(default)]
    pub log: LogConfig,
    /// The station's witness.
    #[serde(default)]
    pub witness: WitnessConfig,
    /// Stations whose logs are followed.
    #[serde(default)]
    pub peers: Vec<PeerConfig>,
    /// Limits.
    #[serde(default)]
    pub limits: LimitsConfig,
    /// What happens to lost runs.
    #[serde(default)]
    pub retry: RetryConfig,
    /// Where this was read from.
    #[serde(skip)]
    pub file: PathBuf,
}

/// Which enclave, and how much of it.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct EnclaveConfig {
    /// The program; see [`Config::enclave_program`] for where it is looked for when absent.
    pub program: Option<PathBuf>,
    /// The keeper's folder: keys, policy, manifest.
    pub state: PathBuf,
    /// Runner processes.
    pub runners: u32,
    /// Runs handed to the enclave at the same time.
    pub runs_at_once: u32,
}

/// How the log works.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct LogConfig {
    /// Least milliseconds between the beginnings of two batches.
    pub batch_ms: u64,
}

/// What the station's witness cosigns beside the logs of its peers.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct WitnessConfig {
    /// A policy file whose `log` lines name them.
    pub logs: Option<PathBuf>,
}

/// A station whose log is followed.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PeerConfig {
    /// The policy file of its log.
    pub policy: PathBuf,
    /// Its address; the one in the policy when absent.
    pub url: Option<String>,
}

/// Bounds on what strangers send and on how long a run may take.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct LimitsConfig {
    /// Longest adapter.
    pub upload_bytes_max: u64,
    /// Longest sealed form.
    pub seal_bytes_max: u64,
    /// A run that is open longer is ended.
    pub run_seconds_max: u64,
    /// Longest wait for the keeper to come back before a question fails.
    pub keeper_seconds_max: u64,
}

/// Delays before the second and third try of a lost run.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct RetryConfig {
    /// Seconds; a lost run has as many retries as there are entries.
    pub delays_s: Vec<u64>,
}

impl Default for EnclaveConfig {
    fn default() -> Self {
        Self {
            program: None,
            state: "enclave".into(),
            runners: 2,
            runs_at_once: 1,
        }
    }
}

impl Default for LogConfig {
    fn default() -> Self {
        Self { batch_ms: 200 }
    }
}

impl Default for LimitsConfig {
    fn default() -> Self {
        Self {
            upload_bytes_max: 32 * 1024 * 1024,
            seal_bytes_max: 32 * 1024 * 1024,
            run_seconds_max: 3600,
            keeper_seconds_max: 30,
        }
    }
}

impl Default for RetryConfig {
    fn default() -> Self {
        Self {
            delays_s: vec![30, 120],
        }
    }
}

mod defaults {
    use std::path::PathBuf;

    pub fn data() -> PathBuf {
        "data".into()
    }

    pub fn keys() -> PathBuf {
        "keys".into()
    }

    pub fn token_file() -> PathBuf {
        "keys/tokens".into()
    }
}

impl Config {
    /// Reads a configuration file; relative paths are resolved against its folder.
    pub fn load(file: &Path) -> Result<Self, ConfigError> {
        let text = std::fs::read_to_string(file).map_err(|source| ConfigError::Read {
            path: file.to_owned(),
            source,
        })?;
        Self::parse(&text, file)
    }

    /// Reads the text of a configuration file that lies, or will lie, at `file`.
    pub fn parse(text: &str, file: &Path) -> Result<Self, ConfigError> {
        keys::check(text, file)?;
        let mut config: Self = toml::from_str(text).map_err(|error| ConfigError::Syntax {
            path: file.to_owned(),
            line: keys::line_of(text, error.span().map_or(0, |span| span.start)),
            says: error.message().lines().next().unwrap_or("").to_owned(),
        })?;
        file.clone_into(&mut config.file);
        config.check()?;
        let folder = file.parent().unwrap_or(Path::new(""));
        for path in [
            &mut config.data,
            &mut config.keys,
            &mut config.token_file,
            &mut config.enclave.state,
        ] {
            *path = folder.join(&*path);
        }
        config.enclave.program = config.enclave.program.map(|program| folder.join(program));
        config.witness.logs = config.witness.logs.map(|logs| folder.join(logs));
        for peer in &mut config.peers {
            peer.policy = folder.join(&peer.policy);
        }
        Ok(config)
    }

    /// The enclave program: from the configuration, else `ASSAY_ENCLAVE`, else beside this program.
    pub fn enclave_program(&self) -> Result<PathBuf, ConfigError> {
        match &self.enclave.program {
            Some(program) => Ok(program.clone()),
            None => enclave_program(),
        }
    }

    /// The folder of the configuration file, where manifest and policy lie.
    pub fn folder(&self) -> &Path {
        self.file.parent().unwrap_or(Path::new(""))
    }

    fn check(&self) -> Result<(), ConfigError> {
        let wrong = |key, says: &str| {
            Err(ConfigError::Value {
                path: self.file.clone(),
                key,
                says: says.to_owned(),
            })
        };
        if !is_origin(&self.origin) {
            return wrong("origin", ORIGIN_RULE);
        }
        if self.jurisdiction.is_empty() || self.jurisdiction.len() > 40 {
            return wrong("jurisdiction", "must have 1 to 40 bytes, such as \"HK\"");
        }
        let scheme = ["http://", "https://"]
            .iter()
            .any(|scheme| self.public_url.starts_with(scheme));
        if !scheme || self.public_url.ends_with('/') {
            return wrong(
                "public_url",
                "must start with http:// or https:// and have no trailing slash",
            );
        }
        for (key, value, max) in [
            ("log.batch_ms", self.log.batch_ms, 10_000),
            ("enclave.runners", u64::from(self.enclave.runners), 64),
            (
                "enclave.runs_at_once",
                u64::from(self.enclave.runs_at_once),
                64,
            ),
            (
                "limits.upload_bytes_max",
                self.limits.upload_bytes_max,
                assay_evidence::wire::BLOB_BYTES_MAX,
            ),
            (
                "limits.seal_bytes_max",
                self.limits.seal_bytes_max,
                assay_evidence::wire::BLOB_BYTES_MAX,
            ),
            (
                "limits.run_seconds_max",
                self.limits.run_seconds_max,
                86_400,
            ),
            (
                "limits.keeper_seconds_max",
                self.limits.keeper_seconds_max,
                3_600,
            ),
        ] {
            if value == 0 || value > max {
                return wrong(key, &format!("must be from 1 to {max}"));
            }
        }
        if self.retry.delays_s.len() > 5 || self.retry.delays_s.iter().any(|s| *s > 86_400) {
            return wrong(
                "retry.delays_s",
                "must have at most 5 entries of at most 86400",
            );
        }
        Ok(())
    }
}

/// What [`is_origin`] asks for.
pub const ORIGIN_RULE: &str = "must be a host name with an optional path, without scheme and trailing slash, such as \"log.example.org\"";

/// May this text name a log? Lowercase letters, digits, `.`, `-`, `:`, `/`; at most 120 bytes.
pub fn is_origin(origin: &str) -> bool {
    let allowed =
        |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b".-:/_".contains(&byte);
    (1..=120).contains(&origin.len())
        && origin.bytes().all(allowed)
        && !origin.contains("//")
        && !origin.starts_with('/')
        && !origin.ends_with('/')
}

/// May this text name a form, an edition or a benchmark? Lowercase letters, digits, `.` and `-`, at most 80.
pub fn is_short_name(name: &str) -> bool {
    (1..=80).contains(&name.len())
        && name
            .bytes()
            .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b".-".contains(&byte))
}

/// `ASSAY_ENCLAVE`, else `assay-enclave` beside this program.
pub fn enclave_program() -> Result<PathBuf, ConfigError> {
    if let Some(program) = std::env::var_os("ASSAY_ENCLAVE") {
        return Ok(program.into());
    }
    let beside = own_folder().join(format!("assay-enclave{}", std::env::consts::EXE_SUFFIX));
    if beside.is_file() {
        Ok(beside)
    } else {
        Err(ConfigError::NoEnclave { beside })
    }
}

/// The folder of example adapters: `ASSAY_COMPONENTS`, else `../adapters/components` beside this program.
pub fn components_folder() -> PathBuf {
    std::env::var_os("ASSAY_COMPONENTS").map_or_else(
        || own_folder().join("../adapters/components"),
        PathBuf::from,
    )
}

fn own_folder() -> PathBuf {
    std::env::current_exe()
        .ok()
        .and_then(|program| program.parent().map(Path::to_owned))
        .unwrap_or_default()
}

#[cfg(test)]
mod tests;

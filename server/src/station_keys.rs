//! The station's own keys on disk: made once, mode 0600, read at start.
//!
//! `root` signs manifests and belongs offline; `log` signs checkpoints; `recorder` signs records; `witness`
//! cosigns the checkpoints of other logs. A key that version N of the manifest took in lies beside the
//! first one, as `log.N`. Which of them count is the manifest's business; files of closed keys are passed
//! over. The enclave's keys are not here and never leave the keeper.

use std::{
    collections::BTreeMap,
    fs, io,
    path::{Path, PathBuf},
};

use assay_evidence::{
    digest::Digest,
    hex,
    keys::{Ed25519SigningKey, KeyError, P256SigningKey},
    manifest::{Manifest, ManifestKey, Role},
};

use crate::{entropy::Entropy, folder, log::LogSigners};

/// Mode of a file with a secret.
const MODE: u32 = 0o600;

/// Why a key cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum KeysError {
    /// The file cannot be read or written.
    #[error(
        "{path}: {source}; keys are made by \"assay station init\" and readable by its user only"
    )]
    File {
        /// Which file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The file holds something else.
    #[error("{0} does not hold a key; restore it from where keys are kept")]
    Content(PathBuf),
    /// The key itself is refused.
    #[error("{path}: {source}")]
    Key {
        /// Which file.
        path: PathBuf,
        /// Why.
        source: KeyError,
    },
    /// A key that the manifest keeps open is not here.
    #[error(
        "{dir} lacks the {role} key {key}, which the manifest keeps open; put its file back, or close its range with \"assay station close-key\""
    )]
    Missing {
        /// Where keys lie.
        dir: PathBuf,
        /// The role.
        role: &'static str,
        /// Key id.
        key: Digest,
    },
    /// No key may sign.
    #[error(
        "the manifest keeps no {0} key open, as that of a station made by an earlier release; make a new one with \"assay station init\""
    )]
    NoneOpen(&'static str),
}

/// The keys that a running station holds.
pub struct StationKeys {
    /// Sign checkpoints.
    pub log: LogSigners,
    /// Signs records.
    pub recorder: P256SigningKey,
    /// Cosigns checkpoints of other logs.
    pub witness: Ed25519SigningKey,
}

/// The four keys that a station begins with.
pub struct FirstKeys {
    /// Signs manifests.
    pub root: Ed25519SigningKey,
    /// Signs checkpoints.
    pub log: Ed25519SigningKey,
    /// Signs records.
    pub recorder: P256SigningKey,
    /// Cosigns checkpoints of other logs.
    pub witness: Ed25519SigningKey,
}

/// Roles whose keys the server holds itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum ServerRole {
    /// Signs checkpoints.
    Log,
    /// Signs records.
    Recorder,
    /// Cosigns checkpoints of other logs; its range ends by the sizes of those, so no command closes it.
    #[value(skip)]
    Witness,
}

impl ServerRole {
    /// The role in manifests; its name is the stem of key files.
    pub fn role(self) -> Role {
        match self {
            Self::Log => Role::Log,
            Self::Recorder => Role::Recorder,
            Self::Witness => Role::Witness,
        }
    }

    fn name(self) -> &'static str {
        self.role().name()
    }

    /// What to write of a new key.
    fn draw(self, entropy: Entropy) -> Vec<u8> {
        match self {
            Self::Log | Self::Witness => entropy.bytes::<32>().to_vec(),
            Self::Recorder => P256SigningKey::generate_pkcs8(),
        }
    }

    /// The public half of the key in a file.
    fn public(self, path: &Path) -> Result<ManifestKey, KeysError> {
        Ok(match self {
            Self::Log | Self::Witness => ManifestKey::Ed25519(load_seed(path)?.public()),
            Self::Recorder => ManifestKey::P256(load_recorder(path)?.public()),
        })
    }
}

impl StationKeys {
    /// Reads the keys that a manifest keeps open: every log key, and the newest of recorder and witness.
    pub fn load(dir: &Path, manifest: &Manifest) -> Result<Self, KeysError> {
        let files = open_files(dir, ServerRole::Log, manifest)?;
        let mut log = Vec::new();
        for path in &files {
            log.push(load_seed(path)?);
        }
        let newest = log.remove(0);
        let recorder = &open_files(dir, ServerRole::Recorder, manifest)?[0];
        let witness = &open_files(dir, ServerRole::Witness, manifest)?[0];
        Ok(Self {
            log: LogSigners::new(newest, log),
            recorder: load_recorder(recorder)?,
            witness: load_seed(witness)?,
        })
    }
}

/// Makes the first four keys in a new folder of mode 0700.
pub fn make(dir: &Path, entropy: Entropy) -> Result<FirstKeys, KeysError> {
    folder::make(dir).map_err(|source| file_error(dir, source))?;
    let names = ["root", "log", "recorder", "witness"];
    let [root, log, recorder, witness] = names.map(|name| dir.join(name));
    write_secret(&root, &ServerRole::Log.draw(entropy))?;
    write_secret(&log, &ServerRole::Log.draw(entropy))?;
    write_secret(&recorder, &ServerRole::Recorder.draw(entropy))?;
    write_secret(&witness, &ServerRole::Witness.draw(entropy))?;
    Ok(FirstKeys {
        root: load_seed(&root)?,
        log: load_seed(&log)?,
        recorder: load_recorder(&recorder)?,
        witness: load_seed(&witness)?,
    })
}

/// The key that version `version` of the manifest takes in, and its file.
///
/// A file that is there already was left by a rotation that did not come to its manifest; it is used.
pub fn make_next(
    dir: &Path,
    role: ServerRole,
    version: u64,
    entropy: Entropy,
) -> Result<(ManifestKey, PathBuf), KeysError> {
    let path = dir.join(format!("{}.{version}", role.name()));
    if !holds_something(&path) {
        write_secret(&path, &role.draw(entropy))?;
    }
    Ok((role.public(&path)?, path))
}

/// Reads a root key, wherever it is kept.
pub fn load_root(path: &Path) -> Result<Ed25519SigningKey, KeysError> {
    load_seed(path)
}

/// Which file holds which key of a role. Files that hold none are passed over: whether a key is missing
/// is the manifest's business.
pub fn files_of(dir: &Path, role: ServerRole) -> Result<BTreeMap<Digest, PathBuf>, KeysError> {
    let mut files = BTreeMap::new();
    for path in paths(dir, role.name())? {
        match role.public(&path) {
            Ok(key) => drop(files.insert(key.id(), path)),
            Err(error @ (KeysError::Content(_) | KeysError::Key { .. })) => {
                tracing::warn!(%error, "a key file is passed over");
            }
            Err(error) => return Err(error),
        }
    }
    Ok(files)
}

/// Files of the keys that a manifest keeps open, newest key first; at least one.
fn open_files(
    dir: &Path,
    role: ServerRole,
    manifest: &Manifest,
) -> Result<Vec<PathBuf>, KeysError> {
    let open = manifest.open_keys(role.role());
    if open.is_empty() {
        return Err(KeysError::NoneOpen(role.name()));
    }
    let mut files = files_of(dir, role)?;
    let missing = |key| KeysError::Missing {
        dir: dir.to_owned(),
        role: role.name(),
        key,
    };
    open.into_iter()
        .map(|id| files.remove(&id).ok_or_else(|| missing(id)))
        .collect()
}

/// Files named after a role, alone or followed by a version.
fn paths(dir: &Path, stem: &str) -> Result<Vec<PathBuf>, KeysError> {
    let at = |source| file_error(dir, source);
    let mut found = Vec::new();
    for entry in fs::read_dir(dir).map_err(at)? {
        let entry = entry.map_err(at)?;
        let name = entry.file_name();
        let Some(rest) = name.to_str().and_then(|name| name.strip_prefix(stem)) else {
            continue;
        };
        let is_version = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
        if rest.is_empty() || rest.strip_prefix('.').is_some_and(is_version) {
            found.push(entry.path());
        }
    }
    found.sort();
    Ok(found)
}

fn load_seed(path: &Path) -> Result<Ed25519SigningKey, KeysError> {
    let seed: [u8; 32] = read_hex(path)?
        .try_into()
        .map_err(|_| KeysError::Content(path.to_owned()))?;
    Ok(Ed25519SigningKey::from_seed(seed))
}

fn load_recorder(path: &Path) -> Result<P256SigningKey, KeysError> {
    let pkcs8 = read_hex(path)?;
    P256SigningKey::from_pkcs8(&pkcs8).map_err(|source| KeysError::Key {
        path: path.to_owned(),
        source,
    })
}

fn read_hex(path: &Path) -> Result<Vec<u8>, KeysError> {
    let text = fs::read_to_string(path).map_err(|source| file_error(path, source))?;
    hex::decode(text.trim_end()).map_err(|_| KeysError::Content(path.to_owned()))
}

/// A power cut leaves the whole secret or none; a file that holds something is never replaced.
fn write_secret(path: &Path, secret: &[u8]) -> Result<(), KeysError> {
    let write = || {
        if holds_something(path) {
            return Err(io::ErrorKind::AlreadyExists.into());
        }
        folder::replace(path, format!("{}\n", hex::encode(secret)).as_bytes(), MODE)
    };
    write().map_err(|source| file_error(path, source))
}

fn holds_something(path: &Path) -> bool {
    fs::metadata(path).is_ok_and(|file| file.len() > 0)
}

fn file_error(path: &Path, source: io::Error) -> KeysError {
    KeysError::File {
        path: path.to_owned(),
        source,
    }
}

#[cfg(test)]
mod tests;

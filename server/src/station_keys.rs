//! The station's own keys on disk: made once, mode 0600, read at start.
//!
//! `root` signs manifests and belongs offline; `log` signs checkpoints; `recorder` signs records.
//! The enclave's keys are not here and never leave the keeper.

use std::{
    fs,
    io::{self, Write as _},
    os::unix::fs::OpenOptionsExt as _,
    path::{Path, PathBuf},
};

use assay_evidence::{
    hex,
    keys::{Ed25519SigningKey, KeyError, P256SigningKey},
};

use crate::{entropy::Entropy, folder};

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
}

/// The keys that a running station holds.
pub struct StationKeys {
    /// Signs checkpoints.
    pub log: Ed25519SigningKey,
    /// Signs records.
    pub recorder: P256SigningKey,
}

impl StationKeys {
    /// Reads `log` and `recorder` from a folder.
    pub fn load(dir: &Path) -> Result<Self, KeysError> {
        let path = dir.join("recorder");
        let pkcs8 = read_hex(&path)?;
        let recorder =
            P256SigningKey::from_pkcs8(&pkcs8).map_err(|source| KeysError::Key { path, source })?;
        Ok(Self {
            log: load_seed(&dir.join("log"))?,
            recorder,
        })
    }
}

/// Makes the three keys in a new folder of mode 0700; the root key and what a station holds.
pub fn make(dir: &Path, entropy: Entropy) -> Result<(Ed25519SigningKey, StationKeys), KeysError> {
    folder::make(dir).map_err(|source| KeysError::File {
        path: dir.to_owned(),
        source,
    })?;
    for name in ["root", "log"] {
        write_secret(&dir.join(name), &entropy.bytes::<32>())?;
    }
    write_secret(&dir.join("recorder"), &P256SigningKey::generate_pkcs8())?;
    Ok((load_seed(&dir.join("root"))?, StationKeys::load(dir)?))
}

fn load_seed(path: &Path) -> Result<Ed25519SigningKey, KeysError> {
    let seed: [u8; 32] = read_hex(path)?
        .try_into()
        .map_err(|_| KeysError::Content(path.to_owned()))?;
    Ok(Ed25519SigningKey::from_seed(seed))
}

fn read_hex(path: &Path) -> Result<Vec<u8>, KeysError> {
    let text = fs::read_to_string(path).map_err(|source| KeysError::File {
        path: path.to_owned(),
        source,
    })?;
    hex::decode(text.trim_end()).map_err(|_| KeysError::Content(path.to_owned()))
}

fn write_secret(path: &Path, secret: &[u8]) -> Result<(), KeysError> {
    let write = || -> io::Result<()> {
        let mut file = fs::OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(path)?;
        writeln!(file, "{}", hex::encode(secret))?;
        file.sync_all()
    };
    write().map_err(|source| KeysError::File {
        path: path.to_owned(),
        source,
    })
}

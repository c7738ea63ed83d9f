//! The keeper's folder: signing key and age identity, made once and read at start; public files beside them.
//!
//! The folder has mode 0700 and its secret files 0600; looser modes are refused. Secrets never leave
//! the process that reads them.

use std::{
    fs::{self, DirBuilder, File},
    io::{self, Read},
    os::unix::fs::{DirBuilderExt, MetadataExt},
    path::{Path, PathBuf},
};

use age::{secrecy::ExposeSecret, x25519::Identity};
use assay_evidence::{
    base64,
    digest::{Digest, Hasher},
    keys::{KeyError, P256SigningKey},
    seal::recipient_id,
};
use zeroize::Zeroizing;

use super::{durable, memory};

const SIGN_FILE: &str = "sign.pkcs8";
const SEAL_FILE: &str = "seal.age-identity";
/// Longest secret file.
const SECRET_BYTES_MAX: u64 = 4096;

/// Why the folder cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum StateError {
    /// A file could not be read or written.
    #[error("{}: {source}", .path.display())]
    Io {
        /// Which.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// Others may read a secret.
    #[error("{} has mode {mode:03o}; run `chmod go= ` on it, as others may read it", .path.display())]
    Mode {
        /// Which.
        path: PathBuf,
        /// Its permission bits.
        mode: u32,
    },
    /// The folder holds keys already.
    #[error("{} holds keys already; give another folder, or use these", .0.display())]
    Exists(PathBuf),
    /// The signing key cannot be read.
    #[error("{SIGN_FILE}: {0}")]
    Sign(#[from] KeyError),
    /// The identity cannot be read.
    #[error("{SEAL_FILE}: {0}")]
    Seal(&'static str),
}

/// Secrets and public names of one keeper.
pub struct State {
    /// Signs intents, receipts, aborts and evidence.
    pub sign: P256SigningKey,
    /// Opens seals.
    pub seal: Identity,
    /// Digest of this program.
    pub binary: Digest,
    folder: PathBuf,
}

impl State {
    /// Makes the folder and its keys.
    pub fn create(folder: &Path) -> Result<Self, StateError> {
        if folder.join(SIGN_FILE).exists() || folder.join(SEAL_FILE).exists() {
            return Err(StateError::Exists(folder.to_owned()));
        }
        DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(folder)
            .map_err(at(folder))?;
        check_mode(folder)?;
        write_secret(
            &folder.join(SEAL_FILE),
            Identity::generate().to_string().expose_secret().as_bytes(),
        )?;
        write_secret(&folder.join(memory::HEAD_FILE), memory::NOTHING_YET)?;
        // Last, so that a folder with a signing key is complete.
        write_secret(
            &folder.join(SIGN_FILE),
            &Zeroizing::new(P256SigningKey::generate_pkcs8()),
        )?;
        Self::load(folder)
    }

    /// Reads the folder.
    pub fn load(folder: &Path) -> Result<Self, StateError> {
        check_mode(folder)?;
        let sign = P256SigningKey::from_pkcs8(&read_secret(&folder.join(SIGN_FILE))?)?;
        let seal = read_secret(&folder.join(SEAL_FILE))?;
        let seal = std::str::from_utf8(&seal).map_err(|_| StateError::Seal("not text"))?;
        let seal = seal.trim().parse().map_err(StateError::Seal)?;
        Ok(Self {
            sign,
            seal,
            binary: own_digest()?,
            folder: folder.to_owned(),
        })
    }

    /// SPKI DER of the signing key, base64.
    pub fn sign_public_key(&self) -> String {
        base64::encode(&self.sign.public().spki_der())
    }

    /// The `age1…` recipient.
    pub fn seal_recipient(&self) -> String {
        self.seal.to_public().to_string()
    }

    /// Key id of the recipient.
    pub fn seal_id(&self) -> Digest {
        recipient_id(&self.seal_recipient())
    }

    /// Where the keys lie, and what the keeper remembers.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// A public file of the folder; none when it is not there.
    pub fn public_file(&self, name: &str, bytes_max: u64) -> Result<Option<Vec<u8>>, StateError> {
        let path = self.folder.join(name);
        match File::open(&path) {
            Ok(file) => Ok(Some(read_at_most(&path, file, bytes_max)?.to_vec())),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(at(&path)(error)),
        }
    }
}

/// SHA-256 of the program that is running.
fn own_digest() -> Result<Digest, StateError> {
    let path = Path::new("/proc/self/exe");
    let mut file = File::open(path).map_err(at(path))?;
    let mut hasher = Hasher::new();
    let mut piece = vec![0; 1 << 20];
    loop {
        match file.read(&mut piece).map_err(at(path))? {
            0 => return Ok(hasher.finish()),
            read => hasher.absorb(&piece[..read]),
        }
    }
}

fn check_mode(path: &Path) -> Result<(), StateError> {
    let mode = fs::metadata(path).map_err(at(path))?.mode() & 0o777;
    if mode | 0o700 == 0o700 {
        Ok(())
    } else {
        Err(StateError::Mode {
            path: path.to_owned(),
            mode,
        })
    }
}

fn read_secret(path: &Path) -> Result<Zeroizing<Vec<u8>>, StateError> {
    check_mode(path)?;
    read_at_most(path, File::open(path).map_err(at(path))?, SECRET_BYTES_MAX)
}

fn read_at_most(path: &Path, file: File, bytes_max: u64) -> Result<Zeroizing<Vec<u8>>, StateError> {
    let mut bytes = Zeroizing::new(Vec::new());
    file.take(bytes_max + 1)
        .read_to_end(&mut bytes)
        .map_err(at(path))?;
    if bytes.len() as u64 > bytes_max {
        return Err(at(path)(io::ErrorKind::FileTooLarge.into()));
    }
    Ok(bytes)
}

fn write_secret(path: &Path, bytes: &[u8]) -> Result<(), StateError> {
    durable::write(path, bytes).map_err(at(path))
}

fn at(path: &Path) -> impl Fn(io::Error) -> StateError + '_ {
    move |source| StateError::Io {
        path: path.to_owned(),
        source,
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn keys_are_made_once_and_read_back() {
        let folder = tempfile::tempdir().unwrap();
        let folder = folder.path().join("keeper");
        let made = State::create(&folder).unwrap();
        let read = State::load(&folder).unwrap();
        assert_eq!(made.sign_public_key(), read.sign_public_key());
        assert_eq!(made.seal_recipient(), read.seal_recipient());
        assert!(read.seal_recipient().starts_with("age1"));
        assert!(matches!(State::create(&folder), Err(StateError::Exists(_))));
    }

    #[test]
    fn keys_that_others_may_read_are_refused() {
        let folder = tempfile::tempdir().unwrap();
        let folder = folder.path().join("keeper");
        State::create(&folder).unwrap();
        let file = folder.join(SIGN_FILE);
        fs::set_permissions(&file, fs::Permissions::from_mode(0o640)).unwrap();
        assert!(matches!(
            State::load(&folder),
            Err(StateError::Mode { mode: 0o640, .. })
        ));
        fs::set_permissions(&folder, fs::Permissions::from_mode(0o755)).unwrap();
        assert!(matches!(
            State::load(&folder),
            Err(StateError::Mode { mode: 0o755, .. })
        ));
    }

    #[test]
    fn a_missing_public_file_is_none_and_a_long_one_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let state = State::create(&folder.path().join("keeper")).unwrap();
        assert_eq!(state.public_file("policy", 10).unwrap(), None);
        fs::write(folder.path().join("keeper/policy"), b"0123456789").unwrap();
        assert_eq!(
            state.public_file("policy", 10).unwrap().unwrap(),
            b"0123456789"
        );
        assert!(state.public_file("policy", 9).is_err());
    }
}

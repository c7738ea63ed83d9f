//! The age identity that a form's author keeps: made, read, never sent anywhere.
//!
//! The file is one that the stock `age` tools read and write.

use std::{
    fs::{File, OpenOptions},
    io::{self, Read as _, Write as _},
    os::unix::fs::OpenOptionsExt as _,
    path::{Path, PathBuf},
};

use age::{secrecy::ExposeSecret as _, x25519::Identity};
use zeroize::Zeroizing;

use crate::clock::Millis;

/// Longest identity file.
const FILE_BYTES_MAX: u64 = 64 * 1024;

/// Why an identity is not had.
#[derive(Debug, thiserror::Error)]
pub enum IdentityError {
    /// The disk refused.
    #[error("{path}: {source}")]
    File {
        /// Which file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// Not one identity, or one behind a passphrase.
    #[error(
        "{0} does not hold one age identity (a line AGE-SECRET-KEY-1…, not protected by a passphrase)"
    )]
    NotOne(PathBuf),
}

/// The recipient of the identity in a file; both are made, for their owner only, if there is no file.
pub fn keep(path: &Path, now: Millis) -> Result<String, IdentityError> {
    if path.exists() {
        return Ok(read(path)?.to_public().to_string());
    }
    let identity = Identity::generate();
    let recipient = identity.to_public().to_string();
    let secret = identity.to_string();
    let text = Zeroizing::new(format!(
        "# created: {}\n# public key: {recipient}\n{}\n",
        now.rfc3339(),
        secret.expose_secret()
    ));
    write(path, text.as_bytes()).map_err(|source| IdentityError::File {
        path: path.to_owned(),
        source,
    })?;
    Ok(recipient)
}

/// The identity in a file.
pub fn read(path: &Path) -> Result<Identity, IdentityError> {
    let bytes = bounded(path).map_err(|source| IdentityError::File {
        path: path.to_owned(),
        source,
    })?;
    let text = std::str::from_utf8(&bytes).unwrap_or_default();
    let mut keys = text
        .lines()
        .map(str::trim)
        .filter(|line| !line.is_empty() && !line.starts_with('#'));
    let key = keys.next().and_then(|line| line.parse().ok());
    key.filter(|_| keys.next().is_none())
        .ok_or_else(|| IdentityError::NotOne(path.to_owned()))
}

fn bounded(path: &Path) -> io::Result<Zeroizing<Vec<u8>>> {
    let mut bytes = Zeroizing::new(Vec::new());
    File::open(path)?
        .take(FILE_BYTES_MAX)
        .read_to_end(&mut bytes)?;
    Ok(bytes)
}

fn write(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut file = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::folder;

    const NOW: Millis = Millis(1_800_000_000_000);

    #[test]
    fn an_identity_is_made_once_for_its_owner_only_and_read_again() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("identity");
        let made = keep(&path, NOW).unwrap();
        assert_eq!(folder::mode(&path), 0o600);
        assert_eq!(keep(&path, NOW).unwrap(), made);
        assert_eq!(read(&path).unwrap().to_public().to_string(), made);
    }

    #[test]
    fn a_file_with_two_identities_or_none_is_refused() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("identity");
        keep(&path, NOW).unwrap();
        let one = std::fs::read_to_string(&path).unwrap();
        for text in [format!("{one}{one}"), "# nothing\n".to_owned()] {
            std::fs::write(&path, text).unwrap();
            assert_eq!(
                read(&path).map(|_| ()).unwrap_err().to_string(),
                format!(
                    "{} does not hold one age identity (a line AGE-SECRET-KEY-1…, not protected by a passphrase)",
                    path.display()
                )
            );
        }
    }
}

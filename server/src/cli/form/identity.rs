//! The age identity that a form's author keeps: made, read, never sent anywhere.
//!
//! The file is one that the stock `age` tools read and write.

use std::{
    io::Write as _,
    os::unix::fs::OpenOptionsExt as _,
    path::{Path, PathBuf},
};

use age::{secrecy::ExposeSecret as _, x25519};
use clap::Args;
use zeroize::Zeroizing;

use super::super::{Source, bounded_file, fault::Fault};

/// Longest identity file.
const FILE_BYTES_MAX: u64 = 64 * 1024;

/// Where the identity lies.
#[derive(Debug, Args)]
pub struct IdentityFile {
    /// Age identity that `assay form seal --keep-identity` kept; it is read here and sent nowhere.
    #[arg(long = "identity", value_name = "FILE")]
    path: PathBuf,
}

impl IdentityFile {
    /// The identity.
    pub fn read(&self) -> Result<x25519::Identity, Fault> {
        read(&self.path)
    }
}

/// The recipient of the identity in a file; both are made if there is no file.
pub fn keep(path: &Path, source: &Source) -> Result<String, Fault> {
    if path.exists() {
        return Ok(read(path)?.to_public().to_string());
    }
    let identity = x25519::Identity::generate();
    let recipient = identity.to_public().to_string();
    let secret = identity.to_string();
    let text = Zeroizing::new(format!(
        "# created: {}\n# public key: {recipient}\n{}\n",
        source.clock.now().rfc3339(),
        secret.expose_secret()
    ));
    let file = std::fs::OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(path);
    file.and_then(|mut file| {
        file.write_all(text.as_bytes())
            .and_then(|()| file.sync_all())
    })
    .map_err(|error| Fault::file(path, &error))?;
    Ok(recipient)
}

fn read(path: &Path) -> Result<x25519::Identity, Fault> {
    let bytes = Zeroizing::new(bounded_file(path, FILE_BYTES_MAX)?);
    let text = std::str::from_utf8(&bytes).unwrap_or_default();
    let mut keys = text
        .lines()
        .map(str::trim)
        .filter(|line| !line.is_empty() && !line.starts_with('#'));
    let key = keys.next().and_then(|line| line.parse().ok());
    key.filter(|_| keys.next().is_none()).ok_or_else(|| {
        Fault::Refused(format!(
            "{} does not hold one age identity (a line AGE-SECRET-KEY-1…, not protected by a passphrase)",
            path.display()
        ))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{clock::Clock, entropy::Entropy, folder};

    fn source() -> Source {
        Source {
            clock: Clock::wound(crate::clock::Millis(1_800_000_000_000)),
            entropy: Entropy::system(),
        }
    }

    #[test]
    fn an_identity_is_made_once_for_its_owner_only_and_read_again() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("identity");
        let made = keep(&path, &source()).unwrap();
        assert_eq!(folder::mode(&path), 0o600);
        assert_eq!(keep(&path, &source()).unwrap(), made);
        assert_eq!(read(&path).unwrap().to_public().to_string(), made);
    }

    #[test]
    fn a_file_with_two_identities_or_none_is_refused() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("identity");
        keep(&path, &source()).unwrap();
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

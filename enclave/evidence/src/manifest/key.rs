//! Keys as a manifest lists them: kind, scheme and public text, each in one spelling.
//!
//! A weak or malformed key does not parse.

use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::{
    digest::Digest,
    hex,
    keys::{Ed25519PublicKey, KeyError, P256PublicKey, is_published_ed25519, is_published_p256},
    seal,
};

const AGE_PREFIX: &str = "age1";
const AGE_CHARS: usize = 62;

/// A key of a manifest.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Entry", into = "Entry")]
pub enum ManifestKey {
    /// Log, witness, mirror or root.
    Ed25519(Ed25519PublicKey),
    /// Recorder, enclave or committee member.
    P256(P256PublicKey),
    /// An `age1…` recipient.
    Age(String),
}

impl ManifestKey {
    /// The id under which a manifest lists it.
    pub fn id(&self) -> Digest {
        match self {
            Self::Ed25519(key) => key.key_id(),
            Self::P256(key) => key.key_id(),
            Self::Age(recipient) => seal::recipient_id(recipient),
        }
    }

    /// Can anybody sign with it?
    pub(super) fn is_published(&self) -> bool {
        match self {
            Self::Ed25519(key) => is_published_ed25519(key),
            Self::P256(key) => is_published_p256(key),
            Self::Age(_) => false,
        }
    }
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    keytype: String,
    public: String,
    scheme: String,
}

#[derive(Debug, Error)]
enum EntryError {
    #[error("key type {0:?} with scheme {1:?} is unknown")]
    Kind(String, String),
    #[error("Ed25519 key is not 64 hex digits")]
    Hex,
    #[error("seal recipient is not an age1… text of 62 characters")]
    Recipient,
    #[error(transparent)]
    Key(#[from] KeyError),
}

impl From<ManifestKey> for Entry {
    fn from(key: ManifestKey) -> Self {
        let (keytype, scheme, public) = match key {
            ManifestKey::Ed25519(key) => ("ed25519", "ed25519", hex::encode(key.as_bytes())),
            ManifestKey::P256(key) => ("ecdsa", "ecdsa-sha2-nistp256", key.pem()),
            ManifestKey::Age(recipient) => ("x25519", "age-v1", recipient),
        };
        Self {
            keytype: keytype.to_owned(),
            public,
            scheme: scheme.to_owned(),
        }
    }
}

impl TryFrom<Entry> for ManifestKey {
    type Error = EntryError;

    fn try_from(entry: Entry) -> Result<Self, EntryError> {
        match (entry.keytype.as_str(), entry.scheme.as_str()) {
            ("ed25519", "ed25519") => {
                let raw = hex::decode(&entry.public).map_err(|_| EntryError::Hex)?;
                Ok(Self::Ed25519(Ed25519PublicKey::from_slice(&raw)?))
            }
            ("ecdsa", "ecdsa-sha2-nistp256") => {
                Ok(Self::P256(P256PublicKey::from_pem(&entry.public)?))
            }
            ("x25519", "age-v1") if is_recipient(&entry.public) => Ok(Self::Age(entry.public)),
            ("x25519", "age-v1") => Err(EntryError::Recipient),
            _ => Err(EntryError::Kind(entry.keytype, entry.scheme)),
        }
    }
}

/// The checksum is left to whoever encrypts: a wrong recipient opens nothing.
fn is_recipient(text: &str) -> bool {
    let is_plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    text.starts_with(AGE_PREFIX) && text.len() == AGE_CHARS && text.bytes().all(is_plain)
}

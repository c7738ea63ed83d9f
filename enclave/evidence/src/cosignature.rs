//! Cosignatures of checkpoints (c2sp.org/tlog-cosignature) with Ed25519 keys of type 0x04.
//!
//! A line says: at this second this was the largest consistent tree of this origin that the cosigner
//! had seen. The message does not name the cosigner, so each cosigner and each role has its own key.
//! Whether a tree is consistent is [`crate::witness`]'s business, and how many lines are enough
//! [`crate::policy`]'s. Lines of type 0x06 (ML-DSA-44) are recognised by their length and not verified.

use std::{fmt, str::FromStr};

use thiserror::Error;

#[cfg(not(target_arch = "wasm32"))]
use crate::{checkpoint::Checkpoint, keys::Ed25519SigningKey};
use crate::{
    keys::Ed25519PublicKey,
    note::{self, KeyId, KeyType, Note, NoteError, SignatureLine, VerifierKey},
};

/// A cosignature further ahead of the reader's clock, in seconds, is refused.
pub const FUTURE_SECONDS_MAX: u64 = 300;

const COSIGNER: KeyType = KeyType {
    byte: 0x04,
    purpose: "a cosigner key",
};
/// Seconds must fit a signed 64-bit integer and start above zero.
const TIME_END: u64 = 1 << 63;
const ED25519_BYTES: usize = 64;
const ML_DSA_44_BYTES: usize = 2420;

/// Why a cosignature is refused.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum CosignatureError {
    /// The key name or the line is refused.
    #[error(transparent)]
    Note(#[from] NoteError),
    /// Zero, or 2^63 and more.
    #[error("cosignature of {name} has the time {time}, which is zero or beyond 2^63 seconds")]
    Time {
        /// Key name.
        name: String,
        /// Stated seconds.
        time: u64,
    },
    /// The reader's clock is far behind that time.
    #[error(
        "cosignature of {name} is {ahead} s ahead of this clock, more than 300; check the clock"
    )]
    Future {
        /// Key name.
        name: String,
        /// Seconds.
        ahead: u64,
    },
}

/// A name and the Ed25519 key that cosigns checkpoints under it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CosignerKey {
    name: String,
    key: Ed25519PublicKey,
}

impl CosignerKey {
    /// Joins a name and a key.
    pub fn new(name: &str, key: Ed25519PublicKey) -> Result<Self, NoteError> {
        if !VerifierKey::is_name(name) {
            return Err(NoteError::Name(name.to_owned()));
        }
        let name = name.to_owned();
        Ok(Self { name, key })
    }

    /// The cosigner's name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The key.
    pub fn key(&self) -> &Ed25519PublicKey {
        &self.key
    }

    /// SHA-256(name ‖ 0x0A ‖ 0x04 ‖ key), the first four bytes.
    pub fn id(&self) -> KeyId {
        COSIGNER.id(&self.name, &self.key)
    }
}

impl fmt::Display for CosignerKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&COSIGNER.print(&self.name, &self.key))
    }
}

impl FromStr for CosignerKey {
    type Err = NoteError;

    fn from_str(text: &str) -> Result<Self, NoteError> {
        let (name, key) = COSIGNER.parse(text)?;
        Self::new(name, key)
    }
}

/// The signature line, with its line feed, that says so at `time` (seconds since 1970).
#[cfg(not(target_arch = "wasm32"))]
pub fn sign(
    checkpoint: &Checkpoint,
    name: &str,
    key: &Ed25519SigningKey,
    time: u64,
) -> Result<String, CosignatureError> {
    let cosigner = CosignerKey::new(name, key.public())?;
    check_time(name, time, None)?;
    let signature = key.sign(message(&checkpoint.text(), time).as_bytes());
    let stamped = [time.to_be_bytes().as_slice(), &signature].concat();
    Ok(note::line(name, cosigner.id(), &stamped))
}

/// The newest time at which a key cosigned the note, and its line; `None` without a line by it.
///
/// A line by the key that does not verify, or is far ahead of `now`, refuses the whole note.
pub fn newest(
    note: &Note<'_>,
    cosigner: &CosignerKey,
    now: Option<u64>,
) -> Result<Option<(u64, String)>, CosignatureError> {
    let mut newest = None;
    for line in note.lines_of(&cosigner.name, cosigner.id()) {
        let time = verify(note.text, line, cosigner, now)?;
        if newest.is_none_or(|(earlier, _)| earlier < time) {
            newest = Some((time, line));
        }
    }
    Ok(newest.map(|(time, line)| (time, note::line(line.name, line.id, &line.signature))))
}

/// Could this line be a cosignature, of whatever key? Its length and its time say so; nothing is verified.
pub fn is_well_formed(line: &SignatureLine<'_>) -> bool {
    stamped(line).is_some_and(|(time, signature)| {
        check_time(line.name, time, None).is_ok()
            && [ED25519_BYTES, ML_DSA_44_BYTES].contains(&signature.len())
    })
}

fn verify(
    text: &str,
    line: &SignatureLine<'_>,
    cosigner: &CosignerKey,
    now: Option<u64>,
) -> Result<u64, CosignatureError> {
    let bad = || NoteError::BadSignature(cosigner.name.clone());
    let (time, signature) = stamped(line).ok_or_else(bad)?;
    check_time(&cosigner.name, time, now)?;
    cosigner
        .key
        .verify(message(text, time).as_bytes(), signature)
        .map_err(|_| bad())?;
    Ok(time)
}

/// Time and signature of a line.
fn stamped<'a>(line: &'a SignatureLine<'_>) -> Option<(u64, &'a [u8])> {
    let (time, signature) = line.signature.split_first_chunk()?;
    Some((u64::from_be_bytes(*time), signature))
}

fn check_time(name: &str, time: u64, now: Option<u64>) -> Result<(), CosignatureError> {
    let name = || name.to_owned();
    if time == 0 || time >= TIME_END {
        return Err(CosignatureError::Time { name: name(), time });
    }
    let ahead = now.map_or(0, |now| time.saturating_sub(now));
    if ahead > FUTURE_SECONDS_MAX {
        return Err(CosignatureError::Future {
            name: name(),
            ahead,
        });
    }
    Ok(())
}

fn message(text: &str, time: u64) -> String {
    format!("cosignature/v1\ntime {time}\n{text}")
}

#[cfg(test)]
mod tests;

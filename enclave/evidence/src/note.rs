//! Signed notes (c2sp.org/signed-note) with Ed25519 signatures of type 0x01.
//!
//! A line by an unknown key is skipped; a line by a known key must verify. What the text says is
//! [`crate::checkpoint`]'s business, and lines of other types are [`crate::cosignature`]'s.

use std::{fmt, str::FromStr};

use thiserror::Error;

#[cfg(not(target_arch = "wasm32"))]
use crate::keys::Ed25519SigningKey;
use crate::{
    base64,
    digest::{Digest, Hasher},
    hex,
    keys::{Ed25519PublicKey, KeyError},
};

/// Longest note in bytes.
pub const NOTE_BYTES_MAX: usize = 64 * 1024;
/// Most signature lines.
pub const SIGNATURE_LINES_MAX: usize = 16;

const ID_BYTES: usize = 4;
const LINE_HEAD: &str = "\u{2014} ";

/// What tells the lines of one key name apart; a hint, since four bytes collide.
pub type KeyId = [u8; ID_BYTES];

/// Why a note or a verifier key is refused.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum NoteError {
    /// Longer than [`NOTE_BYTES_MAX`].
    #[error("note has {0} bytes, more than 65536")]
    TooLong(usize),
    /// A control byte other than the line feed.
    #[error("note has a control byte other than the line feed")]
    ControlByte,
    /// No empty line before the signatures, or no line feed at the end.
    #[error("note is not a text, an empty line and signature lines, each ending in a line feed")]
    Shape,
    /// A signature line is not "— name base64".
    #[error("signature line {0} of the note is malformed")]
    Line(usize),
    /// More than [`SIGNATURE_LINES_MAX`].
    #[error("note has {0} signature lines, more than 16")]
    TooManyLines(usize),
    /// A line by a known key fails.
    #[error("signature line of {0} does not verify")]
    BadSignature(String),
    /// No line by the key.
    #[error("note has no signature line by {0}")]
    Unsigned(String),
    /// Empty, or with white space, `+` or a control character.
    #[error("key name {0:?} is empty or has white space, a plus sign or a control character")]
    Name(String),
    /// Not name+id+base64.
    #[error("verifier key is not name+hex id+base64 key")]
    VerifierKey,
    /// A signature type other than the one that the place needs.
    #[error(
        "verifier key of {name} has the type {found:#04x} instead of {expected:#04x} ({purpose})"
    )]
    KeyType {
        /// Key name.
        name: String,
        /// Type byte found.
        found: u8,
        /// Type byte needed.
        expected: u8,
        /// What keys of the type needed are for.
        purpose: &'static str,
    },
    /// Name and key have another id.
    #[error("verifier key of {0} does not have the id that it states")]
    KeyId(String),
    /// The key itself is bad.
    #[error(transparent)]
    Key(#[from] KeyError),
}

/// A name and the Ed25519 key that signs notes under it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VerifierKey {
    name: String,
    key: Ed25519PublicKey,
}

/// A signature line that was read and not yet verified.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignatureLine<'a> {
    /// Key name.
    pub name: &'a str,
    /// Key id.
    pub id: KeyId,
    /// What follows the id.
    pub signature: Vec<u8>,
}

/// A note in its two parts; nothing is verified.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Note<'a> {
    /// The signed text, with its last line feed.
    pub text: &'a str,
    /// At least one line.
    pub lines: Vec<SignatureLine<'a>>,
}

impl VerifierKey {
    /// Joins a name and a key.
    pub fn new(name: &str, key: Ed25519PublicKey) -> Result<Self, NoteError> {
        check_name(name)?;
        Ok(Self {
            name: name.to_owned(),
            key,
        })
    }

    /// May a key, and so a log, have this name?
    pub fn is_name(name: &str) -> bool {
        check_name(name).is_ok()
    }

    /// The key name; of a log, its origin.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The key.
    pub fn key(&self) -> &Ed25519PublicKey {
        &self.key
    }

    /// SHA-256(name ‖ 0x0A ‖ 0x01 ‖ key), the first four bytes.
    pub fn id(&self) -> KeyId {
        KeyType::LOG.id(&self.name, &self.key)
    }

    /// The whole hash that [`Self::id`] begins, which sigstore calls the id of a log.
    pub fn log_id(&self) -> Digest {
        KeyType::LOG.digest(&self.name, &self.key)
    }
}

impl fmt::Display for VerifierKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&KeyType::LOG.print(&self.name, &self.key))
    }
}

impl FromStr for VerifierKey {
    type Err = NoteError;

    fn from_str(text: &str) -> Result<Self, NoteError> {
        let (name, key) = KeyType::LOG.parse(text)?;
        Self::new(name, key)
    }
}

/// A type byte and what keys of that type are for.
#[derive(Clone, Copy)]
pub(crate) struct KeyType {
    pub byte: u8,
    pub purpose: &'static str,
}

impl KeyType {
    const LOG: Self = Self {
        byte: 0x01,
        purpose: "a log key",
    };

    /// SHA-256(name ‖ 0x0A ‖ type ‖ key), the first four bytes.
    pub fn id(self, name: &str, key: &Ed25519PublicKey) -> KeyId {
        let [a, b, c, d, ..] = self.digest(name, key).0;
        [a, b, c, d]
    }

    fn digest(self, name: &str, key: &Ed25519PublicKey) -> Digest {
        Hasher::new()
            .update(name.as_bytes())
            .update(&[b'\n', self.byte])
            .update(key.as_bytes())
            .finish()
    }

    /// The verifier key as text: name, hex id and base64 of type and key, joined by plus signs.
    pub fn print(self, name: &str, key: &Ed25519PublicKey) -> String {
        let typed = [&[self.byte], key.as_bytes().as_slice()].concat();
        let (id, key) = (hex::encode(&self.id(name, key)), base64::encode(&typed));
        format!("{name}+{id}+{key}")
    }

    /// Reads a verifier key of this type; any other type is refused.
    pub fn parse(self, text: &str) -> Result<(&str, Ed25519PublicKey), NoteError> {
        let mut parts = text.splitn(3, '+');
        let (Some(name), Some(id), Some(key)) = (parts.next(), parts.next(), parts.next()) else {
            return Err(NoteError::VerifierKey);
        };
        check_name(name)?;
        let typed = base64::decode(key).map_err(|_| NoteError::VerifierKey)?;
        let (found, raw) = typed.split_first().ok_or(NoteError::VerifierKey)?;
        if *found != self.byte {
            return Err(NoteError::KeyType {
                name: name.to_owned(),
                found: *found,
                expected: self.byte,
                purpose: self.purpose,
            });
        }
        let key = Ed25519PublicKey::from_slice(raw)?;
        if hex::encode(&self.id(name, &key)) != id {
            return Err(NoteError::KeyId(name.to_owned()));
        }
        Ok((name, key))
    }
}

/// Signs a text under a name.
///
/// # Panics
/// When the text does not end in a line feed.
#[cfg(not(target_arch = "wasm32"))]
pub fn sign(text: &str, name: &str, key: &Ed25519SigningKey) -> Result<String, NoteError> {
    assert!(
        text.ends_with('\n'),
        "the text of a note ends in a line feed"
    );
    let id = VerifierKey::new(name, key.public())?.id();
    let line = line(name, id, &key.sign(text.as_bytes()));
    Ok(format!("{text}\n{line}"))
}

/// A signature line with its line feed.
pub(crate) fn line(name: &str, id: KeyId, signature: &[u8]) -> String {
    let signature = base64::encode(&[id.as_slice(), signature].concat());
    format!("{LINE_HEAD}{name} {signature}\n")
}

/// The text of a note, if every line by `known` verifies and there is one.
pub fn open<'a>(note: &'a str, known: &VerifierKey) -> Result<&'a str, NoteError> {
    let note = parse(note)?;
    if !note.is_signed_by(known)? {
        return Err(NoteError::Unsigned(known.to_string()));
    }
    Ok(note.text)
}

impl Note<'_> {
    /// Is there a line by this key? One that does not verify refuses the note.
    pub fn is_signed_by(&self, key: &VerifierKey) -> Result<bool, NoteError> {
        let mut is_signed = false;
        for line in self.lines_of(&key.name, key.id()) {
            key.key
                .verify(self.text.as_bytes(), &line.signature)
                .map_err(|_| NoteError::BadSignature(key.name.clone()))?;
            is_signed = true;
        }
        Ok(is_signed)
    }

    /// The note with the lines of these keys alone; `None` without any. A line by one of them that
    /// does not verify refuses the note.
    pub fn only(&self, keys: &[VerifierKey]) -> Result<Option<String>, NoteError> {
        let mut lines = String::new();
        for key in keys {
            if self.is_signed_by(key)? {
                let own = self.lines_of(&key.name, key.id());
                let written = own.map(|own| line(own.name, own.id, &own.signature));
                lines.extend(written);
            }
        }
        let text = self.text;
        Ok((!lines.is_empty()).then(|| format!("{text}\n{lines}")))
    }

    /// The lines that claim to be by a key.
    pub(crate) fn lines_of(
        &self,
        name: &str,
        id: KeyId,
    ) -> impl Iterator<Item = &SignatureLine<'_>> {
        self.lines
            .iter()
            .filter(move |line| line.name == name && line.id == id)
    }
}

/// Splits a note at its last empty line and reads the signature lines.
pub fn parse(note: &str) -> Result<Note<'_>, NoteError> {
    if note.len() > NOTE_BYTES_MAX {
        return Err(NoteError::TooLong(note.len()));
    }
    if note.bytes().any(|byte| byte < b' ' && byte != b'\n') {
        return Err(NoteError::ControlByte);
    }
    let split = note.rfind("\n\n").ok_or(NoteError::Shape)?;
    let (text, signatures) = (&note[..=split], &note[split + 2..]);
    let lines: Vec<&str> = signatures
        .strip_suffix('\n')
        .ok_or(NoteError::Shape)?
        .split('\n')
        .collect();
    if lines.len() > SIGNATURE_LINES_MAX {
        return Err(NoteError::TooManyLines(lines.len()));
    }
    let lines = lines
        .iter()
        .enumerate()
        .map(|(position, line)| parse_line(line).ok_or(NoteError::Line(position + 1)))
        .collect::<Result<_, _>>()?;
    Ok(Note { text, lines })
}

fn parse_line(line: &str) -> Option<SignatureLine<'_>> {
    let (name, encoded) = line.strip_prefix(LINE_HEAD)?.split_once(' ')?;
    check_name(name).ok()?;
    let bytes = base64::decode(encoded).ok()?;
    let (id, signature) = bytes.split_first_chunk::<ID_BYTES>()?;
    if signature.is_empty() {
        return None;
    }
    Some(SignatureLine {
        name,
        id: *id,
        signature: signature.to_vec(),
    })
}

fn check_name(name: &str) -> Result<(), NoteError> {
    let is_bad = |letter: char| letter.is_whitespace() || letter.is_control() || letter == '+';
    if name.is_empty() || name.contains(is_bad) {
        return Err(NoteError::Name(name.to_owned()));
    }
    Ok(())
}

#[cfg(test)]
mod tests;

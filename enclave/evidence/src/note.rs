//! Signed notes (c2sp.org/signed-note) with Ed25519 signatures of type 0x01.
//!
//! A line by an unknown key is skipped; a line by a known key must verify. What the text says is
//! [`crate::checkpoint`]'s business.

use std::{fmt, str::FromStr};

use thiserror::Error;

#[cfg(not(target_arch = "wasm32"))]
use crate::keys::Ed25519SigningKey;
use crate::{
    base64,
    digest::Hasher,
    hex,
    keys::{Ed25519PublicKey, KeyError},
};

/// Longest note in bytes.
pub const NOTE_BYTES_MAX: usize = 64 * 1024;
/// Most signature lines.
pub const SIGNATURE_LINES_MAX: usize = 16;

/// Type byte of an Ed25519 signature over the text.
const TYPE_ED25519: u8 = 0x01;
const ID_BYTES: usize = 4;
const LINE_HEAD: &str = "\u{2014} ";

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
    /// A signature type other than 0x01.
    #[error("verifier key of {0} is not a log key (type 0x01)")]
    KeyType(String),
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
    pub id: [u8; ID_BYTES],
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

    /// SHA-256(name ‖ 0x0A ‖ type ‖ key), the first four bytes.
    pub fn id(&self) -> [u8; ID_BYTES] {
        let digest = Hasher::new()
            .update(self.name.as_bytes())
            .update(&[b'\n', TYPE_ED25519])
            .update(self.key.as_bytes())
            .finish();
        let [a, b, c, d, ..] = digest.0;
        [a, b, c, d]
    }
}

impl fmt::Display for VerifierKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let typed = [&[TYPE_ED25519], self.key.as_bytes().as_slice()].concat();
        let (id, key) = (hex::encode(&self.id()), base64::encode(&typed));
        write!(f, "{}+{id}+{key}", self.name)
    }
}

impl FromStr for VerifierKey {
    type Err = NoteError;

    fn from_str(text: &str) -> Result<Self, NoteError> {
        let mut parts = text.splitn(3, '+');
        let (Some(name), Some(id), Some(key)) = (parts.next(), parts.next(), parts.next()) else {
            return Err(NoteError::VerifierKey);
        };
        let typed = base64::decode(key).map_err(|_| NoteError::VerifierKey)?;
        let (kind, raw) = typed.split_first().ok_or(NoteError::VerifierKey)?;
        if *kind != TYPE_ED25519 {
            return Err(NoteError::KeyType(name.to_owned()));
        }
        let verifier = Self::new(name, Ed25519PublicKey::from_slice(raw)?)?;
        if hex::encode(&verifier.id()) != id {
            return Err(NoteError::KeyId(name.to_owned()));
        }
        Ok(verifier)
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
    let verifier = VerifierKey::new(name, key.public())?;
    let signature = [verifier.id().as_slice(), &key.sign(text.as_bytes())].concat();
    let signature = base64::encode(&signature);
    Ok(format!("{text}\n{LINE_HEAD}{name} {signature}\n"))
}

/// The text of a note, if every line by `known` verifies and there is one.
pub fn open<'a>(note: &'a str, known: &VerifierKey) -> Result<&'a str, NoteError> {
    let Note { text, lines } = parse(note)?;
    let mut is_signed = false;
    for line in lines {
        if line.name != known.name || line.id != known.id() {
            continue;
        }
        known
            .key
            .verify(text.as_bytes(), &line.signature)
            .map_err(|_| NoteError::BadSignature(known.name.clone()))?;
        is_signed = true;
    }
    if !is_signed {
        return Err(NoteError::Unsigned(known.to_string()));
    }
    Ok(text)
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

//! Records as in-toto Statements: signing a predicate, and opening what somebody signed.
//!
//! Opening answers one question: did this key sign a record of this type? Whether the key was
//! allowed to, and where the record lies, is answered elsewhere.

use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::{
    digest::Digest,
    dsse::{Envelope, Signature},
    json::{self, JsonError, Value},
    keys::{BadSignature, P256PublicKey},
    record::{PREDICATE_BASE, Predicate, Sha256Ref},
};
#[cfg(not(target_arch = "wasm32"))]
use crate::{dsse::pae, keys::P256SigningKey};

/// Payload type of every record's envelope.
pub const PAYLOAD_TYPE: &str = "application/vnd.in-toto+json";
/// `_type` of every statement.
pub const STATEMENT_TYPE: &str = "https://in-toto.io/Statement/v1";

/// What a record is about: a name and the digest of its bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Subject {
    /// What the bytes are, such as `adapter`.
    pub name: String,
    /// SHA-256 of the bytes.
    pub digest: Digest,
}

impl Subject {
    /// A subject.
    pub fn new(name: &str, digest: Digest) -> Self {
        Self {
            name: name.to_owned(),
            digest,
        }
    }
}

/// The verified content of a record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Opened<P> {
    /// What the record is about; at least one.
    pub subjects: Vec<Subject>,
    /// What it says.
    pub predicate: P,
}

/// Why an envelope is no record signed by the key.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum StatementError {
    /// A record has exactly one signature.
    #[error("record has {0} signatures instead of one")]
    SignatureCount(usize),
    /// Another payload type.
    #[error("payload type is {0:?} instead of application/vnd.in-toto+json")]
    PayloadType(String),
    /// The signature is not of this key.
    #[error("signature of the record does not verify under key {0}")]
    Signature(Digest),
    /// The payload is no strict JSON, or no statement.
    #[error("statement: {0}")]
    Json(#[from] JsonError),
    /// Another `_type`.
    #[error("statement type is {0:?} instead of https://in-toto.io/Statement/v1")]
    StatementType(String),
    /// Another predicate type.
    #[error("record is of type {found:?} instead of {expected:?}")]
    PredicateType {
        /// The type that was asked for.
        expected: String,
        /// The type that is there.
        found: String,
    },
    /// No subject.
    #[error("statement has no subject")]
    NoSubject,
}

#[derive(Serialize, Deserialize)]
struct Statement {
    #[serde(rename = "_type")]
    kind: String,
    predicate: Value,
    #[serde(rename = "predicateType")]
    predicate_type: String,
    subject: Vec<WireSubject>,
}

#[derive(Serialize, Deserialize)]
struct WireSubject {
    digest: Sha256Ref,
    name: String,
}

/// The type URI of a predicate.
pub fn predicate_type<P: Predicate>() -> String {
    format!("{PREDICATE_BASE}{}/v1", P::NAME)
}

/// Signs a record.
///
/// # Panics
/// When the predicate holds an integer past 2^53 − 1.
#[cfg(not(target_arch = "wasm32"))]
pub fn sign_record<P: Predicate>(
    key: &P256SigningKey,
    subjects: &[Subject],
    predicate: &P,
) -> Envelope {
    let predicate = json::parse(&json::to_vec(predicate))
        .expect("the canonical form of a predicate is strict JSON");
    let payload = json::to_vec(&Statement {
        kind: STATEMENT_TYPE.to_owned(),
        predicate,
        predicate_type: predicate_type::<P>(),
        subject: subjects.iter().map(WireSubject::from).collect(),
    });
    let sig = key.sign(&pae(PAYLOAD_TYPE, &payload));
    Envelope {
        payload,
        payload_type: PAYLOAD_TYPE.to_owned(),
        signatures: vec![Signature {
            keyid: key.public().key_id().to_string(),
            sig,
        }],
    }
}

/// Verifies the one signature of a record and reads its predicate from the bytes that were signed.
pub fn open_record<P: Predicate>(
    envelope: &Envelope,
    key: &P256PublicKey,
) -> Result<Opened<P>, StatementError> {
    verify_record(envelope, key)?;
    let untyped = read_untyped(envelope)?;
    Ok(Opened {
        predicate: *untyped.predicate()?,
        subjects: untyped.subjects,
    })
}

/// A statement whose predicate was not read yet.
pub(crate) struct Untyped {
    /// The full type URI.
    pub predicate_type: String,
    /// At least one.
    pub subjects: Vec<Subject>,
    predicate: Value,
}

/// Reads a record of any type, whose signature the caller has just verified.
pub(crate) fn read_untyped(envelope: &Envelope) -> Result<Untyped, StatementError> {
    let statement = parse(envelope)?;
    if statement.subject.is_empty() {
        return Err(StatementError::NoSubject);
    }
    Ok(Untyped {
        predicate_type: statement.predicate_type,
        subjects: statement.subject.into_iter().map(Subject::from).collect(),
        predicate: statement.predicate,
    })
}

impl Untyped {
    /// What a record of type `P` says; in a box, since records are large and are handed on often.
    pub fn predicate<P: Predicate>(&self) -> Result<Box<P>, StatementError> {
        let expected = predicate_type::<P>();
        if self.predicate_type != expected {
            return Err(StatementError::PredicateType {
                expected,
                found: self.predicate_type.clone(),
            });
        }
        Ok(Box::new(json::from_value(&self.predicate)?))
    }
}

/// Verifies form and signature of a record of any type, without reading what it says.
pub fn verify_record(envelope: &Envelope, key: &P256PublicKey) -> Result<(), StatementError> {
    let signature = only_signature(envelope)?;
    if envelope.payload_type != PAYLOAD_TYPE {
        return Err(StatementError::PayloadType(envelope.payload_type.clone()));
    }
    key.verify(&envelope.pae(), &signature.sig)
        .map_err(|BadSignature| StatementError::Signature(key.key_id()))
}

/// The one signature of a record's envelope.
pub fn only_signature(envelope: &Envelope) -> Result<&Signature, StatementError> {
    match envelope.signatures.as_slice() {
        [signature] => Ok(signature),
        more => Err(StatementError::SignatureCount(more.len())),
    }
}

/// The short name of a record's type, such as `receipt`; nothing is verified.
pub fn predicate_name(envelope: &Envelope) -> Result<String, StatementError> {
    let found = parse(envelope)?.predicate_type;
    found
        .strip_prefix(PREDICATE_BASE)
        .and_then(|rest| rest.strip_suffix("/v1"))
        .map(str::to_owned)
        .ok_or(StatementError::PredicateType {
            expected: format!("{PREDICATE_BASE}…/v1"),
            found: found.clone(),
        })
}

fn parse(envelope: &Envelope) -> Result<Statement, StatementError> {
    let statement: Statement = json::from_slice(&envelope.payload)?;
    if statement.kind != STATEMENT_TYPE {
        return Err(StatementError::StatementType(statement.kind));
    }
    Ok(statement)
}

impl From<&Subject> for WireSubject {
    fn from(subject: &Subject) -> Self {
        Self {
            digest: Sha256Ref {
                sha256: subject.digest,
            },
            name: subject.name.clone(),
        }
    }
}

impl From<WireSubject> for Subject {
    fn from(subject: WireSubject) -> Self {
        Self {
            name: subject.name,
            digest: subject.digest.sha256,
        }
    }
}

#[cfg(test)]
mod tests;

//! One record under one checkpoint: leaf, signature, inclusion, type and station.
//!
//! Keeper, server and bundle check all go through here. Which role the signer held is theirs to ask.

use thiserror::Error;

use super::rules::Held;
use crate::{
    base64,
    checkpoint::Checkpoint,
    digest::Digest,
    keys::{KeyError, P256PublicKey},
    leaf::{self, LeafError},
    record::{Predicate, RecordRef},
    statement::{self, StatementError, Untyped},
    tree::{ProofError, verify_inclusion},
    wire::Proven,
};

/// Why a record does not stand in the log.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum LoggedError {
    /// The public key is not base64.
    #[error("public key of the record: {0}")]
    Base64(#[from] base64::Base64Error),
    /// The public key is none.
    #[error("public key of the record: {0}")]
    Key(#[from] KeyError),
    /// The envelope has no leaf.
    #[error(transparent)]
    Leaf(#[from] LeafError),
    /// Signature, type or content.
    #[error(transparent)]
    Statement(#[from] StatementError),
    /// Not under this checkpoint.
    #[error("record {index} is not in the log of this checkpoint: {reason}")]
    NotIncluded {
        /// Claimed leaf index.
        index: u64,
        /// What is wrong with the proof.
        reason: ProofError,
    },
    /// Made for another log.
    #[error("record belongs to the log {found}, but stands in {expected}")]
    Station {
        /// Origin of the checkpoint.
        expected: String,
        /// Station named in the record.
        found: String,
    },
}

/// The signer that a proven record names.
pub fn public_key(proven: &Proven) -> Result<P256PublicKey, LoggedError> {
    let spki = base64::decode(&proven.public_key)?;
    Ok(P256PublicKey::from_spki_der(&spki)?)
}

/// A record of any type that stands in the log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Logged {
    /// Its leaf data.
    pub data: Vec<u8>,
    /// Its signer.
    pub key: P256PublicKey,
}

/// Verifies signature and inclusion of a record of any type under a verified checkpoint.
///
/// The leaf is rebuilt from envelope and key, so it is canonical.
pub fn verify_logged(proven: &Proven, checkpoint: &Checkpoint) -> Result<Logged, LoggedError> {
    let key = public_key(proven)?;
    let data = leaf::data(&proven.envelope, &key)?;
    statement::verify_record(&proven.envelope, &key)?;
    verify_inclusion(
        proven.index,
        checkpoint.size,
        &leaf::hash(&data),
        &checkpoint.root,
        &proven.path,
    )
    .map_err(|reason| LoggedError::NotIncluded {
        index: proven.index,
        reason,
    })?;
    Ok(Logged { data, key })
}

/// Opens a record of type `P` that stands in the log of a verified checkpoint.
///
/// Signature, inclusion, types, schema and station are checked.
pub fn open_logged<P: Predicate>(
    proven: &Proven,
    checkpoint: &Checkpoint,
) -> Result<Held<P>, LoggedError> {
    let (untyped, reference, signer) = untyped(proven, checkpoint)?;
    let predicate = untyped.predicate::<P>()?;
    check_station(predicate.station(), checkpoint)?;
    Ok(Held {
        predicate,
        subjects: untyped.subjects,
        reference,
        signer,
    })
}

fn untyped(
    proven: &Proven,
    checkpoint: &Checkpoint,
) -> Result<(Untyped, RecordRef, Digest), LoggedError> {
    let Logged { data, key } = verify_logged(proven, checkpoint)?;
    let reference = RecordRef {
        index: proven.index,
        leaf: leaf::hash(&data),
        origin: checkpoint.origin.clone(),
    };
    let untyped = statement::read_untyped(&proven.envelope)?;
    Ok((untyped, reference, key.key_id()))
}

fn check_station(station: &str, checkpoint: &Checkpoint) -> Result<(), LoggedError> {
    if station == checkpoint.origin {
        return Ok(());
    }
    Err(LoggedError::Station {
        expected: checkpoint.origin.clone(),
        found: station.to_owned(),
    })
}

//! What a record must be before it may wait for the log, and what the log itself reads of it.
//!
//! The signature comes first: a record that does not verify is never parsed. Who may sign which record is
//! the caller's question.

use assay_evidence::{
    dsse::Envelope,
    json,
    keys::P256PublicKey,
    leaf,
    record::{Predicate as _, Receipt, RecordRef, RunAbort},
    statement,
};

use super::{LogError, batch::Entry};

/// A record that verifies, with all that the log keeps of it.
pub(super) struct Inspected {
    pub entry: Entry,
    /// The run-intent that it closes.
    pub closes: Option<RecordRef>,
}

/// The one member that every predicate has.
#[derive(serde::Deserialize)]
struct Stationed {
    station: String,
}

/// The part of a statement that the log reads of any record.
#[derive(serde::Deserialize)]
struct AnyStatement {
    predicate: Stationed,
}

/// Checks a record for the log of this origin.
pub(super) fn inspect(
    envelope: &Envelope,
    key: &P256PublicKey,
    origin: &str,
) -> Result<Inspected, LogError> {
    statement::verify_record(envelope, key).map_err(bad)?;
    let any: AnyStatement = json::from_slice(&envelope.payload).map_err(bad)?;
    if any.predicate.station != origin {
        return Err(LogError::OtherStation {
            found: any.predicate.station,
            ours: origin.to_owned(),
        });
    }
    read(envelope, key)
}

/// Reads a record whose signature was checked before, or whose leaf stands under a signed root.
pub(super) fn read(envelope: &Envelope, key: &P256PublicKey) -> Result<Inspected, LogError> {
    let name = statement::predicate_name(envelope).map_err(bad)?;
    let closes = if name == Receipt::NAME {
        let opened = statement::open_record::<Receipt>(envelope, key);
        Some(opened.map_err(bad)?.predicate.intent)
    } else if name == RunAbort::NAME {
        let opened = statement::open_record::<RunAbort>(envelope, key);
        Some(opened.map_err(bad)?.predicate.intent)
    } else {
        None
    };
    let data = leaf::data(envelope, key).map_err(bad)?;
    let entry = Entry {
        envelope: envelope.to_bytes().into(),
        hash: leaf::hash(&data),
        once: leaf::duplicate_key(envelope, key),
        data,
        name,
        closes: closes.as_ref().map(|intent| intent.index),
        signer: *key,
    };
    Ok(Inspected { entry, closes })
}

fn bad(error: impl std::fmt::Display) -> LogError {
    LogError::BadRecord(error.to_string())
}

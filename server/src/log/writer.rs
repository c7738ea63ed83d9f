//! The only task that changes the log: check, sign, store, publish, in this order.
//!
//! One record at a time. It knows nothing of who may sign what, and serves no reader.

use std::sync::{Arc, PoisonError, RwLock};

use assay_evidence::{
    dsse::Envelope,
    json,
    keys::{Ed25519SigningKey, P256PublicKey},
    leaf,
    record::{Predicate as _, Receipt, RecordRef, RunAbort, RunIntent},
    statement,
};
use tokio::sync::mpsc;

use super::{Append, Log, LogError, View, place, published, sign_head};
use crate::store::ledger::{LeafRow, Ledger};

/// Holds the log's key and the right to append.
pub(super) struct Writer {
    origin: Arc<str>,
    key: Ed25519SigningKey,
    ledger: Ledger,
    view: Arc<RwLock<View>>,
}

impl Writer {
    pub(super) fn of(log: &Log, key: Ed25519SigningKey) -> Self {
        Self {
            origin: log.origin.clone(),
            key,
            ledger: log.ledger.clone(),
            view: log.view.clone(),
        }
    }

    pub(super) async fn run(self, mut queue: mpsc::Receiver<Append>) {
        while let Some(append) = queue.recv().await {
            let outcome = self.append(&append.envelope, &append.key).await;
            let unknown = matches!(outcome, Err(LogError::Stopped));
            // A caller that went away still has its record logged; nothing depends on the answer.
            let _ = append.done.send(outcome);
            if unknown {
                tracing::error!("a write to log.db had an unknown outcome; the log has stopped");
                return;
            }
        }
    }

    async fn append(
        &self,
        envelope: &Envelope,
        key: &P256PublicKey,
    ) -> Result<RecordRef, LogError> {
        let bad = |error: &dyn std::fmt::Display| LogError::BadRecord(error.to_string());
        let facts = inspect(envelope, key)?;
        if facts.station != *self.origin {
            return Err(LogError::OtherStation {
                found: facts.station,
                ours: self.origin.to_string(),
            });
        }
        let once = leaf::duplicate_key(envelope, key);
        if let Some(first) = self.ledger.once(&once).await? {
            return Ok(place(&first).of(&self.origin));
        }
        if let Some(intent) = &facts.closes {
            self.check_open(intent).await?;
        }
        let data = leaf::data(envelope, key).map_err(|error| bad(&error))?;
        let row = LeafRow {
            index: self.size(),
            hash: leaf::hash(&data),
            once,
            name: facts.name,
            closes: facts.closes.map(|intent| intent.index),
            data,
            envelope: envelope.to_bytes(),
            public_key: key.spki_der(),
        };
        self.commit(row).await
    }

    /// Signs and stores. From the push on, any failure leaves the outcome unknown.
    async fn commit(&self, row: LeafRow) -> Result<RecordRef, LogError> {
        let head = {
            let mut view = self.view.write().unwrap_or_else(PoisonError::into_inner);
            view.tree.push(row.hash);
            sign_head(&self.origin, &self.key, &view.tree)
        };
        if let Err(error) = self.ledger.append(&row, &head).await {
            tracing::error!(%error, index = row.index, "could not store a leaf");
            return Err(LogError::Stopped);
        }
        let mut view = self.view.write().unwrap_or_else(PoisonError::into_inner);
        view.published = published(&self.origin, &head);
        Ok(place(&row).of(&self.origin))
    }

    /// The intent is in this log and nothing closes it. The table enforces the same once more.
    async fn check_open(&self, intent: &RecordRef) -> Result<(), LogError> {
        let closed = self.ledger.closing(intent.index).await?.is_some();
        let there = self
            .ledger
            .by_index(intent.index)
            .await?
            .is_some_and(|row| {
                row.hash == intent.leaf
                    && row.name == RunIntent::NAME
                    && intent.origin == *self.origin
            });
        if closed || !there {
            return Err(LogError::NotOpen {
                intent: intent.index,
            });
        }
        Ok(())
    }

    fn size(&self) -> u64 {
        let view = self.view.read().unwrap_or_else(PoisonError::into_inner);
        view.published.head.size
    }
}

/// What the log itself must know of a record.
struct Facts {
    name: String,
    station: String,
    closes: Option<RecordRef>,
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

/// Checks the signature, then looks inside: a record that does not verify is never parsed.
fn inspect(envelope: &Envelope, key: &P256PublicKey) -> Result<Facts, LogError> {
    let bad = |error: &dyn std::fmt::Display| LogError::BadRecord(error.to_string());
    statement::verify_record(envelope, key).map_err(|error| bad(&error))?;
    let any: AnyStatement = json::from_slice(&envelope.payload).map_err(|error| bad(&error))?;
    let name = statement::predicate_name(envelope).map_err(|error| bad(&error))?;
    let closes = if name == Receipt::NAME {
        let opened = statement::open_record::<Receipt>(envelope, key);
        Some(opened.map_err(|error| bad(&error))?.predicate.intent)
    } else if name == RunAbort::NAME {
        let opened = statement::open_record::<RunAbort>(envelope, key);
        Some(opened.map_err(|error| bad(&error))?.predicate.intent)
    } else {
        None
    };
    Ok(Facts {
        name,
        station: any.predicate.station,
        closes,
    })
}

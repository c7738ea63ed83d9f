//! The station's log: one writer, one head, and everything that can be proven from them.
//!
//! A record is checked, then leaf, envelope and signed head are stored in one transaction, and only then
//! does any reader see them. A write that did not clearly succeed stops the log: what was signed may or
//! may not be on disk, and start-up decides. Who may sign which record is the caller's question.

mod serve;
mod writer;

use std::{
    path::Path,
    sync::{Arc, PoisonError, RwLock},
};

use assay_evidence::{
    checkpoint::Checkpoint,
    digest::Digest,
    dsse::Envelope,
    keys::{Ed25519SigningKey, P256PublicKey},
    note::VerifierKey,
    record::{Head, RecordRef},
    statement,
    tree::Tree,
};
use tokio::sync::{mpsc, oneshot};

use self::writer::Writer;
use crate::store::{
    Place, StoreError,
    ledger::{HeadRow, LeafRow, Ledger},
};

/// Appends that may wait for the writer.
const WAITING_MAX: usize = 4_000;

/// Why a record was not logged, or the log not opened.
#[derive(Debug, thiserror::Error)]
pub enum LogError {
    /// The stored leaves do not hash to the stored head.
    #[error(
        "log.db is damaged: its {size} leaves hash to {found}, but the signed head says {signed}; \
         restore the leaves from a mirror, never the head from a backup"
    )]
    HeadMismatch {
        /// Leaves found.
        size: u64,
        /// Their root.
        found: Digest,
        /// The root that was signed.
        signed: Digest,
    },
    /// The number of leaves is not the one that was signed.
    #[error(
        "log.db is damaged: it holds {found} leaves, but the signed head says {signed}; restore the leaves from a mirror"
    )]
    SizeMismatch {
        /// Leaves found.
        found: u64,
        /// Size that was signed.
        signed: u64,
    },
    /// The origin cannot name a log.
    #[error("\"{0}\" cannot name a log; use the public address without scheme and slash")]
    Origin(String),
    /// The head was signed by another key or for another origin.
    #[error("log.db belongs to another log: {0}; use the data folder and keys of one station")]
    ForeignHead(String),
    /// The envelope does not verify under the key it came with, or is not a record.
    #[error("the record is not valid: {0}; it was not logged")]
    BadRecord(String),
    /// The record names another station.
    #[error("the record is for the log {found}, this is {ours}; it was not logged")]
    OtherStation {
        /// What the record says.
        found: String,
        /// This log's origin.
        ours: String,
    },
    /// The record closes a run-intent that is closed, or that is not in this log.
    #[error(
        "run-intent {intent} is closed already or is not in this log; the record was not logged"
    )]
    NotOpen {
        /// Index that it names.
        intent: u64,
    },
    /// The log has stopped after a write of unknown outcome.
    #[error(
        "the log has stopped after a failed write; look at the disk, then start the station again"
    )]
    Stopped,
    /// Too many records wait.
    #[error("more than {WAITING_MAX} records wait for the log; try again in a moment")]
    Busy,
    /// The file gave no answer.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// A log that this process may write.
#[derive(Clone, Debug)]
pub struct Log {
    origin: Arc<str>,
    ledger: Ledger,
    view: Arc<RwLock<View>>,
    appends: mpsc::Sender<Append>,
}

/// The newest published checkpoint.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Published {
    /// The signed note, as served.
    pub note: Arc<str>,
    /// What it says.
    pub head: Head,
}

/// A logged record.
#[derive(Clone, Debug)]
pub struct Logged {
    /// Where it lies.
    pub place: Place,
    /// Short name of its type.
    pub name: String,
    /// The envelope, JCS, as served.
    pub bytes: Vec<u8>,
    /// Its signer.
    pub key: P256PublicKey,
}

impl Logged {
    /// The envelope, parsed.
    pub fn envelope(&self) -> Result<Envelope, LogError> {
        Envelope::parse(&self.bytes).map_err(|error| LogError::BadRecord(error.to_string()))
    }

    /// What the record states, with its signature checked once more.
    pub fn predicate<P: assay_evidence::record::Predicate>(&self) -> Result<P, LogError> {
        statement::open_record::<P>(&self.envelope()?, &self.key)
            .map(|opened| opened.predicate)
            .map_err(|error| LogError::BadRecord(error.to_string()))
    }
}

/// What readers see. The tree may run ahead of the published head while a write is under way, so every
/// proof is made at a size that was published.
#[derive(Debug)]
struct View {
    tree: Tree,
    published: Published,
}

struct Append {
    envelope: Envelope,
    key: P256PublicKey,
    done: oneshot::Sender<Result<RecordRef, LogError>>,
}

impl Log {
    /// Opens the log of a data folder and checks that its leaves hash to its signed head.
    pub async fn open(data: &Path, origin: &str, key: Ed25519SigningKey) -> Result<Self, LogError> {
        if !VerifierKey::is_name(origin) {
            return Err(LogError::Origin(origin.to_owned()));
        }
        let ledger = Ledger::open(data).await?;
        let mut tree = Tree::new();
        for hash in ledger.hashes().await? {
            tree.push(hash);
        }
        let head = match ledger.head().await? {
            Some(head) => head,
            None => begin(&ledger, origin, &key, &tree).await?,
        };
        let published = check_head(&head, origin, &key, &tree)?;
        let view = Arc::new(RwLock::new(View { tree, published }));
        let (appends, queue) = mpsc::channel(WAITING_MAX);
        let log = Self {
            origin: origin.into(),
            ledger,
            view,
            appends,
        };
        tokio::spawn(Writer::of(&log, key).run(queue));
        Ok(log)
    }

    /// The log's name.
    pub fn origin(&self) -> &str {
        &self.origin
    }

    /// Logs a record and says where; the same statement by the same signer is logged once.
    ///
    /// When this returns, the record is in the published checkpoint and on disk.
    pub async fn append(
        &self,
        envelope: &Envelope,
        key: &P256PublicKey,
    ) -> Result<RecordRef, LogError> {
        let (done, answer) = oneshot::channel();
        let append = Append {
            envelope: envelope.clone(),
            key: *key,
            done,
        };
        self.appends.try_send(append).map_err(|error| match error {
            mpsc::error::TrySendError::Full(_) => LogError::Busy,
            mpsc::error::TrySendError::Closed(_) => LogError::Stopped,
        })?;
        answer.await.unwrap_or(Err(LogError::Stopped))
    }

    /// The newest published checkpoint.
    pub fn published(&self) -> Published {
        self.view
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .published
            .clone()
    }

    /// Closes the file; nothing can be logged or read after it.
    pub async fn close(&self) {
        self.ledger.close().await;
    }
}

async fn begin(
    ledger: &Ledger,
    origin: &str,
    key: &Ed25519SigningKey,
    tree: &Tree,
) -> Result<HeadRow, LogError> {
    if tree.size() > 0 {
        return Err(LogError::SizeMismatch {
            found: tree.size(),
            signed: 0,
        });
    }
    let head = sign_head(origin, key, tree);
    ledger.begin(&head).await?;
    Ok(head)
}

/// The origin was checked as a key name when the log was opened.
fn sign_head(origin: &str, key: &Ed25519SigningKey, tree: &Tree) -> HeadRow {
    let checkpoint = Checkpoint {
        origin: origin.to_owned(),
        size: tree.size(),
        root: tree.root(),
    };
    HeadRow {
        size: checkpoint.size,
        root: checkpoint.root,
        note: checkpoint
            .sign(key)
            .expect("an origin that opened a log is a key name"),
    }
}

fn check_head(
    head: &HeadRow,
    origin: &str,
    key: &Ed25519SigningKey,
    tree: &Tree,
) -> Result<Published, LogError> {
    let vkey = VerifierKey::new(origin, key.public())
        .map_err(|error| LogError::ForeignHead(error.to_string()))?;
    let signed = Checkpoint::open(&head.note, &vkey)
        .map_err(|error| LogError::ForeignHead(error.to_string()))?;
    if signed.size != head.size || signed.size != tree.size() {
        return Err(LogError::SizeMismatch {
            found: tree.size(),
            signed: signed.size,
        });
    }
    if signed.root != tree.root() {
        return Err(LogError::HeadMismatch {
            size: tree.size(),
            found: tree.root(),
            signed: signed.root,
        });
    }
    Ok(published(origin, head))
}

fn published(origin: &str, head: &HeadRow) -> Published {
    Published {
        note: head.note.as_str().into(),
        head: Head {
            origin: origin.to_owned(),
            root: head.root,
            size: head.size,
        },
    }
}

fn place(row: &LeafRow) -> Place {
    Place {
        index: row.index,
        leaf: row.hash,
    }
}

#[cfg(test)]
mod tests;

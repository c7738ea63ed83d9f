//! The log's lock store: which head was signed last. One file, one row, one sync per change.
//!
//! `log.db` is the truth about the log and is never restored from a backup: a log that forgets a head it
//! has signed lies about its history. Here heads are compared and swapped; what they mean is not known.

use std::path::Path;

use assay_evidence::digest::Digest;
use sqlx::{Row as _, SqlitePool};

use super::{
    StoreError, Synced, open_file,
    rows::{column_digest, column_u64},
};
use crate::clock::Millis;

/// Name of the file in a data folder.
pub const FILE: &str = "log.db";

/// The newest signed head.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredHead {
    /// Number of leaves.
    pub size: u64,
    /// Tree hash.
    pub root: Digest,
    /// The checkpoint as the log signed it, without cosignatures.
    pub note: String,
    /// When it was stored.
    pub at: Millis,
}

/// The newest checkpoint that was public when the head was stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublicNote {
    /// With its cosignatures.
    pub note: String,
    /// When it became public.
    pub at: Millis,
}

/// How a swap ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Swap {
    /// The new head is stored.
    Done,
    /// The stored head is not the expected one: somebody else writes this log.
    Lost,
}

/// The lock store of a log.
#[derive(Clone, Debug)]
pub struct Lock {
    writer: SqlitePool,
    readers: SqlitePool,
}

impl Lock {
    /// Opens the lock store of a data folder, made if absent.
    pub async fn open(data: &Path) -> Result<Self, StoreError> {
        let schema = [(
            1,
            "lock",
            include_str!("../../migrations/log/0001_lock.sql"),
        )];
        let (writer, readers) = open_file(&data.join(FILE), &schema, Synced::Always).await?;
        Ok(Self { writer, readers })
    }

    /// Lets running statements end and closes the file.
    pub async fn close(&self) {
        self.readers.close().await;
        self.writer.close().await;
    }

    /// The stored head; none before the first.
    pub async fn head(&self) -> Result<Option<StoredHead>, StoreError> {
        let row = sqlx::query("SELECT size, root, note, at_ms FROM head")
            .fetch_optional(&self.readers)
            .await?;
        row.map(|row| {
            Ok(StoredHead {
                size: column_u64(&row, "size")?,
                root: column_digest(&row, "root")?,
                note: row.try_get("note")?,
                at: Millis(column_u64(&row, "at_ms")?),
            })
        })
        .transpose()
    }

    /// The newest public note that this store was told of; the file `checkpoint` may be newer.
    pub async fn published(&self) -> Result<Option<PublicNote>, StoreError> {
        let row = sqlx::query("SELECT note, at_ms FROM published")
            .fetch_optional(&self.readers)
            .await?;
        row.map(|row| {
            Ok(PublicNote {
                note: row.try_get("note")?,
                at: Millis(column_u64(&row, "at_ms")?),
            })
        })
        .transpose()
    }

    /// Stores the first head; refused by the table when there is one.
    pub async fn begin(&self, head: &StoredHead) -> Result<(), StoreError> {
        sqlx::query("INSERT INTO head (id, size, root, note, at_ms) VALUES (1, $1, $2, $3, $4)")
            .bind(head.size.cast_signed())
            .bind(head.root.as_bytes().to_vec())
            .bind(&head.note)
            .bind(head.at.0.cast_signed())
            .execute(&self.writer)
            .await?;
        Ok(())
    }

    /// Puts `to` in the place of the head of this size and root, and keeps what is public by now.
    ///
    /// After an error nobody knows which of the two heads is stored.
    pub async fn swap(
        &self,
        from: (u64, Digest),
        to: &StoredHead,
        public: Option<&PublicNote>,
    ) -> Result<Swap, StoreError> {
        let mut transaction = self.writer.begin_with("BEGIN IMMEDIATE").await?;
        let changed = sqlx::query(
            "UPDATE head SET size = $1, root = $2, note = $3, at_ms = $4 WHERE size = $5 AND root = $6",
        )
        .bind(to.size.cast_signed())
        .bind(to.root.as_bytes().to_vec())
        .bind(&to.note)
        .bind(to.at.0.cast_signed())
        .bind(from.0.cast_signed())
        .bind(from.1.as_bytes().to_vec())
        .execute(&mut *transaction)
        .await?;
        if changed.rows_affected() != 1 {
            return Ok(Swap::Lost);
        }
        if let Some(public) = public {
            put_published(&mut transaction, public).await?;
        }
        transaction.commit().await?;
        Ok(Swap::Done)
    }
}

async fn put_published(
    transaction: &mut sqlx::Transaction<'static, sqlx::Sqlite>,
    public: &PublicNote,
) -> Result<(), StoreError> {
    sqlx::query(
        "INSERT INTO published (id, note, at_ms) VALUES (1, $1, $2) \
         ON CONFLICT (id) DO UPDATE SET note = $1, at_ms = $2",
    )
    .bind(&public.note)
    .bind(public.at.0.cast_signed())
    .execute(&mut **transaction)
    .await?;
    Ok(())
}

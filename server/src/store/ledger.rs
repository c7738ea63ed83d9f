//! The rows of the log: leaves, envelopes and the one signed head, in a file of their own.
//!
//! `log.db` is never restored from a backup: a log that forgets a head it has signed lies about its
//! history. This module stores and finds; hashing, signing and refusing are the log's business.

use std::path::Path;

use assay_evidence::digest::Digest;
use sqlx::{Row as _, SqlitePool, sqlite::SqliteRow};

use super::{
    StoreError, open_file,
    rows::{column_digest, column_u64, digest},
};

macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT idx, hash, once, name, closes, data, envelope, public_key FROM leaf ",
            $rest
        )
    };
}

/// A leaf with its envelope.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LeafRow {
    /// Leaf index.
    pub index: u64,
    /// Leaf hash.
    pub hash: Digest,
    /// The digest that finds duplicates: of signer and signed bytes, not of the signature.
    pub once: Digest,
    /// Short name of the record's type.
    pub name: String,
    /// Index of the run-intent that this record closes.
    pub closes: Option<u64>,
    /// Leaf data.
    pub data: Vec<u8>,
    /// The envelope, JCS.
    pub envelope: Vec<u8>,
    /// SPKI DER of the signer.
    pub public_key: Vec<u8>,
}

/// The newest signed head.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HeadRow {
    /// Number of leaves.
    pub size: u64,
    /// Tree hash.
    pub root: Digest,
    /// The signed checkpoint.
    pub note: String,
}

/// The file behind a log.
#[derive(Clone, Debug)]
pub struct Ledger {
    writer: SqlitePool,
    readers: SqlitePool,
}

impl Ledger {
    /// Opens `log.db` in a data folder, made if absent.
    pub async fn open(data: &Path) -> Result<Self, StoreError> {
        let schema = [(1, "log", include_str!("../../migrations/log/0001_log.sql"))];
        let (writer, readers) = open_file(&data.join("log.db"), &schema).await?;
        Ok(Self { writer, readers })
    }

    /// Lets running statements end and closes the file.
    pub async fn close(&self) {
        self.readers.close().await;
        self.writer.close().await;
    }

    /// Stores a leaf and the head that covers it, both or neither.
    pub async fn append(&self, leaf: &LeafRow, head: &HeadRow) -> Result<(), StoreError> {
        let mut transaction = self.writer.begin_with("BEGIN IMMEDIATE").await?;
        sqlx::query(
            "INSERT INTO leaf (idx, hash, once, name, closes, data, envelope, public_key) \
             VALUES ($1,$2,$3,$4,$5,$6,$7,$8)",
        )
        .bind(leaf.index.cast_signed())
        .bind(leaf.hash.as_bytes().to_vec())
        .bind(leaf.once.as_bytes().to_vec())
        .bind(&leaf.name)
        .bind(leaf.closes.map(u64::cast_signed))
        .bind(&leaf.data)
        .bind(&leaf.envelope)
        .bind(&leaf.public_key)
        .execute(&mut *transaction)
        .await?;
        put_head(&mut transaction, head).await?;
        transaction.commit().await?;
        Ok(())
    }

    /// Stores the head of an empty log.
    pub async fn begin(&self, head: &HeadRow) -> Result<(), StoreError> {
        let mut transaction = self.writer.begin_with("BEGIN IMMEDIATE").await?;
        put_head(&mut transaction, head).await?;
        transaction.commit().await?;
        Ok(())
    }

    /// The newest head; none before the first.
    pub async fn head(&self) -> Result<Option<HeadRow>, StoreError> {
        let row = sqlx::query("SELECT size, root, note FROM head")
            .fetch_optional(&self.readers)
            .await?;
        row.map(|row| {
            Ok(HeadRow {
                size: column_u64(&row, "size")?,
                root: column_digest(&row, "root")?,
                note: row.try_get("note")?,
            })
        })
        .transpose()
    }

    /// All leaf hashes in order.
    pub async fn hashes(&self) -> Result<Vec<Digest>, StoreError> {
        let rows: Vec<Vec<u8>> = sqlx::query_scalar("SELECT hash FROM leaf ORDER BY idx")
            .fetch_all(&self.readers)
            .await?;
        rows.iter().map(|hash| digest(hash)).collect()
    }

    /// Leaf data from an index on, at most `count` of them.
    pub async fn entries(&self, from: u64, count: u64) -> Result<Vec<Vec<u8>>, StoreError> {
        Ok(
            sqlx::query_scalar("SELECT data FROM leaf WHERE idx >= $1 ORDER BY idx LIMIT $2")
                .bind(from.cast_signed())
                .bind(count.cast_signed())
                .fetch_all(&self.readers)
                .await?,
        )
    }

    /// The leaf with this duplicate key.
    pub async fn once(&self, once: &Digest) -> Result<Option<LeafRow>, StoreError> {
        self.one(sqlx::query(select!("WHERE once = $1")).bind(once.as_bytes().to_vec()))
            .await
    }

    /// The leaf with this hash.
    pub async fn by_hash(&self, hash: &Digest) -> Result<Option<LeafRow>, StoreError> {
        self.one(sqlx::query(select!("WHERE hash = $1")).bind(hash.as_bytes().to_vec()))
            .await
    }

    /// The leaf at this index.
    pub async fn by_index(&self, index: u64) -> Result<Option<LeafRow>, StoreError> {
        self.one(sqlx::query(select!("WHERE idx = $1")).bind(index.cast_signed()))
            .await
    }

    /// The record that closes a run-intent.
    pub async fn closing(&self, intent: u64) -> Result<Option<LeafRow>, StoreError> {
        self.one(sqlx::query(select!("WHERE closes = $1")).bind(intent.cast_signed()))
            .await
    }

    /// All records of a type from an index on, in order.
    pub async fn named(&self, name: &str, from: u64) -> Result<Vec<LeafRow>, StoreError> {
        let rows = sqlx::query(select!("WHERE name = $1 AND idx >= $2 ORDER BY idx"))
            .bind(name)
            .bind(from.cast_signed())
            .fetch_all(&self.readers)
            .await?;
        rows.iter().map(read).collect()
    }

    /// Run-intents that nothing closes, in order.
    pub async fn open_intents(&self) -> Result<Vec<LeafRow>, StoreError> {
        let rows = sqlx::query(select!(
            "WHERE name = 'run-intent' AND NOT EXISTS \
             (SELECT 1 FROM leaf AS other WHERE other.closes = leaf.idx) ORDER BY idx"
        ))
        .fetch_all(&self.readers)
        .await?;
        rows.iter().map(read).collect()
    }

    async fn one(
        &self,
        query: sqlx::query::Query<'_, sqlx::Sqlite, sqlx::sqlite::SqliteArguments>,
    ) -> Result<Option<LeafRow>, StoreError> {
        let row = query.fetch_optional(&self.readers).await?;
        row.as_ref().map(read).transpose()
    }
}

async fn put_head(
    transaction: &mut sqlx::Transaction<'static, sqlx::Sqlite>,
    head: &HeadRow,
) -> Result<(), StoreError> {
    sqlx::query(
        "INSERT INTO head (id, size, root, note) VALUES (1, $1, $2, $3) \
         ON CONFLICT (id) DO UPDATE SET size = $1, root = $2, note = $3",
    )
    .bind(head.size.cast_signed())
    .bind(head.root.as_bytes().to_vec())
    .bind(&head.note)
    .execute(&mut **transaction)
    .await?;
    Ok(())
}

fn read(row: &SqliteRow) -> Result<LeafRow, StoreError> {
    let closes: Option<i64> = row.try_get("closes")?;
    Ok(LeafRow {
        index: column_u64(row, "idx")?,
        hash: column_digest(row, "hash")?,
        once: column_digest(row, "once")?,
        name: row.try_get("name")?,
        closes: closes.map(|index| index as u64),
        data: row.try_get("data")?,
        envelope: row.try_get("envelope")?,
        public_key: row.try_get("public_key")?,
    })
}

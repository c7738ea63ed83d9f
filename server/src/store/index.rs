//! The log's index: where a record lies, by hash, by duplicate key, by name, by the intent that it closes.
//!
//! `index.db` holds nothing that the log's files do not say, so it is neither backed up nor synced, and
//! whoever finds it wrong removes it. What it finds is checked against the log by whoever reads it. That a
//! record is missing, and which one closes an intent, it alone says while the server runs: the one-close
//! rule rests on it, and what it hides shows in an audit.

use std::{collections::HashMap, path::Path};

use assay_evidence::digest::Digest;
use sqlx::{QueryBuilder, Row as _, Sqlite, SqlitePool, sqlite::SqliteRow};

use super::{
    Place, StoreError, Synced, open_file,
    rows::{column_digest, column_u64},
};

/// Name of the file in a data folder.
pub const FILE: &str = "index.db";
/// Rows of one statement: SQLite binds at most 32,766 values.
const ROWS_AT_ONCE: usize = 1_000;

macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT idx, hash, once, name, closes, signer FROM leaf ",
            $rest
        )
    };
}

/// What is indexed of a record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IndexRow {
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
    /// SPKI DER of the signer.
    pub signer: Vec<u8>,
}

/// A size and the root at it.
pub type Reach = (u64, Digest);

/// The index of a log.
#[derive(Clone, Debug)]
pub struct Index {
    writer: SqlitePool,
    readers: SqlitePool,
}

impl Index {
    /// Opens the index of a data folder, made if absent.
    pub async fn open(data: &Path) -> Result<Self, StoreError> {
        let schema = [(
            1,
            "index",
            include_str!("../../migrations/index/0001_index.sql"),
        )];
        let (writer, readers) = open_file(&data.join(FILE), &schema, Synced::Seldom).await?;
        Ok(Self { writer, readers })
    }

    /// Lets running statements end and closes the file.
    pub async fn close(&self) {
        self.readers.close().await;
        self.writer.close().await;
    }

    /// How far the index goes; none before the first record.
    pub async fn reach(&self) -> Result<Option<Reach>, StoreError> {
        let row = sqlx::query("SELECT size, root FROM reach")
            .fetch_optional(&self.readers)
            .await?;
        row.map(|row| Ok((column_u64(&row, "size")?, column_digest(&row, "root")?)))
            .transpose()
    }

    /// Is the last record the one right below its reach? A record that was taken out further below is not
    /// looked for: a start reads the ends of a log, however long it is.
    pub async fn ends_at_reach(&self) -> Result<bool, StoreError> {
        let size = self.reach().await?.map_or(0, |(size, _)| size);
        let end: i64 = sqlx::query_scalar("SELECT coalesce(max(idx) + 1, 0) FROM leaf")
            .fetch_one(&self.readers)
            .await?;
        Ok(end.cast_unsigned() == size)
    }

    /// Adds records and says how far the index goes with them.
    pub async fn add(&self, rows: &[IndexRow], reach: Reach) -> Result<(), StoreError> {
        let mut transaction = self.writer.begin_with("BEGIN IMMEDIATE").await?;
        for some in rows.chunks(ROWS_AT_ONCE) {
            let mut insert =
                QueryBuilder::new("INSERT INTO leaf (idx, hash, once, name, closes, signer) ");
            insert.push_values(some, |mut values, row| {
                values
                    .push_bind(row.index.cast_signed())
                    .push_bind(row.hash.as_bytes().as_slice())
                    .push_bind(row.once.as_bytes().as_slice())
                    .push_bind(&row.name)
                    .push_bind(row.closes.map(u64::cast_signed))
                    .push_bind(row.signer.as_slice());
            });
            insert.build().execute(&mut *transaction).await?;
        }
        sqlx::query(
            "INSERT INTO reach (id, size, root) VALUES (1, $1, $2) \
             ON CONFLICT (id) DO UPDATE SET size = $1, root = $2",
        )
        .bind(reach.0.cast_signed())
        .bind(reach.1.as_bytes().to_vec())
        .execute(&mut *transaction)
        .await?;
        transaction.commit().await?;
        Ok(())
    }

    /// Where the records with these duplicate keys lie, as far as there are any.
    pub async fn places(&self, once: &[Digest]) -> Result<HashMap<Digest, Place>, StoreError> {
        let mut places = HashMap::new();
        for some in once.chunks(ROWS_AT_ONCE) {
            let mut query: QueryBuilder<Sqlite> =
                QueryBuilder::new("SELECT once, idx, hash FROM leaf WHERE once IN (");
            let mut keys = query.separated(", ");
            for key in some {
                keys.push_bind(key.as_bytes().as_slice());
            }
            query.push(")");
            for row in query.build().fetch_all(&self.readers).await? {
                let place = Place {
                    index: column_u64(&row, "idx")?,
                    leaf: column_digest(&row, "hash")?,
                };
                places.insert(column_digest(&row, "once")?, place);
            }
        }
        Ok(places)
    }

    /// The record with this leaf hash.
    pub async fn by_hash(&self, hash: &Digest) -> Result<Option<IndexRow>, StoreError> {
        self.one(sqlx::query(select!("WHERE hash = $1")).bind(hash.as_bytes().to_vec()))
            .await
    }

    /// The record at this index.
    pub async fn by_index(&self, index: u64) -> Result<Option<IndexRow>, StoreError> {
        self.one(sqlx::query(select!("WHERE idx = $1")).bind(index.cast_signed()))
            .await
    }

    /// The record that closes a run-intent.
    pub async fn closing(&self, intent: u64) -> Result<Option<IndexRow>, StoreError> {
        self.one(sqlx::query(select!("WHERE closes = $1")).bind(intent.cast_signed()))
            .await
    }

    /// The records of a type in a log of `size`, from an index on, in order.
    pub async fn named(
        &self,
        name: &str,
        from: u64,
        size: u64,
    ) -> Result<Vec<IndexRow>, StoreError> {
        let rows = sqlx::query(select!(
            "WHERE name = $1 AND idx >= $2 AND idx < $3 ORDER BY idx"
        ))
        .bind(name)
        .bind(from.cast_signed())
        .bind(size.cast_signed())
        .fetch_all(&self.readers)
        .await?;
        rows.iter().map(read).collect()
    }

    /// Run-intents in a log of `size` that nothing in it closes, in order.
    pub async fn open_intents(&self, size: u64) -> Result<Vec<IndexRow>, StoreError> {
        let rows = sqlx::query(select!(
            "WHERE name = 'run-intent' AND idx < $1 AND NOT EXISTS \
             (SELECT 1 FROM leaf AS other WHERE other.closes = leaf.idx AND other.idx < $1) ORDER BY idx"
        ))
        .bind(size.cast_signed())
        .fetch_all(&self.readers)
        .await?;
        rows.iter().map(read).collect()
    }

    async fn one(
        &self,
        query: sqlx::query::Query<'_, Sqlite, sqlx::sqlite::SqliteArguments>,
    ) -> Result<Option<IndexRow>, StoreError> {
        let row = query.fetch_optional(&self.readers).await?;
        row.as_ref().map(read).transpose()
    }
}

fn read(row: &SqliteRow) -> Result<IndexRow, StoreError> {
    let closes: Option<i64> = row.try_get("closes")?;
    Ok(IndexRow {
        index: column_u64(row, "idx")?,
        hash: column_digest(row, "hash")?,
        once: column_digest(row, "once")?,
        name: row.try_get("name")?,
        closes: closes.map(i64::cast_unsigned),
        signer: row.try_get("signer")?,
    })
}

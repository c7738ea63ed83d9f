//! What the station's witness knows of other logs: heads that were cosigned or followed, contradictions.
//!
//! Its file is `witness.db`, apart from the log's lock store, so that strangers' requests never hold up
//! the log. Heads are compared and swapped here; whether one follows from another is not known.

use std::path::Path;

use assay_evidence::{digest::Digest, witness::Recorded};
use sqlx::{Row as _, SqlitePool, sqlite::SqliteRow};

use super::{
    StoreError, Synced,
    lock::Swap,
    open_file,
    rows::{column_digest, column_u64, digest},
};
use crate::clock::Millis;

/// Name of the file in a data folder.
pub const FILE: &str = "witness.db";

/// The largest head of a log that was cosigned.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CosignedHead {
    /// Size and root.
    pub head: Recorded,
    /// The log's lines and the witness's.
    pub note: String,
    /// Seconds since 1970 in the witness's line.
    pub time: u64,
}

/// The largest head of a log that its station has published.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FollowedHead {
    /// Size and root.
    pub head: Recorded,
    /// As it was published.
    pub note: String,
    /// When it was first seen.
    pub at: Millis,
}

/// Two signed heads of one log that cannot both be true.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Contradiction {
    /// Whose.
    pub origin: String,
    /// How they contradict each other.
    pub kind: ContradictionKind,
    /// The head that was known, the smaller one if sizes differ.
    pub note_a: String,
    /// The head that contradicts it.
    pub note_b: String,
    /// Of a fork: as a `misbehaviour` record of that kind has them.
    pub hashes: Vec<Digest>,
    /// When it was found.
    pub at: Millis,
    /// The record of the station's log that tells it, once it is there.
    pub leaf: Option<Digest>,
}

/// How two heads contradict each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ContradictionKind {
    /// One size, two roots.
    Split,
    /// The larger does not continue the smaller.
    Fork,
}

impl ContradictionKind {
    /// The word that stands in the database.
    pub fn word(self) -> &'static str {
        match self {
            Self::Split => "split",
            Self::Fork => "fork",
        }
    }

    fn read(word: &str) -> Result<Self, StoreError> {
        match word {
            "split" => Ok(Self::Split),
            "fork" => Ok(Self::Fork),
            _ => Err(StoreError::Damaged("kind of a contradiction")),
        }
    }
}

/// The witness's memory.
#[derive(Clone, Debug)]
pub struct WitnessStore {
    writer: SqlitePool,
    readers: SqlitePool,
}

impl WitnessStore {
    /// Opens `witness.db` in a data folder, made if absent.
    pub async fn open(data: &Path) -> Result<Self, StoreError> {
        let schema = [(
            1,
            "witness",
            include_str!("../../migrations/witness/0001_witness.sql"),
        )];
        let (writer, readers) = open_file(&data.join(FILE), &schema, Synced::Always).await?;
        Ok(Self { writer, readers })
    }

    /// Lets running statements end and closes the file.
    pub async fn close(&self) {
        self.readers.close().await;
        self.writer.close().await;
    }

    /// What was cosigned last of a log.
    pub async fn cosigned(&self, origin: &str) -> Result<Option<CosignedHead>, StoreError> {
        let row = sqlx::query("SELECT size, root, note, time_s FROM cosigned WHERE origin = $1")
            .bind(origin)
            .fetch_optional(&self.readers)
            .await?;
        row.map(|row| {
            Ok(CosignedHead {
                head: head(&row)?,
                note: row.try_get("note")?,
                time: column_u64(&row, "time_s")?,
            })
        })
        .transpose()
    }

    /// Puts a cosigned head in the place of the one of this size and root, or in none's place.
    ///
    /// Lost when another head stands there, a later time, or a contradiction of the log.
    pub async fn swap_cosigned(
        &self,
        origin: &str,
        from: Option<&Recorded>,
        to: &CosignedHead,
    ) -> Result<Swap, StoreError> {
        let statement = match from {
            Some(_) => {
                "UPDATE cosigned SET size = $2, root = $3, note = $4, time_s = $5 \
                 WHERE origin = $1 AND size = $6 AND root = $7 AND time_s <= $5 \
                 AND NOT EXISTS (SELECT 1 FROM contradiction WHERE origin = $1)"
            }
            None => {
                "INSERT INTO cosigned (origin, size, root, note, time_s) \
                 SELECT $1, $2, $3, $4, $5 \
                 WHERE NOT EXISTS (SELECT 1 FROM contradiction WHERE origin = $1) \
                 ON CONFLICT (origin) DO NOTHING"
            }
        };
        let query = sqlx::query(statement)
            .bind(origin)
            .bind(to.head.size.cast_signed())
            .bind(to.head.root.as_bytes().to_vec())
            .bind(&to.note)
            .bind(to.time.cast_signed());
        self.swap(query, from).await
    }

    /// The largest published head of a followed log.
    pub async fn followed(&self, origin: &str) -> Result<Option<FollowedHead>, StoreError> {
        let row = sqlx::query("SELECT size, root, note, at_ms FROM followed WHERE origin = $1")
            .bind(origin)
            .fetch_optional(&self.readers)
            .await?;
        row.map(|row| {
            Ok(FollowedHead {
                head: head(&row)?,
                note: row.try_get("note")?,
                at: Millis(column_u64(&row, "at_ms")?),
            })
        })
        .transpose()
    }

    /// Puts a published head in the place of the one of this size and root, or in none's place.
    pub async fn swap_followed(
        &self,
        origin: &str,
        from: Option<&Recorded>,
        to: &FollowedHead,
    ) -> Result<Swap, StoreError> {
        let statement = match from {
            Some(_) => {
                "UPDATE followed SET size = $2, root = $3, note = $4, at_ms = $5 \
                 WHERE origin = $1 AND size = $6 AND root = $7"
            }
            None => {
                "INSERT INTO followed (origin, size, root, note, at_ms) \
                 VALUES ($1, $2, $3, $4, $5) ON CONFLICT (origin) DO NOTHING"
            }
        };
        let query = sqlx::query(statement)
            .bind(origin)
            .bind(to.head.size.cast_signed())
            .bind(to.head.root.as_bytes().to_vec())
            .bind(&to.note)
            .bind(to.at.0.cast_signed());
        self.swap(query, from).await
    }

    /// Keeps two heads that contradict each other; the same two are kept once.
    pub async fn keep(&self, found: &Contradiction) -> Result<(), StoreError> {
        let hashes: Vec<u8> = found.hashes.iter().flat_map(|hash| hash.0).collect();
        sqlx::query(
            "INSERT INTO contradiction (origin, kind, note_a, note_b, hashes, at_ms) \
             VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (origin, note_a, note_b) DO NOTHING",
        )
        .bind(&found.origin)
        .bind(found.kind.word())
        .bind(&found.note_a)
        .bind(&found.note_b)
        .bind(hashes)
        .bind(found.at.0.cast_signed())
        .execute(&self.writer)
        .await?;
        Ok(())
    }

    /// Notes which record of the station's log tells a contradiction.
    pub async fn set_accused(&self, kept: &Contradiction, leaf: &Digest) -> Result<(), StoreError> {
        let statement =
            "UPDATE contradiction SET leaf = $4 WHERE origin = $1 AND note_a = $2 AND note_b = $3";
        sqlx::query(statement)
            .bind(&kept.origin)
            .bind(&kept.note_a)
            .bind(&kept.note_b)
            .bind(leaf.as_bytes().to_vec())
            .execute(&self.writer)
            .await?;
        Ok(())
    }

    /// Everything that was kept, oldest first.
    pub async fn contradictions(&self) -> Result<Vec<Contradiction>, StoreError> {
        let rows = sqlx::query(
            "SELECT origin, kind, note_a, note_b, hashes, at_ms, leaf FROM contradiction ORDER BY id",
        )
        .fetch_all(&self.readers)
        .await?;
        rows.iter().map(contradiction).collect()
    }

    /// Has this log contradicted itself? Then nothing of it is cosigned any more.
    pub async fn is_frozen(&self, origin: &str) -> Result<bool, StoreError> {
        let row = sqlx::query("SELECT 1 FROM contradiction WHERE origin = $1 LIMIT 1")
            .bind(origin)
            .fetch_optional(&self.readers)
            .await?;
        Ok(row.is_some())
    }

    /// One statement in one immediate transaction, on disk when this returns.
    async fn swap(
        &self,
        query: sqlx::query::Query<'_, sqlx::Sqlite, sqlx::sqlite::SqliteArguments>,
        from: Option<&Recorded>,
    ) -> Result<Swap, StoreError> {
        let query = match from {
            Some(from) => query
                .bind(from.size.cast_signed())
                .bind(from.root.as_bytes().to_vec()),
            None => query,
        };
        let mut transaction = self.writer.begin_with("BEGIN IMMEDIATE").await?;
        let changed = query.execute(&mut *transaction).await?;
        if changed.rows_affected() != 1 {
            return Ok(Swap::Lost);
        }
        transaction.commit().await?;
        Ok(Swap::Done)
    }
}

fn head(row: &SqliteRow) -> Result<Recorded, StoreError> {
    Ok(Recorded {
        size: column_u64(row, "size")?,
        root: column_digest(row, "root")?,
    })
}

fn contradiction(row: &SqliteRow) -> Result<Contradiction, StoreError> {
    let hashes: Vec<u8> = row.try_get("hashes")?;
    let leaf: Option<Vec<u8>> = row.try_get("leaf")?;
    Ok(Contradiction {
        origin: row.try_get("origin")?,
        kind: ContradictionKind::read(row.try_get("kind")?)?,
        note_a: row.try_get("note_a")?,
        note_b: row.try_get("note_b")?,
        hashes: hashes.chunks(32).map(digest).collect::<Result<_, _>>()?,
        at: Millis(column_u64(row, "at_ms")?),
        leaf: leaf.as_deref().map(digest).transpose()?,
    })
}

#[cfg(test)]
mod tests;

//! The station's working state in SQLite: forms, submissions, runs, jobs, boards, tokens.
//!
//! SQL lives here and below, nowhere else. One connection writes, several read; every write is one
//! immediate transaction that awaits nothing but the database. It decides nothing: callers name the
//! new state, and the tables refuse what cannot be.

mod boards;
mod form_changes;
mod forms;
pub mod index;
mod jobs;
pub mod lock;
mod requests;
pub mod rows;
mod runs;
mod runs_read;
mod submissions;
mod unlogged;
pub mod witness;

use std::{path::Path, time::Duration};

use sqlx::{
    SqlStr, Sqlite, SqlitePool, Transaction,
    migrate::{Migration, MigrationType, Migrator},
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous},
};

pub use form_changes::{FormChange, InUse, MovedRuns, NewFormChange, UnendedRuns};
pub use forms::NewForm;
pub use jobs::{Claim, JobKind};
pub use requests::Replay;
pub use rows::{
    BoardRow, FormClass, FormReason, FormRow, OPEN, Place, Retired, Revealed, RunCounts, RunRow,
    RunState, Section, StateChange, SubmissionRow, SubmissionState, YES,
};
pub use runs::{Closing, Retry};
pub use runs_read::{Page, RunFilter};
pub use submissions::NewSubmission;

const READERS: u32 = 4;
const BUSY: Duration = Duration::from_secs(5);

/// Why the database gave no answer.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// SQLite or its driver refused.
    #[error("the database {0}; check the disk and start again")]
    Database(#[from] sqlx::Error),
    /// The schema could not be brought up to date.
    #[error("the database schema: {0}; it was written by a newer release, use that one")]
    Schema(#[from] sqlx::migrate::MigrateError),
    /// A stored value is not what its column promises.
    #[error("the database holds a damaged {0}; restore it from a backup")]
    Damaged(&'static str),
    /// A row that the caller named does not exist or has moved on.
    #[error("{0} is not in the expected state any more")]
    Moved(&'static str),
}

/// The working state.
#[derive(Clone, Debug)]
pub struct Store {
    writer: SqlitePool,
    readers: SqlitePool,
}

impl Store {
    /// Opens `assay.db` in a data folder, made if absent, and brings its schema up to date.
    pub async fn open(data: &Path) -> Result<Self, StoreError> {
        let schema = [
            (
                1,
                "station",
                include_str!("../migrations/sqlite/0001_station.sql"),
            ),
            (
                2,
                "form_change",
                include_str!("../migrations/sqlite/0002_form_change.sql"),
            ),
        ];
        let (writer, readers) = open_file(&data.join("assay.db"), &schema, Synced::Always).await?;
        Ok(Self { writer, readers })
    }

    /// Lets running statements end and closes the file.
    pub async fn close(&self) {
        self.readers.close().await;
        self.writer.close().await;
    }

    async fn write(&self) -> Result<Transaction<'static, Sqlite>, StoreError> {
        Ok(self.writer.begin_with("BEGIN IMMEDIATE").await?)
    }
}

/// When a commit is on disk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Synced {
    /// Before the commit returns.
    Always,
    /// After a crash of the machine the last commits may be gone, and nothing else.
    Seldom,
}

/// One writing connection and a pool of readers on one file.
async fn open_file(
    path: &Path,
    schema: &[(i64, &'static str, &'static str)],
    synced: Synced,
) -> Result<(SqlitePool, SqlitePool), StoreError> {
    let options = SqliteConnectOptions::new()
        .filename(path)
        .busy_timeout(BUSY)
        .foreign_keys(true)
        .pragma("trusted_schema", "OFF");
    let writing = options
        .clone()
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(match synced {
            Synced::Always => SqliteSynchronous::Full,
            Synced::Seldom => SqliteSynchronous::Normal,
        })
        .pragma("journal_size_limit", "67108864");
    let writer = SqlitePoolOptions::new()
        .max_connections(1)
        .acquire_timeout(BUSY)
        .idle_timeout(None)
        .max_lifetime(None)
        .connect_with(writing)
        .await?;
    migrator(schema).run(&writer).await?;
    let readers = SqlitePoolOptions::new()
        .max_connections(READERS)
        .acquire_timeout(BUSY)
        .connect_with(options.read_only(true))
        .await?;
    Ok((writer, readers))
}

fn migrator(schema: &[(i64, &'static str, &'static str)]) -> Migrator {
    let migrations = schema
        .iter()
        .map(|(version, name, sql)| {
            let sql = SqlStr::from_static(sql);
            Migration::new(*version, (*name).into(), MigrationType::Simple, sql, false)
        })
        .collect();
    Migrator::with_migrations(migrations)
}

#[cfg(test)]
pub(crate) mod testing;
#[cfg(test)]
mod tests;

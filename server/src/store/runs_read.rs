//! Runs, as pages and the API read them. Nothing here writes.

use assay_evidence::digest::Digest;
use sqlx::{Row as _, sqlite::SqliteRow};

use super::{
    Place, RunCounts, RunRow, RunState, StateChange, Store, StoreError,
    rows::{column_place, column_u64, digest, id},
};
use crate::{
    clock::Millis,
    id::{RunId, SubmissionId},
};

macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT run.id, run.submission, run.form, run.benchmark, run.tries, run.state, \
             run.reason, run.detail, run.progress_ppm, run.intent_leaf, run.intent_idx, \
             run.close_leaf, run.close_idx, run.board_leaf, run.board_idx, run.created_ms, \
             run.changed_ms, submission.system, submission.name \
             FROM run JOIN submission ON submission.id = run.submission ",
            $rest
        )
    };
}

/// Where a page of rows begins and how long it is.
#[derive(Clone, Copy, Debug)]
pub struct Page<Id> {
    /// Rows older than this one; from the newest when absent.
    pub before: Option<Id>,
    /// At most so many.
    pub limit: u32,
}

/// Which runs; an absent member does not filter.
#[derive(Clone, Debug, Default)]
pub struct RunFilter {
    /// Of this submission.
    pub submission: Option<SubmissionId>,
    /// Of this system.
    pub system: Option<String>,
    /// On this benchmark, by short name.
    pub benchmark: Option<String>,
    /// In this state.
    pub state: Option<RunState>,
}

impl Store {
    /// One run.
    pub async fn run(&self, run: RunId) -> Result<Option<RunRow>, StoreError> {
        let row = sqlx::query(select!("WHERE run.id = $1"))
            .bind(run.0.to_vec())
            .fetch_optional(&self.readers)
            .await?;
        row.as_ref().map(read).transpose()
    }

    /// The run that a receipt or run-abort closed, by the record's leaf hash.
    pub async fn run_of_record(&self, leaf: &Digest) -> Result<Option<RunRow>, StoreError> {
        let row = sqlx::query(select!("WHERE run.close_leaf = $1"))
            .bind(leaf.as_bytes().to_vec())
            .fetch_optional(&self.readers)
            .await?;
        row.as_ref().map(read).transpose()
    }

    /// A page of runs, newest first.
    pub async fn runs(
        &self,
        filter: &RunFilter,
        page: &Page<RunId>,
    ) -> Result<Vec<RunRow>, StoreError> {
        let rows = sqlx::query(select!(
            "WHERE ($1 IS NULL OR run.submission = $1) AND ($2 IS NULL OR submission.system = $2) \
             AND ($3 IS NULL OR run.benchmark = $3) AND ($4 IS NULL OR run.state = $4) \
             AND ($5 IS NULL OR run.id < $5) ORDER BY run.id DESC LIMIT $6"
        ))
        .bind(filter.submission.map(|id| id.0.to_vec()))
        .bind(filter.system.as_deref())
        .bind(filter.benchmark.as_deref())
        .bind(filter.state.map(RunState::word))
        .bind(page.before.map(|id| id.0.to_vec()))
        .bind(page.limit)
        .fetch_all(&self.readers)
        .await?;
        rows.iter().map(read).collect()
    }

    /// All runs that are in one state, oldest first.
    pub async fn runs_in(&self, state: RunState) -> Result<Vec<RunRow>, StoreError> {
        let rows = sqlx::query(select!("WHERE run.state = $1 ORDER BY run.id"))
            .bind(state.word())
            .fetch_all(&self.readers)
            .await?;
        rows.iter().map(read).collect()
    }

    /// How many runs are in one state.
    pub async fn count_in(&self, state: RunState) -> Result<u64, StoreError> {
        let count: i64 = sqlx::query_scalar("SELECT count(*) FROM run WHERE state = $1")
            .bind(state.word())
            .fetch_one(&self.readers)
            .await?;
        Ok(count.cast_unsigned())
    }

    /// The states of a run, oldest first.
    pub async fn run_history(&self, run: RunId) -> Result<Vec<StateChange>, StoreError> {
        let rows =
            sqlx::query("SELECT state, reason, at_ms FROM run_state WHERE run = $1 ORDER BY seq")
                .bind(run.0.to_vec())
                .fetch_all(&self.readers)
                .await?;
        rows.iter()
            .map(|row| {
                Ok(StateChange {
                    state: RunState::read(row.try_get("state")?)?,
                    reason: row.try_get("reason")?,
                    at: Millis(column_u64(row, "at_ms")?),
                })
            })
            .collect()
    }

    /// Place of a queued run among the runs that wait, from 1.
    pub async fn run_place(&self, run: RunId) -> Result<Option<u64>, StoreError> {
        let ahead: Option<i64> = sqlx::query_scalar(
            "SELECT (SELECT count(*) FROM job AS other WHERE other.kind = 'evaluate' \
               AND other.state = 'queued' AND (other.run_at_ms, other.id) <= (mine.run_at_ms, mine.id)) \
             FROM job AS mine WHERE mine.kind = 'evaluate' AND mine.subject = $1 AND mine.state = 'queued'",
        )
        .bind(run.to_string())
        .fetch_optional(&self.readers)
        .await?;
        Ok(ahead.map(|ahead| ahead.max(1) as u64))
    }

    /// How the runs of a benchmark ended; of one system only when it is named.
    pub async fn run_counts(
        &self,
        benchmark: &str,
        system: Option<&str>,
    ) -> Result<RunCounts, StoreError> {
        let rows = sqlx::query(
            "SELECT run.state AS state, count(*) AS runs FROM run \
             JOIN submission ON submission.id = run.submission \
             WHERE run.benchmark = $1 AND ($2 IS NULL OR submission.system = $2) GROUP BY run.state",
        )
        .bind(benchmark)
        .bind(system)
        .fetch_all(&self.readers)
        .await?;
        let mut counts = RunCounts::default();
        for row in &rows {
            let runs = column_u64(row, "runs")?;
            match RunState::read(row.try_get("state")?)? {
                RunState::Queued => counts.waiting += runs,
                RunState::Running => counts.open += runs,
                RunState::Marked | RunState::Published => counts.closed += runs,
                RunState::Aborted => counts.aborted += runs,
            }
        }
        Ok(counts)
    }

    /// Runs of a benchmark whose receipt no board shows yet, oldest first.
    pub async fn marked_on(&self, benchmark: &str) -> Result<Vec<RunRow>, StoreError> {
        let rows = sqlx::query(select!(
            "WHERE run.benchmark = $1 AND run.state = 'marked' ORDER BY run.changed_ms, run.id"
        ))
        .bind(benchmark)
        .fetch_all(&self.readers)
        .await?;
        rows.iter().map(read).collect()
    }

    /// Is there a receipt on this benchmark that no board shows yet?
    pub async fn is_marked_on(&self, benchmark: &str) -> Result<bool, StoreError> {
        Ok(sqlx::query_scalar(
            "SELECT EXISTS (SELECT 1 FROM run WHERE benchmark = $1 AND state = 'marked')",
        )
        .bind(benchmark)
        .fetch_one(&self.readers)
        .await?)
    }

    /// Receipts that a board shows, in the order of the log.
    pub async fn published_receipts(&self) -> Result<Vec<Place>, StoreError> {
        let rows = sqlx::query(
            "SELECT close_idx, close_leaf FROM run WHERE state = 'published' ORDER BY close_idx",
        )
        .fetch_all(&self.readers)
        .await?;
        let places = rows
            .iter()
            .map(|row| column_place(row, "close_idx", "close_leaf"));
        places.filter_map(Result::transpose).collect()
    }

    /// Systems with a receipt on a benchmark.
    pub async fn systems_on(&self, benchmark: &str) -> Result<u64, StoreError> {
        let count: i64 = sqlx::query_scalar(
            "SELECT count(DISTINCT submission.system) FROM run \
             JOIN submission ON submission.id = run.submission \
             WHERE run.benchmark = $1 AND run.state IN ('marked', 'published')",
        )
        .bind(benchmark)
        .fetch_one(&self.readers)
        .await?;
        Ok(count as u64)
    }
}

fn read(row: &SqliteRow) -> Result<RunRow, StoreError> {
    let intent_leaf: Option<&[u8]> = row.try_get("intent_leaf")?;
    let tries: i64 = row.try_get("tries")?;
    Ok(RunRow {
        id: RunId(id(row.try_get("id")?)?),
        submission: SubmissionId(id(row.try_get("submission")?)?),
        system: row.try_get("system")?,
        name: row.try_get("name")?,
        benchmark: row.try_get("benchmark")?,
        form: row.try_get("form")?,
        tries: u32::try_from(tries).map_err(|_| StoreError::Damaged("tries"))?,
        state: RunState::read(row.try_get("state")?)?,
        reason: row.try_get("reason")?,
        detail: row.try_get("detail")?,
        progress_ppm: column_u64(row, "progress_ppm")?,
        intent_leaf: intent_leaf.map(digest).transpose()?,
        intent: column_place(row, "intent_idx", "intent_leaf")?,
        close: column_place(row, "close_idx", "close_leaf")?,
        board: column_place(row, "board_idx", "board_leaf")?,
        created: Millis(column_u64(row, "created_ms")?),
        changed: Millis(column_u64(row, "changed_ms")?),
    })
}

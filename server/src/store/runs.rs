//! Runs, as they change: every change of state writes its history in the same transaction.
//!
//! queued → running → marked → published, or aborted from queued and running. Reading is next door.

use assay_evidence::digest::Digest;
use sqlx::{Sqlite, Transaction};

use super::{JobKind, Place, RunState, Store, StoreError, form_changes, jobs};
use crate::{
    clock::Millis,
    id::{JobId, RunId, SubmissionId},
};

/// How a run is closed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Closing {
    /// By this receipt.
    Receipt(Place),
    /// Without one: the run-abort if the run was announced, and why.
    Abort {
        /// The record; none if no intent was ever logged.
        record: Option<Place>,
        /// Stable code.
        reason: String,
        /// One sentence.
        detail: String,
    },
}

/// The next try of a run that was lost through no fault of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Retry {
    /// Id of the new run.
    pub run: RunId,
    /// Its job.
    pub job: JobId,
    /// Not before.
    pub run_at: Millis,
}

/// A run about to be queued.
pub(super) struct NewRun<'a> {
    pub id: RunId,
    pub submission: SubmissionId,
    pub form: &'a str,
    pub benchmark: &'a str,
    pub tries: u32,
}

impl Store {
    /// Notes the leaf hash of an intent that is about to be logged, so that a restart can look for it. False
    /// when the run no longer waits for this form, or the form takes no more.
    pub async fn run_announcing(
        &self,
        run: RunId,
        form: &str,
        leaf: &Digest,
    ) -> Result<bool, StoreError> {
        let mut transaction = self.write().await?;
        let done = sqlx::query(
            "UPDATE run SET intent_leaf = $3 WHERE id = $1 AND form = $2 AND state = 'queued' \
             AND NOT EXISTS (SELECT 1 FROM form_change WHERE form_change.form = $2)",
        )
        .bind(run.0.to_vec())
        .bind(form)
        .bind(leaf.as_bytes().to_vec())
        .execute(&mut *transaction)
        .await?;
        transaction.commit().await?;
        Ok(done.rows_affected() == 1)
    }

    /// The intent is logged: the run is running.
    pub async fn run_started(
        &self,
        run: RunId,
        intent: Place,
        now: Millis,
    ) -> Result<(), StoreError> {
        let mut transaction = self.write().await?;
        let done = sqlx::query(
            "UPDATE run SET state = 'running', intent_leaf = $2, intent_idx = $3, changed_ms = $4 \
             WHERE id = $1 AND state = 'queued'",
        )
        .bind(run.0.to_vec())
        .bind(intent.leaf.as_bytes().to_vec())
        .bind(intent.index.cast_signed())
        .bind(now.0.cast_signed())
        .execute(&mut *transaction)
        .await?;
        if done.rows_affected() == 0 {
            return Err(StoreError::Moved("run"));
        }
        note(&mut transaction, run, RunState::Running, None, now).await?;
        transaction.commit().await?;
        Ok(())
    }

    /// How far a running run has come, in millionths of its items.
    pub async fn run_progress(&self, run: RunId, ppm: u64) -> Result<(), StoreError> {
        let mut transaction = self.write().await?;
        sqlx::query("UPDATE run SET progress_ppm = $2 WHERE id = $1 AND state = 'running'")
            .bind(run.0.to_vec())
            .bind(ppm.min(1_000_000).cast_signed())
            .execute(&mut *transaction)
            .await?;
        transaction.commit().await?;
        Ok(())
    }

    /// Closes a run and, in the same transaction, queues what follows: its next try, or its board.
    ///
    /// Closing a closed run changes nothing and is no error, so a restart may repeat it.
    pub async fn run_closed(
        &self,
        run: RunId,
        closing: &Closing,
        retry: Option<Retry>,
        publish: JobId,
        now: Millis,
    ) -> Result<(), StoreError> {
        let mut transaction = self.write().await?;
        let closed = match closing {
            Closing::Receipt(place) => mark(&mut transaction, run, *place, now).await?,
            Closing::Abort {
                record,
                reason,
                detail,
            } => abort(&mut transaction, run, *record, (reason, detail), now).await?,
        };
        if !closed {
            return Ok(());
        }
        if let Some(retry) = retry {
            insert_retry(&mut transaction, run, retry, now).await?;
        }
        let benchmark: String = sqlx::query_scalar("SELECT benchmark FROM run WHERE id = $1")
            .bind(run.0.to_vec())
            .fetch_one(&mut *transaction)
            .await?;
        jobs::insert(
            &mut transaction,
            publish,
            JobKind::Publish,
            &benchmark,
            now,
            now,
        )
        .await?;
        transaction.commit().await?;
        Ok(())
    }

    /// Takes back an announcement whose intent never reached the log.
    pub async fn run_unannounced(&self, run: RunId) -> Result<(), StoreError> {
        let mut transaction = self.write().await?;
        sqlx::query("UPDATE run SET intent_leaf = NULL WHERE id = $1 AND state = 'queued'")
            .bind(run.0.to_vec())
            .execute(&mut *transaction)
            .await?;
        transaction.commit().await?;
        Ok(())
    }
}

/// Queues a run and its job, with the first line of its history.
pub(super) async fn insert(
    transaction: &mut Transaction<'static, Sqlite>,
    run: &NewRun<'_>,
    job: JobId,
    run_at: Millis,
    now: Millis,
) -> Result<(), StoreError> {
    sqlx::query(
        "INSERT INTO run (id, submission, form, benchmark, tries, state, created_ms, changed_ms) \
         VALUES ($1, $2, $3, $4, $5, 'queued', $6, $6)",
    )
    .bind(run.id.0.to_vec())
    .bind(run.submission.0.to_vec())
    .bind(run.form)
    .bind(run.benchmark)
    .bind(run.tries)
    .bind(now.0.cast_signed())
    .execute(&mut **transaction)
    .await?;
    note(transaction, run.id, RunState::Queued, None, now).await?;
    let subject = run.id.to_string();
    jobs::insert(transaction, job, JobKind::Evaluate, &subject, run_at, now).await
}

/// Moves one marked run to published.
pub(super) async fn publish(
    transaction: &mut Transaction<'static, Sqlite>,
    run: RunId,
    board: Place,
    now: Millis,
) -> Result<(), StoreError> {
    let done = sqlx::query(
        "UPDATE run SET state = 'published', board_idx = $2, board_leaf = $3, changed_ms = $4 \
         WHERE id = $1 AND state = 'marked'",
    )
    .bind(run.0.to_vec())
    .bind(board.index.cast_signed())
    .bind(board.leaf.as_bytes().to_vec())
    .bind(now.0.cast_signed())
    .execute(&mut **transaction)
    .await?;
    if done.rows_affected() == 1 {
        note(transaction, run, RunState::Published, None, now).await?;
    }
    Ok(())
}

async fn mark(
    transaction: &mut Transaction<'static, Sqlite>,
    run: RunId,
    receipt: Place,
    now: Millis,
) -> Result<bool, StoreError> {
    let done = sqlx::query(
        "UPDATE run SET state = 'marked', progress_ppm = 1000000, close_idx = $2, close_leaf = $3, \
         changed_ms = $4 WHERE id = $1 AND state = 'running'",
    )
    .bind(run.0.to_vec())
    .bind(receipt.index.cast_signed())
    .bind(receipt.leaf.as_bytes().to_vec())
    .bind(now.0.cast_signed())
    .execute(&mut **transaction)
    .await?;
    if done.rows_affected() == 0 {
        return Ok(false);
    }
    note(transaction, run, RunState::Marked, None, now).await?;
    Ok(true)
}

pub(super) async fn abort(
    transaction: &mut Transaction<'static, Sqlite>,
    run: RunId,
    record: Option<Place>,
    (reason, detail): (&str, &str),
    now: Millis,
) -> Result<bool, StoreError> {
    let done = sqlx::query(
        "UPDATE run SET state = 'aborted', reason = $2, detail = $3, close_idx = $4, \
         close_leaf = $5, changed_ms = $6 WHERE id = $1 AND state IN ('queued', 'running')",
    )
    .bind(run.0.to_vec())
    .bind(reason)
    .bind(detail)
    .bind(record.map(|place| place.index.cast_signed()))
    .bind(record.map(|place| place.leaf.as_bytes().to_vec()))
    .bind(now.0.cast_signed())
    .execute(&mut **transaction)
    .await?;
    if done.rows_affected() == 0 {
        return Ok(false);
    }
    note(transaction, run, RunState::Aborted, Some(reason), now).await?;
    Ok(true)
}

/// Queues the next try, on the newest form where the lost run's own takes no more; none where there is none.
async fn insert_retry(
    transaction: &mut Transaction<'static, Sqlite>,
    lost: RunId,
    retry: Retry,
    now: Millis,
) -> Result<(), StoreError> {
    let (submission, form, benchmark, tries): (Vec<u8>, String, String, u32) =
        sqlx::query_as("SELECT submission, form, benchmark, tries FROM run WHERE id = $1")
            .bind(lost.0.to_vec())
            .fetch_one(&mut **transaction)
            .await?;
    let Some(form) = form_changes::form_for(transaction, &submission, &form).await? else {
        return Ok(());
    };
    let next = NewRun {
        id: retry.run,
        submission: SubmissionId(super::rows::id(&submission)?),
        form: &form,
        benchmark: &benchmark,
        tries: tries + 1,
    };
    insert(transaction, &next, retry.job, retry.run_at, now).await
}

pub(super) async fn note(
    transaction: &mut Transaction<'static, Sqlite>,
    run: RunId,
    state: RunState,
    reason: Option<&str>,
    now: Millis,
) -> Result<(), StoreError> {
    sqlx::query(
        "INSERT INTO run_state (run, seq, state, reason, at_ms) VALUES \
         ($1, (SELECT count(*) FROM run_state WHERE run = $1), $2, $3, $4)",
    )
    .bind(run.0.to_vec())
    .bind(state.word())
    .bind(reason)
    .bind(now.0.cast_signed())
    .execute(&mut **transaction)
    .await?;
    Ok(())
}

//! The durable queue: claim by one UPDATE, a lease with an owner, and a fence on every write.
//!
//! One live job per (kind, subject): asking twice queues once. It does not know what a job does.

use sqlx::{Row as _, Sqlite, Transaction};

use super::{
    Store, StoreError,
    rows::{column_u64, id},
};
use crate::{clock::Millis, id::JobId};

/// What a job does to its subject.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum JobKind {
    /// Screen a submission and log it.
    Check,
    /// Carry a run from queue to receipt or abort.
    Evaluate,
    /// Compute and log the board of a benchmark.
    Publish,
}

impl JobKind {
    /// The word that stands in the database.
    pub fn word(self) -> &'static str {
        match self {
            Self::Check => "check",
            Self::Evaluate => "evaluate",
            Self::Publish => "publish",
        }
    }
}

/// A job in the hands of one worker.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Claim {
    /// The job.
    pub id: JobId,
    /// Kind.
    pub kind: JobKind,
    /// Submission id, run id or benchmark name.
    pub subject: String,
    /// How often it was claimed, this time included.
    pub tries: u64,
    /// Raised by each claim; a write with a lower one is void.
    pub fence: u64,
}

impl Store {
    /// Queues a job unless one for the same subject is alive.
    pub async fn enqueue(
        &self,
        job: JobId,
        kind: JobKind,
        subject: &str,
        run_at: Millis,
        now: Millis,
    ) -> Result<(), StoreError> {
        let mut transaction = self.write().await?;
        insert(&mut transaction, job, kind, subject, run_at, now).await?;
        transaction.commit().await?;
        Ok(())
    }

    /// Takes the next due job of a kind: never claimed, or claimed under a lease that has run out.
    pub async fn claim(
        &self,
        kind: JobKind,
        owner: [u8; 16],
        lease_until: Millis,
        now: Millis,
    ) -> Result<Option<Claim>, StoreError> {
        let mut transaction = self.write().await?;
        let row = sqlx::query(
            "UPDATE job SET state = 'claimed', owner = $2, lease_until_ms = $3, \
             tries = tries + 1, fence = fence + 1 \
             WHERE id = (SELECT id FROM job WHERE kind = $1 AND run_at_ms <= $4 \
               AND (state = 'queued' OR (state = 'claimed' AND lease_until_ms < $4)) \
               ORDER BY run_at_ms, id LIMIT 1) \
             RETURNING id, subject, tries, fence",
        )
        .bind(kind.word())
        .bind(owner.to_vec())
        .bind(lease_until.0.cast_signed())
        .bind(now.0.cast_signed())
        .fetch_optional(&mut *transaction)
        .await?;
        transaction.commit().await?;
        row.map(|row| {
            Ok(Claim {
                id: JobId(id(row.try_get("id")?)?),
                kind,
                subject: row.try_get("subject")?,
                tries: column_u64(&row, "tries")?,
                fence: column_u64(&row, "fence")?,
            })
        })
        .transpose()
    }

    /// Holds on to a job. False when another claim has overtaken this one.
    pub async fn extend(&self, claim: &Claim, lease_until: Millis) -> Result<bool, StoreError> {
        let mut transaction = self.write().await?;
        let done = sqlx::query(
            "UPDATE job SET lease_until_ms = $3 WHERE id = $1 AND fence = $2 AND state = 'claimed'",
        )
        .bind(claim.id.0.to_vec())
        .bind(claim.fence.cast_signed())
        .bind(lease_until.0.cast_signed())
        .execute(&mut *transaction)
        .await?;
        transaction.commit().await?;
        Ok(done.rows_affected() == 1)
    }

    /// Ends a job for good. False when another claim has overtaken this one.
    pub async fn finish(&self, claim: &Claim) -> Result<bool, StoreError> {
        self.end(claim, "done", None).await
    }

    /// Ends a job that could not be done and must not be tried again.
    pub async fn fail(&self, claim: &Claim, reason: &str) -> Result<bool, StoreError> {
        self.end(claim, "failed", Some(reason)).await
    }

    /// Puts a job back, due at `run_at`. False when another claim has overtaken this one.
    pub async fn put_back(
        &self,
        claim: &Claim,
        run_at: Millis,
        reason: &str,
    ) -> Result<bool, StoreError> {
        let mut transaction = self.write().await?;
        let done = sqlx::query(
            "UPDATE job SET state = 'queued', owner = NULL, lease_until_ms = NULL, run_at_ms = $3, \
             reason = $4 WHERE id = $1 AND fence = $2 AND state = 'claimed'",
        )
        .bind(claim.id.0.to_vec())
        .bind(claim.fence.cast_signed())
        .bind(run_at.0.cast_signed())
        .bind(reason)
        .execute(&mut *transaction)
        .await?;
        transaction.commit().await?;
        Ok(done.rows_affected() == 1)
    }

    /// Frees what an earlier process held. Only safe while this process alone holds the data folder.
    pub async fn release_all(&self, owner: [u8; 16]) -> Result<u64, StoreError> {
        let mut transaction = self.write().await?;
        let done = sqlx::query(
            "UPDATE job SET state = 'queued', owner = NULL, lease_until_ms = NULL \
             WHERE state = 'claimed' AND owner <> $1",
        )
        .bind(owner.to_vec())
        .execute(&mut *transaction)
        .await?;
        transaction.commit().await?;
        Ok(done.rows_affected())
    }

    /// Jobs of a kind that are waiting or held.
    pub async fn jobs_alive(&self, kind: JobKind) -> Result<u64, StoreError> {
        let count: i64 = sqlx::query_scalar(
            "SELECT count(*) FROM job WHERE kind = $1 AND state IN ('queued', 'claimed')",
        )
        .bind(kind.word())
        .fetch_one(&self.readers)
        .await?;
        Ok(count as u64)
    }

    /// Is anything unchecked, unfinished or unpublished?
    pub async fn has_work(&self) -> Result<bool, StoreError> {
        Ok(sqlx::query_scalar(
            "SELECT EXISTS (SELECT 1 FROM job WHERE state IN ('queued', 'claimed')) \
             OR EXISTS (SELECT 1 FROM run WHERE state IN ('queued', 'running', 'marked')) \
             OR EXISTS (SELECT 1 FROM submission WHERE state = 'received')",
        )
        .fetch_one(&self.readers)
        .await?)
    }

    async fn end(
        &self,
        claim: &Claim,
        state: &'static str,
        reason: Option<&str>,
    ) -> Result<bool, StoreError> {
        let mut transaction = self.write().await?;
        let done = sqlx::query(
            "UPDATE job SET state = $3, reason = $4, owner = NULL, lease_until_ms = NULL \
             WHERE id = $1 AND fence = $2 AND state = 'claimed'",
        )
        .bind(claim.id.0.to_vec())
        .bind(claim.fence.cast_signed())
        .bind(state)
        .bind(reason)
        .execute(&mut *transaction)
        .await?;
        transaction.commit().await?;
        Ok(done.rows_affected() == 1)
    }
}

pub(super) async fn insert(
    transaction: &mut Transaction<'static, Sqlite>,
    job: JobId,
    kind: JobKind,
    subject: &str,
    run_at: Millis,
    now: Millis,
) -> Result<(), StoreError> {
    sqlx::query(
        "INSERT INTO job (id, kind, subject, state, run_at_ms, created_ms) \
         VALUES ($1, $2, $3, 'queued', $4, $5) ON CONFLICT DO NOTHING",
    )
    .bind(job.0.to_vec())
    .bind(kind.word())
    .bind(subject)
    .bind(run_at.0.cast_signed())
    .bind(now.0.cast_signed())
    .execute(&mut **transaction)
    .await?;
    Ok(())
}

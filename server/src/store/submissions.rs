//! Submissions: received, then checked or refused. The signed record is kept before it is logged.

use std::collections::BTreeMap;

use assay_evidence::digest::Digest;
use sqlx::{Row as _, Sqlite, Transaction, sqlite::SqliteRow};

use super::{
    JobKind, Page, Place, Store, StoreError, SubmissionRow, SubmissionState, jobs,
    rows::{column_digest, column_json, column_place, column_u64, id, json},
};
use crate::{
    clock::Millis,
    id::{JobId, RunId, SubmissionId},
};

macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT id, principal, system, name, adapter, bytes, benchmarks, declares, state, \
             refusal_code, refusal_detail, envelope, idx, leaf, created_ms FROM submission ",
            $rest
        )
    };
}

/// What is known when the bytes have arrived.
#[derive(Clone, Debug)]
pub struct NewSubmission {
    /// Id.
    pub id: SubmissionId,
    /// Who sent it.
    pub principal: String,
    /// System id.
    pub system: String,
    /// Display name.
    pub name: String,
    /// What the names that people take for this one share with it.
    pub name_key: String,
    /// Digest of the bytes, already durable.
    pub adapter: Digest,
    /// Their length.
    pub bytes: u64,
    /// Benchmarks by short name, sorted.
    pub benchmarks: Vec<String>,
    /// What the team says of it.
    pub declares: BTreeMap<String, String>,
}

impl Store {
    /// Registers a submission, its check and its idempotency key in one transaction. False, and nothing is
    /// kept, when a system of another principal is named like it.
    pub async fn insert_submission(
        &self,
        new: &NewSubmission,
        request: Option<(&str, Digest)>,
        check: JobId,
        now: Millis,
    ) -> Result<bool, StoreError> {
        let mut transaction = self.write().await?;
        if name_taken(&mut *transaction, &new.name_key, &new.principal).await? {
            return Ok(false);
        }
        sqlx::query(
            "INSERT INTO submission (id, principal, system, name, name_key, adapter, bytes, \
             benchmarks, declares, state, created_ms) \
             VALUES ($1,$2,$3,$4,$5,$6,$7,$8,$9,'received',$10)",
        )
        .bind(new.id.0.to_vec())
        .bind(&new.principal)
        .bind(&new.system)
        .bind(&new.name)
        .bind(&new.name_key)
        .bind(new.adapter.as_bytes().to_vec())
        .bind(new.bytes.cast_signed())
        .bind(json(&new.benchmarks))
        .bind(json(&new.declares))
        .bind(now.0.cast_signed())
        .execute(&mut *transaction)
        .await?;
        let subject = new.id.to_string();
        if let Some((key, digest)) = request {
            super::requests::remember(&mut transaction, &new.principal, key, digest, &subject, now)
                .await?;
        }
        jobs::insert(&mut transaction, check, JobKind::Check, &subject, now, now).await?;
        transaction.commit().await?;
        Ok(true)
    }

    /// Does a system of another principal have this name key? Refused submissions hold no name.
    pub async fn name_taken(&self, name_key: &str, principal: &str) -> Result<bool, StoreError> {
        name_taken(&self.readers, name_key, principal).await
    }

    /// Keeps the signed record just before it goes to the log.
    pub async fn submission_signed(
        &self,
        submission: SubmissionId,
        envelope: &str,
    ) -> Result<(), StoreError> {
        let mut transaction = self.write().await?;
        sqlx::query("UPDATE submission SET envelope = $2 WHERE id = $1 AND state = 'received'")
            .bind(submission.0.to_vec())
            .bind(envelope)
            .execute(&mut *transaction)
            .await?;
        transaction.commit().await?;
        Ok(())
    }

    /// The record is logged: the submission is checked, and `runs` (form, benchmark, ids) are queued.
    pub async fn submission_checked(
        &self,
        submission: SubmissionId,
        place: Place,
        runs: &[(String, String, RunId, JobId)],
        now: Millis,
    ) -> Result<(), StoreError> {
        let mut transaction = self.write().await?;
        let done = sqlx::query(
            "UPDATE submission SET state = 'checked', idx = $2, leaf = $3 \
             WHERE id = $1 AND state = 'received'",
        )
        .bind(submission.0.to_vec())
        .bind(place.index.cast_signed())
        .bind(place.leaf.as_bytes().to_vec())
        .execute(&mut *transaction)
        .await?;
        if done.rows_affected() == 0 {
            return Err(StoreError::Moved("submission"));
        }
        for (form, benchmark, run, job) in runs {
            let first = super::runs::NewRun {
                id: *run,
                submission,
                form,
                benchmark,
                tries: 1,
            };
            super::runs::insert(&mut transaction, &first, *job, now, now).await?;
        }
        transaction.commit().await?;
        Ok(())
    }

    /// The submission is not accepted.
    pub async fn submission_refused(
        &self,
        submission: SubmissionId,
        code: &str,
        detail: &str,
    ) -> Result<(), StoreError> {
        let mut transaction = self.write().await?;
        sqlx::query(
            "UPDATE submission SET state = 'refused', refusal_code = $2, refusal_detail = $3, \
             envelope = NULL WHERE id = $1 AND state = 'received'",
        )
        .bind(submission.0.to_vec())
        .bind(code)
        .bind(detail)
        .execute(&mut *transaction)
        .await?;
        transaction.commit().await?;
        Ok(())
    }

    /// One submission.
    pub async fn submission(
        &self,
        submission: SubmissionId,
    ) -> Result<Option<SubmissionRow>, StoreError> {
        let row = sqlx::query(select!("WHERE id = $1"))
            .bind(submission.0.to_vec())
            .fetch_optional(&self.readers)
            .await?;
        row.as_ref().map(read).transpose()
    }

    /// A page of submissions, newest first.
    pub async fn submissions(
        &self,
        page: &Page<SubmissionId>,
    ) -> Result<Vec<SubmissionRow>, StoreError> {
        let rows = sqlx::query(select!(
            "WHERE ($1 IS NULL OR id < $1) ORDER BY id DESC LIMIT $2"
        ))
        .bind(page.before.map(|id| id.0.to_vec()))
        .bind(page.limit)
        .fetch_all(&self.readers)
        .await?;
        rows.iter().map(read).collect()
    }

    /// All submissions of a system, newest first; empty when there is no such system.
    pub async fn submissions_of_system(
        &self,
        system: &str,
    ) -> Result<Vec<SubmissionRow>, StoreError> {
        let rows = sqlx::query(select!("WHERE system = $1 ORDER BY id DESC"))
            .bind(system)
            .fetch_all(&self.readers)
            .await?;
        rows.iter().map(read).collect()
    }

    /// The submission that a record registered, by the record's leaf hash.
    pub async fn submission_of_record(
        &self,
        leaf: &Digest,
    ) -> Result<Option<SubmissionRow>, StoreError> {
        let row = sqlx::query(select!("WHERE leaf = $1"))
            .bind(leaf.as_bytes().to_vec())
            .fetch_optional(&self.readers)
            .await?;
        row.as_ref().map(read).transpose()
    }

    /// Makes sure that every received submission has a check waiting.
    pub async fn revive_checks(
        &self,
        ids: &mut (dyn FnMut() -> JobId + Send),
        now: Millis,
    ) -> Result<(), StoreError> {
        let mut transaction = self.write().await?;
        let waiting: Vec<Vec<u8>> =
            sqlx::query_scalar("SELECT id FROM submission WHERE state = 'received'")
                .fetch_all(&mut *transaction)
                .await?;
        for submission in waiting {
            revive(&mut transaction, &submission, ids(), now).await?;
        }
        transaction.commit().await?;
        Ok(())
    }
}

async fn name_taken(
    database: impl sqlx::SqliteExecutor<'_>,
    name_key: &str,
    principal: &str,
) -> Result<bool, StoreError> {
    Ok(sqlx::query_scalar(
        "SELECT EXISTS (SELECT 1 FROM submission \
         WHERE name_key = $1 AND principal <> $2 AND state <> 'refused')",
    )
    .bind(name_key)
    .bind(principal)
    .fetch_one(database)
    .await?)
}

async fn revive(
    transaction: &mut Transaction<'static, Sqlite>,
    submission: &[u8],
    job: JobId,
    now: Millis,
) -> Result<(), StoreError> {
    let subject = SubmissionId(id(submission)?).to_string();
    jobs::insert(transaction, job, JobKind::Check, &subject, now, now).await
}

fn read(row: &SqliteRow) -> Result<SubmissionRow, StoreError> {
    let refusal: (Option<String>, Option<String>) =
        (row.try_get("refusal_code")?, row.try_get("refusal_detail")?);
    Ok(SubmissionRow {
        id: SubmissionId(id(row.try_get("id")?)?),
        principal: row.try_get("principal")?,
        system: row.try_get("system")?,
        name: row.try_get("name")?,
        adapter: column_digest(row, "adapter")?,
        bytes: column_u64(row, "bytes")?,
        benchmarks: column_json(row, "benchmarks")?,
        declares: column_json(row, "declares")?,
        state: SubmissionState::read(row.try_get("state")?)?,
        refusal: refusal.0.map(|code| (code, refusal.1.unwrap_or_default())),
        envelope: row.try_get("envelope")?,
        record: column_place(row, "idx", "leaf")?,
        created: Millis(column_u64(row, "created_ms")?),
    })
}

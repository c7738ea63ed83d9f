//! Idempotency keys: which request a key stood for, and what it made. Kept for a day.

use assay_evidence::digest::Digest;
use sqlx::{Row as _, Sqlite, Transaction};

use super::{Store, StoreError, rows::column_digest};
use crate::clock::Millis;

const KEPT_MS: u64 = 24 * 60 * 60 * 1000;

/// What a key was used for before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Replay {
    /// Digest of method, path and body.
    pub request: Digest,
    /// Id of what it made.
    pub subject: String,
}

impl Store {
    /// What this principal's key stands for, if it was used in the last day.
    pub async fn replay(
        &self,
        principal: &str,
        key: &str,
        now: Millis,
    ) -> Result<Option<Replay>, StoreError> {
        let row = sqlx::query(
            "SELECT request, subject FROM idempotency \
             WHERE principal = $1 AND key = $2 AND created_ms >= $3",
        )
        .bind(principal)
        .bind(key)
        .bind(now.0.saturating_sub(KEPT_MS).cast_signed())
        .fetch_optional(&self.readers)
        .await?;
        row.map(|row| {
            Ok(Replay {
                request: column_digest(&row, "request")?,
                subject: row.try_get("subject")?,
            })
        })
        .transpose()
    }
}

/// Notes a key in the transaction of its effect and drops keys older than a day.
pub(super) async fn remember(
    transaction: &mut Transaction<'static, Sqlite>,
    principal: &str,
    key: &str,
    request: Digest,
    subject: &str,
    now: Millis,
) -> Result<(), StoreError> {
    sqlx::query("DELETE FROM idempotency WHERE created_ms < $1")
        .bind(now.0.saturating_sub(KEPT_MS).cast_signed())
        .execute(&mut **transaction)
        .await?;
    sqlx::query(
        "INSERT INTO idempotency (principal, key, request, subject, created_ms) \
         VALUES ($1, $2, $3, $4, $5)",
    )
    .bind(principal)
    .bind(key)
    .bind(request.as_bytes().to_vec())
    .bind(subject)
    .bind(now.0.cast_signed())
    .execute(&mut **transaction)
    .await?;
    Ok(())
}

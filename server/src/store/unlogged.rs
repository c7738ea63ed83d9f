//! Signed records that the store does not know to be in the log: kept first, so that a crash logs the same
//! bytes and not second ones.
//!
//! Only records of the station itself are kept here; the keeper's own are asked for again.

use super::{Store, StoreError};

impl Store {
    /// The envelopes, JCS, of every kept record whose place in the log is not known.
    pub async fn unlogged_envelopes(&self) -> Result<Vec<String>, StoreError> {
        Ok(sqlx::query_scalar(
            "SELECT envelope FROM form WHERE idx IS NULL \
             UNION ALL SELECT envelope FROM form_change WHERE idx IS NULL \
             UNION ALL SELECT envelope FROM submission \
             WHERE state = 'received' AND envelope IS NOT NULL",
        )
        .fetch_all(&self.readers)
        .await?)
    }
}

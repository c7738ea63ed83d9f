//! Forms: stored with their signed commitment before it is logged, published once it is.

use sqlx::{Row as _, sqlite::SqliteRow};

use super::{
    FormClass, FormReason, FormRow, Place, Retired, Revealed, Store, StoreError,
    rows::{column_digest, column_json, column_place, column_u64, digest, json},
};
use crate::clock::Millis;

macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT form.*, retired.reason AS retired_reason, retired.declared AS retired_declared, \
             retired.idx AS retired_idx, retired.leaf AS retired_leaf, revealed.body AS revealed_body, \
             revealed.declared AS revealed_declared, revealed.idx AS revealed_idx, \
             revealed.leaf AS revealed_leaf FROM form \
             LEFT JOIN form_change AS retired \
               ON retired.form = form.form AND retired.state = 'retired' \
             LEFT JOIN form_change AS revealed \
               ON revealed.form = form.form AND revealed.state = 'revealed' ",
            $rest
        )
    };
}

/// A form about to be published; it has no `commitment`, nor what comes after one.
pub type NewForm = FormRow;

impl Store {
    /// Keeps a form with its signed commitment. False when the id is taken, or the items are revealed.
    pub async fn insert_form(&self, form: &NewForm, now: Millis) -> Result<bool, StoreError> {
        let mut transaction = self.write().await?;
        let done = sqlx::query(
            "INSERT INTO form (form, benchmark, version, edition, class, title, summary, locales, \
             sections, seal, terms, root, leaves, declared, envelope, created_ms) \
             SELECT $1,$2,$3,$4,$5,$6,$7,$8,$9,$10,$11,$12,$13,$14,$15,$16 WHERE NOT EXISTS \
             (SELECT 1 FROM form AS other JOIN form_change ON form_change.form = other.form \
             WHERE other.root = $12 AND form_change.state = 'revealed') ON CONFLICT (form) DO NOTHING",
        )
        .bind(&form.form)
        .bind(&form.benchmark)
        .bind(&form.version)
        .bind(&form.edition)
        .bind(form.class.word())
        .bind(&form.title)
        .bind(&form.summary)
        .bind(json(&form.locales))
        .bind(json(&form.sections))
        .bind(form.seal.as_bytes().to_vec())
        .bind(form.terms.as_bytes().to_vec())
        .bind(form.root.as_bytes().to_vec())
        .bind(form.leaves.cast_signed())
        .bind(&form.declared)
        .bind(&form.envelope)
        .bind(now.0.cast_signed())
        .execute(&mut *transaction)
        .await?;
        transaction.commit().await?;
        Ok(done.rows_affected() == 1)
    }

    /// Notes that a form's commitment is in the log: from now on it may be run.
    pub async fn form_logged(&self, form: &str, place: Place) -> Result<(), StoreError> {
        let mut transaction = self.write().await?;
        sqlx::query("UPDATE form SET idx = $2, leaf = $3 WHERE form = $1")
            .bind(form)
            .bind(place.index.cast_signed())
            .bind(place.leaf.as_bytes().to_vec())
            .execute(&mut *transaction)
            .await?;
        transaction.commit().await?;
        Ok(())
    }

    /// One form, logged or not.
    pub async fn form(&self, form: &str) -> Result<Option<FormRow>, StoreError> {
        let row = sqlx::query(select!("WHERE form.form = $1"))
            .bind(form)
            .fetch_optional(&self.readers)
            .await?;
        row.as_ref().map(read).transpose()
    }

    /// All published forms, newest first.
    pub async fn forms(&self) -> Result<Vec<FormRow>, StoreError> {
        let rows = sqlx::query(select!("WHERE form.idx IS NOT NULL ORDER BY form.idx DESC"))
            .fetch_all(&self.readers)
            .await?;
        rows.iter().map(read).collect()
    }

    /// Forms whose commitment was signed but, when the process ended, perhaps not logged.
    pub async fn forms_unlogged(&self) -> Result<Vec<FormRow>, StoreError> {
        let rows = sqlx::query(select!("WHERE form.idx IS NULL"))
            .fetch_all(&self.readers)
            .await?;
        rows.iter().map(read).collect()
    }

    /// The newest open sealed form of a benchmark, or its newest open practice form while it has no sealed
    /// one: the form that new submissions run on.
    pub async fn open_form(&self, benchmark: &str) -> Result<Option<FormRow>, StoreError> {
        let row = sqlx::query(select!(
            "WHERE form.benchmark = $1 AND form.idx IS NOT NULL \
             AND retired.form IS NULL AND revealed.form IS NULL \
             ORDER BY form.class = 'sealed' DESC, form.idx DESC LIMIT 1"
        ))
        .bind(benchmark)
        .fetch_optional(&self.readers)
        .await?;
        row.as_ref().map(read).transpose()
    }
}

fn read(row: &SqliteRow) -> Result<FormRow, StoreError> {
    Ok(FormRow {
        form: row.try_get("form")?,
        benchmark: row.try_get("benchmark")?,
        version: row.try_get("version")?,
        edition: row.try_get("edition")?,
        class: FormClass::read(row.try_get("class")?)?,
        title: row.try_get("title")?,
        summary: row.try_get("summary")?,
        locales: column_json(row, "locales")?,
        sections: column_json(row, "sections")?,
        seal: column_digest(row, "seal")?,
        terms: column_digest(row, "terms")?,
        root: column_digest(row, "root")?,
        leaves: column_u64(row, "leaves")?,
        declared: row.try_get("declared")?,
        envelope: row.try_get("envelope")?,
        commitment: column_place(row, "idx", "leaf")?,
        retired: retired(row)?,
        revealed: revealed(row)?,
    })
}

fn retired(row: &SqliteRow) -> Result<Option<Retired>, StoreError> {
    let Some(reason) = row.try_get::<Option<&str>, _>("retired_reason")? else {
        return Ok(None);
    };
    Ok(Some(Retired {
        reason: FormReason::read(reason)?,
        declared: row.try_get("retired_declared")?,
        record: column_place(row, "retired_idx", "retired_leaf")?,
    }))
}

fn revealed(row: &SqliteRow) -> Result<Option<Revealed>, StoreError> {
    let Some(body) = row.try_get::<Option<&[u8]>, _>("revealed_body")? else {
        return Ok(None);
    };
    Ok(Some(Revealed {
        body: digest(body)?,
        declared: row.try_get("revealed_declared")?,
        record: column_place(row, "revealed_idx", "revealed_leaf")?,
    }))
}

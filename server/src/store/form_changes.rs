//! What becomes of forms: retired, revealed. From the row on, nothing is announced on the form.
//!
//! The row and what follows from it for waiting runs are one transaction, so no run is announced on a form
//! while it is being retired. Signing and logging are the caller's business.

use assay_evidence::digest::Digest;
use sqlx::{Row as _, Sqlite, SqliteConnection, Transaction, sqlite::SqliteRow};

use super::{
    FormReason, Place, RunState, Store, StoreError,
    rows::{column_digest, digest, id},
    runs,
};
use crate::{clock::Millis, id::RunId};

macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT form, state, reason, body, declared, envelope FROM form_change ",
            $rest
        )
    };
}

macro_rules! unended {
    ($on:literal) => {
        concat!(
            "SELECT count(*) FILTER (WHERE state = 'queued' AND intent_leaf IS NULL), \
             count(*) FILTER (WHERE state = 'running' OR intent_leaf IS NOT NULL) \
             FROM run WHERE state IN ('queued', 'running') AND ",
            $on
        )
    };
}

/// What a form is changed to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FormChange {
    /// Nothing is run on it any more, for this reason.
    Retired(FormReason),
    /// Its body, a blob, is public.
    Revealed(Digest),
}

/// A signed change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewFormChange {
    /// Form id.
    pub form: String,
    /// To what.
    pub change: FormChange,
    /// Declared time of the record.
    pub declared: String,
    /// The signed record, JCS.
    pub envelope: String,
}

/// What became of the runs that waited for a form.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct MovedRuns {
    /// Now wait for the newest open form.
    pub moved: u64,
    /// Ended, since there is no form to run them on.
    pub ended: u64,
}

/// Runs on a form that have not ended.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct UnendedRuns {
    /// Queued, not announced.
    pub waiting: u64,
    /// Announced, or just about to be.
    pub open: u64,
}

/// Why the items of a form stay secret for now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum InUse {
    /// Runs on it, or on another form with the same items, have not ended.
    Runs(UnendedRuns),
    /// This other form has the same items and takes runs still.
    Open(String),
}

/// Code of a run that ended because its form takes no more.
pub const FORM_CLOSED: &str = "form-closed";
/// Code of a run that waits for another form than before.
const FORM_RETIRED: &str = "form-retired";

impl FormChange {
    fn state(self) -> &'static str {
        match self {
            Self::Retired(_) => "retired",
            Self::Revealed(_) => "revealed",
        }
    }
}

impl Store {
    /// Keeps a retirement and moves the runs that wait for the form; `None` when it is retired or revealed
    /// already.
    pub async fn form_retired(
        &self,
        new: &NewFormChange,
        now: Millis,
    ) -> Result<Option<MovedRuns>, StoreError> {
        let mut transaction = self.write().await?;
        if is_changed(&mut transaction, &new.form).await? {
            return Ok(None);
        }
        insert(&mut transaction, new).await?;
        let waiting: Vec<Vec<u8>> = sqlx::query_scalar(
            "SELECT id FROM run WHERE form = $1 AND state = 'queued' AND intent_leaf IS NULL \
             ORDER BY id",
        )
        .bind(&new.form)
        .fetch_all(&mut *transaction)
        .await?;
        let mut moved = MovedRuns::default();
        for run in waiting {
            if move_on(&mut transaction, RunId(id(&run)?), now).await? {
                moved.moved += 1;
            } else {
                moved.ended += 1;
            }
        }
        transaction.commit().await?;
        Ok(Some(moved))
    }

    /// Keeps a reveal unless the form's items are in use; what uses them otherwise. A reveal that is there
    /// already stays as it is.
    pub async fn form_revealed(&self, new: &NewFormChange) -> Result<Option<InUse>, StoreError> {
        let mut transaction = self.write().await?;
        let using = using_items_of(&mut transaction, &new.form).await?;
        if using.is_none() {
            insert(&mut transaction, new).await?;
            transaction.commit().await?;
        }
        Ok(using)
    }

    /// What still uses the items of a form.
    pub async fn using_items_of(&self, form: &str) -> Result<Option<InUse>, StoreError> {
        let mut reader = self.readers.acquire().await?;
        using_items_of(&mut reader, form).await
    }

    /// Runs on a form that have not ended.
    pub async fn unended_runs_on(&self, form: &str) -> Result<UnendedRuns, StoreError> {
        let counts = sqlx::query_as(unended!("form = $1")).bind(form);
        Ok(left(counts.fetch_one(&self.readers).await?))
    }

    /// The form by whose reveal items with this root became public.
    pub async fn form_that_revealed(&self, root: &Digest) -> Result<Option<String>, StoreError> {
        Ok(sqlx::query_scalar(
            "SELECT form.form FROM form JOIN form_change ON form_change.form = form.form \
             WHERE form.root = $1 AND form_change.state = 'revealed' ORDER BY form.form LIMIT 1",
        )
        .bind(root.as_bytes().to_vec())
        .fetch_optional(&self.readers)
        .await?)
    }

    /// Is an intent on this form signed whose place in the log is not known yet?
    pub async fn is_announcing_on(&self, form: &str) -> Result<bool, StoreError> {
        Ok(sqlx::query_scalar(
            "SELECT EXISTS (SELECT 1 FROM run \
             WHERE form = $1 AND state = 'queued' AND intent_leaf IS NOT NULL)",
        )
        .bind(form)
        .fetch_one(&self.readers)
        .await?)
    }

    /// Adapters with a receipt on a form whose team declared them open.
    pub async fn open_adapters_on(&self, form: &str) -> Result<Vec<Digest>, StoreError> {
        let found: Vec<Vec<u8>> = sqlx::query_scalar(
            "SELECT DISTINCT submission.adapter FROM run \
             JOIN submission ON submission.id = run.submission \
             WHERE run.form = $1 AND run.state IN ('marked', 'published') \
             AND submission.declares ->> '$.open' = 'yes' ORDER BY submission.adapter",
        )
        .bind(form)
        .fetch_all(&self.readers)
        .await?;
        found.iter().map(|bytes| digest(bytes)).collect()
    }

    /// Notes that the record of a change is in the log.
    pub async fn form_change_logged(
        &self,
        form: &str,
        change: FormChange,
        place: Place,
    ) -> Result<(), StoreError> {
        let mut transaction = self.write().await?;
        sqlx::query("UPDATE form_change SET idx = $3, leaf = $4 WHERE form = $1 AND state = $2")
            .bind(form)
            .bind(change.state())
            .bind(place.index.cast_signed())
            .bind(place.leaf.as_bytes().to_vec())
            .execute(&mut *transaction)
            .await?;
        transaction.commit().await?;
        Ok(())
    }

    /// The retirement of a form, logged or not.
    pub async fn retirement(&self, form: &str) -> Result<Option<NewFormChange>, StoreError> {
        self.kept(form, "retired").await
    }

    /// The reveal of a form, logged or not.
    pub async fn reveal(&self, form: &str) -> Result<Option<NewFormChange>, StoreError> {
        self.kept(form, "revealed").await
    }

    /// Changes whose record was signed but, when the process ended, perhaps not logged.
    pub async fn form_changes_unlogged(&self) -> Result<Vec<NewFormChange>, StoreError> {
        let rows = sqlx::query(select!("WHERE idx IS NULL ORDER BY form, state"))
            .fetch_all(&self.readers)
            .await?;
        rows.iter().map(read).collect()
    }

    async fn kept(&self, form: &str, state: &str) -> Result<Option<NewFormChange>, StoreError> {
        let row = sqlx::query(select!("WHERE form = $1 AND state = $2"))
            .bind(form)
            .bind(state)
            .fetch_optional(&self.readers)
            .await?;
        row.as_ref().map(read).transpose()
    }

    /// Takes a waiting run from a form that takes no more to the newest that does, or ends it. True when it
    /// still waits.
    pub async fn run_moved_on(&self, run: RunId, now: Millis) -> Result<bool, StoreError> {
        let mut transaction = self.write().await?;
        let moved = move_on(&mut transaction, run, now).await?;
        transaction.commit().await?;
        Ok(moved)
    }
}

/// The form that a submission's next run goes to: `form` while it is open, else the newest open one of its
/// benchmark and class, unless the submission has had a run on that one.
pub(super) async fn form_for(
    transaction: &mut Transaction<'static, Sqlite>,
    submission: &[u8],
    form: &str,
) -> Result<Option<String>, StoreError> {
    if !is_changed(transaction, form).await? {
        return Ok(Some(form.to_owned()));
    }
    let newest: Option<String> = sqlx::query_scalar(
        "SELECT other.form FROM form AS mine JOIN form AS other \
         ON other.benchmark = mine.benchmark AND other.class = mine.class \
         WHERE mine.form = $1 AND other.idx IS NOT NULL AND NOT EXISTS \
         (SELECT 1 FROM form_change WHERE form_change.form = other.form) \
         ORDER BY other.idx DESC LIMIT 1",
    )
    .bind(form)
    .fetch_optional(&mut **transaction)
    .await?;
    let Some(newest) = newest else {
        return Ok(None);
    };
    let was_there: bool =
        sqlx::query_scalar("SELECT EXISTS (SELECT 1 FROM run WHERE submission = $1 AND form = $2)")
            .bind(submission)
            .bind(&newest)
            .fetch_one(&mut **transaction)
            .await?;
    Ok(Some(newest).filter(|_| !was_there))
}

async fn is_changed(
    transaction: &mut Transaction<'static, Sqlite>,
    form: &str,
) -> Result<bool, StoreError> {
    Ok(
        sqlx::query_scalar("SELECT EXISTS (SELECT 1 FROM form_change WHERE form = $1)")
            .bind(form)
            .fetch_one(&mut **transaction)
            .await?,
    )
}

async fn insert(
    transaction: &mut Transaction<'static, Sqlite>,
    new: &NewFormChange,
) -> Result<(), StoreError> {
    let (reason, body) = match new.change {
        FormChange::Retired(reason) => (Some(reason.word()), None),
        FormChange::Revealed(body) => (None, Some(body.as_bytes().to_vec())),
    };
    sqlx::query(
        "INSERT INTO form_change (form, state, reason, body, declared, envelope) \
         VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT DO NOTHING",
    )
    .bind(&new.form)
    .bind(new.change.state())
    .bind(reason)
    .bind(body)
    .bind(&new.declared)
    .bind(&new.envelope)
    .execute(&mut **transaction)
    .await?;
    Ok(())
}

/// Forms with the same root have the same items, whatever they are called.
async fn using_items_of(
    connection: &mut SqliteConnection,
    form: &str,
) -> Result<Option<InUse>, StoreError> {
    let runs = left(
        sqlx::query_as(unended!(
            "form IN (SELECT other.form FROM form AS mine JOIN form AS other \
             ON other.root = mine.root WHERE mine.form = $1)"
        ))
        .bind(form)
        .fetch_one(&mut *connection)
        .await?,
    );
    if runs != UnendedRuns::default() {
        return Ok(Some(InUse::Runs(runs)));
    }
    let other: Option<String> = sqlx::query_scalar(
        "SELECT other.form FROM form AS mine JOIN form AS other ON other.root = mine.root \
         WHERE mine.form = $1 AND other.form <> mine.form AND NOT EXISTS \
         (SELECT 1 FROM form_change WHERE form_change.form = other.form) \
         ORDER BY other.form LIMIT 1",
    )
    .bind(form)
    .fetch_optional(&mut *connection)
    .await?;
    Ok(other.map(InUse::Open))
}

fn left((waiting, open): (i64, i64)) -> UnendedRuns {
    UnendedRuns {
        waiting: waiting.cast_unsigned(),
        open: open.cast_unsigned(),
    }
}

/// Moves one run that was not announced; false when it ended instead, or had moved on by itself.
async fn move_on(
    transaction: &mut Transaction<'static, Sqlite>,
    run: RunId,
    now: Millis,
) -> Result<bool, StoreError> {
    let found: Option<(Vec<u8>, String)> = sqlx::query_as(
        "SELECT submission, form FROM run \
         WHERE id = $1 AND state = 'queued' AND intent_leaf IS NULL",
    )
    .bind(run.0.to_vec())
    .fetch_optional(&mut **transaction)
    .await?;
    let Some((submission, form)) = found else {
        return Ok(false);
    };
    let Some(next) = form_for(transaction, &submission, &form).await? else {
        let says = format!(
            "form {form} was retired before the run was announced, and there is no newer one to run it on; submit again when there is"
        );
        runs::abort(transaction, run, None, (FORM_CLOSED, &says), now).await?;
        return Ok(false);
    };
    if next != form {
        sqlx::query("UPDATE run SET form = $2, changed_ms = $3 WHERE id = $1")
            .bind(run.0.to_vec())
            .bind(&next)
            .bind(now.0.cast_signed())
            .execute(&mut **transaction)
            .await?;
        runs::note(transaction, run, RunState::Queued, Some(FORM_RETIRED), now).await?;
    }
    Ok(true)
}

fn read(row: &SqliteRow) -> Result<NewFormChange, StoreError> {
    let reason: Option<&str> = row.try_get("reason")?;
    let change = match reason {
        Some(word) => FormChange::Retired(FormReason::read(word)?),
        None => FormChange::Revealed(column_digest(row, "body")?),
    };
    Ok(NewFormChange {
        form: row.try_get("form")?,
        change,
        declared: row.try_get("declared")?,
        envelope: row.try_get("envelope")?,
    })
}

//! Retiring a form, and logging whatever became of forms: from then on nothing is run on them.
//!
//! The signed record is kept first, in one transaction with what becomes of the waiting runs; a crash after
//! that is healed by logging the same record at the next start. Nothing here is undone.

use std::time::Duration;

use assay_evidence::{
    dsse::Envelope,
    manifest::ManifestError,
    record::{self, FormStateName, FormStateReason, RecordRef},
    reveal::RevealError,
    statement::{Subject, sign_record},
};
use tokio::time::{Instant, timeout_at};

use super::Station;
use crate::{
    blob::BlobError,
    log::LogError,
    store::{
        FormChange, FormReason, FormRow, MovedRuns, NewFormChange, Place, StoreError, UnendedRuns,
    },
};

/// How long a retirement waits for intents that are on their way into the log.
const ANNOUNCING: Duration = Duration::from_secs(20);

/// A retired form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RetiredForm {
    /// Form id.
    pub form: String,
    /// Why.
    pub reason: FormReason,
    /// Declared time.
    pub declared: String,
    /// The record.
    pub record: Place,
    /// What became of the runs that waited for it.
    pub moved: MovedRuns,
    /// Runs on it that have not ended.
    pub left: UnendedRuns,
    /// True when it had been retired before.
    pub replayed: bool,
}

/// Why a form is not changed.
#[derive(Debug, thiserror::Error)]
pub enum FormChangeError {
    /// No such form.
    #[error("there is no form {0} at this station; GET /api/v1/forms lists them")]
    NoForm(String),
    /// The station's manifest has run out: what is logged verifies, nothing new is.
    #[error("this station takes nothing new: {0}")]
    Expired(#[from] ManifestError),
    /// It was retired for another reason.
    #[error("form {form} is retired already, for the reason {}; that stands in the log for good", .was.word())]
    OtherReason {
        /// Form id.
        form: String,
        /// The reason in the log.
        was: FormReason,
    },
    /// It is revealed.
    #[error("form {0} is revealed already, which retires it as well")]
    IsRevealed(String),
    /// Runs on it have not ended.
    #[error(
        "form {form} has runs that have not ended ({} waiting, {} running); retire it first, wait until they have, then reveal it",
        .left.waiting, .left.open
    )]
    RunsLeft {
        /// Form id.
        form: String,
        /// How many.
        left: UnendedRuns,
    },
    /// Another form has the same items and takes runs.
    #[error(
        "form {form} has the same items as {other}, which takes runs still; retire that one too, wait until its runs have ended, then reveal this one"
    )]
    SameItems {
        /// Form id.
        form: String,
        /// The other one.
        other: String,
    },
    /// What came is no form body, or another one than was committed.
    #[error("this is not the body of the form: {0}; open the sealed file that was published")]
    Body(#[from] RevealError),
    /// An announced run has not reached the log.
    #[error(
        "form {0} takes no more runs, but one that was announced is not in the log yet; send this again in a moment"
    )]
    Announcing(String),
    /// The disk refused.
    #[error(transparent)]
    Blob(#[from] BlobError),
    /// The log refused.
    #[error(transparent)]
    Log(#[from] LogError),
    /// The store refused.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Station {
    /// Retires a form; repeating it for the same reason gives the first answer.
    pub async fn retire_form(
        &self,
        form: &str,
        reason: FormReason,
    ) -> Result<RetiredForm, FormChangeError> {
        self.manifest().check_term(&self.clock().now().rfc3339())?;
        let row = self.published_form(form).await?;
        let (mut moved, replayed) = (MovedRuns::default(), row.retired.is_some());
        if row.retired.is_none() {
            if row.revealed.is_some() {
                return Err(FormChangeError::IsRevealed(row.form));
            }
            let new = self.signed_retirement(&row, reason)?;
            let now = self.clock().now();
            moved = self
                .store()
                .form_retired(&new, now)
                .await?
                .unwrap_or_default();
            self.changed();
        }
        // Read again: another request may have been faster, and its record is the one that counts.
        let row = self.published_form(form).await?;
        let retired = row.retired.ok_or(StoreError::Damaged("form change"))?;
        if retired.reason != reason {
            return Err(FormChangeError::OtherReason {
                form: row.form,
                was: retired.reason,
            });
        }
        let record = if let Some(record) = retired.record {
            record
        } else {
            let kept = self.store().retirement(form).await?;
            let kept = kept.ok_or(StoreError::Damaged("form change"))?;
            self.log_change(&kept).await?
        };
        Ok(RetiredForm {
            left: self.store().unended_runs_on(form).await?,
            form: row.form,
            reason,
            declared: retired.declared,
            record,
            moved,
            replayed,
        })
    }

    /// Logs what a process that ended had signed and not logged.
    pub(super) async fn log_form_changes(&self) -> Result<(), FormChangeError> {
        for change in self.store().form_changes_unlogged().await? {
            self.log_change(&change).await?;
        }
        Ok(())
    }

    /// A form whose commitment is logged.
    pub(super) async fn published_form(&self, form: &str) -> Result<FormRow, FormChangeError> {
        let row = self.store().form(form).await?;
        row.filter(|row| row.commitment.is_some())
            .ok_or_else(|| FormChangeError::NoForm(form.chars().take(80).collect()))
    }

    /// The record that a form's own records refer to.
    pub(super) fn commitment_of(&self, form: &FormRow) -> Result<RecordRef, FormChangeError> {
        let place = form.commitment.ok_or(StoreError::Damaged("form"))?;
        Ok(place.of(&self.facts().origin))
    }

    fn signed_retirement(
        &self,
        form: &FormRow,
        reason: FormReason,
    ) -> Result<NewFormChange, FormChangeError> {
        let state = record::FormState {
            by: self.recorder().public().key_id(),
            commitment: self.commitment_of(form)?,
            declared: self.clock().now().rfc3339(),
            reason: as_recorded(reason),
            state: FormStateName::Retired,
            station: self.facts().origin.clone(),
        };
        let subject = Subject::new("seal", form.seal);
        let envelope = sign_record(self.recorder(), &[subject], &state);
        Ok(NewFormChange {
            form: form.form.clone(),
            change: FormChange::Retired(reason),
            declared: state.declared,
            envelope: String::from_utf8(envelope.to_bytes()).expect("JCS is UTF-8"),
        })
    }

    /// Logs a kept change; repeating it after a crash finds the first record again.
    pub(super) async fn log_change(&self, kept: &NewFormChange) -> Result<Place, FormChangeError> {
        self.wait_for_announced(&kept.form).await?;
        if let FormChange::Revealed(body) = &kept.change {
            self.publish_revealed(&kept.form, body).await?;
        }
        let envelope = Envelope::parse(kept.envelope.as_bytes())
            .map_err(|_| StoreError::Damaged("envelope"))?;
        let recorder = self.recorder().public();
        let reference = self.log().append(&envelope, &recorder).await?;
        let place = Place::from(&reference);
        self.store()
            .form_change_logged(&kept.form, kept.change, place)
            .await?;
        self.changed();
        Ok(place)
    }

    /// An intent that was signed before the form was retired comes before the retirement in the log.
    async fn wait_for_announced(&self, form: &str) -> Result<(), FormChangeError> {
        let mut changes = self.changes();
        let deadline = Instant::now() + ANNOUNCING;
        while self.store().is_announcing_on(form).await? {
            if !matches!(timeout_at(deadline, changes.changed()).await, Ok(Ok(()))) {
                return Err(FormChangeError::Announcing(form.to_owned()));
            }
        }
        Ok(())
    }
}

fn as_recorded(reason: FormReason) -> FormStateReason {
    match reason {
        FormReason::Rotation => FormStateReason::Rotation,
        FormReason::LeakSuspected => FormStateReason::LeakSuspected,
        FormReason::FaultFound => FormStateReason::FaultFound,
        FormReason::EndOfLife => FormStateReason::EndOfLife,
    }
}

#[cfg(test)]
mod tests;

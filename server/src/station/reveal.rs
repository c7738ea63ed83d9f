//! Revealing a form: its body, the bytes behind the commitment, becomes public for ever.
//!
//! The body comes from whoever holds an identity that opens the seal; this station cannot open it. It is
//! believed only when it hashes to what was committed before the first run. No form that takes runs may
//! have the same items.

use assay_evidence::{
    digest::Digest,
    record::{FormCommitment, FormReveal, RevealedBody},
    reveal::{self, RevealError},
    seal::FormBody,
    statement::{Subject, sign_record},
};

use super::{FormChangeError, Station};
use crate::store::{FormChange, FormRow, InUse, NewFormChange, Place, StoreError};

/// A revealed form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RevealedForm {
    /// Form id.
    pub form: String,
    /// Declared time.
    pub declared: String,
    /// The record.
    pub record: Place,
    /// The body, a public blob.
    pub body: Digest,
    /// Its length.
    pub bytes: u64,
    /// Items in it.
    pub items: u64,
    /// Adapters that became public with it, since their teams declared them open.
    pub adapters: Vec<Digest>,
    /// True when it had been revealed before.
    pub replayed: bool,
}

impl Station {
    /// Reveals a form by its body; repeating it gives the first answer.
    pub async fn reveal_form(
        &self,
        form: &str,
        body: &[u8],
    ) -> Result<RevealedForm, FormChangeError> {
        self.manifest().check_term(&self.clock().now().rfc3339())?;
        let row = self.published_form(form).await?;
        let reveal = self.checked_reveal(&row, body).await?;
        let replayed = row.revealed.is_some();
        if row.revealed.is_none() {
            free(form, self.store().using_items_of(form).await?)?;
            self.blobs().keep(body).await?;
            let new = self.signed_reveal(&row, &reveal);
            free(form, self.store().form_revealed(&new).await?)?;
            self.changed();
        }
        // Read again: another request may have been faster, and its record is the one that counts.
        let row = self.published_form(form).await?;
        let revealed = row.revealed.ok_or(StoreError::Damaged("form change"))?;
        let record = if let Some(record) = revealed.record {
            record
        } else {
            let kept = self.store().reveal(form).await?;
            let kept = kept.ok_or(StoreError::Damaged("form change"))?;
            self.log_change(&kept).await?
        };
        Ok(RevealedForm {
            adapters: self.store().open_adapters_on(form).await?,
            form: row.form,
            declared: revealed.declared,
            record,
            body: revealed.body,
            bytes: reveal.body.bytes,
            items: reveal.items,
            replayed,
        })
    }

    /// Puts the body of a form that is being revealed, and what auditors run again, where everybody finds it.
    pub(super) async fn publish_revealed(
        &self,
        form: &str,
        body: &Digest,
    ) -> Result<(), FormChangeError> {
        self.publish_blob(body).await?;
        for adapter in self.store().open_adapters_on(form).await? {
            self.publish_blob(&adapter).await?;
        }
        Ok(())
    }

    /// The record of a reveal, if an auditor would believe it with this body.
    async fn checked_reveal(
        &self,
        form: &FormRow,
        body: &[u8],
    ) -> Result<FormReveal, FormChangeError> {
        let opened = FormBody::parse(body).map_err(RevealError::from)?;
        let reference = self.commitment_of(form)?;
        let logged = self.log().record(&reference.leaf).await?;
        let logged = logged.ok_or(StoreError::Damaged("form-commitment"))?;
        let commitment: FormCommitment = logged.predicate()?;
        let reveal = FormReveal {
            body: RevealedBody {
                bytes: body.len() as u64,
                sha256: Digest::of(body),
            },
            commitment: reference,
            declared: self.clock().now().rfc3339(),
            items: opened.items.len() as u64,
            items_root: commitment.items.root,
            seed: Digest(opened.seed),
            station: self.facts().origin.clone(),
        };
        reveal::check(body, &reveal, &commitment)?;
        Ok(reveal)
    }

    fn signed_reveal(&self, form: &FormRow, reveal: &FormReveal) -> NewFormChange {
        let body = reveal.body.sha256;
        let subjects = [Subject::new("seal", form.seal), Subject::new("body", body)];
        let envelope = sign_record(self.recorder(), &subjects, reveal);
        NewFormChange {
            form: form.form.clone(),
            change: FormChange::Revealed(body),
            declared: reveal.declared.clone(),
            envelope: String::from_utf8(envelope.to_bytes()).expect("JCS is UTF-8"),
        }
    }
}

fn free(form: &str, using: Option<InUse>) -> Result<(), FormChangeError> {
    let form = form.to_owned();
    match using {
        None => Ok(()),
        Some(InUse::Runs(left)) => Err(FormChangeError::RunsLeft { form, left }),
        Some(InUse::Open(other)) => Err(FormChangeError::SameItems { form, other }),
    }
}

#[cfg(test)]
mod tests;

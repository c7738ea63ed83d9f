//! Publishing a form: its commitment is checked, logged, and only then may anything run on it.

use assay_benchmarks::terms::Terms;
use assay_evidence::{
    digest::Digest,
    manifest::ManifestError,
    seal::recipient_id,
    statement::{Subject, sign_record},
};

use super::Station;
use crate::{
    blob::BlobError,
    enclave_client::EnclaveError,
    log::LogError,
    seal::{CommitmentFile, SealError},
    store::{FormRow, NewForm, Place, Section, StoreError},
};

/// A published form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublishedForm {
    /// Form id.
    pub form: String,
    /// Its commitment.
    pub commitment: Place,
    /// True when the same form had been published before.
    pub replayed: bool,
}

/// Why a form is not published.
#[derive(Debug, thiserror::Error)]
pub enum FormError {
    /// The commitment file cannot be read.
    #[error(transparent)]
    File(#[from] SealError),
    /// The station's manifest has run out: what is logged verifies, nothing new is.
    #[error("this station takes nothing new: {0}")]
    Expired(#[from] ManifestError),
    /// The sealed file is longer than this station takes.
    #[error(
        "the sealed file is longer than {0} bytes; raise limits.seal_bytes_max or draw a smaller form"
    )]
    TooLarge(u64),
    /// The sealed file is not the one that was committed to.
    #[error(
        "the sealed file has SHA-256 {found} and {bytes} bytes, but the commitment is to {committed}; send the file that \"assay form seal\" wrote with it"
    )]
    OtherSeal {
        /// Digest of what came.
        found: Digest,
        /// Its length.
        bytes: u64,
        /// Digest that was committed.
        committed: Digest,
    },
    /// The form was sealed for other keepers.
    #[error("the form is not sealed for this station's enclave; seal it again with --to {0}")]
    OtherEnclave(String),
    /// The enclave lacks the grader that the form wants.
    #[error(
        "the form wants grader {0}, which this station's enclave does not have; use the release that it was sealed with"
    )]
    Grader(String),
    /// The terms promise what the enclave does not keep.
    #[error(
        "the form's terms state other limits per item than this station's enclave has; seal it with the release that the station runs"
    )]
    Limits,
    /// The id belongs to another form.
    #[error("form \"{0}\" is published already with other content; give the new one another id")]
    Taken(String),
    /// Everybody can read the items.
    #[error(
        "form \"{form}\" has the items of form \"{revealed}\", which are revealed; nothing sealed can be measured with them, draw another form"
    )]
    Public {
        /// The form that was sent.
        form: String,
        /// The form whose body is public.
        revealed: String,
    },
    /// The enclave cannot be asked.
    #[error(transparent)]
    Enclave(#[from] EnclaveError),
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
    /// Publishes a form: the text of its commitment file, and its sealed file.
    pub async fn publish_form(
        &self,
        commitment: &[u8],
        seal: &[u8],
    ) -> Result<PublishedForm, FormError> {
        self.manifest().check_term(&self.clock().now().rfc3339())?;
        let file = CommitmentFile::parse(commitment)?;
        self.check_seal(&file, seal).await?;
        if let Some(known) = self.store().form(&file.commitment.form).await? {
            return self.published_before(&file, known).await;
        }
        let draft = &file.commitment;
        self.check_secret(&draft.form, &draft.items.root).await?;
        self.blobs().keep(seal).await?;
        self.blobs().keep(file.terms.as_bytes()).await?;
        let form = self.signed_form(&file)?;
        let now = self.clock().now();
        if !self.store().insert_form(&form, now).await? {
            // Another request was faster, with this id or with a reveal.
            self.check_secret(&form.form, &form.root).await?;
            return Err(FormError::Taken(form.form));
        }
        let place = self.log_form(&form).await?;
        Ok(PublishedForm {
            form: form.form,
            commitment: place,
            replayed: false,
        })
    }

    /// Logs a stored form's commitment; repeating it after a crash finds the first record again.
    pub(super) async fn log_form(&self, form: &FormRow) -> Result<Place, FormError> {
        let envelope = assay_evidence::dsse::Envelope::parse(form.envelope.as_bytes())
            .map_err(|_| StoreError::Damaged("envelope"))?;
        self.publish_blob(&form.terms).await?;
        let reference = self
            .log()
            .append(&envelope, &self.recorder().public())
            .await?;
        let place = Place::from(&reference);
        self.store().form_logged(&form.form, place).await?;
        self.changed();
        Ok(place)
    }

    async fn check_seal(&self, file: &CommitmentFile, seal: &[u8]) -> Result<(), FormError> {
        let bytes = seal.len() as u64;
        let bytes_max = self.config().limits.seal_bytes_max;
        if bytes > bytes_max {
            return Err(FormError::TooLarge(bytes_max));
        }
        let found = Digest::of(seal);
        if found != file.seal_sha256 || bytes != file.commitment.seal.bytes {
            return Err(FormError::OtherSeal {
                found,
                bytes,
                committed: file.seal_sha256,
            });
        }
        let ready = self.enclave().ready().await?;
        let ours = recipient_id(&ready.seal_recipient);
        if !file.commitment.seal.recipients.contains(&ours) {
            return Err(FormError::OtherEnclave(ready.seal_recipient.clone()));
        }
        if file.public_terms()?.limits != ready.limits {
            return Err(FormError::Limits);
        }
        let grader = &file.commitment.grader;
        if !ready.graders.contains(grader) {
            let asked = format!("{} {} ({})", grader.name, grader.version, grader.sha256);
            return Err(FormError::Grader(asked));
        }
        Ok(())
    }

    /// Nothing runs on items that a reveal has made public, whatever the form is called.
    pub(super) async fn check_secret(&self, form: &str, root: &Digest) -> Result<(), FormError> {
        match self.store().form_that_revealed(root).await? {
            None => Ok(()),
            Some(revealed) => Err(FormError::Public {
                form: form.to_owned(),
                revealed,
            }),
        }
    }

    async fn published_before(
        &self,
        file: &CommitmentFile,
        known: FormRow,
    ) -> Result<PublishedForm, FormError> {
        let same = known.seal == file.seal_sha256
            && known.terms == Digest::of(file.terms.as_bytes())
            && known.root == file.commitment.items.root;
        if !same {
            return Err(FormError::Taken(known.form));
        }
        let commitment = match known.commitment {
            Some(commitment) => commitment,
            // Kept, but not logged: an earlier request met a fault in between.
            None => self.log_form(&known).await?,
        };
        Ok(PublishedForm {
            form: known.form,
            commitment,
            replayed: true,
        })
    }

    fn signed_form(&self, file: &CommitmentFile) -> Result<NewForm, FormError> {
        let terms = file.public_terms()?;
        let declared = self.clock().now().rfc3339();
        let predicate = file.predicate(&self.facts().origin, &declared);
        let subject = Subject::new("seal", file.seal_sha256);
        let envelope = sign_record(self.recorder(), &[subject], &predicate);
        Ok(NewForm {
            form: predicate.form,
            benchmark: file.benchmark_name().to_owned(),
            version: predicate.benchmark,
            edition: predicate.edition,
            class: CommitmentFile::class(&terms),
            locales: terms.locales.iter().map(ToString::to_string).collect(),
            sections: sections(&terms),
            title: terms.title,
            summary: terms.summary,
            seal: file.seal_sha256,
            terms: predicate.terms.sha256,
            root: predicate.items.root,
            leaves: predicate.items.leaves,
            declared,
            envelope: String::from_utf8(envelope.to_bytes()).expect("JCS is UTF-8"),
            commitment: None,
            retired: None,
            revealed: None,
        })
    }
}

fn sections(terms: &Terms) -> Vec<Section> {
    let named = terms.sections.iter().map(|section| Section {
        id: section.id.clone(),
        title: section.title.clone(),
    });
    named.collect()
}

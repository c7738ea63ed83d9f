//! The enclave-evidence record: which binary holds the enclave's keys, and what vouches for that.
//!
//! One record per binary. A keeper that comes back as another binary speaks for itself again before it
//! is given a run.

use assay_evidence::{
    digest::Digest,
    record::{EnclaveEvidence, EvidenceType, Predicate as _, RecordRef},
    seal::recipient_id,
    statement::open_record,
};

use super::{Station, StationError};

impl Station {
    /// The evidence record of the keeper that is up now; signed and logged if there is none yet.
    pub(crate) async fn evidence(&self) -> Result<RecordRef, StationError> {
        let binary = self.enclave().ready().await?.binary;
        let mut known = self.0.evidence.lock().await;
        if let Some((speaks_for, reference)) = &*known
            && *speaks_for == binary
        {
            return Ok(reference.clone());
        }
        let reference = match self.logged_evidence(&binary).await? {
            Some(reference) => reference,
            None => self.attest().await?,
        };
        *known = Some((binary, reference.clone()));
        Ok(reference)
    }

    /// The newest record, if it speaks for this binary.
    async fn logged_evidence(&self, binary: &Digest) -> Result<Option<RecordRef>, StationError> {
        let records = self.log().records_named(EnclaveEvidence::NAME, 0).await?;
        let Some(newest) = records.last() else {
            return Ok(None);
        };
        let evidence: EnclaveEvidence = newest.predicate()?;
        Ok((evidence.binary.sha256 == *binary).then(|| newest.place.of(&self.facts().origin)))
    }

    async fn attest(&self) -> Result<RecordRef, StationError> {
        let declared = self.clock().now().rfc3339();
        let facts = self.facts();
        let manifest = *self.chain().newest_digest();
        let envelope = self
            .enclave()
            .attest(&facts.origin, manifest, &declared)
            .await?;
        let key = self.enclave_key();
        let evidence = open_record::<EnclaveEvidence>(&envelope, &key)
            .map_err(|error| StationError::Evidence(error.to_string()))?
            .predicate;
        let ready = self.enclave().ready().await?;
        let right = evidence.station == facts.origin
            && evidence.kind == EvidenceType::None
            && evidence.binary.sha256 == ready.binary
            && evidence.manifest.sha256 == manifest
            && evidence.keys.sign == key.key_id()
            && evidence.keys.seal == recipient_id(&ready.seal_recipient);
        if !right {
            let says = "it does not speak for this station's manifest, keys and binary";
            return Err(StationError::Evidence(says.to_owned()));
        }
        Ok(self.log().append(&envelope, &key).await?)
    }
}

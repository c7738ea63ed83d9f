//! What of the station's holdings is public, and since when.
//!
//! A file is public before a record names it: whoever sees the record finds the file. What is missing
//! from the public folder all the same, because somebody removed it, is put back after each start, and
//! bundles follow the chain of manifests.

use assay_evidence::{digest::Digest, sigstore};

use super::{Station, StationError};
use crate::{blob::BlobError, run, store::StoreError};

impl Station {
    /// Puts policy, manifest and trusted root where everybody finds them.
    pub(super) async fn put_public_texts(&self) -> Result<(), StationError> {
        let public = self.public();
        public.put_policy(&self.facts().policy).await?;
        public.put_manifests(&self.chain().to_bytes()).await?;
        let size = self.log().published().head.size;
        let log_keys = self.chain().newest().log_verifiers_at(size);
        let trusted_root = sigstore::trusted_root(&log_keys);
        Ok(public.put_trusted_root(&trusted_root).await?)
    }

    /// Makes a blob of this station public.
    pub(crate) async fn publish_blob(&self, digest: &Digest) -> Result<(), BlobError> {
        if self.public().holds_blob(digest).await {
            return Ok(());
        }
        let bytes = self.blobs().read(digest).await?;
        let bytes = bytes.ok_or(BlobError::Gone(*digest))?;
        self.public().put_blob(&bytes).await?;
        Ok(())
    }

    /// Puts back what is public and not in the public folder, and bundles anew that lack a manifest.
    pub(super) async fn heal_public(self) {
        let stop = self.stop().clone();
        if let Some(Err(error)) = stop.run_until_cancelled(self.put_missing()).await {
            tracing::error!(%error, "could not look for what the public folder lacks");
        }
    }

    async fn put_missing(&self) -> Result<(), StoreError> {
        for blob in self.store().public_blobs().await? {
            said(self.publish_blob(&blob).await.map_err(StationError::from));
        }
        for receipt in self.store().published_receipts().await? {
            said(run::bundle::write(self, receipt).await);
        }
        Ok(())
    }
}

/// One file that cannot be put back is no reason to leave out the others.
fn said(put: Result<(), StationError>) {
    if let Err(error) = put {
        tracing::error!(%error, "the public folder lacks a file");
    }
}

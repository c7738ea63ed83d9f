//! The public folder: files that any static web server may serve, byte for byte as this one does.
//!
//! A file is put here in the moment its content becomes public, and what is not here is served nowhere.
//! Nothing private passes through: adapters, seals and uploads lie in other folders. The log puts its
//! own files beside these.

use std::path::{Path, PathBuf};

use assay_evidence::digest::Digest;

use crate::{
    blob::BlobError,
    folder,
    whole::{self, DiskError, Whole, at},
};

/// The public folder of a station.
#[derive(Clone, Debug)]
pub struct Public {
    root: PathBuf,
    whole: Whole,
}

impl Public {
    /// Opens the folder `public` of a data folder, made if absent.
    pub fn open(data: &Path, whole: Whole) -> Result<Self, DiskError> {
        let root = data.join("public");
        at(&root, folder::make(&root))?;
        Ok(Self { root, whole })
    }

    /// Puts bytes at `blob/<2 hex>/<sha256>`, unless they are there.
    pub async fn put_blob(&self, bytes: &[u8]) -> Result<Digest, DiskError> {
        let digest = Digest::of(bytes);
        let path = self.blob_path(&digest);
        if !exists(&path).await {
            self.whole.write(&path, bytes).await?;
        }
        Ok(digest)
    }

    /// Is this blob public?
    pub async fn holds_blob(&self, digest: &Digest) -> bool {
        exists(&self.blob_path(digest)).await
    }

    /// A public blob, checked against its digest.
    pub async fn blob(&self, digest: &Digest) -> Result<Option<Vec<u8>>, BlobError> {
        let bytes = whole::read(&self.blob_path(digest)).await?;
        match bytes {
            Some(bytes) if Digest::of(&bytes) != *digest => Err(BlobError::Damaged(*digest)),
            whole_or_absent => Ok(whole_or_absent),
        }
    }

    /// Where the bundle of a receipt lies once it is published.
    pub fn bundle_path(&self, receipt: &Digest) -> PathBuf {
        self.root.join("bundle").join(format!("{receipt}.json"))
    }

    /// Puts the bundle of a receipt.
    pub async fn put_bundle(&self, receipt: &Digest, bytes: &[u8]) -> Result<(), DiskError> {
        self.whole.write(&self.bundle_path(receipt), bytes).await
    }

    /// Takes the bundle of a receipt away, if there is one.
    pub async fn remove_bundle(&self, receipt: &Digest) -> Result<(), DiskError> {
        whole::remove(&self.bundle_path(receipt)).await
    }

    /// The bundle of a receipt.
    pub async fn bundle(&self, receipt: &Digest) -> Result<Option<Vec<u8>>, DiskError> {
        whole::read(&self.bundle_path(receipt)).await
    }

    /// Puts the policy, also as a blob: boards name it by digest.
    pub async fn put_policy(&self, text: &str) -> Result<(), DiskError> {
        self.put_blob(text.as_bytes()).await?;
        self.put(POLICY, text.as_bytes()).await
    }

    /// The policy that verifies this station's receipts.
    pub async fn policy(&self) -> Result<Option<Vec<u8>>, DiskError> {
        whole::read(&self.root.join(POLICY)).await
    }

    /// Puts the chain of manifests.
    pub async fn put_manifests(&self, chain: &[u8]) -> Result<(), DiskError> {
        self.put(MANIFESTS, chain).await
    }

    /// The inner envelopes of all manifests, as a JSON list from version 1.
    pub async fn manifests(&self) -> Result<Option<Vec<u8>>, DiskError> {
        whole::read(&self.root.join(MANIFESTS)).await
    }

    /// Puts the trusted root with which verifiers of sigstore check this log.
    pub async fn put_trusted_root(&self, bytes: &[u8]) -> Result<(), DiskError> {
        self.put(TRUSTED_ROOT, bytes).await
    }

    /// The trusted root of the log.
    pub async fn trusted_root(&self) -> Result<Option<Vec<u8>>, DiskError> {
        whole::read(&self.root.join(TRUSTED_ROOT)).await
    }

    /// Writes a file that may change, only when it does.
    async fn put(&self, name: &str, bytes: &[u8]) -> Result<(), DiskError> {
        let path = self.root.join(name);
        if whole::read(&path).await?.as_deref() == Some(bytes) {
            return Ok(());
        }
        self.whole.write(&path, bytes).await
    }

    fn blob_path(&self, digest: &Digest) -> PathBuf {
        let hex = digest.to_string();
        self.root.join("blob").join(&hex[..2]).join(hex)
    }
}

const POLICY: &str = "policy";
const MANIFESTS: &str = "manifest.json";
const TRUSTED_ROOT: &str = "trusted_root.json";

async fn exists(path: &Path) -> bool {
    tokio::fs::try_exists(path).await.unwrap_or(false)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::entropy::Entropy;

    async fn public(dir: &Path) -> Public {
        let whole = Whole::open(dir, Entropy::system()).await.unwrap();
        Public::open(dir, whole).unwrap()
    }

    #[tokio::test]
    async fn a_blob_lies_where_a_static_server_finds_it() {
        let dir = tempfile::tempdir().unwrap();
        let public = public(dir.path()).await;
        let digest = public.put_blob(b"terms").await.unwrap();
        let hex = digest.to_string();
        let path = dir.path().join("public/blob").join(&hex[..2]).join(&hex);
        assert_eq!(std::fs::read(path).unwrap(), b"terms");
        assert_eq!(public.blob(&digest).await.unwrap().unwrap(), b"terms");
        assert!(public.blob(&Digest::of(b"seal")).await.unwrap().is_none());
    }

    #[tokio::test]
    async fn a_damaged_blob_is_not_served() {
        let dir = tempfile::tempdir().unwrap();
        let public = public(dir.path()).await;
        let digest = public.put_blob(b"terms").await.unwrap();
        std::fs::write(public.blob_path(&digest), b"other").unwrap();
        assert_eq!(
            public.blob(&digest).await.unwrap_err().to_string(),
            format!("blob {digest} is damaged on disk; restore it from a mirror or a backup")
        );
    }

    #[tokio::test]
    async fn a_new_policy_takes_the_place_of_the_old_one_and_both_stay_as_blobs() {
        let dir = tempfile::tempdir().unwrap();
        let public = public(dir.path()).await;
        public.put_policy("first").await.unwrap();
        public.put_policy("second").await.unwrap();
        assert_eq!(public.policy().await.unwrap().unwrap(), b"second");
        assert!(public.holds_blob(&Digest::of(b"first")).await);
        assert!(public.holds_blob(&Digest::of(b"second")).await);
    }
}

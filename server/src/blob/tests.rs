//! What the blob folder promises about streams that misbehave.

use super::*;
use crate::{entropy::Entropy, folder};

async fn blobs(dir: &Path) -> Blobs {
    let whole = Whole::open(dir, Entropy::system()).await.unwrap();
    Blobs::open(dir, whole).await.unwrap()
}

fn files_below(dir: &Path) -> usize {
    std::fs::read_dir(dir)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .map(|path| if path.is_dir() { files_below(&path) } else { 1 })
        .sum()
}

#[tokio::test]
async fn a_kept_blob_reads_back_under_its_digest() {
    let dir = tempfile::tempdir().unwrap();
    let blobs = blobs(dir.path()).await;
    let digest = blobs.keep(b"adapter").await.unwrap();
    assert_eq!(blobs.read(&digest).await.unwrap().unwrap(), b"adapter");
    assert!(blobs.read(&Digest::of(b"other")).await.unwrap().is_none());
}

#[tokio::test]
async fn every_folder_of_blobs_is_for_its_user_only() {
    let dir = tempfile::tempdir().unwrap();
    let data = dir.path().join("data");
    let blobs = blobs(&data).await;
    let digest = blobs.keep(b"adapter").await.unwrap();
    let of_blob = blobs.path(&digest);
    for folder in [
        &data,
        &blobs.root,
        &data.join("unfinished"),
        of_blob.parent().unwrap(),
    ] {
        assert_eq!(folder::mode(folder), 0o700, "{}", folder.display());
    }
}

#[tokio::test]
async fn a_stream_that_is_too_long_leaves_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let blobs = blobs(dir.path()).await;
    let refusal = blobs
        .receive(&mut &b"12345"[..], Digest::of(b"12345"), 4)
        .await
        .unwrap_err();
    assert_eq!(
        refusal.to_string(),
        "the upload is longer than 4 bytes; send at most that"
    );
    assert_eq!(files_below(dir.path()), 0);
}

#[tokio::test]
async fn a_truncated_stream_leaves_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let blobs = blobs(dir.path()).await;
    let refusal = blobs
        .receive(&mut &b"1234"[..], Digest::of(b"12345"), 100)
        .await
        .unwrap_err();
    assert!(matches!(refusal, BlobError::Digest { .. }));
    assert_eq!(files_below(dir.path()), 0);
}

#[tokio::test]
async fn a_damaged_blob_is_never_handed_out() {
    let dir = tempfile::tempdir().unwrap();
    let blobs = blobs(dir.path()).await;
    let digest = blobs.keep(b"adapter").await.unwrap();
    std::fs::write(blobs.path(&digest), b"adapteR").unwrap();
    let refusal = blobs.read(&digest).await.unwrap_err();
    assert!(matches!(refusal, BlobError::Damaged(found) if found == digest));
}

#[tokio::test]
async fn unfinished_uploads_go_at_the_next_start() {
    let dir = tempfile::tempdir().unwrap();
    let first = blobs(dir.path()).await;
    drop(first.whole.begin().await.unwrap());
    assert_eq!(files_below(dir.path()), 1);
    blobs(dir.path()).await;
    assert_eq!(files_below(dir.path()), 0);
}

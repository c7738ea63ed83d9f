//! The index finds records and proves nothing: whoever writes into it makes the log refuse, not lie.

use assay_evidence::record::Predicate as _;

use super::*;
use crate::store::index::{IndexRow, Reach};

/// A record that somebody wrote into a data folder, with the row that finds it.
fn planted(dir: &Path, index: u64, record: &Envelope, key: &P256SigningKey) -> IndexRow {
    let entry = inspect(record, &key.public(), ORIGIN).unwrap().entry;
    let path = dir
        .join("public")
        .join(assay_evidence::tile::record_path(&entry.hash));
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(path, &entry.envelope).unwrap();
    entry.row(index)
}

/// Writes rows into the index of a log that nobody serves, and takes others out of it first.
async fn rewrite(dir: &Path, change: impl FnOnce(&mut Vec<IndexRow>)) {
    let index = Index::open(dir).await.unwrap();
    let reach: Reach = index.reach().await.unwrap().unwrap();
    let mut rows = Vec::new();
    for at in 0..reach.0 {
        rows.push(index.by_index(at).await.unwrap().unwrap());
    }
    index.close().await;
    remove_index(dir).await.unwrap();
    change(&mut rows);
    let index = Index::open(dir).await.unwrap();
    index.add(&rows, reach).await.unwrap();
    index.close().await;
}

/// A log of three records by one key, closed.
async fn three() -> (tempfile::TempDir, P256SigningKey, Vec<Envelope>) {
    let dir = tempfile::tempdir().unwrap();
    let key = signer();
    let log = made(dir.path()).await;
    let records = submissions(3, &key);
    for record in &records {
        log.append(record, &key.public()).await.unwrap();
    }
    log.close().await;
    (dir, key, records)
}

fn is_about(error: &LogError, index: u64) -> bool {
    matches!(error, LogError::Index(found) if *found == index)
}

#[tokio::test]
async fn a_planted_record_is_neither_served_nor_acknowledged() {
    let (dir, key, records) = three().await;
    let stranger = signer();
    let mine = submission("planted", ORIGIN, &stranger);
    let row = planted(dir.path(), 1, &mine, &stranger);
    let leaf = row.hash;
    rewrite(dir.path(), |rows| rows[1] = row).await;
    let log = open(dir.path()).await;
    let named = log.records_named(Submission::NAME, 0).await.unwrap_err();
    assert!(is_about(&named, 1), "{named}");
    let found = log.record(&leaf).await.unwrap_err();
    assert!(is_about(&found, 1), "{found}");
    let told = log.append(&mine, &stranger.public()).await.unwrap_err();
    assert!(is_about(&told, 1), "{told}");
    assert_eq!(log.record_at(2).await.unwrap().unwrap().place.index, 2);
    assert_eq!(
        log.append(&records[2], &key.public()).await.unwrap().index,
        2
    );
    log.close().await;
}

#[tokio::test]
async fn a_duplicate_is_not_believed_of_another_record() {
    let (dir, key, records) = three().await;
    let new = submission("new", ORIGIN, &key);
    let once = inspect(&new, &key.public(), ORIGIN).unwrap().entry.once;
    rewrite(dir.path(), |rows| rows[1].once = once).await;
    let log = open(dir.path()).await;
    let told = log.append(&new, &key.public()).await.unwrap_err();
    assert!(is_about(&told, 1), "{told}");
    assert_eq!(
        log.append(&records[0], &key.public()).await.unwrap().index,
        0
    );
    log.close().await;
}

#[tokio::test]
async fn a_record_is_not_shown_as_one_of_another_type() {
    let (dir, ..) = three().await;
    let name = RunIntent::NAME;
    rewrite(dir.path(), |rows| name.clone_into(&mut rows[2].name)).await;
    let log = open(dir.path()).await;
    let named = log.records_named(name, 0).await.unwrap_err();
    assert!(is_about(&named, 2), "{named}");
    log.close().await;
}

#[tokio::test]
async fn an_index_that_ends_before_its_log_or_behind_it_is_made_anew() {
    let (dir, key, _) = three().await;
    rewrite(dir.path(), |rows| drop(rows.pop())).await;
    let log = open(dir.path()).await;
    let count = async |log: &Log| log.records_named(Submission::NAME, 0).await.unwrap().len();
    assert_eq!(count(&log).await, 3);
    log.close().await;

    let next = submission("next", ORIGIN, &key);
    let row = planted(dir.path(), 3, &next, &key);
    rewrite(dir.path(), |rows| rows.push(row)).await;
    let log = open(dir.path()).await;
    assert_eq!(log.append(&next, &key.public()).await.unwrap().index, 3);
    assert_eq!(log.published().head.size, 4);
    assert_eq!(count(&log).await, 4);
    log.close().await;
}

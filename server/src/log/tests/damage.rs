//! One flipped bit: before the signature the batch is dropped, after it the file is named and not served.

use std::fs;

use assay_evidence::tile::record_path;
use bytes::Bytes;

use super::{plan::Moment, *};
use crate::log::files::{NewFile, Step};

/// What a faulty machine does to a staged batch.
type Damage = fn(&mut Vec<NewFile>, usize);

/// Lets a machine damage one staged batch; what the caller is told, and the log.
async fn damaged(
    dir: &Path,
    damage: impl Fn(&mut Vec<NewFile>) + Send + 'static,
) -> (LogError, Log) {
    let setup = setup(dir);
    let plan = setup.steps.plan.clone();
    let log = Log::open(setup).await.unwrap();
    log.settled().await.unwrap();
    let mut is_done = false;
    plan.set(move |moment, step, path| {
        let is_staged = path.parent().is_some_and(|dir| dir.ends_with("staging"));
        if moment == Moment::After && step == Step::Rename && is_staged && !is_done {
            is_done = true;
            let mut files = staged::decode(&fs::read(path)?.into()).unwrap();
            damage(&mut files);
            fs::remove_file(path)?;
            // With a digest that fits: the audit itself must find it.
            fs::write(path, staged::encode(&files))?;
        }
        Ok(())
    });
    let key = signer();
    let told = append_two(&log, &key).await;
    assert_eq!(told.len(), 2);
    let refusal = told.into_iter().next().unwrap().unwrap_err();
    (refusal, log)
}

async fn append_two(log: &Log, key: &P256SigningKey) -> Vec<Result<RecordRef, LogError>> {
    let key_of = key.public();
    let pair = [submission("x", ORIGIN, key), submission("y", ORIGIN, key)];
    let appends = pair.iter().map(|record| log.append(record, &key_of));
    futures_util::future::join_all(appends).await
}

/// A log of 255 records: the next two end a tile and begin another.
async fn ground() -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    let key = signer();
    let log = made(dir.path()).await;
    append_all(&log, &submissions(255, &key), &key).await;
    log.close().await;
    dir
}

/// The batch was dropped with an alarm, nothing was signed, and the next one goes through.
async fn check_dropped(log: &Log, refusal: &LogError, before: &Published, what: &str) {
    let LogError::Audit(found) = refusal else {
        panic!("{what}: {refusal}");
    };
    let status = log.status();
    assert_eq!(status.stored.head.size, 255, "{what}");
    assert_eq!(log.published(), *before, "{what}");
    let says = format!("a batch was dropped: {found} did not read back as written");
    assert_eq!(
        status
            .alarms
            .iter()
            .map(|alarm| &alarm.says)
            .collect::<Vec<_>>(),
        [&says]
    );
    let key = signer();
    for told in append_two(log, &key).await {
        told.unwrap();
    }
    assert_eq!(log.published().head.size, 257);
    log.close().await;
}

#[tokio::test]
async fn a_flipped_bit_in_any_staged_object_drops_the_batch() {
    let flip: Damage = |files, number| {
        let mut bytes = files[number].bytes.to_vec();
        let middle = bytes.len() / 2;
        bytes[middle] ^= 4;
        files[number].bytes = bytes.into();
    };
    let rename: Damage = |files, number| files[number].path.push('0');
    let lose: Damage = |files, number| drop(files.remove(number));
    let cut: Damage = |files, number| {
        let end = files[number].bytes.len() - 1;
        files[number].bytes.truncate(end);
    };
    let ground = ground().await;
    // Two records, two bundles, three tiles.
    for number in 0..7 {
        for (name, damage) in [
            ("flip", flip),
            ("rename", rename),
            ("lose", lose),
            ("cut", cut),
        ] {
            let dir = tempfile::tempdir().unwrap();
            copy_folder(ground.path(), dir.path());
            let before = open(dir.path()).await;
            let published = before.published();
            before.close().await;
            let (refusal, log) = damaged(dir.path(), move |files| {
                assert_eq!(files.len(), 7);
                damage(files, number);
            })
            .await;
            check_dropped(&log, &refusal, &published, &format!("{name} {number}")).await;
        }
    }
}

#[tokio::test]
async fn an_object_too_many_or_a_bit_under_the_digest_drops_the_batch() {
    let add = |files: &mut Vec<NewFile>| {
        files.push(NewFile {
            path: "tile/0/999".to_owned(),
            bytes: Bytes::from_static(b"more"),
        });
    };
    let ground = ground().await;
    let published = open(ground.path()).await.published();
    let (refusal, log) = damaged(ground.path(), add).await;
    assert!(
        matches!(&refusal, LogError::Audit(what) if what == "tile/0/999"),
        "{refusal}"
    );
    check_dropped(&log, &refusal, &published, "one more").await;
}

#[tokio::test]
async fn a_record_that_was_swapped_for_another_of_the_same_signer_drops_the_batch() {
    let swap = |files: &mut Vec<NewFile>| {
        let first = files[0].bytes.clone();
        files[0].bytes = files[1].bytes.clone();
        files[1].bytes = first;
    };
    let ground = ground().await;
    let published = open(ground.path()).await.published();
    let (refusal, log) = damaged(ground.path(), swap).await;
    check_dropped(&log, &refusal, &published, "swapped").await;
}

/// Flips a bit of a public file.
fn flip(dir: &Path, path: &str) {
    let file = dir.join("public").join(path);
    let mut bytes = fs::read(&file).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    fs::remove_file(&file).unwrap();
    fs::write(file, bytes).unwrap();
}

#[tokio::test]
async fn a_flipped_bit_at_the_right_edge_refuses_the_start_and_names_the_file() {
    let ground = ground().await;
    let log = open(ground.path()).await;
    for told in append_two(&log, &signer()).await {
        told.unwrap();
    }
    log.close().await;
    for path in ["tile/0/001.p/1", "tile/1/000.p/1", "tile/entries/001.p/1"] {
        let dir = tempfile::tempdir().unwrap();
        copy_folder(ground.path(), dir.path());
        flip(dir.path(), path);
        let refusal = Log::open(setup(dir.path())).await.unwrap_err();
        assert_eq!(
            refusal.to_string(),
            format!(
                "the log's file {path} is damaged: it does not fit the signed root; put it back from a mirror"
            )
        );
    }
    flip(ground.path(), "checkpoint");
    let refusal = Log::open(setup(ground.path())).await.unwrap_err();
    let is_checkpoint = matches!(
        refusal,
        LogError::Foreign {
            resource: "the public checkpoint",
            ..
        }
    );
    assert!(is_checkpoint, "{refusal}");
}

#[tokio::test]
async fn a_flipped_bit_further_left_refuses_every_read_and_names_the_file() {
    let ground = ground().await;
    let log = open(ground.path()).await;
    let mut leaves = Vec::new();
    for told in append_two(&log, &signer()).await {
        leaves.push(told.unwrap().leaf);
    }
    let record = record_path(&leaves[0]);
    log.close().await;
    let damaged = |error: LogError, path: &str| {
        assert!(
            matches!(&error, LogError::Damaged(found) if found == path),
            "{path}: {error}"
        );
    };
    for path in ["tile/0/000", "tile/entries/000", record.as_str()] {
        let dir = tempfile::tempdir().unwrap();
        copy_folder(ground.path(), dir.path());
        flip(dir.path(), path);
        let log = open(dir.path()).await;
        if path == record {
            damaged(log.record(&leaves[0]).await.unwrap_err(), path);
        } else {
            damaged(log.tile(path).await.unwrap_err(), path);
        }
        if path == "tile/0/000" {
            damaged(log.inclusion(3, 257).await.unwrap_err(), path);
            damaged(log.consistency(200, 257).await.unwrap_err(), path);
            damaged(log.tile("tile/entries/000").await.unwrap_err(), path);
        }
        log.close().await;
    }
}

#[tokio::test]
async fn a_file_that_was_removed_is_named() {
    let ground = ground().await;
    let log = open(ground.path()).await;
    let leaf = append_two(&log, &signer()).await.remove(0).unwrap().leaf;
    let tile = ground.path().join("public/tile/0/000");
    let bytes = fs::read(&tile).unwrap();
    fs::remove_file(&tile).unwrap();
    fs::remove_file(ground.path().join("public").join(record_path(&leaf))).unwrap();
    let missing = |error: LogError, path: &str| {
        assert!(
            matches!(&error, LogError::Missing(found) if found == path),
            "{error}"
        );
    };
    missing(log.inclusion(3, 257).await.unwrap_err(), "tile/0/000");
    missing(log.record(&leaf).await.unwrap_err(), "tile/0/000");
    fs::write(&tile, bytes).unwrap();
    missing(log.record(&leaf).await.unwrap_err(), &record_path(&leaf));
    log.close().await;
    fs::remove_file(ground.path().join("public/tile/entries/001.p/1")).unwrap();
    missing(
        Log::open(setup(ground.path())).await.unwrap_err(),
        "tile/entries/001.p/1",
    );
}

//! A start believes the lock store, finishes what a crash cut off, and refuses everything else by name.

use std::fs;

use assay_evidence::record::Predicate as _;

use super::*;

/// The sizes of a log at three moments.
const MOMENTS: [u64; 3] = [3, 7, 12];
/// Files of the lock store; the rest of a data folder is files of the log and the index.
const LOCK: [&str; 3] = ["log.db", "log.db-wal", "log.db-shm"];

/// One log, copied at three moments.
async fn backups(dir: &Path) -> Vec<PathBuf> {
    let now = dir.join("now");
    fs::create_dir(&now).unwrap();
    Log::create(&setup(&now)).await.unwrap();
    let key = signer();
    let records = submissions(12, &key);
    let mut copies = Vec::new();
    for size in MOMENTS {
        let log = open(&now).await;
        append_all(&log, &records[..size as usize], &key).await;
        assert_eq!(log.published().head.size, size);
        log.close().await;
        let copy = dir.join(format!("at {size}"));
        fs::create_dir(&copy).unwrap();
        copy_folder(&now, &copy);
        copies.push(copy);
    }
    copies
}

/// The lock store of one folder with the files of another.
fn mixed(lock: &Path, files: &Path, to: &Path) {
    fs::create_dir(to).unwrap();
    copy_folder(files, to);
    for name in LOCK {
        let _ = fs::remove_file(to.join(name));
        if lock.join(name).is_file() {
            fs::copy(lock.join(name), to.join(name)).unwrap();
        }
    }
}

#[tokio::test]
async fn every_mixture_of_three_backups_starts_whole_or_is_refused_by_name() {
    let dir = tempfile::tempdir().unwrap();
    let copies = backups(dir.path()).await;
    for (l, lock) in copies.iter().enumerate() {
        for (f, files) in copies.iter().enumerate() {
            let to = dir.path().join(format!("{l} with {f}"));
            mixed(lock, files, &to);
            let (stored, public) = (MOMENTS[l], MOMENTS[f]);
            if l == f {
                assert_eq!(open(&to).await.published().head.size, stored);
                continue;
            }
            let checkpoint = fs::read(to.join("public/checkpoint")).unwrap();
            let refusal = Log::open(setup(&to)).await.unwrap_err().to_string();
            let expected = if l < f {
                format!(
                    "log.db ends at {stored}, but a checkpoint of {public} records is public: log.db was \
                     restored from a backup; put back the newest log.db, or make a new station under a new \
                     origin"
                )
            } else {
                format!(
                    "the log's file tile/0/000.p/{stored} is missing: the public folder is older than \
                     log.db or a file was removed; put it back from a mirror"
                )
            };
            assert_eq!(refusal, expected);
            // A refused start shows nobody anything new.
            assert_eq!(fs::read(to.join("public/checkpoint")).unwrap(), checkpoint);
        }
    }
}

#[tokio::test]
async fn an_index_of_another_moment_or_none_is_made_anew() {
    let dir = tempfile::tempdir().unwrap();
    let copies = backups(dir.path()).await;
    for index in [Some(&copies[0]), Some(&copies[2]), None] {
        let to = dir.path().join("again");
        mixed(&copies[1], &copies[1], &to);
        for end in ["", "-wal", "-shm"] {
            let name = format!("index.db{end}");
            let _ = fs::remove_file(to.join(&name));
            if let Some(from) = index
                && from.join(&name).is_file()
            {
                fs::copy(from.join(&name), to.join(&name)).unwrap();
            }
        }
        let log = open(&to).await;
        let records = log.records_named(Submission::NAME, 0).await.unwrap();
        assert_eq!(records.len(), 7);
        log.close().await;
        fs::remove_dir_all(to).unwrap();
    }
    let to = dir.path().join("garbage");
    mixed(&copies[1], &copies[1], &to);
    fs::write(to.join("index.db"), b"no database").unwrap();
    let log = open(&to).await;
    assert_eq!(
        log.records_named(Submission::NAME, 5).await.unwrap().len(),
        2
    );
}

#[tokio::test]
async fn a_rebuilt_index_finds_duplicates_and_closings_again() {
    let dir = tempfile::tempdir().unwrap();
    let key = signer();
    let log = made(dir.path()).await;
    let record = submission("a", ORIGIN, &key);
    let first = log.append(&record, &key.public()).await.unwrap();
    let announce = intent(log.published().head, &key);
    let announced = log.append(&announce, &key.public()).await.unwrap();
    let lost = abort(&announced, AbortReason::KeeperLost, &key);
    let closed = log.append(&lost, &key.public()).await.unwrap();
    log.close().await;
    fs::remove_file(dir.path().join("index.db")).unwrap();
    let log = open(dir.path()).await;
    assert_eq!(log.append(&record, &key.public()).await.unwrap(), first);
    let closing = log.closing(announced.index).await.unwrap().unwrap();
    assert_eq!(closing.place.of(ORIGIN), closed);
    let second = abort(&announced, AbortReason::Operator, &key);
    let refusal = log.append(&second, &key.public()).await.unwrap_err();
    assert!(
        matches!(refusal, LogError::NotOpen { intent: 1 }),
        "{refusal}"
    );
}

#[tokio::test]
async fn two_histories_of_one_key_are_a_fork() {
    let dir = tempfile::tempdir().unwrap();
    let (ours, theirs) = (dir.path().join("ours"), dir.path().join("theirs"));
    let key = signer();
    for (path, name) in [(&ours, "a"), (&theirs, "b")] {
        fs::create_dir(path).unwrap();
        let log = made(path).await;
        log.append(&submission(name, ORIGIN, &key), &key.public())
            .await
            .unwrap();
        log.close().await;
    }
    let same_size = dir.path().join("same size");
    mixed(&ours, &theirs, &same_size);
    let refusal = Log::open(setup(&same_size)).await.unwrap_err();
    assert!(
        matches!(refusal, LogError::Fork { size: 1, .. }),
        "{refusal}"
    );
    // The same below the stored size: only the tree can tell.
    let log = open(&ours).await;
    log.append(&submission("c", ORIGIN, &key), &key.public())
        .await
        .unwrap();
    log.close().await;
    fs::remove_file(ours.join("public/checkpoint")).unwrap();
    fs::copy(
        theirs.join("public/checkpoint"),
        ours.join("public/checkpoint"),
    )
    .unwrap();
    forget_published(&ours).await;
    let refusal = Log::open(setup(&ours)).await.unwrap_err();
    assert!(
        matches!(refusal, LogError::Fork { size: 1, .. }),
        "{refusal}"
    );
}

/// A lock store that was not told of what became public.
async fn forget_published(dir: &Path) {
    use sqlx::Connection as _;
    let url = format!("sqlite://{}", dir.join("log.db").display());
    let mut connection = sqlx::SqliteConnection::connect(&url).await.unwrap();
    let forget = sqlx::query("DELETE FROM published");
    forget.execute(&mut connection).await.unwrap();
    connection.close().await.unwrap();
}

#[tokio::test]
async fn a_checkpoint_that_was_removed_comes_back_with_its_bytes() {
    let dir = tempfile::tempdir().unwrap();
    let key = signer();
    let log = made(dir.path()).await;
    append_all(&log, &submissions(3, &key), &key).await;
    log.close().await;
    let file = dir.path().join("public/checkpoint");
    let before = fs::read(&file).unwrap();
    fs::remove_file(&file).unwrap();
    let log = open(dir.path()).await;
    assert_eq!(fs::read(&file).unwrap(), before);
    assert_eq!(log.checkpoint().unwrap().as_bytes(), before);
}

#[tokio::test]
async fn a_log_under_another_key_or_name_does_not_open() {
    let dir = tempfile::tempdir().unwrap();
    made(dir.path()).await.close().await;
    let other_key = Setup {
        signers: Ed25519SigningKey::from_seed([8; 32]).into(),
        ..setup(dir.path())
    };
    let other_name = Setup {
        origin: "log.other.test".to_owned(),
        ..setup(dir.path())
    };
    for setup in [other_key, other_name] {
        let refusal = Log::open(setup).await.unwrap_err();
        let is_lock = matches!(
            refusal,
            LogError::Foreign {
                resource: "log.db",
                ..
            }
        );
        assert!(is_lock, "{refusal}");
    }
}

#[tokio::test]
async fn a_log_goes_on_under_two_keys_and_then_under_the_new_one() {
    let dir = tempfile::tempdir().unwrap();
    let key = signer();
    made(dir.path()).await.close().await;
    let new = || Ed25519SigningKey::from_seed([8; 32]);
    let both = Setup {
        signers: LogSigners::new(new(), vec![log_key()]),
        ..setup(dir.path())
    };
    let log = Log::open(both).await.unwrap();
    log.append(&submission("a", ORIGIN, &key), &key.public())
        .await
        .unwrap();
    let note = log.checkpoint().unwrap();
    for signing in [new(), log_key()] {
        let vkey = VerifierKey::new(ORIGIN, signing.public()).unwrap();
        assert_eq!(Checkpoint::open(&note, &vkey).unwrap().size, 1);
    }
    log.close().await;
    let turned = Setup {
        signers: new().into(),
        ..setup(dir.path())
    };
    let log = Log::open(turned).await.unwrap();
    let next = log
        .append(&submission("b", ORIGIN, &key), &key.public())
        .await;
    assert_eq!(next.unwrap().index, 1);
}

#[tokio::test]
async fn nothing_is_made_where_nothing_was_asked_for() {
    let dir = tempfile::tempdir().unwrap();
    let refusal = Log::open(setup(dir.path())).await.unwrap_err();
    assert!(matches!(refusal, LogError::NoLog(_)), "{refusal}");
    assert!(!dir.path().join("log.db").exists());
    made(dir.path()).await.close().await;
    let refusal = Log::create(&setup(dir.path())).await.unwrap_err();
    assert!(matches!(refusal, LogError::Exists(_)), "{refusal}");
    // Without its lock store a log cannot know what it has signed.
    for name in LOCK {
        let _ = fs::remove_file(dir.path().join(name));
    }
    let refusal = Log::open(setup(dir.path())).await.unwrap_err();
    assert!(matches!(refusal, LogError::NoLog(_)), "{refusal}");
    let refusal = Log::create(&setup(dir.path())).await.unwrap_err();
    assert!(matches!(refusal, LogError::Exists(_)), "{refusal}");
}

#[tokio::test]
async fn a_clock_behind_the_last_batch_refuses_the_start() {
    let dir = tempfile::tempdir().unwrap();
    made(dir.path()).await.close().await;
    let early = Setup {
        clock: Clock::wound(Millis(1_799_999_999_000)),
        ..setup(dir.path())
    };
    assert_eq!(
        Log::open(early).await.unwrap_err().to_string(),
        "the clock says 2027-01-15T07:59:59Z, but the last batch was written at 2027-01-15T08:00:00Z; \
         set the clock right, then start again"
    );
}

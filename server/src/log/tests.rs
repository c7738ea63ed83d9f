//! What the log promises: one head, proofs that hold, one closing per intent, and nothing silent.

mod crash;
mod damage;
mod faults;
mod index;
mod objects;
pub(crate) mod plan;
mod publication;
mod start;

use std::collections::BTreeMap;

use assay_evidence::{
    digest::Hasher,
    keys::{Ed25519SigningKey, P256SigningKey},
    leaf,
    record::{
        AbortReason, GraderRef, Lane, Limits, RunAbort, RunIntent, Runtime, Sha256Ref, Submission,
        SubmissionKind,
    },
    statement::{Subject, sign_record},
    tile::FULL,
    tree::{verify_consistency, verify_inclusion},
};

use super::*;
use crate::clock::Millis;

const ORIGIN: &str = "log.station.test";

fn log_key() -> Ed25519SigningKey {
    Ed25519SigningKey::from_seed([7; 32])
}

fn signer() -> P256SigningKey {
    P256SigningKey::from_pkcs8(&P256SigningKey::generate_pkcs8()).unwrap()
}

fn submission(name: &str, station: &str, key: &P256SigningKey) -> Envelope {
    let adapter = Digest::of(name.as_bytes());
    let record = Submission {
        adapter: Sha256Ref { sha256: adapter },
        declared: "2026-11-21T00:00:00Z".to_owned(),
        declares: BTreeMap::new(),
        kind: SubmissionKind::Wasm,
        name: name.to_owned(),
        on_behalf: true,
        replaces: None,
        station: station.to_owned(),
        submitter: key.public().key_id(),
    };
    sign_record(key, &[Subject::new("adapter", adapter)], &record)
}

fn some(digest: &[u8]) -> RecordRef {
    RecordRef {
        index: 0,
        leaf: Digest::of(digest),
        origin: ORIGIN.to_owned(),
    }
}

fn intent(before: Head, key: &P256SigningKey) -> Envelope {
    let adapter = Digest::of(b"adapter");
    let record = RunIntent {
        adapter: Sha256Ref { sha256: adapter },
        before,
        close_by: "2026-11-21T01:00:00Z".to_owned(),
        commitment: some(b"commitment"),
        declared: "2026-11-21T00:00:00Z".to_owned(),
        evidence: some(b"evidence"),
        grader: GraderRef {
            name: "grader".to_owned(),
            sha256: adapter,
            version: "1".to_owned(),
        },
        limits: Limits {
            fuel_per_item: "1".to_owned(),
            memory_bytes: 1,
            output_bytes: 1,
            wall_ms_per_item: 1,
        },
        nonce: Hasher::new().update(b"nonce").finish(),
        runtime: Runtime {
            config_sha256: adapter,
            lane: Lane::Sealed,
            name: "engine".to_owned(),
            target: "target".to_owned(),
            version: "1".to_owned(),
        },
        station: ORIGIN.to_owned(),
        submission: some(b"submission"),
    };
    sign_record(key, &[Subject::new("adapter", adapter)], &record)
}

fn abort(intent: &RecordRef, reason: AbortReason, key: &P256SigningKey) -> Envelope {
    let record = RunAbort {
        answered: 0,
        declared: "2026-11-21T00:00:00Z".to_owned(),
        intent: intent.clone(),
        nonce: Digest::of(b"nonce"),
        reason,
        station: ORIGIN.to_owned(),
    };
    sign_record(
        key,
        &[Subject::new("adapter", Digest::of(b"adapter"))],
        &record,
    )
}

fn clock() -> Clock {
    Clock::wound(Millis(1_800_000_000_000))
}

fn setup(dir: &Path) -> Setup {
    let mut setup = Setup::in_folder(dir, ORIGIN, log_key(), clock()).unwrap();
    setup.batch = Duration::from_millis(1);
    setup
}

async fn open(dir: &Path) -> Log {
    let log = Log::open(setup(dir)).await.unwrap();
    log.settled().await.unwrap();
    log
}

async fn made(dir: &Path) -> Log {
    Log::create(&setup(dir)).await.unwrap();
    open(dir).await
}

/// Appends some records at the same time.
async fn append_all(log: &Log, records: &[Envelope], key: &P256SigningKey) -> Vec<RecordRef> {
    let key = key.public();
    let appends = records.iter().map(|record| log.append(record, &key));
    futures_util::future::try_join_all(appends).await.unwrap()
}

fn submissions(count: u64, key: &P256SigningKey) -> Vec<Envelope> {
    let name = |n| format!("system {n}");
    (0..count)
        .map(|n| submission(&name(n), ORIGIN, key))
        .collect()
}

#[tokio::test]
async fn an_appended_record_is_in_the_published_checkpoint_and_proves() {
    let dir = tempfile::tempdir().unwrap();
    let log = made(dir.path()).await;
    let key = signer();
    let mut heads = vec![log.published().head];
    for record in submissions(5, &key) {
        let reference = log.append(&record, &key.public()).await.unwrap();
        let Head { size, root, .. } = log.published().head;
        assert_eq!(size, reference.index + 1);
        let record = log.record(&reference.leaf).await.unwrap().unwrap();
        let path = log.prove(&record, size).await.unwrap().path;
        verify_inclusion(reference.index, size, &reference.leaf, &root, &path).unwrap();
        for old in &heads {
            let proof = log.consistency(old.size, size).await.unwrap();
            verify_consistency(old.size, size, &old.root, &root, &proof).unwrap();
            assert_eq!(log.root_at(old.size).await.unwrap(), old.root);
        }
        heads.push(log.published().head);
    }
    let vkey = VerifierKey::new(ORIGIN, log_key().public()).unwrap();
    let opened = Checkpoint::open(&log.checkpoint().unwrap(), &vkey).unwrap();
    assert_eq!(opened.size, 5);
}

#[tokio::test]
async fn what_is_appended_together_is_logged_in_one_batch_with_six_syncs() {
    let dir = tempfile::tempdir().unwrap();
    let log = made(dir.path()).await;
    let key = signer();
    let before = log.syncs();
    let records = submissions(300, &key);
    let mut appends: Vec<_> = append_all(&log, &records, &key).await;
    assert_eq!(log.syncs() - before, 6);
    appends.sort_by_key(|reference| reference.index);
    let indices: Vec<u64> = appends.iter().map(|reference| reference.index).collect();
    assert_eq!(indices, (0..300).collect::<Vec<_>>());
    assert_eq!(log.status().waiting, 0);
}

#[tokio::test]
async fn the_same_statement_is_logged_once_even_under_a_fresh_signature() {
    let dir = tempfile::tempdir().unwrap();
    let log = made(dir.path()).await;
    let key = signer();
    let first = submission("a", ORIGIN, &key);
    let again = submission("a", ORIGIN, &key);
    assert_ne!(first.to_bytes(), again.to_bytes());
    let reference = log.append(&first, &key.public()).await.unwrap();
    assert_eq!(log.append(&again, &key.public()).await.unwrap(), reference);
    assert_eq!(log.published().head.size, 1);
    let pair = [submission("b", ORIGIN, &key), submission("b", ORIGIN, &key)];
    let both = append_all(&log, &pair, &key).await;
    assert_eq!(both[0], both[1]);
    assert_eq!(log.published().head.size, 2);
}

#[tokio::test]
async fn a_record_under_another_key_is_refused_and_not_logged() {
    let dir = tempfile::tempdir().unwrap();
    let log = made(dir.path()).await;
    let refusal = log
        .append(&submission("a", ORIGIN, &signer()), &signer().public())
        .await
        .unwrap_err();
    assert!(matches!(refusal, LogError::BadRecord(_)), "{refusal}");
    assert_eq!(log.published().head.size, 0);
}

#[tokio::test]
async fn a_record_of_another_station_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    let log = made(dir.path()).await;
    let key = signer();
    let foreign = submission("a", "log.other.test", &key);
    let refusal = log.append(&foreign, &key.public()).await.unwrap_err();
    assert_eq!(
        refusal.to_string(),
        "the record is for the log log.other.test, this is log.station.test; it was not logged"
    );
}

#[tokio::test]
async fn an_intent_is_closed_exactly_once() {
    let dir = tempfile::tempdir().unwrap();
    let log = made(dir.path()).await;
    let key = signer();
    let before = log.published().head;
    let announced = log.append(&intent(before, &key), &key.public()).await;
    let announced = announced.unwrap();
    assert_eq!(log.open_intents().await.unwrap().len(), 1);
    // Both in one batch: the first one closes the intent.
    let lost = abort(&announced, AbortReason::KeeperLost, &key);
    let second = abort(&announced, AbortReason::Operator, &key);
    let public = key.public();
    let (closed, refused) = tokio::join!(log.append(&lost, &public), log.append(&second, &public));
    let closed = closed.unwrap();
    assert!(
        matches!(refused, Err(LogError::NotOpen { intent: 0 })),
        "{refused:?}"
    );
    assert_eq!(log.open_intents().await.unwrap().len(), 0);
    assert_eq!(log.append(&lost, &key.public()).await.unwrap(), closed);
    let refusal = log.append(&second, &key.public()).await.unwrap_err();
    assert!(
        matches!(refusal, LogError::NotOpen { intent: 0 }),
        "{refusal}"
    );
    let closing = log.closing(0).await.unwrap().unwrap();
    assert_eq!(closing.place.index, closed.index);
}

#[tokio::test]
async fn what_closes_an_unknown_intent_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    let log = made(dir.path()).await;
    let key = signer();
    let stray = abort(&some(b"nowhere"), AbortReason::KeeperLost, &key);
    let refusal = log.append(&stray, &key.public()).await.unwrap_err();
    assert!(
        matches!(refusal, LogError::NotOpen { intent: 0 }),
        "{refusal}"
    );
}

#[tokio::test]
async fn a_reopened_log_has_the_same_head_and_goes_on() {
    let dir = tempfile::tempdir().unwrap();
    let key = signer();
    let log = made(dir.path()).await;
    append_all(&log, &submissions(300, &key), &key).await;
    let published = log.published();
    log.close().await;
    let log = open(dir.path()).await;
    assert_eq!(log.published(), published);
    let next = submission("next", ORIGIN, &key);
    assert_eq!(log.append(&next, &key.public()).await.unwrap().index, 300);
    assert_eq!(log.root_at(300).await.unwrap(), published.head.root);
}

#[tokio::test]
async fn tiles_and_entries_are_those_that_the_checkpoint_implies() {
    let dir = tempfile::tempdir().unwrap();
    let key = signer();
    let log = made(dir.path()).await;
    let size = u64::from(FULL) + 3;
    let mut leaves = append_all(&log, &submissions(size, &key), &key).await;
    leaves.sort_by_key(|reference| reference.index);
    let full = log.tile("tile/0/000").await.unwrap().unwrap();
    let expected: Vec<u8> = leaves[..256].iter().flat_map(|at| at.leaf.0).collect();
    assert_eq!(full, expected);
    assert_eq!(log.tile("tile/0/001.p/3").await.unwrap().unwrap().len(), 96);
    assert_eq!(
        log.tile("tile/1/000.p/1").await.unwrap().unwrap(),
        log.root_at(256).await.unwrap().as_bytes()
    );
    let bundle = log.tile("tile/entries/001.p/3").await.unwrap().unwrap();
    let length = usize::from(u16::from_be_bytes([bundle[0], bundle[1]]));
    assert_eq!(leaf::hash(&bundle[2..2 + length]), leaves[256].leaf);
    // Partial tiles of full ones are cut from those.
    assert_eq!(
        log.tile("tile/0/000.p/7").await.unwrap().unwrap(),
        full[..224]
    );
    for absent in [
        "tile/0/001",
        "tile/0/001.p/4",
        "tile/1/000.p/2",
        "tile/0/002.p/1",
        "tile/entries/001.p/4",
        "tile/2/000.p/1",
        "tile/0/1",
    ] {
        assert_eq!(log.tile(absent).await.unwrap(), None, "{absent}");
    }
}

#[tokio::test]
async fn a_static_web_server_would_serve_the_same_bytes() {
    let dir = tempfile::tempdir().unwrap();
    let key = signer();
    let log = made(dir.path()).await;
    let leaf = append_all(&log, &submissions(258, &key), &key).await[0].leaf;
    let file = |path: &str| std::fs::read(dir.path().join("public").join(path)).unwrap();
    for path in [
        "tile/0/000",
        "tile/0/001.p/2",
        "tile/1/000.p/1",
        "tile/entries/000",
        "tile/entries/001.p/2",
    ] {
        assert_eq!(log.tile(path).await.unwrap().unwrap(), file(path), "{path}");
    }
    assert_eq!(file("checkpoint"), log.checkpoint().unwrap().as_bytes());
    let record = log.record(&leaf).await.unwrap().unwrap();
    assert_eq!(
        file(&assay_evidence::tile::record_path(&leaf)),
        record.bytes
    );
}

fn copy_folder(from: &Path, to: &Path) {
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let to = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            std::fs::create_dir(&to).unwrap();
            copy_folder(&entry.path(), &to);
        } else {
            std::fs::copy(entry.path(), to).unwrap();
        }
    }
}

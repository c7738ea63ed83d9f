//! What the log promises: one head, proofs that hold, one closing per intent, and nothing silent.

use std::collections::BTreeMap;

use assay_evidence::{
    digest::Hasher,
    keys::P256SigningKey,
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

async fn open(dir: &Path) -> Log {
    Log::open(dir, ORIGIN, log_key()).await.unwrap()
}

async fn sql(dir: &Path, statement: &'static str) {
    use sqlx::Connection as _;
    let url = format!("sqlite://{}", dir.join("log.db").display());
    let mut connection = sqlx::SqliteConnection::connect(&url).await.unwrap();
    sqlx::query(statement)
        .execute(&mut connection)
        .await
        .unwrap();
    connection.close().await.unwrap();
}

#[tokio::test]
async fn an_appended_record_is_in_the_published_checkpoint_and_proves() {
    let dir = tempfile::tempdir().unwrap();
    let log = open(dir.path()).await;
    let key = signer();
    let mut heads = vec![log.published().head];
    for name in ["a", "b", "c", "d", "e"] {
        let reference = log
            .append(&submission(name, ORIGIN, &key), &key.public())
            .await
            .unwrap();
        let published = log.published();
        assert_eq!(published.head.size, reference.index + 1);
        let record = log.record(&reference.leaf).await.unwrap().unwrap();
        let path = log.prove(&record, published.head.size).unwrap().path;
        verify_inclusion(
            reference.index,
            published.head.size,
            &reference.leaf,
            &published.head.root,
            &path,
        )
        .unwrap();
        for old in &heads {
            let proof = log.consistency(old.size, published.head.size);
            verify_consistency(
                old.size,
                published.head.size,
                &old.root,
                &published.head.root,
                &proof,
            )
            .unwrap();
            assert_eq!(log.root_at(old.size), old.root);
        }
        heads.push(published.head);
    }
    let vkey = VerifierKey::new(ORIGIN, log_key().public()).unwrap();
    let opened = Checkpoint::open(&log.published().note, &vkey).unwrap();
    assert_eq!(opened.size, 5);
}

#[tokio::test]
async fn the_same_statement_is_logged_once_even_under_a_fresh_signature() {
    let dir = tempfile::tempdir().unwrap();
    let log = open(dir.path()).await;
    let key = signer();
    let first = submission("a", ORIGIN, &key);
    let again = submission("a", ORIGIN, &key);
    assert_ne!(first.to_bytes(), again.to_bytes());
    let reference = log.append(&first, &key.public()).await.unwrap();
    assert_eq!(log.append(&again, &key.public()).await.unwrap(), reference);
    assert_eq!(log.published().head.size, 1);
}

#[tokio::test]
async fn a_record_under_another_key_is_refused_and_not_logged() {
    let dir = tempfile::tempdir().unwrap();
    let log = open(dir.path()).await;
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
    let log = open(dir.path()).await;
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
    let log = open(dir.path()).await;
    let key = signer();
    let announced = log
        .append(&intent(log.published().head, &key), &key.public())
        .await
        .unwrap();
    assert_eq!(log.open_intents().await.unwrap().len(), 1);
    let lost = abort(&announced, AbortReason::KeeperLost, &key);
    let closed = log.append(&lost, &key.public()).await.unwrap();
    assert_eq!(log.open_intents().await.unwrap().len(), 0);
    assert_eq!(log.append(&lost, &key.public()).await.unwrap(), closed);
    let second = abort(&announced, AbortReason::Operator, &key);
    let refusal = log.append(&second, &key.public()).await.unwrap_err();
    assert!(
        matches!(refusal, LogError::NotOpen { intent: 0 }),
        "{refusal}"
    );
    assert_eq!(
        log.closing(0).await.unwrap().unwrap().place.index,
        closed.index
    );
}

#[tokio::test]
async fn what_closes_an_unknown_intent_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    let log = open(dir.path()).await;
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
    let log = open(dir.path()).await;
    log.append(&submission("a", ORIGIN, &key), &key.public())
        .await
        .unwrap();
    let published = log.published();
    log.close().await;
    let log = open(dir.path()).await;
    assert_eq!(log.published(), published);
    let next = log
        .append(&submission("b", ORIGIN, &key), &key.public())
        .await
        .unwrap();
    assert_eq!(next.index, 1);
}

#[tokio::test]
async fn a_log_whose_leaves_changed_does_not_open() {
    let dir = tempfile::tempdir().unwrap();
    let key = signer();
    let log = open(dir.path()).await;
    log.append(&submission("a", ORIGIN, &key), &key.public())
        .await
        .unwrap();
    log.close().await;
    sql(dir.path(), "UPDATE leaf SET hash = zeroblob(32)").await;
    let refusal = Log::open(dir.path(), ORIGIN, log_key()).await.unwrap_err();
    assert!(
        matches!(refusal, LogError::HeadMismatch { size: 1, .. }),
        "{refusal}"
    );
}

#[tokio::test]
async fn a_log_that_lost_a_leaf_does_not_open() {
    let dir = tempfile::tempdir().unwrap();
    let key = signer();
    let log = open(dir.path()).await;
    log.append(&submission("a", ORIGIN, &key), &key.public())
        .await
        .unwrap();
    log.close().await;
    sql(dir.path(), "DELETE FROM leaf").await;
    let refusal = Log::open(dir.path(), ORIGIN, log_key()).await.unwrap_err();
    assert!(
        matches!(
            refusal,
            LogError::SizeMismatch {
                found: 0,
                signed: 1
            }
        ),
        "{refusal}"
    );
}

#[tokio::test]
async fn a_log_under_another_key_or_name_does_not_open() {
    let dir = tempfile::tempdir().unwrap();
    open(dir.path()).await.close().await;
    let other_key = Ed25519SigningKey::from_seed([8; 32]);
    let refusal = Log::open(dir.path(), ORIGIN, other_key).await.unwrap_err();
    assert!(matches!(refusal, LogError::ForeignHead(_)), "{refusal}");
    let refusal = Log::open(dir.path(), "log.other.test", log_key())
        .await
        .unwrap_err();
    assert!(matches!(refusal, LogError::ForeignHead(_)), "{refusal}");
}

#[tokio::test]
async fn a_write_that_failed_stops_the_log_and_shows_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let key = signer();
    let log = open(dir.path()).await;
    log.append(&submission("a", ORIGIN, &key), &key.public())
        .await
        .unwrap();
    let before = log.published();
    sql(dir.path(), "DROP TABLE head").await;
    let refusal = log
        .append(&submission("b", ORIGIN, &key), &key.public())
        .await
        .unwrap_err();
    assert!(matches!(refusal, LogError::Stopped), "{refusal}");
    assert_eq!(log.published(), before);
    assert_eq!(log.tile("tile/0/000.p/2").await.unwrap(), None);
    let refusal = log
        .append(&submission("c", ORIGIN, &key), &key.public())
        .await
        .unwrap_err();
    assert!(matches!(refusal, LogError::Stopped), "{refusal}");
}

#[tokio::test]
async fn tiles_and_entries_are_those_that_the_checkpoint_implies() {
    let dir = tempfile::tempdir().unwrap();
    let key = signer();
    let log = open(dir.path()).await;
    let size = u64::from(FULL) + 3;
    let mut leaves = Vec::new();
    for n in 0..size {
        let record = submission(&format!("system {n}"), ORIGIN, &key);
        leaves.push(log.append(&record, &key.public()).await.unwrap().leaf);
    }
    let full = log.tile("tile/0/000").await.unwrap().unwrap();
    let expected: Vec<u8> = leaves[..256]
        .iter()
        .flat_map(|leaf| *leaf.as_bytes())
        .collect();
    assert_eq!(full, expected);
    assert_eq!(log.tile("tile/0/001.p/3").await.unwrap().unwrap().len(), 96);
    assert_eq!(
        log.tile("tile/1/000.p/1").await.unwrap().unwrap(),
        log.root_at(256).as_bytes()
    );
    let bundle = log.tile("tile/entries/001.p/3").await.unwrap().unwrap();
    let length = usize::from(u16::from_be_bytes([bundle[0], bundle[1]]));
    assert_eq!(leaf::hash(&bundle[2..2 + length]), leaves[256]);
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

//! Heads become public with their quorum, the newest first, and batches wait for nobody.

use std::sync::Mutex;

use futures_util::{FutureExt as _, future::BoxFuture};
use tokio::sync::Semaphore;

use super::*;

/// Witnesses that answer when the test lets them, and what they were offered.
#[derive(Debug)]
struct Witnesses {
    answers: Semaphore,
    offers: Mutex<Vec<u64>>,
    line: Option<&'static str>,
}

impl Witnesses {
    fn with(line: Option<&'static str>) -> Arc<Self> {
        Arc::new(Self {
            answers: Semaphore::new(0),
            offers: Mutex::default(),
            line,
        })
    }
}

impl Cosign for Witnesses {
    fn cosign<'a>(&'a self, offer: Offer<'a>) -> BoxFuture<'a, Option<String>> {
        async move {
            self.offers.lock().unwrap().push(offer.size);
            self.answers.acquire().await.unwrap().forget();
            self.line.map(|line| format!("{}{line}", offer.note))
        }
        .boxed()
    }
}

async fn witnessed(dir: &Path, witnesses: &Arc<Witnesses>) -> Log {
    let setup = Setup {
        cosign: Arc::clone(witnesses) as Arc<dyn Cosign>,
        ..setup(dir)
    };
    Log::create(&setup).await.unwrap();
    Log::open(setup).await.unwrap()
}

/// Waits until a head of this size is stored, whatever is public.
async fn stored(log: &Log, size: u64) {
    let mut stored = log.shared.stored.subscribe();
    stored.wait_for(|stored| *stored >= size).await.unwrap();
}

const LINE: &str = "\u{2014} witness.example AAAAAQAAAAE=\n";

#[tokio::test]
async fn slow_witnesses_hold_up_no_batch_and_only_the_newest_head_is_offered() {
    let dir = tempfile::tempdir().unwrap();
    let witnesses = Witnesses::with(Some(LINE));
    let log = witnessed(dir.path(), &witnesses).await;
    let key = signer();
    let mut waiting = Vec::new();
    for (n, record) in (1..).zip(submissions(3, &key)) {
        let (same, public) = (log.clone(), key.public());
        waiting.push(tokio::spawn(
            async move { same.append(&record, &public).await },
        ));
        stored(&log, n).await;
    }
    assert_eq!(log.checkpoint(), None);
    assert_eq!(log.status().waiting, 3);
    assert_eq!(log.status().published, None);
    witnesses.answers.add_permits(2);
    for append in waiting {
        append.await.unwrap().unwrap();
    }
    let offers = witnesses.offers.lock().unwrap().clone();
    assert_eq!(offers.last(), Some(&3));
    assert!(offers.len() <= 2, "{offers:?}");
    let note = log.checkpoint().unwrap();
    assert!(note.ends_with(LINE), "{note}");
    assert_eq!(log.status().published.unwrap().head.size, 3);
    log.close().await;
    let kept = std::fs::read_to_string(dir.path().join("public/checkpoint")).unwrap();
    assert_eq!(*kept, *note);
    assert_eq!(open(dir.path()).await.checkpoint(), Some(note));
}

#[tokio::test]
async fn a_head_without_its_quorum_is_not_published_and_nobody_is_told_of_it() {
    let dir = tempfile::tempdir().unwrap();
    let witnesses = Witnesses::with(None);
    witnesses.answers.add_permits(1);
    let log = witnessed(dir.path(), &witnesses).await;
    let key = signer();
    let (public, record) = (key.public(), submission("a", ORIGIN, &key));
    let mut append = Box::pin(log.append(&record, &public));
    assert!(futures_util::poll!(&mut append).is_pending());
    stored(&log, 1).await;
    assert!(futures_util::poll!(&mut append).is_pending());
    let status = log.status();
    assert_eq!((status.stored.head.size, status.published), (1, None));
    assert!(!dir.path().join("public/checkpoint").exists());
    let leaf = leaf::hash(&leaf::data(&record, &public).unwrap());
    assert!(log.record(&leaf).await.unwrap().is_none());
    assert_eq!(log.tile("tile/0/000.p/1").await.unwrap(), None);
    log.close().await;
    let refusal = append.await.unwrap_err();
    assert_eq!(
        refusal.to_string(),
        "the log has stopped: it is being closed; then start the station again"
    );
    // The record is stored all the same; its publication comes with the next quorum.
    let log = open(dir.path()).await;
    assert_eq!(log.append(&record, &public).await.unwrap().index, 0);
    assert_eq!(log.published().head.size, 1);
}

#[tokio::test]
async fn a_cosigned_note_that_is_another_one_is_not_published() {
    let dir = tempfile::tempdir().unwrap();
    let witnesses = Witnesses::with(Some("no line"));
    witnesses.answers.add_permits(1);
    let log = witnessed(dir.path(), &witnesses).await;
    let mut alarms = log.shared.alarms.subscribe();
    alarms.wait_for(|alarms| !alarms.is_empty()).await.unwrap();
    assert_eq!(log.checkpoint(), None);
    let alarms = log.status().alarms;
    assert_eq!(
        alarms[0].says,
        "the cosigned note of 0 records is wrong: checkpoint: note is not a text, an empty line and \
         signature lines, each ending in a line feed"
    );
}

#[tokio::test]
async fn a_witness_gets_the_step_from_what_it_has_seen() {
    #[derive(Debug)]
    struct Remembers(Mutex<Vec<(u64, Digest)>>);
    impl Cosign for Remembers {
        fn cosign<'a>(&'a self, offer: Offer<'a>) -> BoxFuture<'a, Option<String>> {
            async move {
                let seen = self.0.lock().unwrap().clone();
                for (old, root) in seen {
                    let proof = offer.consistency(old).await.unwrap();
                    verify_consistency(old, offer.size, &root, &offer.root, &proof).unwrap();
                }
                self.0.lock().unwrap().push((offer.size, offer.root));
                Some(offer.note.to_owned())
            }
            .boxed()
        }
    }
    let dir = tempfile::tempdir().unwrap();
    let setup = Setup {
        cosign: Arc::new(Remembers(Mutex::default())),
        ..setup(dir.path())
    };
    Log::create(&setup).await.unwrap();
    let log = Log::open(setup).await.unwrap();
    let key = signer();
    for count in [3, 255, 300] {
        append_all(&log, &submissions(count, &key), &key).await;
    }
    assert_eq!(log.published().head.size, 300);
}

#[tokio::test]
async fn partial_tiles_go_once_the_full_tile_is_public() {
    let dir = tempfile::tempdir().unwrap();
    let log = made(dir.path()).await;
    let key = signer();
    append_all(&log, &submissions(3, &key), &key).await;
    let folder = |path: &str| dir.path().join("public").join(path);
    assert!(folder("tile/0/000.p/3").is_file());
    append_all(&log, &submissions(257, &key), &key).await;
    log.close().await;
    for gone in ["tile/0/000.p", "tile/entries/000.p"] {
        assert!(!folder(gone).exists(), "{gone}");
    }
    assert!(folder("tile/0/001.p/1").is_file());
    assert_eq!(
        std::fs::read_dir(dir.path().join("staging"))
            .unwrap()
            .count(),
        0
    );
    let log = open(dir.path()).await;
    assert_eq!(log.tile("tile/0/000.p/3").await.unwrap().unwrap().len(), 96);
}

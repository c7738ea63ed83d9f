//! Logs that grow as they should, logs that tell two stories, and servers that send anything at all.

mod views;

use assay_evidence::digest::Digest;
use tempfile::TempDir;

use super::*;
use crate::{
    clock::Millis,
    contradictions::Contradictions,
    exchange::fixture::{Fixture, Question, Reply},
    store::witness::ContradictionKind,
    witness::testing::{TestLog, memory, witness},
};

const LOG: &str = "log.a.test";

/// What is answered instead of a file.
type Wrong = fn(Vec<u8>) -> Reply;

/// What a station shows of its log.
struct Shown {
    log: TestLog,
    /// Size of the checkpoint.
    size: u64,
    /// Size whose tiles are there.
    tiles: u64,
    /// Answers of single files.
    wrong: Option<(&'static str, Wrong)>,
}

type Stage = Arc<Mutex<Shown>>;

fn stage(log: TestLog, size: u64) -> Stage {
    Arc::new(Mutex::new(Shown {
        log,
        size,
        tiles: size,
        wrong: None,
    }))
}

fn show(stage: &Stage, size: u64) {
    let mut shown = stage.lock().unwrap();
    (shown.size, shown.tiles) = (size, size);
}

fn answer(shown: &Shown, path: &str) -> Reply {
    let size = match path {
        "checkpoint" => shown.size,
        _ => shown.tiles,
    };
    match (shown.log.file(path, size), shown.wrong) {
        (Some(file), Some((wrong, reply))) if wrong == path => reply(file),
        (Some(file), _) => Reply::of(200, file),
        (None, _) => Reply::missing(),
    }
}

/// A station: its log as shown, and its witness.
async fn station(stage: &Stage, witness: Option<Arc<Witness>>) -> Fixture {
    let stage = Arc::clone(stage);
    Fixture::serve(move |Question { path, .. }| {
        let (stage, witness) = (Arc::clone(&stage), witness.clone());
        async move {
            let Some(asked) = path.strip_prefix("witness/") else {
                return answer(&stage.lock().unwrap(), &path);
            };
            let origin: Digest = asked.strip_suffix("/checkpoint").unwrap().parse().unwrap();
            let witness = witness.expect("this station has a witness");
            let latest = witness.latest(&origin).await.unwrap();
            latest.map_or_else(Reply::missing, |note| Reply::of(200, note))
        }
    })
    .await
}

/// What one of the following stations has.
struct Watcher {
    dir: TempDir,
    clock: Clock,
    witness: Arc<Witness>,
}

impl Watcher {
    async fn new(station: &str, logs: &[&TestLog]) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let clock = Clock::wound(Millis(1_800_000_000_000));
        let witness = Arc::new(witness(dir.path(), station, logs, &clock).await);
        Self {
            dir,
            clock,
            witness,
        }
    }

    async fn follow(&self, peers: &[(&TestLog, &Fixture)]) -> Peers {
        let setup = |(log, server): &(&TestLog, &Fixture)| PeerSetup {
            origin: log.origin.clone(),
            policy: log.policy(),
            url: server.url.clone(),
        };
        let peers: Vec<PeerSetup> = peers.iter().map(setup).collect();
        let memory = memory(self.dir.path()).await;
        let (witness, clock) = (Arc::clone(&self.witness), self.clock.clone());
        Peers::new(&peers, memory, witness, clock)
    }
}

fn contradictions(peers: &Peers) -> &Contradictions {
    &peers.follower.contradictions
}

/// A follower of one log, with what it is shown.
async fn alone(size: u64) -> (Watcher, Stage, Fixture, Peers) {
    let log = TestLog::new(LOG, 1, 2000, ("", 2000));
    let watcher = Watcher::new("log.b.test", &[&log]).await;
    let stage = stage(log.clone(), size);
    let server = station(&stage, None).await;
    let peers = watcher.follow(&[(&log, &server)]).await;
    (watcher, stage, server, peers)
}

async fn refusal(peers: &Peers) -> String {
    peers.look_at(0).await.unwrap_err().to_string()
}

#[tokio::test]
async fn a_growing_log_is_followed_and_cosigned() {
    let (watcher, stage, server, peers) = alone(5).await;
    for size in [5, 5, 300, 1000, 1001] {
        show(&stage, size);
        peers.look(0).await;
        let seen = PeerState {
            origin: LOG.to_owned(),
            url: server.url.clone(),
            size: Some(size),
            seen: Some(watcher.clock.now()),
            ..PeerState::default()
        };
        assert_eq!(peers.states(), [seen]);
        let cosigned = watcher.witness.cosigned(LOG).await.unwrap().unwrap();
        assert_eq!(cosigned.head.size, size);
    }
    assert!(contradictions(&peers).all().await.unwrap().is_empty());
}

#[tokio::test]
async fn a_log_that_goes_back_is_told_and_not_frozen() {
    let (watcher, stage, _server, peers) = alone(300).await;
    peers.look(0).await;
    show(&stage, 5);
    peers.look(0).await;
    let [told] = &peers.states()[..] else {
        panic!("one log is followed");
    };
    assert_eq!(
        told.trouble.as_deref(),
        Some(
            "log.a.test has gone back from 300 to 5 records: it was restored from a backup, or hides what it has shown"
        )
    );
    assert_eq!(told.size, Some(300));
    show(&stage, 300);
    peers.look(0).await;
    assert_eq!(peers.states()[0].trouble, None);
    let cosigned = watcher.witness.cosigned(LOG).await.unwrap().unwrap();
    assert_eq!(cosigned.head.size, 300);
}

#[tokio::test]
async fn a_head_that_was_offered_and_is_not_yet_public_is_no_step_back() {
    let (watcher, stage, _server, peers) = alone(5).await;
    let log = stage.lock().unwrap().log.clone();
    let request = log.request(0, 700);
    watcher.witness.add_checkpoint(&request).await.unwrap();
    for size in [5, 600, 700, 900] {
        show(&stage, size);
        assert_eq!(peers.look_at(0).await.unwrap().size, size);
    }
    let cosigned = watcher.witness.cosigned(LOG).await.unwrap().unwrap();
    assert_eq!(cosigned.head.size, 900);
}

#[tokio::test]
async fn another_story_is_kept_with_its_proof_and_freezes_the_log() {
    for (fork, size, kind, says) in [
        (
            250,
            300,
            ContradictionKind::Split,
            "heads of 300 and 300 records",
        ),
        (
            299,
            1000,
            ContradictionKind::Fork,
            "heads of 300 and 1000 records",
        ),
        (
            3,
            1000,
            ContradictionKind::Fork,
            "heads of 300 and 1000 records",
        ),
    ] {
        let (watcher, stage, _server, peers) = alone(300).await;
        peers.look(0).await;
        let honest = stage.lock().unwrap().log.clone();
        let other = TestLog::new(LOG, 1, 2000, ("other", fork));
        stage.lock().unwrap().log = other.clone();
        show(&stage, size);
        let refused = refusal(&peers).await;
        assert!(refused.contains(says), "{refused}");
        let kept = contradictions(&peers).all().await.unwrap();
        let [kept] = &kept[..] else {
            panic!("{kept:?}");
        };
        assert_eq!(
            (kept.kind, kept.note_a.clone(), kept.note_b.clone()),
            (kind, honest.note(300), other.note(size))
        );
        if kind == ContradictionKind::Fork {
            // 300 is no power of two, so the consistency proof holds all that is needed.
            assert_eq!(kept.hashes, other.tree.consistency(300, size));
        }
        assert_eq!(
            refusal(&peers).await,
            "log.a.test is frozen: it has told two stories"
        );
        let offered = honest.request(300, 400);
        let refused = watcher.witness.add_checkpoint(&offered).await.unwrap_err();
        assert_eq!(
            refused.to_string(),
            "the log log.a.test has signed heads that contradict each other; it is never cosigned again"
        );
    }
}

#[tokio::test]
async fn a_fork_of_what_was_only_offered_is_found_when_it_becomes_public() {
    let (watcher, stage, _server, peers) = alone(5).await;
    let offered = TestLog::new(LOG, 1, 2000, ("other", 6));
    let request = offered.request(0, 700);
    watcher.witness.add_checkpoint(&request).await.unwrap();
    show(&stage, 600);
    assert_eq!(peers.look_at(0).await.unwrap().size, 600);
    show(&stage, 800);
    let refused = refusal(&peers).await;
    assert!(
        refused.contains("heads of 700 and 800 records"),
        "{refused}"
    );
}

#[tokio::test]
async fn a_wrong_file_is_named_and_accuses_nobody() {
    let edge = "tile/0/003.p/232 or tile/1/000.p/3";
    let cases: [(&str, Wrong, &str); 10] = [
        (
            "tile/0/001",
            |file| Reply::of(200, &file[..8191]),
            "tile/0/001",
        ),
        (
            "tile/0/001",
            |file| Reply::of(200, [file, vec![0]].concat()),
            "tile/0/001",
        ),
        (
            "tile/0/001",
            |_| Reply::of(200, vec![7; 8192]),
            "tile/0/001",
        ),
        ("tile/0/001", |_| Reply::missing(), "tile/0/001"),
        ("tile/0/001", |_| Reply::of(500, ""), "tile/0/001"),
        (
            "tile/0/001",
            |_| Reply {
                headers: "Content-Encoding: gzip\r\n".to_owned(),
                ..Reply::of(200, vec![0x1f, 0x8b])
            },
            "tile/0/001",
        ),
        (
            "tile/0/003.p/232",
            |file| Reply::of(200, &file[32..]),
            "tile/0/003.p/232",
        ),
        (
            "tile/0/003.p/232",
            |_| Reply::of(200, vec![7; 232 * 32]),
            edge,
        ),
        ("tile/1/000.p/3", |_| Reply::of(200, vec![7; 96]), edge),
        ("tile/1/000.p/3", |_| Reply::missing(), "tile/1/000.p/3"),
    ];
    let (_watcher, stage, _server, peers) = alone(300).await;
    peers.look(0).await;
    show(&stage, 1000);
    for (path, reply, named) in cases {
        stage.lock().unwrap().wrong = Some((path, reply));
        let refused = refusal(&peers).await;
        assert!(refused.contains(named), "{path}: {refused}");
    }
    assert!(contradictions(&peers).all().await.unwrap().is_empty());
    stage.lock().unwrap().wrong = None;
    assert_eq!(peers.look_at(0).await.unwrap().size, 1000);
}

#[tokio::test]
async fn a_partial_tile_that_has_gone_is_cut_from_the_full_one() {
    let (_watcher, stage, _server, peers) = alone(300).await;
    peers.look(0).await;
    {
        let mut shown = stage.lock().unwrap();
        (shown.size, shown.tiles) = (1000, 1024);
    }
    assert_eq!(peers.look_at(0).await.unwrap().size, 1000);
}

#[tokio::test]
async fn a_wrong_checkpoint_is_refused_with_its_address() {
    let (_watcher, stage, server, peers) = alone(5).await;
    let cases: [(Wrong, &str); 4] = [
        (|_| Reply::missing(), "is not there"),
        (|_| Reply::of(200, "hello"), "note is not a text"),
        (
            |_| Reply::of(200, vec![b'a'; 65_537]),
            "more than 65536 bytes",
        ),
        (
            |_| Reply::of(200, TestLog::new("log.c.test", 1, 5, ("", 5)).note(5)),
            "no signature line by a known key of its log log.c.test",
        ),
    ];
    for (reply, says) in cases {
        stage.lock().unwrap().wrong = Some(("checkpoint", reply));
        let refused = refusal(&peers).await;
        let address = format!("{}/checkpoint", server.url);
        assert!(
            refused.contains(&address) && refused.contains(says),
            "{refused}"
        );
    }
}

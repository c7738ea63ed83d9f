//! A log with three witnesses over HTTP: all there, some away, and some that answer nonsense.

use std::{
    collections::BTreeMap,
    sync::{
        Mutex,
        atomic::{AtomicBool, Ordering},
    },
};

use assay_evidence::{
    digest::Digest,
    keys::{Ed25519SigningKey, P256SigningKey},
    note::VerifierKey,
    policy::{Quorum, Witness as Named},
    record::{RecordRef, Sha256Ref, Submission, SubmissionKind},
    statement::{Subject, sign_record},
    witness::Refused,
};
use tempfile::TempDir;
use tokio::sync::mpsc;

use super::*;
use crate::{
    clock::Millis,
    exchange::fixture::{Fixture, Question, Reply},
    log::{Log, Setup},
    witness::{
        Witness, WitnessError,
        testing::{TestLog, memory},
    },
};

const ORIGIN: &str = "log.own.test";
/// Longer than any witness is left alone.
const LONG_MS: u64 = 60_000;

/// What a witness answers instead of what it should.
type Wrong = fn(Reply) -> Reply;

/// A witness of another station, whose answers a test may change.
struct Other {
    named: Named,
    is_away: Arc<AtomicBool>,
    wrong: Arc<Mutex<Option<Wrong>>>,
    _server: Fixture,
    _dir: TempDir,
}

impl Other {
    async fn new(name: &str, clock: &Clock) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let key = Ed25519SigningKey::from_seed(Digest::of(name.as_bytes()).0);
        let policy = TestLog::new(ORIGIN, 1, 0, ("", 0)).policy();
        let memory = memory(dir.path()).await;
        let station = format!("log.{name}.test");
        let witness = Witness::new(&station, key, &[policy], memory, clock.clone());
        let witness = Arc::new(witness.unwrap());
        let key = witness.cosigner().clone();
        let is_away: Arc<AtomicBool> = Arc::default();
        let wrong: Arc<Mutex<Option<Wrong>>> = Arc::default();
        let (away, instead) = (Arc::clone(&is_away), Arc::clone(&wrong));
        let server = Fixture::serve(move |Question { body, .. }| {
            let (witness, away) = (Arc::clone(&witness), Arc::clone(&away));
            let instead = *instead.lock().unwrap();
            async move {
                if away.load(Ordering::SeqCst) {
                    return Reply::of(503, "away");
                }
                let reply = match witness.add_checkpoint(&body).await {
                    Ok(line) => Reply::of(200, line),
                    Err(WitnessError::Refused(Refused::Stands(size))) => {
                        Reply::of(409, format!("{size}\n"))
                    }
                    Err(error) => Reply::of(422, error.to_string()),
                };
                match instead {
                    Some(wrong) => wrong(reply),
                    None => reply,
                }
            }
        })
        .await;
        let url = Some(format!("{}/witness/", server.url));
        Self {
            named: Named {
                name: name.to_owned(),
                key,
                url,
            },
            is_away,
            wrong,
            _server: server,
            _dir: dir,
        }
    }
}

/// Tells how each collection ends.
#[derive(Debug)]
struct Told {
    collector: Arc<Collector>,
    ends: mpsc::UnboundedSender<bool>,
}

impl Cosign for Told {
    fn cosign<'a>(&'a self, offer: Offer<'a>) -> BoxFuture<'a, Option<String>> {
        Box::pin(async move {
            let note = self.collector.cosign(offer).await;
            // Nobody listens at the end of a test.
            let _ = self.ends.send(note.is_some());
            note
        })
    }
}

struct World {
    others: Vec<Other>,
    policy: Policy,
    collector: Arc<Collector>,
    ends: mpsc::UnboundedReceiver<bool>,
    clock: Clock,
    log: Log,
    _dir: TempDir,
}

impl World {
    /// A log that wants two of the witnesses `b`, `c` and `d`.
    async fn new() -> Self {
        let clock = Clock::wound(Millis(1_800_000_000_000));
        let mut others = Vec::new();
        for name in ["b", "c", "d"] {
            others.push(Other::new(name, &clock).await);
        }
        let key = || Ed25519SigningKey::from_seed([1; 32]);
        let log = VerifierKey::new(ORIGIN, key().public()).unwrap();
        let named: Vec<Named> = others.iter().map(|other| other.named.clone()).collect();
        let lone = Policy::lone(&log, "http://own.test", &Digest::of(b"m"));
        let policy = Policy::parse(&lone).unwrap();
        let policy = policy.with_witnesses(&named, 2).unwrap();
        let own = Ed25519SigningKey::from_seed([2; 32]).public();
        let own = CosignerKey::new("log.own.test/witness", own).unwrap();
        let collector = Collector::new(policy.clone(), &own, clock.clone());
        let collector = Arc::new(collector.unwrap());
        let (told, ends) = mpsc::unbounded_channel();
        let dir = tempfile::tempdir().unwrap();
        let mut setup = Setup::in_folder(dir.path(), ORIGIN, key(), clock.clone()).unwrap();
        setup.batch = Duration::from_millis(1);
        setup.cosign = Arc::new(Told {
            collector: Arc::clone(&collector),
            ends: told,
        });
        Log::create(&setup).await.unwrap();
        let log = Log::open(setup).await.unwrap();
        Self {
            others,
            policy,
            collector,
            ends,
            clock,
            log,
            _dir: dir,
        }
    }

    fn away(&self, names: &[&str]) {
        for other in &self.others {
            let is_away = names.contains(&other.named.name.as_str());
            other.is_away.store(is_away, Ordering::SeqCst);
        }
    }

    /// Begins to add a record; the answer comes when it is public.
    fn add(&self, name: &str) -> tokio::task::JoinHandle<RecordRef> {
        let key = P256SigningKey::from_pkcs8(&P256SigningKey::generate_pkcs8()).unwrap();
        let adapter = Digest::of(name.as_bytes());
        let record = Submission {
            adapter: Sha256Ref { sha256: adapter },
            declared: "2026-11-21T00:00:00Z".to_owned(),
            declares: BTreeMap::new(),
            kind: SubmissionKind::Wasm,
            name: name.to_owned(),
            on_behalf: true,
            replaces: None,
            station: ORIGIN.to_owned(),
            submitter: key.public().key_id(),
        };
        let envelope = sign_record(&key, &[Subject::new("adapter", adapter)], &record);
        let (log, key) = (self.log.clone(), key.public());
        tokio::spawn(async move { log.append(&envelope, &key).await.unwrap() })
    }

    /// Waits for a collection that ends without a quorum. Every witness was heard then.
    async fn no_quorum(&mut self) {
        while self.ends.recv().await.unwrap() {}
    }

    /// Names of those who signed the public head, whose quorum must be there.
    fn signers(&self) -> Vec<String> {
        let note = self.log.published().note;
        let attested = self.policy.check(&note, None).unwrap();
        assert!(matches!(attested.quorum, Quorum::Met { .. }));
        attested
            .cosigned
            .into_iter()
            .map(|line| line.witness)
            .collect()
    }

    fn trouble(&self, name: &str) -> Option<String> {
        let states = self.collector.witnesses();
        let state = states.into_iter().find(|state| state.name == name);
        state.unwrap().trouble
    }
}

#[tokio::test]
async fn a_head_becomes_public_with_its_quorum() {
    let world = World::new().await;
    for (index, name) in (0..).zip(["first", "second", "third"]) {
        assert_eq!(world.add(name).await.unwrap().index, index);
        assert!(world.signers().len() >= 2);
    }
    let now = world.clock.now().seconds();
    let of_time = |state: &WitnessState| state.time == Some(now);
    assert!(
        world
            .collector
            .witnesses()
            .iter()
            .filter(|s| of_time(s))
            .count()
            >= 2
    );
    assert_eq!(world.log.status().stored.head.size, 3);
}

#[tokio::test]
async fn one_witness_away_holds_up_nobody() {
    let world = World::new().await;
    world.away(&["c"]);
    assert_eq!(world.add("first").await.unwrap().index, 0);
    assert_eq!(world.signers(), ["b", "d"]);
}

#[tokio::test]
async fn without_a_quorum_the_old_head_stays_until_the_witnesses_are_back() {
    let mut world = World::new().await;
    world.add("first").await.unwrap();
    let public = world.log.published();
    world.away(&["b", "c"]);
    let second = world.add("second");
    world.no_quorum().await;
    assert_eq!(world.log.published(), public);
    let status = world.log.status();
    assert_eq!(status.stored.head.size, 2);
    assert_eq!(status.published.unwrap().head.size, 1);
    assert!(!second.is_finished());
    let trouble = world.trouble("c").unwrap();
    assert!(
        trouble.ends_with("answers with status 503: away"),
        "{trouble}"
    );
    world.away(&["d"]);
    world.clock.wind(LONG_MS);
    assert_eq!(second.await.unwrap().index, 1);
    assert_eq!(world.signers(), ["b", "c"]);
}

#[tokio::test]
async fn answers_that_prove_nothing_count_for_nothing() {
    let cases: [(Wrong, &str); 8] = [
        (|_| Reply::of(200, ""), "answers with no line of its key"),
        (
            |_| Reply::of(200, "hello\n"),
            "signature line 2 of the note is malformed",
        ),
        (
            |_| Reply::of(200, "\u{2014} someone AAAAAAA=\n"),
            "answers with no line of its key",
        ),
        (
            |reply| {
                if reply.status != 200 {
                    return reply;
                }
                let line = String::from_utf8(reply.body).unwrap();
                // Another time than the signed one.
                let at = line.rfind(' ').unwrap() + 12;
                let mut line = line.into_bytes();
                line[at] = if line[at] == b'A' { b'B' } else { b'A' };
                Reply::of(200, line)
            },
            "does not verify",
        ),
        (
            |_| Reply::of(409, "none\n"),
            "answers with no size of a log",
        ),
        (
            |_| Reply::of(409, "1000\n"),
            "holds 1000 records, more than the",
        ),
        (
            |_| Reply::of(409, "0\n"),
            "changes its size with every question",
        ),
        (
            |_| Reply::of(200, vec![b'a'; 70_000]),
            "more than 65536 bytes",
        ),
    ];
    for (wrong, says) in cases {
        let mut world = World::new().await;
        *world.others[2].wrong.lock().unwrap() = Some(wrong);
        world.log.settled().await.unwrap();
        world.away(&["c"]);
        world.clock.wind(LONG_MS);
        let added = world.add("record");
        world.no_quorum().await;
        let trouble = world.trouble("d").unwrap_or_default();
        assert!(trouble.contains(says), "{says}: {trouble}");
        world.away(&[]);
        world.clock.wind(LONG_MS);
        assert_eq!(added.await.unwrap().index, 0);
        assert_eq!(world.signers(), ["b", "c"]);
    }
}

#[tokio::test]
async fn a_witness_that_fails_is_left_alone_for_ever_longer_pauses() {
    let clock = Clock::wound(Millis(0));
    let other = Other::new("b", &clock).await;
    let asked = Asked::new(&other.named, "http://b.test/witness/");
    assert_eq!(asked.url, "http://b.test/witness/add-checkpoint");
    let mut pauses = Vec::new();
    for _ in 0..7 {
        let failed = clock.now();
        asked.failed(&"no", failed);
        while !asked.is_due(clock.now()) {
            clock.wind(100);
        }
        pauses.push(clock.now().0 - failed.0);
    }
    assert_eq!(pauses, [500, 1000, 2000, 4000, 8000, 16_000, 16_000]);
    asked.signed(5, 1);
    asked.failed(&"no", clock.now());
    assert!(asked.is_due(clock.now().plus_millis(500)));
    asked.begin();
    assert!(!asked.is_due(clock.now().plus_seconds(99)));
}

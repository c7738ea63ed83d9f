//! What must hold when a process ends in the middle of a run, and when the keeper signs something else.

use std::collections::BTreeMap;

use assay_evidence::{
    digest::Digest,
    dsse::Envelope,
    keys::P256SigningKey,
    leaf,
    record::{
        self, AbortReason, Counts, EnclaveEvidence, EvidenceKeys, EvidenceType, GraderRef, Head,
        Lane, Limits, Outcomes, Predicate as _, Receipt, RecordRef, RunAbort, RunIntent, Runtime,
        Sha256Ref, Submission, Usage, VerdictStatus,
    },
    seed::run_seed,
    statement::{Subject, sign_record},
    wire::{Ask, ScreenReport, Tell},
};

use super::{assign, bundle, close, publish, recover, screen, verify::Announced};
use crate::{
    enclave_client::EnclaveError,
    entropy::Entropy,
    id::{JobId, RunId, SubmissionId},
    job::Verdict,
    station::{
        StationError,
        testing::{ORIGIN, World},
    },
    store::{JobKind, NewSubmission, Place, RunState, SubmissionState, testing},
};

fn some(text: &str) -> RecordRef {
    RecordRef {
        index: 0,
        leaf: Digest::of(text.as_bytes()),
        origin: ORIGIN.to_owned(),
    }
}

fn adapter() -> Sha256Ref {
    Sha256Ref {
        sha256: Digest::of(b"adapter"),
    }
}

fn subject() -> Subject {
    Subject::new("adapter", adapter().sha256)
}

fn grader() -> GraderRef {
    GraderRef {
        name: "grader".to_owned(),
        sha256: Digest::of(b"grader"),
        version: "1".to_owned(),
    }
}

fn limits() -> Limits {
    Limits {
        fuel_per_item: "1".to_owned(),
        memory_bytes: 1,
        output_bytes: 1,
        wall_ms_per_item: 1,
    }
}

fn runtime() -> Runtime {
    Runtime {
        config_sha256: Digest::of(b"config"),
        lane: Lane::Sealed,
        name: "engine".to_owned(),
        target: "target".to_owned(),
        version: "1".to_owned(),
    }
}

fn intent(before: Head, nonce: &str) -> RunIntent {
    RunIntent {
        adapter: adapter(),
        before,
        close_by: "2027-01-15T09:00:00Z".to_owned(),
        commitment: some("commitment"),
        declared: "2027-01-15T08:00:00Z".to_owned(),
        evidence: some("evidence"),
        grader: grader(),
        limits: limits(),
        nonce: Digest::of(nonce.as_bytes()),
        runtime: runtime(),
        station: ORIGIN.to_owned(),
        submission: some("submission"),
    }
}

fn receipt(announced: &Announced, start: &Head) -> Receipt {
    let intent = announced.intent.clone();
    Receipt {
        adapter: intent.adapter,
        before: intent.before,
        commitment: intent.commitment,
        confinement: "0".repeat(32),
        counts: Counts {
            answered: 3,
            failed: 1,
            items: 4,
        },
        declared: intent.declared,
        evidence: intent.evidence,
        evidence_type: EvidenceType::None,
        grader: intent.grader,
        intent: announced.reference.clone(),
        limits: intent.limits,
        nonce: intent.nonce,
        outcomes: Outcomes {
            leaves: 64,
            root: Digest::of(b"outcomes"),
        },
        runtime: intent.runtime,
        scores: Vec::new(),
        seed: run_seed(&start.root, &announced.reference.leaf),
        start: start.clone(),
        station: intent.station,
        submission: intent.submission,
        usage: Usage {
            fuel: "1".to_owned(),
            wall_ms: 1,
        },
    }
}

fn place(index: u64) -> Place {
    Place {
        index,
        leaf: Digest::of(&index.to_be_bytes()),
    }
}

impl World {
    fn job(&self) -> JobId {
        JobId::draw(self.clock.now(), Entropy::system())
    }

    /// A queued run of a checked submission on a logged form.
    async fn queued(&self) -> RunId {
        self.queued_on(place(0), place(1)).await
    }

    /// The same, with the form's and the submission's record where they are said to be.
    async fn queued_on(&self, commitment: Place, record: Place) -> RunId {
        let (store, now) = (self.station.store(), self.clock.now());
        let form = testing::form("form");
        store.insert_form(&form, now).await.unwrap();
        store.form_logged("form", commitment).await.unwrap();
        let submission = self.received().await;
        let run = RunId::draw(now, Entropy::system());
        let runs = [("form".to_owned(), "bench".to_owned(), run, self.job())];
        store
            .submission_checked(submission, record, &runs, now)
            .await
            .unwrap();
        run
    }

    /// A submission that waits for its check.
    async fn received(&self) -> SubmissionId {
        let (store, now) = (self.station.store(), self.clock.now());
        let submission = NewSubmission {
            id: SubmissionId::draw(now, Entropy::system()),
            principal: "p".to_owned(),
            system: "s".to_owned(),
            name: "System".to_owned(),
            name_key: "system".to_owned(),
            adapter: adapter().sha256,
            bytes: 7,
            benchmarks: vec!["bench".to_owned()],
            declares: BTreeMap::new(),
        };
        let check = self.job();
        store
            .insert_submission(&submission, None, check, now)
            .await
            .unwrap();
        submission.id
    }

    /// Logs an evidence record of the scripted keeper; any logged record will do as any other here.
    async fn logged_evidence(&self) -> Place {
        let sha256 = |text: &[u8]| Sha256Ref {
            sha256: Digest::of(text),
        };
        let record = EnclaveEvidence {
            binary: sha256(b"binary"),
            collateral: Vec::new(),
            declared: self.clock.now().rfc3339(),
            evidence: None,
            keys: EvidenceKeys {
                seal: Digest::of(b"seal key"),
                sign: self.enclave.public().key_id(),
            },
            manifest: sha256(b"manifest"),
            nonce: Digest::of(b"nonce"),
            roles: Vec::new(),
            station: ORIGIN.to_owned(),
            kind: EvidenceType::None,
            verdict: record::Verdict {
                policy: sha256(b""),
                status: VerdictStatus::None,
                verifier: "none".to_owned(),
            },
        };
        let envelope = sign_record(&self.enclave, &[subject()], &record);
        let log = self.station.log();
        let key = self.enclave.public();
        Place::from(&log.append(&envelope, &key).await.unwrap())
    }

    fn sign(&self, intent: &RunIntent) -> Envelope {
        sign_record(&self.enclave, &[subject()], intent)
    }

    /// Signs an intent and stores its leaf hash with the run, as just before logging it.
    async fn announcing(&self, run: RunId) -> (RunIntent, Envelope) {
        let intent = intent(self.station.log().published().head, &run.to_string());
        let envelope = self.sign(&intent);
        let data = leaf::data(&envelope, &self.enclave.public()).unwrap();
        let leaf = leaf::hash(&data);
        let store = self.station.store();
        assert!(store.run_announcing(run, "form", &leaf).await.unwrap());
        (intent, envelope)
    }

    /// Brings a run to the point where its intent is logged and the store does not know.
    async fn announced(&self, run: RunId) -> Announced {
        let (intent, envelope) = self.announcing(run).await;
        let log = self.station.log();
        let reference = log.append(&envelope, &self.enclave.public()).await.unwrap();
        Announced { intent, reference }
    }

    async fn running(&self, run: RunId) -> Announced {
        let announced = self.announced(run).await;
        let place = Place::from(&announced.reference);
        let store = self.station.store();
        store
            .run_started(run, place, self.clock.now())
            .await
            .unwrap();
        announced
    }

    async fn state(&self, run: RunId) -> (RunState, Option<String>) {
        let row = self.station.store().run(run).await.unwrap().unwrap();
        (row.state, row.reason)
    }

    async fn open_intents(&self) -> usize {
        self.station.log().open_intents().await.unwrap().len()
    }

    async fn closing_reason(&self, announced: &Announced) -> AbortReason {
        let log = self.station.log();
        let closing = log
            .closing(announced.reference.index)
            .await
            .unwrap()
            .unwrap();
        assert_eq!(closing.name, RunAbort::NAME);
        closing.predicate::<RunAbort>().unwrap().reason
    }

    async fn queued_runs(&self) -> usize {
        self.station
            .store()
            .runs_in(RunState::Queued)
            .await
            .unwrap()
            .len()
    }
}

#[tokio::test]
async fn an_intent_that_was_never_logged_is_forgotten_and_the_run_waits_again() {
    let world = World::new().await;
    let run = world.queued().await;
    world.announcing(run).await;
    recover(&world.station).await.unwrap();
    let row = world.station.store().run(run).await.unwrap().unwrap();
    assert_eq!((row.state, row.intent_leaf), (RunState::Queued, None));
    assert_eq!(world.station.log().published().head.size, 0);
    assert_eq!(
        world
            .station
            .store()
            .jobs_alive(JobKind::Evaluate)
            .await
            .unwrap(),
        1
    );
}

#[tokio::test]
async fn an_intent_logged_just_before_the_end_is_closed_and_the_run_tried_again() {
    let world = World::new().await;
    let run = world.queued().await;
    let announced = world.announced(run).await;
    recover(&world.station).await.unwrap();
    assert_eq!(
        world.state(run).await,
        (RunState::Aborted, Some("keeper-lost".to_owned()))
    );
    assert_eq!(
        world.closing_reason(&announced).await,
        AbortReason::KeeperLost
    );
    assert_eq!(world.open_intents().await, 0);
    assert_eq!(world.queued_runs().await, 1);
}

#[tokio::test]
async fn a_running_run_is_closed_and_tried_again() {
    let world = World::new().await;
    let run = world.queued().await;
    let announced = world.running(run).await;
    recover(&world.station).await.unwrap();
    assert_eq!(
        world.state(run).await,
        (RunState::Aborted, Some("keeper-lost".to_owned()))
    );
    assert_eq!(
        world.closing_reason(&announced).await,
        AbortReason::KeeperLost
    );
}

#[tokio::test]
async fn a_receipt_logged_just_before_the_end_is_kept() {
    let world = World::new().await;
    let run = world.queued().await;
    let announced = world.running(run).await;
    let start = world.station.log().published().head;
    let envelope = sign_record(&world.enclave, &[subject()], &receipt(&announced, &start));
    let log = world.station.log();
    let logged = log
        .append(&envelope, &world.enclave.public())
        .await
        .unwrap();
    recover(&world.station).await.unwrap();
    let row = world.station.store().run(run).await.unwrap().unwrap();
    assert_eq!(
        (row.state, row.close),
        (RunState::Marked, Some(Place::from(&logged)))
    );
    assert_eq!(world.queued_runs().await, 0);
    assert_eq!(
        world
            .station
            .store()
            .jobs_alive(JobKind::Publish)
            .await
            .unwrap(),
        1
    );
}

#[tokio::test]
async fn an_intent_that_no_run_knows_is_closed() {
    let world = World::new().await;
    let stray = intent(world.station.log().published().head, "stray");
    let log = world.station.log();
    let key = world.enclave.public();
    let reference = log.append(&world.sign(&stray), &key).await.unwrap();
    let announced = Announced {
        intent: stray,
        reference,
    };
    recover(&world.station).await.unwrap();
    assert_eq!(world.open_intents().await, 0);
    assert_eq!(
        world.closing_reason(&announced).await,
        AbortReason::KeeperLost
    );
}

#[tokio::test]
async fn recovering_twice_logs_and_queues_nothing_more() {
    let world = World::new().await;
    let run = world.queued().await;
    world.running(run).await;
    recover(&world.station).await.unwrap();
    let size = world.station.log().published().head.size;
    recover(&world.station).await.unwrap();
    assert_eq!(world.station.log().published().head.size, size);
    assert_eq!(world.queued_runs().await, 1);
    assert_eq!(
        world
            .station
            .store()
            .jobs_alive(JobKind::Evaluate)
            .await
            .unwrap(),
        2
    );
}

#[tokio::test]
async fn a_run_is_tried_three_times_and_no_more() {
    let world = World::new().await;
    world.queued().await;
    for tries in 1..=3 {
        let waiting = world
            .station
            .store()
            .runs_in(RunState::Queued)
            .await
            .unwrap();
        assert_eq!(waiting.len(), 1);
        assert_eq!(waiting[0].tries, tries);
        world.running(waiting[0].id).await;
        recover(&world.station).await.unwrap();
    }
    assert_eq!(world.queued_runs().await, 0);
    assert_eq!(world.open_intents().await, 0);
}

type Change = Box<dyn FnOnce(&mut Receipt)>;

/// Closes a running run with whatever the keeper signed.
async fn close_with(
    world: &World,
    signer: &P256SigningKey,
    change: impl FnOnce(&mut Receipt),
) -> (RunId, Announced) {
    let run = world.queued().await;
    let announced = world.running(run).await;
    let started = world.station.log().published().head;
    let mut said = receipt(&announced, &started);
    change(&mut said);
    let envelope = sign_record(signer, &[subject()], &said);
    close::with_closing(&world.station, run, &announced, &started, &envelope)
        .await
        .unwrap();
    let kept = Digest::of(&envelope.to_bytes());
    let refused = world.state(run).await.0 == RunState::Aborted;
    assert_eq!(world.station.blobs().holds(&kept).await, refused);
    (run, announced)
}

#[tokio::test]
async fn a_receipt_that_says_what_was_announced_is_logged() {
    let world = World::new().await;
    let (run, announced) = close_with(&world, &world.enclave, |_| {}).await;
    assert_eq!(world.state(run).await, (RunState::Marked, None));
    let log = world.station.log();
    let closing = log
        .closing(announced.reference.index)
        .await
        .unwrap()
        .unwrap();
    assert_eq!(closing.name, Receipt::NAME);
}

#[tokio::test]
async fn a_receipt_that_does_not_verify_is_shown_without_its_bundle() {
    let world = World::new().await;
    let station = &world.station;
    let evidence = world.logged_evidence().await;
    let run = world.queued_on(evidence, evidence).await;
    let announced = world.running(run).await;
    let started = station.log().published().head;
    let said = receipt(&announced, &started);
    let envelope = sign_record(&world.enclave, &[subject()], &said);
    close::with_closing(station, run, &announced, &started, &envelope)
        .await
        .unwrap();
    let marked = station.store().marked_on("bench").await.unwrap();
    let place = marked[0].close.unwrap();
    let refused = bundle::write(station, place).await.unwrap_err();
    let says = format!("the bundle of receipt {} does not verify", place.leaf);
    assert!(refused.to_string().starts_with(&says), "{refused}");

    let size = station.log().published().head.size;
    let shown = publish::bundled(station, &marked, size).await.unwrap();
    assert_eq!(shown, [run]);
    assert_eq!(station.public().bundle(&place.leaf).await.unwrap(), None);
}

#[tokio::test]
async fn a_receipt_signed_by_another_key_is_refused_kept_and_its_run_aborted() {
    let world = World::new().await;
    let other = P256SigningKey::from_pkcs8(&P256SigningKey::generate_pkcs8()).unwrap();
    let (run, announced) = close_with(&world, &other, |_| {}).await;
    assert_eq!(
        world.state(run).await,
        (RunState::Aborted, Some("receipt-refused".to_owned()))
    );
    assert_eq!(
        world.closing_reason(&announced).await,
        AbortReason::KeeperLost
    );
    assert_eq!(world.queued_runs().await, 0);
}

#[tokio::test]
async fn a_receipt_that_differs_from_its_run_in_any_member_is_refused() {
    let other = || Digest::of(b"other");
    let changes: [(&str, Change); 14] = [
        (
            "adapter",
            Box::new(move |receipt| receipt.adapter.sha256 = other()),
        ),
        ("nonce", Box::new(move |receipt| receipt.nonce = other())),
        (
            "intent",
            Box::new(move |receipt| receipt.intent.leaf = other()),
        ),
        ("before", Box::new(|receipt| receipt.before.size += 1)),
        ("start", Box::new(|receipt| receipt.start.size += 1)),
        ("seed", Box::new(move |receipt| receipt.seed = other())),
        (
            "commitment",
            Box::new(|receipt| receipt.commitment.index += 1),
        ),
        (
            "submission",
            Box::new(|receipt| receipt.submission.index += 1),
        ),
        ("evidence", Box::new(|receipt| receipt.evidence.index += 1)),
        (
            "grader",
            Box::new(|receipt| receipt.grader.version.push('1')),
        ),
        (
            "runtime",
            Box::new(|receipt| receipt.runtime.version.push('1')),
        ),
        (
            "limits",
            Box::new(|receipt| receipt.limits.memory_bytes += 1),
        ),
        ("counts", Box::new(|receipt| receipt.counts.answered += 1)),
        (
            "outcomes",
            Box::new(|receipt| receipt.outcomes.leaves += 64),
        ),
    ];
    for (member, change) in changes {
        let world = World::new().await;
        let (run, _) = close_with(&world, &world.enclave, change).await;
        let row = world.station.store().run(run).await.unwrap().unwrap();
        assert_eq!(row.reason.as_deref(), Some("receipt-refused"), "{member}");
        let detail = row.detail.unwrap();
        assert!(
            detail.contains(&format!("its {member} is not that of the run")),
            "{detail}"
        );
    }
}

/// Has the station's keeper refuse whatever it is asked.
fn refuse_with(world: &World, code: &'static str) {
    world.station.enclave().play(move |ask| {
        let run = match ask {
            Ask::Screen { id, .. } | Ask::Attest { id, .. } | Ask::Head { id } => id.to_string(),
            Ask::Assign { run, .. } | Ask::Start { run, .. } => run.clone(),
            Ask::Cancel { .. } => return None,
        };
        Some(Tell::Refused {
            run,
            code: code.to_owned(),
            detail: "no".to_owned(),
        })
    });
}

fn is_not_now(outcome: &Result<Verdict, StationError>, expected: &str) -> bool {
    matches!(outcome, Err(StationError::Enclave(EnclaveError::NotNow { code, .. })) if code == expected)
}

#[tokio::test]
async fn a_check_that_the_keeper_cannot_do_now_comes_back() {
    let world = World::new().await;
    world.station.blobs().keep(b"adapter").await.unwrap();
    let id = world.received().await;
    let state = async || {
        let row = world.station.store().submission(id).await.unwrap().unwrap();
        (row.state, row.refusal.map(|(code, _)| code))
    };
    for code in ["busy", "ours"] {
        refuse_with(&world, code);
        let outcome = screen::check(&world.station, id).await;
        assert!(is_not_now(&outcome, code), "{outcome:?}");
        assert_eq!(state().await, (SubmissionState::Received, None));
    }
    refuse_with(&world, "blob");
    let outcome = screen::check(&world.station, id).await;
    assert_eq!(outcome.unwrap(), Verdict::Done);
    let refused = (SubmissionState::Refused, Some("blob".to_owned()));
    assert_eq!(state().await, refused);
}

#[tokio::test]
async fn the_record_of_a_submission_declares_its_principal() {
    let world = World::new().await;
    world.station.blobs().keep(b"adapter").await.unwrap();
    let id = world.received().await;
    world.station.enclave().play(|ask| match ask {
        Ask::Screen { id, .. } => Some(Tell::Screened {
            id: *id,
            report: ScreenReport {
                accepted: true,
                code: None,
                compile_ms: 1,
                component_bytes: 7,
                detail: None,
                image_bytes: 1,
                imports: Vec::new(),
            },
        }),
        _ => None,
    });
    screen::check(&world.station, id).await.unwrap();
    let row = world.station.store().submission(id).await.unwrap().unwrap();
    let log = world.station.log();
    let logged = log.record(&row.record.unwrap().leaf).await.unwrap();
    let record: Submission = logged.unwrap().predicate().unwrap();
    let declared = BTreeMap::from([("principal".to_owned(), "p".to_owned())]);
    assert_eq!(record.declares, declared);
}

#[tokio::test]
async fn a_run_that_the_keeper_cannot_take_now_stays_queued() {
    let world = World::new().await;
    for blob in [&b"adapter"[..], b"seal"] {
        world.station.blobs().keep(blob).await.unwrap();
    }
    let evidence = world.logged_evidence().await;
    let run = world.queued_on(evidence, evidence).await;
    for code in ["busy", "ours", "state", "repeated"] {
        refuse_with(&world, code);
        let outcome = assign::evaluate(&world.station, run).await;
        assert!(is_not_now(&outcome, code), "{outcome:?}");
        assert_eq!(world.state(run).await, (RunState::Queued, None));
    }
    refuse_with(&world, "grader");
    let outcome = assign::evaluate(&world.station, run).await;
    assert_eq!(outcome.unwrap(), Verdict::Done);
    let aborted = (RunState::Aborted, Some("grader".to_owned()));
    assert_eq!(world.state(run).await, aborted);
}

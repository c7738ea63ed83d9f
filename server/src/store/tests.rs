//! What the store promises: one live job per subject, fences that hold, states that cannot skip.

use std::collections::BTreeMap;

use assay_evidence::digest::Digest;

mod form_changes;

use super::{testing::form, *};
use crate::{
    clock::Millis,
    entropy::Entropy,
    id::{JobId, RunId, SubmissionId},
};

const NOW: Millis = Millis(1_000_000);

struct World {
    store: Store,
    _dir: tempfile::TempDir,
}

async fn world() -> World {
    let dir = tempfile::tempdir().unwrap();
    let store = Store::open(dir.path()).await.unwrap();
    World { store, _dir: dir }
}

fn job() -> JobId {
    JobId::draw(NOW, Entropy::system())
}

fn place(index: u64) -> Place {
    Place {
        index,
        leaf: Digest::of(&index.to_be_bytes()),
    }
}

fn submission() -> NewSubmission {
    NewSubmission {
        id: SubmissionId::draw(NOW, Entropy::system()),
        principal: "p".to_owned(),
        system: "s".to_owned(),
        name: "System".to_owned(),
        name_key: "system".to_owned(),
        adapter: Digest::of(b"adapter"),
        bytes: 7,
        benchmarks: vec!["bench".to_owned()],
        declares: BTreeMap::new(),
    }
}

impl World {
    /// A checked submission with one queued run.
    async fn queued_run(&self) -> RunId {
        let new = submission();
        let run = RunId::draw(NOW, Entropy::system());
        self.store.insert_form(&form("form"), NOW).await.unwrap();
        self.store.form_logged("form", place(2)).await.unwrap();
        self.store
            .insert_submission(&new, None, job(), NOW)
            .await
            .unwrap();
        let runs = [("form".to_owned(), "bench".to_owned(), run, job())];
        self.store
            .submission_checked(new.id, place(3), &runs, NOW)
            .await
            .unwrap();
        run
    }

    /// A queued run of another submission on a form.
    async fn another_run_on(&self, form: &str) -> RunId {
        self.run_of(submission(), form).await
    }

    async fn run_of(&self, new: NewSubmission, form: &str) -> RunId {
        let run = RunId::draw(NOW, Entropy::system());
        let store = &self.store;
        store
            .insert_submission(&new, None, job(), NOW)
            .await
            .unwrap();
        let runs = [(form.to_owned(), "bench".to_owned(), run, job())];
        store
            .submission_checked(new.id, place(33), &runs, NOW)
            .await
            .unwrap();
        run
    }

    async fn claim(&self, kind: JobKind, now: Millis) -> Option<Claim> {
        self.store
            .claim(kind, [1; 16], now.plus_seconds(60), now)
            .await
            .unwrap()
    }

    async fn state(&self, run: RunId) -> RunState {
        self.store.run(run).await.unwrap().unwrap().state
    }
}

#[tokio::test]
async fn a_job_is_claimed_by_one_worker_only() {
    let world = world().await;
    world
        .store
        .enqueue(job(), JobKind::Check, "x", NOW, NOW)
        .await
        .unwrap();
    let claim = world.claim(JobKind::Check, NOW).await.unwrap();
    assert_eq!(
        (claim.subject.as_str(), claim.tries, claim.fence),
        ("x", 1, 1)
    );
    assert_eq!(world.claim(JobKind::Check, NOW).await, None);
    assert_eq!(world.claim(JobKind::Publish, NOW).await, None);
}

#[tokio::test]
async fn asking_twice_for_the_same_job_queues_it_once() {
    let world = world().await;
    for _ in 0..2 {
        world
            .store
            .enqueue(job(), JobKind::Publish, "bench", NOW, NOW)
            .await
            .unwrap();
    }
    let claim = world.claim(JobKind::Publish, NOW).await.unwrap();
    world
        .store
        .enqueue(job(), JobKind::Publish, "bench", NOW, NOW)
        .await
        .unwrap();
    assert!(world.store.finish(&claim).await.unwrap());
    assert_eq!(world.claim(JobKind::Publish, NOW).await, None);
    world
        .store
        .enqueue(job(), JobKind::Publish, "bench", NOW, NOW)
        .await
        .unwrap();
    assert!(world.claim(JobKind::Publish, NOW).await.is_some());
}

#[tokio::test]
async fn a_lease_that_ran_out_is_taken_over_and_the_old_fence_is_void() {
    let world = world().await;
    world
        .store
        .enqueue(job(), JobKind::Check, "x", NOW, NOW)
        .await
        .unwrap();
    let slow = world.claim(JobKind::Check, NOW).await.unwrap();
    let later = NOW.plus_seconds(61);
    let quick = world.claim(JobKind::Check, later).await.unwrap();
    assert_eq!(quick.fence, 2);
    assert!(
        !world
            .store
            .extend(&slow, later.plus_seconds(60))
            .await
            .unwrap()
    );
    assert!(!world.store.finish(&slow).await.unwrap());
    assert!(!world.store.put_back(&slow, later, "late").await.unwrap());
    assert!(world.store.finish(&quick).await.unwrap());
}

#[tokio::test]
async fn a_job_that_is_put_back_waits_for_its_time() {
    let world = world().await;
    world
        .store
        .enqueue(job(), JobKind::Check, "x", NOW, NOW)
        .await
        .unwrap();
    let claim = world.claim(JobKind::Check, NOW).await.unwrap();
    let due = NOW.plus_seconds(5);
    assert!(world.store.put_back(&claim, due, "fault").await.unwrap());
    assert_eq!(world.claim(JobKind::Check, NOW.plus_seconds(4)).await, None);
    assert_eq!(world.claim(JobKind::Check, due).await.unwrap().tries, 2);
}

#[tokio::test]
async fn what_an_earlier_process_held_is_free_again() {
    let world = world().await;
    world
        .store
        .enqueue(job(), JobKind::Check, "x", NOW, NOW)
        .await
        .unwrap();
    world.claim(JobKind::Check, NOW).await.unwrap();
    assert_eq!(world.store.release_all([1; 16]).await.unwrap(), 0);
    assert_eq!(world.store.release_all([2; 16]).await.unwrap(), 1);
    assert!(world.claim(JobKind::Check, NOW).await.is_some());
}

#[tokio::test]
async fn a_run_goes_through_its_states_and_its_history_says_when() {
    let world = world().await;
    let run = world.queued_run().await;
    world
        .store
        .run_announcing(run, "a", &place(4).leaf)
        .await
        .unwrap();
    world
        .store
        .run_started(run, place(4), NOW.plus_seconds(1))
        .await
        .unwrap();
    let receipt = Closing::Receipt(place(5));
    world
        .store
        .run_closed(run, &receipt, None, job(), NOW.plus_seconds(2))
        .await
        .unwrap();
    assert_eq!(world.state(run).await, RunState::Marked);
    let board = BoardRow {
        benchmark: "bench".to_owned(),
        snapshot: place(6),
        inputs: Digest::of(b"inputs"),
        output: Digest::of(b"output"),
        size: 6,
        declared: NOW.rfc3339(),
    };
    world
        .store
        .board_logged(&board, &[run], NOW.plus_seconds(3))
        .await
        .unwrap();
    let row = world.store.run(run).await.unwrap().unwrap();
    assert_eq!(
        (row.state, row.receipt(), row.abort(), row.board),
        (RunState::Published, Some(place(5)), None, Some(place(6)))
    );
    let history = world.store.run_history(run).await.unwrap();
    let states: Vec<_> = history.iter().map(|change| change.state).collect();
    assert_eq!(
        states,
        [
            RunState::Queued,
            RunState::Running,
            RunState::Marked,
            RunState::Published
        ]
    );
    assert_eq!(history[3].at, NOW.plus_seconds(3));
    assert_eq!(
        world.store.newest_board("bench").await.unwrap(),
        Some(board)
    );
}

#[tokio::test]
async fn a_run_without_an_intent_can_neither_run_twice_nor_be_marked() {
    let world = world().await;
    let run = world.queued_run().await;
    let receipt = Closing::Receipt(place(5));
    world
        .store
        .run_closed(run, &receipt, None, job(), NOW)
        .await
        .unwrap();
    assert_eq!(world.state(run).await, RunState::Queued);
    world.store.run_started(run, place(4), NOW).await.unwrap();
    let refusal = world
        .store
        .run_started(run, place(4), NOW)
        .await
        .unwrap_err();
    assert!(matches!(refusal, StoreError::Moved("run")), "{refusal}");
}

#[tokio::test]
async fn closing_a_run_again_changes_nothing_and_makes_no_second_retry() {
    let world = world().await;
    let run = world.queued_run().await;
    world.store.run_started(run, place(4), NOW).await.unwrap();
    let lost = Closing::Abort {
        record: Some(place(5)),
        reason: "keeper-lost".to_owned(),
        detail: "gone".to_owned(),
    };
    for _ in 0..2 {
        let retry = Retry {
            run: RunId::draw(NOW, Entropy::system()),
            job: job(),
            run_at: NOW.plus_seconds(30),
        };
        world
            .store
            .run_closed(run, &lost, Some(retry), job(), NOW)
            .await
            .unwrap();
    }
    let receipt = Closing::Receipt(place(6));
    world
        .store
        .run_closed(run, &receipt, None, job(), NOW)
        .await
        .unwrap();
    assert_eq!(world.state(run).await, RunState::Aborted);
    let waiting = world.store.runs_in(RunState::Queued).await.unwrap();
    assert_eq!(waiting.len(), 1);
    assert_eq!(waiting[0].tries, 2);
    let counts = world.store.run_counts("bench", Some("s")).await.unwrap();
    assert_eq!(
        counts,
        RunCounts {
            waiting: 1,
            open: 0,
            closed: 0,
            aborted: 1
        }
    );
}

#[tokio::test]
async fn an_idempotency_key_is_remembered_for_a_day() {
    let world = world().await;
    let new = submission();
    let request = Digest::of(b"request");
    world
        .store
        .insert_submission(&new, Some(("key", request)), job(), NOW)
        .await
        .unwrap();
    let replay = world
        .store
        .replay("p", "key", NOW.plus_seconds(86_400))
        .await
        .unwrap();
    assert_eq!(
        replay,
        Some(Replay {
            request,
            subject: new.id.to_string()
        })
    );
    assert_eq!(world.store.replay("q", "key", NOW).await.unwrap(), None);
    assert_eq!(
        world
            .store
            .replay("p", "key", NOW.plus_seconds(86_401))
            .await
            .unwrap(),
        None
    );
}

#[tokio::test]
async fn two_requests_with_one_key_have_one_effect() {
    let world = world().await;
    let (first, second) = (submission(), submission());
    let key = Some(("key", Digest::of(b"request")));
    world
        .store
        .insert_submission(&first, key, job(), NOW)
        .await
        .unwrap();
    assert!(
        world
            .store
            .insert_submission(&second, key, job(), NOW)
            .await
            .is_err()
    );
    assert_eq!(world.store.submission(second.id).await.unwrap(), None);
    let page = Page {
        before: None,
        limit: 10,
    };
    assert_eq!(world.store.submissions(&page).await.unwrap().len(), 1);
}

#[tokio::test]
async fn a_form_is_open_only_once_its_commitment_is_logged() {
    let world = world().await;
    assert!(world.store.insert_form(&form("a"), NOW).await.unwrap());
    assert!(!world.store.insert_form(&form("a"), NOW).await.unwrap());
    assert_eq!(world.store.open_form("bench").await.unwrap(), None);
    assert_eq!(world.store.forms_unlogged().await.unwrap().len(), 1);
    assert_eq!(world.store.public_blobs().await.unwrap(), []);
    world.store.form_logged("a", place(2)).await.unwrap();
    let newest = world.store.open_form("bench").await.unwrap().unwrap();
    assert_eq!(newest.commitment, Some(place(2)));
}

#[tokio::test]
async fn terms_and_boards_are_public_and_neither_seals_nor_adapters_are() {
    let world = world().await;
    world.queued_run().await;
    let board = BoardRow {
        benchmark: "bench".to_owned(),
        snapshot: place(7),
        inputs: Digest::of(b"inputs"),
        output: Digest::of(b"output"),
        size: 7,
        declared: NOW.rfc3339(),
    };
    world.store.board_logged(&board, &[], NOW).await.unwrap();
    let mut found = world.store.public_blobs().await.unwrap();
    found.sort();
    let mut public = [&b"terms"[..], b"inputs", b"output"].map(Digest::of);
    public.sort();
    assert_eq!(found, public);
}

#[tokio::test]
async fn a_practice_form_is_used_only_while_there_is_no_sealed_one() {
    let world = world().await;
    let newest = async || {
        let form = world.store.open_form("bench").await.unwrap();
        form.map(|form| form.form)
    };
    for (name, class, index, expected) in [
        ("practice-1", FormClass::Practice, 2, "practice-1"),
        ("practice-2", FormClass::Practice, 3, "practice-2"),
        ("sealed-1", FormClass::Sealed, 4, "sealed-1"),
        ("practice-3", FormClass::Practice, 5, "sealed-1"),
        ("sealed-2", FormClass::Sealed, 6, "sealed-2"),
    ] {
        let form = NewForm {
            class,
            ..form(name)
        };
        world.store.insert_form(&form, NOW).await.unwrap();
        world.store.form_logged(name, place(index)).await.unwrap();
        assert_eq!(newest().await.as_deref(), Some(expected), "after {name}");
    }
}

#[tokio::test]
async fn the_highest_index_is_that_of_any_row() {
    let world = world().await;
    assert_eq!(world.store.highest_index().await.unwrap(), None);
    let run = world.queued_run().await;
    assert_eq!(world.store.highest_index().await.unwrap(), Some(3));
    world.store.run_started(run, place(9), NOW).await.unwrap();
    assert_eq!(world.store.highest_index().await.unwrap(), Some(9));
}

#[tokio::test]
async fn many_writers_at_once_all_succeed() {
    let world = world().await;
    let mut writers = tokio::task::JoinSet::new();
    for n in 0..50 {
        let store = world.store.clone();
        writers.spawn(async move {
            store
                .enqueue(job(), JobKind::Check, &n.to_string(), NOW, NOW)
                .await
        });
    }
    while let Some(written) = writers.join_next().await {
        written.unwrap().unwrap();
    }
    assert_eq!(world.store.jobs_alive(JobKind::Check).await.unwrap(), 50);
}

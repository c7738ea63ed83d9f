//! What becomes of runs whose form is retired, and when a form may be revealed.

use super::*;

fn retirement(form: &str) -> NewFormChange {
    NewFormChange {
        form: form.to_owned(),
        change: FormChange::Retired(FormReason::Rotation),
        declared: NOW.rfc3339(),
        envelope: "{}".to_owned(),
    }
}

fn reveal(form: &str) -> NewFormChange {
    NewFormChange {
        change: FormChange::Revealed(Digest::of(b"body")),
        ..retirement(form)
    }
}

impl World {
    /// Publishes another form of the benchmark.
    async fn publish(&self, form: NewForm, index: u64) {
        let (store, name) = (&self.store, form.form.clone());
        assert!(store.insert_form(&form, NOW).await.unwrap());
        store.form_logged(&name, place(index)).await.unwrap();
    }

    async fn retire(&self, form: &str) -> MovedRuns {
        let moved = self.store.form_retired(&retirement(form), NOW).await;
        moved.unwrap().expect("it was open")
    }

    /// The form that a run waits for or was on, and its reason.
    async fn form_of(&self, run: RunId) -> (String, RunState, Option<String>) {
        let run = self.store.run(run).await.unwrap().unwrap();
        (run.form, run.state, run.reason)
    }
}

#[tokio::test]
async fn a_waiting_run_moves_from_a_retired_form_to_the_newest_open_one() {
    let world = world().await;
    let run = world.queued_run().await;
    world.publish(form("older"), 4).await;
    world.publish(form("newest"), 5).await;
    assert_eq!(world.retire("form").await, MovedRuns { moved: 1, ended: 0 });
    assert_eq!(
        world.form_of(run).await,
        ("newest".to_owned(), RunState::Queued, None)
    );
    let history = world.store.run_history(run).await.unwrap();
    assert_eq!(
        history.last().unwrap().reason.as_deref(),
        Some("form-retired")
    );
    let open = world.store.open_form("bench").await.unwrap().unwrap();
    assert_eq!(open.form, "newest");
}

#[tokio::test]
async fn a_waiting_run_ends_with_a_reason_when_no_form_of_its_class_is_open() {
    let world = world().await;
    let run = world.queued_run().await;
    let practice = NewForm {
        class: FormClass::Practice,
        ..form("practice")
    };
    world.publish(practice, 4).await;
    assert_eq!(world.retire("form").await, MovedRuns { moved: 0, ended: 1 });
    assert_eq!(
        world.form_of(run).await,
        (
            "form".to_owned(),
            RunState::Aborted,
            Some("form-closed".to_owned())
        )
    );
    let ended = world.store.run(run).await.unwrap().unwrap();
    assert_eq!(
        ended.detail.as_deref(),
        Some(
            "form form was retired before the run was announced, and there is no newer one to run it on; submit again when there is"
        )
    );
}

#[tokio::test]
async fn nothing_is_announced_on_a_retired_form_and_what_was_announced_goes_on() {
    let world = world().await;
    let run = world.queued_run().await;
    let leaf = place(6).leaf;
    assert!(
        world
            .store
            .run_announcing(run, "form", &leaf)
            .await
            .unwrap()
    );
    assert_eq!(world.retire("form").await, MovedRuns::default());
    assert!(world.store.is_announcing_on("form").await.unwrap());
    let left = world.store.unended_runs_on("form").await.unwrap();
    assert_eq!(
        left,
        UnendedRuns {
            waiting: 0,
            open: 1
        }
    );
    world.store.run_started(run, place(6), NOW).await.unwrap();
    assert!(!world.store.is_announcing_on("form").await.unwrap());

    let other = world.another_run_on("form").await;
    assert!(
        !world
            .store
            .run_announcing(other, "form", &leaf)
            .await
            .unwrap()
    );
    assert!(!world.store.run_moved_on(other, NOW).await.unwrap());
    assert_eq!(world.state(other).await, RunState::Aborted);
}

#[tokio::test]
async fn a_lost_run_is_tried_again_on_the_next_form() {
    let world = world().await;
    let run = world.queued_run().await;
    let leaf = place(6).leaf;
    assert!(
        world
            .store
            .run_announcing(run, "form", &leaf)
            .await
            .unwrap()
    );
    world.store.run_started(run, place(6), NOW).await.unwrap();
    world.publish(form("next"), 7).await;
    world.retire("form").await;
    let retry = Retry {
        run: RunId::draw(NOW, Entropy::system()),
        job: job(),
        run_at: NOW,
    };
    let lost = Closing::Abort {
        record: Some(place(8)),
        reason: "keeper-lost".to_owned(),
        detail: "lost".to_owned(),
    };
    let store = &world.store;
    store
        .run_closed(run, &lost, Some(retry), job(), NOW)
        .await
        .unwrap();
    assert_eq!(world.form_of(retry.run).await.0, "next");
}

#[tokio::test]
async fn a_form_is_revealed_only_once_no_run_on_it_is_left() {
    let world = world().await;
    let run = world.queued_run().await;
    let using = world.store.form_revealed(&reveal("form")).await.unwrap();
    let left = UnendedRuns {
        waiting: 1,
        open: 0,
    };
    assert_eq!(using, Some(InUse::Runs(left)));
    let row = world.store.form("form").await.unwrap().unwrap();
    assert_eq!((row.is_open(), row.revealed), (true, None));

    world.retire("form").await;
    assert_eq!(world.state(run).await, RunState::Aborted);
    let using = world.store.form_revealed(&reveal("form")).await.unwrap();
    assert_eq!(using, None);
    let row = world.store.form("form").await.unwrap().unwrap();
    assert_eq!(row.revealed.unwrap().body, Digest::of(b"body"));
    assert!(
        !world
            .store
            .public_blobs()
            .await
            .unwrap()
            .contains(&Digest::of(b"body"))
    );
    world
        .store
        .form_change_logged("form", reveal("form").change, place(9))
        .await
        .unwrap();
    assert!(
        world
            .store
            .public_blobs()
            .await
            .unwrap()
            .contains(&Digest::of(b"body"))
    );
    assert_eq!(world.store.highest_index().await.unwrap(), Some(9));
}

#[tokio::test]
async fn a_change_that_was_not_logged_is_found_again() {
    let world = world().await;
    world.queued_run().await;
    world.retire("form").await;
    let again = world.store.form_retired(&retirement("form"), NOW).await;
    assert_eq!(again.unwrap(), None, "it is retired once");
    let unlogged = world.store.form_changes_unlogged().await.unwrap();
    assert_eq!(unlogged, [retirement("form")]);
    let change = unlogged[0].change;
    world
        .store
        .form_change_logged("form", change, place(9))
        .await
        .unwrap();
    assert_eq!(world.store.form_changes_unlogged().await.unwrap(), []);
    let kept = world.store.retirement("form").await.unwrap();
    assert_eq!(kept, Some(retirement("form")));
}

#[tokio::test]
async fn only_adapters_that_were_declared_open_are_published_with_a_form_that_they_ran_on() {
    let world = world().await;
    let run = world.queued_run().await;
    let open = NewSubmission {
        adapter: Digest::of(b"open adapter"),
        declares: BTreeMap::from([(OPEN.to_owned(), YES.to_owned())]),
        ..submission()
    };
    let second = world.run_of(open, "form").await;
    for (run, index) in [(run, 40), (second, 42)] {
        let store = &world.store;
        let leaf = place(index).leaf;
        assert!(store.run_announcing(run, "form", &leaf).await.unwrap());
        store.run_started(run, place(index), NOW).await.unwrap();
        assert_eq!(store.open_adapters_on("form").await.unwrap(), []);
        let receipt = Closing::Receipt(place(index + 1));
        store
            .run_closed(run, &receipt, None, job(), NOW)
            .await
            .unwrap();
    }
    let adapter = Digest::of(b"open adapter");
    let found = world.store.open_adapters_on("form").await.unwrap();
    assert_eq!(found, [adapter]);
    let public = async || world.store.public_blobs().await.unwrap().contains(&adapter);
    assert!(!public().await, "its form is not revealed");
    world.store.form_revealed(&reveal("form")).await.unwrap();
    let change = reveal("form").change;
    world
        .store
        .form_change_logged("form", change, place(50))
        .await
        .unwrap();
    assert!(public().await);
    let all = world.store.public_blobs().await.unwrap();
    assert!(
        !all.contains(&Digest::of(b"adapter")),
        "nobody declared it open"
    );
}

//! Retiring a form leaves one record, whoever asks how often, and whenever the process ends.

use assay_evidence::{
    digest::Digest,
    record::{FormState, FormStateReason, Predicate as _},
};

use super::*;
use crate::{
    station::testing::World,
    store::{NewForm, testing},
};

impl World {
    /// A station with one form, whose commitment it takes as logged.
    async fn with_form(form: NewForm) -> Self {
        let world = Self::new().await;
        let name = form.form.clone();
        let (store, now) = (world.station.store(), world.clock.now());
        assert!(store.insert_form(&form, now).await.unwrap());
        let place = Place {
            index: 0,
            leaf: Digest::of(b"commitment"),
        };
        store.form_logged(&name, place).await.unwrap();
        world
    }

    /// Every form-state of the log.
    async fn states(&self) -> Vec<FormState> {
        let logged = self.station.log().records_named(FormState::NAME, 0).await;
        let logged = logged.unwrap();
        logged.iter().map(|one| one.predicate().unwrap()).collect()
    }
}

#[tokio::test]
async fn a_form_is_retired_once_and_the_log_says_why() {
    let world = World::with_form(testing::form("form")).await;
    let station = &world.station;
    let first = station.retire_form("form", FormReason::FaultFound).await;
    let first = first.unwrap();
    assert!(!first.replayed);
    let again = station.retire_form("form", FormReason::FaultFound).await;
    let again = again.unwrap();
    assert!(again.replayed);
    assert_eq!(again.record, first.record);

    let states = world.states().await;
    assert_eq!(states.len(), 1);
    assert_eq!(states[0].reason, FormStateReason::FaultFound);
    assert_eq!(states[0].by, station.recorder().public().key_id());
    assert_eq!(states[0].commitment.leaf, Digest::of(b"commitment"));
    let refused = station.retire_form("form", FormReason::Rotation).await;
    assert_eq!(
        refused.unwrap_err().to_string(),
        "form form is retired already, for the reason fault-found; that stands in the log for good"
    );
}

#[tokio::test]
async fn a_form_that_nobody_published_is_not_retired() {
    let world = World::with_form(testing::form("form")).await;
    let refused = world
        .station
        .retire_form("other", FormReason::Rotation)
        .await;
    assert_eq!(
        refused.unwrap_err().to_string(),
        "there is no form other at this station; GET /api/v1/forms lists them"
    );
}

#[tokio::test]
async fn a_retirement_that_was_signed_before_a_crash_is_logged_after_it() {
    let world = World::with_form(testing::form("form")).await;
    let station = &world.station;
    let row = station.published_form("form").await.unwrap();
    let signed = station
        .signed_retirement(&row, FormReason::EndOfLife)
        .unwrap();
    let kept = station
        .store()
        .form_retired(&signed, world.clock.now())
        .await;
    assert_eq!(kept.unwrap(), Some(MovedRuns::default()));
    assert_eq!(world.states().await, []);

    station.log_form_changes().await.unwrap();
    station.log_form_changes().await.unwrap();
    assert_eq!(world.states().await.len(), 1);
    let row = station.published_form("form").await.unwrap();
    assert!(row.retired.unwrap().record.is_some());
}

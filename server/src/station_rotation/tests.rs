//! No range ends over records that a start would still have to log.

use assay_evidence::{
    record::{AbortReason, RecordRef, RunAbort},
    statement::{Subject, sign_record},
};

use super::*;
use crate::{
    station::testing::{ORIGIN, World},
    store::{NewForm, Place, testing},
};

/// A station in whose log the manifest is, with its files where commands read them.
async fn world() -> World {
    let world = World::new().await;
    let station = &world.station;
    station.log_manifests().await.unwrap();
    let chain = station.chain().clone();
    let facts = station.facts();
    let files = StationFiles::first(chain, &facts.log_key, &facts.public_url);
    std::fs::create_dir_all(&station.config().enclave.state).unwrap();
    files.write(station.config()).unwrap();
    world
}

/// A form that was signed and kept just before a crash.
async fn sign_form(world: &World) {
    let station = &world.station;
    let record = RunAbort {
        answered: 0,
        declared: "2026-11-21T00:00:00Z".to_owned(),
        intent: RecordRef {
            index: 0,
            leaf: Digest::of(b"leaf"),
            origin: ORIGIN.to_owned(),
        },
        nonce: Digest::of(b"nonce"),
        reason: AbortReason::Operator,
        station: ORIGIN.to_owned(),
    };
    let subject = Subject::new("seal", Digest::of(b"seal"));
    let envelope = sign_record(station.recorder(), &[subject], &record);
    let form = NewForm {
        envelope: String::from_utf8(envelope.to_bytes()).unwrap(),
        ..testing::form("form")
    };
    let now = world.clock.now();
    assert!(station.store().insert_form(&form, now).await.unwrap());
}

async fn rotate(world: &World, role: ServerRole) -> Result<NextManifest, RotationError> {
    let config = world.station.config().clone();
    let roots = [root_path(&config)];
    let now = world.clock.now();
    let stopped = Stopped::take(config).await?;
    let signing = Signing { roots: &roots, now };
    stopped.rotate(role, &signing, Entropy::system()).await
}

#[tokio::test]
async fn the_recorder_key_does_not_end_before_all_that_it_signed_is_logged() {
    let world = world().await;
    sign_form(&world).await;
    let recorder = world.station.recorder().public().key_id();
    let refused = rotate(&world, ServerRole::Recorder).await.unwrap_err();
    assert_eq!(
        refused.to_string(),
        format!(
            "the key {recorder} has signed 1 records that may not be in the log yet; serve the station once before its range ends"
        )
    );
    let place = Place {
        index: 1,
        leaf: Digest::of(b"commitment"),
    };
    let store = world.station.store();
    store.form_logged("form", place).await.unwrap();
    let next = rotate(&world, ServerRole::Recorder).await.unwrap();
    assert_eq!(next.closed, [recorder]);
}

#[tokio::test]
async fn what_the_recorder_signed_holds_up_no_other_key() {
    let world = world().await;
    sign_form(&world).await;
    assert_eq!(rotate(&world, ServerRole::Log).await.unwrap().version, 2);
}

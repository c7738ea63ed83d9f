//! A keeper whose policy asks for witnesses runs nothing under a head that they have not cosigned.
#![allow(missing_docs, clippy::unwrap_used)]

#[path = "support/form.rs"]
mod form;
#[path = "support/guest.rs"]
mod guest;
#[path = "support/station.rs"]
mod station;
#[path = "support/world.rs"]
mod world;

use std::fs;

use assay_evidence::{
    checkpoint::Checkpoint,
    cosignature::{self, CosignerKey},
    keys::{Ed25519SigningKey, random_bytes},
    wire::{Assignment, Start, Tell},
};
use world::{World, refusal};

const WITNESS: &str = "witness.test.example.org";
const PAST: u64 = 1_700_000_000;
const FAR_AHEAD: u64 = 32_503_680_000;

/// A world whose keeper wants this witness, and a seal that cannot be opened.
fn watched(witness: &Ed25519SigningKey) -> World {
    let form = form::honest(2);
    let mut world = World::new(&form, guest::honest());
    world.commit_unopenable(&form);
    let file = world.station.keeper_folder().join("policy");
    let lone = fs::read_to_string(&file).unwrap();
    let key = CosignerKey::new(WITNESS, witness.public()).unwrap();
    let quorum = format!("witness w {key}\nquorum w\n");
    let policy = lone.replace("quorum none\n", &quorum);
    assert_ne!(policy, lone);
    fs::write(&file, policy).unwrap();
    world
}

fn witness() -> Ed25519SigningKey {
    Ed25519SigningKey::from_seed(random_bytes())
}

fn cosigned(note: &str, by: &Ed25519SigningKey, time: u64) -> String {
    let checkpoint = Checkpoint::peek(note).unwrap();
    let line = cosignature::sign(&checkpoint, WITNESS, by, time).unwrap();
    format!("{note}{line}")
}

fn with_before(assignment: &Assignment, before: String) -> Assignment {
    Assignment {
        before,
        ..assignment.clone()
    }
}

fn with_checkpoint(start: &Start, checkpoint: String) -> Start {
    Start {
        checkpoint,
        ..start.clone()
    }
}

#[test]
fn an_assignment_under_a_head_without_its_quorum_is_refused_and_not_remembered() {
    let key = witness();
    let mut world = watched(&key);
    let bare = world.assignment();
    let (code, detail) = refusal(world.assign("r1", bare.clone()));
    assert_eq!(code, "quorum");
    assert!(detail.contains("no cosignature by w"), "{detail}");

    let other = cosigned(&bare.before, &witness(), PAST);
    let told = world.assign("r1", with_before(&bare, other));
    assert_eq!(refusal(told).0, "quorum");

    let future = cosigned(&bare.before, &key, FAR_AHEAD);
    let told = world.assign("r1", with_before(&bare, future));
    assert_eq!(refusal(told).0, "checkpoint");
    assert_eq!(world.keeper.head(), (0, None));

    let good = cosigned(&bare.before, &key, PAST);
    let told = world.assign("r1", with_before(&bare, good));
    assert!(matches!(told, Tell::Intent { .. }), "{told:?}");
    assert_eq!(world.keeper.head(), (4, None));
}

#[test]
fn a_start_without_quorum_or_with_a_forged_proof_stops_before_the_seal_is_opened() {
    let key = witness();
    let mut world = watched(&key);
    let before = world.station.size();
    let bare = world.assignment();
    let good = cosigned(&bare.before, &key, PAST);
    let Tell::Intent { envelope, .. } = world.assign("r1", with_before(&bare, good)) else {
        panic!("assigned")
    };
    let bare = world.station.start(&envelope, before);
    assert_eq!(refusal(world.start("r1", bare.clone())).0, "quorum");

    let good = with_checkpoint(&bare, cosigned(&bare.checkpoint, &key, PAST));
    let mut forged = good.clone();
    forged.intent.path.clear();
    assert_eq!(refusal(world.start("r1", forged)).0, "not-included");
    assert_eq!(refusal(world.start("r1", good)).0, "seal");
}

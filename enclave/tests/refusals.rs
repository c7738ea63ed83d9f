//! Assignments, starts and components that the keeper refuses, each with its code, leaving nothing running.
#![allow(missing_docs, clippy::unwrap_used)]

#[path = "support/form.rs"]
mod form;
#[path = "support/guest.rs"]
mod guest;
#[path = "support/station.rs"]
mod station;
#[path = "support/world.rs"]
mod world;

use assay_evidence::{
    digest::Digest,
    record::Receipt,
    statement,
    wire::{Ask, Blob, Tell},
};
use world::{World, refusal};

#[test]
fn a_form_sealed_for_another_enclave_is_refused() {
    let mut world = World::new(&form::honest(2), guest::honest());
    let other = age::x25519::Identity::generate().to_public().to_string();
    let (commitment, sealed) = world.station.commit(&form::honest(2), &other);
    world.places.commitment = commitment;
    world.sealed = sealed;
    let assignment = world.assignment();
    let (code, detail) = refusal(world.assign("r1", assignment));
    assert_eq!(code, "other-enclave");
    let recipient = &world.station.recipient;
    assert_eq!(
        detail,
        format!("this form is sealed for another enclave; seal it again for {recipient}")
    );
}

#[test]
fn another_seal_or_component_than_the_one_logged_is_refused() {
    let mut world = World::new(&form::honest(2), guest::honest());
    let (_, other) = world
        .station
        .commit(&form::honest(3), &world.station.recipient.clone());
    let sealed = std::mem::replace(&mut world.sealed, other);
    let assignment = world.assignment();
    assert_eq!(refusal(world.assign("r1", assignment)).0, "seal-digest");
    world.sealed = sealed;
    world.component = guest::as_told();
    let assignment = world.assignment();
    assert_eq!(
        refusal(world.assign("r1", assignment)).0,
        "component-digest"
    );
}

#[test]
fn a_tampered_proof_checkpoint_or_record_is_refused() {
    let mut world = World::new(&form::honest(2), guest::honest());
    let good = world.assignment();

    let mut tampered = good.clone();
    tampered.commitment.path[0] = Digest::of(b"another node");
    assert_eq!(refusal(world.assign("r1", tampered)).0, "not-included");

    let mut tampered = good.clone();
    tampered.submission.index = good.commitment.index;
    assert_eq!(refusal(world.assign("r1", tampered)).0, "not-included");

    let mut tampered = good.clone();
    tampered.before = tampered.before.replacen("\n3\n", "\n4\n", 1);
    assert_eq!(refusal(world.assign("r1", tampered)).0, "checkpoint");

    let mut tampered = good.clone();
    tampered.evidence.envelope.payload[10] ^= 1;
    assert_ne!(refusal(world.assign("r1", tampered)).0, "ours");

    let mut tampered = good.clone();
    tampered.evidence = good.commitment.clone();
    assert_eq!(refusal(world.assign("r1", tampered)).0, "record");

    let mut tampered = good.clone();
    tampered.declared = "yesterday".to_owned();
    assert_eq!(refusal(world.assign("r1", tampered)).0, "time");

    assert!(matches!(world.assign("r1", good), Tell::Intent { .. }));
}

#[test]
fn a_start_without_the_logged_intent_or_from_another_history_is_refused() {
    let mut world = World::new(&form::honest(2), guest::honest());
    let before = world.station.size();
    let assignment = world.assignment();
    let Tell::Intent { envelope, .. } = world.assign("r1", assignment) else {
        panic!("assigned")
    };
    let good = world.station.start(&envelope, before);

    let mut bad = good.clone();
    bad.intent.path[0] = Digest::of(b"another node");
    assert_eq!(refusal(world.start("r1", bad)).0, "not-included");

    let mut bad = good.clone();
    bad.consistency[0] = Digest::of(b"another node");
    assert_eq!(refusal(world.start("r1", bad)).0, "inconsistent");

    assert_eq!(refusal(world.start("r2", good.clone())).0, "unknown-run");

    let Tell::Closed { envelope, .. } = world.start("r1", good.clone()) else {
        panic!("closed")
    };
    assert!(statement::open_record::<Receipt>(&envelope, &world.station.sign).is_ok());

    // One intent starts one run, whoever asks for another.
    assert_eq!(refusal(world.start("r1", good)).0, "unknown-run");
}

#[test]
fn a_run_that_would_stay_open_for_more_than_a_day_is_refused() {
    let mut world = World::new(&form::honest(2), guest::honest());
    let mut assignment = world.assignment();
    assignment.close_by = station::now("+26 hours");
    assert_eq!(
        refusal(world.assign("r1", assignment.clone())).0,
        "close-by"
    );
    assignment.close_by = station::now("+24 hours");
    assert!(matches!(
        world.assign("r1", assignment),
        Tell::Intent { .. }
    ));
}

#[test]
fn a_manifest_that_has_expired_is_refused_whatever_time_the_server_declares() {
    let mut world = World::new(&form::honest(2), guest::honest());
    let assignment = world.assignment();
    let expires = station::now("-1 minute");
    world.station.write_manifest(&expires);
    assert!(station::DECLARED < expires.as_str());
    let (code, detail) = refusal(world.assign("r1", assignment));
    assert_eq!(code, "manifest");
    assert!(detail.contains(&expires), "{detail}");
}

#[test]
fn evidence_for_another_station_or_manifest_is_refused() {
    let mut world = World::new(&form::honest(2), guest::honest());
    let (own, other) = (world.station.manifest, Digest::of(b"another manifest"));
    for (origin, manifest) in [("log.other.example.org", own), (station::ORIGIN, other)] {
        let told = station::Station::ask_evidence(&mut world.keeper, origin, manifest);
        assert_eq!(refusal(told).0, "other-manifest");
    }
    let told = station::Station::ask_evidence(&mut world.keeper, station::ORIGIN, own);
    assert!(matches!(told, Tell::Attested { .. }), "{told:?}");
}

#[test]
fn a_form_of_another_benchmark_than_committed_is_refused() {
    let mut form = form::honest(2);
    for item in &mut form.items {
        item.benchmark = "test-only@1.1".to_owned();
    }
    let mut world = World::new(&form, guest::honest());
    world.begin("r1");
    let (code, detail) = refusal(world.keeper.hear_result());
    assert_eq!(code, "form");
    assert_eq!(
        detail,
        "the items in the seal are of \"test-only@1.1\", committed is \"test-only@1.0\"; seal the form of that benchmark"
    );
}

#[test]
fn a_component_that_no_runner_has_room_for_is_refused_before_any_run() {
    let mut world = World::new(&form::honest(2), guest::honest());
    let component = guest::component("(table 20001 funcref)", "unreachable");
    let ask = Ask::Screen {
        id: 1,
        component: Blob::of(&component),
    };
    world.keeper.ask(&ask, &[&component]);
    let Tell::Screened { report, .. } = world.keeper.hear_result() else {
        panic!("screened")
    };
    assert_eq!(report.code.as_deref(), Some("limits"));
}

#[test]
fn a_damaged_blob_is_refused_and_the_keeper_goes_on() {
    let mut world = World::new(&form::honest(2), guest::honest());
    let assignment = world.assignment();
    let mut damaged = world.sealed.clone();
    damaged[0] ^= 1;
    let ask = Ask::Assign {
        run: "r1".to_owned(),
        assignment: Box::new(assignment.clone()),
    };
    world.keeper.ask(&ask, &[&damaged, &world.component]);
    assert_eq!(refusal(world.keeper.hear_result()).0, "blob");
    assert!(matches!(
        world.assign("r1", assignment),
        Tell::Intent { .. }
    ));
}

#[test]
fn screening_says_what_the_component_is_and_refuses_others_with_a_code() {
    let mut world = World::new(&form::honest(2), guest::honest());
    let honest = guest::honest();
    let module = wat::parse_str("(module)").unwrap();
    let importing = guest::component_importing(r#"(import "now" (func (result u64)))"#);
    for (id, (component, code)) in [
        (honest.as_slice(), None),
        (module.as_slice(), Some("core-module")),
        (importing.as_slice(), Some("function-import")),
        (b"\x7fELF\x02\x01\x01\0", Some("elf")),
        (b"garbage", Some("not-wasm")),
    ]
    .into_iter()
    .enumerate()
    {
        let ask = Ask::Screen {
            id: id as u64,
            component: Blob::of(component),
        };
        world.keeper.ask(&ask, &[component]);
        let Tell::Screened {
            id: answered,
            report,
        } = world.keeper.hear_result()
        else {
            panic!("screened")
        };
        assert_eq!(answered, id as u64);
        assert_eq!(report.code.as_deref(), code);
        assert_eq!(report.accepted, code.is_none());
        assert_eq!(report.image_bytes > 0, code.is_none());
    }
}

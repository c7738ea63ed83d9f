//! What a keeper remembers of its log, and that no other history gets a run out of it.
#![allow(missing_docs, clippy::unwrap_used)]

#[path = "support/form.rs"]
mod form;
#[path = "support/guest.rs"]
mod guest;
#[path = "support/station.rs"]
mod station;
#[path = "support/world.rs"]
mod world;

use std::{fs, path::Path, process::Output};

use assay_evidence::{
    digest::Digest,
    wire::{Ask, Tell},
};
use serde_json::Value;
use station::{Keeper, Station};
use world::{World, refusal};

fn world() -> World {
    World::new(&form::honest(2), guest::honest())
}

/// Runs `assay-enclave head` on the keeper's folder.
fn head(station: &Station, trusted: Option<&str>) -> Output {
    let mut command = station::program();
    command.arg("head").arg(station.keeper_folder());
    if let Some(note) = trusted {
        let file = station.keeper_folder().with_file_name("checkpoint");
        fs::write(&file, note).unwrap();
        command.arg("--trust").arg(file);
    }
    command.arg("--json").output().unwrap()
}

/// The only file of evidence.
fn evidence(folder: &Path) -> Value {
    let mut files = fs::read_dir(folder.join("evidence")).unwrap();
    let file = files.next().unwrap().unwrap().path();
    assert!(files.next().is_none());
    serde_json::from_slice(&fs::read(file).unwrap()).unwrap()
}

#[test]
fn an_old_head_is_refused_with_both_notes_kept_and_freezes_the_keeper_until_its_operator_acts() {
    let mut world = world();
    let old = world.assignment();
    world.begin("r1");
    world.closed();

    let (code, detail) = refusal(world.assign("r2", old.clone()));
    assert_eq!(code, "rollback");
    assert!(
        detail.contains("assay-enclave head DIR --trust"),
        "{detail}"
    );
    let kept = evidence(&world.station.keeper_folder());
    assert_eq!(kept["kind"], "rollback");
    assert_eq!(kept["offered"], old.before);
    assert_eq!(kept["remembered"], world.station.checkpoint(4));

    let good = world.assignment();
    let (code, detail) = refusal(world.assign("r3", good.clone()));
    assert_eq!(code, "frozen");
    assert!(detail.contains("evidence/rollback-3-"), "{detail}");

    world.keeper = Keeper::start(&world.station, 1);
    assert_eq!(refusal(world.assign("r3", good.clone())).0, "frozen");
    assert_eq!(world.keeper.head(), (4, Some("rollback".to_owned())));
    assert_eq!(head(&world.station, None).status.code(), Some(1));

    let trusted = head(&world.station, Some(&world.station.checkpoint(4)));
    assert_eq!(trusted.status.code(), Some(0));
    assert!(matches!(world.assign("r3", good), Tell::Intent { .. }));
}

#[test]
fn another_root_of_the_same_size_is_a_fork() {
    let mut world = world();
    let good = world.assignment();
    assert!(matches!(
        world.assign("r1", good.clone()),
        Tell::Intent { .. }
    ));
    let mut other = good.clone();
    other.before = world.station.signed(3, Digest::of(b"another root"));
    assert_eq!(refusal(world.assign("r2", other.clone())).0, "fork");
    let kept = evidence(&world.station.keeper_folder());
    assert_eq!(
        (&kept["kind"], &kept["offered"]),
        (&"fork".into(), &other.before.into())
    );
    assert_eq!(kept["remembered"], good.before);
    assert_eq!(refusal(world.assign("r2", good)).0, "frozen");
}

#[test]
fn a_larger_head_without_a_proof_that_holds_is_a_fork() {
    let mut world = world();
    world.announced("r1");
    world.station.submit(b"another component");
    let mut forged = world.assignment();
    forged.extends.path[0] = Digest::of(b"another node");
    assert_eq!(refusal(world.assign("r2", forged.clone())).0, "fork");
    let kept = evidence(&world.station.keeper_folder());
    assert_eq!(kept["path"][0], forged.extends.path[0].to_string());
}

#[test]
fn a_proof_from_a_head_that_is_no_longer_the_newest_is_refused_and_nothing_freezes() {
    let mut world = world();
    world.announced("r1");
    world.station.submit(b"another component");
    let mut late = world.assignment();
    late.extends = world.station.extension(2, 4);
    assert_eq!(refusal(world.assign("r2", late)).0, "head-moved");
    assert_eq!(world.keeper.head(), (3, None));
    let good = world.assignment();
    assert!(matches!(world.assign("r2", good), Tell::Intent { .. }));
    assert_eq!(world.keeper.head(), (4, None));
}

#[test]
fn a_start_on_a_fork_or_an_old_head_stops_before_the_seal_is_opened() {
    let mut world = world();
    world.commit_unopenable(&form::honest(2));
    let before = world.station.size();
    let intent = world.announced("r1");
    let good = world.station.start(&intent, before);
    world.station.submit(b"another component");
    let late = world.station.size();
    world.announced("r2");
    assert_eq!(refusal(world.start("r1", good)).0, "rollback");
    lift(&world);

    world.station.rewind(before);
    world.station.submit(b"a component of the other history");
    let mut forked = world.station.start(&intent, before);
    assert_eq!(world.station.size(), late);
    assert_eq!(refusal(world.start("r1", forked.clone())).0, "fork");
    lift(&world);

    world.station.submit(b"one more");
    let size = world.station.size();
    forked.checkpoint = world.station.checkpoint(size);
    forked.consistency = world.station.consistency(before, size);
    forked.extends = world.station.extension(late, size);
    assert_eq!(refusal(world.start("r1", forked.clone())).0, "fork");

    // The operator takes the other history for the true one: now the seal is opened.
    let chosen = head(&world.station, Some(&forked.checkpoint));
    assert_eq!(chosen.status.code(), Some(0));
    forked.intent = world.station.proven(before + 1, size);
    assert_eq!(refusal(world.start("r1", forked)).0, "seal");
}

/// Trusts again what was remembered.
fn lift(world: &World) {
    let kept = fs::read(world.station.keeper_folder().join("head.json")).unwrap();
    let kept: Value = serde_json::from_slice(&kept).unwrap();
    let lifted = head(&world.station, kept["kept"]["note"].as_str());
    assert_eq!(lifted.status.code(), Some(0));
}

#[test]
fn a_restarted_keeper_remembers() {
    let mut world = world();
    assert_eq!(world.keeper.head(), (0, None));
    world.begin("r1");
    world.closed();
    assert_eq!(world.keeper.head(), (4, None));
    world.keeper = Keeper::start(&world.station, 1);
    assert_eq!(world.keeper.head(), (4, None));
}

#[test]
fn a_keeper_that_is_killed_after_keeping_a_head_and_before_answering_goes_on_from_it() {
    let mut world = world();
    let assignment = world.assignment();
    let ask = Ask::Assign {
        run: "r1".to_owned(),
        assignment: Box::new(assignment.clone()),
    };
    world.keeper.ask(&ask, &[&world.sealed, &world.component]);
    let file = world.station.keeper_folder().join("head.json");
    while fs::read(&file).unwrap() == b"{}" {
        std::thread::yield_now();
    }
    let keeper = station::processes(world.keeper.pid(), "keeper");
    let killed = std::process::Command::new("kill")
        .args(["-9", &keeper[0].to_string()])
        .status();
    assert!(killed.unwrap().success());
    assert_eq!(world.keeper.wait(), Some(1));

    world.keeper = Keeper::start(&world.station, 1);
    assert_eq!(world.keeper.head(), (3, None));
    assert!(matches!(
        world.assign("r1", assignment),
        Tell::Intent { .. }
    ));
}

#[test]
fn a_lost_or_damaged_memory_is_noticed_and_restored_by_the_operator() {
    let mut world = world();
    world.begin("r1");
    world.closed();
    let file = world.station.keeper_folder().join("head.json");
    let whole = fs::read_to_string(&file).unwrap();
    let swapped = whole.replace("\"size\":4", "\"size\":3");
    assert_ne!(swapped, whole);
    for (lose, how) in [
        (
            Box::new(|| fs::remove_file(&file)) as Box<dyn Fn() -> _>,
            "is missing",
        ),
        (
            Box::new(|| fs::write(&file, &whole[..whole.len() / 2])),
            "is damaged",
        ),
        (Box::new(|| fs::write(&file, &swapped)), "is damaged"),
    ] {
        lose().unwrap();
        let assignment = world.assignment();
        let (code, detail) = refusal(world.assign("r2", assignment));
        assert_eq!(code, "head-lost");
        assert!(detail.contains(how), "{detail}");
        assert_eq!(head(&world.station, None).status.code(), Some(1));
        let trusted = head(&world.station, Some(&world.station.checkpoint(4)));
        assert_eq!(trusted.status.code(), Some(0));
        assert_eq!(fs::read_to_string(&file).unwrap(), whole);
    }
}

#[test]
fn the_operator_cannot_have_a_head_trusted_that_the_policy_does_not_vouch_for() {
    let world = world();
    let forged = world.station.checkpoint(3).replacen("\n3\n", "\n4\n", 1);
    let out = head(&world.station, Some(&forged));
    assert_eq!(out.status.code(), Some(1));
    let said = String::from_utf8_lossy(&out.stderr).into_owned();
    assert!(said.contains("signature"), "{said}");
    assert_eq!(
        fs::read(world.station.keeper_folder().join("head.json")).unwrap(),
        b"{}"
    );
}

#[test]
fn a_head_that_cannot_be_kept_stops_the_run_and_nothing_is_signed() {
    let mut world = world();
    let assignment = world.assignment();
    let blocker = world.station.keeper_folder().join("head.new");
    fs::create_dir(&blocker).unwrap();
    let (code, detail) = refusal(world.assign("r1", assignment.clone()));
    assert_eq!(code, "ours");
    assert!(detail.contains("nothing was started"), "{detail}");
    assert_eq!(world.keeper.head(), (0, None));
    fs::remove_dir(&blocker).unwrap();
    assert!(matches!(
        world.assign("r1", assignment),
        Tell::Intent { .. }
    ));
}

//! A station whose data came back from a backup: its keeper has seen more, and runs nothing.

use std::fs;

use assay_tests::{Finished, World, folders, world::text};
use serde_json::Value;

use crate::api;

#[test]
fn a_station_restored_from_a_backup_gets_no_run_until_its_operator_acts() {
    let mut world = World::new();
    world.publish_form("bay-reasoning", &[]);
    let data = world.station().join("data");
    let (backup, newest) = (world.path("backup"), world.path("newest"));
    world.crash_server();
    folders::copy(&data, &backup);

    world.serve();
    let first = submit(&world, "First");
    assert_eq!(first["runs"][0]["state"], "published", "{first}");
    let checkpoint = world.path("newest-checkpoint");
    fs::write(&checkpoint, api::get(&world, "/checkpoint").body).expect("it is writable");
    world.crash_server();
    folders::copy(&data, &newest);

    folders::restore(&backup, &data);
    world.serve();
    let second = submit(&world, "Second");
    let run = &second["runs"][0];
    assert_eq!(run["state"], "aborted", "{run}");
    assert_eq!(run["reason"], "rollback", "{run}");
    assert!(run["receipt"].is_null(), "{run}");
    let ready = api::get(&world, "/readyz").problem(503, "busy");
    assert_eq!(ready, "not ready: memory of the enclave");
    world.crash_server();
    let said = keeper(&world, &[]).expect_code(1).json();
    assert_eq!(said["frozen"]["alarm"], "rollback", "{said}");
    let evidence = said["frozen"]["evidence"].as_str().expect("a file");
    assert!(world.station().join("enclave").join(evidence).is_file());

    folders::restore(&newest, &data);
    let trusted = ["--trust", &text(&checkpoint)];
    assert!(keeper(&world, &trusted).expect_code(0).json()["frozen"].is_null());
    world.serve();
    let third = submit(&world, "Third");
    assert_eq!(third["runs"][0]["state"], "published", "{third}");
}

fn submit(world: &World, name: &str) -> Value {
    let component = world.programs.component("seeded-guess");
    let said = world.submit(&component, name, "bay-reasoning");
    api::closed(world, said["self"].as_str().expect("a link"))
}

/// Runs `assay-enclave head` on the station's keeper.
fn keeper(world: &World, more: &[&str]) -> Finished {
    let folder = text(&world.station().join("enclave"));
    let mut command = world.programs.command("assay-enclave");
    let output = command
        .args(["head", &folder, "--json"])
        .args(more)
        .output();
    Finished::from(output.expect("assay-enclave starts"))
}

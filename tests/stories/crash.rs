//! Crashes in the middle of a run: every announced run still ends in exactly one receipt or abort.

use std::{collections::BTreeMap, fs};

use assay_tests::{World, guests, processes, waiting};

use crate::{api, log};

/// Enough turns for an item to take tens of milliseconds, so that a run is still under way when the
/// blow falls.
const LOOPS: u64 = 12_000_000;

#[test]
fn a_killed_runner_costs_no_item() {
    let world = World::new();
    let this = start_slow_run(&world);
    let runner = waiting::until("a runner at work", || {
        processes::descendant_named(world.server_pid(), "role runner")
    });
    processes::kill(runner);
    let document = api::closed(&world, &this);
    assert_eq!(document["runs"][0]["state"], "published", "{document}");
    assert_eq!(
        document["runs"].as_array().map(Vec::len),
        Some(1),
        "no second run: {document}"
    );
    every_intent_is_closed_once(&world, 1, 0);
}

#[test]
fn a_killed_keeper_ends_the_run_with_an_abort_and_a_second_run_succeeds() {
    let world = World::new();
    let this = start_slow_run(&world);
    let keeper = waiting::until("a keeper at work", || {
        processes::descendant_named(world.server_pid(), "role keeper")
    });
    processes::kill(keeper);
    waiting::until("a receipt after the crash", || published(&world, &this));
    every_intent_is_closed_once(&world, 1, 1);
}

#[test]
fn a_killed_server_finds_its_open_run_again_and_closes_it() {
    let mut world = World::new();
    let this = start_slow_run(&world);
    world.crash_server();
    world.serve();
    waiting::until("a receipt after the crash", || published(&world, &this));
    every_intent_is_closed_once(&world, 1, 1);
}

fn start_slow_run(world: &World) -> String {
    world.publish_form("bay-reasoning", &[]);
    let component = world.path("slow.wasm");
    fs::write(&component, guests::slow(LOOPS)).expect("the folder is writable");
    let said = world.submit(&component, "Slow", "bay-reasoning");
    let this = said["self"].as_str().expect("a link").to_owned();
    waiting::until("the run is under way", || {
        let run = &world.get(&this)["runs"][0];
        assert_ne!(
            run["state"], "published",
            "the guest is too fast for this story"
        );
        (run["state"] == "running").then_some(())
    });
    this
}

fn published(world: &World, this: &str) -> Option<()> {
    let document = world.get(this);
    let runs = document["runs"].as_array()?;
    runs.iter()
        .any(|run| run["state"] == "published")
        .then_some(())
}

/// Reads the log like a stranger and counts, for each run-intent, what closes it.
fn every_intent_is_closed_once(world: &World, receipts: usize, aborts: usize) {
    let records = log::records(world);
    let mut closings: BTreeMap<u64, usize> = BTreeMap::new();
    let mut counted = (0, 0);
    for (index, (kind, predicate)) in records.iter().enumerate() {
        match kind.as_str() {
            "run-intent" => {
                closings.insert(index as u64, 0);
            }
            "receipt" => counted.0 += 1,
            "run-abort" => counted.1 += 1,
            _ => {}
        }
        if matches!(kind.as_str(), "receipt" | "run-abort") {
            let intent = predicate["intent"]["index"].as_u64().expect("a reference");
            *closings.get_mut(&intent).expect("an earlier intent") += 1;
        }
    }
    assert!(closings.values().all(|count| *count == 1), "{closings:?}");
    assert_eq!(counted, (receipts, aborts), "receipts and aborts");
}

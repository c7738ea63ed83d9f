//! What dies, what is stopped and what waits: every run still ends once.
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
    record::AbortReason,
    wire::{Ask, Tell},
};
use station::Keeper;
use world::World;

#[test]
fn a_runner_that_is_killed_costs_one_retry_and_no_item() {
    let mut world = waiting_world();
    kill_a_runner(&world.keeper, None);
    assert_eq!(world.counts(), (24, 0, 24));
}

#[test]
fn a_runner_that_dies_again_and_again_loses_at_most_the_item_it_died_on() {
    let mut world = waiting_world();
    let first = kill_a_runner(&world.keeper, None);
    kill_a_runner(&world.keeper, Some(first));
    let (answered, failed, items) = world.counts();
    assert_eq!(items, 24);
    assert!(
        failed <= 1 && answered + failed == 24,
        "{answered} answered, {failed} failed"
    );
}

/// One runner, just begun on items that each take a while.
fn waiting_world() -> World {
    let prompts: Vec<String> = (0..24).map(|index| format!("wait {index}")).collect();
    let form = form::of(&prompts.iter().map(String::as_str).collect::<Vec<_>>());
    let mut world = World::with_runners(&form, guest::as_told(), 1);
    world.begin("r1");
    world
}

/// Waits for a runner other than `before` that is locked, and kills it.
fn kill_a_runner(keeper: &Keeper, before: Option<u32>) -> u32 {
    loop {
        for pid in station::processes(keeper.pid(), "runner") {
            let status = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
            if Some(pid) != before && status.contains("Seccomp:\t2") {
                let killed = std::process::Command::new("kill")
                    .args(["-9", &pid.to_string()])
                    .status();
                assert!(killed.unwrap().success());
                return pid;
            }
        }
        std::thread::yield_now();
    }
}

#[test]
fn a_keeper_that_is_killed_takes_everything_with_it_and_the_server_notices() {
    let mut world = World::with_runners(
        &form::of(&["loop", "loop", "loop", "loop"]),
        guest::as_told(),
        1,
    );
    world.begin("r1");
    let starter = world.keeper.pid();
    let runner = loop {
        if let [runner, ..] = station::processes(starter, "runner")[..] {
            break runner;
        }
        std::thread::yield_now();
    };
    let keeper = station::processes(starter, "keeper");
    let killed = std::process::Command::new("kill")
        .args(["-9", &keeper[0].to_string()])
        .status();
    assert!(killed.unwrap().success());
    assert_eq!(world.keeper.wait(), Some(1));
    while is_alive(runner) {
        std::thread::yield_now();
    }
}

/// A process that nobody reaped yet is gone all the same.
fn is_alive(pid: u32) -> bool {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
    status
        .lines()
        .any(|line| line.starts_with("State:") && !line.contains('Z'))
}

#[test]
fn a_cancelled_run_ends_in_a_signed_abort() {
    let mut world = World::with_runners(&form::of(&["loop"; 12]), guest::as_told(), 1);
    world.begin("r1");
    world.keeper.ask(
        &Ask::Cancel {
            run: "r1".to_owned(),
            reason: AbortReason::Cancelled,
        },
        &[],
    );
    assert_eq!(world.abort().reason, AbortReason::Cancelled);
}

#[test]
fn a_cancellation_gives_no_reason_that_is_the_keepers_to_find() {
    let mut world = World::with_runners(&form::of(&["loop"; 12]), guest::as_told(), 1);
    world.begin("r1");
    let mut cancel = |reason| {
        let run = "r1".to_owned();
        world.keeper.ask(&Ask::Cancel { run, reason }, &[]);
    };
    let others = [
        AbortReason::GuestFault,
        AbortReason::EndpointDown,
        AbortReason::KeeperRestart,
        AbortReason::KeeperLost,
    ];
    others.into_iter().for_each(&mut cancel);
    cancel(AbortReason::Limit);
    for _ in others {
        assert_eq!(world::refusal(world.keeper.hear_result()).0, "reason");
    }
    assert_eq!(world.abort().reason, AbortReason::Limit);
}

#[test]
fn runs_wait_for_each_other_and_all_end() {
    let mut world = World::new(&form::honest(5), guest::honest());
    for run in ["r1", "r2", "r3"] {
        world.begin(run);
    }
    for run in ["r1", "r2", "r3"] {
        let told = world.keeper.hear_result();
        assert!(
            matches!(&told, Tell::Closed { run: closed, .. } if closed == run),
            "{told:?}"
        );
    }
}

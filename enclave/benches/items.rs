//! Items per second and CPU per item through keeper, runner and grader, a fresh instance for each item.
//!
//! It drives the real program as a server does and prints a table. It asserts nothing about time.
#![allow(missing_docs, clippy::unwrap_used)]

#[path = "../tests/support/form.rs"]
mod form;
#[path = "../tests/support/guest.rs"]
mod guest;
#[path = "../tests/support/station.rs"]
mod station;

use std::{
    path::Path,
    time::{Duration, Instant},
};

use assay_evidence::{
    record::Receipt,
    statement::{self, Opened},
    wire::{Ask, Tell},
};
use station::{Keeper, Places, Station};

const ITEMS: usize = 10_000;
const REPEATS: usize = 5;
/// CPU time in /proc is counted in this unit.
const TICKS_PER_SECOND: u64 = 100;

fn main() {
    println!("{} items a run, {} cores, {}", ITEMS, cores(), cpu_name());
    println!(
        "{:<14} {:>7} {:>9} {:>14}",
        "adapter", "runners", "items/s", "CPU per item"
    );
    measure("text guest", &guest::honest());
    let rust = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../target/adapters/components/seeded-guess.wasm");
    match std::fs::read(&rust) {
        Ok(component) => measure("seeded-guess", &component),
        Err(_) => println!("seeded-guess   not built; run `make adapters` first"),
    }
}

fn measure(name: &str, component: &[u8]) {
    for runners in [1, cores()] {
        let mut figures: Vec<(f64, f64)> = (0..REPEATS).map(|_| run(component, runners)).collect();
        figures.sort_by(|a, b| a.0.total_cmp(&b.0));
        let (rate, cpu) = figures[REPEATS / 2];
        println!("{name:<14} {runners:>7} {rate:>9.0} {cpu:>11.1} µs");
    }
}

/// Items per second and CPU microseconds per item, from start to receipt, compiling left out.
fn run(component: &[u8], runners: usize) -> (f64, f64) {
    let mut station = Station::new();
    let mut keeper = Keeper::start(&station, runners);
    let evidence = station.attest(&mut keeper);
    let recipient = station.recipient.clone();
    let (commitment, sealed) = station.commit(&form::honest(ITEMS), &recipient);
    let submission = station.submit(component);
    keeper.ask(
        &Ask::Screen {
            id: 1,
            component: assay_evidence::wire::Blob::of(component),
        },
        &[component],
    );
    assert!(matches!(keeper.hear(), Tell::Screened { report, .. } if report.accepted));

    let before = station.size();
    let places = Places {
        commitment,
        submission,
        evidence,
    };
    let assignment = Box::new(station.assignment(places, &sealed, component));
    keeper.ask(
        &Ask::Assign {
            run: "r".to_owned(),
            assignment,
        },
        &[&sealed, component],
    );
    let Tell::Intent { envelope, .. } = keeper.hear() else {
        panic!("assigned")
    };
    let start = Box::new(station.start(&envelope, before));

    let (cpu, clock) = (cpu_of(keeper.pid()), Instant::now());
    keeper.ask(
        &Ask::Start {
            run: "r".to_owned(),
            start,
        },
        &[],
    );
    let Tell::Closed { envelope, .. } = keeper.hear_result() else {
        panic!("closed")
    };
    let (wall, cpu) = (clock.elapsed(), cpu_of(keeper.pid()).saturating_sub(cpu));
    let receipt: Opened<Receipt> =
        statement::open_record(&envelope, &station.sign).expect("a receipt");
    assert_eq!(receipt.predicate.counts.items, ITEMS as u64);
    (
        ITEMS as f64 / wall.as_secs_f64(),
        cpu.as_secs_f64() * 1e6 / ITEMS as f64,
    )
}

/// CPU time of the starter, of all it waited for, and of all that it still runs.
fn cpu_of(starter: u32) -> Duration {
    let live = ["keeper", "runner", "compiler"]
        .iter()
        .flat_map(|role| station::processes(starter, role));
    let own: u64 = live.map(|pid| ticks(pid, false)).sum();
    Duration::from_millis((own + ticks(starter, true)) * 1000 / TICKS_PER_SECOND)
}

fn ticks(pid: u32, with_children: bool) -> u64 {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    // Fields after the name, which may hold anything; user and system time are 14 and 15, those of
    // waited-for children 16 and 17.
    let after_name = stat.rsplit(')').next().unwrap_or_default();
    let fields: Vec<u64> = after_name
        .split_whitespace()
        .map(|field| field.parse().unwrap_or(0))
        .collect();
    let last = if with_children { 15 } else { 13 };
    fields.get(11..last).map_or(0, |times| times.iter().sum())
}

fn cores() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from)
}

fn cpu_name() -> String {
    let info = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let name = info
        .lines()
        .find_map(|line| line.strip_prefix("model name"))
        .unwrap_or_default();
    name.trim_start_matches(['\t', ' ', ':']).to_owned()
}

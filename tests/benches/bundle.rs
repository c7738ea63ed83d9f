//! How long the offline check of one receipt bundle takes, on bundles that the demo made.
//!
//! Prints a table; asserts only that the bundles verify. Needs the release programs (`make bench`).

use std::{
    fs,
    time::{Duration, Instant},
};

use assay_evidence::{policy::Policy, verify};
use assay_tests::{World, world::text};

const REPEATS: usize = 5;
const CHECKS_PER_REPEAT: u32 = 200;

fn main() {
    let world = World::unborn();
    let folder = text(&world.path("demo"));
    let said = world
        .assay(&[
            "demo",
            "--once",
            "--json",
            "--dir",
            &folder,
            "--listen",
            "127.0.0.1:0",
        ])
        .expect_code(0)
        .json();
    let file = |value: &serde_json::Value| {
        fs::read(value.as_str().expect("a file name")).expect("the demo wrote it")
    };
    let policy = String::from_utf8(file(&said["policy"])).expect("a policy is text");
    let policy = Policy::parse(&policy).expect("the demo's policy is well formed");
    let bundle = file(&said["runs"][0]["bundle"]);

    let mut times: Vec<Duration> = (0..REPEATS).map(|_| one_check(&bundle, &policy)).collect();
    times.sort();
    println!("offline check of one bundle ({} bytes)", bundle.len());
    println!("  median  {:>9.1?}", times[REPEATS / 2]);
    println!("  range   {:>9.1?} to {:.1?}", times[0], times[REPEATS - 1]);
}

/// Mean time of a check over one repeat.
fn one_check(bundle: &[u8], policy: &Policy) -> Duration {
    let began = Instant::now();
    for _ in 0..CHECKS_PER_REPEAT {
        assert!(verify::bundle(bundle, policy).verified());
    }
    began.elapsed() / CHECKS_PER_REPEAT
}

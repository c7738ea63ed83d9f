//! How long the offline check of one receipt bundle takes, on bundles that the demo made.
//!
//! Prints a table; asserts only that the bundles verify. Needs the release programs (`make bench`).

use std::{
    fs,
    time::{Duration, Instant},
};

use assay_evidence::{
    bundle::Bundle,
    checkpoint::Checkpoint,
    cosignature::{self, CosignerKey},
    keys::Ed25519SigningKey,
    policy::{Policy, Witness},
    verify,
};
use assay_tests::{World, world::text};

const REPEATS: usize = 5;
const CHECKS_PER_REPEAT: u32 = 200;
const COSIGNERS: u8 = 5;

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

    measure("offline check of one bundle", &bundle, &policy);
    let (bundle, policy) = cosigned(&bundle, &policy);
    measure("with five cosignatures, all needed", &bundle, &policy);
}

/// The same bundle with lines of five witnesses, and a policy that wants all of them.
fn cosigned(bundle: &[u8], policy: &Policy) -> (Vec<u8>, Policy) {
    let mut bundle = Bundle::parse(bundle).expect("the demo's bundle is well formed");
    let head = Checkpoint::peek(&bundle.checkpoint).expect("it carries a checkpoint");
    let witnesses: Vec<Witness> = (1..=COSIGNERS)
        .map(|seed| {
            let (name, key) = (format!("w{seed}"), Ed25519SigningKey::from_seed([seed; 32]));
            let line = cosignature::sign(&head, &name, &key, 1_800_000_000);
            bundle.checkpoint += &line.expect("a good name and time");
            let key = CosignerKey::new(&name, key.public()).expect("a good name");
            Witness {
                name,
                key,
                url: None,
            }
        })
        .collect();
    let policy = policy.with_witnesses(&witnesses, witnesses.len());
    (
        bundle.to_bytes(),
        policy.expect("a policy of five witnesses"),
    )
}

fn measure(what: &str, bundle: &[u8], policy: &Policy) {
    let mut times: Vec<Duration> = (0..REPEATS).map(|_| one_check(bundle, policy)).collect();
    times.sort();
    println!("{what} ({} bytes)", bundle.len());
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

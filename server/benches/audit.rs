//! How fast a log is audited: hashes of a million records in memory and from files, signatures of some
//! thousands.
//!
//! It writes both logs under `target/tmp` and prints a table. It asserts nothing about time.
#![allow(missing_docs, clippy::unwrap_used)]

#[path = "../src/audit/tests/log.rs"]
mod log;

use std::{
    fs,
    hint::black_box,
    path::{Path, PathBuf},
    thread,
    time::{Duration, Instant},
};

use assay_evidence::{
    audit::{Breach, Leafed},
    digest::Digest,
    dsse::{Envelope, Signature, pae},
    json, leaf,
    statement::PAYLOAD_TYPE,
    tile::{self, FULL},
    tree::Tree,
};
use assay_server::{
    audit::{Audit, Depth, Report, Rerun, Tools},
    clock::Clock,
};
use log::{Entry, Log, junk, new_key};
use serde_json::json;

const HASHED: u64 = 1_000_000;
const SIGNED: u64 = 20_000;
const REPEATS: usize = 3;
/// Verifications that show what one core can.
const VERIFICATIONS: u32 = 5_000;

fn main() {
    let cores = thread::available_parallelism().map_or(1, usize::from);
    println!("audit of a log in files, {cores} cores, best of {REPEATS}");
    let place = Path::new(env!("CARGO_TARGET_TMPDIR")).join("audit-bench");
    // What an interrupted run left behind.
    let _ = fs::remove_dir_all(&place);

    let took = (0..REPEATS).map(|_| hashing()).min().unwrap();
    line("leaves and tree, in memory", HASHED, took);

    let folder = place.join("hashes");
    Log::write(&folder, HASHED);
    let took = best(&folder, Depth::Hashes, &[]);
    line("hashes, tiles, root", HASHED, took);

    let folder = place.join("signatures");
    let key = new_key();
    Log::of(&folder, (0..SIGNED).map(|index| signed(index, &key)));
    // The records are of no type that stations log, and no manifest is among them.
    let took = best(&folder, Depth::Records, &[Breach::Manifest]);
    line("and envelopes, signatures", SIGNED, took);
    let rate = f64::from(VERIFICATIONS) / verifications().as_secs_f64();
    println!("  {:<28} {rate:>12.0} /s", "one core, P-256 alone");
    fs::remove_dir_all(&place).unwrap();
}

/// What every entry costs, before anything is fetched or compared: its form, its leaf hash, its place in
/// the tree.
fn hashing() -> Duration {
    let key = new_key().public();
    let entries: Vec<Vec<u8>> = (0..u64::from(FULL)).map(|n| junk(n, key)).collect();
    let bundle = tile::entry_bundle(&entries);
    let began = Instant::now();
    let mut tree = Tree::new();
    while tree.size() < HASHED {
        for entry in tile::parse_entries(&bundle, FULL).unwrap() {
            tree.push(Leafed::of(tree.size(), entry).alone().hash);
        }
    }
    black_box(tree.root());
    began.elapsed()
}

fn line(what: &str, records: u64, took: Duration) {
    let rate = records as f64 / took.as_secs_f64();
    println!("  {what:<28} {rate:>12.0} /s  {records} records in {took:.2?}");
}

fn best(folder: &Path, depth: Depth, expected: &[Breach]) -> Duration {
    let audit = Audit {
        station: folder.to_str().unwrap().to_owned(),
        policy: Some(folder.join("policy")),
        seen: None,
        keep: None::<PathBuf>,
        depth,
        rerun: Rerun::All,
        adapters: None,
        patience_seconds: 0,
        now: Clock::wall().now(),
    };
    let times = (0..REPEATS).map(|_| {
        let began = Instant::now();
        let report = run(&audit);
        let took = began.elapsed();
        let names: Vec<Breach> = report.findings.iter().map(|one| one.name).collect();
        assert_eq!(names, expected, "{report:#?}");
        took
    });
    times.min().unwrap()
}

fn run(audit: &Audit) -> Report {
    let tools = Tools {
        progress: &|_| {},
        clock: &Clock::wall(),
        again: &|_, _, _| Err("nothing is run here".to_owned()),
    };
    audit.run(&tools).unwrap()
}

/// A record of about the length of a receipt.
fn signed(index: u64, key: &assay_evidence::keys::P256SigningKey) -> Entry {
    let payload = json::to_vec(&json!({
        "_type": "https://in-toto.io/Statement/v1",
        "predicate": { "index": index, "filling": "x".repeat(2_000) },
        "predicateType": "https://assay.example.org/record/benchmark/v1",
        "subject": [{ "digest": { "sha256": Digest::of(b"it") }, "name": "it" }],
    }));
    let envelope = Envelope {
        signatures: vec![Signature {
            keyid: String::new(),
            sig: key.sign(&pae(PAYLOAD_TYPE, &payload)),
        }],
        payload,
        payload_type: PAYLOAD_TYPE.to_owned(),
    };
    let data = leaf::data(&envelope, &key.public()).unwrap();
    (data, Some(envelope))
}

fn verifications() -> Duration {
    let key = new_key();
    let message = [7; 2_000];
    let signature = key.sign(&message);
    let began = Instant::now();
    for _ in 0..VERIFICATIONS {
        key.public().verify(&message, &signature).unwrap();
    }
    began.elapsed()
}

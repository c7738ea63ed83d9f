//! A replay on the revealed form gives what the receipt says, wherever and however often it is run.
#![allow(missing_docs, clippy::unwrap_used)]

#[path = "support/form.rs"]
mod form;
#[path = "support/guest.rs"]
mod guest;
#[path = "support/station.rs"]
mod station;
#[path = "support/world.rs"]
mod world;

use std::process::Output;

use assay_benchmarks::{
    form::Form,
    grade,
    terms::{Cell, Class, Release, Terms, VariantScope},
};
use assay_evidence::{
    digest::Digest,
    json,
    record::{Lane, Limits, Receipt},
};
use serde_json::Value;
use world::World;

const PROMPTS: [&str; 7] = [
    "answer",
    "trap",
    "decline",
    "answer too",
    "utf8",
    "loop",
    "over-long",
];

/// Runs `replay` with these further arguments.
fn replay(form: &Form, component: &[u8], nonce: Digest, more: &[&str]) -> Output {
    let folder = tempfile::tempdir().unwrap();
    let (guest, body) = (folder.path().join("guest.wasm"), folder.path().join("body"));
    std::fs::write(&guest, component).unwrap();
    std::fs::write(&body, form.body().to_bytes()).unwrap();
    station::program()
        .args(["replay", "--json", "--nonce", &nonce.to_string(), "--body"])
        .arg(body)
        .arg("--component")
        .arg(guest)
        .args(more)
        .output()
        .unwrap()
}

fn limits(limits: &Limits) -> String {
    String::from_utf8(json::to_vec(limits)).unwrap()
}

fn replayed(form: &Form, component: &[u8], receipt: &Receipt, runners: &str) -> Value {
    let limits = limits(&receipt.limits);
    let more = ["--limits", limits.as_str(), "--runners", runners];
    let out = replay(form, component, receipt.nonce, &more);
    let said = String::from_utf8_lossy(&out.stderr).into_owned();
    assert!(out.status.success(), "{said}");
    serde_json::from_slice(&out.stdout).unwrap()
}

/// What a receipt and a replay both state.
fn stated(receipt: &Receipt) -> Value {
    serde_json::json!({
        "counts": receipt.counts,
        "fuel": receipt.usage.fuel,
        "grader": receipt.grader,
        "limits": receipt.limits,
        "outcomes": receipt.outcomes,
        "runtime": receipt.runtime,
        "scores": receipt.scores,
    })
}

fn without_items(mut replayed: Value) -> Value {
    replayed.as_object_mut().unwrap().remove("items").unwrap();
    replayed
}

#[test]
fn three_replays_in_processes_of_their_own_state_what_the_receipt_states() {
    let form = form::of(&PROMPTS);
    let mut world = World::new(&form, guest::as_told());
    let (_, receipt) = world.receipt("r1");
    for runners in ["1", "2", "1"] {
        let again = replayed(&form, &world.component, &receipt, runners);
        assert_eq!(again["items"].as_array().unwrap().len(), PROMPTS.len());
        assert_eq!(again["items"][5]["outcome"], "fuel");
        assert_eq!(without_items(again), stated(&receipt));
    }
}

#[test]
fn another_component_body_or_nonce_states_something_else() {
    let form = form::of(&PROMPTS);
    let mut world = World::new(&form, guest::as_told());
    let (_, receipt) = world.receipt("r1");

    let other = replayed(&form, &guest::honest(), &receipt, "1");
    assert_ne!(other["outcomes"], stated(&receipt)["outcomes"]);
    assert_ne!(other["fuel"], stated(&receipt)["fuel"]);

    let mut changed = form.clone();
    changed.seed[0] ^= 1;
    let other = replayed(&changed, &world.component, &receipt, "1");
    assert_ne!(other["outcomes"], stated(&receipt)["outcomes"]);
    assert_eq!(other["counts"], stated(&receipt)["counts"]);

    let changed = form::of(&["trap"; 7]);
    let other = replayed(&changed, &world.component, &receipt, "1");
    assert_ne!(other["counts"], stated(&receipt)["counts"]);

    let mut forged = receipt.clone();
    forged.nonce = Digest::of(b"another nonce");
    let other = replayed(&form, &world.component, &forged, "1");
    assert_ne!(other["outcomes"], stated(&receipt)["outcomes"]);
}

#[test]
fn a_sample_ends_as_those_items_end_in_the_whole_and_states_no_totals() {
    let form = form::of(&PROMPTS);
    let component = guest::as_told();
    let nonce = Digest::of(b"TEST ONLY nonce");
    let limits = limits(&own_limits());
    let run = |more: &[&str]| -> Value {
        let more = [&["--limits", limits.as_str()], more].concat();
        let out = replay(&form, &component, nonce, &more);
        serde_json::from_slice(&out.stdout).unwrap()
    };
    let whole = run(&[]);
    let seed = Digest::of(b"TEST ONLY sample").to_string();
    let sample = run(&["--sample", "3", "--sample-seed", &seed]);
    let items = sample["items"].as_array().unwrap();
    assert_eq!(items.len(), 3);
    for item in items {
        let index = item["index"].as_u64().unwrap() as usize;
        assert_eq!(*item, whole["items"][index]);
    }
    for absent in ["outcomes", "counts", "scores", "fuel"] {
        assert!(!whole[absent].is_null());
        assert!(sample[absent].is_null(), "{absent}");
    }
    assert_eq!(run(&["--sample", "3", "--sample-seed", &seed]), sample);
    let all = run(&["--sample", "100"]);
    assert_eq!(all["items"], whole["items"]);
}

#[test]
fn a_run_under_other_limits_is_not_replayed() {
    let form = form::of(&PROMPTS);
    let mut other = own_limits();
    other.memory_bytes /= 2;
    let more = ["--limits", &limits(&other)];
    let out = replay(&form, &guest::as_told(), Digest::of(b"nonce"), &more);
    assert_eq!(out.status.code(), Some(1));
    let said = String::from_utf8_lossy(&out.stderr).into_owned();
    assert!(
        said.contains("use the release that the receipt names"),
        "{said}"
    );
}

#[test]
fn the_public_terms_of_the_form_state_the_limits_too() {
    let form = form::of(&PROMPTS);
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("terms");
    let run = |terms: &Terms| {
        std::fs::write(&file, terms.bytes()).unwrap();
        let more = ["--terms", file.to_str().unwrap()];
        replay(&form, &guest::as_told(), Digest::of(b"nonce"), &more)
    };
    let good = terms();
    let out = run(&good);
    assert_eq!(out.status.code(), Some(0));
    let replayed: Value = serde_json::from_slice(&out.stdout).unwrap();
    assert_eq!(replayed["counts"]["items"], 7);

    let mut other = good;
    other.graders[0].version = "0".to_owned();
    let out = run(&other);
    assert_eq!(out.status.code(), Some(1));
    let said = String::from_utf8_lossy(&out.stderr).into_owned();
    assert!(
        said.contains("has other graders than this program"),
        "{said}"
    );
}

fn terms() -> Terms {
    Terms {
        benchmark: "test-only@1.0".to_owned(),
        blueprint: vec![Cell {
            count: 7,
            kind: "exact".to_owned(),
            locale: serde_json::from_str("\"en\"").unwrap(),
            section: "only".to_owned(),
        }],
        class: Class::Sealed,
        confinement: "0".repeat(32),
        edition: "a".to_owned(),
        families: 7,
        graders: grade::graders(),
        grid: 0,
        items: 7,
        lanes: vec![Lane::Sealed],
        leak_budget_bits: 0,
        licence: "CC0-1.0".to_owned(),
        limits: own_limits(),
        locales: Vec::new(),
        params: std::collections::BTreeMap::new(),
        release: Release::Plain,
        sections: Vec::new(),
        standards: Vec::new(),
        summary: String::new(),
        title: String::new(),
        variant_scope: VariantScope::Form,
    }
}

#[test]
fn a_replay_needs_the_limits_of_the_run_from_one_place() {
    let form = form::of(&PROMPTS);
    for more in [&[] as &[&str], &["--limits", "{}", "--terms", "terms"]] {
        let out = replay(&form, &guest::as_told(), Digest::of(b"nonce"), more);
        assert_eq!(out.status.code(), Some(2), "{more:?}");
    }
}

fn own_limits() -> Limits {
    Limits {
        fuel_per_item: "2000000000".to_owned(),
        memory_bytes: 256 * 1024 * 1024,
        output_bytes: 64 * 1024,
        wall_ms_per_item: 10_000,
    }
}

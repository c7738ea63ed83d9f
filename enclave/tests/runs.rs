//! Which signed outcome each guest ends in, and what the receipt says of its run.
#![allow(missing_docs, clippy::unwrap_used)]

#[path = "support/form.rs"]
mod form;
#[path = "support/guest.rs"]
mod guest;
#[path = "support/station.rs"]
mod station;
#[path = "support/world.rs"]
mod world;

use assay_benchmarks::form::Form;
use assay_evidence::{
    confinement::{self, Confinement},
    digest::Digest,
    record::AbortReason,
};
use world::World;

#[test]
fn an_honest_guest_gets_a_receipt_that_binds_its_run() {
    let mut world = World::new(&form::honest(40), guest::honest());
    let (intent, receipt) = world.receipt("r1");
    assert_eq!(
        (
            receipt.counts.answered,
            receipt.counts.failed,
            receipt.counts.items
        ),
        (40, 0, 40)
    );
    assert_eq!(receipt.nonce, intent.nonce);
    assert_eq!(receipt.runtime, intent.runtime);
    assert_eq!(receipt.limits, intent.limits);
    assert_eq!(receipt.adapter.sha256, Digest::of(&world.component));
    assert_eq!(receipt.outcomes.leaves, 64);
    assert_eq!((receipt.before.size, receipt.start.size), (3, 4));
    assert_eq!(receipt.intent.index, 3);
    let total = receipt
        .scores
        .iter()
        .find(|score| score.section.is_none() && score.locale.is_none());
    let total = total
        .or_else(|| receipt.scores.iter().find(|score| score.section.is_none()))
        .unwrap();
    assert_eq!((total.num, total.den), (40, 40));
    let fuel: u64 = receipt.usage.fuel.parse().unwrap();
    assert!(fuel > 0);
    assert_eq!(world.keeper.close(), Some(0));
}

#[test]
fn the_receipt_names_the_layers_that_were_really_active() {
    let mut world = World::new(&form::honest(8), guest::honest());
    let (_, receipt) = world.receipt("r1");
    let maps: Confinement = receipt.confinement.parse().unwrap();
    let names = |map| {
        confinement::layers(map)
            .map(|layer| layer.name)
            .collect::<Vec<_>>()
    };
    let always = [
        "no-new-privs",
        "not-dumpable",
        "no-write-execute",
        "rlimits",
    ];
    assert_eq!(names(maps.keeper), always);
    assert_eq!(
        names(maps.compiler),
        [
            "no-new-privs",
            "not-dumpable",
            "filter-executable",
            "no-write-execute",
            "rlimits"
        ]
    );
    assert_eq!(
        names(maps.runner),
        [
            "no-new-privs",
            "not-dumpable",
            "filter-executable",
            "no-write-execute",
            "rlimits",
            "image-verified"
        ]
    );
    assert_eq!(maps.courier, 0);
}

#[test]
fn every_way_to_fail_is_one_outcome_and_the_run_goes_on() {
    // Answers to `o` are cut at 64 bytes and count as answered; all of the rest but `a` and `d` fail.
    let prompts = [
        "answer",
        "trap",
        "loop",
        "memory",
        "stack",
        "decline",
        "fault",
        "over-long",
        "giant",
        "pointer",
        "utf8",
        "variant",
        "answer again",
    ];
    let mut world = World::new(&form::of(&prompts), guest::as_told());
    let (_, receipt) = world.receipt("r1");
    assert_eq!(
        (
            receipt.counts.answered,
            receipt.counts.failed,
            receipt.counts.items
        ),
        (4, 9, 13)
    );
}

#[test]
fn a_guest_that_never_starts_ends_in_a_signed_abort() {
    let mut world = World::new(&form::honest(20), guest::never_starts());
    world.begin("r1");
    let abort = world.abort();
    assert_eq!((abort.reason, abort.answered), (AbortReason::GuestFault, 0));
}

#[test]
fn the_same_nonce_gives_the_same_outcomes_root_whoever_runs_it() {
    let form = form::of(&["answer", "trap", "decline", "answer too", "utf8"]);
    let component = guest::as_told();
    let mut world = World::new(&form, component.clone());
    let (_, receipt) = world.receipt("r1");
    let first = trial(&form, &component, receipt.nonce, "1");
    let second = trial(&form, &component, receipt.nonce, "2");
    assert_eq!(first["outcomes"]["root"], receipt.outcomes.root.to_string());
    assert_eq!(first["outcomes"], second["outcomes"]);
    assert_eq!(first["usage"]["fuel"], receipt.usage.fuel);
    let other = trial(&form, &component, Digest::of(b"another nonce"), "1");
    assert_ne!(other["outcomes"]["root"], first["outcomes"]["root"]);
}

/// Runs `try` and reads what it prints.
fn trial(form: &Form, component: &[u8], nonce: Digest, runners: &str) -> serde_json::Value {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("component.wasm"), component).unwrap();
    std::fs::write(folder.path().join("form"), form.body().to_bytes()).unwrap();
    let out = station::program()
        .arg("try")
        .arg("--component")
        .arg(folder.path().join("component.wasm"))
        .arg("--form-body")
        .arg(folder.path().join("form"))
        .args([
            "--nonce",
            &nonce.to_string(),
            "--runners",
            runners,
            "--json",
        ])
        .output()
        .unwrap();
    assert!(
        out.status.success(),
        "{}",
        String::from_utf8_lossy(&out.stderr)
    );
    serde_json::from_slice(&out.stdout).unwrap()
}

#[test]
fn a_trial_shows_every_outcome_mark_and_reason() {
    let prompts = [
        "answer",
        "trap",
        "loop",
        "memory",
        "stack",
        "decline",
        "fault",
        "over-long",
        "giant",
        "pointer",
        "utf8",
        "variant",
    ];
    let shown = trial(
        &form::of(&prompts),
        &guest::as_told(),
        Digest::of(b"nonce"),
        "1",
    );
    let outcomes: Vec<&str> = shown["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|item| item["outcome"].as_str().unwrap())
        .collect();
    assert_eq!(
        outcomes,
        [
            "answered",
            "trap",
            "fuel",
            "memory",
            "stack",
            "declined",
            "guest-fault",
            "answered",
            "too-large",
            "bad-result",
            "bad-result",
            "bad-result"
        ]
    );
    let item = &shown["items"][0];
    assert_eq!(
        (item["answer"].as_str(), item["verdict"].as_str()),
        (Some("answer"), Some("pass"))
    );
    assert_eq!(item["expected"].as_str(), Some("answer"));
    let looped = &shown["items"][2];
    assert_eq!(looped["verdict"].as_str(), Some("unparsed"));
    assert!(looped["reason"].is_string(), "{looped}");
    assert!(
        looped["fuel"].as_str().unwrap().parse::<u64>().unwrap() >= 2_000_000_000,
        "{looped}"
    );
    assert_eq!(shown["items"][7]["answer"].as_str().unwrap().len(), 64);
}

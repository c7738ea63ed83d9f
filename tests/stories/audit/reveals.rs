//! A form is revealed: whoever has the station's public files opens it and runs its systems again.

use std::collections::BTreeSet;

use assay_evidence::{
    digest::Digest,
    json,
    seal::{self, FormBody},
};
use assay_tests::{forge::Forge, static_files::StaticFiles, world::text};
use serde_json::{Value, json};

use super::{Scene, count};
use crate::reveal::Published;

/// A station with one revealed form, run by a system whose team declared it open and one that did not.
fn revealed() -> Scene {
    let published = Published::new();
    for (name, extra) in [
        ("seeded-guess", &["--open", "--wait"][..]),
        ("always-declines", &["--wait"]),
    ] {
        let component = published.world.programs.component(name);
        published.submit(&component, name, extra);
    }
    let (sealed, identity) = (text(&published.sealed), text(&published.identity));
    let mut reveal = published.reveal(&sealed, &identity);
    reveal.push("--yes");
    published.world.assay(&reveal).expect_code(0);
    let world = published.world;
    let station = world.station();
    Scene { world, station }
}

const AGAIN: &str = "receipts of revealed forms run again";

#[test]
fn a_revealed_form_is_opened_and_its_systems_are_run_again() {
    let scene = revealed();
    let server = StaticFiles::serve(&scene.station.join("data/public"));
    let address = &server.address;
    let said = scene.audit(address, &["--json"]).expect_code(0).json();
    assert_eq!(said["records"]["form-reveal"], 1);
    let opened = "forms opened and compared with their commitments";
    assert_eq!(count(&said, opened), 1);
    let compared = "receipts compared with the items of their forms";
    assert_eq!(count(&said, compared), 2);
    assert_eq!(count(&said, AGAIN), 1);
    let left_out = said["not_checked"].to_string();
    assert!(left_out.contains("is not held"), "{left_out}");
    assert_eq!(said.get("draw"), None);

    let own = text(&scene.world.programs.components);
    let all = scene.audit(address, &["--json", "--adapters", &own]);
    assert_eq!(count(&all.expect_code(0).json(), AGAIN), 2);
    let none = scene.audit(address, &["--json", "--rerun", "none"]);
    assert_eq!(count(&none.expect_code(0).json(), AGAIN), 0);
    scene.audit(address, &["--rerun", "some"]).expect_code(2);
    let no_time = ["--json", "--adapters", &own, "--rerun-minutes", "0"];
    let said = scene.audit(address, &no_time).expect_code(0).json();
    assert_eq!(count(&said, AGAIN), 0);
    let left_out = said["not_checked"].to_string();
    assert!(
        left_out.contains("2 more runs on revealed forms"),
        "{left_out}"
    );
}

#[test]
fn a_lot_decides_what_is_run_again_and_whoever_knows_its_seed_repeats_it() {
    let scene = revealed();
    let public = text(&scene.station.join("data/public"));
    let own = text(&scene.world.programs.components);
    let draw = |extra: &[&str]| {
        let mut arguments = vec!["--json", "--adapters", &own, "--rerun", "1"];
        arguments.extend_from_slice(extra);
        let said = scene.audit(&public, &arguments).expect_code(0).json();
        assert_eq!(count(&said, AGAIN), 1);
        said["draw"].clone()
    };
    let fresh = draw(&[]);
    assert_eq!(fresh["of"], 2);
    let seed = fresh["seed"].as_str().expect("a seed");
    assert_eq!(draw(&["--seed", seed]), fresh);
    assert_ne!(draw(&[])["seed"], fresh["seed"]);
    // Under enough seeds each of the two is drawn.
    let drawn =
        |byte: u8| draw(&["--seed", &format!("{byte:02x}").repeat(32)])["drawn"].to_string();
    let all: BTreeSet<String> = (0..8).map(drawn).collect();
    assert_eq!(all.len(), 2, "{all:?}");

    let arguments = ["--adapters", &own, "--rerun", "1", "--seed", seed];
    let shown = scene.audit(&public, &arguments).expect_code(0).out;
    let says = format!("drawn: 1 of 2 receipts of revealed forms; --seed {seed} draws the same\n");
    assert!(shown.contains(&says), "{shown}");
}

type Plant = fn(&mut Forge);

/// What the operator lies about, by the name under which it must be found.
const LIES: [(&str, Plant); 9] = [
    ("wrong-reveal", reveal_another_item),
    ("wrong-reveal", reveal_another_seed),
    ("wrong-reveal", reveal_another_count),
    ("unreadable-form", commit_what_nobody_can_read),
    ("wrong-score", better_a_score),
    ("wrong-score", spare_an_answer),
    ("wrong-score", hide_a_failure),
    ("wrong-rerun", save_fuel),
    ("wrong-rerun", change_the_outcomes),
];

#[test]
fn another_item_score_or_run_is_found_by_its_name() {
    let scene = revealed();
    let honest = scene.publish(&scene.forge(), "honest");
    let said = scene.audit(&text(&honest.folder), &["--json"]);
    assert_eq!(count(&said.expect_code(0).json(), AGAIN), 1);
    for (number, (fraud, plant)) in LIES.into_iter().enumerate() {
        let mut forge = scene.forge();
        plant(&mut forge);
        let copy = scene.publish(&forge, &number.to_string());
        scene.must_find(fraud, &copy.folder, &[]);
    }
}

#[test]
fn a_run_that_only_another_engine_could_repeat_is_counted_in_the_verdict() {
    let scene = revealed();
    let mut forge = scene.forge();
    save_fuel(&mut forge);
    let receipt = open_run(&forge);
    let intent = &forge.drafts[receipt].statement["predicate"]["intent"]["index"];
    let intent = intent.as_u64().expect("an index") as usize;
    for place in [intent, receipt] {
        forge.lie(place, |record| {
            record["runtime"]["version"] = json!("0.0.0");
        });
    }
    let copy = scene.publish(&forge, "invented");
    let shown = scene.audit(&text(&copy.folder), &[]).expect_code(0).out;
    let says = "\npassed, but one thing that the station wrote could not be checked\n";
    assert!(shown.ends_with(says), "{shown}");
    let said = scene.audit(&text(&copy.folder), &["--json"]);
    assert_eq!(said.expect_code(0).json()["uncheckable"], 1);
}

#[test]
fn an_open_adapter_that_is_withheld_or_another_is_found() {
    let scene = revealed();
    let forge = scene.forge();
    let submission = &forge.drafts[forge.nth("submission", 0)].statement["predicate"];
    assert_eq!(submission["declares"]["open"], "yes");
    let digest = submission["adapter"]["sha256"].as_str().expect("a digest");
    let path = format!("blob/{}/{digest}", &digest[..2]);
    let copy = scene.publish(&forge, "withheld");
    copy.remove(&path);
    scene.must_find("withheld-blob", &copy.folder, &[]);
    copy.put(&path, b"another adapter");
    scene.must_find("bad-blob", &copy.folder, &[]);
}

/// The last item is exchanged, and the reveal states what is then true of its own body.
fn reveal_another_item(forge: &mut Forge) {
    let mut body = revealed_body(forge);
    let last = body.items.last_mut().expect("an item");
    let text = String::from_utf8(last.clone()).expect("an item is JSON");
    *last = text.replacen('e', "a", 1).into_bytes();
    reveal_body(forge, &body);
}

/// What was committed comes out, but it is no form; the commitment names this program's grader.
fn commit_what_nobody_can_read(forge: &mut Forge) {
    let mut body = revealed_body(forge);
    let last = body.items.last_mut().expect("an item");
    last[0] = b'[';
    reveal_body(forge, &body);
    let reveal = forge.nth("form-reveal", 0);
    let commitment = &forge.drafts[reveal].statement["predicate"]["commitment"];
    let commitment = commitment["index"].as_u64().expect("an index") as usize;
    let items = seal::items_tree(&body);
    forge.lie(commitment, move |form| form["items"] = json!(items));
}

fn reveal_body(forge: &mut Forge, body: &FormBody) {
    let reveal = forge.nth("form-reveal", 0);
    let items = seal::items_tree(body);
    let bytes = body.to_bytes();
    let (length, digest) = (bytes.len(), Digest::of(&bytes));
    forge.blobs.insert(digest, bytes);
    forge.lie(reveal, move |reveal| {
        reveal["body"] = json!({ "bytes": length, "sha256": digest });
        reveal["itemsRoot"] = json!(items.root);
    });
}

fn revealed_body(forge: &Forge) -> FormBody {
    let reveal = &forge.drafts[forge.nth("form-reveal", 0)];
    let stated = &reveal.statement["predicate"]["body"]["sha256"];
    let digest: Digest = json::from_value(stated).expect("a digest");
    FormBody::parse(&forge.blobs[&digest]).expect("a form body")
}

fn reveal_another_seed(forge: &mut Forge) {
    let reveal = forge.nth("form-reveal", 0);
    forge.lie(reveal, |reveal| reveal["seed"] = json!(Digest([7; 32])));
}

fn reveal_another_count(forge: &mut Forge) {
    let reveal = forge.nth("form-reveal", 0);
    let items = revealed_body(forge).items.len();
    forge.lie(reveal, move |reveal| reveal["items"] = json!(items - 1));
}

/// One row alone: it no longer fits its interval, or the sum of its sections.
fn better_a_score(forge: &mut Forge) {
    lie_in_the_open_run(forge, |receipt| more(&mut receipt["scores"][0]["num"], 1));
}

/// One answer less in the total and in its section: possible, but not what happened.
fn spare_an_answer(forge: &mut Forge) {
    lie_in_the_open_run(forge, |receipt| {
        for row in 0..2 {
            more(&mut receipt["scores"][row]["attempted"], -1);
        }
    });
}

fn hide_a_failure(forge: &mut Forge) {
    lie_in_the_open_run(forge, |receipt| {
        more(&mut receipt["counts"]["answered"], -1);
        more(&mut receipt["counts"]["failed"], 1);
    });
}

fn save_fuel(forge: &mut Forge) {
    lie_in_the_open_run(forge, |receipt| receipt["usage"]["fuel"] = json!("1"));
}

fn change_the_outcomes(forge: &mut Forge) {
    lie_in_the_open_run(forge, |receipt| {
        receipt["outcomes"]["root"] = json!(Digest([7; 32]));
    });
}

fn more(count: &mut Value, by: i64) {
    *count = json!(count.as_i64().expect("a count") + by);
}

fn lie_in_the_open_run(forge: &mut Forge, lie: fn(&mut Value)) {
    let receipt = open_run(forge);
    forge.lie(receipt, lie);
}

/// The receipt of the system that was submitted first.
fn open_run(forge: &Forge) -> usize {
    let submission = forge.nth("submission", 0) as u64;
    let is_its = |place: &usize| {
        let named = &forge.drafts[*place].statement["predicate"]["submission"]["index"];
        named.as_u64() == Some(submission)
    };
    forge.places("receipt").find(is_its).expect("it ran")
}

//! A station changes its keys in the middle of its life: old receipts stay good, old keys do not.

use std::{
    fs,
    path::{Path, PathBuf},
};

use assay_evidence::{
    bundle::Bundle,
    digest::Digest,
    hex, json,
    keys::Ed25519SigningKey,
    manifest::{self, Chain},
    policy::Policy,
};
use assay_tests::{
    Finished, World, waiting,
    world::{ORIGIN, text},
};
use serde_json::Value;

use crate::{api, log::records};

#[test]
fn a_station_takes_in_new_keys_and_goes_on() {
    let mut world = World::new();
    world.publish_form("bay-knowledge", &[]);
    let old = bundle(&world, "seeded-guess", "Coin flip");
    let pinned = kept_policy(&world);
    world.crash_server();
    let next = rotate(&world, "recorder");
    assert_eq!(next["version"], 2);
    assert_eq!(next["closed"].as_array().map(Vec::len), Some(1));
    assert_eq!(rotate(&world, "log")["version"], 3);
    world.serve();

    let new = bundle(&world, "always-declines", "Never answers");
    let derived = derived_policy(&world);
    for policy in [&pinned, &derived] {
        for bundle in [&old, &new] {
            verify(&world, policy, &bundle.file).expect_code(0);
        }
    }
    assert_eq!(lines_of_newest_checkpoint(&world), 2);
    the_manifests_are_logged_first(&world, &next["size"]);
    let said = world.assay(&["audit", world.address(), "--policy", &text(&pinned)]);
    said.expect_code(0);
}

#[test]
fn a_log_key_closes_after_its_overlap_and_the_policy_follows() {
    let mut world = World::new();
    world.publish_form("bay-knowledge", &[]);
    let before = bundle(&world, "seeded-guess", "Coin flip");
    let pinned = kept_policy(&world);
    let first = open_key(&world, "log");
    world.crash_server();
    rotate(&world, "log");
    let station = text(&world.station());
    let close = |world: &World, more: &[&str]| {
        let verb = ["station", "close-key", &station, &first];
        world.assay(&[verb.as_slice(), more].concat())
    };
    let refused_close = |world: &World, why: &str| {
        let said = close(world, &[]).expect_code(1).err;
        assert!(said.contains(why), "{said}");
    };
    refused_close(
        &world,
        "serve the station once so that the other log key signs",
    );
    let unlogged = world.assay(&["station", "rotate", &station, "--role", "recorder"]);
    assert_eq!(
        unlogged.expect_code(1).err,
        "assay: manifest version 2 is not in the log yet; serve the station once before the recorder key changes\n"
    );
    world.serve();
    let overlapped = bundle(&world, "always-declines", "Never answers");
    refused_close(&world, "is in use by another server");
    world.crash_server();
    refused_close(&world, "two log keys sign side by side for 30 days");
    close(&world, &["--now-despite-overlap", " "]).expect_code(2);
    let why = "a story has no thirty days";
    close(&world, &["--now-despite-overlap", why]).expect_code(0);
    world.serve();

    let later = bundle(&world, "table-expert-25", "A quarter");
    let derived = derived_policy(&world);
    verify(&world, &pinned, &overlapped.file).expect_code(0);
    verify(&world, &derived, &overlapped.file).expect_code(0);
    verify(&world, &derived, &later.file).expect_code(0);
    let unknown = "checkpoint has no signature line by a known key of its log";
    refused(&world, &pinned, &later.file, unknown);
    assert_eq!(lines_of_newest_checkpoint(&world), 1);

    verify(&world, &pinned, &before.file).expect_code(0);
    refused(&world, &derived, &before.file, unknown);
    waiting::until("the first bundle is under the newest checkpoint", || {
        let bundle = api::get(&world, &before.link).body;
        fs::write(&before.file, bundle).expect("the folder is writable");
        (verify(&world, &derived, &before.file).code == 0).then_some(())
    });
    let audit = ["audit", world.address(), "--policy", &text(&derived)];
    world.assay(&audit).expect_code(0);
}

#[test]
fn what_a_stolen_key_signed_is_void_from_the_last_index_known_to_be_good() {
    let mut world = World::new();
    world.publish_form("bay-knowledge", &[]);
    let old = bundle(&world, "seeded-guess", "Coin flip");
    let is_commitment = |record: &(String, Value)| record.0 == "form-commitment";
    let commitment = records(&world).iter().position(is_commitment);
    let commitment = commitment.expect("a form was published").to_string();
    let stolen = open_key(&world, "recorder");
    world.crash_server();
    let station = text(&world.station());
    let close = [
        "station",
        "close-key",
        &station,
        &stolen,
        "--at",
        &commitment,
    ];
    let alone = world.assay(&close).expect_code(1).err;
    let only = format!("{stolen} is the only open recorder key");
    assert!(alone.contains(&only), "{alone}");
    rotate(&world, "recorder");
    world.assay(&close).expect_code(0);
    world.serve();

    // Whoever saved the bundle takes the manifests from the station.
    let policy = kept_policy(&world);
    verify(&world, &policy, &old.file).expect_code(0);
    let saved = fs::read(&old.file).expect("it was saved");
    let mut bundle = Bundle::parse(&saved).expect("it verified");
    let chain = Chain::parse(&world.file("/manifest.json"), &pin(&world));
    let chain = chain.expect("the station's own chain");
    bundle.manifests = chain.envelopes().cloned().collect();
    fs::write(&old.file, bundle.to_bytes()).expect("the folder is writable");
    let why = format!("is signed by the key {stolen}, which does not hold the role");
    refused(&world, &policy, &old.file, &why);
    waiting::until("the void bundle is gone", || {
        (api::get(&world, &old.link).status == 404).then_some(())
    });
}

#[test]
fn a_station_without_its_open_keys_does_not_start() {
    let mut world = World::new();
    world.crash_server();
    let next = rotate(&world, "recorder");
    let file = PathBuf::from(next["key_file"].as_str().expect("a path"));
    let kept = fs::read(&file).expect("the key was written");
    fs::remove_file(&file).expect("the folder is writable");
    let config = world.born("config");
    let refused = world.assay(&["serve", "--config", &config]).expect_code(1);
    let key = next["key"].as_str().expect("a key id");
    assert!(
        refused
            .err
            .contains(&format!("lacks the recorder key {key}")),
        "{}",
        refused.err
    );
    fs::write(&file, kept).expect("the folder is writable");
    world.serve();
    assert_eq!(open_key(&world, "recorder"), key);
}

#[test]
fn a_rotation_that_was_cut_off_changes_nothing_and_is_finished_by_the_same_command() {
    let mut world = World::new();
    world.publish_form("bay-knowledge", &[]);
    world.crash_server();
    let station = world.station();
    let last = [station.join("policy"), station.join("manifest.json")];
    let before = last
        .each_ref()
        .map(|file| fs::read(file).expect("init wrote it"));
    let cut_off = rotate(&world, "log");
    // Keys and the keeper's copies are written before these two.
    for (file, before) in last.iter().zip(before) {
        fs::write(file, before).expect("the folder is writable");
    }
    world.serve();
    let between = bundle(&world, "seeded-guess", "Coin flip");
    assert_eq!(lines_of_newest_checkpoint(&world), 1);
    world.crash_server();
    let finished = rotate(&world, "log");
    assert_eq!(finished["version"], 2);
    assert_eq!(finished["key"], cut_off["key"]);
    assert_eq!(finished["key_file"], cut_off["key_file"]);
    world.serve();
    let after = bundle(&world, "always-declines", "Never answers");
    assert_eq!(lines_of_newest_checkpoint(&world), 2);
    for bundle in [between, after] {
        verify(&world, &world.policy(), &bundle.file).expect_code(0);
    }
}

#[test]
fn without_enough_roots_nothing_changes() {
    let mut world = World::new();
    world.crash_server();
    let station = text(&world.station());
    let stranger = world.path("stranger");
    fs::write(&stranger, hex::encode(&[7; 32])).expect("the folder is writable");
    let before = fs::read(world.station().join("manifest.json")).expect("init wrote it");
    let rotate = ["station", "rotate", &station, "--role", "log"];
    let strange = text(&stranger);
    let refused = world.assay(&[rotate.as_slice(), &["--root", &strange]].concat());
    let refused = refused.expect_code(1);
    assert!(
        refused
            .err
            .contains("signature 1 of manifest version 2 is not by a root key"),
        "{}",
        refused.err
    );
    let after = fs::read(world.station().join("manifest.json")).expect("it is still there");
    assert_eq!(before, after);
    world.serve();
}

#[test]
fn an_expired_manifest_keeps_what_was_and_takes_nothing_new_until_it_is_renewed() {
    let mut world = World::new();
    world.publish_form("bay-knowledge", &[]);
    let old = bundle(&world, "seeded-guess", "Coin flip");
    let policy = kept_policy(&world);
    world.crash_server();
    expire(&world);
    world.serve();
    verify(&world, &policy, &old.file).expect_code(0);
    let component = fs::read(world.programs.component("always-declines")).expect("it is built");
    let name = "name=Never%20answers&benchmark=bay-knowledge";
    let refused = api::submit(&world, name, &component);
    assert_eq!(refused.status, 409);
    let detail = refused.json()["detail"].to_string();
    assert!(
        detail.contains("manifest expired at 2020-01-01T00:00:00Z; new records need a newer one"),
        "{detail}"
    );
    world.crash_server();
    world
        .assay(&["station", "renew", &text(&world.station())])
        .expect_code(0);
    world.serve();
    bundle(&world, "always-declines", "Never answers");
}

/// A bundle as somebody saved it, and where the station serves it.
struct Kept {
    file: PathBuf,
    link: String,
}

/// Submits an adapter, waits for its run and saves the bundle.
fn bundle(world: &World, component: &str, name: &str) -> Kept {
    let component = world.programs.component(component);
    let said = world.submit(&component, name, "bay-knowledge");
    let document = api::closed(world, said["self"].as_str().expect("a link"));
    let run = &document["runs"][0];
    assert_eq!(run["state"], "published", "{run}");
    let link = run["bundle"].as_str().expect("a path").to_owned();
    let file = world.path(&format!("{name}.json"));
    fs::write(&file, api::get(world, &link).body).expect("the folder is writable");
    Kept { file, link }
}

fn verify(world: &World, policy: &Path, bundle: &Path) -> Finished {
    world.assay(&["verify", "--policy", &text(policy), &text(bundle)])
}

/// `assay verify` must refuse the bundle and say why.
fn refused(world: &World, policy: &Path, bundle: &Path, why: &str) {
    let said = verify(world, policy, bundle).expect_code(1);
    let said = said.out + &said.err;
    assert!(said.contains(why), "{said}");
}

/// A copy of the policy as a stranger kept it from the station's first day.
fn kept_policy(world: &World) -> PathBuf {
    let kept = world.path("kept-policy");
    fs::copy(world.policy(), &kept).expect("init wrote a policy");
    kept
}

/// The policy that follows from the manifests that the station serves, under the first pin.
fn derived_policy(world: &World) -> PathBuf {
    let file = world.path("served-manifests.json");
    fs::write(&file, world.get_text("/manifest.json")).expect("the folder is writable");
    let pin = pin(world).to_string();
    let verb = [
        "station",
        "derive",
        "--manifests",
        &text(&file),
        "--pin",
        &pin,
    ];
    let derived = world.assay(&verb).expect_code(0);
    let policy = world.path("derived-policy");
    fs::write(&policy, derived.out).expect("the folder is writable");
    policy
}

fn pin(world: &World) -> Digest {
    let policy = fs::read_to_string(world.policy()).expect("init wrote a policy");
    let policy = Policy::parse(&policy).expect("the station's policy is well formed");
    *policy.manifest_for(ORIGIN).expect("it pins the manifest")
}

fn rotate(world: &World, role: &str) -> Value {
    let station = text(&world.station());
    let verb = ["station", "rotate", &station, "--role", role, "--json"];
    world.assay(&verb).expect_code(0).json()
}

/// Id of the newest open key of a role.
fn open_key(world: &World, role: &str) -> String {
    let listed = world.assay(&["station", "keys", &text(&world.station()), "--json"]);
    let listed = listed.expect_code(0).json();
    let keys = listed["keys"].as_array().expect("a list of keys");
    let is_open = |key: &&Value| key["role"] == role && key["until"].is_null();
    let newest = keys
        .iter()
        .filter(is_open)
        .max_by_key(|key| key["from"].as_u64());
    newest.expect("an open key")["keyid"]
        .as_str()
        .expect("a key id")
        .to_owned()
}

fn lines_of_newest_checkpoint(world: &World) -> usize {
    let note = world.get_text("/checkpoint");
    note.lines()
        .filter(|line| line.starts_with('\u{2014}'))
        .count()
}

fn the_manifests_are_logged_first(world: &World, size: &Value) {
    let size = usize::try_from(size.as_u64().expect("a size")).expect("a small log");
    let records = records(world);
    let named: Vec<(usize, u64)> = records
        .iter()
        .enumerate()
        .filter(|(_, (kind, _))| kind == "station-manifest")
        .map(|(at, (_, predicate))| (at, predicate["version"].as_u64().expect("a version")))
        .collect();
    assert_eq!(named, [(0, 1), (size, 2), (size + 1, 3)]);
}

/// Signs and writes a version 2 that expired long ago, as time would make of any manifest.
fn expire(world: &World) {
    let path = world.station().join("manifest.json");
    let chain = fs::read(&path).expect("init wrote the manifest");
    let chain = Chain::parse(&chain, &pin(world)).expect("the station's own chain");
    let mut next = chain.newest().successor();
    "2020-01-01T00:00:00Z".clone_into(&mut next.expires);
    let seed = fs::read_to_string(world.station().join("keys/root")).expect("the root key is here");
    let seed = hex::decode(seed.trim_end()).expect("a key file is hex");
    let root = Ed25519SigningKey::from_seed(seed.try_into().expect("a seed has 32 bytes"));
    let signed = manifest::sign(&[&root], &next);
    let envelopes: Vec<_> = chain.envelopes().cloned().chain([signed]).collect();
    for folder in ["", "enclave"] {
        let path = world.station().join(folder).join("manifest.json");
        fs::write(path, json::to_vec(&envelopes)).expect("the folder is writable");
    }
}

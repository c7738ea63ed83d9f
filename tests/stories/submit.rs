//! A model team submits, waits, downloads its bundle and checks it offline; a forger fails.

use assay_evidence::{policy::Policy, verify};
use assay_tests::{World, world::text};

use crate::api;

#[test]
fn a_team_submits_over_http_waits_and_verifies_its_bundle() {
    let world = World::new();
    world.publish_form("bay-knowledge", &[]);
    let component = std::fs::read(world.programs.component("seeded-guess")).expect("it is built");

    let accepted = api::submit(
        &world,
        "name=Coin%20flip&benchmark=bay-knowledge",
        &component,
    );
    assert!((200..300).contains(&accepted.status), "{}", accepted.status);
    let this = accepted.json()["self"].as_str().expect("a link").to_owned();
    let document = api::closed(&world, &this);
    let run = &document["runs"][0];
    assert_eq!(run["state"], "published", "{run}");

    let bundle = api::get(&world, run["bundle"].as_str().expect("a path"));
    assert_eq!(bundle.status, 200);
    let file = world.path("result.json");
    std::fs::write(&file, &bundle.body).expect("the folder is writable");

    let (policy, file) = (text(&world.policy()), text(&file));
    let verified = world
        .assay(&["verify", "--policy", &policy, &file])
        .expect_code(0);
    assert!(verified.out.contains("Coin flip"), "{}", verified.out);

    no_flipped_byte_verifies(&bundle.body, &policy);
    a_flipped_byte_is_refused_with_its_reason(&world, &bundle.body, &policy);
    the_same_request_again_has_no_second_effect(&world, &component, &this);
}

fn no_flipped_byte_verifies(bundle: &[u8], policy: &str) {
    let policy = std::fs::read_to_string(policy).expect("init wrote a policy");
    let policy = Policy::parse(&policy).expect("the station's policy is well formed");
    assert!(verify::bundle(bundle, &policy).verified());
    let mut changed = bundle.to_vec();
    for at in 0..bundle.len() {
        changed[at] ^= 1;
        assert!(!verify::bundle(&changed, &policy).verified(), "byte {at}");
        changed[at] ^= 1;
    }
}

fn a_flipped_byte_is_refused_with_its_reason(world: &World, bundle: &[u8], policy: &str) {
    let mut changed = bundle.to_vec();
    let at = changed.len() / 2;
    changed[at] ^= 1;
    let file = world.path("changed.json");
    std::fs::write(&file, changed).expect("the folder is writable");
    let refused = world
        .assay(&["verify", "--policy", policy, &text(&file)])
        .expect_code(1);
    assert!(
        refused.out.contains("FAILED") || refused.err.contains("error"),
        "{refused:?}"
    );
}

fn the_same_request_again_has_no_second_effect(world: &World, component: &[u8], this: &str) {
    let again = api::submit(world, "name=Coin%20flip&benchmark=bay-knowledge", component);
    assert_eq!(again.json()["self"], *this);
    let runs = world.get("/api/v1/runs");
    assert_eq!(runs["rows"].as_array().map(Vec::len), Some(1), "{runs}");
}

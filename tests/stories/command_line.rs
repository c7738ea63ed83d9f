//! A team that uses only the command line: submit and wait, list, save the bundle, verify.

use assay_tests::{World, world::text};

#[test]
fn a_team_submits_waits_lists_saves_and_verifies_by_command_line() {
    let world = World::new();
    world.publish_form("bay-reasoning", &[]);
    let component = text(&world.programs.component("always-declines"));
    let submitted = world
        .assay(&[
            "submit",
            &component,
            "--name",
            "Modest 1.0",
            "--benchmark",
            "bay-reasoning",
            "--wait",
            "--json",
        ])
        .expect_code(0)
        .json();
    let run = &submitted["runs"][0];
    assert_eq!(run["state"], "published", "{submitted}");

    let listed = world.assay(&["runs"]).expect_code(0);
    assert!(listed.out.contains("Modest 1.0"), "{}", listed.out);
    assert!(listed.out.contains("published"), "{}", listed.out);

    let leaf = run["receipt"]["leaf"].as_str().expect("a leaf hash");
    let shown = world.assay(&["receipt", leaf]).expect_code(0);
    assert!(shown.out.contains("Modest 1.0"), "{}", shown.out);
    let (bundle, policy) = (text(&world.path("bundle.json")), text(&world.policy()));
    world
        .assay(&["receipt", leaf, "-o", &bundle])
        .expect_code(0);
    let verified = world
        .assay(&["verify", "--policy", &policy, &bundle])
        .expect_code(0);
    assert!(verified.out.contains("verified"), "{}", verified.out);
    assert!(verified.out.contains("0 of 75"), "{}", verified.out);

    let unknown = "0".repeat(64);
    let missing = world.assay(&["receipt", &unknown]).expect_code(1);
    assert!(missing.err.contains(&unknown), "{}", missing.err);
}

#[test]
fn a_submit_token_publishes_no_form_and_a_form_token_submits_nothing() {
    let world = World::new();
    let sealed = text(&world.path("form.age"));
    world
        .assay(&[
            "form",
            "seal",
            "bay-reasoning",
            "--to",
            &world.recipient(),
            "-o",
            &sealed,
        ])
        .expect_code(0);
    let token = world.token();
    let refused = world
        .assay(&["form", "publish", &sealed, "--token", &token])
        .expect_code(1);
    assert!(refused.err.contains("form"), "{}", refused.err);
    assert_eq!(world.get("/api/v1/forms")["rows"], serde_json::json!([]));

    world.publish_form("bay-reasoning", &[]);
    let component = text(&world.programs.component("always-declines"));
    let token = world.born("form_token");
    let refused = world
        .assay(&[
            "submit",
            &component,
            "--name",
            "x",
            "--benchmark",
            "bay-reasoning",
            "--token",
            &token,
        ])
        .expect_code(1);
    assert!(refused.err.contains("submit"), "{}", refused.err);
    assert_eq!(
        world.get("/api/v1/submissions")["rows"],
        serde_json::json!([])
    );
}

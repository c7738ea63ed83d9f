//! A researcher seals a form: the stock age tool opens it with the identity, nobody else does.

use std::{fs, process::Command};

use assay_evidence::{digest::Digest, seal};
use assay_tests::{World, programs::root, world::text};

#[test]
fn the_stock_age_tool_opens_a_sealed_form_and_finds_what_was_committed() {
    let world = World::unborn();
    let identity = world.path("identity.txt");
    let made = Command::new("age-keygen")
        .args(["-o", &text(&identity)])
        .output()
        .expect("age is installed by the set-up of the tests");
    assert!(made.status.success());
    let recipient = public_key(&fs::read_to_string(&identity).expect("age-keygen wrote it"));

    let sealed = world.path("form.age");
    let pack = text(&root().join("benchmarks/packs/bay-reasoning"));
    let said = world
        .assay(&[
            "form",
            "seal",
            &pack,
            "--to",
            &recipient,
            "-o",
            &text(&sealed),
            "--json",
        ])
        .expect_code(0)
        .json();

    let opened = Command::new("age")
        .args(["--decrypt", "-i", &text(&identity), &text(&sealed)])
        .output()
        .expect("age starts");
    assert!(
        opened.status.success(),
        "{}",
        String::from_utf8_lossy(&opened.stderr)
    );
    let body = seal::open_plaintext(&opened.stdout).expect("the committed layout");
    let items = serde_json::to_value(seal::items_tree(&body)).expect("a document");
    let commitment = &said["commitment"];
    assert_eq!(commitment["items"], items);
    assert_eq!(commitment["seal"]["padded"], opened.stdout.len());
    assert_eq!(
        commitment["seal"]["bytes"],
        fs::metadata(&sealed).expect("sealed").len()
    );
    let name = serde_json::to_value(seal::recipient_id(&recipient)).expect("a digest");
    assert_eq!(commitment["seal"]["recipients"][0], name);
    let digest = Digest::of(&fs::read(&sealed).expect("sealed")).to_string();
    assert_eq!(said["sha256"], digest);
}

#[test]
fn two_seals_of_one_pack_hold_different_forms() {
    let world = World::new();
    let first = world.publish_form("bay-knowledge", &[]);
    let second = world.publish_form("bay-knowledge", &[]);
    let forms = world.get("/api/v1/forms");
    let rows = forms["rows"].as_array().expect("a list");
    assert_ne!(first["form"], second["form"]);
    assert_ne!(rows[0]["root"], rows[1]["root"]);
}

fn public_key(identity: &str) -> String {
    let line = identity.lines().find(|line| line.contains("age1"));
    let line = line.expect("age-keygen prints the recipient");
    line[line.find("age1").expect("found above")..].to_owned()
}

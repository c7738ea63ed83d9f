//! A researcher seals a form: the stock age tool opens it with the identity, nobody else does.

use std::{fs, path::Path, process::Command};

use assay_evidence::{digest::Digest, seal};
use assay_tests::{World, programs::root, world::text};

#[test]
fn the_stock_age_tool_opens_a_sealed_form_for_each_recipient_and_finds_what_was_committed() {
    let world = World::unborn();
    let identities = [
        world.path("first-identity.txt"),
        world.path("second-identity.txt"),
    ];
    let recipients = identities.each_ref().map(|file| make_identity(file));

    let sealed = world.path("form.age");
    let pack = text(&root().join("benchmarks/packs/bay-reasoning"));
    let mut arguments = vec!["form", "seal", &pack, "--json"];
    for recipient in &recipients {
        arguments.extend(["--to", recipient]);
    }
    let sealed_text = text(&sealed);
    arguments.extend(["-o", &sealed_text]);
    let said = world.assay(&arguments).expect_code(0).json();
    let commitment = &said["commitment"];

    for identity in &identities {
        let plaintext = open_with_age(identity, &sealed);
        let body = seal::open_plaintext(&plaintext).expect("the committed layout");
        let items = serde_json::to_value(seal::items_tree(&body)).expect("a document");
        assert_eq!(commitment["items"], items);
        assert_eq!(commitment["seal"]["padded"], plaintext.len());
    }
    let bytes = fs::read(&sealed).expect("sealed");
    assert_eq!(commitment["seal"]["bytes"], bytes.len());
    assert_eq!(said["sha256"], Digest::of(&bytes).to_string());
    let mut names = recipients.map(|recipient| seal::recipient_id(&recipient));
    names.sort();
    let names = serde_json::to_value(names).expect("digests");
    assert_eq!(commitment["seal"]["recipients"], names);
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

/// Makes an age identity file and returns its recipient.
fn make_identity(file: &Path) -> String {
    let made = Command::new("age-keygen")
        .args(["-o", &text(file)])
        .output()
        .expect("age is installed by the set-up of the tests");
    assert!(made.status.success());
    public_key(&fs::read_to_string(file).expect("age-keygen wrote it"))
}

/// What the stock tool decrypts.
pub fn open_with_age(identity: &Path, sealed: &Path) -> Vec<u8> {
    let opened = Command::new("age")
        .args(["--decrypt", "-i", &text(identity), &text(sealed)])
        .output()
        .expect("age starts");
    let says = String::from_utf8_lossy(&opened.stderr);
    assert!(opened.status.success(), "{says}");
    opened.stdout
}

fn public_key(identity: &str) -> String {
    let line = identity.lines().find(|line| line.contains("age1"));
    let line = line.expect("age-keygen prints the recipient");
    line[line.find("age1").expect("found above")..].to_owned()
}

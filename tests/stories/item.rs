//! One disputed item of a form that stays sealed is opened alone, and anybody checks it offline.

use std::{
    fs,
    path::{Path, PathBuf},
};

use assay_evidence::{base64, seal};
use assay_tests::{World, programs::Finished, world::text};
use serde_json::Value;

use crate::{api, forms::open_with_age};

/// A published form, and the files that a dispute about it needs.
struct Dispute {
    world: World,
    sealed: PathBuf,
    identity: PathBuf,
    /// Tlog-proof of the commitment.
    proof: PathBuf,
    manifest: PathBuf,
}

impl Dispute {
    fn new() -> Self {
        let world = World::new();
        let identity = world.path("identity");
        let keep = ["--keep-identity", &text(&identity)];
        let sealed = world.seal_form("bay-reasoning", &keep);
        world.publish(&sealed);
        let (proof, manifest) = (
            world.path("commitment.tlog-proof"),
            world.path("manifest.json"),
        );
        let leaf = world.get("/api/v1/forms")["rows"][0]["commitment"]["leaf"].clone();
        let leaf = leaf.as_str().expect("a digest");
        save(&world, &format!("/proof/{leaf}.tlog-proof"), &proof);
        save(&world, "/manifest.json", &manifest);
        Self {
            world,
            sealed,
            identity,
            proof,
            manifest,
        }
    }

    fn open(&self, index: &str, proof: &Path, opening: &Path) -> Finished {
        let (sealed, identity) = (text(&self.sealed), text(&self.identity));
        let (proof, opening) = (text(proof), text(opening));
        let mut arguments = vec!["form", "open-item", &sealed, "--identity", &identity];
        arguments.extend([
            "--index",
            index,
            "--commitment-proof",
            &proof,
            "-o",
            &opening,
        ]);
        self.world.assay(&arguments)
    }

    fn check(&self, opening: &Path, extra: &[&str]) -> Finished {
        let (opening, policy) = (text(opening), text(&self.world.policy()));
        let mut arguments = vec![
            "form",
            "check-item",
            &opening,
            "--policy",
            &policy,
            "--json",
        ];
        arguments.extend_from_slice(extra);
        self.world.assay(&arguments)
    }

    fn check_with_proof(&self, opening: &Path) -> Finished {
        let (proof, manifest) = (text(&self.proof), text(&self.manifest));
        self.check(opening, &["--proof", &proof, "--manifest", &manifest])
    }
}

#[test]
fn an_opened_item_is_shown_to_be_the_committed_one_and_shows_no_other() {
    let dispute = Dispute::new();
    let opening = dispute.world.path("item-7.json");
    dispute.open("7", &dispute.proof, &opening).expect_code(0);
    let said = dispute.check_with_proof(&opening).expect_code(0).json();
    assert_eq!(
        states(&said),
        [
            "passed",
            "not-checked",
            "passed",
            "passed",
            "passed",
            "passed",
            "passed"
        ]
    );
    assert_eq!(
        (&said["verified"], &said["item"]["index"]),
        (&true.into(), &7.into())
    );

    let body = open_with_age(&dispute.identity, &dispute.sealed);
    let body = seal::open_plaintext(&body).expect("the committed layout");
    let item = said["item"]["item"].as_str().expect("the item is text");
    assert_eq!(item.as_bytes(), body.items[7]);
    let file = fs::read_to_string(&opening).expect("it was written");
    for (index, other) in body
        .items
        .iter()
        .enumerate()
        .filter(|(index, _)| *index != 7)
    {
        assert!(!file.contains(&base64::encode(other)), "item {index}");
    }

    let proof = text(&dispute.proof);
    let alone = dispute
        .check(&opening, &["--proof", &proof])
        .expect_code(0)
        .json();
    let signer = &alone["checks"][3];
    assert_eq!(
        (&signer["name"], &signer["state"]),
        (&"signer".into(), &"not-checked".into())
    );
}

#[test]
fn an_altered_item_or_one_of_another_form_is_refused_with_the_reason() {
    let dispute = Dispute::new();
    let opening = dispute.world.path("item-7.json");
    dispute.open("7", &dispute.proof, &opening).expect_code(0);
    let true_one = fs::read_to_string(&opening).expect("it was written");
    let document: Value = serde_json::from_str(&true_one).expect("a document");
    let item = document["item"].as_str().expect("base64");
    let mut altered = base64::decode(item).expect("base64");
    altered[20] ^= 1;
    let salt = document["salt"].as_str().expect("hex");
    let other_salt = format!(
        "{}{}",
        if salt.starts_with('0') { "1" } else { "0" },
        &salt[1..]
    );
    let changed = dispute.world.path("changed.json");
    for (from, to, reason) in [
        (
            item,
            base64::encode(&altered).as_str(),
            "leaf 7 is not the committed one",
        ),
        (salt, &other_salt, "leaf 7 is not the committed one"),
        (
            "\"index\":7",
            "\"index\":8",
            "leaf 8 is not the committed one",
        ),
        (":7", ": 7", "opening is not in its canonical form"),
    ] {
        let text = true_one.replacen(from, to, 1);
        assert_ne!(text, true_one, "{from}");
        fs::write(&changed, text).expect("the folder is writable");
        let said = dispute.check_with_proof(&changed).expect_code(1).json();
        let last = said["checks"]
            .as_array()
            .and_then(|all| all.last())
            .cloned();
        let last = last.expect("a line");
        assert_eq!(last["state"], "failed", "{said}");
        assert!(
            last["reason"].as_str().unwrap_or_default().contains(reason),
            "{said}"
        );
        assert_eq!(said["item"], Value::Null, "nothing is shown of it");
    }

    let other = Dispute::new();
    let foreign = other.world.path("foreign.json");
    other.open("7", &other.proof, &foreign).expect_code(0);
    let said = dispute.check_with_proof(&foreign).expect_code(1).json();
    assert_eq!(said["verified"], false);
    let refused = other.check_with_proof(&opening).expect_code(1).json();
    assert_eq!(refused["verified"], false);
}

#[test]
fn the_bundle_of_a_receipt_serves_as_proof_and_what_does_not_fit_is_refused_first() {
    let dispute = Dispute::new();
    let world = &dispute.world;
    let component = world.programs.component("always-declines");
    let said = world.submit(&component, "Silent", "bay-reasoning");
    let document = api::closed(world, said["self"].as_str().expect("a link"));
    let bundle = world.path("bundle.json");
    save(
        world,
        document["runs"][0]["bundle"].as_str().expect("a path"),
        &bundle,
    );
    let opening = world.path("item-0.json");
    dispute.open("0", &bundle, &opening).expect_code(0);
    let bundle_text = text(&bundle);
    let said = dispute
        .check(&opening, &["--bundle", &bundle_text])
        .expect_code(0)
        .json();
    assert_eq!(
        said["item"]["form"],
        world.get("/api/v1/forms")["rows"][0]["form"]
    );

    let past = dispute.open("100000", &bundle, &opening).expect_code(2);
    assert!(past.err.contains("none at 100000"), "{past:?}");
    let stranger = world.path("stranger");
    let other = world.seal_form("bay-reasoning", &["--keep-identity", &text(&stranger)]);
    let (other, stranger) = (text(&other), text(&stranger));
    let mut arguments = vec!["form", "open-item", &other, "--identity", &stranger];
    let wanted = text(&world.path("nothing.json"));
    arguments.extend([
        "--index",
        "0",
        "--commitment-proof",
        &bundle_text,
        "-o",
        &wanted,
    ]);
    let refused = world.assay(&arguments).expect_code(1);
    assert!(
        refused.err.contains("is not the sealed file that"),
        "{refused:?}"
    );
    assert!(!Path::new(&wanted).exists());
}

fn states(said: &Value) -> Vec<&str> {
    let checks = said["checks"].as_array().expect("a list").iter();
    checks.filter_map(|check| check["state"].as_str()).collect()
}

fn save(world: &World, path: &str, file: &Path) {
    let answer = api::get(world, path);
    assert_eq!(answer.status, 200, "{path}");
    fs::write(file, answer.body).expect("the folder is writable");
}

//! A form's life ends in the open: retired, then revealed by whoever kept an identity, checked by anybody.

use std::{
    fs,
    path::{Path, PathBuf},
};

use assay_evidence::{digest::Digest, seal};
use assay_tests::{World, guests, waiting, world::text};
use serde_json::Value;

use crate::{api, log};

/// Enough turns for an item to take tens of milliseconds.
const LOOPS: u64 = 12_000_000;

/// A station with a published form whose author kept an identity.
pub struct Published {
    pub world: World,
    form: String,
    pub sealed: PathBuf,
    pub identity: PathBuf,
}

impl Published {
    pub fn new() -> Self {
        let world = World::new();
        let identity = world.path("identity");
        let keep = ["--keep-identity", &text(&identity)];
        let sealed = world.seal_form("bay-reasoning", &keep);
        let form = world.publish(&sealed)["form"]
            .as_str()
            .expect("an id")
            .to_owned();
        Self {
            world,
            form,
            sealed,
            identity,
        }
    }

    pub fn submit(&self, component: &Path, name: &str, extra: &[&str]) -> Value {
        let component = text(component);
        let mut arguments = vec!["submit", &component, "--benchmark", "bay-reasoning"];
        arguments.extend(["--name", name, "--json"]);
        arguments.extend_from_slice(extra);
        self.world.assay(&arguments).expect_code(0).json()
    }

    /// Arguments that reveal the form.
    pub fn reveal<'a>(&'a self, sealed: &'a str, identity: &'a str) -> Vec<&'a str> {
        let form = &self.form;
        vec![
            "form",
            "reveal",
            form,
            "--seal",
            sealed,
            "--identity",
            identity,
        ]
    }

    fn retire(&self, extra: &[&str]) -> assay_tests::programs::Finished {
        let mut arguments = vec!["form", "retire", &self.form, "--reason", "rotation"];
        arguments.extend_from_slice(extra);
        self.world.assay(&arguments)
    }

    fn state(&self) -> Value {
        let forms = self.world.get("/api/v1/forms");
        forms["rows"][0]["state"].clone()
    }

    /// Predicates of one kind of record.
    fn logged(&self, name: &str) -> Vec<Value> {
        let records = log::records(&self.world);
        let of_kind = records.into_iter().filter(|(kind, _)| kind == name);
        of_kind.map(|(_, predicate)| predicate).collect()
    }
}

#[test]
fn a_revealed_form_gives_back_what_was_committed_and_the_adapters_that_were_open() {
    let published = Published::new();
    let world = &published.world;
    let open = world.programs.component("seeded-guess");
    let closed = world.programs.component("always-declines");
    let open_run = published.submit(&open, "Open", &["--open", "--wait"]);
    let closed_run = published.submit(&closed, "Closed", &["--wait"]);
    assert_eq!(open_run["open"], true, "{open_run}");
    assert_eq!(closed_run["open"], false, "{closed_run}");
    let blob = |file: &Path| blob_path(&fs::read(file).expect("a file"));
    assert_eq!(api::get(world, &blob(&open)).status, 404, "not yet");

    let (sealed, identity) = (text(&published.sealed), text(&published.identity));
    let reveal = published.reveal(&sealed, &identity);
    let refused = world.assay_typing(&reveal, "yes").expect_code(1);
    assert!(
        refused.err.contains("for everybody and for ever"),
        "{refused:?}"
    );
    assert_eq!(published.state(), "open", "nothing was done");
    world.assay_typing(&reveal, &published.form).expect_code(0);
    assert_eq!(published.state(), "revealed");

    let reveals = published.logged("form-reveal");
    assert_eq!(reveals.len(), 1, "{reveals:?}");
    let body = reveals[0]["body"]["sha256"].as_str().expect("a digest");
    let body = api::get(world, &format!("/blob/{}/{body}", &body[..2])).body;
    let opened = seal::FormBody::parse(&body).expect("a form body");
    let committed = &published.logged("form-commitment")[0]["items"];
    let items = serde_json::to_value(seal::items_tree(&opened)).expect("a document");
    assert_eq!(*committed, items);
    assert_eq!(reveals[0]["items"], opened.items.len());
    assert_eq!(reveals[0]["seed"], Digest(opened.seed).to_string());

    assert_eq!(
        api::get(world, &blob(&open)).body,
        fs::read(&open).expect("a file")
    );
    for private in [&closed, &published.sealed] {
        assert_eq!(
            api::get(world, &blob(private)).status,
            404,
            "{}",
            private.display()
        );
    }
    let mut again = reveal.clone();
    again.extend(["--yes", "--json"]);
    let again = world.assay(&again).expect_code(0).json();
    assert_eq!(published.logged("form-reveal").len(), 1, "revealed once");
    assert_eq!(
        again["adapters"].as_array().map(Vec::len),
        Some(1),
        "{again}"
    );
}

#[test]
fn a_form_with_runs_is_retired_first_and_revealed_once_they_have_ended() {
    let published = Published::new();
    let world = &published.world;
    let component = world.path("slow.wasm");
    fs::write(&component, guests::slow(LOOPS)).expect("the folder is writable");
    let said = published.submit(&component, "Slow", &[]);
    let this = said["self"].as_str().expect("a link").to_owned();
    waiting::until("the run is under way", || {
        (world.get(&this)["runs"][0]["state"] == "running").then_some(())
    });

    let (sealed, identity) = (text(&published.sealed), text(&published.identity));
    let mut reveal = published.reveal(&sealed, &identity);
    reveal.push("--yes");
    let refused = world.assay(&reveal).expect_code(1);
    assert!(
        refused
            .err
            .contains("has runs that have not ended (0 waiting, 1 running); retire it first"),
        "{refused:?}"
    );
    let refused = published.retire(&[]).expect_code(1);
    assert!(
        refused.err.contains("not confirmed, so nothing was done"),
        "{refused:?}"
    );
    let retired = published.retire(&["--yes", "--json"]).expect_code(0).json();
    assert_eq!(retired["runs_open"], 1, "{retired}");
    let late = api::submit(world, "name=Late&benchmark=bay-reasoning", b"any bytes");
    assert!(late.problem(404, "not-found").contains("with an open form"));

    let document = api::closed(world, &this);
    assert_eq!(
        document["runs"][0]["state"], "published",
        "a running run ends normally"
    );
    world.assay(&reveal).expect_code(0);
    let states = published.logged("form-state");
    assert_eq!(states.len(), 1);
    assert_eq!(states[0]["reason"], "rotation");
    let page = String::from_utf8(api::get(world, "/en/station").body).expect("text");
    assert!(page.contains("a newer edition took its place"), "{page}");
}

#[test]
fn nobody_reveals_a_form_with_another_identity_another_file_or_another_token() {
    let published = Published::new();
    let world = &published.world;
    let stranger = world.path("stranger");
    let keep = ["--keep-identity", &text(&stranger)];
    let other = world.seal_form("bay-reasoning", &keep);
    let (sealed, identity) = (text(&published.sealed), text(&published.identity));
    let refused_with = |sealed: &str, identity: &str, says: &str| {
        let mut reveal = published.reveal(sealed, identity);
        reveal.push("--yes");
        let refused = world.assay(&reveal).expect_code(1);
        assert!(refused.err.contains(says), "{refused:?}");
    };
    refused_with(&sealed, &text(&stranger), "is not sealed for this identity");
    refused_with(&text(&other), &identity, "is another sealed file");
    let submit_token = world.token();
    let mut reveal = published.reveal(&sealed, &identity);
    reveal.extend(["--yes", "--token", &submit_token]);
    let refused = world.assay(&reveal).expect_code(1);
    assert!(refused.err.contains("token of scope `form`"), "{refused:?}");
    assert_eq!(published.state(), "open");
    assert_eq!(published.logged("form-reveal"), Vec::<Value>::new());
}

fn blob_path(bytes: &[u8]) -> String {
    let hex = Digest::of(bytes).to_string();
    format!("/blob/{}/{hex}", &hex[..2])
}

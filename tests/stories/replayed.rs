//! A form is revealed and a team had declared its adapter open: a stranger runs it again and compares.

use std::path::{Path, PathBuf};

use assay_evidence::seal::FormBody;
use assay_tests::world::text;
use serde_json::Value;

use crate::reveal::Published;

/// What a stranger has after the reveal.
struct Found {
    published: Published,
    bundle: PathBuf,
    body: PathBuf,
    component: PathBuf,
}

impl Found {
    fn new() -> Self {
        let published = Published::new();
        let world = &published.world;
        let component = world.programs.component("table-expert-75");
        let said = published.submit(&component, "Open", &["--open", "--wait"]);
        let leaf = said["runs"][0]["receipt"]["leaf"].as_str();
        let leaf = leaf.unwrap_or_else(|| panic!("no receipt: {said}"));
        let bundle = world.path("bundle.json");
        let save = ["receipt", leaf, "-o", &text(&bundle)];
        world.assay(&save).expect_code(0);

        let (sealed, identity) = (text(&published.sealed), text(&published.identity));
        let mut reveal = published.reveal(&sealed, &identity);
        reveal.extend(["--yes", "--json"]);
        let revealed = world.assay(&reveal).expect_code(0).json();
        let saved = |name: &str, path: &Value| {
            let path = path.as_str().unwrap_or_else(|| panic!("{revealed}"));
            let file = world.path(name);
            std::fs::write(&file, world.file(path)).expect("the folder is writable");
            file
        };
        let body = saved("form.body", &revealed["body"]);
        let component = saved("adapter.wasm", &revealed["adapters"][0]);
        Self {
            published,
            bundle,
            body,
            component,
        }
    }

    fn replay(&self, body: &Path, component: &Path, code: i32) -> Value {
        let [bundle, body, component] = [&self.bundle, body, component].map(text);
        let mut arguments = vec!["replay", &bundle, "--body", &body];
        arguments.extend(["--component", &component, "--json"]);
        let finished = self.published.world.assay(&arguments);
        finished.expect_code(code).json()
    }
}

#[test]
fn a_stranger_runs_an_open_adapter_on_the_revealed_form_and_finds_the_receipt_true() {
    let found = Found::new();
    for _ in 0..2 {
        let replayed = found.replay(&found.body, &found.component, 0);
        assert_eq!(replayed["agrees"], true, "{replayed}");
        let names = ["adapter", "items", "runtime", "grader"];
        let totals = ["outcomes", "counts", "scores", "fuel"];
        assert_eq!(compared(&replayed), [names, totals].concat());
    }
}

#[test]
fn another_adapter_or_body_than_the_receipt_is_about_is_not_even_run() {
    let found = Found::new();
    let world = &found.published.world;
    let other = world.programs.component("always-declines");
    let replayed = found.replay(&found.body, &other, 1);
    assert_eq!(different(&replayed), ["adapter"]);

    let bytes = std::fs::read(&found.body).expect("it was saved");
    let mut body = FormBody::parse(&bytes).expect("a form body");
    body.seed[0] ^= 1;
    let changed = world.path("changed.body");
    std::fs::write(&changed, body.to_bytes()).expect("the folder is writable");
    let replayed = found.replay(&changed, &found.component, 1);
    assert_eq!(different(&replayed), ["items"]);
    assert_eq!(compared(&replayed), ["adapter", "items"]);
}

fn compared(replayed: &Value) -> Vec<&str> {
    let compared = replayed["compared"].as_array().expect("a list");
    let names = compared.iter().map(|one| one["name"].as_str());
    names.map(|name| name.expect("a name")).collect()
}

fn different(replayed: &Value) -> Vec<&str> {
    let compared = replayed["compared"].as_array().expect("a list");
    let different = compared.iter().filter(|one| one["agrees"] == false);
    let names = different.map(|one| one["name"].as_str());
    names.map(|name| name.expect("a name")).collect()
}

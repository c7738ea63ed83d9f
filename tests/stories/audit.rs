//! Somebody who trusts nobody replays the demo's station, and copies of it in which its operator lies.

mod files;
mod lies;
mod reveals;

use std::path::{Path, PathBuf};

use assay_tests::{
    Finished, World,
    forge::{Forge, Published},
    static_files::StaticFiles,
    world::text,
};
use serde_json::Value;

/// Most frauds have nothing to do with how a run ended, and running again takes its time.
const NOT_AGAIN: &[&str] = &["--rerun", "none"];

/// The demo, running, with its folder.
struct Scene {
    world: World,
    station: PathBuf,
}

impl Scene {
    fn new() -> Self {
        let mut world = World::unborn();
        let station = world.path("demo");
        world.demo(&station);
        Self { world, station }
    }

    fn policy(&self) -> String {
        text(&self.station.join("policy"))
    }

    /// Audits under the station's policy.
    fn audit(&self, what: &str, extra: &[&str]) -> Finished {
        let policy = self.policy();
        let mut arguments = vec!["audit", what, "--policy", &policy];
        arguments.extend_from_slice(extra);
        self.world.assay(&arguments)
    }

    fn forge(&self) -> Forge {
        Forge::of(&self.world, &self.station)
    }

    /// Publishes a forged copy under a name of its own.
    fn publish(&self, forge: &Forge, name: &str) -> Published {
        forge.publish(&self.world.path(&format!("forged-{name}")))
    }

    /// The audit of a folder must name the fraud first, and no other.
    fn must_find(&self, fraud: &str, folder: &Path, extra: &[&str]) {
        let folder = text(folder);
        let shown = self.audit(&folder, extra);
        let first = shown.out.lines().next().unwrap_or_default();
        assert!(
            shown.code == 1 && first.starts_with(&format!("FOUND {fraud}")),
            "{fraud}: code {}\n{}\n{}",
            shown.code,
            shown.out,
            shown.err
        );
        assert!(shown.out.contains("\nFAILED: "), "{fraud}: {}", shown.out);
        let mut arguments = extra.to_vec();
        arguments.push("--json");
        let said = self.audit(&folder, &arguments).expect_code(1).json();
        assert_eq!(said["passed"], false, "{fraud}");
        let names = names(&said);
        assert!(
            !names.is_empty() && names.iter().all(|name| name == fraud),
            "{fraud}: {said:#}"
        );
    }
}

fn names(said: &Value) -> Vec<String> {
    let findings = said["findings"].as_array().expect("a list of findings");
    let name = |finding: &Value| finding["name"].as_str().expect("a name").to_owned();
    findings.iter().map(name).collect()
}

/// How many of something the audit says that it checked.
fn count(said: &Value, what: &str) -> u64 {
    let checked = said["checked"]
        .as_array()
        .expect("a list of what was checked");
    let line = checked.iter().find(|line| line["what"] == what);
    let line = line.unwrap_or_else(|| panic!("nothing said of {what}: {said:#}"));
    line["count"].as_u64().expect("a count")
}

#[test]
fn the_demo_passes_an_audit_over_http() {
    let scene = Scene::new();
    let address = scene.world.address().to_owned();
    let said = scene.audit(&address, &["--json"]).expect_code(0).json();
    assert_eq!(said["passed"], true);
    assert_eq!(said["records"]["receipt"], 24);
    assert_eq!(
        said["records"]["snapshot"],
        count(&said, "boards computed again")
    );
    assert_eq!(said["policy"]["from_station"], false);
    let records = count(&said, "records and their signatures");
    assert_eq!(said["checkpoint"]["size"], records);

    let unpinned = scene.world.assay(&["audit", &address]).expect_code(0);
    assert!(
        unpinned.out.contains("nothing is pinned"),
        "{}",
        unpinned.out
    );
    assert!(unpinned.out.ends_with("passed: nothing was found\n"));
}

#[test]
fn any_static_web_server_over_the_public_folder_is_enough() {
    let scene = Scene::new();
    let public = scene.station.join("data/public");
    let server = StaticFiles::serve(&public);
    let over_http = scene
        .audit(&server.address, &["--json"])
        .expect_code(0)
        .json();
    let from_disk = scene.audit(&text(&public), &["--json"]);
    let from_disk = from_disk.expect_code(0).json();
    assert_eq!(over_http["checked"], from_disk["checked"]);
    assert_eq!(over_http["records"]["receipt"], 24);
}

#[test]
fn what_one_audit_kept_the_next_one_compares() {
    let scene = Scene::new();
    let address = scene.world.address().to_owned();
    let keep = text(&scene.world.path("kept"));
    scene.audit(&address, &["--keep", &keep]).expect_code(0);
    scene.audit(&address, &["--keep", &keep]).expect_code(0);
    let mut forge = scene.forge();
    forge.drafts.pop();
    let cut = scene.publish(&forge, "cut");
    scene.must_find("rollback", &cut.folder, &["--keep", &keep]);
}

#[test]
fn wrong_use_is_told_from_failure() {
    let world = World::unborn();
    world.assay(&["audit"]).expect_code(2);
    let nowhere = world.assay(&["audit", "nowhere"]).expect_code(1);
    assert_eq!(
        nowhere.err,
        "assay: nowhere is neither a folder nor an address that starts with http:// or https://\n"
    );
}

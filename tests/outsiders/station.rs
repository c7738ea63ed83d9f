//! A real station with one published receipt, its bundle, and the exports made of it.

use std::{
    fs,
    path::{Path, PathBuf},
};

use assay_tests::{Finished, World, world::text};
use serde_json::Value;

/// The five records of a bundle, as `assay export --record` calls them.
pub const RECORDS: [&str; 5] = ["receipt", "intent", "commitment", "submission", "evidence"];

/// A station whose log holds one run.
pub struct Station {
    /// The running station and its folder.
    pub world: World,
    /// Leaf hash of the receipt.
    pub receipt: String,
}

impl Station {
    /// Sets it up, runs an adapter, and saves the bundle.
    pub fn new() -> Self {
        let world = World::new();
        world.publish_form("bay-knowledge", &[]);
        let component = text(&world.programs.component("always-declines"));
        let name = ["--name", "Modest 1.0", "--benchmark", "bay-knowledge"];
        let submitted = world
            .assay(&[&["submit", &component, "--wait", "--json"], &name[..]].concat())
            .expect_code(0)
            .json();
        let receipt = submitted["runs"][0]["receipt"]["leaf"].as_str();
        let receipt = receipt.expect("a leaf hash").to_owned();
        let station = Self { world, receipt };
        let bundle = text(&station.bundle());
        let saved = ["receipt", &station.receipt, "-o", &bundle];
        station.world.assay(&saved).expect_code(0);
        station
    }

    /// The saved bundle.
    pub fn bundle(&self) -> PathBuf {
        self.world.path("bundle.json")
    }

    /// `assay export` of a record of a bundle, with these options and files.
    pub fn export(&self, bundle: &Path, record: &str, forms: &[(&str, &Path)]) -> Finished {
        let (bundle, policy) = (text(bundle), text(&self.world.policy()));
        let mut arguments = vec![
            "export", &bundle, "--policy", &policy, "--record", record, "--json",
        ];
        let forms: Vec<(&str, String)> = forms
            .iter()
            .map(|(form, file)| (*form, text(file)))
            .collect();
        for (form, file) in &forms {
            arguments.extend([*form, file.as_str()]);
        }
        self.world.assay(&arguments)
    }

    /// One form of a record in a file of its own.
    pub fn exported(&self, record: &str, form: &str) -> PathBuf {
        let file = self.world.path(&format!("{record}{form}"));
        self.export(&self.bundle(), record, &[(form, &file)])
            .expect_code(0);
        file
    }

    /// Writes a file into the world's folder.
    pub fn write(&self, name: &str, bytes: impl AsRef<[u8]>) -> PathBuf {
        let file = self.world.path(name);
        fs::write(&file, bytes).expect("the folder is writable");
        file
    }

    /// Writes changed copies of a document, each under the name of its change.
    pub fn copies(&self, document: &Value, changes: &[Change]) -> Vec<PathBuf> {
        changes
            .iter()
            .map(|(name, _, change)| {
                let mut copy = document.clone();
                change(&mut copy);
                assert_ne!(copy, *document, "{name} changes nothing");
                self.write(name, copy.to_string())
            })
            .collect()
    }
}

/// A change to a document: its name, how the refusal of it begins, and what is done.
pub type Change = (&'static str, &'static str, fn(&mut Value));

/// Names and refusals of some changes.
pub fn refusals(changes: &[Change]) -> Vec<(&'static str, &'static str)> {
    changes
        .iter()
        .map(|(name, refusal, _)| (*name, *refusal))
        .collect()
}

/// A JSON file.
pub fn json(file: &Path) -> Value {
    let bytes = fs::read(file).expect("it was written");
    serde_json::from_slice(&bytes).expect("a document")
}

/// Turns the lowest bit of the first byte that some base64 text stands for, where `at` points.
pub fn turn_base64(document: &mut Value, at: &str) {
    let slot = document
        .pointer_mut(at)
        .unwrap_or_else(|| panic!("{at} is absent"));
    let text = slot.as_str().expect("base64 is text");
    let mut bytes = assay_evidence::base64::decode(text).expect("canonical base64");
    bytes[0] ^= 1;
    *slot = assay_evidence::base64::encode(&bytes).into();
}

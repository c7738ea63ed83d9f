//! `kill -9` in a loop under load: what a station has shown to anybody is true after every start.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    thread::{self, JoinHandle},
};

use assay_evidence::{
    checkpoint::Checkpoint,
    leaf,
    note::VerifierKey,
    policy::Policy,
    tile::{FULL, entries_path, parse_entries, record_path},
    tree::{TILE_WIDTH, Tree},
};
use assay_tests::{
    World, guests, waiting,
    world::{ORIGIN, text},
};
use serde_json::Value;

use crate::api;

const ROUNDS: u64 = 6;
/// Programs that submit at the same time.
const SUBMITTERS: usize = 3;

#[test]
fn a_server_killed_again_and_again_under_load_breaks_no_promise() {
    let mut world = World::new();
    world.publish_form("bay-reasoning", &[]);
    let component = world.path("quick.wasm");
    fs::write(&component, guests::slow(1)).expect("the folder is writable");
    let shown = Arc::new(Shown::default());
    for round in 0..ROUNDS {
        let before = size(&world);
        let load = Load::start(&world, round, &component, &shown);
        // Another moment of the work under way in every round.
        let growth = 2 + 3 * round;
        waiting::until("the log grows under load", || {
            (size(&world) >= before + growth).then_some(())
        });
        world.crash_server();
        load.stop();
        world.serve();
        shown.is_all_true(&world);
    }
    let records = lock(&shown.records).len();
    assert!(
        records > 0,
        "no record was acknowledged: the story tells nothing"
    );
}

/// Everything that the station has told anybody so far.
#[derive(Default)]
struct Shown {
    /// Notes of checkpoints.
    notes: Mutex<Vec<String>>,
    /// Leaf hashes of acknowledged records, by index.
    records: Mutex<BTreeMap<u64, String>>,
}

impl Shown {
    fn note(&self, note: String) {
        let mut notes = lock(&self.notes);
        if notes.last() != Some(&note) {
            notes.push(note);
        }
    }

    fn record(&self, document: &Value) {
        let record = &document["record"];
        if let (Some(index), Some(leaf)) = (record["index"].as_u64(), record["leaf"].as_str()) {
            let before = lock(&self.records).insert(index, leaf.to_owned());
            assert!(
                before.is_none_or(|before| before == leaf),
                "index {index} moved"
            );
        }
    }

    /// Each checkpoint is the beginning of today's log, each record lies where it was said to.
    fn is_all_true(&self, world: &World) {
        let tree = tree(world);
        let key = log_key(world);
        for note in lock(&self.notes).iter() {
            let said = Checkpoint::open(note, &key).expect("a checkpoint that was served");
            assert!(said.size <= tree.size(), "{note} is longer than the log");
            assert_eq!(
                said.root,
                tree.root_at(said.size),
                "{note} is another history"
            );
        }
        for (index, said) in lock(&self.records).iter() {
            let leaf = tree.leaf(*index).map(|leaf| leaf.to_string());
            assert_eq!(leaf.as_ref(), Some(said), "record {index}");
        }
    }
}

fn lock<T>(held: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    held.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Programs that submit and one that reads checkpoints, until the server is gone.
struct Load {
    is_over: Arc<AtomicBool>,
    threads: Vec<JoinHandle<()>>,
}

impl Load {
    fn start(world: &World, round: u64, component: &Path, shown: &Arc<Shown>) -> Self {
        let is_over = Arc::new(AtomicBool::new(false));
        let mut threads = Vec::new();
        for submitter in 0..SUBMITTERS {
            let submitting = Submitting {
                program: world.programs.command("assay").get_program().into(),
                address: world.address().to_owned(),
                token: world.token(),
                component: component.to_owned(),
                name: format!("System {round} {submitter}"),
            };
            let (is_over, shown) = (Arc::clone(&is_over), Arc::clone(shown));
            threads.push(thread::spawn(move || {
                for number in 0_u64.. {
                    if is_over.load(Ordering::Relaxed) {
                        return;
                    }
                    submitting.once(number, &shown);
                }
            }));
        }
        let url = format!("{}/checkpoint", world.address());
        let (over, shown) = (Arc::clone(&is_over), Arc::clone(shown));
        threads.push(thread::spawn(move || {
            while !over.load(Ordering::Relaxed) {
                if let Some(note) = read(&url) {
                    shown.note(note);
                }
            }
        }));
        Self { is_over, threads }
    }

    fn stop(self) {
        self.is_over.store(true, Ordering::Relaxed);
        for thread in self.threads {
            thread
                .join()
                .expect("what was shown never contradicts itself");
        }
    }
}

/// One program that submits system after system.
struct Submitting {
    program: PathBuf,
    address: String,
    token: String,
    component: PathBuf,
    name: String,
}

impl Submitting {
    /// Submits once and follows the submission until it is logged or the server is gone.
    fn once(&self, number: u64, shown: &Shown) {
        let name = format!("{} {number}", self.name);
        let component = text(&self.component);
        let arguments = [
            "submit",
            &component,
            "--name",
            &name,
            "--benchmark",
            "bay-reasoning",
        ];
        let output = Command::new(&self.program)
            .args(arguments)
            .arg("--json")
            .env("ASSAY_URL", &self.address)
            .env("ASSAY_TOKEN", &self.token)
            .stderr(Stdio::null())
            .output()
            .expect("assay starts");
        let said: Option<Value> = serde_json::from_slice(&output.stdout).ok();
        let Some(this) = said.as_ref().and_then(|said| said["self"].as_str()) else {
            return;
        };
        let url = format!("{}{this}", self.address);
        while let Some(text) = read(&url) {
            let document: Value = serde_json::from_str(&text).expect("a document");
            shown.record(&document);
            if document["state"] != "received" {
                return;
            }
        }
    }
}

/// The text at an address; none when nobody is there.
fn read(url: &str) -> Option<String> {
    ureq::get(url)
        .call()
        .ok()?
        .into_body()
        .read_to_string()
        .ok()
}

fn log_key(world: &World) -> VerifierKey {
    let policy = fs::read_to_string(world.policy()).expect("the station's policy");
    let policy = Policy::parse(&policy).expect("a policy");
    let keys = policy.keys_for(ORIGIN);
    keys.into_iter().next().expect("the station's log")
}

fn size(world: &World) -> u64 {
    let note = world.get_text("/checkpoint");
    let checkpoint = Checkpoint::open(&note, &log_key(world));
    checkpoint.expect("a checkpoint of the station").size
}

/// The tree over all entries, whose records are all served.
fn tree(world: &World) -> Tree {
    let size = size(world);
    let mut tree = Tree::new();
    for n in 0..size.div_ceil(TILE_WIDTH) {
        let width = (size - n * TILE_WIDTH).min(u64::from(FULL)) as u16;
        let bundle = api::get(world, &format!("/{}", entries_path(n, width)));
        assert_eq!(bundle.status, 200);
        for entry in parse_entries(&bundle.body, width).expect("a bundle") {
            let leaf = leaf::hash(entry);
            let record = api::get(world, &format!("/{}", record_path(&leaf)));
            assert_eq!(record.status, 200, "{leaf}");
            tree.push(leaf);
        }
    }
    tree
}

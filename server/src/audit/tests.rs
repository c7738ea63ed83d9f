//! Audits of hashes alone: what a folder must hold, and what a checkpoint seen before betrays.

mod kept;
mod log;
mod served;
mod web;

use std::fs;

use tempfile::TempDir;

use super::*;
use assay_evidence::{audit::Breach, digest::Digest, tile};
use log::Log;

/// Two full bundles and a part of a third: a level above the leaves, too.
const SIZE: u64 = 600;

struct Scene {
    dir: TempDir,
    log: Log,
}

impl Scene {
    fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let log = Log::write(&dir.path().join("public"), SIZE);
        Self { dir, log }
    }

    fn audit(&self) -> Audit {
        Audit {
            station: self.log.folder.to_str().unwrap().to_owned(),
            policy: Some(self.log.folder.join("policy")),
            seen: None,
            keep: None,
            depth: Depth::Hashes,
            rerun: Rerun::All,
            adapters: None,
            patience_seconds: 0,
            now: Millis(1_795_262_400_000),
        }
    }

    fn report(&self) -> Report {
        run(&self.audit()).unwrap()
    }

    /// Names and sentences of all findings.
    fn found(&self) -> Vec<(Breach, String)> {
        found(&self.report())
    }

    fn move_file(&self, from: &str, to: &str) {
        fs::rename(self.log.folder.join(from), self.log.folder.join(to)).unwrap();
    }

    /// A signed note in a file of its own.
    fn note(&self, checkpoint: &Checkpoint) -> PathBuf {
        let path = self.dir.path().join("seen");
        fs::write(&path, self.log.note(checkpoint)).unwrap();
        path
    }
}

/// Audits without a soul watching; nothing is run again, since nothing is revealed.
fn run(audit: &Audit) -> Result<Report, AuditError> {
    audit.run(&Tools {
        progress: &|_| {},
        clock: &Clock::wall(),
        again: &|_, _, _| panic!("this log reveals nothing"),
    })
}

fn found(report: &Report) -> Vec<(Breach, String)> {
    assert_eq!(report.passed(), report.findings.is_empty());
    let pairs = report.findings.iter();
    pairs.map(|one| (one.name, one.says.clone())).collect()
}

fn one(name: Breach, says: &str) -> Vec<(Breach, String)> {
    vec![(name, says.to_owned())]
}

#[test]
fn an_honest_folder_passes_and_says_what_was_checked() {
    let report = Scene::new().report();
    assert_eq!(found(&report), []);
    let counts: Vec<_> = report.checked.iter().map(|c| (c.what, c.count)).collect();
    assert_eq!(
        counts,
        [
            ("signatures of the log under the checkpoint", 1),
            ("entries and their leaf hashes", SIZE),
            ("tiles of hashes", 4)
        ]
    );
    let why: Vec<_> = report
        .not_checked
        .iter()
        .map(|one| one.why.as_str())
        .collect();
    assert_eq!(
        why,
        [
            "the policy says `quorum none`: the station alone vouches for its log",
            "only hashes were asked for"
        ]
    );
    assert!(!report.policy.from_station);
}

#[test]
fn without_a_policy_the_stations_own_is_taken_and_said_to_be_so() {
    let scene = Scene::new();
    let audit = Audit {
        policy: None,
        ..scene.audit()
    };
    let report = run(&audit).unwrap();
    assert!(report.passed() && report.policy.from_station);
    let text = fs::read(scene.log.folder.join("policy")).unwrap();
    assert_eq!(report.policy.sha256, Digest::of(&text));
    fs::remove_file(scene.log.folder.join("policy")).unwrap();
    let refused = run(&audit).unwrap_err();
    assert_eq!(
        refused.to_string(),
        "policy is not served; give a policy of your own with --policy"
    );
}

#[test]
fn a_changed_tile_of_any_level_is_found_by_its_path() {
    for path in ["tile/0/000", "tile/0/002.p/88", "tile/1/000.p/2"] {
        let scene = Scene::new();
        let mut bytes = fs::read(scene.log.folder.join(path)).unwrap();
        bytes[40] ^= 1;
        scene.log.put(path, &bytes);
        let says = format!("{path} differs from the hashes of the entries");
        assert_eq!(scene.found(), one(Breach::BadTile, &says));
        scene.log.put(path, &bytes[..bytes.len() - 1]);
        assert_eq!(scene.found(), one(Breach::BadTile, &says));
        scene.log.put(path, &[0; tile::TILE_BYTES_MAX + 1]);
        let says = format!("{path} has more than 8192 bytes");
        assert_eq!(scene.found(), one(Breach::BadTile, &says));
        fs::remove_file(scene.log.folder.join(path)).unwrap();
        let says = format!("{path} is not served");
        assert_eq!(scene.found(), one(Breach::BadTile, &says));
    }
}

#[test]
fn a_changed_entry_breaks_its_tile_and_the_root() {
    let scene = Scene::new();
    let mut bytes = fs::read(scene.log.folder.join("tile/entries/000")).unwrap();
    let (a, b) = (b"SHA2_256".as_slice(), b"SHA2_512");
    let at = bytes.windows(8).position(|window| window == a).unwrap();
    bytes[at..at + 8].copy_from_slice(b);
    scene.log.put("tile/entries/000", &bytes);
    let names: Vec<Breach> = scene.found().into_iter().map(|(name, _)| name).collect();
    let broken = [
        Breach::BadTile,
        Breach::BadEntry,
        Breach::WrongRoot,
        Breach::BadTile,
    ];
    assert_eq!(names, broken);
}

#[test]
fn a_bundle_that_is_cut_or_missing_ends_the_replay_and_says_so() {
    let scene = Scene::new();
    let path = "tile/entries/001";
    let bytes = fs::read(scene.log.folder.join(path)).unwrap();
    scene.log.put(path, &bytes[..bytes.len() - 1]);
    let says = "tile/entries/001: bundle of 256 entries does not end with the last of them";
    let report = scene.report();
    assert_eq!(found(&report), one(Breach::BadEntry, says));
    assert_eq!(report.findings[0].record, Some(256));
    assert_eq!(report.not_checked[1].what, "records from 256 on");
    fs::remove_file(scene.log.folder.join(path)).unwrap();
    assert_eq!(
        scene.found(),
        one(Breach::BadEntry, "tile/entries/001 is not served")
    );
}

#[test]
fn where_only_the_full_tile_is_left_its_beginning_counts() {
    let scene = Scene::new();
    // The log has grown to three full bundles since, and its partial tiles are gone.
    let grown = Log::write(&scene.dir.path().join("grown"), 768);
    for path in ["tile/0/002", "tile/entries/002", "tile/1/000.p/3"] {
        let bytes = fs::read(grown.folder.join(path)).unwrap();
        scene.log.put(path, &bytes);
    }
    let part = fs::read(scene.log.folder.join("tile/0/002.p/88")).unwrap();
    let whole = [part, vec![0; (256 - 88) * 32]].concat();
    scene.log.put("tile/0/002", &whole);
    let entries = fs::read(scene.log.folder.join("tile/entries/002.p/88")).unwrap();
    let mut entries: Vec<Vec<u8>> = tile::parse_entries(&entries, 88)
        .unwrap()
        .into_iter()
        .map(<[u8]>::to_vec)
        .collect();
    entries.resize(256, vec![1]);
    scene
        .log
        .put("tile/entries/002", &tile::entry_bundle(&entries));
    fs::remove_dir_all(scene.log.folder.join("tile/0/002.p")).unwrap();
    fs::remove_dir_all(scene.log.folder.join("tile/entries/002.p")).unwrap();
    assert_eq!(scene.found(), []);
}

#[test]
fn a_checkpoint_that_does_not_stand_ends_the_audit() {
    let scene = Scene::new();
    let honest = fs::read_to_string(scene.log.folder.join("checkpoint")).unwrap();
    scene
        .log
        .put("checkpoint", honest.replace("600", "601").as_bytes());
    let report = scene.report();
    let [(name, _)] = found(&report)[..] else {
        panic!("{report:#?}");
    };
    assert_eq!(name, Breach::BadCheckpoint);
    assert_eq!(report.not_checked[0].what, "everything else");
    scene.move_file("checkpoint", "elsewhere");
    let says = "checkpoint is not served";
    assert_eq!(scene.found(), one(Breach::BadCheckpoint, says));
}

#[test]
fn a_signed_root_that_is_not_that_of_the_entries_is_found() {
    let scene = Scene::new();
    let mut lie = scene.log.checkpoint(SIZE);
    lie.root = Digest::of(b"another");
    scene.log.publish(&lie);
    assert_eq!(scene.found()[0].0, Breach::WrongRoot);
}

#[test]
fn a_checkpoint_seen_before_betrays_rollback_split_and_fork() {
    let scene = Scene::new();
    let after = |seen: &Checkpoint| {
        let audit = Audit {
            seen: Some(scene.note(seen)),
            ..scene.audit()
        };
        found(&run(&audit).unwrap())
    };
    assert_eq!(after(&scene.log.checkpoint(256)), []);
    let mut seen = scene.log.checkpoint(SIZE);
    seen.size = 601;
    let says = "the log shows 600 records, but had 601 before";
    assert_eq!(after(&seen), one(Breach::Rollback, says));
    seen.size = SIZE;
    seen.root = Digest::of(b"another");
    let says = "the log signed two roots for its first 600 records";
    assert_eq!(after(&seen), one(Breach::SplitView, says));
    seen.size = 300;
    let says = "the log does not continue its own checkpoint of 300 records";
    assert_eq!(after(&seen), one(Breach::Fork, says));
}

#[test]
fn what_is_neither_a_folder_nor_an_address_is_refused() {
    let audit = Audit {
        station: "nowhere at all".to_owned(),
        ..Scene::new().audit()
    };
    assert_eq!(
        run(&audit).unwrap_err().to_string(),
        "nowhere at all is neither a folder nor an address that starts with http:// or https://"
    );
}

//! What an auditor remembers is never overwritten by what does not continue it.

use super::*;

/// An auditor with a memory, and a log in two states.
struct Memory {
    scene: Scene,
    keep: PathBuf,
}

impl Memory {
    fn new() -> Self {
        let scene = Scene::new();
        let keep = scene.dir.path().join("kept");
        Self { scene, keep }
    }

    fn audit(&self) -> Vec<(Breach, String)> {
        self.audit_after(None)
    }

    fn audit_after(&self, seen: Option<PathBuf>) -> Vec<(Breach, String)> {
        let audit = Audit {
            keep: Some(self.keep.clone()),
            seen,
            ..self.scene.audit()
        };
        found(&run(&audit).unwrap())
    }

    fn place(&self) -> PathBuf {
        self.keep
            .join(Digest::of(log::ORIGIN.as_bytes()).to_string())
    }

    fn remembered(&self) -> String {
        fs::read_to_string(self.place().join("checkpoint")).unwrap()
    }

    /// The note must lie beside the remembered one, which is that of this many honest records.
    fn must_hold_against(&self, size: u64, checkpoint: &Checkpoint) {
        let log = &self.scene.log;
        assert_eq!(self.remembered(), log.note(&log.checkpoint(size)));
        let note = log.note(checkpoint);
        let conflict = format!("conflict-{}", Digest::of(note.as_bytes()));
        assert_eq!(
            fs::read_to_string(self.place().join(conflict)).unwrap(),
            note
        );
    }

    /// A signed head of another history.
    fn fork(&self, size: u64) -> Checkpoint {
        Checkpoint {
            root: Digest::of(b"another"),
            size,
            ..self.scene.log.checkpoint(SIZE)
        }
    }
}

#[test]
fn what_is_kept_is_compared_next_time_and_the_contradiction_is_kept_too() {
    let memory = Memory::new();
    assert_eq!(memory.audit(), []);
    let smaller = memory.scene.log.checkpoint(256);
    memory.scene.log.publish(&smaller);
    assert_eq!(memory.audit()[0].0, Breach::Rollback);
    memory.must_hold_against(SIZE, &smaller);
}

#[test]
fn a_broken_bundle_before_the_remembered_head_does_not_make_it_forgotten() {
    let memory = Memory::new();
    let log = &memory.scene.log;
    log.publish(&log.checkpoint(512));
    assert_eq!(memory.audit(), []);
    let fork = memory.fork(SIZE);
    log.publish(&fork);
    fs::remove_file(log.folder.join("tile/entries/001")).unwrap();
    let says = "tile/entries/001 is not served";
    assert_eq!(memory.audit(), one(Breach::BadEntry, says));
    memory.must_hold_against(512, &fork);
}

#[test]
fn a_root_that_the_entries_do_not_give_is_not_remembered() {
    let memory = Memory::new();
    let log = &memory.scene.log;
    log.publish(&log.checkpoint(512));
    assert_eq!(memory.audit(), []);
    let fork = memory.fork(SIZE);
    log.publish(&fork);
    assert_eq!(memory.audit()[0].0, Breach::WrongRoot);
    memory.must_hold_against(512, &fork);
}

#[test]
fn a_checkpoint_that_is_named_is_compared_besides_the_remembered_one() {
    let memory = Memory::new();
    assert_eq!(memory.audit(), []);
    let honest = memory.scene.log.checkpoint(256);
    let seen = memory.scene.note(&honest);
    memory.scene.log.publish(&honest);
    let says = "the log shows 256 records, but had 600 before";
    assert_eq!(memory.audit_after(Some(seen)), one(Breach::Rollback, says));
    memory.must_hold_against(SIZE, &honest);
}

//! Boards: each snapshot's inputs compared with the log, its bytes computed again.
//!
//! A board must name every record that concerned its benchmark under its head: leaving one out is how
//! a bad result disappears. The rule which those are is the one that stations publish by.
//! Old boards may be those of older programs; the newest one of a benchmark must be computable here.

mod inputs;
mod newest;

use assay_benchmarks::board::{self, BoardInput};
use assay_evidence::{
    audit::{Breach, Finding},
    base64,
    checkpoint::Checkpoint,
    digest::Digest,
    json,
    note::VerifierKey,
    record::{Head as HeadRef, RecordRef, Snapshot, SnapshotHead},
    verify::Held,
};

use super::{
    AuditError, Progress, Replayed, Tools, blobs::Blobs, head::Head, report::Report,
    source::SourceError,
};
use crate::clock::Millis;
use inputs::Inputs;
use newest::{Newest, short};

/// The parameter that names the benchmark.
const BENCHMARK: &str = "benchmark";

/// Checks every board of the log, and that none is missing.
pub fn check(
    head: &Head,
    now: Millis,
    all: &Replayed,
    blobs: &mut Blobs,
    report: &mut Report,
    tools: &Tools,
) -> Result<(), AuditError> {
    let inputs = inputs::gather(&all.records, blobs, report)?;
    let boards = &all.records.snapshots;
    let newest = Newest::of(boards.iter().map(|held| &**held));
    let (mut recomputed, of) = (0, boards.len() as u64);
    for (done, snapshot) in (1..).zip(boards) {
        let mut board = Board {
            snapshot,
            head,
            all,
            inputs: &inputs,
            newest: &newest,
            report,
        };
        recomputed += board.check(blobs)?;
        (tools.progress)(Progress::Boards { done, of });
    }
    report.checked("boards computed again", recomputed);
    newest.check(&inputs, now, report);
    Ok(())
}

/// One board on its way through the checks.
struct Board<'a> {
    snapshot: &'a Held<Snapshot>,
    head: &'a Head,
    all: &'a Replayed,
    inputs: &'a Inputs,
    newest: &'a Newest<'a>,
    report: &'a mut Report,
}

impl Board<'_> {
    /// 1 when its bytes were computed again.
    fn check(&mut self, blobs: &mut Blobs) -> Result<u64, SourceError> {
        let snapshot = &self.snapshot.predicate;
        let Some(size) = self.head() else {
            return Ok(0);
        };
        self.subject();
        for policy in &snapshot.policies {
            if let Err(fault) = blobs.check(&policy.sha256)? {
                self.report.found(fault.at(self.index()));
            }
        }
        let Some(benchmark) = snapshot.parameters.get(BENCHMARK) else {
            self.found(Breach::WrongBoard, "board names no benchmark");
            return Ok(0);
        };
        let list = match blobs.get(&snapshot.inputs.sha256)? {
            Ok(list) => list,
            Err(fault) => {
                self.report.found(fault.at(self.index()));
                return Ok(0);
            }
        };
        let mut recomputed = 0;
        if let Some(listed) = self.listed(&list, size) {
            self.complete(benchmark, size, &listed);
            recomputed = self.output(benchmark, &listed);
        }
        if let Err(fault) = blobs.check(&snapshot.output.sha256)? {
            self.report.found(fault.at(self.index()));
        }
        Ok(recomputed)
    }

    /// The size of the head that the board was made under, if it is one of this log.
    fn head(&mut self) -> Option<u64> {
        let [head] = self.snapshot.predicate.heads.as_slice() else {
            self.found(Breach::WrongHead, "board does not name exactly one head");
            return None;
        };
        if let Err(says) = self.check_head(head) {
            self.found(Breach::WrongHead, says);
            return None;
        }
        Some(head.size)
    }

    fn check_head(&self, head: &SnapshotHead) -> Result<(), String> {
        let size = head.size;
        if size > self.index() {
            return Err(format!(
                "board at {} names a head of {size} records",
                self.index()
            ));
        }
        let named = HeadRef {
            origin: head.origin.clone(),
            root: head.root,
            size,
        };
        if !self.all.replay.is_own(&named) {
            return Err(format!(
                "head of {size} records is not of this log's history"
            ));
        }
        let note = base64::decode(&head.note).map_err(|error| error.to_string())?;
        let note = String::from_utf8(note).map_err(|error| error.to_string())?;
        let signed = Checkpoint::open_cosigned(&note, &self.log_keys(size), &[], None)
            .map_err(|error| error.to_string())?;
        if signed.checkpoint.head() != named {
            return Err(format!(
                "note of the head of {size} records is of another head"
            ));
        }
        Ok(())
    }

    /// A policy names the keys of today; a head may be older.
    fn log_keys(&self, size: u64) -> Vec<VerifierKey> {
        let keys = self.all.replay.log_keys_at(size);
        if keys.is_empty() {
            return self.head.keys.clone();
        }
        keys
    }

    fn subject(&mut self) {
        let output = self.snapshot.predicate.output.sha256;
        if !matches!(self.snapshot.subjects.as_slice(), [only] if only.digest == output) {
            self.found(
                Breach::WrongBoard,
                "snapshot is about other bytes than its output",
            );
        }
    }

    /// The records that the board says it is made of; `None` when the list is none.
    fn listed(&mut self, list: &[u8], size: u64) -> Option<Vec<RecordRef>> {
        let says = match json::from_slice::<Vec<RecordRef>>(list) {
            Err(error) => format!("list of inputs: {error}"),
            Ok(listed) if listed.len() as u64 != self.snapshot.predicate.inputs.count => {
                format!(
                    "list of inputs has {} records, not as many as stated",
                    listed.len()
                )
            }
            Ok(listed) => match listed.iter().find(|one| !self.holds(one, size)) {
                Some(strange) => format!(
                    "board is made of a record at {} that is not under its head",
                    strange.index
                ),
                None => return Some(listed),
            },
        };
        self.found(Breach::WrongBoard, says);
        None
    }

    fn holds(&self, reference: &RecordRef, size: u64) -> bool {
        let tree = self.all.replay.tree();
        reference.origin == self.snapshot.predicate.station
            && reference.index < size
            && tree.leaf(reference.index) == Some(reference.leaf)
    }

    /// Is every record there that concerned the benchmark, and no other?
    fn complete(&mut self, benchmark: &str, size: u64, listed: &[RecordRef]) {
        let below = self.inputs.below(size);
        let expected = board::selection(short(benchmark), below);
        let missing: Vec<&BoardInput> = expected
            .iter()
            .filter(|input| !listed.contains(&input.reference))
            .copied()
            .collect();
        for input in missing {
            let (name, says) = inputs::omission(input, &expected);
            self.found(name, says);
        }
        let is_expected = |one: &&RecordRef| expected.iter().any(|input| input.reference == **one);
        let strange: Vec<u64> = listed
            .iter()
            .filter(|one| !is_expected(one))
            .map(|one| one.index)
            .collect();
        for index in strange {
            let says = format!("board is made of the record at {index}, which does not concern it");
            self.found(Breach::WrongBoard, says);
        }
    }

    /// Do the listed records give the published bytes? 1 when they do.
    fn output(&mut self, benchmark: &str, listed: &[RecordRef]) -> u64 {
        let inputs: Vec<&BoardInput> = listed
            .iter()
            .filter_map(|one| self.inputs.find(one))
            .collect();
        let bytes = board::compute(benchmark, inputs).bytes();
        let stated = &self.snapshot.predicate.output;
        let is_same = Digest::of(&bytes) == stated.sha256
            && bytes.len() as u64 == stated.bytes
            && stated.media_type == board::MEDIA_TYPE;
        if is_same {
            return 1;
        }
        let program = &self.snapshot.predicate.program;
        let (name, version) = (&program.name, &program.version);
        if *program == *board::PROGRAM {
            let says = format!("board of {benchmark} does not follow from its records");
            self.found(Breach::WrongBoard, says);
        } else if self.newest.is(self.snapshot, benchmark) {
            let own = &*board::PROGRAM;
            let says = format!(
                "newest board of {benchmark} is stated to be by {name} {version}, and {} {} gives other bytes",
                own.name, own.version
            );
            self.found(Breach::WrongBoard, says);
        } else {
            let what = format!("board at {}", self.index());
            let why = format!("it was computed by another program, {name} {version}");
            self.report.uncheckable(what, why);
        }
        0
    }

    fn index(&self) -> u64 {
        self.snapshot.reference.index
    }

    fn found(&mut self, name: Breach, says: impl Into<String>) {
        let finding = Finding::at(self.index(), name, says.into());
        self.report.found(finding);
    }
}

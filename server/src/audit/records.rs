//! The records that boards and reveals are made of, kept while the log is replayed.
//!
//! They stay in memory, about 5 KiB for a run. Whether they stand was judged before.

use std::sync::Arc;

use assay_benchmarks::board::{BoardInput, BoardRecord};
use assay_evidence::{
    audit::Record,
    record::{FormCommitment, FormReveal, Snapshot},
    verify::Held,
};

/// Records of a log, each list in its order.
#[derive(Default)]
pub struct Records {
    /// Forms.
    pub commitments: Vec<Arc<Held<FormCommitment>>>,
    /// Submissions, intents, receipts and aborts.
    pub runs: Vec<BoardInput>,
    /// Boards.
    pub snapshots: Vec<Arc<Held<Snapshot>>>,
    /// Reveals.
    pub reveals: Vec<Arc<Held<FormReveal>>>,
}

impl Records {
    /// Keeps a record, if it is one that is needed later.
    pub fn keep(&mut self, record: &Record) {
        match record {
            Record::Commitment(held) => self.commitments.push(Arc::clone(held)),
            Record::Snapshot(held) => self.snapshots.push(Arc::clone(held)),
            Record::Reveal(held) => self.reveals.push(Arc::clone(held)),
            Record::Submission(held) => self.run(held, BoardRecord::Submission),
            Record::Intent(held) => self.run(held, BoardRecord::Intent),
            Record::Receipt(held) => self.run(held, BoardRecord::Receipt),
            Record::Abort(held) => self.run(held, BoardRecord::Abort),
            Record::Manifest(_)
            | Record::Evidence(_)
            | Record::State(_)
            | Record::Misbehaviour(_)
            | Record::Comparison(_)
            | Record::Pairing(_)
            | Record::Unknown(_) => {}
        }
    }

    fn run<P: Clone>(&mut self, held: &Held<P>, record: fn(Box<P>) -> BoardRecord) {
        self.runs.push(BoardInput {
            reference: held.reference.clone(),
            record: record(held.predicate.clone()),
        });
    }
}

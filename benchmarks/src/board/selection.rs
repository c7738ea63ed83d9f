//! Which records of a log a board must be made of: all that concern its benchmark, none left out.
//!
//! Whoever publishes a board and whoever audits one select alike; nothing is chosen.

use std::collections::{BTreeMap, BTreeSet};

use assay_evidence::record::{RecordRef, Submission};

use super::{BoardInput, BoardRecord};

/// The records that the board of a benchmark (its short name) is made of, in the order given.
///
/// Forms of every version, the runs announced on them, what closed those, their submissions and
/// those that they replaced. `records` are all records of one log below some size.
pub fn selection<'a>(benchmark: &str, records: &'a [BoardInput]) -> Vec<&'a BoardInput> {
    let mut chosen = Chosen::default();
    for input in records {
        match &input.record {
            BoardRecord::Commitment { record, .. } => {
                let name = record.benchmark.split('@').next();
                if name == Some(benchmark) {
                    chosen.forms.insert(&input.reference);
                }
            }
            BoardRecord::Submission(submission) => {
                chosen.known.insert(&input.reference, submission);
            }
            BoardRecord::Intent(_) | BoardRecord::Receipt(_) | BoardRecord::Abort(_) => {}
        }
    }
    for input in records {
        if let BoardRecord::Intent(intent) = &input.record
            && chosen.forms.contains(&intent.commitment)
        {
            chosen.intents.insert(&input.reference);
            chosen.submit(&intent.submission);
        }
    }
    records.iter().filter(|input| chosen.holds(input)).collect()
}

#[derive(Default)]
struct Chosen<'a> {
    forms: BTreeSet<&'a RecordRef>,
    intents: BTreeSet<&'a RecordRef>,
    submissions: BTreeSet<&'a RecordRef>,
    known: BTreeMap<&'a RecordRef, &'a Submission>,
}

impl<'a> Chosen<'a> {
    /// A system is a submission and all that it replaced.
    fn submit(&mut self, submission: &'a RecordRef) {
        let mut next = Some(submission);
        while let Some(reference) = next {
            let Some(known) = self.known.get(reference) else {
                return;
            };
            if !self.submissions.insert(reference) {
                return;
            }
            next = known.replaces.as_ref();
        }
    }

    fn holds(&self, input: &BoardInput) -> bool {
        let reference = &input.reference;
        match &input.record {
            BoardRecord::Commitment { .. } => self.forms.contains(reference),
            BoardRecord::Submission(_) => self.submissions.contains(reference),
            BoardRecord::Intent(_) => self.intents.contains(reference),
            BoardRecord::Receipt(receipt) => self.intents.contains(&receipt.intent),
            BoardRecord::Abort(abort) => self.intents.contains(&abort.intent),
        }
    }
}

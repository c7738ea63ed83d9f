//! Which records count on a board, and what each system's row is made of.
//!
//! It ranks nothing.

use std::collections::{BTreeMap, BTreeSet};

use assay_evidence::record::{
    FormCommitment, Metric, Receipt, RecordRef, RunIntent, Score, Submission,
};

use super::{BoardInput, BoardRecord, PRINCIPAL, Row, Runs};
use crate::terms::{Class, Terms};

/// The records that matter to one benchmark, by reference, so in the order of the log.
pub(super) struct Records<'a> {
    /// Sealed forms.
    pub forms: BTreeMap<&'a RecordRef, (&'a FormCommitment, &'a Terms)>,
    submissions: BTreeMap<&'a RecordRef, &'a Submission>,
    /// Intents on sealed forms.
    intents: BTreeMap<&'a RecordRef, &'a RunIntent>,
    /// The first record that closes each of them.
    closings: BTreeMap<&'a RecordRef, (&'a RecordRef, Closing<'a>)>,
}

#[derive(Clone, Copy)]
enum Closing<'a> {
    Receipt(&'a Receipt),
    Abort,
}

impl<'a> Records<'a> {
    pub fn of(benchmark: &str, inputs: impl IntoIterator<Item = &'a BoardInput>) -> Self {
        let mut records = Self {
            forms: BTreeMap::new(),
            submissions: BTreeMap::new(),
            intents: BTreeMap::new(),
            closings: BTreeMap::new(),
        };
        for BoardInput { reference, record } in inputs {
            match record {
                BoardRecord::Commitment { record, terms } => {
                    let ours = record.benchmark == benchmark && terms.benchmark == benchmark;
                    let vouched = terms.digest() == record.terms.sha256;
                    if ours && vouched && terms.class == Class::Sealed {
                        records.forms.insert(reference, (record, terms));
                    }
                }
                BoardRecord::Submission(submission) => {
                    records.submissions.insert(reference, submission);
                }
                BoardRecord::Intent(intent) => {
                    records.intents.insert(reference, intent);
                }
                BoardRecord::Receipt(receipt) => {
                    records.close(&receipt.intent, reference, Closing::Receipt(receipt));
                }
                BoardRecord::Abort(abort) => {
                    records.close(&abort.intent, reference, Closing::Abort);
                }
            }
        }
        let forms = &records.forms;
        records
            .intents
            .retain(|_, intent| forms.contains_key(&intent.commitment));
        records
    }

    /// Whatever closes an intent a second time does not count.
    fn close(&mut self, intent: &'a RecordRef, by: &'a RecordRef, closing: Closing<'a>) {
        let first = self.closings.entry(intent).or_insert((by, closing));
        if by < first.0 {
            *first = (by, closing);
        }
    }

    /// The latest receipt of each system on one form.
    pub fn rows(&self, commitment: &RecordRef) -> Vec<Row> {
        let mut latest: BTreeMap<&RecordRef, (&RecordRef, &Receipt)> = BTreeMap::new();
        for (reference, intent) in &self.intents {
            let Some((by, Closing::Receipt(receipt))) = self.closings.get(reference) else {
                continue;
            };
            let same = receipt.commitment == intent.commitment
                && receipt.submission == intent.submission
                && self.submissions.contains_key(&receipt.submission);
            if !same || receipt.commitment != *commitment {
                continue;
            }
            let row = latest
                .entry(self.system(&receipt.submission))
                .or_insert((by, receipt));
            if *by > row.0 {
                *row = (by, receipt);
            }
        }
        latest
            .into_iter()
            .map(|(system, (by, receipt))| self.row(system, by, receipt))
            .collect()
    }

    fn row(&self, system: &RecordRef, reference: &RecordRef, receipt: &Receipt) -> Row {
        Row {
            adapter: receipt.adapter.sha256,
            confinement: receipt.confinement.clone(),
            counts: receipt.counts.clone(),
            declared: receipt.declared.clone(),
            evidence_type: receipt.evidence_type,
            lane: receipt.runtime.lane,
            name: self.submissions[&receipt.submission].name.clone(),
            ranks: Vec::new(),
            receipt: reference.clone(),
            runs: self.runs(|intent| self.system(&intent.submission) == system),
            scores: strict(&receipt.scores),
            station: receipt.station.clone(),
            submission: receipt.submission.clone(),
            system: system.clone(),
            usage: receipt.usage.clone(),
        }
    }

    pub fn runs(&self, counts: impl Fn(&RunIntent) -> bool) -> Runs {
        let mut runs = Runs::default();
        for (reference, _) in self.intents.iter().filter(|(_, intent)| counts(intent)) {
            match self.closings.get(reference) {
                Some((_, Closing::Receipt(_))) => runs.closed += 1,
                Some((_, Closing::Abort)) => runs.aborted += 1,
                None => runs.open += 1,
            }
        }
        runs
    }

    /// Follows `replaces` to the first submission of the same team. A record can only
    /// replace an earlier one, so this ends.
    fn system<'b>(&self, submission: &'b RecordRef) -> &'b RecordRef
    where
        'a: 'b,
    {
        let mut first = submission;
        let mut seen = BTreeSet::from([first]);
        while let Some(record) = self.submissions.get(first) {
            let Some(earlier) = &record.replaces else {
                break;
            };
            let known = self.submissions.get(earlier);
            let same = known.is_some_and(|known| is_same_team(known, record));
            if !same || !seen.insert(earlier) {
                break;
            }
            first = earlier;
        }
        first
    }
}

/// The recorder's key says nothing of the team it signs for, and changes in the middle of a system's life.
fn is_same_team(one: &Submission, other: &Submission) -> bool {
    match (one.on_behalf, other.on_behalf) {
        (true, true) => {
            let principal = one.declares.get(PRINCIPAL);
            principal.is_some() && principal == other.declares.get(PRINCIPAL)
        }
        (false, false) => one.submitter == other.submitter,
        _ => false,
    }
}

fn strict(scores: &[Score]) -> Vec<Score> {
    scores
        .iter()
        .filter(|score| score.metric == Metric::Strict)
        .cloned()
        .collect()
}

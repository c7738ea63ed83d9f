//! Everything in a log that boards can be made of, and what it means when one leaves something out.

use assay_benchmarks::{
    board::{BoardInput, BoardRecord},
    terms::Terms,
};
use assay_evidence::{
    audit::{Breach, Finding},
    record::{FormCommitment, RecordRef},
    verify::Held,
};

use super::super::{blobs::Blobs, records::Records, report::Report, source::SourceError};

/// Records that boards are made of, in the order of the log.
pub struct Inputs(Vec<BoardInput>);

/// Joins forms, with their terms fetched, and runs. A form without its terms is left out and reported.
pub fn gather(
    records: &Records,
    blobs: &mut Blobs,
    report: &mut Report,
) -> Result<Inputs, SourceError> {
    let mut inputs = records.runs.clone();
    for held in &records.commitments {
        match form(held, blobs)? {
            Ok(input) => inputs.push(input),
            Err(finding) => report.found(finding),
        }
    }
    inputs.sort_by_key(|input| input.reference.index);
    Ok(Inputs(inputs))
}

fn form(
    held: &Held<FormCommitment>,
    blobs: &mut Blobs,
) -> Result<Result<BoardInput, Finding>, SourceError> {
    let index = held.reference.index;
    let bytes = match blobs.get(&held.predicate.terms.sha256)? {
        Ok(bytes) => bytes,
        Err(fault) => return Ok(Err(fault.at(index))),
    };
    let record = held.predicate.clone();
    Ok(match Terms::parse(&bytes) {
        Ok(terms) => Ok(BoardInput {
            reference: held.reference.clone(),
            record: BoardRecord::Commitment {
                record,
                terms: Box::new(terms),
            },
        }),
        Err(error) => Err(Finding::at(index, Breach::BadBlob, error)),
    })
}

impl Inputs {
    /// All of them.
    pub fn all(&self) -> &[BoardInput] {
        &self.0
    }

    /// Those below a size.
    pub fn below(&self, size: u64) -> &[BoardInput] {
        let end = self.0.partition_point(|input| input.reference.index < size);
        &self.0[..end]
    }

    /// The one at a place.
    pub fn find(&self, reference: &RecordRef) -> Option<&BoardInput> {
        let index = |input: &BoardInput| input.reference.index;
        let at = self.0.binary_search_by_key(&reference.index, index).ok()?;
        Some(&self.0[at]).filter(|input| input.reference == *reference)
    }
}

/// Under which name a board leaves out a record that concerned it.
pub fn omission(input: &BoardInput, expected: &[&BoardInput]) -> (Breach, String) {
    let index = input.reference.index;
    match &input.record {
        BoardRecord::Receipt(_) => (
            Breach::CherryPicked,
            format!("board leaves out the receipt at {index}"),
        ),
        BoardRecord::Abort(_) => (
            Breach::CherryPicked,
            format!("board leaves out the aborted run at {index}"),
        ),
        BoardRecord::Intent(_) if is_closed(&input.reference, expected) => (
            Breach::CherryPicked,
            format!("board leaves out the run announced at {index}"),
        ),
        BoardRecord::Intent(_) => (
            Breach::LostRun,
            format!("board leaves out the open run announced at {index}"),
        ),
        BoardRecord::Commitment { .. } | BoardRecord::Submission(_) => (
            Breach::WrongBoard,
            format!("board leaves out the record at {index}, on which others stand"),
        ),
    }
}

fn is_closed(intent: &RecordRef, expected: &[&BoardInput]) -> bool {
    expected.iter().any(|input| match &input.record {
        BoardRecord::Receipt(receipt) => receipt.intent == *intent,
        BoardRecord::Abort(abort) => abort.intent == *intent,
        BoardRecord::Commitment { .. } | BoardRecord::Submission(_) | BoardRecord::Intent(_) => {
            false
        }
    })
}

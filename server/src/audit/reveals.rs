//! Reveals: what was committed must come out of the published body, and every receipt must fit it.
//!
//! Here scores are compared with the items alone. Which answers were right only another run tells: see
//! `again`.

mod adapters;
mod again;

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};

use assay_benchmarks::{
    board::BoardRecord,
    form::{Form, FormError},
    grade, score,
};
use assay_evidence::{
    audit::{Breach, Finding},
    record::{FormReveal, Receipt, RecordRef},
    reveal,
    verify::Held,
};
use tempfile::TempDir;

use super::{Audit, AuditError, Replayed, Tools, blobs::Blobs, report::Report};
use crate::store::{OPEN, YES};
use adapters::Adapters;
use again::{Again, Run};

/// Checks every reveal of the log, every receipt on a revealed form, and runs again what can be.
pub fn check(
    audit: &Audit,
    all: &Replayed,
    blobs: &mut Blobs,
    report: &mut Report,
    tools: &Tools,
) -> Result<(), AuditError> {
    if all.records.reveals.is_empty() {
        return Ok(());
    }
    let place = place()?;
    let mut runs = BTreeMap::new();
    let (mut opened, mut compared) = (0, 0);
    for held in &all.records.reveals {
        let Some(form) = Revealed::open(held, all, blobs, report)? else {
            continue;
        };
        opened += 1;
        let body = place.path().join(held.predicate.body.sha256.to_string());
        kept(&body, &form.body)?;
        for (index, receipt) in receipts_on(&held.predicate.commitment, all) {
            if form.fits(index, receipt, report) {
                compared += 1;
                runs.insert(index, (receipt, body.clone()));
            }
        }
    }
    report.checked("forms opened and compared with their commitments", opened);
    report.checked("receipts compared with the items of their forms", compared);
    let adapters = Adapters::open(audit.adapters.as_deref(), place.path())?;
    let mut again = Again::new(adapters, blobs, report, tools);
    again.run(with_promises(runs, all), audit)
}

/// The receipts of all runs on a form, with their indexes.
fn receipts_on<'a>(
    commitment: &RecordRef,
    all: &'a Replayed,
) -> impl Iterator<Item = (u64, &'a Receipt)> {
    all.records.runs.iter().filter_map(move |input| {
        let BoardRecord::Receipt(receipt) = &input.record else {
            return None;
        };
        (receipt.commitment == *commitment).then_some((input.reference.index, &**receipt))
    })
}

/// Adds to each run whether its team declared the adapter open.
fn with_promises<'a>(runs: BTreeMap<u64, (&'a Receipt, PathBuf)>, all: &Replayed) -> Vec<Run<'a>> {
    let open: BTreeSet<&RecordRef> = all
        .records
        .runs
        .iter()
        .filter(|input| match &input.record {
            BoardRecord::Submission(submission) => submission
                .declares
                .get(OPEN)
                .is_some_and(|word| word == YES),
            _ => false,
        })
        .map(|input| &input.reference)
        .collect();
    let runs = runs.into_iter().map(|(index, (receipt, body))| Run {
        index,
        receipt,
        is_open: open.contains(&receipt.submission),
        body,
    });
    runs.collect()
}

/// A form body that is the committed one.
struct Revealed {
    body: Vec<u8>,
    items: Result<Form, FormError>,
}

impl Revealed {
    /// Fetches the body that a reveal names; nothing when it is found wrong, or when the log holds no
    /// commitment to compare it with.
    fn open(
        held: &Held<FormReveal>,
        all: &Replayed,
        blobs: &mut Blobs,
        report: &mut Report,
    ) -> Result<Option<Self>, AuditError> {
        let (reveal, index) = (&held.predicate, held.reference.index);
        let mut commitments = all.records.commitments.iter();
        let commitment = commitments.find(|form| form.reference == reveal.commitment);
        let Some(commitment) = commitment else {
            return Ok(None);
        };
        let body = match blobs.get(&reveal.body.sha256)? {
            Ok(body) => body,
            Err(fault) => {
                report.found(fault.at(index));
                return Ok(None);
            }
        };
        let form = match reveal::check(&body, reveal, &commitment.predicate) {
            Ok(form) => form,
            Err(error) => {
                report.found(Finding::at(index, Breach::WrongReveal, error));
                return Ok(None);
            }
        };
        let items = Form::from_body(&form);
        if let Err(error) = &items
            && commitment.predicate.grader == grade::grader()
        {
            let says = format!("{}: {error}", commitment.predicate.form);
            report.found(Finding::at(index, Breach::UnreadableForm, says));
            return Ok(None);
        }
        Ok(Some(Self { body, items }))
    }

    /// May the receipt be one of a run on this form? What was found wrong before is not judged again.
    fn fits(&self, index: u64, receipt: &Receipt, report: &mut Report) -> bool {
        if report.holds_against(&[index, receipt.intent.index]) {
            return false;
        }
        let says = match &self.items {
            Ok(form) => compare(receipt, form),
            Err(error) => {
                let what = format!("scores of the receipt at {index}");
                report.uncheckable(
                    what,
                    format!("the form is none that this version reads: {error}"),
                );
                return false;
            }
        };
        if let Err(says) = says {
            report.found(Finding::at(index, Breach::WrongScore, says));
            return false;
        }
        true
    }
}

fn compare(receipt: &Receipt, form: &Form) -> Result<(), String> {
    let (stated, items) = (receipt.counts.items, form.items.len() as u64);
    if stated != items {
        return Err(format!(
            "receipt counts {stated} items, but the revealed form has {items}"
        ));
    }
    score::check(&form.items, &receipt.scores).map_err(|fault| fault.to_string())
}

fn place() -> Result<TempDir, AuditError> {
    tempfile::tempdir().map_err(|source| AuditError::File {
        path: std::env::temp_dir(),
        source,
    })
}

fn kept(path: &Path, bytes: &[u8]) -> Result<(), AuditError> {
    fs::write(path, bytes).map_err(|source| AuditError::File {
        path: path.to_owned(),
        source,
    })
}

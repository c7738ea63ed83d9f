//! Runs that are made again: what an adapter on a revealed form ends in must be what its receipt states.
//!
//! Only what is held can be run: adapters that the station published, since their teams declared them
//! open, and those in a folder of the auditor's own. The rest is listed as not run again.

use std::path::{Path, PathBuf};

use assay_evidence::{
    audit::{Breach, Finding},
    digest::Digest,
    record::Receipt,
};

use super::{
    super::{
        Audit, AuditError, Progress, Rerun, Tools,
        blobs::{BlobFault, Blobs},
        report::{Draw, Report},
        source::Unserved,
    },
    adapters::Adapters,
};

/// What of a run depends on the machine that makes it again.
const ENGINE: [&str; 2] = ["runtime", "grader"];
/// What the marks alone decide.
const MARKS: [&str; 2] = ["counts", "scores"];

/// A receipt on a revealed form.
pub struct Run<'a> {
    /// Index of the receipt.
    pub index: u64,
    /// The receipt.
    pub receipt: &'a Receipt,
    /// Did the team declare the adapter open?
    pub is_open: bool,
    /// File with the form body.
    pub body: PathBuf,
}

/// The runs that are made again.
pub struct Again<'a, 'b> {
    adapters: Adapters,
    blobs: &'a mut Blobs<'b>,
    report: &'a mut Report,
    tools: &'a Tools<'a>,
}

impl<'a, 'b> Again<'a, 'b> {
    /// Nothing run yet.
    pub fn new(
        adapters: Adapters,
        blobs: &'a mut Blobs<'b>,
        report: &'a mut Report,
        tools: &'a Tools<'a>,
    ) -> Self {
        Self {
            adapters,
            blobs,
            report,
            tools,
        }
    }

    /// Runs all of them, or some, in the order of the log, as long as there is time.
    pub fn run(&mut self, runs: Vec<Run>, audit: &Audit) -> Result<(), AuditError> {
        let chosen = match audit.rerun {
            Rerun::All => self.held(runs, usize::MAX)?,
            Rerun::Drawn { many, seed } => self.drawn(runs, many, seed)?,
        };
        let (mut same, of) = (0, chosen.len() as u64);
        let until = self.tools.clock.now().plus_seconds(audit.patience_seconds);
        for (done, (run, component)) in (1..).zip(&chosen) {
            if self.tools.clock.now() >= until {
                let what = format!("{} more runs on revealed forms", of + 1 - done);
                let why = "the time for running again is over; --rerun-minutes gives more";
                self.report.not_checked(what, why);
                break;
            }
            same += self.compare(run, component);
            (self.tools.progress)(Progress::Reruns { done, of });
        }
        self.report
            .checked("receipts of revealed forms run again", same);
        Ok(())
    }

    /// Those that the station could not foresee.
    fn drawn<'r>(
        &mut self,
        mut runs: Vec<Run<'r>>,
        many: usize,
        seed: Digest,
    ) -> Result<Vec<(Run<'r>, PathBuf)>, AuditError> {
        let of = runs.len() as u64;
        runs.sort_by_cached_key(|run| {
            Digest::of(&[seed.as_bytes().as_slice(), &run.index.to_be_bytes()].concat())
        });
        let mut chosen = self.held(runs, many)?;
        chosen.sort_by_key(|(run, _)| run.index);
        let drawn = chosen.iter().map(|(run, _)| run.index).collect();
        self.report.draw = Some(Draw { seed, of, drawn });
        Ok(chosen)
    }

    /// The first so many whose adapters are held.
    fn held<'r>(
        &mut self,
        runs: Vec<Run<'r>>,
        many: usize,
    ) -> Result<Vec<(Run<'r>, PathBuf)>, AuditError> {
        let mut held = Vec::new();
        let mut rest = runs.into_iter();
        while held.len() < many
            && let Some(run) = rest.next()
        {
            let adapter = run.receipt.adapter.sha256;
            match self.adapters.find(&adapter, self.blobs)? {
                Ok(component) => held.push((run, component)),
                Err(fault) => self.unheld(&run, &fault),
            }
        }
        if rest.len() > 0 {
            let what = format!("{} more runs on revealed forms", rest.len());
            self.report
                .not_checked(what, "no more were to be run again");
        }
        Ok(held)
    }

    /// A team may keep its adapter; a station may not keep one that was declared open.
    fn unheld(&mut self, run: &Run, fault: &BlobFault) {
        let is_missing = matches!(fault, BlobFault::Unserved(Unserved::Missing(_)));
        if is_missing && !run.is_open {
            let adapter = run.receipt.adapter.sha256;
            self.left_out(run, format!("its adapter {adapter} is not held"));
        } else {
            self.report.found(fault.at(run.index));
        }
    }

    /// 1 when the run ends as the receipt says.
    fn compare(&mut self, run: &Run, component: &Path) -> u64 {
        let judged = (self.tools.again)(run.receipt, &run.body, component)
            .map_or_else(Judged::Unknown, |differs| Judged::of(&differs));
        match judged {
            Judged::Same => return 1,
            Judged::Unknown(why) => self.report.uncheckable(the_run_of(run), why),
            Judged::Wrong(name, says) => self.report.found(Finding::at(run.index, name, says)),
        }
        0
    }

    fn left_out(&mut self, run: &Run, why: String) {
        self.report.not_checked(the_run_of(run), why);
    }
}

fn the_run_of(run: &Run) -> String {
    format!("the run of the receipt at {}", run.index)
}

/// What another run says about a receipt.
#[derive(Debug, PartialEq, Eq)]
enum Judged {
    /// It ended in the same.
    Same,
    /// It did not, and should have.
    Wrong(Breach, String),
    /// It could not be made, or proves nothing.
    Unknown(String),
}

impl Judged {
    /// By the names of what differs. Another engine counts fuel otherwise and proves nothing, unless it
    /// agrees.
    fn of(differs: &[&str]) -> Self {
        let (engine, results): (Vec<&str>, Vec<&str>) =
            differs.iter().partition(|name| ENGINE.contains(name));
        if results.is_empty() {
            return Self::Same;
        }
        let listed = results.join(", ");
        if !engine.is_empty() {
            let engine = engine.join(" and ");
            return Self::Unknown(format!(
                "this program has another {engine}, and the results differ in {listed}"
            ));
        }
        let is_marks = results.iter().any(|name| MARKS.contains(name));
        let name = if is_marks {
            Breach::WrongScore
        } else {
            Breach::WrongRerun
        };
        Self::Wrong(name, format!("run again, the receipt differs in {listed}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_same_engine_can_prove_a_receipt_wrong() {
        assert_eq!(Judged::of(&[]), Judged::Same);
        assert_eq!(Judged::of(&["runtime", "grader"]), Judged::Same);
        let why = "this program has another runtime and grader, and the results differ in fuel";
        assert_eq!(
            Judged::of(&["runtime", "grader", "fuel"]),
            Judged::Unknown(why.to_owned())
        );
        let says = |what: &str| format!("run again, the receipt differs in {what}");
        for (differs, name) in [
            (&["outcomes"][..], Breach::WrongRerun),
            (&["outcomes", "fuel"], Breach::WrongRerun),
            (&["counts"], Breach::WrongScore),
            (&["outcomes", "scores"], Breach::WrongScore),
        ] {
            let wrong = Judged::Wrong(name, says(&differs.join(", ")));
            assert_eq!(Judged::of(differs), wrong);
        }
    }
}

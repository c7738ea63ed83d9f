//! `assay audit`: replays a whole station from its public files and says what does not hold.
//!
//! It needs no account and no server program: a folder, or any web server over one, is enough.

use std::{
    cell::RefCell,
    fmt::Write as _,
    path::{Path, PathBuf},
};

use assay_evidence::{digest::Digest, record::Receipt};
use clap::Args;
use indicatif::ProgressBar;

use super::{
    Source,
    fault::{Ended, Fault},
    output::Output,
    replay,
    table::{Align, short, table},
};
use crate::audit::{Audit as Work, Depth, Draw, Progress, Report, Rerun, Tools};

/// Runs without a result that are listed; more are only counted.
const RUNS_LISTED_MAX: usize = 20;
/// Types of records, and things not checked, that are printed; `--json` has all.
const LINES_PRINTED_MAX: usize = 50;
/// Findings that are printed; `--json` has more.
const FINDINGS_PRINTED_MAX: usize = 50;

/// Arguments of `assay audit`.
#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  assay audit https://station.example.org --policy policy --keep ~/.assay-audit\n  assay audit /srv/mirror/station --policy policy\n\nThe policy names the log and the manifest that you trust; get it over a way that you trust, and keep it.\nWithout one the station's own is taken, which pins nothing."
)]
pub struct Audit {
    /// Address of a station, or a folder with its public files.
    #[arg(value_name = "URL|FOLDER")]
    station: String,
    /// File that says which log and manifest to trust.
    #[arg(long, value_name = "FILE")]
    policy: Option<PathBuf>,
    /// A checkpoint of this log that was seen before.
    #[arg(long, value_name = "CHECKPOINT-FILE")]
    seen: Option<PathBuf>,
    /// Folder in which to remember the checkpoint for the next audit.
    #[arg(long, value_name = "DIR")]
    keep: Option<PathBuf>,
    /// Receipts of revealed forms that are run again: all, none, or so many drawn by lot.
    #[arg(long, value_name = "all|N|none", default_value = "all", value_parser = asked)]
    rerun: Asked,
    /// Minutes after which no further receipt is run again; the rest is listed as not checked.
    #[arg(long, value_name = "N", default_value_t = 60)]
    rerun_minutes: u32,
    /// Decides the lot, 64 hex digits; drawn afresh when absent, and printed.
    #[arg(long, value_name = "HEX")]
    seed: Option<Digest>,
    /// Folder with adapters to run again, besides those that the station publishes.
    #[arg(long, value_name = "DIR")]
    adapters: Option<PathBuf>,
    /// Check tree, tiles and entries alone; fetch no record.
    #[arg(long)]
    only_hashes: bool,
}

impl Audit {
    /// Runs the verb.
    pub fn run(self, source: &Source, output: &Output) -> Ended {
        let work = Work {
            station: self.station,
            policy: self.policy,
            seen: self.seen,
            keep: self.keep,
            depth: if self.only_hashes {
                Depth::Hashes
            } else {
                Depth::Records
            },
            rerun: match self.rerun {
                Asked::All => Rerun::All,
                Asked::Some(many) => Rerun::Drawn {
                    many,
                    seed: self.seed.unwrap_or_else(|| Digest(source.entropy.bytes())),
                },
            },
            adapters: self.adapters,
            patience_seconds: u64::from(self.rerun_minutes) * 60,
            now: source.clock.now(),
        };
        let watched = Watched::new(output);
        let report = work.run(&Tools {
            progress: &|progress| watched.show(progress),
            clock: &source.clock,
            again: &again,
        });
        watched.bar.borrow().finish_and_clear();
        let report = report.map_err(Fault::refused)?;
        output.print(&report, shown)?;
        if report.passed {
            Ok(())
        } else {
            Err(Fault::Said)
        }
    }
}

/// How many runs are to be made again.
#[derive(Clone, Copy, Debug)]
enum Asked {
    All,
    Some(usize),
}

fn asked(text: &str) -> Result<Asked, String> {
    match text {
        "all" => Ok(Asked::All),
        "none" => Ok(Asked::Some(0)),
        number => number
            .parse()
            .map(Asked::Some)
            .map_err(|_| format!("{number} is not all, none or a number")),
    }
}

/// The names of what a replay gives otherwise than the receipt states.
fn again(receipt: &Receipt, body: &Path, component: &Path) -> Result<Vec<&'static str>, String> {
    let compared = replay::again(receipt, body, component).map_err(|fault| fault.to_string())?;
    let differs = compared.iter().filter(|one| !one.agrees);
    Ok(differs.map(|one| one.name).collect())
}

/// What stderr shows while the audit goes on.
struct Watched<'a> {
    output: &'a Output,
    bar: RefCell<ProgressBar>,
}

impl<'a> Watched<'a> {
    fn new(output: &'a Output) -> Self {
        let bar = RefCell::new(ProgressBar::hidden());
        Self { output, bar }
    }

    fn show(&self, progress: Progress) {
        let (name, done, of) = match progress {
            Progress::Records { done, of } => ("records", done, of),
            Progress::Boards { done, of } => ("boards", done, of),
            Progress::Reruns { done, of } => ("runs", done, of),
        };
        let mut bar = self.bar.borrow_mut();
        if bar.message() != name {
            bar.finish_and_clear();
            *bar = self.output.counter(name, of);
        }
        bar.set_position(done);
    }
}

fn shown(report: &Report) -> String {
    let mut text = String::new();
    findings(&mut text, report);
    head(&mut text, report);
    checked(&mut text, report);
    runs(&mut text, report);
    let _ = write!(text, "\n{}", verdict(report));
    text
}

fn verdict(report: &Report) -> String {
    if !report.passed {
        return "FAILED: believe nothing of this station before each finding is explained"
            .to_owned();
    }
    match report.uncheckable {
        0 => "passed: nothing was found".to_owned(),
        1 => "passed, but one thing that the station wrote could not be checked".to_owned(),
        many => format!("passed, but {many} things that the station wrote could not be checked"),
    }
}

/// The first finding first; it is usually the cause of the others.
fn findings(text: &mut String, report: &Report) {
    for finding in report.findings.iter().take(FINDINGS_PRINTED_MAX) {
        let place = finding
            .record
            .map_or_else(String::new, |index| format!(" in record {index}"));
        let says = short(&finding.says, 300);
        let _ = writeln!(text, "FOUND {}{place}: {says}", finding.name.name());
    }
    let rest = report.findings.len().saturating_sub(FINDINGS_PRINTED_MAX) as u64;
    let more = rest + report.more_findings;
    if more > 0 {
        let _ = writeln!(text, "and {more} more; --json lists up to 1000");
    }
}

fn head(text: &mut String, report: &Report) {
    if let Some(checkpoint) = &report.checkpoint {
        let _ = writeln!(
            text,
            "log     {}, {} records, root {}",
            short(&checkpoint.origin, 120),
            checkpoint.size,
            checkpoint.root
        );
    }
    let whose = if report.policy.from_station {
        "the station's own: nothing is pinned; compare this digest over another way, or use --policy"
    } else {
        "yours"
    };
    let _ = writeln!(text, "policy  {} ({whose})", report.policy.sha256);
}

fn checked(text: &mut String, report: &Report) {
    let right = |number: u64| number.to_string();
    let mut rows: Vec<Vec<String>> = Vec::new();
    for one in &report.checked {
        rows.push(vec![one.what.to_owned(), right(one.count)]);
        if one.what == Report::RECORDS {
            let kinds = report.records.iter().take(LINES_PRINTED_MAX);
            rows.extend(
                kinds.map(|(kind, count)| vec![format!("  {}", short(kind, 80)), right(*count)]),
            );
        }
    }
    let head = [("checked", Align::Left), ("count", Align::Right)];
    let _ = writeln!(text, "\n{}", table(&head, &rows));
    for one in report.not_checked.iter().take(LINES_PRINTED_MAX) {
        let _ = writeln!(
            text,
            "not checked: {}: {}",
            short(&one.what, 120),
            short(&one.why, 200)
        );
    }
    let more = report.not_checked.len().saturating_sub(LINES_PRINTED_MAX);
    if more > 0 {
        let _ = writeln!(text, "and {more} more not checked; --json lists them");
    }
}

fn draw(text: &mut String, draw: &Draw) {
    let (many, of) = (draw.drawn.len(), draw.of);
    let _ = writeln!(
        text,
        "drawn: {many} of {of} receipts of revealed forms; --seed {} draws the same",
        draw.seed
    );
}

fn runs(text: &mut String, report: &Report) {
    if let Some(drawn) = report.draw.as_ref().filter(|draw| !draw.drawn.is_empty()) {
        draw(text, drawn);
    }
    if let Some(first) = report.void.first() {
        let many = report.void.len();
        let _ = writeln!(
            text,
            "void by a later manifest: {many} records, the first at {first}"
        );
    }
    let _ = writeln!(
        text,
        "\nruns without a result: {} open, {} aborted",
        report.open.len(),
        report.aborted.len()
    );
    let open = report.open.iter().map(|open| {
        let state = if open.lost { "lost" } else { "open" };
        vec![
            open.run.intent.to_string(),
            state.to_owned(),
            short(&open.run.declared, 20),
            format!("to be closed by {}", short(&open.run.close_by, 20)),
        ]
    });
    let aborted = report.aborted.iter().map(|aborted| {
        vec![
            aborted.intent.to_string(),
            "aborted".to_owned(),
            short(&aborted.declared, 20),
            format!("{}, {} answered", aborted.reason.name(), aborted.answered),
        ]
    });
    let rows: Vec<Vec<String>> = open.chain(aborted).take(RUNS_LISTED_MAX).collect();
    if rows.is_empty() {
        return;
    }
    let head = [
        ("run", Align::Right),
        ("state", Align::Left),
        ("declared", Align::Left),
        ("why", Align::Left),
    ];
    let _ = writeln!(text, "{}", table(&head, &rows));
}

//! A replay: one component on a revealed form under the nonce of its run, to be compared with the receipt.
//!
//! It prints what a receipt says of a run, and how each item ended; what the items are, anyone reads in
//! the form. Comparing with a receipt is the caller's.

use std::{path::PathBuf, process::ExitCode};

use anyhow::{Context, ensure};
use assay_benchmarks::{grade, terms::Terms};
use assay_evidence::{
    digest::Digest,
    json, outcome,
    record::{Counts, GraderRef, Limits, Outcomes, Runtime, Score},
};
use serde::Serialize;

use crate::{
    engine,
    evaluate::Row,
    inputs::{self, Output},
    limits,
    open_run::{OpenRun, Prepared},
};

/// Longest terms file.
const TERMS_BYTES_MAX: u64 = 1024 * 1024;

/// What a replay is made of.
pub struct Replay {
    /// Component, form body and nonce of the run.
    pub run: OpenRun,
    /// The limits that the run was under.
    pub limits: LimitsFrom,
    /// All items, or some.
    pub sample: Option<Sample>,
    /// For people or for programs.
    pub output: Output,
}

/// Who states the limits of the run.
pub enum LimitsFrom {
    /// The public terms of the form, a file.
    Terms(PathBuf),
    /// The receipt's own member, as JSON.
    Json(String),
}

/// Some items, chosen before anybody could know which.
pub struct Sample {
    /// How many; all when the form has no more.
    pub items: usize,
    /// Chooses them.
    pub seed: Digest,
}

#[derive(Serialize)]
struct Report {
    #[serde(flatten)]
    whole: Option<Whole>,
    grader: GraderRef,
    items: Vec<ItemReport>,
    limits: Limits,
    runtime: Runtime,
}

/// What only a run of all items has.
#[derive(Serialize)]
struct Whole {
    counts: Counts,
    fuel: String,
    outcomes: Outcomes,
    scores: Vec<Score>,
}

#[derive(Serialize)]
struct ItemReport {
    fuel: String,
    index: usize,
    outcome: &'static str,
    points: String,
    verdict: &'static str,
}

/// Runs the role.
pub fn main(replay: &Replay) -> ExitCode {
    inputs::exit_code(run(replay))
}

fn run(replay: &Replay) -> anyhow::Result<ExitCode> {
    check_limits(&replay.limits)?;
    let ready = match replay.run.prepare()? {
        Prepared::Ready(ready) => ready,
        Prepared::Refused(report) => {
            inputs::show_screen(&report, replay.output)?;
            return Ok(ExitCode::from(1));
        }
    };
    let (whole, rows) = match &replay.sample {
        None => {
            let ran = ready.evaluate()?;
            let whole = Whole {
                counts: ran.counts,
                fuel: ran.usage.fuel,
                outcomes: ran.outcomes,
                scores: ran.scores,
            };
            (Some(whole), ran.rows)
        }
        Some(sample) => {
            let chosen = sample.of(ready.form.items.len());
            (None, ready.evaluate_some(&chosen)?)
        }
    };
    show(
        &Report {
            whole,
            grader: grade::grader(),
            items: rows.into_iter().map(item_report).collect(),
            limits: limits::sealed_lane(),
            runtime: engine::runtime(),
        },
        replay.output,
    );
    Ok(ExitCode::SUCCESS)
}

/// What happens to a guest under one set of limits says nothing of another.
fn check_limits(from: &LimitsFrom) -> anyhow::Result<()> {
    let asked: Limits = match from {
        LimitsFrom::Json(text) => json::from_slice(text.as_bytes()).context("limits")?,
        LimitsFrom::Terms(path) => {
            let bytes = inputs::read_at_most(path, TERMS_BYTES_MAX)?;
            let terms = Terms::parse(&bytes).with_context(|| path.display().to_string())?;
            ensure!(
                terms.graders == grade::graders(),
                "the form has other graders than this program; use the release that the receipt names"
            );
            terms.limits
        }
    };
    let own = limits::sealed_lane();
    ensure!(
        asked == own,
        "the run was under the limits {}, this program has {}; use the release that the receipt names",
        String::from_utf8_lossy(&json::to_vec(&asked)),
        String::from_utf8_lossy(&json::to_vec(&own))
    );
    Ok(())
}

impl Sample {
    /// Places in the form, in the order in which the seed draws them.
    fn of(&self, items: usize) -> Vec<u32> {
        let mut order = outcome::item_order(self.seed.as_bytes(), items as u32);
        order.truncate(self.items);
        order
    }
}

fn item_report(row: Row) -> ItemReport {
    ItemReport {
        fuel: row.ending.fuel.to_string(),
        index: row.ending.item,
        outcome: row.ending.outcome.word(),
        points: row.mark.points,
        verdict: row.mark.verdict.as_str(),
    }
}

fn show(report: &Report, output: Output) {
    match output {
        Output::Json => println!("{}", serde_json::json!(report)),
        Output::Text => {
            for item in &report.items {
                let ItemReport {
                    index,
                    outcome,
                    verdict,
                    points,
                    fuel,
                } = item;
                println!("{index:>4}  {outcome}, {verdict}, {points} points, {fuel} fuel");
            }
            if let Some(Whole {
                counts,
                fuel,
                outcomes,
                ..
            }) = &report.whole
            {
                println!(
                    "{} items, {} answered, {} failed; {fuel} fuel; outcomes root {}",
                    counts.items, counts.answered, counts.failed, outcomes.root
                );
            }
        }
    }
}

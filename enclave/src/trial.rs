//! A trial: one adapter on a practice form, with everything shown.
//!
//! The same processes, limits and marks as on a station, but no key: nothing is signed, and a nonce
//! that is given makes the outcomes root comparable with a station's.

use std::{io::Write, process::ExitCode};

use assay_benchmarks::{form::Form, item::Grader};
use assay_evidence::{
    confinement::Confinement,
    record::{Counts, Outcomes, Runtime, Score, Usage},
};
use serde::Serialize;

use crate::{
    engine,
    evaluate::{Evaluation, Row},
    inputs::{self, Output},
    open_run::{OpenRun, Prepared, Ready},
};

/// Runs the role.
pub fn main(run: &OpenRun, output: Output) -> ExitCode {
    inputs::exit_code(attempt(run, output))
}

fn attempt(run: &OpenRun, output: Output) -> anyhow::Result<ExitCode> {
    let ready = match run.prepare()? {
        Prepared::Ready(ready) => ready,
        Prepared::Refused(report) => {
            inputs::show_screen(&report, output)?;
            return Ok(ExitCode::from(1));
        }
    };
    let evaluation = ready.evaluate()?;
    show(&ready, &evaluation, output)?;
    Ok(ExitCode::SUCCESS)
}

#[derive(Serialize)]
struct Report<'a> {
    items: Vec<ItemReport<'a>>,
    counts: &'a Counts,
    scores: &'a [Score],
    outcomes: &'a Outcomes,
    usage: &'a Usage,
    confinement: String,
    runtime: Runtime,
}

#[derive(Serialize)]
struct ItemReport<'a> {
    index: usize,
    family: &'a str,
    locale: String,
    section: &'a str,
    kind: &'static str,
    prompt: &'a str,
    choices: &'a [String],
    outcome: &'static str,
    answer: &'a str,
    verdict: &'static str,
    points: &'a str,
    reason: Option<String>,
    expected: String,
    fuel: String,
}

fn show(ready: &Ready, evaluation: &Evaluation, output: Output) -> anyhow::Result<()> {
    let confinement = Confinement {
        keeper: ready.layers,
        compiler: ready.compiler_layers,
        runner: evaluation.runner_layers,
        courier: 0,
    };
    let report = Report {
        items: items(&ready.form, evaluation),
        counts: &evaluation.counts,
        scores: &evaluation.scores,
        outcomes: &evaluation.outcomes,
        usage: &evaluation.usage,
        confinement: confinement.to_string(),
        runtime: engine::runtime(),
    };
    let mut out = std::io::stdout().lock();
    match output {
        Output::Json => serde_json::to_writer(&mut out, &report)?,
        Output::Text => write_text(&mut out, &report)?,
    }
    Ok(writeln!(out)?)
}

fn items<'a>(form: &'a Form, evaluation: &'a Evaluation) -> Vec<ItemReport<'a>> {
    let each = form.items.iter().zip(&evaluation.rows);
    each.map(|(item, row)| item_report(item, row)).collect()
}

fn item_report<'a>(item: &'a assay_benchmarks::item::Item, row: &'a Row) -> ItemReport<'a> {
    let choices: &[String] = match &item.grader {
        Grader::Choice { options, .. } => options,
        Grader::Exact { .. } | Grader::Number { .. } => &[],
    };
    ItemReport {
        index: row.ending.item,
        family: &item.family,
        locale: item.locale.to_string(),
        section: &item.section,
        kind: item.grader.kind(),
        prompt: &item.prompt,
        choices,
        outcome: row.ending.outcome.word(),
        answer: &row.ending.answer,
        verdict: row.mark.verdict.as_str(),
        points: &row.mark.points,
        reason: row
            .mark
            .reason
            .as_ref()
            .map(assay_benchmarks::grade::Reason::sentence),
        expected: item.expected(),
        fuel: row.ending.fuel.to_string(),
    }
}

fn write_text(out: &mut impl Write, report: &Report<'_>) -> std::io::Result<()> {
    for item in &report.items {
        let ItemReport {
            index,
            family,
            locale,
            outcome,
            verdict,
            ..
        } = item;
        let answer = inputs::printable(item.answer);
        writeln!(
            out,
            "{index:>4}  {family} ({locale})  {outcome}, {verdict}: {answer}  [{}]",
            item.expected
        )?;
    }
    let Counts {
        answered,
        failed,
        items,
    } = report.counts;
    write!(
        out,
        "{items} items, {answered} answered, {failed} failed; outcomes root {}",
        report.outcomes.root
    )
}

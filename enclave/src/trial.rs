//! A trial: one adapter on a practice form, with everything shown.
//!
//! The same processes, limits and marks as on a station, but no key: nothing is signed, and a nonce
//! that is given makes the outcomes root comparable with a station's.

use std::{io::Write, process::ExitCode};

use anyhow::{Context, bail};
use assay_benchmarks::{form::Form, item::Grader};
use assay_evidence::{
    confinement::Confinement,
    digest::Digest,
    record::{Counts, Outcomes, Runtime, Score, Usage},
    seal::FormBody,
};
use serde::Serialize;

use crate::{
    engine,
    evaluate::{Evaluated, Evaluation, Plan, Row, evaluate},
    inputs::{self, Output},
    lock::{self, Role},
    native,
    quarantine::{self, Finding},
    steward::Steward,
};

/// Longest form body file.
const FORM_BYTES_MAX: u64 = 64 * 1024 * 1024;

/// What a trial is made of.
pub struct Trial {
    /// Component file.
    pub component: std::path::PathBuf,
    /// Form body file.
    pub form_body: std::path::PathBuf,
    /// Stands in for the keeper's.
    pub nonce: Digest,
    /// Runners at once.
    pub runners: usize,
    /// For people or for programs.
    pub output: Output,
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

/// Runs the role.
pub fn main(trial: &Trial) -> ExitCode {
    lock::end_on_panic(None);
    inputs::exit_code(run(trial))
}

fn run(trial: &Trial) -> anyhow::Result<ExitCode> {
    lock::first(Role::Chief)?;
    let steward = Steward::new(native::take_role_socket()?);
    let component = inputs::read_at_most(&trial.component, inputs::COMPONENT_FILE_BYTES_MAX)?;
    let form = inputs::read_at_most(&trial.form_body, FORM_BYTES_MAX)?;
    let form = FormBody::parse(&form).with_context(|| trial.form_body.display().to_string())?;
    let form = Form::from_body(&form).with_context(|| trial.form_body.display().to_string())?;
    let layers = lock::last(Role::Chief)?;

    let finding = quarantine::compile(&steward, &component)?;
    let Some(image) = &finding.image else {
        inputs::show_screen(&finding.report, trial.output)?;
        return Ok(ExitCode::from(1));
    };
    let plan = Plan {
        form: &form,
        nonce: trial.nonce,
        image,
        runners: trial.runners,
    };
    match evaluate(&steward, &plan, |_| {}, || None::<std::convert::Infallible>)? {
        Evaluated::Complete(evaluation) => show(trial, &form, &evaluation, &finding, layers)?,
        Evaluated::NeverStarts => bail!(
            "no instance of {} ever starts; look at what it does before `respond` is called",
            trial.component.display()
        ),
        Evaluated::Stopped(never, _) => match never {},
    }
    Ok(ExitCode::SUCCESS)
}

fn show(
    trial: &Trial,
    form: &Form,
    evaluation: &Evaluation,
    finding: &Finding,
    layers: u32,
) -> anyhow::Result<()> {
    let confinement = Confinement {
        keeper: layers,
        compiler: finding.layers,
        runner: evaluation.runner_layers,
        courier: 0,
    };
    let report = Report {
        items: form
            .items
            .iter()
            .zip(&evaluation.rows)
            .map(|(item, row)| item_report(item, row))
            .collect(),
        counts: &evaluation.counts,
        scores: &evaluation.scores,
        outcomes: &evaluation.outcomes,
        usage: &evaluation.usage,
        confinement: confinement.to_string(),
        runtime: engine::runtime(),
    };
    let mut out = std::io::stdout().lock();
    match trial.output {
        Output::Json => serde_json::to_writer(&mut out, &report)?,
        Output::Text => write_text(&mut out, &report)?,
    }
    Ok(writeln!(out)?)
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

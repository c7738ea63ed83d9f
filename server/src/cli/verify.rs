//! `assay verify`: checks bundles and portable proofs offline against a policy and says each step.
//!
//! It talks to nobody. What only the whole log can show is said to be not checked.

use std::{
    fmt::Write as _,
    path::{Path, PathBuf},
};

use assay_evidence::{
    policy::Policy,
    proof,
    verify::{self, Check, CheckState, Report, Told, ToldQuorum},
};
use clap::Args;
use serde::Serialize;

use super::{
    bounded_file,
    fault::{Ended, Fault},
    output::Output,
    table::short,
};
use crate::clock::Clock;

/// Longest bundle that is read.
const BUNDLE_BYTES_MAX: u64 = 8 * 1024 * 1024;
/// Longest policy that is read.
const POLICY_BYTES_MAX: u64 = 1024 * 1024;

/// Arguments of `assay verify`.
#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  assay verify --policy policy result.bundle.json\n\nThe policy names the logs and manifests that you trust; get it from the station over a way that you\ntrust, and keep it."
)]
pub struct Verify {
    /// Bundles, or tlog-proofs of single records, to check.
    #[arg(value_name = "BUNDLE", required = true)]
    bundles: Vec<PathBuf>,
    /// File that says which logs and manifests to trust.
    #[arg(long, value_name = "FILE")]
    policy: PathBuf,
}

impl Verify {
    /// Runs the verb.
    pub fn run(self, clock: &Clock, output: &Output) -> Ended {
        let policy = policy(&self.policy)?;
        let now = clock.now().seconds();
        let mut all = Vec::with_capacity(self.bundles.len());
        for path in &self.bundles {
            let bytes = read_bundle(path)?;
            let report = if bytes.starts_with(proof::HEAD.as_bytes()) {
                verify::log_proof(&bytes, &policy, Some(now))
            } else {
                verify::bundle_at(&bytes, &policy, now)
            };
            all.push(Printed::of(path, &report));
        }
        let verified = all.iter().all(|one| one.verified);
        output.print(&all, |all| {
            all.iter().map(shown).collect::<Vec<_>>().join("\n\n")
        })?;
        if verified { Ok(()) } else { Err(Fault::Said) }
    }
}

/// The bytes of a bundle.
pub(super) fn read_bundle(path: &Path) -> Result<Vec<u8>, Fault> {
    bounded_file(path, BUNDLE_BYTES_MAX)
}

/// The fault of whoever wanted to use a bundle that does not verify.
pub(super) fn refusal(path: &Path, report: &Report) -> Fault {
    let reason = report.failure().map(|check| match &check.state {
        CheckState::Failed(reason) => format!("{}: {reason}", check.name),
        CheckState::Passed | CheckState::NotChecked(_) => check.name.to_owned(),
    });
    let reason = reason.unwrap_or_else(|| "it was not checked to the end".to_owned());
    Fault::Refused(format!(
        "{} does not verify, so nothing was written ({})",
        path.display(),
        short(&reason, 300)
    ))
}

/// Reads a policy file.
pub(super) fn policy(path: &Path) -> Result<Policy, Fault> {
    let text = String::from_utf8(bounded_file(path, POLICY_BYTES_MAX)?)
        .map_err(|_| Fault::Refused(format!("{}: the policy is no text", path.display())))?;
    Policy::parse(&text).map_err(|error| Fault::Refused(format!("{}: {error}", path.display())))
}

/// One bundle as it is printed.
#[derive(Serialize)]
struct Printed {
    bundle: PathBuf,
    verified: bool,
    checks: Vec<Check>,
    /// Only of a bundle that verified; a proof is of one record of any type.
    #[serde(skip_serializing_if = "Option::is_none")]
    facts: Option<Told>,
}

impl Printed {
    fn of(path: &Path, report: &Report) -> Self {
        let verified = report.verified();
        Self {
            bundle: path.to_owned(),
            verified,
            checks: report.checks.clone(),
            facts: report.facts.as_ref().filter(|_| verified).map(Told::from),
        }
    }
}

fn shown(one: &Printed) -> String {
    let mut text = one.bundle.display().to_string();
    for check in &one.checks {
        text.push('\n');
        text.push_str(&line(check));
    }
    match (one.verified, &one.facts) {
        (true, Some(facts)) => {
            text.push_str("\nverified\n");
            text.push_str(&shown_facts(facts));
        }
        (true, None) => text.push_str("\nverified: the record stands in this log"),
        (false, _) => text.push_str("\nNOT verified: believe nothing that this file says"),
    }
    text
}

/// One check in one line.
pub(super) fn line(check: &Check) -> String {
    let (mark, reason) = match &check.state {
        CheckState::Passed => ("ok         ", String::new()),
        CheckState::Failed(reason) => ("FAILED     ", format!(": {}", short(reason, 300))),
        CheckState::NotChecked(why) => ("not checked", format!(": {why}")),
    };
    format!("  {mark}  {:<15}  {}{reason}", check.name, check.says)
}

fn shown_facts(facts: &Told) -> String {
    let mut text = format!(
        "  system     {}\n  benchmark  {}\n  form       {} ({})\n  station    {}\n  receipt    {} (record {})\n  adapter    {}\n  evidence   {}",
        short(&facts.system, 80),
        facts.benchmark,
        facts.form,
        facts.edition,
        facts.station,
        facts.receipt,
        facts.index,
        facts.adapter_sha256,
        facts.evidence_type.word(),
    );
    if let Some(ToldQuorum { name, time }) = &facts.quorum {
        let _ = write!(text, "\n  quorum     {name}, last vouched at {time}");
    }
    for estimate in facts
        .estimates
        .iter()
        .filter(|estimate| estimate.section.is_none())
    {
        let interval = estimate.interval.as_ref();
        let interval = interval.map_or_else(
            || "too few families for an interval".to_owned(),
            |(low, high)| format!("95 % interval {low} to {high}"),
        );
        let _ = write!(
            text,
            "\n  estimate   {}: {} of {}, {} %, {interval}",
            estimate.locale.as_deref().unwrap_or("all locales"),
            estimate.num,
            estimate.den,
            estimate.percent
        );
    }
    text
}

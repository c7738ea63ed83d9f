//! `assay try`: runs an adapter on a practice form on this machine; marks and reasons are shown.
//!
//! The enclave program runs and grades. A practice form is public, so everything may be shown; a
//! sealed form cannot be tried.

use std::{
    ffi::OsStr,
    io::Write,
    path::{Path, PathBuf},
};

use assay_benchmarks::locale::Locale;
use assay_evidence::{
    digest::Digest,
    record::{Counts, Outcomes, Score, Usage},
};
use clap::Args;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{
    Source,
    adapter::must_exist,
    fault::{Ended, Fault},
    form,
    output::Output,
    table::{Align, short, table},
    tool,
};
use crate::views;

/// Arguments of `assay try`.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  assay try my-adapter.wasm --form bay-reasoning --locale pt")]
pub struct Try {
    /// The component.
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// A practice form: the name of a pack that comes with this program, or a pack's folder.
    #[arg(long, value_name = "PACK")]
    form: String,
    /// Nonce of the run, 64 hex digits; drawn when absent. The same nonce gives the same outcomes.
    #[arg(long, value_name = "HEX")]
    nonce: Option<Digest>,
    /// Show only items in this locale; every item is run all the same.
    #[arg(long, value_name = "TAG")]
    locale: Option<Locale>,
}

impl Try {
    /// Runs the verb.
    pub fn run(self, source: &Source, output: &Output) -> Ended {
        must_exist(&self.file)?;
        let pack = form::load(&self.form)?;
        if let Some(locale) = self.locale.filter(|locale| !pack.locales.contains(locale)) {
            let known = form::tags(&pack.locales);
            let sentence = format!("{} has no locale {locale}; it has {known}", pack.name);
            return Err(Fault::WrongUse(sentence));
        }
        let nonce = self.nonce.unwrap_or_else(|| Digest(source.entropy.bytes()));
        let body = form::practice_body(&pack)?;
        let wait = output.spinner("running");
        let printed = attempt(&self.file, &body, &nonce, source)?;
        wait.finish_and_clear();
        if !printed.status.success() {
            return Err(printed.screened(&self.file));
        }
        let mut document: Value = printed.document()?;
        document["nonce"] = Value::String(nonce.to_string());
        document["form"] = Value::String(format!("{} practice", pack.name));
        let tried = Tried::deserialize(&document).map_err(|error| {
            Fault::Refused(format!("the enclave program answered in an unknown form ({error}); build both of one release"))
        })?;
        output.print(&document, |_| {
            shown(&tried, self.locale.map(Locale::as_str))
        })
    }
}

/// The body lies in a file of its own that goes when the run is over.
fn attempt(
    component: &Path,
    body: &[u8],
    nonce: &Digest,
    source: &Source,
) -> Result<tool::Printed, Fault> {
    let name: [u8; 8] = source.entropy.bytes();
    let name = format!("assay-try-{}", assay_evidence::hex::encode(&name));
    let file = Scratch(std::env::temp_dir().join(name));
    std::fs::File::create_new(&file.0)
        .and_then(|mut open| open.write_all(body))
        .map_err(|error| Fault::file(&file.0, &error))?;
    let nonce = nonce.to_string();
    tool::run(&[
        OsStr::new("try"),
        OsStr::new("--component"),
        component.as_os_str(),
        OsStr::new("--form-body"),
        file.0.as_os_str(),
        OsStr::new("--nonce"),
        OsStr::new(&nonce),
        OsStr::new("--json"),
    ])
}

struct Scratch(PathBuf);

impl Drop for Scratch {
    fn drop(&mut self) {
        // What stays in the temporary folder is public and small.
        let _ = std::fs::remove_file(&self.0);
    }
}

#[derive(Deserialize, Serialize)]
struct Tried {
    items: Vec<Item>,
    counts: Counts,
    scores: Vec<Score>,
    outcomes: Outcomes,
    usage: Usage,
    nonce: String,
}

#[derive(Deserialize, Serialize)]
struct Item {
    index: u64,
    family: String,
    locale: String,
    section: String,
    prompt: String,
    outcome: String,
    #[serde(default)]
    answer: Option<String>,
    verdict: String,
    #[serde(default)]
    reason: Option<String>,
}

fn shown(tried: &Tried, locale: Option<&str>) -> String {
    let items: Vec<Vec<String>> = tried
        .items
        .iter()
        .filter(|item| locale.is_none_or(|locale| item.locale == locale))
        .map(item)
        .collect();
    let head = [
        ("item", Align::Right),
        ("family", Align::Left),
        ("locale", Align::Left),
        ("mark", Align::Left),
        ("answer", Align::Left),
        ("reason", Align::Left),
    ];
    let totals: Vec<Vec<String>> = tried.scores.iter().map(score).collect();
    let totals_head = [
        ("locale", Align::Left),
        ("section", Align::Left),
        ("passed", Align::Right),
        ("of", Align::Right),
        ("percent", Align::Right),
        ("interval", Align::Left),
    ];
    format!(
        "{}\n\n{}\n\nanswered {} of {} items, {} failed; {} fuel in {} ms\noutcomes root {}\nnonce {}",
        table(&head, &items),
        table(&totals_head, &totals),
        tried.counts.answered,
        tried.counts.items,
        tried.counts.failed,
        tried.usage.fuel,
        tried.usage.wall_ms,
        tried.outcomes.root,
        tried.nonce
    )
}

fn item(item: &Item) -> Vec<String> {
    let answer = item.answer.as_deref().unwrap_or(&item.outcome);
    vec![
        item.index.to_string(),
        short(&item.family, 28),
        item.locale.clone(),
        item.verdict.clone(),
        short(answer, 24),
        short(item.reason.as_deref().unwrap_or_default(), 60),
    ]
}

fn score(score: &Score) -> Vec<String> {
    let estimate = views::estimate::estimate(score);
    let interval = estimate.interval.map_or_else(
        || "too few families".to_owned(),
        |interval| format!("{} to {}", interval.low_percent, interval.high_percent),
    );
    vec![
        score.locale.clone().unwrap_or_else(|| "all".to_owned()),
        score.section.clone().unwrap_or_else(|| "all".to_owned()),
        score.num.to_string(),
        score.den.to_string(),
        estimate.percent,
        interval,
    ]
}

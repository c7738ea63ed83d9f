//! `assay receipt`: one receipt of a station, or its bundle in a file.
//!
//! It shows what the station says. Only `assay verify` says whether that is true.

use std::path::{Path, PathBuf};

use assay_api::{ReceiptPage, RunPage, ScoreRow};
use clap::Args;
use serde::Serialize;

use super::{
    client::{Client, Remote, escaped},
    fault::{Ended, Fault},
    output::Output,
    runs::state,
    table::{Align, short, table},
};

/// Arguments of `assay receipt`.
#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  assay receipt 0190a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5b -o result.bundle.json\n  assay verify result.bundle.json --policy policy"
)]
pub struct Receipt {
    /// Run id, or leaf hash of the receipt.
    #[arg(value_name = "ID")]
    id: String,
    /// Save the bundle here instead of showing the receipt.
    #[arg(short, long, value_name = "BUNDLE")]
    output: Option<PathBuf>,
    #[command(flatten)]
    remote: Remote,
}

impl Receipt {
    /// Runs the verb.
    pub fn run(self, output: &Output) -> Ended {
        let client = Client::new(&self.remote)?;
        let leaf = leaf(&client, &self.id)?;
        let receipt: ReceiptPage = client.get(&format!("/api/v1/receipts/{leaf}"))?;
        match &self.output {
            None => output.print(&receipt, shown),
            Some(file) => save(&client, &receipt, file, output),
        }
    }
}

#[derive(Serialize)]
struct Saved<'a> {
    bundle: &'a Path,
    bytes: usize,
    receipt: &'a str,
}

fn save(client: &Client, receipt: &ReceiptPage, file: &Path, output: &Output) -> Ended {
    let bytes = client.get_bytes(&receipt.bundle)?;
    std::fs::write(file, &bytes).map_err(|error| Fault::file(file, &error))?;
    let saved = Saved {
        bundle: file,
        bytes: bytes.len(),
        receipt: &receipt.receipt.leaf,
    };
    output.print(&saved, |saved| {
        format!(
            "{}: bundle of {} bytes\ncheck it: assay verify {} --policy FILE",
            saved.bundle.display(),
            saved.bytes,
            saved.bundle.display()
        )
    })
}

/// A leaf hash stands for itself; a run id is asked for its receipt.
fn leaf(client: &Client, id: &str) -> Result<String, Fault> {
    if id.len() == 64 && id.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return Ok(id.to_ascii_lowercase());
    }
    let page: RunPage = client.get(&format!("/api/v1/runs/{}", escaped(id)))?;
    match page.run.receipt {
        Some(receipt) => Ok(receipt.leaf),
        None => Err(Fault::Refused(format!(
            "run {id} has no receipt; it is {}{}",
            state(page.run.state),
            page.run
                .detail
                .map(|detail| format!(": {detail}"))
                .unwrap_or_default()
        ))),
    }
}

fn shown(receipt: &ReceiptPage) -> String {
    let head = [
        ("locale", Align::Left),
        ("section", Align::Left),
        ("passed", Align::Right),
        ("of", Align::Right),
        ("percent", Align::Right),
        ("interval", Align::Left),
    ];
    let rows: Vec<Vec<String>> = receipt.scores.iter().map(score).collect();
    format!(
        "{}\n  receipt    {} (record {})\n  benchmark  {}\n  form       {} ({})\n  station    {}\n  adapter    {}\n  answered   {} of {} items\n  evidence   {}: {}\n  as of      {} records of {}\n\n{}",
        short(&receipt.name, 80),
        receipt.receipt.leaf,
        receipt.receipt.index,
        receipt.benchmark,
        receipt.form,
        receipt.edition,
        receipt.station,
        receipt.adapter_sha256,
        receipt.answered,
        receipt.items,
        receipt.evidence_type,
        receipt.evidence_sentence,
        receipt.as_of.size,
        receipt.as_of.origin,
        table(&head, &rows)
    )
}

fn score(row: &ScoreRow) -> Vec<String> {
    let estimate = &row.estimate;
    let interval = estimate.interval.as_ref();
    vec![
        row.locale.clone().unwrap_or_else(|| "all".to_owned()),
        row.section.clone().unwrap_or_else(|| "all".to_owned()),
        estimate.num.to_string(),
        estimate.den.to_string(),
        estimate.percent.clone(),
        interval.map_or_else(
            || "too few families".to_owned(),
            |interval| format!("{} to {}", interval.low_percent, interval.high_percent),
        ),
    ]
}

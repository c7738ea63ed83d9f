//! `assay runs`: the runs of a station as a table, newest first.

use std::fmt::Write as _;

use assay_api::{Rows, RunRow, RunState};
use clap::Args;

use super::{
    client::{Client, Remote, escaped},
    fault::Ended,
    output::Output,
    table::{Align, short, table},
};

/// Arguments of `assay runs`.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  assay runs --state aborted --url http://127.0.0.1:8080")]
pub struct Runs {
    #[command(flatten)]
    remote: Remote,
    /// Only runs of this submission.
    #[arg(long, value_name = "ID")]
    submission: Option<String>,
    /// Only runs in this state.
    #[arg(long, value_parser = ["queued", "running", "marked", "published", "aborted"])]
    state: Option<String>,
    /// At most this many.
    #[arg(long, default_value_t = 50, value_parser = clap::value_parser!(u32).range(1..=200))]
    limit: u32,
}

impl Runs {
    /// Runs the verb.
    pub fn run(self, output: &Output) -> Ended {
        let mut path = format!("/api/v1/runs?limit={}", self.limit);
        for (key, value) in [("submission", &self.submission), ("state", &self.state)] {
            if let Some(value) = value {
                let _ = write!(path, "&{key}={}", escaped(value));
            }
        }
        let rows: Rows<RunRow> = Client::new(&self.remote)?.get(&path)?;
        output.print(&rows, listed)
    }
}

fn listed(rows: &Rows<RunRow>) -> String {
    if rows.rows.is_empty() {
        return "no runs yet; submit one with `assay submit`".to_owned();
    }
    let head = [
        ("run", Align::Left),
        ("system", Align::Left),
        ("benchmark", Align::Left),
        ("state", Align::Left),
        ("changed", Align::Left),
        ("reason", Align::Left),
    ];
    let lines: Vec<Vec<String>> = rows.rows.iter().map(line).collect();
    let more = if rows.next.is_some() {
        "\nthere are more; raise --limit"
    } else {
        ""
    };
    format!("{}{more}", table(&head, &lines))
}

fn line(run: &RunRow) -> Vec<String> {
    vec![
        run.id.clone(),
        short(&run.name, 32),
        run.benchmark.clone(),
        state(run.state).to_owned(),
        run.changed.clone(),
        run.reason.clone().unwrap_or_default(),
    ]
}

/// A state in one word.
pub const fn state(state: RunState) -> &'static str {
    match state {
        RunState::Queued => "queued",
        RunState::Running => "running",
        RunState::Marked => "marked",
        RunState::Published => "published",
        RunState::Aborted => "aborted",
    }
}

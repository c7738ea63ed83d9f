//! `assay demo`: a station that really ran, its boards on the terminal, and its pages.
//!
//! What a demo does is told by the library; this verb prints and serves it.

use std::{fmt::Write as _, net::SocketAddr, path::PathBuf};

use clap::Args;

use super::{
    Source,
    fault::{Ended, Fault},
    host,
    output::Output,
    serve,
    table::{Align, short, table},
};
use crate::{
    demo::{self, DemoOptions, DemoReport},
    station::Station,
    views,
};

/// Arguments of `assay demo`.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  assay demo\n  assay demo --once --json")]
pub struct Demo {
    /// Folder of the demo's station; made when absent.
    #[arg(long, value_name = "DIR", default_value = ".assay/demo")]
    dir: PathBuf,
    /// Where to listen; port 0 is any free one.
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:8080")]
    listen: SocketAddr,
    /// Remove an earlier demo in the folder and begin anew.
    #[arg(long)]
    reset: bool,
    /// Publish, print and end instead of serving.
    #[arg(long)]
    once: bool,
    /// What is traced, such as `info` or `assay_server=debug`.
    #[arg(long, value_name = "FILTER", env = "ASSAY_LOG", default_value = "warn")]
    log: String,
}

impl Demo {
    /// Runs the verb.
    pub fn run(self, source: &Source, output: &Output) -> Ended {
        host::trace(&self.log)?;
        host::runtime()?.block_on(self.play(source, output))
    }

    async fn play(self, source: &Source, output: &Output) -> Ended {
        let (listener, listen) = serve::bound(self.listen).await?;
        let options = DemoOptions {
            dir: self.dir,
            listen,
            reset: self.reset,
        };
        let (station, report) = staged(&options, source, output).await?;
        let boards = if output.is_json() {
            String::new()
        } else {
            boards(&station, &report).await?
        };
        output.print(&report, |report| shown(report, &boards, self.once))?;
        if self.once {
            host::in_stop_time(station.close()).await;
            Ok(())
        } else {
            serve::until_stopped(station, listener, source.entropy).await
        }
    }
}

/// The demo with every run ended, unless somebody stops it first.
async fn staged(
    options: &DemoOptions,
    source: &Source,
    output: &Output,
) -> Result<(Station, DemoReport), Fault> {
    let spinner = output.spinner("working");
    let mut say = |line: String| spinner.suspend(|| output.say(&line));
    let staged = tokio::select! {
        staged = demo::demo(options, &source.clock, source.entropy, &mut say) => staged.map_err(Fault::refused),
        () = host::asked_to_stop() => {
            let again = "stopped before all runs had ended; start it again and it goes on";
            Err(Fault::Refused(again.to_owned()))
        }
    };
    spinner.finish_and_clear();
    staged
}

async fn boards(station: &Station, report: &DemoReport) -> Result<String, Fault> {
    let mut names: Vec<&str> = report
        .runs
        .iter()
        .map(|run| run.benchmark.as_str())
        .collect();
    names.sort_unstable();
    names.dedup();
    let mut text = String::new();
    for name in names {
        let page = views::board(station, name, None).await;
        let page = page.map_err(|problem| Fault::Refused(problem.detail))?;
        let locale = page.query.locale.as_deref().unwrap_or_default();
        let _ = write!(
            text,
            "\n{} ({locale})\n{}\n",
            page.benchmark.title,
            rows(&page.rows)
        );
    }
    Ok(text)
}

fn rows(rows: &[assay_api::BoardRow]) -> String {
    let head = [
        ("rank", Align::Right),
        ("system", Align::Left),
        ("percent", Align::Right),
        ("interval", Align::Left),
    ];
    let rows: Vec<Vec<String>> = rows
        .iter()
        .map(|row| {
            let interval = row.estimate.interval.as_ref();
            vec![
                row.rank.clone(),
                short(&row.name, 40),
                row.estimate.percent.clone(),
                interval.map_or_else(String::new, |interval| {
                    format!("{} to {}", interval.low_percent, interval.high_percent)
                }),
            ]
        })
        .collect();
    table(&head, &rows)
}

/// This program as it was called, so that the line below can be copied.
fn this_program() -> String {
    let name = std::env::args_os().next();
    name.map_or_else(
        || "assay".to_owned(),
        |name| name.to_string_lossy().into_owned(),
    )
}

fn shown(report: &DemoReport, boards: &str, once: bool) -> String {
    let bundle = report.runs.iter().find_map(|run| run.bundle.as_ref());
    let check = bundle.map_or_else(String::new, |bundle| {
        format!(
            "\nCheck a result offline:\n  {} verify --policy {} {}\n",
            this_program(),
            report.policy.display(),
            bundle.display()
        )
    });
    let ending = if once {
        format!("The station lies in {}", report.dir.display())
    } else {
        format!("Open {}/en/   (Ctrl-C stops)", report.address)
    };
    format!("{boards}{check}\n{ending}")
}

//! The command line: which verbs there are, how they answer, and with which exit code they end.
//!
//! Every verb prints a short text for people or, with `--json`, one JSON value for programs. Exit
//! codes: 0 done, 1 refused or not verified, 2 wrong use. Evaluating and grading happen elsewhere.

mod adapter;
mod audit;
mod client;
mod confirm;
mod demo;
mod export;
mod fault;
mod form;
mod host;
mod output;
mod packs;
mod receipt;
mod replay;
mod runs;
mod serve;
mod station;
mod submit;
mod table;
mod tool;
mod trial;
mod verify;

use std::{fs::File, io::Read, path::Path, process::ExitCode};

use clap::{Parser, Subcommand};

pub use fault::Fault;
use output::Output;

use crate::{clock::Clock, entropy::Entropy};

/// Runs hidden benchmarks on systems that it does not trust, and signs what came out.
#[derive(Debug, Parser)]
#[command(
    name = "assay",
    version,
    propagate_version = true,
    max_term_width = 100
)]
pub struct Cli {
    /// Print one JSON value instead of text.
    #[arg(long, global = true)]
    json: bool,
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// Make a station, run real systems on sealed forms, publish, and serve the pages.
    Demo(demo::Demo),
    /// Serve one station.
    Serve(serve::Serve),
    /// Make a station's keys, manifest and configuration.
    #[command(subcommand)]
    Station(station::Station),
    /// Check a pack, seal a form of it, publish the sealed form, retire it, reveal it.
    #[command(subcommand)]
    Form(form::Form),
    /// Check an adapter, or make a component of a core module.
    #[command(subcommand)]
    Adapter(adapter::Adapter),
    /// Run an adapter on a practice form on this machine and show marks and reasons.
    Try(trial::Try),
    /// Submit an adapter to a station.
    Submit(submit::Submit),
    /// List runs of a station.
    Runs(runs::Runs),
    /// Show a receipt of a station, or save its bundle.
    Receipt(receipt::Receipt),
    /// Run a component on a revealed form again and compare with its receipt.
    Replay(replay::Replay),
    /// Check bundles offline.
    Verify(verify::Verify),
    /// Replay a whole station from its public files.
    Audit(audit::Audit),
    /// Write the records of a verified bundle in forms that other people's tools read.
    Export(export::Export),
}

/// Time and chance, handed down from `main` to the verbs that need them.
struct Source {
    clock: Clock,
    entropy: Entropy,
}

/// Runs one command line to its end.
pub fn run(cli: Cli, clock: Clock, entropy: Entropy) -> ExitCode {
    let output = Output::new(cli.json);
    let source = Source { clock, entropy };
    let ended = match cli.verb {
        Verb::Demo(verb) => verb.run(&source, &output),
        Verb::Serve(verb) => verb.run(&source, &output),
        Verb::Station(verb) => verb.run(&source, &output),
        Verb::Form(verb) => verb.run(&source, &output),
        Verb::Adapter(verb) => verb.run(&output),
        Verb::Try(verb) => verb.run(&source, &output),
        Verb::Submit(verb) => verb.run(&output),
        Verb::Runs(verb) => verb.run(&output),
        Verb::Receipt(verb) => verb.run(&output),
        Verb::Replay(verb) => verb.run(&output),
        Verb::Verify(verb) => verb.run(&source.clock, &output),
        Verb::Audit(verb) => verb.run(&source, &output),
        Verb::Export(verb) => verb.run(&output),
    };
    match ended {
        Ok(()) => ExitCode::SUCCESS,
        Err(fault) => {
            output.fault(&fault);
            ExitCode::from(fault.code())
        }
    }
}

/// The bytes of a file that may not be longer than this.
fn bounded_file(path: &Path, most: u64) -> Result<Vec<u8>, Fault> {
    let file = File::open(path).map_err(|error| Fault::file(path, &error))?;
    let mut bytes = Vec::new();
    file.take(most + 1)
        .read_to_end(&mut bytes)
        .map_err(|error| Fault::file(path, &error))?;
    if bytes.len() as u64 > most {
        return Err(Fault::Refused(format!(
            "{} is longer than {most} bytes",
            path.display()
        )));
    }
    Ok(bytes)
}

#[cfg(test)]
mod tests;

//! The binary `assay`: reads the command line and ends with its exit code.
//!
//! Everything it does is in the library.

use std::process::ExitCode;

use clap::Parser;

fn main() -> ExitCode {
    assay_server::cli::run(assay_server::cli::Cli::parse())
}

//! The binary `assay`: reads the command line, hands down clock and randomness, ends with an exit code.
//!
//! Everything it does is in the library.

use std::process::ExitCode;

use assay_server::{
    cli::{self, Cli},
    clock::Clock,
    entropy::Entropy,
};
use clap::Parser;

fn main() -> ExitCode {
    cli::run(Cli::parse(), Clock::wall(), Entropy::system())
}

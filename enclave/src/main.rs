//! `assay-enclave`: runs foreign code on items that nobody outside may see. One binary, one role a process.
//!
//! The command line starts the starter, the starter starts the roles. No process here opens a network
//! connection, and none that runs foreign code holds a key.

mod blob;
mod channel;
mod check;
mod cli;
mod clock;
mod compiler;
mod control;
mod crew;
mod encode;
mod engine;
mod evaluate;
mod frame;
mod head;
mod inputs;
mod keeper;
mod layer;
mod limits;
mod lock;
mod message;
mod native;
mod open_run;
mod outcome;
mod quarantine;
mod replay;
mod runner;
mod screen;
mod starter;
mod steward;
mod trial;

#[cfg(test)]
#[path = "../tests/support/guest.rs"]
mod guest;

use std::process::ExitCode;

fn main() -> ExitCode {
    cli::main()
}

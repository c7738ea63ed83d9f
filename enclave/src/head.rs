//! The operator's look at what a keeper remembers of its log, and the way out of an alarm.
//!
//! Nothing is fetched: the checkpoint that is to be trusted comes as a file, and the folder's own policy
//! and manifest must vouch for it.

use std::{path::Path, process::ExitCode};

use anyhow::Context;
use assay_evidence::record::Head;

use crate::{
    inputs::{self, Output},
    keeper::{memory::Memory, state::State, station::Station},
};

/// Longest checkpoint file.
const CHECKPOINT_BYTES_MAX: u64 = 64 * 1024;

/// Shows the memory of the keeper in `folder`, after trusting a checkpoint if one is given.
pub fn main(folder: &Path, trusted: Option<&Path>, output: Output) -> ExitCode {
    inputs::exit_code(run(folder, trusted, output))
}

fn run(folder: &Path, trusted: Option<&Path>, output: Output) -> anyhow::Result<ExitCode> {
    let state = State::load(folder)?;
    if let Some(path) = trusted {
        trust(&state, path)?;
    }
    let memory = Memory::open(&state)?;
    show(&memory, output)?;
    Ok(if memory.frozen().is_some() {
        ExitCode::from(1)
    } else {
        ExitCode::SUCCESS
    })
}

fn trust(state: &State, path: &Path) -> anyhow::Result<()> {
    let name = || path.display().to_string();
    let note = inputs::read_at_most(path, CHECKPOINT_BYTES_MAX)?;
    let note = String::from_utf8(note).with_context(name)?;
    let chosen = Station::load(state)?.checkpoint(&note).with_context(name)?;
    Ok(Memory::open(state)?.trust(&chosen, &note)?)
}

fn show(memory: &Memory<'_>, output: Output) -> anyhow::Result<()> {
    let (head, frozen) = (memory.head()?, memory.frozen());
    match output {
        Output::Json => println!("{}", serde_json::json!({"frozen": frozen, "head": head})),
        Output::Text => {
            match head {
                Some(Head { origin, root, size }) => println!("{origin}\n{size} records\n{root}"),
                None => println!("no head yet: the first that the policy vouches for is taken"),
            }
            if let Some(frozen) = frozen {
                let (code, evidence) = (frozen.alarm.code(), &frozen.evidence);
                println!("takes no runs: {code}, see {evidence}");
            }
        }
    }
    Ok(())
}

//! `check`: would this adapter be accepted? The same screen and compiler process as on a station.

use std::{path::Path, process::ExitCode};

use crate::{
    inputs::{self, Output},
    lock::{self, Role},
    native, quarantine,
    steward::Steward,
};

/// Runs the role.
pub fn main(file: &Path, output: Output) -> ExitCode {
    lock::end_on_panic(None);
    inputs::exit_code(run(file, output))
}

fn run(file: &Path, output: Output) -> anyhow::Result<ExitCode> {
    lock::first(Role::Chief)?;
    let steward = Steward::new(native::take_role_socket()?);
    let component = inputs::read_at_most(file, inputs::COMPONENT_FILE_BYTES_MAX)?;
    lock::last(Role::Chief)?;
    let finding = quarantine::compile(&steward, &component)?;
    inputs::show_screen(&finding.report, output)?;
    Ok(ExitCode::from(u8::from(!finding.report.accepted)))
}

//! What the commands for people share: bounded reading of files, exit codes, short text.

use std::{
    fs::File,
    io::{Read, Write},
    path::Path,
    process::ExitCode,
};

use anyhow::{Context, bail};
use assay_evidence::wire::ScreenReport;

/// A component file may be somewhat longer than a component, so that the refusal can say by how much.
pub const COMPONENT_FILE_BYTES_MAX: u64 = 64 * 1024 * 1024;

/// For people or for programs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Output {
    /// Short text.
    Text,
    /// One JSON object.
    Json,
}

/// Reads a file of at most that many bytes.
pub fn read_at_most(path: &Path, bytes_max: u64) -> anyhow::Result<Vec<u8>> {
    let name = || path.display().to_string();
    let file = File::open(path).with_context(name)?;
    let mut bytes = Vec::new();
    file.take(bytes_max + 1)
        .read_to_end(&mut bytes)
        .with_context(name)?;
    if bytes.len() as u64 > bytes_max {
        bail!(
            "{} is longer than {bytes_max} bytes; give a smaller file",
            name()
        );
    }
    Ok(bytes)
}

/// Prints an error and gives the code of a refusal.
pub fn exit_code(result: anyhow::Result<ExitCode>) -> ExitCode {
    result.unwrap_or_else(|error| {
        eprintln!("assay-enclave: {error:#}");
        ExitCode::from(1)
    })
}

/// Prints what became of a component.
pub fn show_screen(report: &ScreenReport, output: Output) -> anyhow::Result<()> {
    let mut out = std::io::stdout().lock();
    match output {
        Output::Json => serde_json::to_writer(&mut out, report)?,
        Output::Text if report.accepted => write!(
            out,
            "accepted: {} bytes, {} bytes of native code, compiled in {} ms",
            report.component_bytes, report.image_bytes, report.compile_ms
        )?,
        Output::Text => {
            let code = report.code.as_deref().unwrap_or_default();
            write!(
                out,
                "refused ({code}): {}",
                report.detail.as_deref().unwrap_or_default()
            )?;
            for import in &report.imports {
                write!(out, "\n  import {import}")?;
            }
        }
    }
    Ok(writeln!(out)?)
}

/// Foreign text for a terminal: no control characters, and not long.
pub fn printable(text: &str) -> String {
    const CHARACTERS_MAX: usize = 120;
    text.chars()
        .take(CHARACTERS_MAX)
        .map(|c| if c.is_control() { ' ' } else { c })
        .collect()
}

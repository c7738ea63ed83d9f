//! Runs the enclave program for the verbs that look at guest code: this program never parses wasm.
//!
//! The child gets an empty standard input, a bounded share of our patience, and its output is bounded
//! before it is parsed.

use std::{
    io::Read,
    path::{Path, PathBuf},
    process::{Command, ExitStatus, Stdio},
};

use assay_evidence::wire::ScreenReport;
use serde::de::DeserializeOwned;

use super::fault::Fault;

/// Longest document that the enclave program may print.
const DOCUMENT_BYTES_MAX: u64 = 256 * 1024 * 1024;

/// What the child printed and how it ended.
pub struct Printed {
    /// Standard output.
    pub stdout: Vec<u8>,
    /// Standard error.
    pub stderr: String,
    /// How it ended.
    pub status: ExitStatus,
}

impl Printed {
    /// The document it printed; when there is none, its complaint in our words.
    pub fn document<T: DeserializeOwned>(&self) -> Result<T, Fault> {
        serde_json::from_slice(&self.stdout).map_err(|_| self.fault())
    }

    /// An adapter that is not accepted is not run: the program prints what it found instead.
    pub fn screened(&self, component: &Path) -> Fault {
        let Ok(report) = serde_json::from_slice::<ScreenReport>(&self.stdout) else {
            return self.fault();
        };
        let code = report.code.as_deref().unwrap_or("refused");
        let detail = report.detail.as_deref().unwrap_or("no reason was given");
        Fault::Refused(format!(
            "{} is refused ({code}): {detail}",
            component.display()
        ))
    }

    /// What the child complained of, with the exit code that it chose.
    pub fn fault(&self) -> Fault {
        let said = self.stderr.lines().find(|line| !line.trim().is_empty());
        let said = said.unwrap_or("it said nothing").trim();
        let said = said.strip_prefix("assay-enclave: ").unwrap_or(said);
        match self.status.code() {
            Some(2) => Fault::WrongUse(said.to_owned()),
            Some(_) => Fault::Refused(said.to_owned()),
            None => Fault::Refused(format!("the enclave program was killed ({})", self.status)),
        }
    }
}

/// Runs the enclave program with these arguments and waits for its end.
pub fn run(arguments: &[&std::ffi::OsStr]) -> Result<Printed, Fault> {
    let program = program()?;
    let mut child = Command::new(&program)
        .args(arguments)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(|error| missing(&program, &error))?;
    let stderr = child.stderr.take().expect("stderr was asked for as a pipe");
    let complaints = std::thread::spawn(move || bounded(stderr, 64 * 1024));
    let stdout = child.stdout.take().expect("stdout was asked for as a pipe");
    let stdout = bounded(stdout, DOCUMENT_BYTES_MAX);
    let status = child.wait().map_err(|error| missing(&program, &error))?;
    let stderr = complaints.join().expect("reading a pipe does not panic");
    let stderr = String::from_utf8_lossy(&stderr).into_owned();
    Ok(Printed {
        stdout,
        stderr,
        status,
    })
}

fn program() -> Result<PathBuf, Fault> {
    crate::config::enclave_program().map_err(Fault::refused)
}

fn missing(program: &Path, error: &std::io::Error) -> Fault {
    Fault::Refused(format!(
        "the enclave program {} does not start ({error}); build it with `make build` or name it in ASSAY_ENCLAVE",
        program.display()
    ))
}

/// Reads at most `most` bytes and drains the rest, so that the child never blocks on us.
fn bounded(mut pipe: impl Read, most: u64) -> Vec<u8> {
    let mut bytes = Vec::new();
    // A broken pipe shows in the child's exit status.
    let _ = pipe.by_ref().take(most).read_to_end(&mut bytes);
    let _ = std::io::copy(&mut pipe, &mut std::io::sink());
    bytes
}

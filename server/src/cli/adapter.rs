//! `assay adapter`: would this adapter be accepted, and a component of a core module.
//!
//! The enclave program looks at the bytes; this verb shows what it found.

use std::{
    ffi::OsStr,
    path::{Path, PathBuf},
};

use assay_evidence::wire::ScreenReport;
use clap::Subcommand;
use serde::Serialize;

use super::{
    fault::{Ended, Fault},
    output::Output,
    tool,
};

/// Verbs over one adapter file.
#[derive(Debug, Subcommand)]
pub enum Adapter {
    /// Say whether a station would accept this component, and why not.
    #[command(after_help = "Example:\n  assay adapter check my-adapter.wasm")]
    Check {
        /// The component.
        #[arg(value_name = "FILE")]
        file: PathBuf,
    },
    /// Make a component of a core module that has the adapter's world embedded.
    #[command(after_help = "Example:\n  assay adapter encode core.wasm my-adapter.wasm")]
    Encode {
        /// The core module.
        #[arg(value_name = "IN")]
        input: PathBuf,
        /// Where the component goes.
        #[arg(value_name = "OUT")]
        output: PathBuf,
    },
}

impl Adapter {
    /// Runs the verb.
    pub fn run(self, output: &Output) -> Ended {
        match self {
            Self::Check { file } => check(&file, output),
            Self::Encode { input, output: to } => encode(&input, &to, output),
        }
    }
}

fn check(file: &Path, output: &Output) -> Ended {
    must_exist(file)?;
    let wait = output.spinner("checking");
    let printed = tool::run(&[OsStr::new("check"), file.as_os_str(), OsStr::new("--json")])?;
    wait.finish_and_clear();
    let report: ScreenReport = printed.document()?;
    output.print(&report, |report| checked(file, report))?;
    if report.accepted {
        Ok(())
    } else {
        Err(Fault::Said)
    }
}

fn checked(file: &Path, report: &ScreenReport) -> String {
    let name = file.display();
    if report.accepted {
        return format!(
            "{name}: accepted\n  component  {} bytes\n  image      {} bytes\n  compiled   in {} ms",
            report.component_bytes, report.image_bytes, report.compile_ms
        );
    }
    let code = report.code.as_deref().unwrap_or("refused");
    let detail = report.detail.as_deref().unwrap_or("no reason was given");
    let mut text = format!("{name}: refused ({code})\n  {detail}");
    for import in &report.imports {
        text.push_str("\n  imports ");
        text.push_str(&super::table::short(import, 90));
    }
    text
}

#[derive(Serialize)]
struct Encoded {
    component: PathBuf,
    bytes: u64,
}

fn encode(input: &Path, to: &Path, output: &Output) -> Ended {
    must_exist(input)?;
    let printed = tool::run(&[OsStr::new("encode"), input.as_os_str(), to.as_os_str()])?;
    if !printed.status.success() {
        return Err(printed.fault());
    }
    let bytes = std::fs::metadata(to)
        .map_err(|error| Fault::file(to, &error))?
        .len();
    let encoded = Encoded {
        component: to.to_owned(),
        bytes,
    };
    output.print(&encoded, |encoded| {
        format!(
            "{}: a component of {} bytes",
            encoded.component.display(),
            encoded.bytes
        )
    })
}

/// A missing file is refused before anything is started.
pub fn must_exist(file: &Path) -> Result<(), Fault> {
    let metadata = std::fs::metadata(file).map_err(|error| Fault::file(file, &error))?;
    if metadata.is_file() {
        return Ok(());
    }
    Err(Fault::Refused(format!(
        "{} is no file; name a file",
        file.display()
    )))
}

//! `assay verify`: checks bundles offline against a policy and says each step.
//!
//! It talks to nobody. What only the whole log can show is said to be not checked.

use std::path::{Path, PathBuf};

use assay_evidence::{
    policy::Policy,
    verify::{self, Report, State},
};
use clap::Args;
use serde::Serialize;

use super::{
    fault::{Ended, Fault},
    output::Output,
    table::short,
};
use crate::views;

/// Longest bundle that is read.
const BUNDLE_BYTES_MAX: u64 = 8 * 1024 * 1024;
/// Longest policy that is read.
const POLICY_BYTES_MAX: u64 = 1024 * 1024;

/// Arguments of `assay verify`.
#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  assay verify --policy policy result.bundle.json\n\nThe policy names the logs and manifests that you trust; get it from the station over a way that you\ntrust, and keep it."
)]
pub struct Verify {
    /// Bundles to check.
    #[arg(value_name = "BUNDLE", required = true)]
    bundles: Vec<PathBuf>,
    /// File that says which logs and manifests to trust.
    #[arg(long, value_name = "FILE")]
    policy: PathBuf,
}

impl Verify {
    /// Runs the verb.
    pub fn run(self, output: &Output) -> Ended {
        let policy = policy(&self.policy)?;
        let mut all = Vec::with_capacity(self.bundles.len());
        for path in &self.bundles {
            let bytes = read(path, BUNDLE_BYTES_MAX)?;
            all.push(Verified::of(path, &verify::bundle(&bytes, &policy)));
        }
        let verified = all.iter().all(|one| one.verified);
        output.print(&all, |all| all.iter().map(shown).collect::<Vec<_>>().join("\n\n"))?;
        if verified { Ok(()) } else { Err(Fault::Said) }
    }
}

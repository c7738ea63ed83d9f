//! One receipt: what was run, on what, and how to check it.

use serde::{Deserialize, Serialize};

use crate::{AsOf, Estimate, FormSummary, RecordLink};

/// What `/receipts/<leaf>` shows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReceiptPage {
    /// Head of the log.
    pub as_of: AsOf,
    /// The receipt's own record.
    pub receipt: RecordLink,
    /// Run id at this station.
    pub run: String,
    /// System id.
    pub system: String,
    /// System name.
    pub name: String,
    /// Benchmark name.
    pub benchmark: String,
    /// Benchmark title.
    pub benchmark_title: String,
    /// Form id.
    pub form: String,
    /// Edition.
    pub edition: String,
    /// What was committed of the form, and what became of it.
    pub about_form: FormSummary,
    /// Station.
    pub station: String,
    /// Digest of the adapter, hex.
    pub adapter_sha256: String,
    /// Declared time.
    pub declared: String,
    /// Evidence type.
    pub evidence_type: String,
    /// The plain sentence that goes with the evidence type.
    pub evidence_sentence: String,
    /// Confinement as signed, 32 hex digits.
    pub confinement: String,
    /// Active layers per role, in words: role and layers.
    pub layers: Vec<(String, Vec<String>)>,
    /// Limits and usage as label and value, in order.
    pub limits: Vec<(String, String)>,
    /// Usage as label and value, in order.
    pub usage: Vec<(String, String)>,
    /// Engine, version, target, lane and config digest as label and value.
    pub runtime: Vec<(String, String)>,
    /// Items answered, failed and in all.
    pub answered: u64,
    /// Failed items.
    pub failed: u64,
    /// All items.
    pub items: u64,
    /// Estimates, per locale and section.
    pub scores: Vec<ScoreRow>,
    /// Root of the outcome tree, hex.
    pub outcomes_root: String,
    /// Records this receipt rests on: what, and where.
    pub records: Vec<(String, RecordLink)>,
    /// Path of the bundle.
    pub bundle: String,
    /// Path of the policy file.
    pub policy: String,
    /// The command that checks the bundle offline.
    pub verify_command: String,
    /// What that command checks, in order.
    pub checks: Vec<Check>,
}

/// One step of the verification.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Check {
    /// Short name.
    pub name: String,
    /// What it establishes.
    pub says: String,
}

/// One estimate of a receipt.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ScoreRow {
    /// Locale tag.
    pub locale: Option<String>,
    /// Section; all when absent.
    pub section: Option<String>,
    /// The estimate.
    pub estimate: Estimate,
}

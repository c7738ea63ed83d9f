//! Submitting a system.

use serde::{Deserialize, Serialize};

use crate::{RecordLink, RunRow};

/// What `/api/v1/submissions/<id>` answers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SubmissionPage {
    /// Path of this document.
    #[serde(rename = "self")]
    pub this: String,
    /// Submission id.
    pub id: String,
    /// System id.
    pub system: String,
    /// System name.
    pub name: String,
    /// SHA-256 of the bytes, hex.
    pub adapter_sha256: String,
    /// Length.
    pub bytes: u64,
    /// True when its team declared the adapter open.
    pub open: bool,
    /// State.
    pub state: SubmissionState,
    /// Why it was refused.
    pub refusals: Vec<Refusal>,
    /// The submission's record.
    pub record: Option<RecordLink>,
    /// Its runs, oldest first.
    pub runs: Vec<RunRow>,
    /// Registered at, RFC 3339.
    pub created: String,
}

/// Where a submission stands; its runs have states of their own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum SubmissionState {
    /// Bytes are durable.
    Received,
    /// Screened, compiled, logged.
    Checked,
    /// Not accepted; no item was shown.
    Refused,
}

/// One reason of a refusal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refusal {
    /// Stable code.
    pub code: String,
    /// What, and the way out.
    pub detail: String,
}

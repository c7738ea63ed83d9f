//! The JSON documents of the HTTP API. A page shows nothing that its document lacks.
//!
//! Serde only: no I/O, no rules, no arithmetic. Numbers that were signed arrive as the strings and
//! integers of the receipt; every fact a page needs is already decided.

pub mod benchmark;
pub mod board;
pub mod form;
pub mod home;
pub mod log;
pub mod problem;
pub mod receipt;
pub mod run;
pub mod station;
pub mod submission;
pub mod system;

pub use benchmark::BenchmarkSummary;
pub use board::{BoardPage, BoardQuery, BoardRow, Estimate, EstimateInterval, SortBy, SortOrder};
pub use form::{
    FormDisclosure, FormPublished, FormRetired, FormRetirement, FormRevealed, FormState,
    FormSummary, NewForm, RetireForm,
};
pub use home::{HomePage, StationSummary};
pub use log::{
    ContradictionRow, CosignedRow, HeadRow, LogPage, PeerRow, PublicHead, QuorumRow, WitnessRow,
};
pub use problem::{FieldProblem, Problem};
pub use receipt::{Check, ReceiptPage, ScoreRow};
pub use run::{RunPage, RunRow, RunState, StateChange};
pub use station::{
    AbortedRun, Alarm, Cosigner, Freshness, KeyLine, LogCondition, LogStanding, ManifestLine,
    OpenRun, QuorumStanding, StationForm, StationPage,
};
pub use submission::{Refusal, SubmissionPage, SubmissionState};
pub use system::{SubmissionLine, SystemPage, SystemResult};

use serde::{Deserialize, Serialize};

/// A record as pages name it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecordLink {
    /// Leaf index.
    pub index: u64,
    /// Leaf hash, hex.
    pub leaf: String,
    /// Where its envelope is served, a path from the root.
    pub href: String,
}

/// The head of the log that a document was made under.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AsOf {
    /// Origin of the log.
    pub origin: String,
    /// Number of leaves.
    pub size: u64,
    /// Tree hash, hex.
    pub root: String,
}

/// A page of rows and where the next one begins.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rows<T> {
    /// At most the asked limit.
    pub rows: Vec<T>,
    /// Opaque cursor of the next page.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
}

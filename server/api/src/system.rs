//! One system over its benchmarks.

use serde::{Deserialize, Serialize};

use crate::{AsOf, BoardRow, RunRow};

/// What `/systems/<id>` shows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SystemPage {
    /// Head of the log.
    pub as_of: AsOf,
    /// System id.
    pub id: String,
    /// Name.
    pub name: String,
    /// Submissions, newest first.
    pub submissions: Vec<SubmissionLine>,
    /// Benchmark title, benchmark name, and the row of each locale (tag first).
    pub results: Vec<SystemResult>,
    /// Every run, aborted ones too; newest first.
    pub runs: Vec<RunRow>,
}

/// One version of a system.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SubmissionLine {
    /// Submission id.
    pub id: String,
    /// SHA-256 of the bytes, hex.
    pub adapter_sha256: String,
    /// Registered at, RFC 3339.
    pub registered: String,
    /// True when its team declared the adapter open.
    pub open: bool,
    /// Path of the bytes, once they are public.
    pub adapter: Option<String>,
}

/// A system's line on one benchmark in one locale.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SystemResult {
    /// Benchmark name.
    pub benchmark: String,
    /// Benchmark title.
    pub title: String,
    /// Locale tag.
    pub locale: String,
    /// The row as on the board.
    pub row: BoardRow,
}

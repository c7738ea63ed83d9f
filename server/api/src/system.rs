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
    /// Submissions: id, adapter digest, registered at; newest first.
    pub submissions: Vec<(String, String, String)>,
    /// Benchmark title, benchmark name, and the row of each locale (tag first).
    pub results: Vec<SystemResult>,
    /// Every run, aborted ones too; newest first.
    pub runs: Vec<RunRow>,
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

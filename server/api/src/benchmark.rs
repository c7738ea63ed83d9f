//! Benchmarks.

use serde::{Deserialize, Serialize};

use crate::FormSummary;

/// A benchmark as lists and headings show it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BenchmarkSummary {
    /// Short name, as in URLs: `bay-knowledge`.
    pub name: String,
    /// `name@major.minor`.
    pub version: String,
    /// Title for people.
    pub title: String,
    /// One sentence: what is measured.
    pub summary: String,
    /// Locales, in order.
    pub locales: Vec<String>,
    /// Sections, in order.
    pub sections: Vec<String>,
    /// Forms at this station, newest first.
    pub forms: Vec<FormSummary>,
    /// Systems with a receipt.
    pub systems: u64,
    /// Closed runs with a receipt.
    pub runs_closed: u64,
}

//! A benchmark's board in one of its locales.

use serde::{Deserialize, Serialize};

use crate::{AsOf, BenchmarkSummary, RecordLink};

/// What `/boards/<benchmark>` shows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BoardPage {
    /// The head that the board was computed under.
    pub as_of: AsOf,
    /// The benchmark.
    pub benchmark: BenchmarkSummary,
    /// The query as understood, defaults filled in.
    pub query: BoardQuery,
    /// Locales of the benchmark, in order.
    pub locales: Vec<String>,
    /// Sections of the benchmark, in order.
    pub sections: Vec<String>,
    /// Rows in the asked order, all within the filter.
    pub rows: Vec<BoardRow>,
    /// Rows before filtering.
    pub rows_total: u64,
    /// Runs of this benchmark that ended without a receipt.
    pub runs_aborted: u64,
    /// Runs of this benchmark that are announced and not closed.
    pub runs_open: u64,
    /// The snapshot record of this board; none before the first.
    pub snapshot: Option<RecordLink>,
    /// SHA-256 of the board's signed bytes, hex.
    pub output_sha256: Option<String>,
}

/// State of the board page, all of it in the URL.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct BoardQuery {
    /// Locale of the benchmark; its first one when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub locale: Option<String>,
    /// Section; all sections when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub section: Option<String>,
    /// Column to sort by.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sort: Option<SortBy>,
    /// Direction.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub order: Option<SortOrder>,
    /// Keep systems whose name contains this, in any case; at most 80 characters.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub q: Option<String>,
}

/// Columns that a board sorts by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum SortBy {
    /// Estimate, the default.
    Estimate,
    /// System name.
    System,
    /// Items answered.
    Answered,
    /// Fuel of the run.
    Fuel,
}

/// Direction of a sort.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum SortOrder {
    /// Largest first.
    Desc,
    /// Smallest first.
    Asc,
}

/// One system on a board.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BoardRow {
    /// Rank text by the estimate; ties share it.
    pub rank: String,
    /// System id, as in `/systems/<id>`.
    pub system: String,
    /// Display name.
    pub name: String,
    /// The estimate of the asked locale and section.
    pub estimate: Estimate,
    /// Items answered, of the whole run.
    pub answered: u64,
    /// Items of the whole run.
    pub items: u64,
    /// Fuel of the whole run, a decimal string.
    pub fuel: String,
    /// Form id.
    pub form: String,
    /// Edition of the form.
    pub edition: String,
    /// Origin of the station that ran it.
    pub station: String,
    /// Lane of the run.
    pub lane: String,
    /// Hardware evidence type.
    pub evidence_type: String,
    /// Declared date of the receipt, RFC 3339.
    pub declared: String,
    /// The receipt.
    pub receipt: RecordLink,
    /// Runs of this system on this benchmark that ended without a receipt.
    pub runs_aborted: u64,
}

/// A rate with its counts and interval.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Estimate {
    /// Passed.
    pub num: u64,
    /// Presented.
    pub den: u64,
    /// Decided.
    pub decided: u64,
    /// Attempted.
    pub attempted: u64,
    /// Families.
    pub families: u64,
    /// `num/den` in per mille, rounded to nearest; what a bar is drawn with.
    pub permille: u64,
    /// `num/den` as a percentage with one decimal, such as `87.5`.
    pub percent: String,
    /// Interval; none below ten families.
    pub interval: Option<EstimateInterval>,
    /// True from ten to twenty-nine families.
    pub few_families: bool,
}

/// An interval, signed and drawable.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EstimateInterval {
    /// Lower bound as signed, such as `0.8276`.
    pub low: String,
    /// Upper bound as signed.
    pub high: String,
    /// Confidence level as signed.
    pub level: String,
    /// Method as signed.
    pub method: String,
    /// Lower bound in per mille, rounded down.
    pub low_permille: u64,
    /// Upper bound in per mille, rounded up.
    pub high_permille: u64,
    /// Lower bound as a percentage with one decimal.
    pub low_percent: String,
    /// Upper bound as a percentage with one decimal.
    pub high_percent: String,
}

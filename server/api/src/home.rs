//! The first page.

use serde::{Deserialize, Serialize};

use crate::{AsOf, BenchmarkSummary, RunRow};

/// What `/` shows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HomePage {
    /// Head of the log.
    pub as_of: AsOf,
    /// The station.
    pub station: StationSummary,
    /// Benchmarks, in order.
    pub benchmarks: Vec<BenchmarkSummary>,
    /// The newest runs, at most ten.
    pub latest: Vec<RunRow>,
}

/// Who speaks.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StationSummary {
    /// Origin of its log.
    pub origin: String,
    /// Jurisdiction as its manifest states it.
    pub jurisdiction: String,
    /// True when no witness cosigns its log.
    pub lone: bool,
    /// Digest of manifest version 1, hex: what a policy pins.
    pub manifest_sha256: String,
    /// Evidence type of its enclave.
    pub evidence_type: String,
    /// The policy file that verifies its receipts.
    pub policy: String,
}

//! RFC 9457 problem documents.

use serde::{Deserialize, Serialize};

/// `application/problem+json`, on every 4xx and 5xx.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Problem {
    /// Stable URI of the kind: `/problems/<kind>`.
    #[serde(rename = "type")]
    pub kind: String,
    /// Short name of the kind.
    pub title: String,
    /// HTTP status.
    pub status: u16,
    /// One sentence: what, and the way out.
    pub detail: String,
    /// Path of the request.
    pub instance: String,
    /// Names the request in the station's traces.
    pub trace_id: String,
    /// Faults of single members of a body.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub errors: Vec<FieldProblem>,
}

/// One fault in a body or a pack.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FieldProblem {
    /// JSON pointer, or `file:line` in packs.
    pub pointer: String,
    /// What is wrong.
    pub detail: String,
}

//! The records of the log: one in-toto predicate type each, and the references between them.
//!
//! Field names are the signed names. A missing or unknown field is a schema failure. This module
//! knows nothing of signatures or proofs; it says only what a record states.

mod federation;
mod form;
mod misbehaviour;
mod reference;
mod reveal;
mod run;
mod score;
mod station;

pub use federation::{Comparison, Pairing};
pub use form::{FormCommitment, GraderRef, Items, Seal, SealFormat};
pub use misbehaviour::{Misbehaviour, MisbehaviourKind};
pub use reference::{Head, RecordRef, Sha256Ref};
pub use reveal::{FormReveal, FormState, FormStateName, FormStateReason, RevealedBody};
pub use run::{
    AbortReason, Counts, EvidenceType, Lane, Limits, Outcomes, Receipt, RunAbort, RunIntent,
    Runtime, Submission, SubmissionKind, Usage,
};
pub use score::{Interval, IntervalMethod, Metric, Score, percent};
pub use station::{
    EnclaveEvidence, EvidenceKeys, Inputs, Output, Program, Snapshot, SnapshotHead,
    StationManifestRecord, Verdict, VerdictStatus,
};

use serde::{Serialize, de::DeserializeOwned};

/// Prefix of every predicate type; frozen by the first public station.
pub const PREDICATE_BASE: &str = "https://assay.example.org/record/";

/// A predicate that may stand in a log record.
pub trait Predicate: Serialize + DeserializeOwned {
    /// The record's short name, such as `receipt`; the type URI is base + name + `/v1`.
    const NAME: &'static str;

    /// Origin of the log the record belongs to.
    fn station(&self) -> &str;
}

macro_rules! predicates {
    ($($type:ident => $name:literal),+ $(,)?) => {$(
        impl Predicate for $type {
            const NAME: &'static str = $name;
            fn station(&self) -> &str {
                &self.station
            }
        }
    )+};
}

predicates! {
    StationManifestRecord => "station-manifest",
    EnclaveEvidence => "enclave-evidence",
    FormCommitment => "form-commitment",
    Submission => "submission",
    RunIntent => "run-intent",
    Receipt => "receipt",
    RunAbort => "run-abort",
    Snapshot => "snapshot",
    FormReveal => "form-reveal",
    FormState => "form-state",
    Misbehaviour => "misbehaviour",
    Comparison => "comparison",
    Pairing => "pairing",
}

#[cfg(test)]
mod tests;

//! `submission`, `run-intent`, `receipt`, `run-abort`: what is evaluated, and how each run ends.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{GraderRef, Head, RecordRef, Score, Sha256Ref};
use crate::digest::Digest;

/// One immutable version of a system, registered for one or more benchmarks.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Submission {
    /// Digest of the submitted bytes; also the record's subject.
    pub adapter: Sha256Ref,
    /// Declared time.
    pub declared: String,
    /// What the team says of its system: short key, short text.
    pub declares: BTreeMap<String, String>,
    /// What was submitted.
    pub kind: SubmissionKind,
    /// Display name of the system, at most 80 characters.
    pub name: String,
    /// True when the recorder signs for the submitter.
    pub on_behalf: bool,
    /// The version that this one replaces.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub replaces: Option<RecordRef>,
    /// Origin this record is logged at.
    pub station: String,
    /// Key id of the submitter, or of the recorder with `onBehalf`.
    pub submitter: Digest,
}

/// Kinds of submission.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum SubmissionKind {
    /// A WebAssembly component.
    Wasm,
}

/// Announces a run before it begins.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct RunIntent {
    /// Digest of the adapter.
    pub adapter: Sha256Ref,
    /// A head that already holds commitment, submission and evidence.
    pub before: Head,
    /// The run counts as lost when it is still open then (declared).
    pub close_by: String,
    /// The form's commitment.
    pub commitment: RecordRef,
    /// Declared time.
    pub declared: String,
    /// The enclave's evidence record.
    pub evidence: RecordRef,
    /// Grader as committed.
    pub grader: GraderRef,
    /// Limits per item.
    pub limits: Limits,
    /// 32 random bytes drawn by the keeper.
    pub nonce: Digest,
    /// Engine and lane.
    pub runtime: Runtime,
    /// Origin this record is logged at.
    pub station: String,
    /// The submission's record.
    pub submission: RecordRef,
}

/// The signed result of one run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Receipt {
    /// Digest of the adapter; also the record's subject.
    pub adapter: Sha256Ref,
    /// As in the run-intent.
    pub before: Head,
    /// The form's commitment.
    pub commitment: RecordRef,
    /// 32 hex digits: active layers of keeper, compiler, runner, courier.
    pub confinement: String,
    /// Item outcomes by class.
    pub counts: Counts,
    /// Declared time.
    pub declared: String,
    /// The enclave's evidence record.
    pub evidence: RecordRef,
    /// Type of hardware evidence.
    pub evidence_type: EvidenceType,
    /// Grader as committed.
    pub grader: GraderRef,
    /// The run-intent that this receipt closes.
    pub intent: RecordRef,
    /// Limits per item.
    pub limits: Limits,
    /// Nonce of the intent.
    pub nonce: Digest,
    /// Salted tree of item outcomes.
    pub outcomes: Outcomes,
    /// Engine and lane.
    pub runtime: Runtime,
    /// Estimates, sorted by metric, locale and section.
    pub scores: Vec<Score>,
    /// Public seed for sampling and resampling.
    pub seed: Digest,
    /// The head under which the keeper saw its intent logged.
    pub start: Head,
    /// Origin this record is logged at.
    pub station: String,
    /// The submission's record.
    pub submission: RecordRef,
    /// What the run used.
    pub usage: Usage,
}

/// Closes a run-intent without a result.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct RunAbort {
    /// Items answered before the end.
    pub answered: u64,
    /// Declared time.
    pub declared: String,
    /// The run-intent that this record closes.
    pub intent: RecordRef,
    /// Nonce of the intent.
    pub nonce: Digest,
    /// Why.
    pub reason: AbortReason,
    /// Origin this record is logged at.
    pub station: String,
}

/// The closed list of reasons a run may end without a result.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum AbortReason {
    /// No instance of the adapter ever starts.
    GuestFault,
    /// A limit of the whole run was reached.
    Limit,
    /// The declared endpoint gave no usable reply.
    EndpointDown,
    /// The keeper was restarted in the middle of the run.
    KeeperRestart,
    /// The keeper was lost and cannot sign.
    KeeperLost,
    /// The operator ended the run.
    Operator,
    /// The team took the run back.
    Cancelled,
}

impl AbortReason {
    /// The name in records.
    pub const fn name(self) -> &'static str {
        match self {
            Self::GuestFault => "guest-fault",
            Self::Limit => "limit",
            Self::EndpointDown => "endpoint-down",
            Self::KeeperRestart => "keeper-restart",
            Self::KeeperLost => "keeper-lost",
            Self::Operator => "operator",
            Self::Cancelled => "cancelled",
        }
    }
}

/// Type of hardware evidence behind an enclave's keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum EvidenceType {
    /// No hardware attestation.
    #[serde(rename = "none")]
    None,
}

impl EvidenceType {
    /// The word that records have for it.
    pub const fn word(self) -> &'static str {
        match self {
            Self::None => "none",
        }
    }

    /// What it cannot prove, as printed beside every such receipt.
    pub const fn sentence(self) -> &'static str {
        match self {
            Self::None => {
                "No hardware attestation. This station's operator could read the items and could \
                 forge this receipt."
            }
        }
    }
}

/// Who may have seen the items.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Lane {
    /// No imports: nobody outside the enclave.
    Sealed,
}

/// Engine, configuration and lane of a run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Runtime {
    /// Digest of the canonical text that lists every engine setting.
    pub config_sha256: Digest,
    /// Lane.
    pub lane: Lane,
    /// Engine name.
    pub name: String,
    /// Compilation target.
    pub target: String,
    /// Engine version.
    pub version: String,
}

/// Limits per item.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Limits {
    /// Fuel units, as a decimal string.
    pub fuel_per_item: String,
    /// Linear memory, summed over memories.
    pub memory_bytes: u64,
    /// Longest answer.
    pub output_bytes: u64,
    /// Wall time.
    pub wall_ms_per_item: u64,
}

/// Item outcomes by class; `answered + failed = items`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Counts {
    /// Outcomes `answered` and `declined`.
    pub answered: u64,
    /// All others.
    pub failed: u64,
    /// Items of the form.
    pub items: u64,
}

/// Root and padded leaf count of the outcome tree.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Outcomes {
    /// Leaves after padding to a multiple of 64.
    pub leaves: u64,
    /// Root over the salted leaves.
    pub root: Digest,
}

/// What a run used.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Usage {
    /// Sum of the exact fuel figures, as a decimal string.
    pub fuel: String,
    /// Wall time of the run.
    pub wall_ms: u64,
}

//! One station: who it is, which keys speak for it, how its log stands, and every run that did not end well.

use serde::{Deserialize, Serialize};

use crate::{AsOf, FormSummary, RecordLink, RunRow, StationSummary};

/// What `/station` shows and `/api/v1/station` answers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StationPage {
    /// Head of the log.
    pub as_of: AsOf,
    /// The station.
    #[serde(flatten)]
    pub station: StationSummary,
    /// When this document was made, RFC 3339; ages count from here.
    pub made: String,
    /// Verifier key of its checkpoints.
    pub log_key: String,
    /// The `age1…` recipient that forms for its enclave are sealed to; absent while the enclave gives no answer.
    pub seal_recipient: Option<String>,
    /// SHA-256 of the enclave's program, hex; absent while the enclave gives no answer.
    pub enclave_sha256: Option<String>,
    /// The log.
    pub log: LogStanding,
    /// Who else vouches for the log.
    pub quorum: QuorumStanding,
    /// Manifest versions, newest first.
    pub manifests: Vec<ManifestLine>,
    /// Keys of the newest manifest, by role.
    pub keys: Vec<KeyLine>,
    /// Forms, newest first.
    pub forms: Vec<StationForm>,
    /// Runs that wait and were not announced.
    pub runs_waiting: u64,
    /// Announced runs that nothing closes, oldest first.
    pub runs_open: Vec<OpenRun>,
    /// Runs that ended without a result, newest first, at most fifty.
    pub runs_aborted: Vec<AbortedRun>,
    /// All runs that ended without a result.
    pub runs_aborted_total: u64,
    /// What went wrong, newest first.
    pub alarms: Vec<Alarm>,
}

/// How the log stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LogStanding {
    /// Records under the public checkpoint.
    pub size: u64,
    /// Since when this checkpoint is public, RFC 3339; absent while that is not known.
    pub published: Option<String>,
    /// Seconds since then.
    pub age_seconds: Option<u64>,
    /// Records that are signed and not public yet.
    pub unpublished: u64,
    /// How new the checkpoint is known to be.
    pub freshness: Freshness,
    /// Does it take records?
    pub condition: LogCondition,
}

/// How new a checkpoint is known to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Freshness {
    /// Nobody but the station says.
    Unwitnessed,
    /// Cosigned by the quorum within the last hour.
    Fresh,
    /// The quorum is older, or a newer head waits for it.
    Stale,
}

/// What a log still does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum LogCondition {
    /// Takes records and publishes them.
    Running,
    /// Takes no records.
    ReadOnly,
    /// Neither takes nor publishes.
    Stopped,
}

/// The policy's quorum and who met it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct QuorumStanding {
    /// The quorum line of the station's policy, such as `none`.
    pub rule: String,
    /// Witnesses of the policy, in its order.
    pub cosigners: Vec<Cosigner>,
}

/// A witness of the policy.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cosigner {
    /// Name of its key.
    pub name: String,
    /// When it cosigned the public checkpoint, RFC 3339, by its own clock.
    pub cosigned: Option<String>,
    /// Seconds since then.
    pub age_seconds: Option<u64>,
    /// What went wrong when it was asked last.
    pub trouble: Option<String>,
}

/// A version of the manifest.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ManifestLine {
    /// 1, 2, 3 …
    pub version: u64,
    /// SHA-256 of its payload, hex.
    pub sha256: String,
    /// Nothing new is logged under it after this, RFC 3339.
    pub expires: String,
    /// True when that has passed.
    pub expired: bool,
    /// Where the log holds it.
    pub record: RecordLink,
}

/// A key in a role, with the part of the log where it counts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeyLine {
    /// Role, as in manifests.
    pub role: String,
    /// Kind: `ed25519`, `p256` or `age`.
    pub kind: String,
    /// Key id, hex.
    pub key: String,
    /// First index; none for keys that sign no records here.
    pub from: Option<u64>,
    /// Where the range ends; none while it is open.
    pub until: Option<String>,
}

/// A form with the runs on it that have not ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StationForm {
    /// Benchmark, by short name.
    pub benchmark: String,
    /// Title of the benchmark.
    pub title: String,
    /// The form.
    pub about: FormSummary,
    /// Runs that wait for it.
    pub runs_waiting: u64,
    /// Announced runs on it that have not ended.
    pub runs_open: u64,
}

/// An announced run that nothing closes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OpenRun {
    /// The run-intent.
    pub intent: RecordLink,
    /// Declared time of the intent, RFC 3339.
    pub announced: String,
    /// When it counts as lost, RFC 3339.
    pub due: String,
    /// True when that has passed.
    pub overdue: bool,
    /// Seconds since it was announced, by this station's clock; absent when the run is not known here.
    pub age_seconds: Option<u64>,
    /// The run.
    pub run: Option<RunRow>,
}

/// A run that ended without a result.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AbortedRun {
    /// The run, with its reason.
    pub run: RunRow,
    /// Seconds since it ended.
    pub age_seconds: u64,
}

/// Something that an operator must look at.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Alarm {
    /// When, RFC 3339.
    pub at: String,
    /// What.
    pub says: String,
}

//! How the station's log is doing, who vouches for it, and which other logs the station watches.

use serde::{Deserialize, Serialize};

use crate::Alarm;

/// What `/api/v1/log` answers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LogPage {
    /// Origin of the log.
    pub origin: String,
    /// `running`, `read-only` or `stopped`.
    pub condition: String,
    /// Why it does not run.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trouble: Option<String>,
    /// The newest public head; absent before the first quorum.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub published: Option<PublicHead>,
    /// The newest head that the log has signed.
    pub stored: HeadRow,
    /// Records that wait for publication.
    pub waiting: u64,
    /// Witnesses of the station's policy; none under `quorum none`.
    pub witnesses: Vec<WitnessRow>,
    /// Verifier key of the station's own witness.
    pub witness_key: String,
    /// Logs that the station's witness cosigns.
    pub witnessed: Vec<String>,
    /// Logs that the station follows.
    pub peers: Vec<PeerRow>,
    /// Logs of others that told two stories; they are frozen.
    pub contradictions: Vec<ContradictionRow>,
    /// What an operator must look at, newest first.
    pub alarms: Vec<Alarm>,
}

/// A head of the log.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HeadRow {
    /// Number of records.
    pub size: u64,
    /// Tree hash, hex.
    pub root: String,
    /// When it was stored or became public.
    pub at: String,
    /// Seconds since then.
    pub age_s: u64,
}

/// The public head, and who vouches for it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PublicHead {
    /// The head.
    #[serde(flatten)]
    pub head: HeadRow,
    /// Its quorum; absent under `quorum none`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub quorum: Option<QuorumRow>,
    /// Who cosigned it, in the order of the policy.
    pub cosigned: Vec<CosignedRow>,
}

/// When enough witnesses had last vouched for the public head.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct QuorumRow {
    /// Name in the policy.
    pub name: String,
    /// As the witnesses state it.
    pub at: String,
    /// Seconds since then.
    pub age_s: u64,
    /// `fresh`, or `stale` after an hour: the log may have gone on, or been cut off.
    pub freshness: String,
}

/// A cosignature under the public head.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CosignedRow {
    /// Name in the policy.
    pub witness: String,
    /// Name that the witness signs under.
    pub cosigner: String,
    /// As the witness states it.
    pub at: String,
}

/// A witness of the station's policy.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WitnessRow {
    /// Name in the policy.
    pub name: String,
    /// Name that it signs under.
    pub cosigner: String,
    /// Size that it holds, once it has said so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub size: Option<u64>,
    /// Time of its newest line.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<String>,
    /// Why it was no help when it was asked last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trouble: Option<String>,
}

/// A log that the station follows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PeerRow {
    /// Origin of the log.
    pub origin: String,
    /// Address that is asked.
    pub url: String,
    /// Size of its public head, once seen.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub size: Option<u64>,
    /// When it was seen last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seen: Option<String>,
    /// Why its own policy does not believe its head.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub doubt: Option<String>,
    /// Why the last look ended early.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trouble: Option<String>,
    /// True when it has told two stories and is never cosigned again.
    pub frozen: bool,
}

/// Two heads of one log that exclude each other.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ContradictionRow {
    /// Origin of the log.
    pub origin: String,
    /// `split` or `fork`.
    pub kind: String,
    /// When it was found.
    pub at: String,
    /// The head that was known, as signed.
    pub note_a: String,
    /// The head that excludes it, as signed.
    pub note_b: String,
    /// Path of the record that accuses the log, once it is public.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub record: Option<String>,
}

//! `station-manifest`, `enclave-evidence`, `snapshot`: who speaks, from what, and what was published.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{EvidenceType, Sha256Ref};
use crate::{digest::Digest, dsse::Envelope};

/// Puts a manifest version on the log.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StationManifestRecord {
    /// Declared time.
    pub declared: String,
    /// The inner envelope, signed by the root keys.
    pub manifest: Envelope,
    /// Origin this record is logged at.
    pub station: String,
    /// Version of the manifest.
    pub version: u64,
}

/// Says which binary holds the enclave keys and what vouches for that.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EnclaveEvidence {
    /// Digest of the enclave binary.
    pub binary: Sha256Ref,
    /// Digests of collateral blobs; empty for type `none`.
    pub collateral: Vec<Digest>,
    /// Declared time.
    pub declared: String,
    /// Digest of the evidence blob; absent for type `none`.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub evidence: Option<Digest>,
    /// The keys it speaks for.
    pub keys: EvidenceKeys,
    /// Digest of the inner manifest payload.
    pub manifest: Sha256Ref,
    /// Fresh random bytes.
    pub nonce: Digest,
    /// Roles of the enclave, sorted.
    pub roles: Vec<String>,
    /// Origin this record is logged at.
    pub station: String,
    /// Evidence type.
    #[serde(rename = "type")]
    pub kind: EvidenceType,
    /// What a verifier made of it.
    pub verdict: Verdict,
}

/// Key ids that the evidence covers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EvidenceKeys {
    /// SHA-256 of the `age1…` recipient.
    pub seal: Digest,
    /// Key id of the signing key.
    pub sign: Digest,
}

/// A convenience that every verifier can redo.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Verdict {
    /// Digest of the appraisal policy; of the empty string for type `none`.
    pub policy: Sha256Ref,
    /// Result.
    pub status: VerdictStatus,
    /// Program and version that appraised it.
    pub verifier: String,
}

/// Result of an appraisal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum VerdictStatus {
    /// There is no evidence to appraise.
    None,
}

/// A published board: a pure function of the inputs it names.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Snapshot {
    /// Declared time.
    pub declared: String,
    /// Heads the inputs were read under, sorted by origin.
    pub heads: Vec<SnapshotHead>,
    /// The records that went in.
    pub inputs: Inputs,
    /// The bytes that came out; their digest is the record's subject.
    pub output: Output,
    /// Parameters of the program.
    pub parameters: BTreeMap<String, String>,
    /// Digests of the policies in force.
    pub policies: Vec<Sha256Ref>,
    /// The program.
    pub program: Program,
    /// Origin this record is logged at.
    pub station: String,
}

/// A head and its note.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SnapshotHead {
    /// The cosigned checkpoint, base64.
    pub note: String,
    /// The log's origin.
    pub origin: String,
    /// RFC 6962 tree hash.
    pub root: Digest,
    /// Number of leaves.
    pub size: u64,
}

/// A sorted list of record references, kept as a blob.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Inputs {
    /// How many.
    pub count: u64,
    /// Digest of the JCS list.
    pub sha256: Digest,
}

/// The program that computed a board.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Program {
    /// Name.
    pub name: String,
    /// Digest of its source.
    pub sha256: Digest,
    /// Version.
    pub version: String,
}

/// The bytes of a board.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Output {
    /// Length.
    pub bytes: u64,
    /// Media type.
    pub media_type: String,
    /// Digest.
    pub sha256: Digest,
}

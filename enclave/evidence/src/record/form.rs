//! `form-commitment`: a form's items are fixed before anyone is run on them.

use serde::{Deserialize, Serialize};

use super::{RecordRef, Sha256Ref};
use crate::digest::Digest;

/// Commits a sealed file, its item root and its public terms.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct FormCommitment {
    /// `name@major.minor`.
    pub benchmark: String,
    /// Declared time.
    pub declared: String,
    /// Edition within the benchmark, such as `2026-11-a`.
    pub edition: String,
    /// Form id, unique at the station.
    pub form: String,
    /// Grader bundle that marks the answers.
    pub grader: GraderRef,
    /// Salted item tree.
    pub items: Items,
    /// First time a run may start (declared).
    pub not_before: String,
    /// The form is revealed by then (declared).
    pub reveal_by: String,
    /// The sealed file.
    pub seal: Seal,
    /// Origin this record is logged at.
    pub station: String,
    /// Digest of the public terms, a JCS blob.
    pub terms: Sha256Ref,
    /// The first commitment of the same root, at another station.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub upstream: Option<RecordRef>,
}

/// Root and padded leaf count of a form's item tree.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Items {
    /// Leaves after padding to a multiple of 64.
    pub leaves: u64,
    /// Root over the salted leaves.
    pub root: Digest,
}

/// A grader by name, version and digest.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GraderRef {
    /// Name.
    pub name: String,
    /// Digest of the sorted grader digests.
    pub sha256: Digest,
    /// Version.
    pub version: String,
}

/// The sealed file as an outsider sees it; its digest is the record's subject.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Seal {
    /// Length of the age file in bytes.
    pub bytes: u64,
    /// File format.
    pub format: SealFormat,
    /// Length of the padded plaintext in bytes.
    pub padded: u64,
    /// Seal recipients: hex SHA-256 of each `age1…` string, sorted.
    pub recipients: Vec<Digest>,
}

/// The only seal format of version 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum SealFormat {
    /// Binary age v1 with X25519 stanzas.
    #[serde(rename = "age-v1")]
    AgeV1,
}

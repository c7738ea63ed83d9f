//! `comparison`, `pairing`: results that stand side by side, across stations or on one form.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{Inputs, Output, Program, RecordRef, Sha256Ref, SnapshotHead};

/// A published table across borders: a pure function of the records of two or more stations.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Comparison {
    /// Declared time.
    pub declared: String,
    /// Heads of two or more stations that the inputs were read under, sorted by origin.
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
    /// The boards it draws on.
    pub snapshots: Vec<RecordRef>,
    /// Origin this record is logged at.
    pub station: String,
}

/// Two receipts on one form, compared item by item inside the enclave; its subject is the form.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Pairing {
    /// The first receipt.
    pub a: RecordRef,
    /// The second receipt.
    pub b: RecordRef,
    /// Items that both passed.
    pub both_right: u64,
    /// The form's commitment.
    pub commitment: RecordRef,
    /// Declared time.
    pub declared: String,
    /// What family differences are multiples of.
    pub denominator: u64,
    /// Number of families.
    pub families: u64,
    /// Items that neither passed.
    pub neither: u64,
    /// Items that only the first passed.
    pub only_a: u64,
    /// Items that only the second passed.
    pub only_b: u64,
    /// Origin this record is logged at.
    pub station: String,
    /// Sum of the family differences, first minus second, over `denominator`.
    pub sum: i64,
    /// Sum of their squares, over the square of `denominator`.
    pub sum_squares: u64,
}

//! `misbehaviour`: what a log or station did against the rules, with its own signatures as proof.
//!
//! Whether a record proves what it claims is [`crate::misbehaviour`]'s business.

use serde::{Deserialize, Serialize};

use super::RecordRef;
use crate::{base64::Bytes, digest::Digest};

/// Accuses the station behind one log; its subjects are the notes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Misbehaviour {
    /// Declared time.
    pub declared: String,
    /// For kind `fork`, shaped like a consistency proof; for `wrong-score`, the outcome leaves.
    #[serde(with = "crate::digest::base64_list")]
    pub hashes: Vec<Digest>,
    /// What was done.
    pub kind: MisbehaviourKind,
    /// The checkpoint.
    pub note_a: Bytes,
    /// A second checkpoint that contradicts the first.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub note_b: Option<Bytes>,
    /// Proofs of the records that show it: `.tlog-proof` files.
    pub proofs: Vec<Bytes>,
    /// The record that breaks a rule, where it is one.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub record: Option<RecordRef>,
    /// Origin this record is logged at: the accuser's.
    pub station: String,
    /// Origin of the accused log.
    pub subject: String,
}

/// Closed list of what a station can do wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum MisbehaviourKind {
    /// Two roots for one size.
    Split,
    /// A larger head that does not continue a smaller one.
    Fork,
    /// A leaf whose signature does not verify.
    BadSignature,
    /// A receipt whose commitment, intent or submission comes too late.
    Order,
    /// A receipt whose scores do not follow from its outcomes.
    WrongScore,
    /// A reveal that does not give back the committed items.
    WrongReveal,
    /// A withheld envelope: one station's word.
    Void,
}

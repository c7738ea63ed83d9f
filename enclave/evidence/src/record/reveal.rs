//! `form-reveal`, `form-state`: a form leaves use, and its items become public.

use serde::{Deserialize, Serialize};

use super::RecordRef;
use crate::digest::Digest;

/// Publishes a form's items and retires it; subjects are the sealed file and the form body.
///
/// What the body must satisfy is [`crate::reveal`]'s business.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct FormReveal {
    /// The form body, a public blob.
    pub body: RevealedBody,
    /// The form's commitment.
    pub commitment: RecordRef,
    /// Declared time.
    pub declared: String,
    /// Number of items in the body.
    pub items: u64,
    /// Root of the salted item tree as recomputed from the body.
    pub items_root: Digest,
    /// The form seed, which is also the first 32 bytes of the body.
    pub seed: Digest,
    /// Origin this record is logged at.
    pub station: String,
}

/// A form body as a blob.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RevealedBody {
    /// Length in bytes.
    pub bytes: u64,
    /// Digest.
    pub sha256: Digest,
}

/// Moves a form to another state; its subject is the sealed file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FormState {
    /// Id of the key that decided; the record's signer.
    pub by: Digest,
    /// The form's commitment.
    pub commitment: RecordRef,
    /// Declared time.
    pub declared: String,
    /// Why.
    pub reason: FormStateReason,
    /// The new state.
    pub state: FormStateName,
    /// Origin this record is logged at.
    pub station: String,
}

/// States that a form can be moved to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FormStateName {
    /// No run starts on it any more.
    Retired,
}

/// Closed list of reasons for moving a form.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FormStateReason {
    /// A newer edition takes its place, as planned.
    Rotation,
    /// Items may be known outside.
    LeakSuspected,
    /// An item or its key is wrong.
    FaultFound,
    /// The benchmark ends.
    EndOfLife,
}

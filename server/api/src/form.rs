//! Forms: their public facts, and the requests that publish, retire and reveal them.

use serde::{Deserialize, Serialize};

use crate::RecordLink;

/// Public facts of a form.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FormSummary {
    /// Form id.
    pub form: String,
    /// Edition.
    pub edition: String,
    /// `practice` or `sealed`.
    pub class: String,
    /// Padded number of leaves in the item tree.
    pub leaves: u64,
    /// Root of the item tree, hex.
    pub root: String,
    /// The commitment.
    pub commitment: RecordLink,
    /// Declared time of the commitment.
    pub declared: String,
    /// SHA-256 of the sealed file, hex.
    pub seal_sha256: String,
    /// Where it stands.
    pub state: FormState,
    /// Its retirement, once logged.
    pub retired: Option<FormRetirement>,
    /// Its reveal, once logged.
    pub revealed: Option<FormDisclosure>,
}

/// Where a form stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum FormState {
    /// Runs may start on it.
    Open,
    /// No run starts on it any more.
    Retired,
    /// Everybody may read its items.
    Revealed,
}

/// Why and when a form was retired.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FormRetirement {
    /// One of `rotation`, `leak-suspected`, `fault-found`, `end-of-life`.
    pub reason: String,
    /// Declared time, RFC 3339.
    pub declared: String,
    /// The record.
    pub record: RecordLink,
}

/// When a form was revealed, and where its items are.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FormDisclosure {
    /// Declared time, RFC 3339.
    pub declared: String,
    /// The record.
    pub record: RecordLink,
    /// SHA-256 of the form body, hex.
    pub body_sha256: String,
    /// Path of the form body.
    pub body: String,
}

/// Body of `POST /api/v1/forms`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewForm {
    /// The commitment file that `assay form seal` wrote, as text.
    pub commitment: String,
    /// The sealed file, base64.
    pub seal: String,
}

/// Answer to it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FormPublished {
    /// Form id.
    pub form: String,
    /// Its commitment.
    pub commitment: RecordLink,
}

/// Body of `POST /api/v1/forms/<form>/retirement`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RetireForm {
    /// One of `rotation`, `leak-suspected`, `fault-found`, `end-of-life`.
    pub reason: String,
}

/// Answer to it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FormRetired {
    /// Form id.
    pub form: String,
    /// As asked.
    pub reason: String,
    /// Declared time, RFC 3339.
    pub declared: String,
    /// The record.
    pub record: RecordLink,
    /// Runs that waited for it and now wait for the newest open form.
    pub runs_moved: u64,
    /// Runs that waited for it and ended, since there is no other form.
    pub runs_ended: u64,
    /// Announced runs on it that have not ended.
    pub runs_open: u64,
}

/// Answer to `POST /api/v1/forms/<form>/reveal`, whose body is the form body.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FormRevealed {
    /// Form id.
    pub form: String,
    /// Declared time, RFC 3339.
    pub declared: String,
    /// The record.
    pub record: RecordLink,
    /// SHA-256 of the form body, hex.
    pub body_sha256: String,
    /// Path of the form body.
    pub body: String,
    /// Its length.
    pub bytes: u64,
    /// Items in it.
    pub items: u64,
    /// Paths of the adapters that became public with it, since their teams declared them open.
    pub adapters: Vec<String>,
}

//! What a verification found: named lines, and the facts for whoever prints them.

use std::fmt::Display;

use serde::Serialize;

use crate::{
    digest::Digest,
    manifest::Chain,
    policy::Attested,
    record::{EnclaveEvidence, FormCommitment, Receipt, RecordRef, RunIntent, Submission},
};

/// Lines of a verification in the order in which they were checked.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// Every check that was made; after the first failure none follows.
    pub checks: Vec<Check>,
    /// What the five records say, once all of them opened. Believe it only when [`Self::verified`].
    pub facts: Option<Facts>,
    is_complete: bool,
}

/// One line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Check {
    /// Stable kebab-case name.
    pub name: &'static str,
    /// What holds when it passes.
    pub says: String,
    /// How it ended.
    #[serde(flatten)]
    pub state: CheckState,
}

/// How a check ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "state", content = "reason", rename_all = "kebab-case")]
pub enum CheckState {
    /// It holds.
    Passed,
    /// It does not, for this reason.
    Failed(String),
    /// It cannot be known from the file, for this reason.
    NotChecked(String),
}

/// The five records and what they stand under.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Facts {
    /// The checkpoint of the bundle, and who vouches for it.
    pub attested: Attested,
    /// The station's manifests in the bundle.
    pub chain: Chain,
    /// The form's commitment.
    pub commitment: Box<FormCommitment>,
    /// The enclave's evidence.
    pub evidence: Box<EnclaveEvidence>,
    /// The run-intent.
    pub intent: Box<RunIntent>,
    /// The receipt.
    pub receipt: Box<Receipt>,
    /// Place and leaf hash of the receipt.
    pub receipt_ref: RecordRef,
    /// Key id of the receipt's signer.
    pub signer: Digest,
    /// The submission.
    pub submission: Box<Submission>,
}

/// A check failed and stands as the last line of the report.
#[derive(Debug)]
pub(super) struct Stopped;

impl Report {
    /// Did every check pass that can be made on this file?
    pub fn verified(&self) -> bool {
        self.is_complete && self.failure().is_none()
    }

    /// The check that failed, if any.
    pub fn failure(&self) -> Option<&Check> {
        let has_failed = |check: &&Check| matches!(check.state, CheckState::Failed(_));
        self.checks.iter().find(has_failed)
    }

    /// Adds a line and hands back what the check found.
    pub(super) fn check<T, E: Display>(
        &mut self,
        name: &'static str,
        says: impl Into<String>,
        result: Result<T, E>,
    ) -> Result<T, Stopped> {
        let (state, result) = match result {
            Ok(found) => (CheckState::Passed, Ok(found)),
            Err(reason) => (CheckState::Failed(reason.to_string()), Err(Stopped)),
        };
        self.add(name, says, state);
        result
    }

    pub(super) fn not_checked(
        &mut self,
        name: &'static str,
        says: impl Into<String>,
        why: impl Into<String>,
    ) {
        self.add(name, says, CheckState::NotChecked(why.into()));
    }

    /// No check is left to make.
    pub(super) fn complete(&mut self) {
        self.is_complete = true;
    }

    fn add(&mut self, name: &'static str, says: impl Into<String>, state: CheckState) {
        let says = says.into();
        self.checks.push(Check { name, says, state });
    }
}

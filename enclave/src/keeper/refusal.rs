//! Why an assignment or a start is refused: a stable code, and a sentence with the way out.
//!
//! A refusal leaves nothing running.

use assay_benchmarks::form::FormError;
use assay_evidence::{
    digest::Digest,
    keys::KeyError,
    leaf::LeafError,
    manifest::{ChainError, ManifestError},
    policy::{NotAttested, PolicyError},
    record::AbortReason,
    seal::SealError,
    statement::StatementError,
    tree::ProofError,
};

use super::{
    memory::{Frozen, HEAD_FILE},
    state::StateError,
};

/// What an operator does about a head.
const WAY_OUT: &str = "find out which history is true, and give its checkpoint to `assay-enclave head DIR --trust FILE`";

/// Which of the records of an assignment is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// The form's commitment.
    Commitment,
    /// The submission.
    Submission,
    /// The keeper's own evidence.
    Evidence,
    /// The run-intent.
    Intent,
}

impl std::fmt::Display for Part {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Commitment => "form-commitment",
            Self::Submission => "submission",
            Self::Evidence => "enclave-evidence",
            Self::Intent => "run-intent",
        })
    }
}

/// One reason each.
#[derive(Debug, thiserror::Error)]
pub enum Refused {
    /// No policy or manifest beside the keys.
    #[error("the keeper's folder has no {0}; run `assay station init`")]
    NoStation(&'static str),
    /// A file of the folder cannot be read.
    #[error(transparent)]
    State(#[from] StateError),
    /// The policy does not load.
    #[error(transparent)]
    Policy(#[from] PolicyError),
    /// The policy names no log with a pinned manifest, or several.
    #[error("the keeper's policy does not pin exactly one log; write it with `assay station init`")]
    PolicyLog,
    /// The manifests do not load.
    #[error(transparent)]
    Manifests(#[from] ChainError),
    /// The newest manifest is not in force.
    #[error(transparent)]
    Manifest(#[from] ManifestError),
    /// The policy does not believe the checkpoint.
    #[error(transparent)]
    Checkpoint(#[from] NotAttested),
    /// The log key is not in force at that size.
    #[error("the log key is not in force at size {0}; check the manifest")]
    LogKey(u64),
    /// A public key cannot be read.
    #[error("{part}: {source}")]
    Key {
        /// Whose.
        part: Part,
        /// Why.
        source: KeyError,
    },
    /// A public key is not base64.
    #[error("{0}: its public key is not base64")]
    KeyText(Part),
    /// A record has no leaf.
    #[error("{part}: {source}")]
    Leaf {
        /// Which.
        part: Part,
        /// Why.
        source: LeafError,
    },
    /// A record is not proved by the checkpoint.
    #[error("{part}: not in the log under the checkpoint given: {source}")]
    NotIncluded {
        /// Which.
        part: Part,
        /// Why.
        source: ProofError,
    },
    /// A record's signature or form is wrong.
    #[error("{part}: {source}")]
    Statement {
        /// Which.
        part: Part,
        /// Why.
        source: StatementError,
    },
    /// The signer did not hold the role at that index.
    #[error("{0}: its signer does not hold the role that the record needs")]
    Role(Part),
    /// A record of another log.
    #[error("{part}: belongs to the log {found}, not to {expected}")]
    Station {
        /// Which.
        part: Part,
        /// The keeper's log.
        expected: String,
        /// In the record.
        found: String,
    },
    /// The evidence speaks for other keys or another program.
    #[error("the enclave-evidence record does not speak for this enclave; log a new one")]
    OtherEvidence,
    /// The seal is not the committed one.
    #[error(
        "the sealed form has digest {found}, committed is {committed}; give the sealed file of this form"
    )]
    SealDigest {
        /// Of the bytes given.
        found: Digest,
        /// In the record.
        committed: Digest,
    },
    /// The keeper cannot open the seal.
    #[error("this form is sealed for another enclave; seal it again for {0}")]
    OtherEnclave(String),
    /// The component is not the submitted one.
    #[error(
        "the component has digest {found}, submitted is {submitted}; give the component of this submission"
    )]
    ComponentDigest {
        /// Of the bytes given.
        found: Digest,
        /// In the record.
        submitted: Digest,
    },
    /// Another grader than this program has.
    #[error(
        "the form asks for grader {asked}, this enclave has {has}; use an enclave of the form's version"
    )]
    Grader {
        /// In the commitment.
        asked: String,
        /// In this program.
        has: String,
    },
    /// A declared time is malformed.
    #[error("{0:?} is not a declared time; write YYYY-MM-DDTHH:MM:SSZ")]
    Time(String),
    /// The run would stay open too long.
    #[error("the run would stay open until {asked}; ask for {latest} at the latest")]
    CloseBy {
        /// In the assignment.
        asked: String,
        /// A day from now, and some slack.
        latest: String,
    },
    /// The server may not give this reason in the keeper's name.
    #[error("a run is cancelled as operator, cancelled or limit, not as {0:?}; give one of these")]
    Reason(AbortReason),
    /// Evidence was asked for another station or manifest.
    #[error(
        "evidence was asked for {asked}, but this keeper's own folder is of {own}; write policy and manifest.json of one station there"
    )]
    OtherManifest {
        /// Origin and manifest digest that were asked for.
        asked: String,
        /// Those of the keeper's folder.
        own: String,
    },
    /// The items are not of the committed benchmark.
    #[error(
        "the items in the seal are of {found:?}, committed is {committed:?}; seal the form of that benchmark"
    )]
    Benchmark {
        /// In the items.
        found: String,
        /// In the commitment.
        committed: String,
    },
    /// A run of that id is known already.
    #[error("run {0} is assigned already")]
    Repeated(String),
    /// No such run.
    #[error("run {0} is not known to this keeper; assign it first")]
    UnknownRun(String),
    /// Too much at once.
    #[error("the keeper has {0} runs waiting; ask again when one is done")]
    Busy(usize),
    /// The run was assigned and never started.
    #[error("run {0} was never started, so there is nothing to close; it is forgotten")]
    NotStarted(String),
    /// The start does not extend the assignment's log.
    #[error("the start's checkpoint does not extend the assignment's: {0}")]
    Inconsistent(ProofError),
    /// A head smaller than one that was accepted.
    #[error(
        "the head of {offered} records is older than the one of {remembered} that this keeper accepted; was the log restored from a backup? Both are kept in {evidence} of its folder, and it takes no runs; {WAY_OUT}"
    )]
    Rollback {
        /// Size of the accepted head.
        remembered: u64,
        /// Size of the refused one.
        offered: u64,
        /// File in the keeper's folder.
        evidence: String,
    },
    /// A head that is not of the remembered history.
    #[error(
        "the head of {offered} records is not proved to extend the one of {remembered} that this keeper accepted: the log may have been forked. Both are kept in {evidence} of its folder, and it takes no runs; {WAY_OUT}"
    )]
    Fork {
        /// Size of the accepted head.
        remembered: u64,
        /// Size of the refused one.
        offered: u64,
        /// File in the keeper's folder.
        evidence: String,
    },
    /// An earlier alarm stands.
    #[error(
        "the keeper takes no runs since it was shown a {} of its log; look at {} in its folder; {WAY_OUT}",
        .0.alarm.code(), .0.evidence
    )]
    Frozen(Frozen),
    /// The memory is gone.
    #[error(
        "the keeper's {HEAD_FILE} {0}, so that it cannot tell an old head from a new one; restore the file, or {WAY_OUT}"
    )]
    HeadLost(&'static str),
    /// The proof starts elsewhere than at the remembered head.
    #[error(
        "the proof starts from the head of {from} records, but this keeper remembers {remembered}; ask it for its head again"
    )]
    HeadMoved {
        /// Size of the accepted head.
        remembered: u64,
        /// Start of the proof.
        from: u64,
    },
    /// The folder's policy was changed to another log.
    #[error(
        "this keeper remembers the log {remembered}, its policy is of {found}; restore the policy, or make a folder of its own for the other log"
    )]
    OtherLog {
        /// Origin of the accepted head.
        remembered: String,
        /// Origin of the offered one.
        found: String,
    },
    /// The intent logged is not the one signed.
    #[error("the logged run-intent is not the one that this keeper signed")]
    OtherIntent,
    /// The age file does not open.
    #[error("the sealed form does not open: {0}")]
    Open(String),
    /// The plaintext is not a form body.
    #[error("the sealed form: {0}")]
    Seal(#[from] SealError),
    /// Items do not give the committed root.
    #[error(
        "the items in the seal do not give the committed root; the form was changed after its commitment"
    )]
    ItemsRoot,
    /// Items are not of this program.
    #[error("the sealed form: {0}")]
    Form(#[from] FormError),
    /// An item does not fit into a prompt.
    #[error("item {0} is longer than a prompt may be; shorten it")]
    Prompt(usize),
    /// A blob did not have its announced digest.
    #[error("a blob arrived damaged: {0}")]
    Blob(String),
    /// The enclave itself failed.
    #[error("the enclave could not do it: {0}")]
    Ours(String),
}

impl Refused {
    /// Stable code, kebab-case.
    pub fn code(&self) -> &'static str {
        match self {
            Self::NoStation(_) | Self::PolicyLog => "no-station",
            Self::State(_) => "state",
            Self::Policy(_) => "policy",
            Self::Manifests(_) | Self::Manifest(_) => "manifest",
            Self::Checkpoint(NotAttested::Unmet { .. }) => "quorum",
            Self::Checkpoint(_) | Self::LogKey(_) => "checkpoint",
            Self::Key { .. } | Self::KeyText(_) => "key",
            Self::Leaf { .. } | Self::Statement { .. } => "record",
            Self::NotIncluded { .. } => "not-included",
            Self::Role(_) => "role",
            Self::Station { .. } => "other-station",
            Self::OtherEvidence => "other-evidence",
            Self::SealDigest { .. } => "seal-digest",
            Self::OtherEnclave(_) => "other-enclave",
            Self::ComponentDigest { .. } => "component-digest",
            Self::Grader { .. } => "grader",
            Self::Time(_) => "time",
            Self::CloseBy { .. } => "close-by",
            Self::Reason(_) => "reason",
            Self::OtherManifest { .. } => "other-manifest",
            Self::Repeated(_) => "repeated",
            Self::UnknownRun(_) => "unknown-run",
            Self::Busy(_) => "busy",
            Self::NotStarted(_) => "not-started",
            Self::Inconsistent(_) => "inconsistent",
            Self::Rollback { .. } => "rollback",
            Self::Fork { .. } => "fork",
            Self::Frozen(_) => "frozen",
            Self::HeadLost(_) => "head-lost",
            Self::HeadMoved { .. } => "head-moved",
            Self::OtherLog { .. } => "other-log",
            Self::OtherIntent => "other-intent",
            Self::Open(_) | Self::Seal(_) => "seal",
            Self::ItemsRoot => "items-root",
            Self::Form(_) | Self::Prompt(_) | Self::Benchmark { .. } => "form",
            Self::Blob(_) => "blob",
            Self::Ours(_) => "ours",
        }
    }
}

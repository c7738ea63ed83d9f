//! A portable proof (c2sp.org/tlog-proof): one record of any type, its place, and who vouches for its log.
//!
//! A proof carries no manifest, so whether the signer may sign such a record is reported as not checked.

use thiserror::Error;

use super::{
    attested,
    logged::{LoggedError, verify_logged},
    report::{Report, Stopped},
};
use crate::{
    checkpoint::{Checkpoint, CheckpointError},
    json::{self, JsonError},
    policy::{NotAttested, Policy},
    proof::{LogProof, ProofTextError, RecordExtra},
    statement::{self, StatementError},
    wire::Proven,
};

/// Why a proof is refused.
#[derive(Debug, Error)]
enum ProofError {
    #[error("the file is not UTF-8")]
    NotUtf8,
    #[error(transparent)]
    Text(#[from] ProofTextError),
    #[error(transparent)]
    Checkpoint(#[from] CheckpointError),
    #[error(transparent)]
    NotAttested(#[from] NotAttested),
    #[error("the proof has no extra line, so its record is unknown")]
    NoExtra,
    #[error("extra of the proof: {0}")]
    Extra(#[from] JsonError),
    #[error(transparent)]
    Logged(#[from] LoggedError),
    #[error(transparent)]
    Statement(#[from] StatementError),
}

pub(super) fn check(
    report: &mut Report,
    text: &[u8],
    policy: &Policy,
    now: Option<u64>,
) -> Result<(), Stopped> {
    let proof = report.check(
        "proof",
        "the file is a tlog-proof in its one form",
        read(text),
    )?;
    let origin = report.check(
        "policy",
        "the policy pins the log of the proof",
        pinned_origin(&proof, policy),
    )?;
    let attested = attested::check(report, &proof.checkpoint, &origin, policy, now)?;
    let index = proof.index;
    let name = report.check(
        "record",
        format!("the record stands in the log at index {index} and its signature verifies"),
        record(proof, &attested.checkpoint),
    )?;
    report.not_checked(
        "role",
        format!("the signer may sign a {name} at index {index}"),
        "a proof carries no manifest; a receipt bundle does",
    );
    report.complete();
    Ok(())
}

fn read(text: &[u8]) -> Result<LogProof, ProofError> {
    let text = str::from_utf8(text).map_err(|_| ProofError::NotUtf8)?;
    Ok(LogProof::parse(text)?)
}

fn pinned_origin(proof: &LogProof, policy: &Policy) -> Result<String, ProofError> {
    let origin = Checkpoint::peek(&proof.checkpoint)?.origin;
    if policy.keys_for(&origin).is_empty() {
        return Err(NotAttested::UnknownLog(origin).into());
    }
    Ok(origin)
}

/// The type of the record, such as `receipt`.
fn record(proof: LogProof, checkpoint: &Checkpoint) -> Result<String, ProofError> {
    let extra = proof.extra.ok_or(ProofError::NoExtra)?;
    let extra: RecordExtra = json::from_slice(&extra)?;
    let proven = Proven {
        envelope: extra.dsse_envelope,
        index: proof.index,
        path: proof.path,
        public_key: extra.public_key,
    };
    verify_logged(&proven, checkpoint)?;
    Ok(statement::predicate_name(&proven.envelope)?)
}

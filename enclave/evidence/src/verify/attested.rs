//! Who signed a bundle's checkpoint: its log, the quorum, and lines that nobody here can check.
//!
//! In a note at large a line by an unknown key is skipped. In a bundle it could come and go unseen,
//! so each line must be accounted for: checked, or well formed and reported as not checked.

use std::collections::BTreeSet;

use thiserror::Error;

use super::report::{Report, Stopped};
use crate::{
    checkpoint::CheckpointError,
    cosignature,
    note::{self, SignatureLine},
    policy::{Attested, Cosigned, NotAttested, Policy, Quorum},
    time,
};

/// Why a bundle's checkpoint is refused before its quorum is counted.
#[derive(Debug, Error)]
enum SignedError {
    #[error(transparent)]
    NotAttested(#[from] NotAttested),
    #[error("checkpoint has two signature lines by one key of {0}")]
    Repeated(String),
    #[error(
        "checkpoint has a line by {0}, which is no cosignature and whose key the policy does not name"
    )]
    Unknown(String),
}

/// Adds the lines `checkpoint`, `quorum` and, where there are any, `cosigners`.
pub(super) fn check(
    report: &mut Report,
    note: &str,
    origin: &str,
    policy: &Policy,
    now: Option<u64>,
) -> Result<Attested, Stopped> {
    let (attested, unknown) = report.check(
        "checkpoint",
        format!("the checkpoint is signed by the log {origin}"),
        signed(note, origin, policy, now),
    )?;
    let attested = quorum(report, attested)?;
    if !unknown.is_empty() {
        report.not_checked(
            "cosigners",
            format!("{} cosigned the checkpoint", unknown.join(", ")),
            "by witnesses that the policy does not name",
        );
    }
    Ok(attested)
}

/// What the policy finds, which may be a missing quorum, and the names of unknown cosigners.
type Signed = (Result<Attested, NotAttested>, Vec<String>);

fn signed(
    note: &str,
    origin: &str,
    policy: &Policy,
    now: Option<u64>,
) -> Result<Signed, SignedError> {
    let unknown = unknown_cosigners(note, origin, policy)?;
    match policy.check(note, now) {
        Err(reason) if !matches!(reason, NotAttested::Unmet { .. }) => Err(reason.into()),
        attested => Ok((attested, unknown)),
    }
}

/// Names under lines that no key of the policy can check; any line that cannot be one is refused.
fn unknown_cosigners(
    note: &str,
    origin: &str,
    policy: &Policy,
) -> Result<Vec<String>, SignedError> {
    let note = note::parse(note).map_err(|e| NotAttested::from(CheckpointError::Note(e)))?;
    let keys = policy.keys_for(origin);
    let is_known = |line: &SignatureLine<'_>| {
        let is_log = keys
            .iter()
            .any(|key| (key.name(), key.id()) == (line.name, line.id));
        let mut witnesses = policy.witnesses().iter().map(|witness| &witness.key);
        is_log || witnesses.any(|key| (key.name(), key.id()) == (line.name, line.id))
    };
    let (mut seen, mut unknown) = (BTreeSet::new(), Vec::new());
    for line in &note.lines {
        let name = line.name.to_owned();
        if !seen.insert((line.name, line.id)) {
            return Err(SignedError::Repeated(name));
        }
        // The log's other keys are checked with the manifest, which says who they are.
        if is_known(line) || line.name == origin {
            continue;
        }
        if !cosignature::is_well_formed(line) {
            return Err(SignedError::Unknown(name));
        }
        unknown.push(name);
    }
    Ok(unknown)
}

fn quorum(
    report: &mut Report,
    attested: Result<Attested, NotAttested>,
) -> Result<Attested, Stopped> {
    let says = match &attested {
        Err(_) => "enough witnesses of the policy vouch for the checkpoint".to_owned(),
        Ok(Attested {
            cosigned, quorum, ..
        }) => match quorum {
            Quorum::Met { name, time } => format!(
                "the quorum {name} vouched for the checkpoint at {}: {}",
                time::from_seconds(*time),
                told(cosigned)
            ),
            Quorum::None => {
                let says = "other stations vouch for the checkpoint";
                report.not_checked("quorum", says, unwatched(cosigned));
                return attested.map_err(|_| Stopped);
            }
        },
    };
    report.check("quorum", says, attested)
}

fn unwatched(cosigned: &[Cosigned]) -> String {
    let mut why = "the policy says `quorum none`: the station alone vouches for its log".to_owned();
    if !cosigned.is_empty() {
        why = format!("{why}, although it was cosigned by {}", told(cosigned));
    }
    why
}

fn told(cosigned: &[Cosigned]) -> String {
    let lines = cosigned.iter().map(|line| {
        let Cosigned {
            witness,
            cosigner,
            time,
        } = line;
        format!("{witness} ({cosigner}) at {}", time::from_seconds(*time))
    });
    lines.collect::<Vec<_>>().join(", ")
}

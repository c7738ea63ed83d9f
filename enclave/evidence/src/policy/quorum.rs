//! Does a checkpoint have the quorum that a policy wants, and since when?
//!
//! Each witness counts in one way only, since a name is a member of at most one group. A quorum has
//! no age without a clock; whoever holds one asks [`Quorum::freshness`].

use thiserror::Error;

use super::{Member, Policy};
use crate::{
    checkpoint::{Checkpoint, CheckpointError, Opened},
    cosignature::CosignerKey,
    note::VerifierKey,
};

/// Oldest quorum, in seconds, that a live page shows as valid.
pub const QUORUM_SECONDS_MAX: u64 = 60 * 60;

/// A checkpoint that a policy believes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attested {
    /// What was signed.
    pub checkpoint: Checkpoint,
    /// Keys of the log that signed; at least one.
    pub logs: Vec<VerifierKey>,
    /// Lines of the policy's witnesses, in the order of the policy.
    pub cosigned: Vec<Cosigned>,
    /// What the policy asks of them.
    pub quorum: Quorum,
}

/// A verified cosignature.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cosigned {
    /// The name that the policy gives the witness.
    pub witness: String,
    /// The name that the witness signs under.
    pub cosigner: String,
    /// Newest stated time, in seconds since 1970.
    pub time: u64,
}

/// The quorum of a checkpoint that a policy believes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Quorum {
    /// The policy says `quorum none`: the station alone vouches for its log.
    None,
    /// Enough witnesses cosigned.
    Met {
        /// Name of the witness or group.
        name: String,
        /// Seconds since 1970 at which enough of them had last vouched.
        time: u64,
    },
}

/// How old a quorum is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Freshness {
    /// Without a quorum nobody states a time.
    Unknown,
    /// Not older than asked; age in seconds.
    Fresh(u64),
    /// Older than asked: the log may have gone on, or been cut off. Age in seconds.
    Stale(u64),
}

/// Why a policy does not believe a checkpoint.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum NotAttested {
    /// The note is refused.
    #[error(transparent)]
    Checkpoint(#[from] CheckpointError),
    /// No `log` line for the origin.
    #[error("the policy names no log {0}; add its `log` line or use another policy")]
    UnknownLog(String),
    /// Too few witnesses cosigned.
    #[error("checkpoint lacks the quorum {name}: no cosignature by {}", missing.join(", "))]
    Unmet {
        /// Name of the witness or group.
        name: String,
        /// Who did cosign.
        cosigned: Vec<Cosigned>,
        /// Names of the witnesses below the quorum that did not.
        missing: Vec<String>,
    },
}

impl Quorum {
    /// Compares the age of the quorum with the oldest allowed, both in seconds.
    pub fn freshness(&self, now: u64, seconds_max: u64) -> Freshness {
        let Self::Met { time, .. } = self else {
            return Freshness::Unknown;
        };
        let age = now.saturating_sub(*time);
        if age > seconds_max {
            return Freshness::Stale(age);
        }
        Freshness::Fresh(age)
    }
}

impl Policy {
    /// Verifies a checkpoint: a line of its log, every line by a key that the policy names, the quorum.
    ///
    /// With a clock, cosignatures far ahead of `now` (seconds since 1970) refuse the note.
    pub fn check(&self, note: &str, now: Option<u64>) -> Result<Attested, NotAttested> {
        let origin = Checkpoint::peek(note)?.origin;
        let keys = self.keys_for(&origin);
        if keys.is_empty() {
            return Err(NotAttested::UnknownLog(origin));
        }
        let cosigners: Vec<CosignerKey> = self.witnesses.iter().map(|w| w.key.clone()).collect();
        let opened = Checkpoint::open_cosigned(note, &keys, &cosigners, now)?;
        let times = &opened.cosigned;
        let cosigned = self.cosigned(times);
        let Some(member) = self.quorum else {
            return Ok(attested(opened, cosigned, Quorum::None));
        };
        let name = self.name_of(member).to_owned();
        match self.vouched(member, times) {
            Some(time) => Ok(attested(opened, cosigned, Quorum::Met { name, time })),
            None => Err(NotAttested::Unmet {
                name,
                missing: self.missing(member, times),
                cosigned,
            }),
        }
    }

    fn cosigned(&self, times: &[Option<u64>]) -> Vec<Cosigned> {
        let both = self.witnesses.iter().zip(times);
        let line = both.filter_map(|(witness, time)| {
            Some(Cosigned {
                witness: witness.name.clone(),
                cosigner: witness.key.name().to_owned(),
                time: (*time)?,
            })
        });
        line.collect()
    }

    /// When a member last vouched: of a group, the time by which its threshold had.
    fn vouched(&self, member: Member, times: &[Option<u64>]) -> Option<u64> {
        match member {
            Member::Witness(at) => times[at],
            Member::Group(at) => {
                let group = &self.groups[at];
                let members = group.members.iter();
                let vouched: Vec<u64> = members
                    .filter_map(|member| self.vouched(*member, times))
                    .collect();
                let since = |time: u64| vouched.iter().filter(|at| **at >= time).count();
                let by_enough = |time: &u64| since(*time) >= group.threshold;
                vouched.iter().copied().filter(by_enough).max()
            }
        }
    }

    fn missing(&self, member: Member, times: &[Option<u64>]) -> Vec<String> {
        if self.vouched(member, times).is_some() {
            return Vec::new();
        }
        match member {
            Member::Witness(at) => vec![self.witnesses[at].name.clone()],
            Member::Group(at) => {
                let members = self.groups[at].members.iter();
                members
                    .flat_map(|member| self.missing(*member, times))
                    .collect()
            }
        }
    }
}

fn attested(opened: Opened, cosigned: Vec<Cosigned>, quorum: Quorum) -> Attested {
    Attested {
        checkpoint: opened.checkpoint,
        logs: opened.logs,
        cosigned,
        quorum,
    }
}

#[cfg(test)]
mod tests;

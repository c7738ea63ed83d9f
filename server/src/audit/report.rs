//! What an audit says at its end: findings, what was checked, what was not, and the runs without a
//! result.
//!
//! It decides nothing: with any finding the audit failed.

use std::{collections::BTreeMap, fmt::Display};

use assay_evidence::{
    audit::{Aborted, Finding, Findings, Open, Replay},
    checkpoint::Checkpoint,
    digest::Digest,
    policy::{Freshness, QUORUM_SECONDS_MAX},
};

use serde::Serialize;

use crate::clock::Millis;

use super::{
    Audit, Depth,
    head::{Ground, Head, Pin},
    source::Source,
};

/// The report.
#[derive(Clone, Debug, Serialize)]
pub struct Report {
    /// Address or folder.
    pub source: String,
    /// True when nothing was found.
    pub passed: bool,
    /// The checkpoint, once it stood.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub checkpoint: Option<Stated>,
    /// The policy.
    pub policy: PolicyUsed,
    /// Findings in the order in which they were made.
    pub findings: Vec<Finding>,
    /// How many more there were.
    pub more_findings: u64,
    /// What was checked.
    pub checked: Vec<Checked>,
    /// What was not, and why.
    pub not_checked: Vec<NotChecked>,
    /// How many of those are things that the station wrote and that this program cannot check.
    pub uncheckable: u64,
    /// Records by type.
    pub records: BTreeMap<String, u64>,
    /// Indexes of records that a later manifest makes void.
    pub void: Vec<u64>,
    /// The lot that decided which receipts of revealed forms were run again, if one did.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub draw: Option<Draw>,
    /// Runs that are open.
    pub open: Vec<OpenRun>,
    /// Runs that ended without a result.
    pub aborted: Vec<Aborted>,
}

/// A checkpoint.
#[derive(Clone, Debug, Serialize)]
pub struct Stated {
    /// Origin of the log.
    pub origin: String,
    /// Root.
    pub root: Digest,
    /// Records.
    pub size: u64,
}

/// The policy that an audit went by.
#[derive(Clone, Debug, Serialize)]
pub struct PolicyUsed {
    /// Digest of its text.
    pub sha256: Digest,
    /// True when it was taken from the station itself, so that it pins nothing.
    pub from_station: bool,
}

/// Something that was checked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Checked {
    /// What.
    pub what: &'static str,
    /// How many.
    pub count: u64,
}

/// Something that was not.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct NotChecked {
    /// What.
    pub what: String,
    /// Why.
    pub why: String,
}

/// A lot over receipts of revealed forms.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Draw {
    /// Decides: those are drawn whose SHA-256(seed, index as u64be) is lowest and whose adapter is held.
    pub seed: Digest,
    /// Receipts to draw from.
    pub of: u64,
    /// Indexes of those drawn.
    pub drawn: Vec<u64>,
}

/// An open run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct OpenRun {
    /// The run.
    #[serde(flatten)]
    pub run: Open,
    /// True when it should have been closed by now.
    pub lost: bool,
}

impl Report {
    /// Under which name records are counted.
    pub const RECORDS: &str = "records and their signatures";

    pub(super) fn begin(source: &Source, ground: &Ground) -> Self {
        Self {
            source: source.to_string(),
            passed: true,
            checkpoint: None,
            policy: PolicyUsed {
                sha256: ground.sha256,
                from_station: ground.pin == Pin::Station,
            },
            findings: Vec::new(),
            more_findings: 0,
            checked: Vec::new(),
            not_checked: Vec::new(),
            uncheckable: 0,
            records: BTreeMap::new(),
            void: Vec::new(),
            draw: None,
            open: Vec::new(),
            aborted: Vec::new(),
        }
    }

    pub(super) fn found_head(&mut self, head: &Head, now: Millis) {
        let Checkpoint { origin, size, root } = head.checkpoint().clone();
        self.checkpoint = Some(Stated { origin, root, size });
        self.checked(
            "signatures of the log under the checkpoint",
            head.attested.logs.len() as u64,
        );
        let quorum = &head.attested.quorum;
        let what = "that other stations vouch for the checkpoint";
        match quorum.freshness(now.seconds(), QUORUM_SECONDS_MAX) {
            Freshness::Unknown => {
                let why = "the policy says `quorum none`: the station alone vouches for its log";
                return self.not_checked(what, why);
            }
            Freshness::Fresh(_) => {}
            Freshness::Stale(age) => {
                let why = format!("the quorum is {age} s old; the log may have gone on since");
                self.not_checked("that this is the newest checkpoint", why);
            }
        }
        let cosigned = head.attested.cosigned.len() as u64;
        self.checked("cosignatures under the checkpoint", cosigned);
    }

    /// Takes what the replay found.
    pub(super) fn replayed(&mut self, replay: &Replay, audit: &Audit, upper_tiles: u64) {
        let Findings { kept, more } = replay.findings();
        for finding in kept {
            self.found(finding.clone());
        }
        self.more_findings += more;
        let size = replay.tree().size();
        self.checked("entries and their leaf hashes", size);
        self.checked("tiles of hashes", size.div_ceil(256) + upper_tiles);
        if audit.depth == Depth::Hashes {
            self.not_checked(
                "records, signatures, runs and boards",
                "only hashes were asked for",
            );
            return;
        }
        self.records.clone_from(replay.counts());
        self.checked(Self::RECORDS, replay.counts().values().sum());
        for kind in replay.counts().keys().filter(|kind| kind.contains('/')) {
            let why = "this version does not understand the type";
            self.uncheckable(format!("records of type {kind}"), why);
        }
        self.void = replay.voided();
        self.aborted = replay.aborted().to_vec();
        let now = audit.now.rfc3339();
        self.open = replay
            .open()
            .into_iter()
            .map(|run| OpenRun {
                lost: run.close_by < now,
                run,
            })
            .collect();
    }

    /// Adds a finding.
    pub(super) fn found(&mut self, finding: Finding) {
        self.passed = false;
        if self.findings.len() < assay_evidence::audit::FINDINGS_MAX {
            self.findings.push(finding);
        } else {
            self.more_findings += 1;
        }
    }

    /// Was something found in one of these records?
    pub(super) fn holds_against(&self, records: &[u64]) -> bool {
        let is_one = |finding: &Finding| finding.record.is_some_and(|at| records.contains(&at));
        self.findings.iter().any(is_one)
    }

    /// Adds a finding after which nothing can be checked.
    pub(super) fn stop(&mut self, finding: Finding, why: &str) {
        self.found(finding);
        self.not_checked("everything else", why);
    }

    pub(super) fn checked(&mut self, what: &'static str, count: u64) {
        self.checked.push(Checked { what, count });
    }

    pub(super) fn not_checked(&mut self, what: impl Display, why: impl Display) {
        self.not_checked.push(NotChecked {
            what: what.to_string(),
            why: why.to_string(),
        });
    }

    /// Something that the station wrote in a way that only other programs could check.
    pub(super) fn uncheckable(&mut self, what: impl Display, why: impl Display) {
        self.uncheckable += 1;
        self.not_checked(what, why);
    }

    /// True when nothing was found.
    pub fn passed(&self) -> bool {
        self.passed
    }
}

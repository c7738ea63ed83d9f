//! The audit of a whole station from its public files alone: fetched, replayed, recomputed, run again.
//!
//! It believes the policy that it is given and nothing else. Pure judgement lies in
//! `assay_evidence::audit`; here is what has to be fetched for it. Nothing is written but what
//! `state` remembers.

mod blobs;
mod boards;
mod entries;
mod head;
mod records;
mod report;
mod reveals;
mod source;
mod state;
mod tiles;

use std::path::{Path, PathBuf};

use assay_evidence::{
    audit::{Finding, Pinned, Replay},
    checkpoint::Checkpoint,
    digest::Digest,
    record::Receipt,
};

use crate::clock::{Clock, Millis};

pub use head::Pin;
pub use report::{Checked, Draw, NotChecked, OpenRun, Report};
pub use source::{Source, SourceError, Unserved};

use blobs::Blobs;
use entries::Enough;
use head::{Ground, Head};
use records::Records;
use state::State;

/// How deep an audit goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Depth {
    /// Checkpoint, tiles and entries; no record is fetched.
    Hashes,
    /// Everything.
    Records,
}

/// Which receipts of revealed forms are run again, of those whose adapters are held.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rerun {
    /// Every one.
    All,
    /// Some, drawn by lot.
    Drawn {
        /// How many.
        many: usize,
        /// Decides which; whoever knows it draws the same.
        seed: Digest,
    },
}

/// What is to be audited, and by what.
#[derive(Clone, Debug)]
pub struct Audit {
    /// Address or folder of the public files.
    pub station: String,
    /// A policy of one's own.
    pub policy: Option<PathBuf>,
    /// A checkpoint seen before.
    pub seen: Option<PathBuf>,
    /// Folder in which to remember the checkpoint for the next audit.
    pub keep: Option<PathBuf>,
    /// How deep.
    pub depth: Depth,
    /// Which receipts of revealed forms are run again.
    pub rerun: Rerun,
    /// Folder with adapters of one's own.
    pub adapters: Option<PathBuf>,
    /// After so many seconds of running again no further run is begun.
    pub patience_seconds: u64,
    /// Present time.
    pub now: Millis,
}

/// How far an audit is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Progress {
    /// So many of so many records were replayed.
    Records {
        /// Done.
        done: u64,
        /// In all.
        of: u64,
    },
    /// So many of so many boards were recomputed.
    Boards {
        /// Done.
        done: u64,
        /// In all.
        of: u64,
    },
    /// So many of so many receipts were run again.
    Reruns {
        /// Done.
        done: u64,
        /// In all.
        of: u64,
    },
}

/// What an audit calls while it goes on, from its own thread.
pub struct Tools<'a> {
    /// How far it is.
    pub progress: &'a dyn Fn(Progress),
    /// Present time.
    pub clock: &'a Clock,
    /// Runs a component on a form body again, as the receipt says it was run.
    pub again: &'a Again<'a>,
}

/// Receipt, form body, component: the names of what differs, or why it cannot be run here.
pub type Again<'a> = dyn Fn(&Receipt, &Path, &Path) -> Result<Vec<&'static str>, String> + 'a;

/// Why an audit cannot be made, whatever the station did.
#[derive(Debug, thiserror::Error)]
pub enum AuditError {
    /// A file of the auditor's own.
    #[error("{path}: {source}")]
    File {
        /// Which.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The policy does not load.
    #[error("{name}: {says}")]
    Policy {
        /// Its file or address.
        name: String,
        /// What is wrong with it.
        says: String,
    },
    /// The station has no policy to offer.
    #[error("{0}; give a policy of your own with --policy")]
    NoPolicy(Unserved),
    /// The checkpoint seen before is none.
    #[error("{path}: {says}")]
    Seen {
        /// Its file.
        path: PathBuf,
        /// What is wrong with it.
        says: String,
    },
    /// Fetching.
    #[error(transparent)]
    Source(#[from] SourceError),
}

impl Audit {
    /// Makes the audit.
    pub fn run(&self, tools: &Tools) -> Result<Report, AuditError> {
        let source = Source::open(&self.station)?;
        let ground = head::ground(&source, self.policy.as_deref())?;
        let mut report = Report::begin(&source, &ground);
        let head = match head::fetch(&source, &ground.policy, self.now)? {
            Ok(head) => head,
            Err(finding) => {
                report.stop(finding, "the checkpoint does not stand");
                return Ok(report);
            }
        };
        report.found_head(&head, self.now);
        let state = State::open(self.keep.as_deref(), &head)?;
        let seen = self.seen(&state, &ground)?;
        let compared = seen
            .iter()
            .find_map(|seen| head::compare(seen, &head).err());
        if let Some(finding) = compared {
            state.keep_conflict(&head)?;
            report.stop(finding, "the log contradicts what was seen before");
            return Ok(report);
        }
        let all = self.replay(&source, &head, &seen, &mut report, tools)?;
        if self.depth == Depth::Records && all.reaches(&head) {
            let mut blobs = Blobs::new(&source);
            boards::check(&head, self.now, &all, &mut blobs, &mut report, tools)?;
            reveals::check(self, &all, &mut blobs, &mut report, tools)?;
            report.checked("blobs fetched and hashed", blobs.good());
        }
        if all.continues(&seen, &head) {
            state.remember(&head)?;
        } else {
            state.keep_conflict(&head)?;
        }
        Ok(report)
    }

    /// The checkpoints to compare with: the one that is named and the one remembered.
    fn seen(&self, state: &State, ground: &Ground) -> Result<Vec<Head>, AuditError> {
        let paths = self.seen.as_deref().into_iter().chain(state.remembered());
        paths
            .map(|path| head::read_seen(path, &ground.policy))
            .collect()
    }

    /// Replays the log, to its end unless an entry bundle is broken.
    fn replay(
        &self,
        source: &Source,
        head: &Head,
        seen: &[Head],
        report: &mut Report,
        tools: &Tools,
    ) -> Result<Replayed, AuditError> {
        let checkpoint = head.checkpoint();
        let of = checkpoint.size;
        let mut all = Replayed::new(head);
        let mut stopped = false;
        entries::read(self.log(source, checkpoint), |bundle| {
            stopped = bundle.entries.is_empty();
            for finding in bundle.findings {
                all.replay.note(finding);
            }
            for entry in bundle.entries {
                if let Some(record) = all.replay.push(entry) {
                    all.records.keep(&record);
                }
            }
            let done = all.replay.tree().size();
            (tools.progress)(Progress::Records { done, of });
            if stopped { Enough::Yes } else { Enough::No }
        })?;
        all.replay
            .close(&head.attested, seen.iter().map(Head::checkpoint));
        if stopped {
            let from = all.replay.tree().size();
            let why = "its entry bundle is not of its form";
            report.not_checked(format!("records from {from} on"), why);
            report.replayed(&all.replay, self, 0);
            return Ok(all);
        }
        let mut upper = Vec::new();
        let compared = tiles::compare_upper(source, all.replay.tree(), |found: Finding| {
            upper.push(found);
        })?;
        for found in upper {
            all.replay.note(found);
        }
        report.replayed(&all.replay, self, compared);
        Ok(all)
    }

    fn log<'a>(&self, source: &'a Source, checkpoint: &'a Checkpoint) -> entries::Log<'a> {
        entries::Log {
            source,
            origin: &checkpoint.origin,
            size: checkpoint.size,
            depth: self.depth,
        }
    }
}

/// A log that was replayed, and the records of it that are looked at further.
struct Replayed {
    replay: Replay,
    records: Records,
}

impl Replayed {
    fn new(head: &Head) -> Self {
        let pinned = Pinned {
            origin: head.checkpoint().origin.clone(),
            manifest: head.manifest,
        };
        Self {
            replay: Replay::new(pinned),
            records: Records::default(),
        }
    }

    /// Was it replayed to its end?
    fn reaches(&self, head: &Head) -> bool {
        self.replay.tree().size() == head.checkpoint().size
    }

    /// Do its entries lead from all that was seen to this checkpoint? Only then may the checkpoint
    /// take the place of what was seen.
    fn continues(&self, seen: &[Head], head: &Head) -> bool {
        let is_own = |one: &Head| self.replay.is_own(&one.checkpoint().head());
        self.reaches(head) && is_own(head) && seen.iter().all(is_own)
    }
}

#[cfg(test)]
mod tests;

//! The only task that extends the log: dedupe, stage, audit, sign, swap the head, put the files in place.
//!
//! Up to the swap any failure costs a batch that nobody was told about. From the swap on the head is
//! signed, so any failure stops the log and start-up finishes the work. It publishes nothing.

use std::{collections::HashSet, sync::Arc, time::Duration};

use assay_evidence::{
    checkpoint::Checkpoint,
    digest::Digest,
    record::{Predicate as _, RecordRef, RunIntent},
};
use tokio::{
    sync::mpsc,
    task::spawn_blocking,
    time::{Instant, sleep_until},
};
use tokio_util::sync::CancellationToken;

use super::{
    LogError, LogSigners, POOL_MAX,
    audit::{self, Flawed, audit},
    batch::{Batch, Entry, Ground},
    files::{FilesError, NewFile, Steps},
    inspect::Inspected,
    shared::{Answer, Caller, Shared},
    staged,
    status::Condition,
};
use crate::{
    clock::Millis,
    store::{
        Place,
        lock::{Lock, PublicNote, StoredHead, Swap},
    },
};

/// A record that verifies and waits for the next batch.
pub(super) struct Candidate {
    pub inspected: Inspected,
    pub done: Answer,
}

/// The writer of a log.
pub(super) struct Sequencer {
    pub shared: Arc<Shared>,
    pub signers: Arc<LogSigners>,
    pub lock: Lock,
    pub steps: Steps,
    /// Least time between the beginnings of two batches.
    pub pause: Duration,
    pub ground: Ground,
    pub stop: CancellationToken,
}

/// Why a batch did not become part of the log.
enum Unlogged {
    /// It did not read back as written. Nothing is lost but the batch.
    Flawed(Flawed),
    /// The log goes on no further.
    Worse(Condition),
}

impl Sequencer {
    pub async fn run(mut self, mut pool: mpsc::Receiver<Candidate>) {
        let stop = self.stop.clone();
        let mut due = Instant::now();
        while let Some(Some(first)) = stop.run_until_cancelled(pool.recv()).await {
            sleep_until(due).await;
            due = Instant::now() + self.pause;
            let mut candidates = vec![first];
            while candidates.len() < POOL_MAX
                && let Ok(next) = pool.try_recv()
            {
                candidates.push(next);
            }
            if *self.shared.condition.borrow() != Condition::Running {
                break;
            }
            let mut callers = Vec::new();
            let outcome = self.sequence(&mut candidates, &mut callers).await;
            if let Err(condition) = outcome {
                // Before candidates and callers are let go: what they are told is read from here.
                self.shared.worsen(&condition);
            }
        }
        self.shared.abandon();
        self.lock.close().await;
    }

    /// Takes one batch through all steps; the condition that it leaves the log in when it cannot go on.
    async fn sequence(
        &mut self,
        candidates: &mut Vec<Candidate>,
        callers: &mut Vec<Caller>,
    ) -> Result<(), Condition> {
        let now = self.check_clock()?;
        let entries = self.admit(candidates, callers).await?;
        if !entries.is_empty() {
            match self.log(entries, now).await {
                Ok(()) => {}
                Err(Unlogged::Worse(condition)) => return Err(condition),
                Err(Unlogged::Flawed(Flawed(what))) => {
                    let alarm = format!("a batch was dropped: {what} did not read back as written");
                    self.shared.alarm(&alarm);
                    for caller in callers.drain(..) {
                        caller.done.send(Err(LogError::Audit(what.clone())));
                    }
                }
            }
        }
        self.shared.wait(callers.drain(..));
        // A publisher that was faster than these callers has gone by.
        self.shared.release();
        Ok(())
    }

    /// Steps 2 to 5 of the specification.
    async fn log(&mut self, entries: Vec<Entry>, now: Millis) -> Result<(), Unlogged> {
        let before = self.shared.view().stored;
        let ground = self.ground.clone();
        let built = spawn_blocking(move || {
            let batch = Batch::build(&ground, &entries);
            (staged::encode(&batch.files), batch, entries)
        });
        let (bytes, batch, entries) = built.await.map_err(|_| ended())?;
        let size = batch.ground.edge.size();
        let name = staged::name(size, &batch.root);
        let stage = self.shared.files.stage(&name, bytes).await;
        stage.map_err(|error| unsigned(&error))?;
        let to = audit::Step {
            size,
            root: batch.root,
        };
        let files = match self.audit(&name, &before, to).await {
            Err(Unlogged::Flawed(flawed)) => {
                let forgotten = self.shared.files.unstage(&name).await;
                forgotten.map_err(|error| unsigned(&error))?;
                return Err(Unlogged::Flawed(flawed));
            }
            audited => audited?,
        };
        let head = self.sign(to, now);
        self.swap(&before, &head).await?;
        self.put_in_place(files, &entries, to)
            .await
            .map_err(|error| {
                let says = format!("the files of a signed head are not all in place: {error}");
                Unlogged::Worse(Condition::Stopped(says))
            })?;
        self.ground = batch.ground;
        self.shared.change(|view| {
            view.edge = Arc::new(self.ground.edge.clone());
            view.stored = Arc::new(head);
        });
        self.shared.stored.send_replace(size);
        Ok(())
    }

    /// Reads the staged batch back and recomputes it from the last head.
    async fn audit(
        &self,
        name: &str,
        before: &StoredHead,
        to: audit::Step,
    ) -> Result<Vec<NewFile>, Unlogged> {
        let read = self
            .shared
            .files
            .staged(name)
            .await
            .map_err(|error| unsigned(&error))?;
        let read = read.ok_or_else(|| Unlogged::Flawed(Flawed("the staged batch".to_owned())))?;
        let edge = Arc::clone(&self.shared.view().edge);
        let from = audit::Step {
            size: before.size,
            root: before.root,
        };
        spawn_blocking(move || audit(&read, &edge, from, to))
            .await
            .map_err(|_| ended())?
            .map_err(Unlogged::Flawed)
    }

    fn sign(&self, to: audit::Step, at: Millis) -> StoredHead {
        let checkpoint = Checkpoint {
            origin: self.shared.origin.to_string(),
            size: to.size,
            root: to.root,
        };
        let signed = self.signers.sign(&checkpoint);
        StoredHead {
            size: to.size,
            root: to.root,
            note: signed.expect("an origin that opened a log is a key name"),
            at,
        }
    }

    async fn swap(&self, before: &StoredHead, head: &StoredHead) -> Result<(), Unlogged> {
        let unclear =
            |error: &dyn std::fmt::Display| format!("the lock store gave no clear answer: {error}");
        let public = self.public_note();
        let from = (before.size, before.root);
        let swapped = self
            .steps
            .swap(self.lock.swap(from, head, public.as_ref()))
            .await;
        let says = match swapped {
            Ok(Ok(Swap::Done)) => return Ok(()),
            Ok(Ok(Swap::Lost)) => {
                "another process has written this log; let one server alone use its folder"
                    .to_owned()
            }
            // Whether the head was stored, only start-up can find out.
            Ok(Err(error)) => unclear(&error),
            Err(error) => unclear(&error),
        };
        Err(Unlogged::Worse(Condition::Stopped(says)))
    }

    async fn put_in_place(
        &self,
        files: Vec<NewFile>,
        entries: &[Entry],
        to: audit::Step,
    ) -> Result<(), LogError> {
        self.shared.files.create(files).await?;
        let first = to.size - entries.len() as u64;
        let rows: Vec<_> = (first..)
            .zip(entries)
            .map(|(index, entry)| entry.row(index))
            .collect();
        Ok(self.shared.index.add(&rows, (to.size, to.root)).await?)
    }

    /// Drops duplicates and refuses what closes no open intent; the new entries, and in `callers` all that
    /// wait for one of these or for an earlier one.
    async fn admit(
        &self,
        candidates: &mut Vec<Candidate>,
        callers: &mut Vec<Caller>,
    ) -> Result<Vec<Entry>, Condition> {
        let once: Vec<Digest> = candidates
            .iter()
            .map(|candidate| candidate.inspected.entry.once)
            .collect();
        let places = self.shared.index.places(&once).await;
        let mut places = places
            .map_err(|error| Condition::Stopped(format!("the index cannot be read: {error}")))?;
        let mut entries = Vec::new();
        let mut closed = HashSet::new();
        for Candidate { inspected, done } in candidates.drain(..) {
            if let Some(place) = places.get(&inspected.entry.once).copied() {
                match self.check_known(place, &inspected.entry, &entries).await {
                    Ok(()) => callers.push(Caller { place, done }),
                    Err(refusal) => done.send(Err(refusal)),
                }
                continue;
            }
            if let Some(intent) = &inspected.closes
                && let Err(refusal) = self.close(intent, &mut closed).await
            {
                done.send(Err(refusal));
                continue;
            }
            let place = Place {
                index: self.ground.edge.size() + entries.len() as u64,
                leaf: inspected.entry.hash,
            };
            places.insert(inspected.entry.once, place);
            entries.push(inspected.entry);
            callers.push(Caller { place, done });
        }
        Ok(entries)
    }

    /// A duplicate is acknowledged when this batch has it, or the log at the place that the index names.
    async fn check_known(
        &self,
        place: Place,
        entry: &Entry,
        batch: &[Entry],
    ) -> Result<(), LogError> {
        if batch.iter().any(|new| new.once == entry.once) {
            return Ok(());
        }
        let edge = &self.ground.edge;
        self.shared.check_duplicate(edge, place, entry).await
    }

    /// The intent is in this log, and neither the log nor this batch closes it already.
    async fn close(&self, intent: &RecordRef, closed: &mut HashSet<u64>) -> Result<(), LogError> {
        let index = &self.shared.index;
        let is_named = index.by_index(intent.index).await?.is_some_and(|row| {
            row.hash == intent.leaf
                && row.name == RunIntent::NAME
                && *intent.origin == *self.shared.origin
        });
        let edge = &self.ground.edge;
        let leaf = self.shared.tiles.leaf(edge, intent.index).await?;
        let is_there = is_named && leaf == Some(intent.leaf);
        let is_open = is_there && index.closing(intent.index).await?.is_none();
        if is_open && closed.insert(intent.index) {
            Ok(())
        } else {
            let intent = intent.index;
            Err(LogError::NotOpen { intent })
        }
    }

    fn check_clock(&self) -> Result<Millis, Condition> {
        let now = self.shared.clock.now();
        let last = self.shared.view().stored.at;
        if now < last {
            let behind = LogError::ClockBehind {
                now: now.rfc3339(),
                last: last.rfc3339(),
            };
            return Err(Condition::Stopped(behind.to_string()));
        }
        Ok(now)
    }

    fn public_note(&self) -> Option<PublicNote> {
        let view = self.shared.view();
        view.public_since.map(|at| PublicNote {
            note: view.published.note.to_string(),
            at,
        })
    }
}

/// A failure before anything was signed.
fn unsigned(error: &FilesError) -> Unlogged {
    let says = format!("a batch could not be staged: {error}");
    Unlogged::Worse(match error {
        FilesError::Sync { .. } => Condition::Stopped(says),
        FilesError::Disk { .. }
        | FilesError::Different(_)
        | FilesError::Objects(_)
        | FilesError::Remote(_) => Condition::ReadOnly(says),
    })
}

/// The runtime takes no more work: the process is ending.
fn ended() -> Unlogged {
    Unlogged::Worse(Condition::Stopped("the process is ending".to_owned()))
}

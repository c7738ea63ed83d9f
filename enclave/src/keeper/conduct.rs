//! Conducts a permitted run to its one end: a signed receipt, or a signed run-abort.
//!
//! Once the intent is in the log the keeper owes the log an end; a refusal is only for a seal that
//! proves not to be what was committed.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, OnceLock, PoisonError},
    time::{Duration, Instant},
};

use assay_evidence::{
    confinement::Confinement,
    digest::Digest,
    dsse::Envelope,
    record::{AbortReason, EvidenceType, Receipt, RunAbort},
    seed,
    statement::sign_record,
    wire::Tell,
};

use super::{
    assignment::{Announced, subject},
    mail::Outbox,
    opening::{self, Permission},
    refusal::Refused,
    state::State,
};
use crate::{
    clock,
    evaluate::{Evaluated, Evaluation, Plan, evaluate},
    lock,
    quarantine::{self, Finding, QuarantineError},
    steward::Steward,
};

/// A run may take this long in all.
const RUN_WALL: Duration = Duration::from_hours(4);
/// Progress is told at most this often.
const PROGRESS_EVERY: Duration = Duration::from_millis(250);
/// Findings that are remembered, and the native code among them.
const FINDINGS_MAX: usize = 64;
const IMAGES_BYTES_MAX: u64 = 1024 * 1024 * 1024;

/// A run that waits or goes on.
pub struct Run {
    /// The server's id.
    pub id: String,
    /// As checked.
    pub announced: Announced,
    /// As proved.
    pub permission: Permission,
    /// Set once to stop it.
    pub stop: Arc<OnceLock<AbortReason>>,
}

/// What conducting needs besides the run.
pub struct Conductor {
    /// Keys.
    pub state: Arc<State>,
    /// Processes.
    pub steward: Arc<Steward>,
    /// The way to the server.
    pub outbox: Arc<Outbox>,
    /// Runners at once.
    pub runners: usize,
    /// The keeper's own layers.
    pub layers: u32,
    findings: Mutex<HashMap<Digest, Arc<Finding>>>,
}

impl Conductor {
    /// Remembers nothing yet.
    pub fn new(
        state: Arc<State>,
        steward: Arc<Steward>,
        outbox: Arc<Outbox>,
        runners: usize,
        layers: u32,
    ) -> Self {
        Self {
            state,
            steward,
            outbox,
            runners,
            layers,
            findings: Mutex::new(HashMap::new()),
        }
    }

    /// Has a component screened and compiled, once in the keeper's life as a rule.
    pub fn finding(&self, component: &[u8]) -> Result<Arc<Finding>, QuarantineError> {
        let key = Digest::of(component);
        let known = self
            .findings
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .get(&key)
            .cloned();
        if let Some(known) = known {
            return Ok(known);
        }
        let finding = Arc::new(quarantine::compile(&self.steward, component)?);
        let mut findings = self.findings.lock().unwrap_or_else(PoisonError::into_inner);
        let held: u64 = findings
            .values()
            .map(|finding| finding.report.image_bytes)
            .sum();
        if findings.len() >= FINDINGS_MAX || held + finding.report.image_bytes > IMAGES_BYTES_MAX {
            findings.clear();
        }
        findings.insert(key, Arc::clone(&finding));
        Ok(finding)
    }

    /// Runs to the end and tells the server.
    pub fn conduct(&self, run: &Run) {
        let id = run.id.clone();
        match self.end(run) {
            Ok(envelope) => self.outbox.tell(&Tell::Closed { run: id, envelope }),
            Err(refused) => self.outbox.refuse(id, &refused),
        }
    }

    fn end(&self, run: &Run) -> Result<Envelope, Refused> {
        if let Some(reason) = run.stop.get() {
            return Ok(self.abort(run, *reason, 0));
        }
        let mut form = opening::open(&self.state, &run.announced.commitment, &run.announced.seal)?;
        let ended = self.evaluated(run, &form);
        opening::wipe(&mut form);
        match ended {
            Ok(Ended::Receipt(evaluation, compiler)) => {
                Ok(self.receipt(run, *evaluation, compiler))
            }
            Ok(Ended::Abort(reason, answered)) => Ok(self.abort(run, reason, answered)),
            Err(ours) => {
                // The machine failed us in the middle of a run that is in the log: it must be closed.
                tracing::error!(%ours, run = run.id, "a run could not go on");
                Ok(self.abort(run, AbortReason::Operator, 0))
            }
        }
    }

    fn evaluated(&self, run: &Run, form: &assay_benchmarks::form::Form) -> Result<Ended, Refused> {
        let ours = |error: &dyn std::fmt::Display| Refused::Ours(error.to_string());
        let finding = self
            .finding(&run.announced.component)
            .map_err(|error| ours(&error))?;
        let Some(image) = &finding.image else {
            return Ok(Ended::Abort(AbortReason::GuestFault, 0));
        };
        let plan = Plan {
            form,
            nonce: run.announced.intent.nonce,
            image,
            runners: self.runners,
        };
        let begun = Instant::now();
        let mut told = begun;
        let items = form.items.len();
        let progress = |done: usize| {
            if told.elapsed() >= PROGRESS_EVERY || done == items {
                told = Instant::now();
                let (done, items) = (done as u64, items as u64);
                self.outbox.tell(&Tell::Progress {
                    run: run.id.clone(),
                    done,
                    items,
                });
            }
        };
        let stop = || {
            let over = begun.elapsed() > RUN_WALL;
            run.stop
                .get()
                .copied()
                .or_else(|| over.then_some(AbortReason::Limit))
        };
        let ended = evaluate(&self.steward, &plan, progress, stop).map_err(|error| ours(&error))?;
        Ok(match ended {
            Evaluated::Complete(evaluation) => Ended::Receipt(evaluation, finding.layers),
            Evaluated::NeverStarts => Ended::Abort(AbortReason::GuestFault, 0),
            Evaluated::Stopped(reason, answered) => Ended::Abort(reason, answered),
        })
    }

    fn receipt(&self, run: &Run, evaluation: Evaluation, compiler: u32) -> Envelope {
        let intent = &run.announced.intent;
        let runner = evaluation.runner_layers;
        let confinement = Confinement {
            keeper: self.layers,
            compiler,
            runner,
            courier: 0,
        };
        if runner != lock::expected(lock::Role::Runner) {
            tracing::warn!(
                runner = format!("{runner:#x}"),
                "a layer of confinement is missing on this machine"
            );
        }
        let receipt = Receipt {
            adapter: intent.adapter,
            before: intent.before.clone(),
            commitment: intent.commitment.clone(),
            confinement: confinement.to_string(),
            counts: evaluation.counts,
            declared: clock::declared_now(),
            evidence: intent.evidence.clone(),
            evidence_type: EvidenceType::None,
            grader: intent.grader.clone(),
            intent: run.permission.intent.clone(),
            limits: intent.limits.clone(),
            nonce: intent.nonce,
            outcomes: evaluation.outcomes,
            runtime: intent.runtime.clone(),
            scores: evaluation.scores,
            seed: seed::run_seed(&run.permission.start.root, &run.permission.intent.leaf),
            start: run.permission.start.head(),
            station: intent.station.clone(),
            submission: intent.submission.clone(),
            usage: evaluation.usage,
        };
        sign_record(&self.state.sign, &[subject(receipt.adapter)], &receipt)
    }

    fn abort(&self, run: &Run, reason: AbortReason, answered: u64) -> Envelope {
        let intent = &run.announced.intent;
        let abort = RunAbort {
            answered,
            declared: clock::declared_now(),
            intent: run.permission.intent.clone(),
            nonce: intent.nonce,
            reason,
            station: intent.station.clone(),
        };
        sign_record(&self.state.sign, &[subject(intent.adapter)], &abort)
    }
}

enum Ended {
    Receipt(Box<Evaluation>, u32),
    Abort(AbortReason, u64),
}

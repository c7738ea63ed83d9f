//! Runs as the log tells them: announced once, under a nonce of their own, and closed at most once.
//!
//! An intent that breaks a rule is reported at the intent; its receipt is then not judged again.

use std::{
    collections::{BTreeMap, HashMap, hash_map::Entry as Slot},
    sync::Arc,
};

use serde::Serialize;

use super::{
    commitments::Forms,
    finding::{Breach, Finding},
    heads,
    roster::Roster,
};
use crate::{
    digest::Digest,
    record::{
        AbortReason, EnclaveEvidence, Head, Receipt, RecordRef, RunAbort, RunIntent, Submission,
    },
    tree::Tree,
    verify::{
        Held, RuleError, history,
        rules::{self, Announced, Run},
        scores,
    },
};

/// All runs so far.
#[derive(Default)]
pub(super) struct Runs {
    pub evidences: BTreeMap<u64, Arc<Held<EnclaveEvidence>>>,
    pub submissions: BTreeMap<u64, Arc<Held<Submission>>>,
    intents: BTreeMap<u64, Intent>,
    nonces: HashMap<Digest, u64>,
    aborted: Vec<Aborted>,
}

/// Everything that a run is judged by, besides the runs before it.
pub(super) struct Ground<'a> {
    pub forms: &'a Forms,
    pub roster: &'a Roster,
    pub tree: &'a Tree,
}

struct Intent {
    leaf: Digest,
    /// Dropped once the run is closed.
    open: Option<Arc<Held<RunIntent>>>,
    is_sound: bool,
    closed_by: Option<u64>,
}

/// A run that was announced and not closed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Open {
    /// Index of its intent.
    pub intent: u64,
    /// Index of its form's commitment.
    pub commitment: u64,
    /// Index of its submission.
    pub submission: u64,
    /// Declared time of the intent.
    pub declared: String,
    /// The run counts as lost after this declared time.
    pub close_by: String,
}

/// A run that ended without a result.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Aborted {
    /// Index of its intent.
    pub intent: u64,
    /// Index of the run-abort.
    pub record: u64,
    /// Declared time of the run-abort.
    pub declared: String,
    /// Why.
    pub reason: AbortReason,
    /// Items answered before the end.
    pub answered: u64,
}

impl Runs {
    /// Takes an intent.
    pub fn announce(&mut self, intent: &Arc<Held<RunIntent>>, ground: &Ground) -> Vec<Finding> {
        let index = intent.reference.index;
        let mut found = Vec::new();
        match self.nonces.entry(intent.predicate.nonce) {
            Slot::Occupied(first) => {
                let says = format!("run-intent repeats the nonce of the one at {}", first.get());
                found.push(Finding::at(index, Breach::ReusedNonce, says));
            }
            Slot::Vacant(free) => {
                free.insert(index);
            }
        }
        let checks = self.check_intent(intent, ground).and_then(|()| {
            ground
                .forms
                .check_in_use(&intent.predicate.commitment, index)
        });
        found.extend(checks.err());
        let known = Intent {
            leaf: intent.reference.leaf,
            open: Some(Arc::clone(intent)),
            is_sound: found.is_empty(),
            closed_by: None,
        };
        self.intents.insert(index, known);
        found
    }

    /// Takes a receipt.
    pub fn receive(&mut self, receipt: &Held<Receipt>, ground: &Ground) -> Result<(), Finding> {
        let (named, index) = (&receipt.predicate.intent, receipt.reference.index);
        let Some(intent) = self.close("receipt", named, index)? else {
            return Ok(());
        };
        let announced = self.announced(&intent, ground)?;
        check_receipt(Run { announced, receipt }, ground)
    }

    /// Takes a run-abort.
    pub fn abort(&mut self, abort: &Held<RunAbort>) -> Result<(), Finding> {
        let (predicate, index) = (&abort.predicate, abort.reference.index);
        let closed = self.close("run-abort", &predicate.intent, index)?;
        self.aborted.push(Aborted {
            intent: predicate.intent.index,
            record: index,
            declared: predicate.declared.clone(),
            reason: predicate.reason,
            answered: predicate.answered,
        });
        if closed.is_some_and(|intent| intent.predicate.nonce != predicate.nonce) {
            let says = "run-abort and intent disagree on the nonce";
            return Err(Finding::at(index, Breach::Disagreement, says));
        }
        Ok(())
    }

    /// Runs that are still open, oldest first.
    pub fn open(&self) -> Vec<Open> {
        let open = self
            .intents
            .values()
            .filter_map(|intent| intent.open.as_ref());
        open.map(|intent| Open {
            intent: intent.reference.index,
            commitment: intent.predicate.commitment.index,
            submission: intent.predicate.submission.index,
            declared: intent.predicate.declared.clone(),
            close_by: intent.predicate.close_by.clone(),
        })
        .collect()
    }

    /// Runs that ended without a result, oldest first.
    pub fn aborted(&self) -> &[Aborted] {
        &self.aborted
    }

    /// Closes the intent that a record names; the intent, if it was sound.
    fn close(
        &mut self,
        kind: &'static str,
        named: &RecordRef,
        index: u64,
    ) -> Result<Option<Arc<Held<RunIntent>>>, Finding> {
        let intent = self.intents.get_mut(&named.index);
        let Some(intent) = intent.filter(|intent| intent.leaf == named.leaf) else {
            let says = format!(
                "{kind} names a run-intent at {}, where this log holds no such",
                named.index
            );
            return Err(Finding::at(index, Breach::ReplayedReceipt, says));
        };
        if let Some(first) = intent.closed_by {
            let says = format!(
                "{kind} closes the run-intent at {}, which {first} closed before",
                named.index
            );
            return Err(Finding::at(index, Breach::DoubleClose, says));
        }
        intent.closed_by = Some(index);
        let open = intent.open.take();
        Ok(open.filter(|_| intent.is_sound))
    }

    fn check_intent(&self, intent: &Held<RunIntent>, ground: &Ground) -> Result<(), Finding> {
        let index = intent.reference.index;
        check_named_order(intent)?;
        let announced = self.announced(intent, ground)?;
        let broken = |rule: RuleError| Finding::at(index, Breach::of_rule(&rule), rule);
        history::check_announced_order(announced).map_err(broken)?;
        check_head("before", &intent.predicate.before, intent, ground)?;
        let Some(chain) = ground.roster.chain() else {
            return Ok(());
        };
        rules::check_announcement(announced, chain).map_err(broken)
    }

    /// The records that an intent names, all of this log.
    fn announced<'a>(
        &'a self,
        intent: &'a Held<RunIntent>,
        ground: &Ground<'a>,
    ) -> Result<Announced<'a>, Finding> {
        let named = &intent.predicate;
        let missing = |what: &str, place: &RecordRef| {
            let says = format!(
                "run-intent names a {what} at {}, where this log holds no such",
                place.index
            );
            Finding::at(intent.reference.index, Breach::UncommittedForm, says)
        };
        Ok(Announced {
            commitment: ground
                .forms
                .find(&named.commitment)
                .ok_or_else(|| missing("form-commitment", &named.commitment))?,
            evidence: at(&self.evidences, &named.evidence)
                .ok_or_else(|| missing("enclave-evidence", &named.evidence))?,
            intent,
            submission: at(&self.submissions, &named.submission)
                .ok_or_else(|| missing("submission", &named.submission))?,
        })
    }
}

/// What comes later cannot have been found before: said by its order, not by its absence.
fn check_named_order(intent: &Held<RunIntent>) -> Result<(), Finding> {
    let index = intent.reference.index;
    let named = &intent.predicate;
    for (what, place, name) in [
        ("commitment", &named.commitment, Breach::BackDatedCommitment),
        ("submission", &named.submission, Breach::Order),
        ("evidence", &named.evidence, Breach::Order),
    ] {
        if place.index >= index {
            let says = format!(
                "{what} at {} does not precede intent at {index}",
                place.index
            );
            return Err(Finding::at(index, name, says));
        }
    }
    Ok(())
}

fn check_receipt(run: Run, ground: &Ground) -> Result<(), Finding> {
    let index = run.receipt.reference.index;
    let broken = |rule: RuleError| Finding::at(index, Breach::of_rule(&rule), rule);
    history::check_receipt_order(run).map_err(broken)?;
    check_head("start", &run.receipt.predicate.start, run.receipt, ground)?;
    if let Some(chain) = ground.roster.chain() {
        rules::check_receipt(run, chain).map_err(broken)?;
    }
    scores::check(&run.receipt.predicate, &run.announced.commitment.predicate)
        .map_err(|fault| Finding::at(index, Breach::ImpossibleScore, fault))
}

fn check_head<P>(
    name: &'static str,
    head: &Head,
    by: &Held<P>,
    ground: &Ground,
) -> Result<(), Finding> {
    if heads::is_own(head, &by.reference.origin, ground.tree) {
        return Ok(());
    }
    let says = format!(
        "head `{name}` of {} records is not of this log's history",
        head.size
    );
    Err(Finding::at(by.reference.index, Breach::WrongHead, says))
}

fn at<'a, P>(records: &'a BTreeMap<u64, Arc<Held<P>>>, place: &RecordRef) -> Option<&'a Held<P>> {
    let held = records.get(&place.index)?;
    (held.reference == *place).then_some(held)
}

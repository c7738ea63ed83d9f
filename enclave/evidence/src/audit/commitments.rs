//! Forms as the log tells them: committed, retired, revealed.
//!
//! Whether a reveal gives back what was committed needs the form body, and is checked elsewhere.

use std::{
    collections::{BTreeMap, HashMap},
    sync::Arc,
};

use super::finding::{Breach, Finding};
use crate::{
    digest::Digest,
    record::{FormCommitment, FormReveal, FormState, RecordRef},
    verify::Held,
};

/// All forms so far, by the index of their commitment.
#[derive(Default)]
pub(super) struct Forms {
    forms: BTreeMap<u64, Form>,
    /// Roots of items that everybody knows, with the reveal that came first.
    open: HashMap<Digest, u64>,
}

struct Form {
    commitment: Arc<Held<FormCommitment>>,
    /// How and where it left use first.
    ended: Option<(&'static str, u64)>,
}

impl Forms {
    pub fn commit(&mut self, commitment: Arc<Held<FormCommitment>>) {
        let form = Form {
            commitment,
            ended: None,
        };
        self.forms.insert(form.commitment.reference.index, form);
    }

    /// The commitment that a record names.
    pub fn find(&self, reference: &RecordRef) -> Option<&Arc<Held<FormCommitment>>> {
        let form = self.forms.get(&reference.index)?;
        (form.commitment.reference == *reference).then_some(&form.commitment)
    }

    pub fn retire(&mut self, state: &Held<FormState>) -> Result<(), Finding> {
        let index = state.reference.index;
        if state.predicate.by != state.signer {
            let says = "form-state names another key than the one that signed it";
            return Err(Finding::at(index, Breach::Disagreement, says));
        }
        self.end(&state.predicate.commitment, "retired", index)
    }

    pub fn reveal(&mut self, reveal: &Held<FormReveal>) -> Result<(), Finding> {
        let (named, index) = (&reveal.predicate.commitment, reveal.reference.index);
        self.end(named, "revealed", index)?;
        if let Some(commitment) = self.find(named) {
            let root = commitment.predicate.items.root;
            self.open.entry(root).or_insert(index);
        }
        Ok(())
    }

    /// May a run on this form be announced here?
    ///
    /// One form may be committed more than once; whoever knows the items of one knows those of all.
    pub fn check_in_use(&self, commitment: &RecordRef, index: u64) -> Result<(), Finding> {
        let Some(form) = self.forms.get(&commitment.index) else {
            return Ok(());
        };
        let committed = &form.commitment.predicate;
        let says = if let Some((how, at)) = form.ended {
            format!("run on {}, which was {how} at {at}", committed.form)
        } else if let Some(at) = self.open.get(&committed.items.root) {
            format!(
                "run on {}, whose items were revealed at {at}",
                committed.form
            )
        } else {
            return Ok(());
        };
        Err(Finding::at(index, Breach::RunAfterReveal, says))
    }

    fn end(
        &mut self,
        commitment: &RecordRef,
        how: &'static str,
        index: u64,
    ) -> Result<(), Finding> {
        if self.find(commitment).is_none() {
            let says = format!("a form is {how} that this log did not commit before");
            return Err(Finding::at(index, Breach::UncommittedForm, says));
        }
        if let Some(form) = self.forms.get_mut(&commitment.index) {
            form.ended.get_or_insert((how, index));
        }
        Ok(())
    }
}

//! A run on a form that anyone may see: a practice form, or one that was revealed.
//!
//! The same processes, limits, order and marks as on a station, but no key: nothing is signed. What is
//! shown of it is up to the caller.

use std::path::PathBuf;

use anyhow::{Context, bail};
use assay_benchmarks::form::Form;
use assay_evidence::{digest::Digest, seal::FormBody, wire::ScreenReport};

use crate::{
    evaluate::{Evaluated, Evaluation, Plan, Row, evaluate, evaluate_some},
    inputs,
    lock::{self, Role},
    native,
    quarantine::{self, Image},
    steward::Steward,
};

/// Longest form body file.
const FORM_BYTES_MAX: u64 = 64 * 1024 * 1024;

const NEVER_STARTS: &str =
    "no instance of the component ever starts; look at what it does before `respond` is called";

/// What an open run is made of.
pub struct OpenRun {
    /// Component file.
    pub component: PathBuf,
    /// Form body file.
    pub body: PathBuf,
    /// Stands in for the keeper's, or is the keeper's.
    pub nonce: Digest,
    /// Runners at once.
    pub runners: usize,
}

/// What became of the component before any item.
pub enum Prepared {
    /// It may run.
    Ready(Box<Ready>),
    /// The screen or the compiler refused it.
    Refused(ScreenReport),
}

/// Everything is read, checked and compiled.
pub struct Ready {
    /// The form.
    pub form: Form,
    /// Layers of this process.
    pub layers: u32,
    /// Layers of the compiler process.
    pub compiler_layers: u32,
    image: Image,
    steward: Steward,
    nonce: Digest,
    runners: usize,
}

impl OpenRun {
    /// Locks this process, reads the files and has the component compiled.
    pub fn prepare(&self) -> anyhow::Result<Prepared> {
        lock::end_on_panic(None);
        lock::first(Role::Chief)?;
        let steward = Steward::new(native::take_role_socket()?);
        let component = inputs::read_at_most(&self.component, inputs::COMPONENT_FILE_BYTES_MAX)?;
        let name = || self.body.display().to_string();
        let body = inputs::read_at_most(&self.body, FORM_BYTES_MAX)?;
        let form =
            Form::from_body(&FormBody::parse(&body).with_context(name)?).with_context(name)?;
        let layers = lock::last(Role::Chief)?;
        let finding = quarantine::compile(&steward, &component)?;
        let Some(image) = finding.image else {
            return Ok(Prepared::Refused(finding.report));
        };
        Ok(Prepared::Ready(Box::new(Ready {
            form,
            layers,
            compiler_layers: finding.layers,
            image,
            steward,
            nonce: self.nonce,
            runners: self.runners,
        })))
    }
}

impl Ready {
    /// Runs the whole form.
    pub fn evaluate(&self) -> anyhow::Result<Evaluation> {
        let never = || None::<std::convert::Infallible>;
        match evaluate(&self.steward, &self.plan(), |_| {}, never)? {
            Evaluated::Complete(evaluation) => Ok(*evaluation),
            Evaluated::NeverStarts => bail!(NEVER_STARTS),
            Evaluated::Stopped(never, _) => match never {},
        }
    }

    /// Runs some of its items.
    pub fn evaluate_some(&self, items: &[u32]) -> anyhow::Result<Vec<Row>> {
        evaluate_some(&self.steward, &self.plan(), items)?.context(NEVER_STARTS)
    }

    fn plan(&self) -> Plan<'_> {
        Plan {
            form: &self.form,
            nonce: self.nonce,
            image: &self.image,
            runners: self.runners,
        }
    }
}

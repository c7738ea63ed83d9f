//! What is known of one witness: where it stands, and whether it is worth asking.
//!
//! It is written from wherever an answer arrives, so that a slow answer still counts for the next head.

use std::{
    fmt,
    sync::{Mutex, MutexGuard, PoisonError},
};

use assay_evidence::{cosignature::CosignerKey, policy::Witness};

use crate::{clock::Millis, exchange::Exchange};

/// Pause after the first failure; it doubles with each further one.
const PAUSE_MS: u64 = 500;
/// Longest pause: 16 seconds.
const DOUBLINGS_MAX: u32 = 5;

/// A witness as pages show it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct WitnessState {
    /// Name in the policy.
    pub name: String,
    /// Name that it signs under.
    pub cosigner: String,
    /// Size that it holds, once it has said so.
    pub size: Option<u64>,
    /// Seconds since 1970 of its newest line.
    pub time: Option<u64>,
    /// Why it was no help when it was asked last.
    pub trouble: Option<String>,
}

/// A witness that is asked.
#[derive(Debug)]
pub(super) struct Asked {
    pub key: CosignerKey,
    /// Where `add-checkpoint` goes.
    pub url: String,
    pub exchange: Exchange,
    inner: Mutex<Inner>,
}

#[derive(Debug, Default)]
struct Inner {
    state: WitnessState,
    failures: u32,
    not_before: Option<Millis>,
    /// An answer is awaited: the witness gets one question at a time.
    is_busy: bool,
}

impl Asked {
    pub fn new(witness: &Witness, url: &str) -> Self {
        let state = WitnessState {
            name: witness.name.clone(),
            cosigner: witness.key.name().to_owned(),
            ..WitnessState::default()
        };
        Self {
            key: witness.key.clone(),
            url: format!("{}/add-checkpoint", url.trim_end_matches('/')),
            exchange: Exchange::with(url),
            inner: Mutex::new(Inner {
                state,
                ..Inner::default()
            }),
        }
    }

    pub fn state(&self) -> WitnessState {
        self.lock().state.clone()
    }

    /// Is it neither busy nor left alone after a failure?
    pub fn is_due(&self, now: Millis) -> bool {
        let inner = self.lock();
        !inner.is_busy && inner.not_before.is_none_or(|then| then <= now)
    }

    /// A question is on its way.
    pub fn begin(&self) {
        self.lock().is_busy = true;
    }

    /// The answer is here, or none will come.
    pub fn end(&self) {
        self.lock().is_busy = false;
    }

    /// It says that it holds this size.
    pub fn stands(&self, size: u64) {
        self.lock().state.size = Some(size);
    }

    /// It has cosigned a head of this size at this time.
    pub fn signed(&self, size: u64, time: u64) {
        let mut inner = self.lock();
        inner.state.size = Some(size);
        inner.state.time = Some(time);
        inner.state.trouble = None;
        inner.failures = 0;
        inner.not_before = None;
    }

    /// It was no help, and is left alone for a while.
    pub fn failed(&self, trouble: &dyn fmt::Display, now: Millis) {
        let mut inner = self.lock();
        let pause = PAUSE_MS << inner.failures.min(DOUBLINGS_MAX);
        inner.failures = inner.failures.saturating_add(1);
        inner.not_before = Some(now.plus_millis(pause));
        let trouble = trouble.to_string();
        tracing::warn!(witness = inner.state.name, trouble, "no cosignature");
        inner.state.trouble = Some(trouble);
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

//! The tells that belong to one question or one run, from the keeper process that was asked.
//!
//! When the last one is let go, the keeper is told to forget what it still holds for it. What a tell means
//! is not known here.

use assay_evidence::{
    record::AbortReason,
    wire::{Ask, Tell},
};
use tokio::sync::mpsc;

use super::{Enclave, EnclaveError, Message, lock};

/// Refusals that pass: too much at once, a fault of the keeper's machine or folder, a run that it still
/// holds from an earlier try, the answer to the cancellation that freed such a run, a head that is not
/// cosigned yet, and what its operator is to mend.
const PASSING: [&str; 9] = [
    "busy",
    "ours",
    "state",
    REPEATED,
    "not-started",
    "quorum",
    "head-moved",
    "head-lost",
    "frozen",
];
/// The keeper holds a run of that id.
const REPEATED: &str = "repeated";

/// Who waits for tells. Dropping it ends the wait.
pub(super) struct Answers {
    enclave: Enclave,
    key: String,
    generation: u64,
    tells: mpsc::Receiver<Tell>,
    /// The keeper may hold a run under `key`.
    held: bool,
}

impl Answers {
    pub(super) fn new(
        enclave: Enclave,
        key: String,
        generation: u64,
        tells: mpsc::Receiver<Tell>,
    ) -> Self {
        Self {
            enclave,
            key,
            generation,
            tells,
            held: false,
        }
    }

    pub(super) fn key(&self) -> &str {
        &self.key
    }

    /// The answer to an assignment. The keeper holds the run from now on, unless it refuses it and not
    /// because it holds it already.
    pub(super) async fn assigned(&mut self) -> Result<Tell, EnclaveError> {
        self.held = true;
        let told = self.next().await;
        if let Err(EnclaveError::Refused { code, .. } | EnclaveError::NotNow { code, .. }) = &told {
            self.held = code == REPEATED;
        }
        told
    }

    pub(super) async fn next(&mut self) -> Result<Tell, EnclaveError> {
        match self.tells.recv().await {
            Some(Tell::Refused { code, detail, .. }) => Err(refusal(code, detail)),
            Some(tell) => {
                self.held &= !matches!(tell, Tell::Closed { .. });
                Ok(tell)
            }
            None => Err(EnclaveError::Lost),
        }
    }

    /// Sends to the same keeper process that took the question; another one would not know it.
    pub(super) async fn send(&self, ask: Ask) -> Result<(), EnclaveError> {
        let asks = match lock(&self.enclave.0.live).as_ref() {
            Some(live) if live.generation == self.generation => live.asks.clone(),
            _ => return Err(EnclaveError::Lost),
        };
        let blobs = Vec::new();
        asks.send(Message { ask, blobs })
            .await
            .map_err(|_| EnclaveError::Lost)
    }
}

impl Drop for Answers {
    fn drop(&mut self) {
        let mut live = lock(&self.enclave.0.live);
        let Some(live) = live
            .as_mut()
            .filter(|live| live.generation == self.generation)
        else {
            return;
        };
        live.waiting.remove(&self.key);
        if !self.held {
            return;
        }
        let ask = Ask::Cancel {
            run: self.key.clone(),
            reason: AbortReason::Operator,
        };
        let blobs = Vec::new();
        if live.asks.try_send(Message { ask, blobs }).is_err() {
            tracing::warn!(run = %self.key, "the keeper could not be told to forget a run");
        }
    }
}

fn refusal(code: String, detail: String) -> EnclaveError {
    if PASSING.contains(&code.as_str()) {
        EnclaveError::NotNow { code, detail }
    } else {
        EnclaveError::Refused { code, detail }
    }
}

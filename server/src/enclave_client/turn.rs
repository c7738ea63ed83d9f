//! Showing the keeper heads, one at a time: each must come with a proof from the one it remembers.
//!
//! Whoever holds the turn learns what the keeper remembers, and nobody else shows it anything until the
//! turn's own document is on its way; documents arrive in the order in which they are sent. A keeper
//! that is restarted in between remembers the same. Proofs are made elsewhere.

use std::sync::{Arc, atomic::Ordering};

use assay_evidence::wire::{Ask, Assignment, Start, Tell};
use tokio::sync::OwnedMutexGuard;

use super::{Assigned, Enclave, EnclaveError, Running, unexpected};

/// The right to show the keeper the next head.
pub struct Turn {
    enclave: Enclave,
    remembered: u64,
    _guard: OwnedMutexGuard<()>,
}

/// What the keeper remembers of its log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Memory {
    /// Records of the newest head that it accepted; 0 before the first.
    pub size: u64,
    /// Code of the alarm under which it takes no runs.
    pub frozen: Option<String>,
}

impl Enclave {
    /// Waits for the turn, then asks the keeper which head it remembers.
    pub async fn turn(&self) -> Result<Turn, EnclaveError> {
        let guard = self.0.turn.clone().lock_owned().await;
        let memory = self.memory().await?;
        if let Some(alarm) = memory.frozen {
            tracing::error!(alarm, "the keeper takes no runs until its operator acts");
        }
        Ok(Turn {
            enclave: self.clone(),
            remembered: memory.size,
            _guard: guard,
        })
    }

    /// Asks the keeper what it remembers of its log.
    pub async fn memory(&self) -> Result<Memory, EnclaveError> {
        let id = self.0.next.fetch_add(1, Ordering::Relaxed);
        match self
            .question(id.to_string(), Ask::Head { id }, Vec::new())
            .await?
        {
            Tell::Head { head, frozen, .. } => Ok(Memory {
                size: head.map_or(0, |head| head.size),
                frozen,
            }),
            other => Err(unexpected(&other)),
        }
    }
}

impl Turn {
    /// Size of the head that the keeper remembers; 0 before the first.
    pub fn remembered(&self) -> u64 {
        self.remembered
    }

    /// Hands a run over; the keeper answers with a signed run-intent.
    pub async fn assign(
        self,
        run: &str,
        assignment: Assignment,
        seal: Arc<Vec<u8>>,
        component: Arc<Vec<u8>>,
    ) -> Result<Assigned, EnclaveError> {
        let ask = Ask::Assign {
            run: run.to_owned(),
            assignment: Box::new(assignment),
        };
        let sent = self
            .enclave
            .ask(run.to_owned(), ask, vec![seal, component])
            .await;
        let mut answers = sent?;
        drop(self);
        match answers.assigned().await? {
            Tell::Intent { envelope, .. } => Ok(Assigned {
                answers,
                intent: envelope,
            }),
            other => Err(unexpected(&other)),
        }
    }

    /// Tells the keeper that the intent of a run is logged: it opens the seal and runs.
    pub async fn start(self, run: Assigned, start: Start) -> Result<Running, EnclaveError> {
        let ask = Ask::Start {
            run: run.answers.key().to_owned(),
            start: Box::new(start),
        };
        run.answers.send(ask).await?;
        Ok(Running {
            answers: run.answers,
        })
    }
}

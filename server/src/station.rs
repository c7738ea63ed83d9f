//! One running station: log, store, blobs and enclave tied together, behind one handle.
//!
//! Pages, API and commands talk to this handle and to nothing below it. It serves no HTTP itself.

mod accuse;
mod evidence;
mod form_changes;
mod forms;
mod open;
mod opening;
mod public_files;
pub mod register;
mod reveal;
#[cfg(test)]
pub(crate) mod testing;

use std::{
    collections::HashSet,
    fs::File,
    sync::{Arc, Mutex, atomic::AtomicBool},
};

use assay_evidence::{
    digest::Digest,
    keys::{P256PublicKey, P256SigningKey},
    manifest::{Chain, Manifest},
    note::VerifierKey,
    policy::Policy,
    record::RecordRef,
};
use tokio::{
    sync::{Notify, watch},
    task::JoinSet,
};
use tokio_util::sync::CancellationToken;

pub use form_changes::{FormChangeError, RetiredForm};
pub use forms::{FormError, PublishedForm};
pub use open::StationError;
pub(crate) use open::take_lock;
pub use opening::Opening;
pub use register::{RegisterError, Registered, Registration};
pub use reveal::RevealedForm;

use crate::{
    blob::Blobs,
    clock::Clock,
    config::Config,
    enclave_client::Enclave,
    entropy::Entropy,
    federation::Federation,
    log::Log,
    public::Public,
    store::Store,
    token::{Principal, Scope, Tokens},
};

/// A running station; clones are the same station.
#[derive(Clone)]
pub struct Station(Arc<Inner>);

/// What a station says of itself; fixed while it runs.
#[derive(Clone, Debug)]
pub struct StationFacts {
    /// Origin of its log.
    pub origin: String,
    /// Jurisdiction as its manifest states it.
    pub jurisdiction: String,
    /// Address of its site, without trailing slash.
    pub public_url: String,
    /// Digest of the payload of manifest version 1: what a policy pins.
    pub manifest_sha256: Digest,
    /// The policy file that verifies its receipts.
    pub policy: String,
    /// Verifier key of its checkpoints.
    pub log_key: VerifierKey,
    /// Hardware evidence type of its enclave, as signed: `none`.
    pub evidence_type: &'static str,
    /// True while no witness cosigns its log.
    pub lone: bool,
}

struct Inner {
    facts: StationFacts,
    federation: Federation,
    config: Config,
    clock: Clock,
    entropy: Entropy,
    store: Store,
    blobs: Blobs,
    public: Public,
    log: Log,
    recorder: P256SigningKey,
    chain: Chain,
    policy: Policy,
    enclave: Enclave,
    /// The evidence record in force, with the binary that it speaks for.
    evidence: tokio::sync::Mutex<Option<(Digest, RecordRef)>>,
    tokens: Tokens,
    /// Idempotency keys whose request is still being received.
    in_flight: Mutex<HashSet<(String, String)>>,
    owner: [u8; 16],
    /// Rung when a job may be due.
    bell: Notify,
    changes: watch::Sender<u64>,
    stop: CancellationToken,
    workers: tokio::sync::Mutex<JoinSet<()>>,
    begun: AtomicBool,
    /// Held for as long as the station runs: two servers on one folder would fork the log.
    _lock: File,
}

impl Station {
    /// What the station says of itself.
    pub fn facts(&self) -> &StationFacts {
        &self.0.facts
    }

    /// The configuration that it runs under.
    pub fn config(&self) -> &Config {
        &self.0.config
    }

    /// Forms, submissions, runs and boards.
    pub fn store(&self) -> &Store {
        &self.0.store
    }

    /// Records, proofs, tiles and the checkpoint.
    pub fn log(&self) -> &Log {
        &self.0.log
    }

    /// Adapters, seals, terms, boards and their inputs.
    pub fn blobs(&self) -> &Blobs {
        &self.0.blobs
    }

    /// Witness, witnesses and peers.
    pub fn federation(&self) -> &Federation {
        &self.0.federation
    }

    /// The clock that it runs by.
    pub fn clock(&self) -> &Clock {
        &self.0.clock
    }

    /// Whose token this is and what it allows; `None` when it is nobody's.
    pub fn authorise(&self, token: &str) -> Option<(Principal, Scope)> {
        self.0.tokens.find(token)
    }

    /// What anyone may read, as it lies in the public folder.
    pub fn public(&self) -> &Public {
        &self.0.public
    }

    /// Counts up whenever a state changes; for waiting without asking again and again.
    pub fn changes(&self) -> watch::Receiver<u64> {
        self.0.changes.subscribe()
    }

    /// The recipient that forms for this station are sealed to.
    pub async fn seal_recipient(&self) -> Result<String, StationError> {
        Ok(self.0.enclave.ready().await?.seal_recipient.clone())
    }

    /// Waits until no submission is unchecked, no run unfinished and no board unpublished.
    pub async fn settled(&self) -> Result<(), StationError> {
        let mut changes = self.changes();
        while !self.is_settled().await? {
            if changes.changed().await.is_err() {
                break;
            }
        }
        Ok(())
    }

    /// Is the queue empty and every run in a final state?
    pub async fn is_settled(&self) -> Result<bool, StationError> {
        Ok(!self.0.store.has_work().await?)
    }

    /// Stops taking work and closes the files. A run under way is closed at the next start.
    pub async fn close(&self) {
        self.0.stop.cancel();
        self.0.enclave.stop().await;
        let mut workers = self.0.workers.lock().await;
        while workers.join_next().await.is_some() {}
        self.0.log.close().await;
        self.0.federation.close().await;
        self.0.store.close().await;
    }

    pub(crate) fn entropy(&self) -> Entropy {
        self.0.entropy
    }

    pub(crate) fn recorder(&self) -> &P256SigningKey {
        &self.0.recorder
    }

    pub(crate) fn manifest(&self) -> &Manifest {
        self.0.chain.newest()
    }

    pub(crate) fn chain(&self) -> &Chain {
        &self.0.chain
    }

    pub(crate) fn policy(&self) -> &Policy {
        &self.0.policy
    }

    pub(crate) fn enclave(&self) -> &Enclave {
        &self.0.enclave
    }

    pub(crate) fn enclave_key(&self) -> P256PublicKey {
        self.0.enclave.sign_key()
    }

    pub(crate) fn owner(&self) -> [u8; 16] {
        self.0.owner
    }

    pub(crate) fn stop(&self) -> &CancellationToken {
        &self.0.stop
    }

    pub(crate) fn bell(&self) -> &Notify {
        &self.0.bell
    }

    /// Tells workers and waiters that something has changed.
    pub(crate) fn changed(&self) {
        self.0.bell.notify_waiters();
        self.0.changes.send_modify(|count| *count += 1);
    }
}

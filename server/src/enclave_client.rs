//! Speaks with the keeper: spawns `assay-enclave serve`, sends asks, hands each tell to who waits for it.
//!
//! When the keeper dies it is started again after a pause, and everything that was under way ends with
//! [`EnclaveError::Lost`]. Nothing here believes what the keeper says; callers verify.

mod answers;
mod process;
#[cfg(test)]
mod tests;
mod turn;

use std::{
    collections::HashMap,
    path::PathBuf,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use assay_evidence::{
    base64,
    digest::Digest,
    dsse::Envelope,
    keys::P256PublicKey,
    record::{AbortReason, GraderRef, Limits, Runtime},
    wire::{Ask, Blob, ScreenReport, Tell},
};
use tokio::sync::{mpsc, watch};
use tokio_util::sync::CancellationToken;

use answers::Answers;
pub use turn::{Memory, Turn};

/// Asks that may wait to be written.
const ASKS_MAX: usize = 64;
/// Tells of one run that may wait to be read; progress beyond that is dropped.
const TELLS_MAX: usize = 64;

/// Why the keeper gave no answer.
#[derive(Debug, thiserror::Error)]
pub enum EnclaveError {
    /// The program cannot be started.
    #[error("{program}: {source}; build assay-enclave or set enclave.program")]
    Spawn {
        /// Which program.
        program: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The keeper ended, or did not come back in time.
    #[error("the keeper was lost; it is being started again")]
    Lost,
    /// The keeper said no for good, with its code and sentence.
    #[error("the keeper refused ({code}): {detail}")]
    Refused {
        /// Stable code.
        code: String,
        /// What, and the way out.
        detail: String,
    },
    /// The keeper said no for now: asking again later may be answered otherwise.
    #[error("the keeper cannot now ({code}): {detail}")]
    NotNow {
        /// Stable code.
        code: String,
        /// What, and the way out.
        detail: String,
    },
    /// The keeper answered something else than what was asked.
    #[error("the keeper gave an answer that does not belong to the question: {0}")]
    OutOfTurn(&'static str),
    /// The keeper holds other keys than it did before.
    #[error("the keeper's keys have changed; restore {0} or begin a new station")]
    OtherKeys(PathBuf),
}

/// How to start the keeper.
#[derive(Clone, Debug)]
pub struct EnclaveCommand {
    /// The program `assay-enclave`.
    pub program: PathBuf,
    /// The keeper's folder.
    pub state: PathBuf,
    /// Runner processes.
    pub runners: u32,
    /// Longest wait for a keeper that is being restarted.
    pub patience: Duration,
}

/// What the keeper says of itself when it is up.
#[derive(Clone, Debug)]
pub struct Ready {
    /// Its signing key.
    pub sign_key: P256PublicKey,
    /// Its `age1…` recipient.
    pub seal_recipient: String,
    /// Digest of its binary.
    pub binary: Digest,
    /// Engine and lane of coming receipts.
    pub runtime: Runtime,
    /// Limits of coming receipts.
    pub limits: Limits,
    /// Graders that it knows.
    pub graders: Vec<GraderRef>,
}

/// The keeper, alive or being restarted.
#[derive(Clone)]
pub struct Enclave(Arc<Shared>);

struct Shared {
    command: EnclaveCommand,
    live: Mutex<Option<Live>>,
    ready: watch::Sender<Option<Arc<Ready>>>,
    sign_key: P256PublicKey,
    next: AtomicU64,
    /// Held by whoever is showing the keeper a head.
    turn: Arc<tokio::sync::Mutex<()>>,
    stop: CancellationToken,
}

/// One keeper process: where to write, and who waits for what. Dropping it ends every wait.
struct Live {
    generation: u64,
    asks: mpsc::Sender<Message>,
    waiting: HashMap<String, mpsc::Sender<Tell>>,
}

/// A document and the blobs that follow it.
pub(crate) struct Message {
    ask: Ask,
    blobs: Vec<Arc<Vec<u8>>>,
}

/// A run that the keeper has taken on and announced, not started.
pub struct Assigned {
    answers: Answers,
    /// The signed run-intent, unverified.
    pub intent: Envelope,
}

/// A started run.
pub struct Running {
    answers: Answers,
}

/// What a started run tells.
#[derive(Debug)]
pub enum News {
    /// Items closed, of how many.
    Progress {
        /// Items closed.
        done: u64,
        /// Items in all.
        items: u64,
    },
    /// A signed receipt or run-abort, unverified. Boxed for its size.
    Closed(Box<Envelope>),
}

impl Enclave {
    /// Starts the keeper and waits until it is up.
    pub async fn start(command: EnclaveCommand) -> Result<Self, EnclaveError> {
        let first = process::Keeper::spawn(&command).await?;
        let enclave = Self(Arc::new(Shared {
            sign_key: first.ready.sign_key,
            ready: watch::Sender::new(None),
            live: Mutex::new(None),
            next: AtomicU64::new(1),
            turn: Arc::default(),
            stop: CancellationToken::new(),
            command,
        }));
        let up = enclave.0.clone();
        process::adopt(&up, &first, 0);
        tokio::spawn(process::keep_alive(up, first));
        Ok(enclave)
    }

    /// A keeper that never comes up, for tests of what happens without one.
    #[cfg(test)]
    pub(crate) fn absent(sign_key: P256PublicKey) -> Self {
        Self(Arc::new(Shared {
            command: EnclaveCommand {
                program: PathBuf::new(),
                state: PathBuf::new(),
                runners: 1,
                patience: Duration::ZERO,
            },
            live: Mutex::new(None),
            ready: watch::Sender::new(None),
            sign_key,
            next: AtomicU64::new(1),
            turn: Arc::default(),
            stop: CancellationToken::new(),
        }))
    }

    /// A keeper that is up and answers by `script`, for tests of what the server makes of its answers.
    #[cfg(test)]
    pub(crate) fn play(&self, script: impl Fn(&Ask) -> Option<Tell> + Send + 'static) {
        tests::play(self, script);
    }

    /// The signing key; a keeper that comes back with another one is not used.
    pub fn sign_key(&self) -> P256PublicKey {
        self.0.sign_key
    }

    /// What the keeper says of itself, once it is up.
    pub async fn ready(&self) -> Result<Arc<Ready>, EnclaveError> {
        let mut ready = self.0.ready.subscribe();
        let up = tokio::time::timeout(self.0.command.patience, ready.wait_for(Option::is_some));
        match up.await {
            Ok(Ok(ready)) => ready.clone().ok_or(EnclaveError::Lost),
            Ok(Err(_)) | Err(_) => Err(EnclaveError::Lost),
        }
    }

    /// Would this component be accepted?
    pub async fn screen(&self, component: Arc<Vec<u8>>) -> Result<ScreenReport, EnclaveError> {
        let id = self.0.next.fetch_add(1, Ordering::Relaxed);
        let ask = Ask::Screen {
            id,
            component: blob(&component),
        };
        match self.question(id.to_string(), ask, vec![component]).await? {
            Tell::Screened { report, .. } => Ok(report),
            other => Err(unexpected(&other)),
        }
    }

    /// Has the keeper sign its enclave-evidence record; unverified.
    pub async fn attest(
        &self,
        station: &str,
        manifest: Digest,
        declared: &str,
    ) -> Result<Envelope, EnclaveError> {
        let id = self.0.next.fetch_add(1, Ordering::Relaxed);
        let ask = Ask::Attest {
            id,
            station: station.to_owned(),
            manifest,
            declared: declared.to_owned(),
        };
        match self.question(id.to_string(), ask, Vec::new()).await? {
            Tell::Attested { envelope, .. } => Ok(envelope),
            other => Err(unexpected(&other)),
        }
    }

    /// Ends the keeper and starts no other.
    pub async fn stop(&self) {
        self.0.stop.cancel();
        let mut ready = self.0.ready.subscribe();
        // The keeper's task clears it when the process is gone; a closed channel means the same.
        let _ = ready.wait_for(Option::is_none).await;
    }

    async fn question(
        &self,
        key: String,
        ask: Ask,
        blobs: Vec<Arc<Vec<u8>>>,
    ) -> Result<Tell, EnclaveError> {
        self.ask(key, ask, blobs).await?.next().await
    }

    /// Sends an ask to the keeper that is up now and collects what it tells under `key`.
    async fn ask(
        &self,
        key: String,
        ask: Ask,
        blobs: Vec<Arc<Vec<u8>>>,
    ) -> Result<Answers, EnclaveError> {
        self.ready().await?;
        let (sender, tells) = mpsc::channel(TELLS_MAX);
        let (asks, generation) = {
            let mut live = lock(&self.0.live);
            let live = live.as_mut().ok_or(EnclaveError::Lost)?;
            live.waiting.insert(key.clone(), sender);
            (live.asks.clone(), live.generation)
        };
        let answers = Answers::new(self.clone(), key, generation, tells);
        let sent = asks.send(Message { ask, blobs }).await;
        sent.map(|()| answers).map_err(|_| EnclaveError::Lost)
    }
}

impl Running {
    /// The next thing that the run tells.
    pub async fn next(&mut self) -> Result<News, EnclaveError> {
        match self.answers.next().await? {
            Tell::Progress { done, items, .. } => Ok(News::Progress { done, items }),
            Tell::Closed { envelope, .. } => Ok(News::Closed(Box::new(envelope))),
            other => Err(unexpected(&other)),
        }
    }

    /// Asks the keeper to stop and to sign a run-abort.
    pub async fn cancel(&self, reason: AbortReason) -> Result<(), EnclaveError> {
        let run = self.answers.key().to_owned();
        self.answers.send(Ask::Cancel { run, reason }).await
    }
}

fn lock(live: &Mutex<Option<Live>>) -> MutexGuard<'_, Option<Live>> {
    live.lock().unwrap_or_else(PoisonError::into_inner)
}

fn blob(bytes: &[u8]) -> Blob {
    Blob {
        bytes: bytes.len() as u64,
        sha256: Digest::of(bytes),
    }
}

fn unexpected(tell: &Tell) -> EnclaveError {
    EnclaveError::OutOfTurn(match tell {
        Tell::Ready { .. } => "ready",
        Tell::Screened { .. } => "screened",
        Tell::Attested { .. } => "attested",
        Tell::Head { .. } => "head",
        Tell::Intent { .. } => "intent",
        Tell::Progress { .. } => "progress",
        Tell::Closed { .. } => "closed",
        Tell::Refused { .. } => "refused",
    })
}

fn decode_key(text: &str) -> Option<P256PublicKey> {
    P256PublicKey::from_spki_der(&base64::decode(text).ok()?).ok()
}

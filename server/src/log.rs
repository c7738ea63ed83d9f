//! The station's log: batches are staged, audited, signed, put in place and published, in this order.
//!
//! The lock store holds the newest signed head and is the truth; records, bundles and tiles are files that
//! any static web server may serve. A record is acknowledged when a public checkpoint covers it. Where it
//! cannot be sure, the log stops. Who may sign which record is the caller's question.

mod audit;
mod batch;
mod borne_out;
mod error;
pub mod files;
mod inspect;
mod publisher;
mod recover;
mod sequencer;
mod serve;
mod shared;
mod signers;
mod staged;
mod status;
mod tiles;

use std::{
    io,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use assay_evidence::{
    checkpoint::Checkpoint,
    digest::Digest,
    dsse::Envelope,
    keys::P256PublicKey,
    note::VerifierKey,
    record::{Head, RecordRef},
    statement,
};
use tokio::{sync::mpsc, task::JoinSet};
use tokio_util::sync::CancellationToken;

pub use error::LogError;
pub use publisher::{Cosign, Lone, Offer};
pub use signers::LogSigners;
pub use status::{Alarm, Condition, HeadAt, Status};
pub(crate) use tiles::{Tiles, read_hashes};

use self::{
    files::{Files, FilesError, Folder, Steps},
    inspect::inspect,
    publisher::Publisher,
    recover::{Recovered, Start, catch_up, is_of},
    sequencer::{Candidate, Sequencer},
    shared::Shared,
};
use crate::{
    clock::Clock,
    store::{
        Place,
        index::{self, Index},
        lock::{self, Lock, StoredHead},
    },
};

/// Records that may wait for the next batch.
pub(crate) const POOL_MAX: usize = 4_000;
/// Records that may wait for anything, publication included.
const WAITING_MAX: usize = 16 * POOL_MAX;

/// What a log is made of.
pub struct Setup {
    /// Its name: the public address without scheme and slash.
    pub origin: String,
    /// Folder of lock store and index.
    pub data: PathBuf,
    /// Where records, bundles, tiles and checkpoint lie.
    pub files: Arc<dyn Files>,
    /// Counts the syncs of the lock store and, of a [`Folder`] opened with it, those of the files.
    pub steps: Steps,
    /// What its checkpoints are signed with.
    pub signers: LogSigners,
    /// Who makes a checkpoint public.
    pub cosign: Arc<dyn Cosign>,
    /// Times of heads; batches refuse to go back.
    pub clock: Clock,
    /// Least time between the beginnings of two batches.
    pub batch: Duration,
}

/// A log that this process may write; clones are the same log.
#[derive(Clone, Debug)]
pub struct Log {
    shared: Arc<Shared>,
    steps: Steps,
    pool: mpsc::Sender<Candidate>,
    stop: CancellationToken,
    tasks: Arc<Mutex<JoinSet<()>>>,
}

/// The newest published checkpoint.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Published {
    /// The signed note, as served; empty before the first publication.
    pub note: Arc<str>,
    /// What it says; before the first publication the empty head.
    pub head: Head,
}

/// A logged record.
#[derive(Clone, Debug)]
pub struct Logged {
    /// Where it lies.
    pub place: Place,
    /// Short name of its type.
    pub name: String,
    /// The envelope, JCS, as served.
    pub bytes: Vec<u8>,
    /// Its signer.
    pub key: P256PublicKey,
}

impl Setup {
    /// A log whose files lie in the data folder, without witnesses, with a batch every 200 ms.
    pub fn in_folder(
        data: &Path,
        origin: &str,
        signers: impl Into<LogSigners>,
        clock: Clock,
    ) -> Result<Self, LogError> {
        let steps = Steps::default();
        Ok(Self {
            origin: origin.to_owned(),
            data: data.to_owned(),
            files: Arc::new(Folder::open(data, steps.clone())?),
            steps,
            signers: signers.into(),
            cosign: Arc::new(Lone),
            clock,
            batch: Duration::from_millis(200),
        })
    }

    fn check_origin(&self) -> Result<(), LogError> {
        if VerifierKey::is_name(&self.origin) {
            Ok(())
        } else {
            Err(LogError::Origin(self.origin.clone()))
        }
    }
}

impl Logged {
    /// The envelope, parsed.
    pub fn envelope(&self) -> Result<Envelope, LogError> {
        Envelope::parse(&self.bytes).map_err(|error| LogError::BadRecord(error.to_string()))
    }

    /// What the record states, with its signature checked once more.
    pub fn predicate<P: assay_evidence::record::Predicate>(&self) -> Result<P, LogError> {
        statement::open_record::<P>(&self.envelope()?, &self.key)
            .map(|opened| opened.predicate)
            .map_err(|error| LogError::BadRecord(error.to_string()))
    }
}

impl Published {
    /// A stored head without anybody's cosignature.
    fn of(origin: &str, head: &StoredHead) -> Self {
        Self {
            note: head.note.as_str().into(),
            head: Head {
                origin: origin.to_owned(),
                root: head.root,
                size: head.size,
            },
        }
    }
}

impl Log {
    /// Makes a new log: signs and stores the empty head. Nothing is public before the log is opened.
    pub async fn create(setup: &Setup) -> Result<(), LogError> {
        setup.check_origin()?;
        let exists = || LogError::Exists(setup.data.clone());
        if setup.files.read(files::CHECKPOINT).await?.is_some() {
            return Err(exists());
        }
        let lock = Lock::open(&setup.data).await?;
        if lock.head().await?.is_some() {
            return Err(exists());
        }
        let checkpoint = Checkpoint {
            origin: setup.origin.clone(),
            size: 0,
            root: Digest::of(b""),
        };
        let note = setup.signers.sign(&checkpoint);
        let head = StoredHead {
            size: 0,
            root: checkpoint.root,
            note: note.map_err(|_| LogError::Origin(setup.origin.clone()))?,
            at: setup.clock.now(),
        };
        lock.begin(&head).await?;
        lock.close().await;
        Ok(())
    }

    /// Opens a log that was made before, and finishes what a crash has cut off.
    pub async fn open(setup: Setup) -> Result<Self, LogError> {
        setup.check_origin()?;
        let no_log = || LogError::NoLog(setup.data.clone());
        if !setup.data.join(lock::FILE).is_file() {
            return Err(no_log());
        }
        let lock = Lock::open(&setup.data).await?;
        let head = lock.head().await?.ok_or_else(no_log)?;
        let start = Start {
            origin: &setup.origin,
            signers: &setup.signers,
            lock: &lock,
            files: Arc::clone(&setup.files),
            now: setup.clock.now(),
        };
        let recovered = start.recover(head).await?;
        let index = open_index(&setup, &recovered).await?;
        Ok(Self::start(setup, recovered, lock, index))
    }

    fn start(setup: Setup, recovered: Recovered, lock: Lock, index: Index) -> Self {
        let view = recovered.view(&setup.origin);
        let origin = setup.origin.into();
        let shared = Arc::new(Shared::new(origin, setup.clock, setup.files, index, view));
        let signers = Arc::new(setup.signers);
        let stop = CancellationToken::new();
        let (pool, candidates) = mpsc::channel(POOL_MAX);
        let sequencer = Sequencer {
            shared: Arc::clone(&shared),
            signers: Arc::clone(&signers),
            lock,
            steps: setup.steps.clone(),
            pause: setup.batch,
            ground: recovered.ground,
            stop: stop.clone(),
        };
        let publisher = Publisher {
            shared: Arc::clone(&shared),
            signers,
            cosign: setup.cosign,
            stop: stop.clone(),
        };
        let mut tasks = JoinSet::new();
        tasks.spawn(sequencer.run(candidates));
        tasks.spawn(publisher.run());
        Self {
            shared,
            steps: setup.steps,
            pool,
            stop,
            tasks: Arc::new(Mutex::new(tasks)),
        }
    }

    /// The log's name.
    pub fn origin(&self) -> &str {
        &self.shared.origin
    }

    /// Logs a record and says where; the same statement by the same signer is logged once.
    ///
    /// When this returns, the record is in the published checkpoint and on disk.
    pub async fn append(
        &self,
        envelope: &Envelope,
        key: &P256PublicKey,
    ) -> Result<RecordRef, LogError> {
        let inspected = inspect(envelope, key, &self.shared.origin)?;
        if *self.shared.condition.borrow() != Condition::Running {
            return Err(self.shared.refusal());
        }
        if self.shared.waiting() >= WAITING_MAX {
            return Err(LogError::Busy);
        }
        let (done, outcome) = self.shared.one_more();
        let candidate = Candidate { inspected, done };
        self.pool.try_send(candidate).map_err(|error| match error {
            mpsc::error::TrySendError::Full(_) => LogError::Busy,
            mpsc::error::TrySendError::Closed(_) => self.shared.refusal(),
        })?;
        outcome.await.unwrap_or_else(|_| Err(self.shared.refusal()))
    }

    /// The newest published checkpoint.
    pub fn published(&self) -> Published {
        self.shared.view().published
    }

    /// The note of the newest published checkpoint; none before the first publication.
    pub fn checkpoint(&self) -> Option<Arc<str>> {
        let view = self.shared.view();
        view.public_since.map(|_| view.published.note)
    }

    /// Waits until everything that is stored is public.
    ///
    /// After a crash, a record that nobody was told about may be stored; only then do readers see it.
    pub async fn settled(&self) -> Result<(), LogError> {
        let mut published = self.shared.published.subscribe();
        loop {
            published.mark_unchanged();
            let view = self.shared.view();
            if view.public_since.is_some() && view.published.head.size == view.stored.size {
                return Ok(());
            }
            tokio::select! {
                changed = published.changed() => changed.map_err(|_| self.shared.refusal())?,
                says = self.stopped() => return Err(LogError::Stopped(says)),
            }
        }
    }

    /// How the log is doing.
    pub fn status(&self) -> Status {
        self.shared.status()
    }

    /// Syncs since the log was opened.
    pub fn syncs(&self) -> u64 {
        self.steps.syncs()
    }

    /// Waits until the log has stopped, and says why. The process should end then.
    pub async fn stopped(&self) -> String {
        let mut condition = self.shared.condition.subscribe();
        loop {
            if let Condition::Stopped(says) = &*condition.borrow_and_update() {
                return says.clone();
            }
            if condition.changed().await.is_err() {
                return "it was closed".to_owned();
            }
        }
    }

    /// Ends both tasks and closes the files; nothing can be logged or read after it.
    pub async fn close(&self) {
        self.stop.cancel();
        let mut tasks =
            std::mem::take(&mut *self.tasks.lock().unwrap_or_else(PoisonError::into_inner));
        while tasks.join_next().await.is_some() {}
        self.shared.index.close().await;
    }
}

/// The index, in line with the log; one that is damaged or of another log is made anew.
async fn open_index(setup: &Setup, recovered: &Recovered) -> Result<Index, LogError> {
    let edge = &recovered.ground.edge;
    let tiles = Tiles::new(setup.files.clone());
    let mut index = Index::open(&setup.data).await;
    let fits = match &index {
        Ok(index) => is_of(index, &tiles, edge).await?,
        Err(_) => false,
    };
    if !fits {
        tracing::warn!("the index of the log is made anew from its files");
        if let Ok(index) = &index {
            index.close().await;
        }
        remove_index(&setup.data).await?;
        index = Index::open(&setup.data).await;
    }
    let index = index?;
    catch_up(&index, &tiles, edge, setup.files.as_ref()).await?;
    Ok(index)
}

async fn remove_index(data: &Path) -> Result<(), FilesError> {
    for end in ["", "-wal", "-shm"] {
        let path = data.join(format!("{}{end}", index::FILE));
        match tokio::fs::remove_file(&path).await {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                return Err(FilesError::disk(&path, error));
            }
            Ok(()) | Err(_) => {}
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests;

//! Keeps what proves that a log has told two stories: both signed notes, and the hashes between them.
//!
//! The rows in `witness.db` freeze the log; the files under `evidence/` are for people and other tools.
//! A file that a crash has left out is written at the next start. Nothing here judges.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use assay_evidence::{base64, checkpoint::Checkpoint, digest::Digest};
use tokio::sync::Notify;

use crate::{
    entropy::Entropy,
    store::{
        StoreError,
        witness::{Contradiction, ContradictionKind, WitnessStore},
    },
    whole::{self, DiskError, Whole},
};

/// Folder in the data folder.
const FOLDER: &str = "evidence";

/// Why a contradiction is not kept.
#[derive(Debug, thiserror::Error)]
pub enum KeepError {
    /// The row.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The files.
    #[error(transparent)]
    Disk(#[from] DiskError),
}

/// Where contradictions lie.
#[derive(Clone, Debug)]
pub struct Contradictions {
    store: WitnessStore,
    folder: PathBuf,
    whole: Whole,
    found: Arc<Notify>,
}

impl Contradictions {
    /// Opens the folder `evidence` of a data folder and writes what is missing in it.
    pub(crate) async fn open(
        store: WitnessStore,
        data: &Path,
        whole: Whole,
    ) -> Result<Self, KeepError> {
        let all = Self {
            store,
            folder: data.join(FOLDER),
            whole,
            found: Arc::default(),
        };
        for kept in all.store.contradictions().await? {
            all.write(&kept).await?;
        }
        Ok(all)
    }

    /// The same in a data folder of which nothing is open yet.
    pub async fn in_folder(
        store: WitnessStore,
        data: &Path,
        entropy: Entropy,
    ) -> Result<Self, KeepError> {
        let whole = Whole::open(data, entropy).await?;
        Self::open(store, data, whole).await
    }

    /// Freezes the log at once, then writes the files.
    pub async fn keep(&self, found: &Contradiction) -> Result<(), KeepError> {
        tracing::error!(
            origin = found.origin,
            kind = found.kind.word(),
            "a log has signed two heads that contradict each other; it is frozen"
        );
        self.store.keep(found).await?;
        self.found.notify_one();
        self.write(found).await
    }

    /// Waits until something is kept that was not there at the last call.
    pub async fn wait(&self) {
        self.found.notified().await;
    }

    /// Notes which record of the station's log tells a contradiction.
    pub async fn set_accused(&self, kept: &Contradiction, leaf: &Digest) -> Result<(), StoreError> {
        self.store.set_accused(kept, leaf).await
    }

    /// Everything that was kept, oldest first.
    pub async fn all(&self) -> Result<Vec<Contradiction>, StoreError> {
        self.store.contradictions().await
    }

    /// Folder of one contradiction: `evidence/<kind>-<digest of both notes>`.
    pub fn folder_of(&self, kept: &Contradiction) -> PathBuf {
        let both = [kept.note_a.as_bytes(), kept.note_b.as_bytes()].concat();
        let name = format!("{}-{}", kept.kind.word(), Digest::of(&both));
        self.folder.join(name)
    }

    async fn write(&self, kept: &Contradiction) -> Result<(), KeepError> {
        let hashes = kept
            .hashes
            .iter()
            .map(|hash| base64::encode(&hash.0) + "\n");
        let folder = self.folder_of(kept);
        for (name, text) in [
            ("note-a", kept.note_a.clone()),
            ("note-b", kept.note_b.clone()),
            ("hashes", hashes.collect()),
            ("README", about(kept)),
        ] {
            let path = folder.join(name);
            if whole::read(&path).await?.is_none() {
                self.whole.write(&path, text.as_bytes()).await?;
            }
        }
        Ok(())
    }
}

fn about(kept: &Contradiction) -> String {
    let size = |note: &str| Checkpoint::peek(note).map_or(0, |head| head.size);
    let (a, b) = (size(&kept.note_a), size(&kept.note_b));
    let (origin, found) = (&kept.origin, kept.at.rfc3339());
    match kept.kind {
        ContradictionKind::Split => format!(
            "{origin} signed two heads of size {a} with different roots: note-a and note-b.\n\
             Found {found}. Both signatures prove it; hashes is empty.\n"
        ),
        ContradictionKind::Fork => format!(
            "{origin} signed note-a of size {a}, and note-b of size {b} that does not continue it.\n\
             Found {found}. The lines of hashes are the consistency proof from {a} to {b} in the tree of\n\
             note-b, which begins with another tree at {a} than that of note-a.\n"
        ),
    }
}

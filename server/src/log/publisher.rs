//! The task that makes heads public: only the newest stored one, and only with its quorum.
//!
//! It runs beside the sequencer, so that slow witnesses hold up no batch. What it has published is never
//! replaced by an older head.

use std::{sync::Arc, time::Duration};

use assay_evidence::{
    checkpoint::{Checkpoint, CheckpointError},
    digest::Digest,
    tile::{self, FULL},
    tree::{Query, TILE_WIDTH},
};
use futures_util::future::BoxFuture;
use tokio::{
    sync::watch,
    time::{sleep, timeout},
};
use tokio_util::sync::CancellationToken;

use super::{
    LogError, LogSigners, Published,
    files::FilesError,
    shared::{Shared, View},
    staged,
    status::Condition,
};

/// Pause after a head found no quorum.
const PAUSE: Duration = Duration::from_millis(500);

/// Who makes a head public by putting lines under it.
pub trait Cosign: Send + Sync + std::fmt::Debug {
    /// The note with the lines that make it public, or `None` when no quorum came in time. It may take
    /// seconds; the log goes on meanwhile.
    fn cosign<'a>(&'a self, offer: Offer<'a>) -> BoxFuture<'a, Option<String>>;

    /// How long a public head stands before it is offered again without a newer one; `None` for ever.
    fn refreshes_after(&self) -> Option<Duration> {
        None
    }
}

/// A policy without witnesses: a head is public as the log signed it.
#[derive(Clone, Copy, Debug)]
pub struct Lone;

impl Cosign for Lone {
    fn cosign<'a>(&'a self, offer: Offer<'a>) -> BoxFuture<'a, Option<String>> {
        Box::pin(async move { Some(offer.note.to_owned()) })
    }
}

/// A head that is stored and not yet public.
#[derive(Clone, Debug)]
pub struct Offer<'a> {
    /// The checkpoint with the log's own lines.
    pub note: &'a str,
    /// Its number of leaves.
    pub size: u64,
    /// Its root.
    pub root: Digest,
    view: View,
    shared: &'a Shared,
}

impl Offer<'_> {
    /// The consistency proof from an older size of this log, for a witness that has seen that one.
    ///
    /// # Panics
    /// When `old` is larger than the offered size.
    pub async fn consistency(&self, old: u64) -> Result<Vec<Digest>, LogError> {
        let query = Query::consistency(old, self.size, self.size);
        self.shared.tiles.answer(&self.view.edge, &query).await
    }
}

/// The publisher of a log.
pub(super) struct Publisher {
    pub shared: Arc<Shared>,
    pub signers: Arc<LogSigners>,
    pub cosign: Arc<dyn Cosign>,
    pub stop: CancellationToken,
}

impl Publisher {
    pub async fn run(self) {
        let mut stored = self.shared.stored.subscribe();
        // Only waiting is cut short by a stop: what has begun to be published is published.
        while !self.stop.is_cancelled() {
            stored.mark_unchanged();
            let view = self.shared.view();
            let is_newest = view.stored.size == view.published.head.size;
            if view.public_since.is_some() && is_newest && !self.is_due_again(&mut stored).await {
                continue;
            }
            let Some(note) = self.cosigned(&view).await else {
                self.stop.run_until_cancelled(sleep(PAUSE)).await;
                continue;
            };
            if let Err(condition) = self.publish(note, &view).await {
                self.shared.worsen(&condition);
                if matches!(condition, Condition::Stopped(_)) {
                    break;
                }
            }
        }
        self.shared.abandon();
    }

    /// Waits for a newer head; true when the public one is due to be cosigned again instead.
    async fn is_due_again(&self, stored: &mut watch::Receiver<u64>) -> bool {
        let newer = self.stop.run_until_cancelled(stored.changed());
        if let Some(pause) = self.cosign.refreshes_after() {
            return timeout(pause, newer).await.is_err();
        }
        newer.await;
        false
    }

    /// The stored head with its quorum; none when it found none or the log is being closed.
    async fn cosigned(&self, view: &View) -> Option<String> {
        let offer = Offer {
            note: &view.stored.note,
            size: view.stored.size,
            root: view.stored.root,
            view: view.clone(),
            shared: &self.shared,
        };
        let cosigned = self.cosign.cosign(offer);
        let note = self.stop.run_until_cancelled(cosigned).await??;
        let Err(error) = self.check(&note, view) else {
            return Some(note);
        };
        let says = format!(
            "the cosigned note of {} records is wrong: {error}",
            view.stored.size
        );
        self.shared.alarm(&says);
        None
    }

    /// Publishes a head and answers all that waited for it.
    async fn publish(&self, note: String, view: &View) -> Result<(), Condition> {
        let published = self.shared.files.publish(note.clone().into()).await;
        // Which checkpoint is on disk is unknown after an error, so nothing more may be done to it.
        published.map_err(|error| {
            Condition::Stopped(format!("a head could not be published: {error}"))
        })?;
        self.shared.change(|now| {
            now.published = Published {
                note: note.into(),
                ..Published::of(&self.shared.origin, &view.stored)
            };
            now.public_since = Some(self.shared.clock.now());
        });
        self.shared.published.send_replace(view.stored.size);
        self.shared.release();
        let tidied = self.tidy(view).await;
        tidied.map_err(|error| Condition::ReadOnly(format!("the disk refuses: {error}")))
    }

    fn check(&self, note: &str, view: &View) -> Result<(), CheckpointError> {
        let opened = self.signers.open(note, &self.shared.origin)?;
        let expected = Checkpoint {
            origin: self.shared.origin.to_string(),
            size: view.stored.size,
            root: view.stored.root,
        };
        if opened == expected {
            Ok(())
        } else {
            Err(CheckpointError::Shape)
        }
    }

    /// Drops what publication has made useless: staged batches, and partial tiles of full ones.
    async fn tidy(&self, published: &View) -> Result<(), FilesError> {
        let size = published.stored.size;
        for name in self.shared.files.staged_names().await? {
            if staged::parse_name(&name).is_some_and(|(staged, _)| staged <= size) {
                self.shared.files.unstage(&name).await?;
            }
        }
        let folders = outgrown(published.published.head.size, size);
        self.shared.files.remove_folders(folders).await
    }
}

/// Folders of partial tiles between two sizes whose full tiles the larger one has.
fn outgrown(before: u64, after: u64) -> Vec<String> {
    let full = |size: u64| size / TILE_WIDTH;
    let folder = |path: String| format!("{path}.p");
    let entries = (full(before)..full(after)).map(|n| folder(tile::entries_path(n, FULL)));
    let mut folders: Vec<String> = entries.collect();
    let (mut low, mut high, mut level) = (before, after, 0);
    while full(low) < full(high) {
        folders.extend((full(low)..full(high)).map(|n| folder(tile::path(level, n, FULL))));
        (low, high, level) = (full(low), full(high), level + 1);
    }
    folders
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn partial_tiles_go_when_their_full_tile_is_public() {
        assert_eq!(outgrown(3, 255), [""; 0]);
        assert_eq!(outgrown(255, 256), ["tile/entries/000.p", "tile/0/000.p"]);
        assert_eq!(
            outgrown(300, 900),
            [
                "tile/entries/001.p",
                "tile/entries/002.p",
                "tile/0/001.p",
                "tile/0/002.p"
            ]
        );
        let over_a_level = outgrown(65_535, 65_536);
        assert_eq!(
            over_a_level,
            ["tile/entries/255.p", "tile/0/255.p", "tile/1/000.p"]
        );
    }
}

//! One look at one log: fetch its checkpoint, prove that it continues what is known, remember it.
//!
//! Each step is resumable: what is not stored is found again by the next look. A contradiction is kept
//! before it is told, and freezes the log.

use std::sync::Arc;

use assay_evidence::{
    checkpoint::{Checkpoint, CheckpointError},
    digest::Digest,
    misbehaviour::fork_hashes,
    note::{self, VerifierKey},
    policy::Policy,
    tree::{Edge, Query},
    witness::Recorded,
};

use super::remote::Remote;
use crate::{
    clock::Clock,
    contradictions::{Contradictions, KeepError},
    log::{LogError, Tiles, files::FilesError, read_hashes},
    store::{
        StoreError,
        lock::Swap,
        witness::{Contradiction, ContradictionKind, FollowedHead, WitnessStore},
    },
    witness::{Witness, WitnessError},
};

/// Why a look at a log ended early.
#[derive(Debug, thiserror::Error)]
pub enum FollowError {
    /// A file of the log did not come, or came wrong.
    #[error(transparent)]
    Files(#[from] FilesError),
    /// A tile does not fit the signed root, or is missing.
    #[error("{url}: {source}")]
    Tiles {
        /// Address of the station.
        url: String,
        /// Which file, and what is wrong.
        source: LogError,
    },
    /// No checkpoint is there.
    #[error("{0} is not there; the station has published nothing, or the address is wrong")]
    NoCheckpoint(String),
    /// The note is no checkpoint of this log.
    #[error("{url}: {source}")]
    Checkpoint {
        /// Address of the note.
        url: String,
        /// Why.
        source: CheckpointError,
    },
    /// The head has gone back, which a log may never do.
    #[error(
        "{origin} has gone back from {stored} to {found} records: it was restored from a backup, or hides \
         what it has shown"
    )]
    Rollback {
        /// Whose.
        origin: String,
        /// Size that it had published.
        stored: u64,
        /// Size that it publishes now.
        found: u64,
    },
    /// The log contradicts itself.
    #[error(
        "{origin} has told two stories: heads of {a} and {b} records exclude each other; it is frozen"
    )]
    Contradiction {
        /// Whose.
        origin: String,
        /// Size of the head that was known.
        a: u64,
        /// Size of the head that excludes it.
        b: u64,
    },
    /// It did so before.
    #[error("{0} is frozen: it has told two stories")]
    Frozen(String),
    /// What was found could not be kept.
    #[error(transparent)]
    Keep(#[from] KeepError),
    /// The memory gave no answer.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The head could not be cosigned.
    #[error(transparent)]
    Witness(#[from] WitnessError),
}

/// A log of another station.
#[derive(Debug)]
pub(super) struct Followed {
    pub origin: String,
    pub keys: Vec<VerifierKey>,
    pub policy: Policy,
    pub remote: Remote,
}

/// What all looks share.
pub(super) struct Follower {
    pub store: WitnessStore,
    pub contradictions: Contradictions,
    pub witness: Arc<Witness>,
    pub clock: Clock,
}

/// A head that the log has signed, with its note.
#[derive(Clone, Debug)]
pub(super) struct Signed {
    pub head: Checkpoint,
    pub note: String,
}

/// What a look has found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seen {
    /// Size of the public head.
    pub size: u64,
    /// Why the log's own policy does not believe it, if so.
    pub doubt: Option<String>,
    /// Size of a head that the witness of another station holds and that this log does not show.
    pub unshown: Option<u64>,
}

impl Follower {
    /// Steps 1 to 4 of the loop.
    pub async fn look(&self, log: &Followed) -> Result<Seen, FollowError> {
        if self.store.is_frozen(&log.origin).await? {
            return Err(FollowError::Frozen(log.origin.clone()));
        }
        let address = log.remote.address("checkpoint");
        let note = log.remote.checkpoint().await?;
        let note = note.ok_or_else(|| FollowError::NoCheckpoint(address.clone()))?;
        let public = log.open(&address, &note)?;
        let followed = self.store.followed(&log.origin).await?;
        let stored = followed.as_ref().map_or(0, |followed| followed.head.size);
        if public.head.size < stored {
            return Err(FollowError::Rollback {
                origin: log.origin.clone(),
                stored,
                found: public.head.size,
            });
        }
        self.compare_with_known(log, &public).await?;
        let next = FollowedHead {
            head: recorded(&public.head),
            note,
            at: self.clock.now(),
        };
        let from = followed.as_ref().map(|followed| &followed.head);
        // Whoever was faster has looked at the same log; the next look compares with what it stored.
        if from != Some(&next.head)
            && self.store.swap_followed(&log.origin, from, &next).await? == Swap::Done
        {
            self.cosign(&public).await?;
        }
        Ok(Seen {
            size: public.head.size,
            doubt: log.doubt(&next.note, self.clock.now().seconds()),
            unshown: None,
        })
    }

    /// Step 8: compares with a head of the log that another station's witness holds.
    ///
    /// The size of that head when the log shows no tiles of it: it may be stored and not yet public, or
    /// belong to another story. That proves nothing.
    pub async fn compare_with_witness(
        &self,
        log: &Followed,
        other: &Remote,
    ) -> Result<Option<u64>, FollowError> {
        let Some(followed) = self.store.followed(&log.origin).await? else {
            return Ok(None);
        };
        let Some(note) = other.cosigned(&log.origin).await? else {
            return Ok(None);
        };
        let theirs = log.open(&other.address("witness"), &note)?;
        let ours = log.open(&log.remote.address("checkpoint"), &followed.note)?;
        match self.compare(log, &ours, &theirs).await {
            Err(FollowError::Tiles {
                source: LogError::Missing(_),
                ..
            }) => Ok(Some(theirs.head.size)),
            compared => compared.map(|()| None),
        }
    }

    /// The head must continue all that this station knows of the log and that is not larger.
    async fn compare_with_known(&self, log: &Followed, public: &Signed) -> Result<(), FollowError> {
        let followed = self.store.followed(&log.origin).await?;
        let cosigned = self.witness.cosigned(&log.origin).await?;
        let known = [
            followed.map(|followed| (followed.head.size, followed.note)),
            cosigned.map(|cosigned| (cosigned.head.size, cosigned.note)),
        ];
        for (size, note) in known.into_iter().flatten() {
            // A larger one was offered for cosigning and is not yet public.
            if size <= public.head.size {
                let known = log.open("witness.db", &note)?;
                self.compare(log, &known, public).await?;
            }
        }
        Ok(())
    }

    /// Does the larger of two signed heads continue the smaller?
    async fn compare(&self, log: &Followed, a: &Signed, b: &Signed) -> Result<(), FollowError> {
        let (small, large) = if a.head.size <= b.head.size {
            (a, b)
        } else {
            (b, a)
        };
        if small.head == large.head || small.head.size == 0 {
            return Ok(());
        }
        let (kind, hashes) = if small.head.size == large.head.size {
            (ContradictionKind::Split, Vec::new())
        } else {
            let size = small.head.size;
            let (root, way) = log.way(size, &large.head).await?;
            if root == small.head.root {
                return Ok(());
            }
            (ContradictionKind::Fork, fork_hashes(size, &root, &way))
        };
        let found = Contradiction {
            origin: log.origin.clone(),
            kind,
            note_a: small.note.clone(),
            note_b: large.note.clone(),
            hashes,
            at: self.clock.now(),
            leaf: None,
        };
        self.contradictions.keep(&found).await?;
        Err(FollowError::Contradiction {
            origin: log.origin.clone(),
            a: small.head.size,
            b: large.head.size,
        })
    }

    /// The witness may vouch for what was followed, unless it has seen more.
    async fn cosign(&self, public: &Signed) -> Result<(), FollowError> {
        let cosigned = self.witness.cosigned(&public.head.origin).await?;
        if cosigned
            .as_ref()
            .is_none_or(|cosigned| cosigned.head.size < public.head.size)
        {
            let cosigned = cosigned.as_ref();
            self.witness
                .cosign(&public.head, &public.note, cosigned)
                .await?;
        }
        Ok(())
    }
}

impl Followed {
    /// A checkpoint of this log, with the lines of its own keys.
    fn open(&self, address: &str, note: &str) -> Result<Signed, FollowError> {
        let opened = || -> Result<Signed, CheckpointError> {
            let head = Checkpoint::open_cosigned(note, &self.keys, &[], None)?.checkpoint;
            if head.origin != self.origin {
                return Err(CheckpointError::Origin {
                    expected: self.origin.clone(),
                    found: head.origin,
                });
            }
            let own = note::parse(note)?.only(&self.keys)?;
            let note = own.ok_or_else(|| CheckpointError::Unsigned(self.origin.clone()))?;
            Ok(Signed { head, note })
        };
        opened().map_err(|source| FollowError::Checkpoint {
            url: address.to_owned(),
            source,
        })
    }

    /// Root of a larger head's tree at a smaller size, and the consistency proof from there.
    ///
    /// Every tile is checked against the larger head, so a bad one is named and accuses nobody.
    async fn way(
        &self,
        size: u64,
        under: &Checkpoint,
    ) -> Result<(Digest, Vec<Digest>), FollowError> {
        let files = Arc::new(self.remote.clone());
        let answer = async {
            let mut partial = Vec::new();
            for at in Edge::tiles(under.size) {
                partial.push((at, read_hashes(files.as_ref(), at).await?));
            }
            let edge = Edge::read(under.size, |at| {
                let found = partial.iter().find(|(read, _)| *read == at);
                let missing = || LogError::Missing(at.path());
                found.map(|(_, hashes)| hashes.clone()).ok_or_else(missing)
            })?;
            if edge.root() != under.root {
                let paths = Edge::tiles(under.size).into_iter().map(|at| at.path());
                let paths: Vec<String> = paths.collect();
                return Err(LogError::Damaged(paths.join(" or ")));
            }
            let tiles = Tiles::new(files.clone());
            let root = tiles.answer(&edge, &Query::root(size, under.size)).await?;
            let way = Query::consistency(size, under.size, under.size);
            // A size above zero has one root.
            Ok((root[0], tiles.answer(&edge, &way).await?))
        };
        answer.await.map_err(|source| FollowError::Tiles {
            url: self.remote.address(""),
            source,
        })
    }

    /// Why the policy under which the log is followed does not believe its head.
    fn doubt(&self, note: &str, now: u64) -> Option<String> {
        let believed = self.policy.check(note, Some(now));
        believed.err().map(|reason| reason.to_string())
    }
}

fn recorded(head: &Checkpoint) -> Recorded {
    Recorded {
        size: head.size,
        root: head.root,
    }
}

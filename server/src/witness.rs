//! The station's witness: it cosigns heads of other logs, each only after the one before.
//!
//! It holds its own key, which signs nothing else. What it has signed is durable before anybody hears of
//! it, and a log that was caught telling two stories is never cosigned again. It does not fetch: logs
//! come to it, and [`crate::peers`] brings it the heads that it has followed.

use std::collections::BTreeMap;

use assay_evidence::{
    checkpoint::Checkpoint,
    cosignature::{self, CosignatureError, CosignerKey},
    digest::Digest,
    keys::Ed25519SigningKey,
    note::{NoteError, VerifierKey},
    policy::Policy,
    witness::{Offer, Recorded, Refused},
};

use crate::{
    clock::Clock,
    contradictions::{Contradictions, KeepError},
    store::{
        StoreError,
        lock::Swap,
        witness::{Contradiction, ContradictionKind, CosignedHead, WitnessStore},
    },
};

/// Where a station serves its witness, below its address.
pub const WITNESS_PATH: &str = "witness";

/// The name under which the witness of a station signs.
pub fn witness_name(origin: &str) -> String {
    format!("{origin}/{WITNESS_PATH}")
}

/// The key under which the lines of a station's witness verify.
pub fn cosigner_of(origin: &str, key: &Ed25519SigningKey) -> Result<CosignerKey, NoteError> {
    CosignerKey::new(&witness_name(origin), key.public())
}

/// Rounds in which another request may come between before this one is given up.
const ROUNDS_MAX: u32 = 16;

/// Why the witness does not cosign.
#[derive(Debug, thiserror::Error)]
pub enum WitnessError {
    /// A row of the protocol's table.
    #[error(transparent)]
    Refused(#[from] Refused),
    /// The log has told two stories.
    #[error("the log {0} has signed heads that contradict each other; it is never cosigned again")]
    Frozen(String),
    /// Others were faster each time.
    #[error("too many requests for the log {0} at once; try again")]
    Crowded(String),
    /// The clock says that it is 1970, or after the end of time.
    #[error("this witness cannot tell the time: {0}")]
    Time(CosignatureError),
    /// Two stories could not be kept.
    #[error(transparent)]
    Keep(#[from] KeepError),
    /// The memory gave no answer.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// A witness that runs.
pub struct Witness {
    cosigner: CosignerKey,
    key: Ed25519SigningKey,
    /// Keys of each log that it cosigns.
    logs: BTreeMap<String, Vec<VerifierKey>>,
    store: WitnessStore,
    contradictions: Contradictions,
    clock: Clock,
}

impl Witness {
    /// The witness of the station with this origin, for the logs of these policies.
    pub fn new(
        station: &str,
        key: Ed25519SigningKey,
        policies: &[Policy],
        (store, contradictions): (WitnessStore, Contradictions),
        clock: Clock,
    ) -> Result<Self, NoteError> {
        let mut logs: BTreeMap<String, Vec<VerifierKey>> = BTreeMap::new();
        for policy in policies {
            for origin in policy.origins() {
                let known = logs.entry(origin.to_owned()).or_default();
                for key in policy.keys_for(origin) {
                    if !known.contains(&key) {
                        known.push(key);
                    }
                }
            }
        }
        Ok(Self {
            cosigner: cosigner_of(station, &key)?,
            key,
            logs,
            store,
            contradictions,
            clock,
        })
    }

    /// The key that its lines verify under.
    pub fn cosigner(&self) -> &CosignerKey {
        &self.cosigner
    }

    /// Origins of the logs that it cosigns.
    pub fn origins(&self) -> impl Iterator<Item = &str> {
        self.logs.keys().map(String::as_str)
    }

    /// Answers `add-checkpoint`: the signature line, once the new head is on disk.
    pub async fn add_checkpoint(&self, body: &[u8]) -> Result<String, WitnessError> {
        let keys_of = |origin: &str| self.logs.get(origin).cloned().unwrap_or_default();
        let offer = Offer::open(body, keys_of)?;
        let origin = &offer.checkpoint().origin;
        for _ in 0..ROUNDS_MAX {
            if self.store.is_frozen(origin).await? {
                return Err(WitnessError::Frozen(origin.clone()));
            }
            let known = self.store.cosigned(origin).await?;
            let recorded = known.as_ref().map(|known| &known.head);
            if let Some(known) = &known
                && offer.splits(&known.head)
            {
                self.keep_split(known, &offer).await?;
            }
            offer.judge(recorded)?;
            let signed = self.cosign(offer.checkpoint(), offer.note(), known.as_ref());
            if let Some(line) = signed.await? {
                return Ok(line);
            }
        }
        Err(WitnessError::Crowded(origin.clone()))
    }

    /// Cosigns a head that was proven to continue the recorded one; `None` when another head stands
    /// there by now, or a contradiction.
    pub(crate) async fn cosign(
        &self,
        head: &Checkpoint,
        note: &str,
        known: Option<&CosignedHead>,
    ) -> Result<Option<String>, WitnessError> {
        // What was said stays said: a clock that was set back makes no earlier line.
        let last = known.map_or(0, |known| known.time);
        let time = self.clock.now().seconds().max(last);
        let line = cosignature::sign(head, self.cosigner.name(), &self.key, time)
            .map_err(WitnessError::Time)?;
        let next = CosignedHead {
            head: Recorded {
                size: head.size,
                root: head.root,
            },
            note: format!("{note}{line}"),
            time,
        };
        if let Some(known) = known
            && (&known.head, known.time) == (&next.head, time)
        {
            // Said in this very second: strangers who repeat a public request write nothing.
            return Ok(Some(line));
        }
        let from = known.map(|known| &known.head);
        let swap = self.store.swap_cosigned(&head.origin, from, &next).await?;
        Ok((swap == Swap::Done).then_some(line))
    }

    /// What it has cosigned last of a log.
    pub(crate) async fn cosigned(&self, origin: &str) -> Result<Option<CosignedHead>, StoreError> {
        self.store.cosigned(origin).await
    }

    /// The newest cosigned note of the log whose origin has this digest.
    pub async fn latest(&self, origin: &Digest) -> Result<Option<String>, StoreError> {
        let named = self
            .logs
            .keys()
            .find(|name| Digest::of(name.as_bytes()) == *origin);
        let Some(name) = named else {
            return Ok(None);
        };
        let known = self.store.cosigned(name).await?;
        Ok(known.map(|known| known.note))
    }

    async fn keep_split(&self, known: &CosignedHead, offer: &Offer) -> Result<(), KeepError> {
        let found = Contradiction {
            origin: offer.checkpoint().origin.clone(),
            kind: ContradictionKind::Split,
            note_a: known.note.clone(),
            note_b: offer.note().to_owned(),
            hashes: Vec::new(),
            at: self.clock.now(),
            leaf: None,
        };
        self.contradictions.keep(&found).await
    }
}

#[cfg(test)]
pub(crate) mod testing;
#[cfg(test)]
mod tests;

//! One leaf of a salted tree, opened alone: an item of a form that stays sealed, or the outcome that a
//! run gave it.
//!
//! Salt and path open one leaf and help with no other. Who may ask for one, and when, is not decided
//! here.

use serde::{Deserialize, Serialize, de::DeserializeOwned};
use thiserror::Error;

use crate::{
    base64::Bytes,
    digest::{self, Digest},
    json::{self, JsonError},
    outcome::{self, ItemOutcome},
    record::{FormCommitment, Receipt, RecordRef},
    seal::{self, FormBody, salted_leaf},
    tree::{ProofError, Tree, verify_inclusion},
};

/// Longest opening in bytes: 4 MiB.
pub const OPENING_BYTES_MAX: usize = 4 * 1024 * 1024;

/// One item of a committed form.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ItemOpening {
    /// The form's commitment.
    pub commitment: RecordRef,
    /// Place of the item, from 0.
    pub index: u64,
    /// The item's bytes.
    pub item: Bytes,
    /// Leaves of the item tree.
    pub leaves: u64,
    /// Inclusion hashes, leaf to root.
    #[serde(with = "digest::base64_list")]
    pub path: Vec<Digest>,
    /// The item's salt, in hex.
    pub salt: Digest,
}

/// What a run made of one item, as its receipt commits it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OutcomeOpening {
    /// Place of the item, from 0.
    pub index: u64,
    /// Leaves of the outcome tree.
    pub leaves: u64,
    /// The outcome's canonical JSON.
    pub outcome: Bytes,
    /// Inclusion hashes, leaf to root.
    #[serde(with = "digest::base64_list")]
    pub path: Vec<Digest>,
    /// The run's receipt.
    pub receipt: RecordRef,
    /// The outcome's salt, in hex.
    pub salt: Digest,
}

/// Why an opening shows nothing.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum OpeningError {
    /// Longer than [`OPENING_BYTES_MAX`].
    #[error("opening has {0} bytes, more than 4194304")]
    TooLong(usize),
    /// Not strict JSON of this shape.
    #[error("opening: {0}")]
    Json(#[from] JsonError),
    /// The same content, spelt otherwise.
    #[error("opening is not in its canonical form; do not reformat it")]
    NotCanonical,
    /// Of another record.
    #[error("opening is of record {found} of {origin}, not of record {expected}")]
    OtherRecord {
        /// Index asked for.
        expected: u64,
        /// Index named.
        found: u64,
        /// Origin named.
        origin: String,
    },
    /// The record commits another number of leaves.
    #[error("opening is of a tree of {found} leaves, but {committed} were committed")]
    Leaves {
        /// Leaves in the record.
        committed: u64,
        /// Leaves named.
        found: u64,
    },
    /// A leaf that only fills the tree up.
    #[error("leaf {0} holds nothing: it fills the tree up")]
    Filler(u64),
    /// Not under the committed root.
    #[error("leaf {index} is not the committed one: {reason}")]
    NotCommitted {
        /// Place of the leaf.
        index: u64,
        /// What is wrong with its path.
        reason: ProofError,
    },
    /// The outcome is of another item.
    #[error("outcome at {index} says it is of item {item}")]
    OtherItem {
        /// Place of the leaf.
        index: u64,
        /// Item named in the outcome.
        item: u64,
    },
}

impl ItemOpening {
    /// Opens one item of a form; `None` when it has no such item.
    pub fn make(form: &FormBody, index: u64, commitment: RecordRef) -> Option<Self> {
        let item = form.items.get(usize::try_from(index).ok()?)?.clone();
        let tree = seal::items_leaves(form);
        Some(Self {
            commitment,
            index,
            item: Bytes(item),
            leaves: tree.size(),
            path: tree.inclusion(index, tree.size()),
            salt: Digest(seal::item_salt(&form.seed, index)),
        })
    }

    /// Reads an opening; only the bytes that [`Self::to_bytes`] writes are accepted.
    pub fn parse(text: &[u8]) -> Result<Self, OpeningError> {
        parse(text)
    }

    /// The canonical JSON.
    pub fn to_bytes(&self) -> Vec<u8> {
        json::to_vec(self)
    }

    /// Is this the item that the commitment at `at` fixed for this place?
    pub fn verify(&self, at: &RecordRef, commitment: &FormCommitment) -> Result<(), OpeningError> {
        is_of(&self.commitment, at)?;
        let tree = (commitment.items.leaves, &commitment.items.root);
        let leaf = (self.index, self.item.0.as_slice());
        is_committed(leaf, self.leaves, &self.salt, &self.path, tree)
    }
}

impl OutcomeOpening {
    /// Opens one outcome of a run from (points, verdict) of all items; `None` when there is none.
    pub fn make(
        run_secret: &[u8; 32],
        outcomes: &[(&str, &str)],
        index: u64,
        receipt: RecordRef,
    ) -> Option<Self> {
        let (points, verdict) = outcomes.get(usize::try_from(index).ok()?)?;
        let tree: Tree = outcome::leaves(run_secret, outcomes);
        Some(Self {
            index,
            leaves: tree.size(),
            outcome: Bytes(outcome::outcome_bytes(index, points, verdict)),
            path: tree.inclusion(index, tree.size()),
            receipt,
            salt: Digest(outcome::outcome_salt(run_secret, index)),
        })
    }

    /// Reads an opening; only the bytes that [`Self::to_bytes`] writes are accepted.
    pub fn parse(text: &[u8]) -> Result<Self, OpeningError> {
        parse(text)
    }

    /// The canonical JSON.
    pub fn to_bytes(&self) -> Vec<u8> {
        json::to_vec(self)
    }

    /// The outcome that the receipt at `at` committed for this item.
    pub fn verify(&self, at: &RecordRef, receipt: &Receipt) -> Result<ItemOutcome, OpeningError> {
        is_of(&self.receipt, at)?;
        let tree = (receipt.outcomes.leaves, &receipt.outcomes.root);
        let leaf = (self.index, self.outcome.0.as_slice());
        is_committed(leaf, self.leaves, &self.salt, &self.path, tree)?;
        let outcome: ItemOutcome = json::from_slice(&self.outcome.0)?;
        if outcome.item != self.index {
            let (index, item) = (self.index, outcome.item);
            return Err(OpeningError::OtherItem { index, item });
        }
        Ok(outcome)
    }
}

fn parse<T: DeserializeOwned + Serialize>(text: &[u8]) -> Result<T, OpeningError> {
    if text.len() > OPENING_BYTES_MAX {
        return Err(OpeningError::TooLong(text.len()));
    }
    let opening: T = json::from_slice(text)?;
    if json::to_vec(&opening) != text {
        return Err(OpeningError::NotCanonical);
    }
    Ok(opening)
}

fn is_of(named: &RecordRef, at: &RecordRef) -> Result<(), OpeningError> {
    if named == at {
        return Ok(());
    }
    Err(OpeningError::OtherRecord {
        expected: at.index,
        found: named.index,
        origin: named.origin.clone(),
    })
}

fn is_committed(
    (index, content): (u64, &[u8]),
    leaves: u64,
    salt: &Digest,
    path: &[Digest],
    (committed, root): (u64, &Digest),
) -> Result<(), OpeningError> {
    if leaves != committed {
        let found = leaves;
        return Err(OpeningError::Leaves { committed, found });
    }
    if content.is_empty() {
        return Err(OpeningError::Filler(index));
    }
    let leaf = salted_leaf(salt.as_bytes(), content);
    verify_inclusion(index, leaves, &leaf, root, path)
        .map_err(|reason| OpeningError::NotCommitted { index, reason })
}

#[cfg(test)]
mod tests;

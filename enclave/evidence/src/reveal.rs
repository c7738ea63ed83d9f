//! Reveals: do published items give back what was committed before the first run?
//!
//! Whether reveal and commitment stand in the log, and whether one names the other, is asked
//! elsewhere. A reveal may come late or never; that shows in declared times alone.

use thiserror::Error;

use crate::{
    digest::Digest,
    record::{FormCommitment, FormReveal, Items},
    seal::{self, FormBody, SealError},
    tree,
};

/// The first thing in which a reveal differs from its record or from the commitment.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum RevealError {
    /// Another length than the record states.
    #[error("form body has {found} bytes, but the reveal states {stated}")]
    Bytes {
        /// Length in the record.
        stated: u64,
        /// Length of the body.
        found: u64,
    },
    /// Other bytes than the record states.
    #[error("form body has digest {found}, but the reveal states {stated}")]
    Body {
        /// Digest in the record.
        stated: Digest,
        /// Digest of the body.
        found: Digest,
    },
    /// No form body.
    #[error(transparent)]
    Layout(#[from] SealError),
    /// Another seed than the record states.
    #[error("form body has another seed than the reveal states")]
    Seed,
    /// Another number of items than the record states.
    #[error("form body has {found} items, but the reveal states {stated}")]
    Count {
        /// Count in the record.
        stated: u64,
        /// Items in the body.
        found: u64,
    },
    /// Another root than the record states.
    #[error("items have the root {found}, but the reveal states {stated}")]
    StatedRoot {
        /// Root in the record.
        stated: Digest,
        /// Root over the body's items.
        found: Digest,
    },
    /// Another size of the sealed plaintext than was committed.
    #[error("sealed, the form body has {found} bytes, but {committed} were committed")]
    Padded {
        /// Length in the commitment.
        committed: u64,
        /// Padded length of the body.
        found: u64,
    },
    /// Another size of the item tree than was committed.
    #[error("item tree has {found} leaves, but {committed} were committed")]
    Leaves {
        /// Leaves in the commitment.
        committed: u64,
        /// Leaves over the body's items.
        found: u64,
    },
    /// Another root than was committed.
    #[error("items have the root {found}, but {committed} was committed")]
    Root {
        /// Root in the commitment.
        committed: Digest,
        /// Root over the body's items.
        found: Digest,
    },
    /// A list of leaves is not the committed one.
    #[error("the list of {0} leaves does not have the committed root")]
    LeafList(usize),
    /// One item is another than was committed.
    #[error("item {0} is not the committed one")]
    Item(u64),
    /// The form has fewer items than were committed.
    #[error("leaf {0} was committed as an item, but the form body ends before it")]
    Missing(u64),
}

/// Checks a form body against the record that publishes it and the commitment that fixed it.
///
/// Everything is recomputed: digest, seed, count, padding, leaves and root.
pub fn check(
    body: &[u8],
    reveal: &FormReveal,
    commitment: &FormCommitment,
) -> Result<FormBody, RevealError> {
    check_blob(body, reveal)?;
    let form = FormBody::parse(body)?;
    if form.seed != *reveal.seed.as_bytes() {
        return Err(RevealError::Seed);
    }
    let (stated, found) = (reveal.items, form.items.len() as u64);
    if found != stated {
        return Err(RevealError::Count { stated, found });
    }
    let items = seal::items_tree(&form);
    let (stated, found) = (reveal.items_root, items.root);
    if found != stated {
        return Err(RevealError::StatedRoot { stated, found });
    }
    check_committed(body, &items, commitment)?;
    Ok(form)
}

/// Names the first item of a form body that differs from a list of all committed leaves.
///
/// The list is believed only when it has the committed root.
pub fn compare(form: &FormBody, committed: &Items, leaves: &[Digest]) -> Result<(), RevealError> {
    if leaves.len() as u64 != committed.leaves || tree::root(leaves) != committed.root {
        return Err(RevealError::LeafList(leaves.len()));
    }
    let revealed = seal::items_leaves(form);
    for (index, leaf) in (0..).zip(leaves) {
        if revealed.leaf(index) == Some(*leaf) {
            continue;
        }
        let is_filler = index >= form.items.len() as u64;
        return Err(if is_filler {
            RevealError::Missing(index)
        } else {
            RevealError::Item(index)
        });
    }
    Ok(())
}

fn check_blob(body: &[u8], reveal: &FormReveal) -> Result<(), RevealError> {
    let (stated, found) = (reveal.body.bytes, body.len() as u64);
    if found != stated {
        return Err(RevealError::Bytes { stated, found });
    }
    let (stated, found) = (reveal.body.sha256, Digest::of(body));
    if found != stated {
        return Err(RevealError::Body { stated, found });
    }
    Ok(())
}

fn check_committed(
    body: &[u8],
    items: &Items,
    commitment: &FormCommitment,
) -> Result<(), RevealError> {
    let committed = commitment.seal.padded;
    let found = seal::padded_bytes(body.len() as u64);
    if found != committed {
        return Err(RevealError::Padded { committed, found });
    }
    let (committed, found) = (commitment.items.leaves, items.leaves);
    if found != committed {
        return Err(RevealError::Leaves { committed, found });
    }
    let (committed, found) = (commitment.items.root, items.root);
    if found != committed {
        return Err(RevealError::Root { committed, found });
    }
    Ok(())
}

#[cfg(test)]
mod tests;

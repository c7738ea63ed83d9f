//! Checkpoints that were seen before: does the log continue them?
//!
//! Two heads are compared by rebuilding the older from the entries, so no proof has to be asked for.

use super::finding::{Breach, Finding};
use crate::{checkpoint::Checkpoint, record::Head, tree::Tree};

/// Compares a checkpoint that was seen before with the one that is audited, as far as sizes go.
///
/// A smaller checkpoint, or another root for the same size, shows without a single entry.
pub fn check_seen(seen: &Checkpoint, now: &Checkpoint) -> Result<(), Finding> {
    if now.size < seen.size {
        return Err(Finding::of_log(
            Breach::Rollback,
            format!(
                "the log shows {} records, but had {} before",
                now.size, seen.size
            ),
        ));
    }
    if now.size == seen.size && now.root != seen.root {
        return Err(Finding::of_log(
            Breach::SplitView,
            format!(
                "the log signed two roots for its first {} records",
                now.size
            ),
        ));
    }
    Ok(())
}

/// Compares a checkpoint that was seen before with the entries, which hold at least as many.
pub(super) fn check_continues(seen: &Checkpoint, tree: &Tree) -> Result<(), Finding> {
    if tree.root_at(seen.size) == seen.root {
        return Ok(());
    }
    Err(Finding::of_log(
        Breach::Fork,
        format!(
            "the log does not continue its own checkpoint of {} records",
            seen.size
        ),
    ))
}

/// Is this head of this log's history? The tree must reach it.
pub(super) fn is_own(head: &Head, origin: &str, tree: &Tree) -> bool {
    head.origin == origin && head.size <= tree.size() && tree.root_at(head.size) == head.root
}

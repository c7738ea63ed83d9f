//! Where the range of a key ends: an index of the station's own log, or a size for each other log.
//!
//! `None` stands for an open range throughout.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// The end of a closed range.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Until {
    /// First index past the range; for the log key, the last size that it may sign.
    At(u64),
    /// Of a witness or mirror key: the last size that counts, for each origin it has cosigned. For
    /// an origin that is not listed, nothing counts.
    Origins(BTreeMap<String, u64>),
}

impl Until {
    /// Does the range go on past this index?
    pub(super) fn is_after(until: Option<&Self>, index: u64) -> bool {
        match until {
            None => true,
            Some(Self::At(end)) => index < *end,
            Some(Self::Origins(_)) => false,
        }
    }

    /// Does the range reach this size of the station's own log?
    pub(super) fn is_reached(until: Option<&Self>, size: u64) -> bool {
        match until {
            None => true,
            Some(Self::At(end)) => size <= *end,
            Some(Self::Origins(_)) => false,
        }
    }

    /// Does the range reach this size of another log?
    pub(super) fn is_reached_for(until: Option<&Self>, origin: &str, size: u64) -> bool {
        match until {
            None => true,
            Some(Self::At(_)) => false,
            Some(Self::Origins(ends)) => ends.get(origin).is_some_and(|end| size <= *end),
        }
    }

    /// Does `later` end nowhere past `earlier`? A closed range may only shrink.
    pub(super) fn is_within(later: Option<&Self>, earlier: Option<&Self>) -> bool {
        match (later, earlier) {
            (_, None) => true,
            (Some(Self::At(later)), Some(Self::At(earlier))) => later <= earlier,
            (Some(Self::Origins(later)), Some(Self::Origins(earlier))) => later
                .iter()
                .all(|(origin, end)| earlier.get(origin).is_some_and(|earlier| end <= earlier)),
            (None | Some(Self::At(_) | Self::Origins(_)), Some(_)) => false,
        }
    }
}

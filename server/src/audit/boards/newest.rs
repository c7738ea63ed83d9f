//! The newest board of each benchmark: it must not have been left to grow old.
//!
//! A station publishes a board soon after a run ends, so one that leaves out what ended long ago is
//! withheld. Which time that was the records say themselves.

use std::collections::{BTreeMap, BTreeSet};

use assay_benchmarks::board::{self, BoardInput, BoardRecord};
use assay_evidence::{
    audit::{Breach, Finding},
    record::Snapshot,
    verify::Held,
};

use super::{super::report::Report, BENCHMARK, inputs::Inputs};
use crate::clock::Millis;

/// How long a run may have ended before a board must show it.
const PATIENCE_SECONDS: u64 = 3600;

/// The newest board of each benchmark, by its short name.
#[derive(Default)]
pub struct Newest<'a>(BTreeMap<&'a str, &'a Held<Snapshot>>);

/// Name of a benchmark without its version.
pub fn short(benchmark: &str) -> &str {
    benchmark.split('@').next().unwrap_or_default()
}

impl<'a> Newest<'a> {
    /// Of boards in the order of the log.
    pub fn of(boards: impl Iterator<Item = &'a Held<Snapshot>>) -> Self {
        let named = |board: &'a Held<Snapshot>| {
            let benchmark = board.predicate.parameters.get(BENCHMARK)?;
            Some((short(benchmark), board))
        };
        Self(boards.filter_map(named).collect())
    }

    /// Is it this one?
    pub fn is(&self, board: &Held<Snapshot>, benchmark: &str) -> bool {
        let newest = self.0.get(short(benchmark));
        newest.is_some_and(|newest| newest.reference == board.reference)
    }

    /// Looks for runs that ended after the newest board of their benchmark was made.
    pub fn check(&self, inputs: &Inputs, now: Millis, report: &mut Report) {
        let names: BTreeSet<&str> = inputs.all().iter().filter_map(benchmark).collect();
        for name in names {
            self.check_one(name, inputs, now, report);
        }
    }

    fn check_one(&self, name: &str, inputs: &Inputs, now: Millis, report: &mut Report) {
        let board = self.0.get(name);
        let made_under = board.map_or(0, |board| head_size(board));
        let ended: Vec<(u64, &str)> = board::selection(name, inputs.all())
            .into_iter()
            .filter_map(ended)
            // Where no run has a result yet there need not be a board of those without one.
            .filter(|(_, is_result, _)| board.is_some() || *is_result == IsResult::Yes)
            .map(|(index, _, declared)| (index, declared))
            .filter(|(index, _)| *index >= made_under && !report.holds_against(&[*index]))
            .collect();
        let old: Vec<u64> = ended
            .iter()
            .filter(|(_, declared)| !is_recent(declared, now))
            .map(|(index, _)| *index)
            .collect();
        let which = board.map_or_else(
            || format!("{name} has no board, though"),
            |board| {
                format!(
                    "the newest board of {name}, at {}, was made before",
                    board.reference.index
                )
            },
        );
        if let Some(first) = old.first() {
            let many = old.len();
            let says = format!(
                "{which} {many} of its runs ended, more than an hour ago; the first ended at {first}"
            );
            report.found(Finding::at(*first, Breach::StaleBoard, says));
        } else if let Some((first, _)) = ended.first() {
            let what = format!("that a board shows the run that ended at {first}");
            report.not_checked(
                what,
                "it ended less than an hour ago, and its board may come yet",
            );
        }
    }
}

#[derive(PartialEq, Eq)]
enum IsResult {
    Yes,
    No,
}

/// Where and when a record says that a run ended.
fn ended(input: &BoardInput) -> Option<(u64, IsResult, &str)> {
    let (is_result, declared) = match &input.record {
        BoardRecord::Receipt(receipt) => (IsResult::Yes, &receipt.declared),
        BoardRecord::Abort(abort) => (IsResult::No, &abort.declared),
        BoardRecord::Commitment { .. } | BoardRecord::Submission(_) | BoardRecord::Intent(_) => {
            return None;
        }
    };
    Some((input.reference.index, is_result, declared))
}

fn benchmark(input: &BoardInput) -> Option<&str> {
    match &input.record {
        BoardRecord::Commitment { record, .. } => Some(short(&record.benchmark)),
        _ => None,
    }
}

/// A board that does not name exactly one head is found elsewhere; here it shows nothing.
fn head_size(board: &Held<Snapshot>) -> u64 {
    match board.predicate.heads.as_slice() {
        [head] => head.size,
        _ => 0,
    }
}

/// A time to come excuses nothing: it would never be over.
fn is_recent(declared: &str, now: Millis) -> bool {
    let millis = PATIENCE_SECONDS * 1000;
    let from = Millis(now.0.saturating_sub(millis)).rfc3339();
    let until = now.plus_seconds(PATIENCE_SECONDS).rfc3339();
    (from.as_str()..=until.as_str()).contains(&declared)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_last_hour_excuses_a_board() {
        let now = Millis(1_795_262_400_000);
        let at = |seconds: i64| Millis(now.0.checked_add_signed(seconds * 1000).unwrap()).rfc3339();
        for (seconds, is) in [
            (-3601, false),
            (-3600, true),
            (0, true),
            (3600, true),
            (3601, false),
        ] {
            assert_eq!(is_recent(&at(seconds), now), is, "{seconds}");
        }
    }
}

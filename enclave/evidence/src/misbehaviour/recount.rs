//! Counts a run again from its outcome leaves, once the form seed is public.
//!
//! A leaf hides one of five verdicts behind a salt that the seed gives away, so trying all five opens
//! it. Which locale or section an item belongs to only the form body says: here the sums over all
//! locales are compared, and the failed guests are taken as stated.

use super::MisbehaviourError;
use crate::{
    digest::Digest,
    outcome::{outcome_bytes, outcome_salt, run_secret},
    record::{Receipt, Score},
    seal::salted_leaf,
    tree::{self, ProofError},
};

/// Points and verdict of version 1.
const VERDICTS: [(&str, &str); 5] = [
    ("1", "pass"),
    ("0", "fail"),
    ("0", "refused"),
    ("0", "unparsed"),
    ("0", "void"),
];

/// Denominators of a run, over all items.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Counted {
    attempted: u64,
    decided: u64,
    den: u64,
    num: u64,
}

/// Opens the leaves that the receipt commits and counts them.
pub(super) fn outcomes(
    receipt: &Receipt,
    seed: Digest,
    leaves: &[Digest],
) -> Result<Counted, MisbehaviourError> {
    let committed = &receipt.outcomes;
    if leaves.len() as u64 != committed.leaves || tree::root(leaves) != committed.root {
        return Err(ProofError::Root.into());
    }
    let secret = run_secret(seed.as_bytes(), &receipt.nonce);
    let mut counted = Counted::default();
    for (index, leaf) in (0..receipt.counts.items).zip(leaves) {
        let salt = outcome_salt(&secret, index);
        let is_it = |(points, verdict): &&(&str, &str)| {
            salted_leaf(&salt, &outcome_bytes(index, points, verdict)) == *leaf
        };
        let (_, verdict) = VERDICTS
            .iter()
            .find(is_it)
            .ok_or(MisbehaviourError::Outcome(index))?;
        counted.add(verdict);
    }
    Ok(counted)
}

impl Counted {
    fn add(&mut self, verdict: &str) {
        self.den += u64::from(verdict != "void");
        self.decided += u64::from(matches!(verdict, "pass" | "fail" | "refused"));
        self.attempted += u64::from(matches!(verdict, "pass" | "fail"));
        self.num += u64::from(verdict == "pass");
    }

    /// Do the receipt's totals, one for each locale, add up to this?
    pub(super) fn agrees(self, receipt: &Receipt) -> bool {
        let is_total = |score: &&Score| score.section.is_none();
        let sum = |of: fn(&Score) -> u64| {
            receipt
                .scores
                .iter()
                .filter(is_total)
                .fold(0_u64, |sum, score| sum.saturating_add(of(score)))
        };
        self == Self {
            attempted: sum(|score| score.attempted),
            decided: sum(|score| score.decided),
            den: sum(|score| score.den),
            num: sum(|score| score.num),
        }
    }
}

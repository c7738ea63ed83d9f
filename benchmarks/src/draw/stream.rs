//! The word stream that slots are drawn from: ChaCha20, and bounded integers by rejection.
//!
//! Only the word stream of `rand_chacha` is used, none of its distributions: those may change
//! between versions, and the same seed must give the same bytes for ever.

use assay_evidence::hkdf;
use rand_chacha::{
    ChaCha20Rng,
    rand_core::{Rng, SeedableRng},
};

/// A stream of integers that a seed fixes.
pub(super) struct Stream(ChaCha20Rng);

impl Stream {
    /// The stream of one family: HKDF of the form seed, bound to the family's index.
    pub fn of_family(form_seed: &[u8; 32], index: u64) -> Self {
        let info = [b"assay/variant/v1".as_slice(), &index.to_be_bytes()].concat();
        Self(ChaCha20Rng::from_seed(hkdf::derive(form_seed, &[], &info)))
    }

    /// A uniform integer below `bound`, which is at least 1.
    pub fn below(&mut self, bound: u64) -> u64 {
        // The largest multiple of `bound` that fits in 2^64, minus 1.
        let last = u64::MAX - (u64::MAX % bound + 1) % bound;
        loop {
            let word = self.word();
            if word <= last {
                return word % bound;
            }
        }
    }

    /// A uniform index below `length`, which is at least 1.
    pub fn index(&mut self, length: usize) -> usize {
        self.below(length as u64) as usize
    }

    /// A uniform integer of the inclusive range.
    pub fn between(&mut self, low: i64, high: i64) -> i64 {
        let width = high.abs_diff(low) + 1;
        low.wrapping_add_unsigned(self.below(width))
    }

    /// Puts a list in uniform random order (Fisher and Yates).
    pub fn shuffle<T>(&mut self, list: &mut [T]) {
        for last in (1..list.len()).rev() {
            list.swap(last, self.index(last + 1));
        }
    }

    /// Two 32-bit words, the first one low.
    fn word(&mut self) -> u64 {
        let low = self.0.next_u32();
        u64::from(self.0.next_u32()) << 32 | u64::from(low)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_value_below_the_bound_occurs_about_equally_often() {
        let mut stream = Stream::of_family(&[7; 32], 0);
        let mut counts = [0_u32; 6];
        for _ in 0..6000 {
            counts[stream.index(6)] += 1;
        }
        assert!(
            counts.iter().all(|&count| (850..1150).contains(&count)),
            "{counts:?}"
        );
    }

    #[test]
    fn ranges_are_inclusive_and_may_be_negative() {
        let mut stream = Stream::of_family(&[7; 32], 1);
        let drawn: std::collections::BTreeSet<i64> =
            (0..200).map(|_| stream.between(-2, 1)).collect();
        assert_eq!(drawn.into_iter().collect::<Vec<_>>(), [-2, -1, 0, 1]);
        assert_eq!(stream.between(5, 5), 5);
    }

    #[test]
    fn streams_of_two_families_differ_and_one_repeats() {
        let first = |index| Stream::of_family(&[9; 32], index).word();
        assert_ne!(first(0), first(1));
        assert_eq!(first(3), first(3));
    }
}

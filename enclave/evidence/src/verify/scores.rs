//! Rule 7: counts add up and estimates are in range.
//!
//! Intervals are not recomputed here; they must be well-formed and hold the rate.

use thiserror::Error;

use crate::{
    record::{FormCommitment, Interval, Receipt, Score},
    seal::LEAF_GROUP,
};

/// Most fraction digits of a decimal.
const PLACES_MAX: usize = 12;

/// What is wrong with counts or scores.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum ScoreError {
    /// `answered + failed` is not `items`.
    #[error("counts do not add up: {answered} answered and {failed} failed of {items} items")]
    Counts {
        /// Answered items.
        answered: u64,
        /// Failed items.
        failed: u64,
        /// Items of the form.
        items: u64,
    },
    /// Outcome tree, item tree and item count have different sizes.
    #[error("outcome tree of {outcomes} leaves does not fit {items} items committed in {leaves}")]
    Leaves {
        /// Leaves of the outcome tree.
        outcomes: u64,
        /// Items that were run.
        items: u64,
        /// Leaves of the committed item tree.
        leaves: u64,
    },
    /// No estimate at all.
    #[error("receipt has no scores")]
    NoScores,
    /// Two estimates of one thing.
    #[error("score {0} repeats the metric, locale and section of another")]
    Repeated(usize),
    /// Not num ≤ attempted ≤ decided ≤ den ≤ items.
    #[error("score {0} does not satisfy num <= attempted <= decided <= den <= items")]
    Range(usize),
    /// No families, or more than items.
    #[error("score {0} has an impossible number of families")]
    Families(usize),
    /// Not decimals within 0 and 1.
    #[error("interval of score {0} is not three decimals within 0 and 1")]
    Interval(usize),
    /// The rate lies outside.
    #[error("interval of score {0} does not hold its rate")]
    RateOutside(usize),
}

pub(crate) fn check(receipt: &Receipt, commitment: &FormCommitment) -> Result<(), ScoreError> {
    let counts = &receipt.counts;
    if counts.answered.checked_add(counts.failed) != Some(counts.items) {
        return Err(ScoreError::Counts {
            answered: counts.answered,
            failed: counts.failed,
            items: counts.items,
        });
    }
    let (outcomes, leaves) = (receipt.outcomes.leaves, commitment.items.leaves);
    let rounded = counts.items.checked_next_multiple_of(LEAF_GROUP);
    if rounded != Some(leaves) || outcomes != leaves {
        return Err(ScoreError::Leaves {
            outcomes,
            items: counts.items,
            leaves,
        });
    }
    if receipt.scores.is_empty() {
        return Err(ScoreError::NoScores);
    }
    for (position, score) in receipt.scores.iter().enumerate() {
        let number = position + 1;
        let repeats = |other: &Score| what(other) == what(score);
        if receipt.scores[..position].iter().any(repeats) {
            return Err(ScoreError::Repeated(number));
        }
        check_score(number, score, counts.items)?;
    }
    Ok(())
}

fn what(score: &Score) -> impl PartialEq + '_ {
    (score.metric, &score.locale, &score.section)
}

fn check_score(number: usize, score: &Score, items: u64) -> Result<(), ScoreError> {
    let ascending = [score.num, score.attempted, score.decided, score.den, items];
    if !ascending.is_sorted() {
        return Err(ScoreError::Range(number));
    }
    if score.families > score.den || (score.families == 0) != (score.den == 0) {
        return Err(ScoreError::Families(number));
    }
    match &score.interval {
        Some(interval) => check_interval(number, score, interval),
        None => Ok(()),
    }
}

fn check_interval(number: usize, score: &Score, interval: &Interval) -> Result<(), ScoreError> {
    let parse = |text| Decimal::parse(text).ok_or(ScoreError::Interval(number));
    let (low, high, level) = (
        parse(&interval.low)?,
        parse(&interval.high)?,
        parse(&interval.level)?,
    );
    if !high.is_at_most_one() || !level.is_at_most_one() {
        return Err(ScoreError::Interval(number));
    }
    let rate = (u128::from(score.num), u128::from(score.den));
    if score.den == 0 || low.is_above(rate) || high.is_below(rate) {
        return Err(ScoreError::RateOutside(number));
    }
    Ok(())
}

/// A decimal that is not negative: `units / scale`.
struct Decimal {
    units: u128,
    scale: u128,
}

impl Decimal {
    /// `0|[1-9][0-9]*` with at most twelve places; a bound has no sign.
    fn parse(text: &str) -> Option<Self> {
        let (whole, places) = text.split_once('.').unwrap_or((text, ""));
        let is_digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
        let has_point = text.len() != whole.len();
        let is_padded = whole.len() > 1 && whole.starts_with('0');
        if whole.is_empty() || is_padded || (has_point && places.is_empty()) {
            return None;
        }
        if whole.len() > PLACES_MAX || places.len() > PLACES_MAX {
            return None;
        }
        if !is_digits(whole) || !is_digits(places) {
            return None;
        }
        Some(Self {
            units: format!("{whole}{places}").parse().ok()?,
            scale: 10_u128.pow(u32::try_from(places.len()).ok()?),
        })
    }

    fn is_at_most_one(&self) -> bool {
        self.units <= self.scale
    }

    /// Both sides saturate far above any bound of at most one.
    fn is_above(&self, (num, den): (u128, u128)) -> bool {
        self.units.saturating_mul(den) > num.saturating_mul(self.scale)
    }

    fn is_below(&self, (num, den): (u128, u128)) -> bool {
        self.units.saturating_mul(den) < num.saturating_mul(self.scale)
    }
}

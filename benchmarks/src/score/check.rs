//! What the items of a form alone say about stated scores, before any answer is marked again.
//!
//! Which answers were right it cannot know: that takes another run.

use std::collections::{BTreeMap, BTreeSet};

use assay_evidence::record::Score;
use thiserror::Error;

use super::{FAMILIES_MIN, interval};
use crate::item::Item;

/// The first thing in which scores are not those of any run of the form.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum ScoreFault {
    /// Other rows.
    #[error("scores are not of the locales and sections of the form, in their order")]
    Rows,
    /// More than the form has.
    #[error("score {0} counts more items or other families than the form has")]
    Size(usize),
    /// A total of something else.
    #[error("score {0} is not the sum of its sections")]
    Sum(usize),
    /// An interval of other counts, or where none may be.
    #[error("score {0} has another interval than follows from its counts")]
    Interval(usize),
}

/// Items and families of a row.
#[derive(Default)]
struct Row<'a> {
    items: u64,
    families: BTreeSet<&'a str>,
}

/// Checks scores against the items that they are of.
///
/// # Errors
/// The first row that no run of these items can have. Rows are numbered from 1.
pub fn check(items: &[Item], scores: &[Score]) -> Result<(), ScoreFault> {
    let mut rows: BTreeMap<(&str, Option<&str>), Row> = BTreeMap::new();
    for item in items {
        for section in [None, Some(item.section.as_str())] {
            let row = rows.entry((item.locale.as_str(), section)).or_default();
            row.items += 1;
            row.families.insert(&item.family);
        }
    }
    let stated = scores
        .iter()
        .map(|score| Some((score.locale.as_deref()?, score.section.as_deref())));
    if !stated.eq(rows.keys().map(|key| Some(*key))) {
        return Err(ScoreFault::Rows);
    }
    for (number, (score, row)) in (1..).zip(scores.iter().zip(rows.values())) {
        check_row(number, score, row)?;
        if score.section.is_none() && !is_sum(score, scores) {
            return Err(ScoreFault::Sum(number));
        }
    }
    Ok(())
}

/// An item that was not presented is in no count, and perhaps neither is its family.
fn check_row(number: usize, score: &Score, row: &Row) -> Result<(), ScoreFault> {
    let families = row.families.len() as u64;
    let is_whole = score.den == row.items;
    let is_ascending = [
        score.num,
        score.attempted,
        score.decided,
        score.den,
        row.items,
    ]
    .is_sorted();
    if !is_ascending || score.families > families || (is_whole && score.families != families) {
        return Err(ScoreFault::Size(number));
    }
    let independent = score.families >= FAMILIES_MIN && score.families == score.den;
    if score.interval != independent.then(|| interval(score.num, score.den)) {
        return Err(ScoreFault::Interval(number));
    }
    Ok(())
}

fn is_sum(total: &Score, scores: &[Score]) -> bool {
    let of = |count: fn(&Score) -> u64| {
        let sections = scores
            .iter()
            .filter(|score| score.section.is_some() && score.locale == total.locale);
        sections.fold(0_u64, |sum, score| sum.saturating_add(count(score))) == count(total)
    };
    of(|score| score.num)
        && of(|score| score.attempted)
        && of(|score| score.decided)
        && of(|score| score.den)
}

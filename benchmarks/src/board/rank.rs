//! Ranks and the order of rows: exact fractions, shared ranks, no tie broken by time.
//!
//! Competition ranking: 1, =2, =2, 4. It estimates nothing.

use std::{cmp::Ordering, collections::BTreeSet};

use assay_evidence::record::Score;

use super::{Rank, Row};

/// Rank texts of the rates `num/den`, in the order given: `1`, and `=2` where two are equal. A
/// rate over nothing has no rank.
pub fn ranks(rates: &[(u64, u64)]) -> Vec<Option<String>> {
    let text = |rate: &(u64, u64)| {
        if rate.1 == 0 {
            return None;
        }
        let count = |order| {
            rates
                .iter()
                .filter(|other| compare(**other, *rate) == order)
                .count()
        };
        let (better, equal) = (count(Ordering::Greater), count(Ordering::Equal));
        let shared = if equal > 1 { "=" } else { "" };
        Some(format!("{shared}{}", better + 1))
    };
    rates.iter().map(text).collect()
}

/// Gives every row its ranks among all rows.
pub(super) fn fill(rows: &mut [Row]) {
    let scores = rows.iter().flat_map(|row| &row.scores);
    let cells: BTreeSet<(String, Option<String>)> = scores
        .filter_map(|score| Some((score.locale.clone()?, score.section.clone())))
        .collect();
    for (locale, section) in cells {
        let rates: Vec<(u64, u64)> = rows
            .iter()
            .map(|row| rate(row, &locale, section.as_deref()))
            .collect();
        for (row, rank) in rows.iter_mut().zip(ranks(&rates)) {
            let (locale, section) = (locale.clone(), section.clone());
            row.ranks.extend(rank.map(|rank| Rank {
                locale,
                rank,
                section,
            }));
        }
    }
}

/// Best total of `locale` first; equals by name, then by the system's place in the log.
pub(super) fn sort(rows: &mut [Row], locale: &str) {
    rows.sort_by(|a, b| {
        let by_rate = compare(rate(b, locale, None), rate(a, locale, None));
        by_rate
            .then_with(|| a.name.cmp(&b.name))
            .then_with(|| a.system.cmp(&b.system))
    });
}

/// The rate of a row; 0/0 where the receipt states none.
fn rate(row: &Row, locale: &str, section: Option<&str>) -> (u64, u64) {
    let stated = |score: &&Score| {
        score.locale.as_deref() == Some(locale) && score.section.as_deref() == section
    };
    row.scores
        .iter()
        .find(stated)
        .map_or((0, 0), |score| (score.num, score.den))
}

/// Compares two fractions; one over nothing is below every other.
fn compare(a: (u64, u64), b: (u64, u64)) -> Ordering {
    let has_rate = (a.1 > 0).cmp(&(b.1 > 0));
    let cross = |x: (u64, u64), y: (u64, u64)| u128::from(x.0) * u128::from(y.1);
    has_rate.then_with(|| cross(a, b).cmp(&cross(b, a)))
}

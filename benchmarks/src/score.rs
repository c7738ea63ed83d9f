//! Estimates of one run: counts for each locale and section, with a Wilson interval.
//!
//! Counts are of items; the interval is given only where each family has one item in the row, so
//! that items are independent. There is no total over locales: they are different questions.

mod check;

use std::collections::{BTreeMap, BTreeSet};

use assay_evidence::record::{Interval, IntervalMethod, Metric, Score};

use crate::{
    grade::{Mark, Verdict},
    item::Item,
    wilson,
};

pub use check::{ScoreFault, check};

/// Fewest families of an interval.
pub const FAMILIES_MIN: u64 = 10;

/// Scores of the marks, one mark for each item: per locale a total and a row for each section,
/// sorted by metric, locale and section, totals first.
///
/// # Panics
/// When there are more or fewer marks than items.
pub fn scores(items: &[Item], marks: &[Mark]) -> Vec<Score> {
    assert_eq!(items.len(), marks.len(), "each item has one mark");
    let mut rows: BTreeMap<(&str, Option<&str>), Row> = BTreeMap::new();
    for (item, mark) in items.iter().zip(marks) {
        for section in [None, Some(item.section.as_str())] {
            rows.entry((item.locale.as_str(), section))
                .or_default()
                .count(item, mark);
        }
    }
    rows.into_iter()
        .map(|((locale, section), row)| row.score(locale, section))
        .collect()
}

#[derive(Default)]
struct Row<'a> {
    passed: u64,
    presented: u64,
    decided: u64,
    attempted: u64,
    families: BTreeSet<&'a str>,
}

impl<'a> Row<'a> {
    fn count(&mut self, item: &'a Item, mark: &Mark) {
        let (presented, decided, attempted, passed) = match mark.verdict {
            Verdict::Pass => (1, 1, 1, 1),
            Verdict::Fail => (1, 1, 1, 0),
            Verdict::Refused => (1, 1, 0, 0),
            Verdict::Unparsed => (1, 0, 0, 0),
            Verdict::Void => return,
        };
        self.presented += presented;
        self.decided += decided;
        self.attempted += attempted;
        self.passed += passed;
        self.families.insert(&item.family);
    }

    fn score(self, locale: &str, section: Option<&str>) -> Score {
        let families = self.families.len() as u64;
        let independent = families >= FAMILIES_MIN && families == self.presented;
        Score {
            attempted: self.attempted,
            decided: self.decided,
            den: self.presented,
            families,
            interval: independent.then(|| interval(self.passed, self.presented)),
            locale: Some(locale.to_owned()),
            metric: Metric::Strict,
            num: self.passed,
            section: section.map(str::to_owned),
        }
    }
}

fn interval(passed: u64, presented: u64) -> Interval {
    let (low, high) = wilson::interval(passed, presented);
    Interval {
        high,
        level: wilson::LEVEL.to_owned(),
        low,
        method: IntervalMethod::Wilson,
    }
}

#[cfg(test)]
mod tests;

//! Estimates as a receipt states them: counts as integers, bounds as decimal strings.

use serde::{Deserialize, Serialize};

/// One estimate over all items, or over one locale and section.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Score {
    /// Decided items that were not refused.
    pub attempted: u64,
    /// Presented items that were neither unparsed nor not judged.
    pub decided: u64,
    /// Presented items: all but void ones.
    pub den: u64,
    /// Families, the units of independence.
    pub families: u64,
    /// Absent below ten families.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub interval: Option<Interval>,
    /// Locale tag; absent in totals over locales.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub locale: Option<String>,
    /// What the rate counts.
    pub metric: Metric,
    /// Passed items.
    pub num: u64,
    /// Section; absent in totals.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub section: Option<String>,
}

impl Score {
    /// Passed over presented in per mille, rounded to nearest with halves up; 0 when nothing was
    /// presented.
    pub fn permille(&self) -> u64 {
        let (num, den) = (u128::from(self.num), u128::from(self.den));
        (2000 * num + den)
            .checked_div(2 * den)
            .map_or(0, |rounded| rounded as u64)
    }
}

/// A per mille figure as a percentage with one decimal, `87.5`.
pub fn percent(permille: u64) -> String {
    format!("{}.{}", permille / 10, permille % 10)
}

/// Closed list of metrics.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Metric {
    /// Passed over presented.
    Strict,
}

/// An interval with bounds rounded outward at four places.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Interval {
    /// Upper bound.
    pub high: String,
    /// Confidence level, `0.95`.
    pub level: String,
    /// Lower bound.
    pub low: String,
    /// How it was computed.
    pub method: IntervalMethod,
}

/// Closed list of interval methods.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum IntervalMethod {
    /// Wilson score interval (Wilson 1927).
    Wilson,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn permille(num: u64, den: u64) -> u64 {
        let score = Score {
            attempted: den,
            decided: den,
            den,
            families: 1,
            interval: None,
            locale: None,
            metric: Metric::Strict,
            num,
            section: None,
        };
        score.permille()
    }

    #[test]
    fn a_rate_is_rounded_to_nearest_in_integers() {
        assert_eq!(permille(7, 8), 875);
        assert_eq!(permille(2, 3), 667);
        assert_eq!(permille(1, 3), 333);
        assert_eq!(permille(1, 2000), 1);
        assert_eq!(permille(0, 0), 0);
        assert_eq!(permille(u64::MAX, u64::MAX), 1000);
        assert_eq!(percent(875), "87.5");
        assert_eq!(percent(1000), "100.0");
        assert_eq!(percent(3), "0.3");
    }
}

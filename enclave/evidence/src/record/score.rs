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

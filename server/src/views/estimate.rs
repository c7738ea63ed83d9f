//! Signed counts and bounds as things a page can draw: per mille and percent, in integers only.
//!
//! No estimate is computed here; the interval is the one that the keeper signed.

use assay_api::{Estimate, EstimateInterval};
use assay_evidence::record::{Interval, IntervalMethod, Score, percent};

/// Fewest families that carry an interval.
const FAMILIES_MIN: u64 = 10;
/// Fewest families that carry one without a word of caution.
const FAMILIES_FEW: u64 = 30;

/// What a page shows of a score.
pub fn estimate(score: &Score) -> Estimate {
    let permille = score.permille();
    Estimate {
        num: score.num,
        den: score.den,
        decided: score.decided,
        attempted: score.attempted,
        families: score.families,
        permille,
        percent: percent(permille),
        interval: score.interval.as_ref().and_then(interval),
        few_families: (FAMILIES_MIN..FAMILIES_FEW).contains(&score.families),
    }
}

/// A bound that is no decimal with four places was not signed by a keeper of ours: no interval.
fn interval(signed: &Interval) -> Option<EstimateInterval> {
    let low_permille = ten_thousandths(&signed.low)? / 10;
    let high_permille = ten_thousandths(&signed.high)?.div_ceil(10);
    Some(EstimateInterval {
        low: signed.low.clone(),
        high: signed.high.clone(),
        level: signed.level.clone(),
        method: match signed.method {
            IntervalMethod::Wilson => "wilson".to_owned(),
        },
        low_permille,
        high_permille,
        low_percent: percent(low_permille),
        high_percent: percent(high_permille),
    })
}

/// `0.8276` is 8276; anything but `0.dddd` and `1.0000` is none.
fn ten_thousandths(text: &str) -> Option<u64> {
    let (whole, places) = text.split_once('.')?;
    let digits = places.len() == 4 && places.bytes().all(|byte| byte.is_ascii_digit());
    let value = places.parse::<u64>().ok().filter(|_| digits)?;
    match (whole, value) {
        ("0", value) => Some(value),
        ("1", 0) => Some(10_000),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use assay_evidence::record::Metric;

    use super::*;

    fn score(num: u64, den: u64, families: u64, bounds: Option<(&str, &str)>) -> Score {
        Score {
            attempted: den,
            decided: den,
            den,
            families,
            interval: bounds.map(|(low, high)| Interval {
                high: high.to_owned(),
                level: "0.95".to_owned(),
                low: low.to_owned(),
                method: IntervalMethod::Wilson,
            }),
            locale: None,
            metric: Metric::Strict,
            num,
            section: None,
        }
    }

    #[test]
    fn bounds_are_drawn_outward() {
        let shown = estimate(&score(36, 40, 40, Some(("0.7695", "0.9604"))));
        let interval = shown.interval.expect("forty families carry an interval");
        assert_eq!((interval.low_permille, interval.high_permille), (769, 961));
        assert_eq!(
            (
                interval.low_percent.as_str(),
                interval.high_percent.as_str()
            ),
            ("76.9", "96.1")
        );
        assert_eq!(
            (interval.low.as_str(), interval.method.as_str()),
            ("0.7695", "wilson")
        );
        assert!(!shown.few_families);
    }

    #[test]
    fn the_ends_of_the_scale_stay_on_it() {
        let shown = estimate(&score(40, 40, 29, Some(("0.9124", "1.0000"))));
        let interval = shown.interval.expect("a signed interval");
        assert_eq!((interval.low_permille, interval.high_permille), (912, 1000));
        assert!(shown.few_families);
    }

    #[test]
    fn a_malformed_bound_shows_no_interval() {
        for bad in [
            "1.0001", "0.5", "0,5000", "-0.1000", ".5000", "0.50000", "2.0000", "0.+123",
        ] {
            assert_eq!(
                estimate(&score(1, 2, 12, Some((bad, "1.0000")))).interval,
                None,
                "{bad}"
            );
        }
        assert_eq!(estimate(&score(1, 2, 9, None)).interval, None);
    }
}

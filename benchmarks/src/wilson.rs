//! The Wilson score interval (Wilson 1927), at level 0.95 with bounds rounded outward.
//!
//! There are no floats: the bounds are roots of a quadratic, and a decimal is compared with a root
//! by the sign of that quadratic in integers. So every machine prints the same digits.

use num_bigint::{BigInt, Sign};

/// The level of the interval.
pub const LEVEL: &str = "0.95";

/// z = 1.959963984540054, the normal quantile at 0.975, in units of 10^-15.
const Z: i64 = 1_959_963_984_540_054;
const Z_SCALE: i64 = 1_000_000_000_000_000;
/// Bounds have four decimal places.
const SCALE: u64 = 10_000;

/// Bounds of the rate `k/n`, low rounded down and high rounded up at four places.
///
/// # Panics
/// When `n` is 0 or `k` is above `n`: there is no such rate.
pub fn interval(k: u64, n: u64) -> (String, String) {
    assert!(n > 0 && k <= n, "a rate needs k at most n and n above 0");
    let high = SCALE - low(n - k, n);
    (decimal(low(k, n)), decimal(high))
}

/// The largest j with j/SCALE at or below the lower bound. The upper bound of k is 1 minus the
/// lower bound of n − k.
fn low(k: u64, n: u64) -> u64 {
    let (mut below, mut above) = (0, u128::from(k) * u128::from(SCALE) / u128::from(n) + 1);
    while above - below > 1 {
        let middle = u128::midpoint(below, above);
        if is_at_or_below(middle, k, n) {
            below = middle;
        } else {
            above = middle;
        }
    }
    below as u64
}

/// For p = j/SCALE at or below k/n: p ≤ low iff (k/n − p)² ≥ z²·p(1 − p)/n.
fn is_at_or_below(j: u128, k: u64, n: u64) -> bool {
    let (j, k, n) = (BigInt::from(j), BigInt::from(k), BigInt::from(n));
    let scale = BigInt::from(SCALE);
    let distance = k * &scale - &j * &n;
    let left = BigInt::from(Z_SCALE).pow(2) * distance.pow(2);
    let right = BigInt::from(Z).pow(2) * n * &j * (scale - &j);
    // At k = n the upper bound is a root too.
    let is_below_rate = distance.sign() == Sign::Plus || j == BigInt::ZERO;
    is_below_rate && left >= right
}

fn decimal(scaled: u64) -> String {
    format!("{}.{:04}", scaled / SCALE, scaled % SCALE)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn bounds_are_those_of_the_reference_values_rounded_outward() {
        for (k, n, low, high) in [
            (0, 20, "0.0000", "0.1612"),
            (50, 50, "0.9286", "1.0000"),
            (292, 300, "0.9482", "0.9865"),
            (900, 1000, "0.8798", "0.9171"),
            (1, 3, "0.0614", "0.7924"),
            (0, 1, "0.0000", "0.7935"),
        ] {
            assert_eq!(interval(k, n), (low.to_owned(), high.to_owned()), "{k}/{n}");
        }
    }

    #[test]
    fn the_largest_counts_of_the_log_do_not_overflow() {
        let n = (1 << 53) - 1;
        assert_eq!(interval(n, n), ("0.9999".to_owned(), "1.0000".to_owned()));
    }

    proptest! {
        #[test]
        fn bounds_enclose_the_real_ones_and_are_nearest(n in 1_u64..5000, share in 0.0..=1.0_f64) {
            let k = ((n as f64) * share) as u64;
            let (low, high) = interval(k, n);
            let (low, high): (f64, f64) = (low.parse().expect("a decimal"), high.parse().expect("a decimal"));
            let (p, nf, z) = (k as f64 / n as f64, n as f64, 1.959_963_984_540_054_f64);
            let centre = (p + z * z / (2.0 * nf)) / (1.0 + z * z / nf);
            let half = z * (p * (1.0 - p) / nf + z * z / (4.0 * nf * nf)).sqrt() / (1.0 + z * z / nf);
            let slack = 1e-9;
            prop_assert!(low <= centre - half + slack && centre - half < low + 0.0001 + slack);
            prop_assert!(high >= centre + half - slack && centre + half > high - 0.0001 - slack);
        }
    }
}

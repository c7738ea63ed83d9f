//! Exact numbers as text: decimals and fractions, without floats.
//!
//! It reads the forms that packs and items use; what a system wrote is read by the grader.

use num_bigint::BigInt;
use num_rational::BigRational;

/// Most characters of a number in a pack or an item.
const LENGTH_MAX: usize = 64;

/// Reads `-?(0|[1-9][0-9]*)(\.[0-9]+)?`, or two such integers as `p/q` with q above 0; never `-0`.
pub(crate) fn parse(text: &str) -> Option<BigRational> {
    if text.len() > LENGTH_MAX {
        return None;
    }
    if let Some((numerator, denominator)) = text.split_once('/') {
        let denominator = integer(denominator).filter(|value| *value > BigInt::ZERO)?;
        return Some(BigRational::new(integer(numerator)?, denominator));
    }
    let (whole, places) = text
        .split_once('.')
        .map_or((text, None), |(w, p)| (w, Some(p)));
    let places = match places {
        Some(places) if places.is_empty() || !all_digits(places) => return None,
        Some(places) => places,
        None => "",
    };
    let unsigned = whole.strip_prefix('-').unwrap_or(whole);
    integer(unsigned).filter(|_| !unsigned.starts_with('-'))?;
    let value = decimal(unsigned, places);
    let zero = value == BigRational::from_integer(BigInt::ZERO);
    match (unsigned.len() < whole.len(), zero) {
        (true, true) => None,
        (true, false) => Some(-value),
        (false, _) => Some(value),
    }
}

/// True for a decimal that is not negative.
pub(crate) fn is_tolerance(text: &str) -> bool {
    parse(text).is_some() && !text.starts_with('-') && !text.contains('/')
}

/// The number `whole.places`, both of ASCII digits.
pub(crate) fn decimal(whole: &str, places: &str) -> BigRational {
    let digits = format!("0{whole}{places}");
    let scaled: BigInt = digits.parse().expect("the caller passes only digits");
    BigRational::new(scaled, power_of_ten(places.len() as u32))
}

/// 10 to the power of `exponent`.
pub(crate) fn power_of_ten(exponent: u32) -> BigInt {
    BigInt::from(10).pow(exponent)
}

fn integer(text: &str) -> Option<BigInt> {
    let digits = text.strip_prefix('-').unwrap_or(text);
    let canonical =
        all_digits(digits) && !digits.is_empty() && (digits == "0" || !digits.starts_with('0'));
    (canonical && text != "-0").then(|| text.parse().expect("digits are an integer"))
}

fn all_digits(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decimals_and_fractions_are_read_exactly() {
        let fraction = |p: i64, q: i64| Some(BigRational::new(p.into(), q.into()));
        assert_eq!(parse("12.50"), fraction(25, 2));
        assert_eq!(parse("-0.5"), fraction(-1, 2));
        assert_eq!(parse("2/6"), fraction(1, 3));
        assert_eq!(parse("-7"), fraction(-7, 1));
    }

    #[test]
    fn a_second_spelling_of_a_number_is_refused() {
        for text in [
            "", "-", "+1", "01", "-0", "-0.0", "1.", ".5", "1/0", "1/-2", "1e3", "1,5", "½", "--1",
        ] {
            assert_eq!(parse(text), None, "{text}");
        }
    }
}

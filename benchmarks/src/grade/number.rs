//! Marks a number: which number does a text state, in which unit, and is it near enough?
//!
//! Numbers are exact rationals from the first digit on; there are no floats. A number that the
//! text does not single out is never guessed.

mod scan;

use assay_evidence::json;
use num_bigint::{BigInt, Sign};
use num_rational::BigRational;

use super::{Reason, cues};
use crate::{item::Unit, rational};
use scan::{Number, Style};

/// The decimal sign of a locale; the other one groups thousands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum DecimalSign {
    Point,
    Comma,
}

/// The key of an item.
#[derive(Clone, Copy)]
pub(super) struct Key<'a> {
    pub abs: &'a str,
    pub rel: &'a str,
    pub unit: Option<&'a Unit>,
    pub value: &'a str,
}

/// Between two numbers, these make them alternatives or an unfinished sum.
const JOINERS: [&str; 26] = [
    "+", "-", "\u{2212}", "*", "×", "·", "/", "÷", "=", "^", "~", "or", "and", "to", "ou", "e",
    "a", "或", "和", "与", "與", "还是", "還是", "定係", "至", "到",
];

/// Passes when `text` states a number within the tolerance.
pub(super) fn judge(text: &str, key: Key<'_>, sign: DecimalSign) -> Result<(), Reason> {
    let spellings: &[String] = match key.unit {
        Some(Unit::Spelled(spellings)) => spellings,
        Some(Unit::Ratio(_)) | None => &[],
    };
    let numbers = scan::numbers(text, sign, spellings);
    let number = select(text, &numbers)?;
    let value = number.value.clone()?;
    let value = in_unit(value, number, text, key.unit)?;
    if is_near(&value, key) {
        return Ok(());
    }
    let read: String = value.to_string().chars().take(64).collect();
    Err(Reason::OtherNumber { read })
}

/// What the grader digest says of this file.
pub(super) fn parameters() -> json::Value {
    serde_json::json!({
        "cues": cues::parameters(),
        "digitsMax": scan::DIGITS_MAX,
        "joiners": JOINERS,
        "numeralMax": "亿",
        "which": "after last cue, else only one, else only one of last line with one",
    })
}

/// The number after the last cue; else the only one; else the only one of the last line that has
/// one. Numerals count only where there are no digits: 一 is also an article.
fn select<'a>(text: &str, numbers: &'a [Number]) -> Result<&'a Number, Reason> {
    if numbers.is_empty() {
        return Err(Reason::NoRule);
    }
    if let Some(cue) = cues::ends(text).last() {
        let line_end = text[*cue..].find('\n').map_or(text.len(), |at| cue + at);
        let from = numbers.partition_point(|number| number.start < *cue);
        let until = numbers.partition_point(|number| number.start < line_end);
        if let Some(stated) = numbers.get(from..until).filter(|stated| !stated.is_empty()) {
            return first_of(text, stated);
        }
    }
    let last_start = numbers[numbers.len() - 1].start;
    let line_start = text[..last_start].rfind('\n').map_or(0, |at| at + 1);
    let last_line = numbers.partition_point(|number| number.start < line_start);
    let only = only_one(numbers).or_else(|| only_one(&numbers[last_line..]));
    only.ok_or(Reason::Ambiguous)
}

/// The first number, unless a joiner leads on to a second one.
fn first_of<'a>(text: &str, stated: &'a [Number]) -> Result<&'a Number, Reason> {
    if let [first, second, ..] = stated {
        let between = text[first.end..second.start].trim();
        let last_word = between.rsplit(' ').next().unwrap_or(between);
        let joined = JOINERS.iter().any(|joiner| {
            let is_sign = !joiner.starts_with(|c: char| c.is_ascii_alphabetic());
            last_word == *joiner || (is_sign && between.ends_with(joiner))
        });
        if joined {
            return Err(Reason::Ambiguous);
        }
    }
    Ok(&stated[0])
}

fn only_one(numbers: &[Number]) -> Option<&Number> {
    let mut digits = numbers
        .iter()
        .filter(|number| number.style == Style::Digits);
    match (digits.next(), digits.next()) {
        (Some(only), None) => Some(only),
        (None, _) if numbers.len() == 1 => numbers.first(),
        _ => None,
    }
}

/// The value in the item's unit.
fn in_unit(
    value: BigRational,
    number: &Number,
    text: &str,
    unit: Option<&Unit>,
) -> Result<BigRational, Reason> {
    let hundred = BigRational::from_integer(BigInt::from(100));
    match unit {
        Some(Unit::Ratio(_)) if number.is_percent => Ok(value / hundred),
        None if number.is_percent => Err(Reason::Unit),
        Some(Unit::Ratio(_)) | None => Ok(value),
        Some(Unit::Spelled(spellings)) => {
            let beside = if number.is_percent {
                spellings.iter().any(|spelling| spelling == "%")
            } else {
                spellings
                    .iter()
                    .any(|spelling| scan::stands_beside(text, number, spelling))
            };
            if beside { Ok(value) } else { Err(Reason::Unit) }
        }
    }
}

/// `|x − t| ≤ max(abs, rel·|t|)`.
fn is_near(value: &BigRational, key: Key<'_>) -> bool {
    let number = |text| rational::parse(text).expect("an item's numbers are canonical");
    let target = number(key.value);
    let tolerance = number(key.abs).max(number(key.rel) * magnitude(target.clone()));
    magnitude(value - target) <= tolerance
}

fn magnitude(value: BigRational) -> BigRational {
    if value.numer().sign() == Sign::Minus {
        -value
    } else {
        value
    }
}

#[cfg(test)]
mod tests;

//! Finds the numbers of a text: digits with thousands, decimals and exponents, and numerals.
//!
//! It says where numbers stand and what they are worth; which one is the answer is not its matter.

use num_rational::BigRational;

use super::DecimalSign;
use crate::{
    grade::{Reason, numeral},
    rational,
    text::is_han,
};

/// Most digits of one number, and largest exponent.
pub(super) const DIGITS_MAX: usize = 100;
/// What stands before a percentage in Chinese.
const PERCENT_BEFORE: &str = "百分之";

/// A number in a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Number {
    /// Byte offset of its sign or first digit.
    pub start: usize,
    /// Byte offset behind it and its percent sign.
    pub end: usize,
    pub value: Result<BigRational, Reason>,
    pub is_percent: bool,
    pub style: Style,
}

/// How a number is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Style {
    Digits,
    Numerals,
}

/// All numbers of a text, in order. `spellings` are those of the wanted unit.
pub(super) fn numbers(text: &str, sign: DecimalSign, spellings: &[String]) -> Vec<Number> {
    let scanner = Scanner {
        text,
        sign,
        spellings,
    };
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(c) = text[at..].chars().next() {
        let after_letter = text[..at].ends_with(|c: char| c.is_alphabetic() && !is_han(c));
        let number = match (scanner.starts_digits(at), after_letter) {
            (true, false) => Some(scanner.digits(at)),
            // `H2O` holds no number, and neither does `x10.5`.
            (true, true) => {
                at = scanner.digits(at).end;
                continue;
            }
            (false, _) => scanner.numerals(at),
        };
        match number {
            Some(number) => {
                at = number.end;
                found.push(number);
            }
            None => at += c.len_utf8(),
        }
    }
    found
}

/// True when the unit's spelling stands right after or right before the number.
pub(super) fn stands_beside(text: &str, number: &Number, spelling: &str) -> bool {
    let wanted = spelling.to_lowercase();
    let near = wanted.len() * 2 + 8;
    let after = text[number.end..].trim_start_matches(' ');
    let after = after[..after.floor_char_boundary(near)].to_lowercase();
    let before = text[..number.start].trim_end_matches(' ');
    let before =
        before[before.ceil_char_boundary(before.len().saturating_sub(near))..].to_lowercase();
    let letter = |c: char| c.is_alphanumeric() && !is_han(c);
    let open_end = wanted.ends_with(letter);
    let open_start = wanted.starts_with(letter);
    let follows = after
        .strip_prefix(&wanted)
        .is_some_and(|rest| !(open_end && rest.starts_with(letter)));
    let leads = before
        .strip_suffix(&wanted)
        .is_some_and(|rest| !(open_start && rest.ends_with(letter)));
    follows || leads
}

/// Digits and the unit behind them, if there is one.
struct Segment {
    value: Result<BigRational, Reason>,
    unit: Option<BigRational>,
    end: usize,
}

struct Scanner<'a> {
    text: &'a str,
    sign: DecimalSign,
    spellings: &'a [String],
}

impl Scanner<'_> {
    /// A digit, or a decimal sign with a digit behind it and no digit before it.
    fn starts_digits(&self, at: usize) -> bool {
        let rest = &self.text[at..];
        let bare = rest.strip_prefix(self.decimal_sign());
        starts_with_digit(rest)
            || (bare.is_some_and(starts_with_digit)
                && !self.text[..at].ends_with(|c: char| c.is_alphanumeric()))
    }

    /// Digits, with the Chinese units behind them: `12`, `3万`, `1亿2000万`.
    fn digits(&self, at: usize) -> Number {
        let mut segment = self.segment(at);
        let mut total = segment.value.clone();
        while segment.unit.is_some() && starts_with_digit(&self.text[segment.end..]) {
            let next = self.segment(segment.end);
            total = match (total, &next.value, &segment.unit, &next.unit) {
                (Ok(sum), Ok(value), Some(above), Some(_)) if value < above => Ok(sum + value),
                // `3万5` is 35,000 to some and 30,005 to others.
                _ => Err(Reason::Ambiguous),
            };
            segment = next;
        }
        self.finish(at, segment.end, total, Style::Digits)
    }

    /// Digits and the Chinese units right behind them.
    fn segment(&self, at: usize) -> Segment {
        let (whole, rest) = self.grouped(&self.text[at..]);
        let (places, rest) = match rest.strip_prefix(self.decimal_sign()) {
            Some(behind) if starts_with_digit(behind) => take_digits(behind),
            _ => ("", rest),
        };
        let (exponent, rest) = exponent(rest);
        let end = self.text.len() - rest.len();
        let plain = |value| Segment {
            value,
            unit: None,
            end,
        };
        let value = match value(&whole, places, exponent) {
            Ok(value) => value,
            Err(reason) => return plain(Err(reason)),
        };
        let behind = rest.trim_start_matches(' ');
        let one = BigRational::from_integer(1.into());
        let Some((length, unit)) = numeral::read(behind, Some(&one), &|text| self.is_unit(text))
        else {
            return plain(Ok(value));
        };
        let end = self.text.len() - behind.len() + length;
        // 3万5: a digit behind the unit has a meaning of its own, so the whole is read again.
        let whole = numeral::read(behind, Some(&value), &|text| self.is_unit(text));
        let value = whole.map_or(Err(Reason::Ambiguous), |(_, value)| value);
        Segment {
            value,
            unit: unit.ok(),
            end,
        }
    }

    fn numerals(&self, at: usize) -> Option<Number> {
        let (length, value) = numeral::read(&self.text[at..], None, &|text| self.is_unit(text))?;
        Some(self.finish(at, at + length, value, Style::Numerals))
    }

    /// Adds sign and percent sign.
    fn finish(
        &self,
        start: usize,
        end: usize,
        value: Result<BigRational, Reason>,
        style: Style,
    ) -> Number {
        let mut before = &self.text[..start];
        let mut is_percent = false;
        if let Some(shorter) = before.strip_suffix(PERCENT_BEFORE) {
            (before, is_percent) = (shorter, true);
        }
        let is_negative = strip_minus(before)
            .map(|shorter| before = shorter)
            .is_some();
        let after = self.text[end..].trim_start_matches(' ');
        let end = match after.strip_prefix('%') {
            Some(behind) => {
                is_percent = true;
                self.text.len() - behind.len()
            }
            None => end,
        };
        let value = value.map(|value| if is_negative { -value } else { value });
        Number {
            start: before.len(),
            end,
            value,
            is_percent,
            style,
        }
    }

    /// Digits with thousands marks taken out; the same mark throughout.
    fn grouped<'t>(&self, text: &'t str) -> (String, &'t str) {
        let (first, mut rest) = take_digits(text);
        let mut whole = first.to_owned();
        let marks: &[char] = match self.sign {
            DecimalSign::Point => &[','],
            DecimalSign::Comma => &['.', ' '],
        };
        let mark = rest.chars().next().filter(|c| marks.contains(c));
        let Some(mark) = mark.filter(|_| (1..=3).contains(&first.len())) else {
            return (whole, rest);
        };
        while let Some(behind) = rest.strip_prefix(mark) {
            let (group, after) = take_digits(behind);
            if group.len() != 3 {
                break;
            }
            whole.push_str(group);
            rest = after;
        }
        (whole, rest)
    }

    fn decimal_sign(&self) -> char {
        match self.sign {
            DecimalSign::Point => '.',
            DecimalSign::Comma => ',',
        }
    }

    fn is_unit(&self, text: &str) -> bool {
        self.spellings
            .iter()
            .any(|spelling| text.starts_with(spelling.as_str()))
    }
}

/// `e8`, `E-3`: the exponent and the rest; what is no exponent is left alone.
fn exponent(text: &str) -> (Option<&str>, &str) {
    let Some(behind) = text.strip_prefix(['e', 'E']) else {
        return (None, text);
    };
    let unsigned = behind.strip_prefix(['+', '-']).unwrap_or(behind);
    let (digits, rest) = take_digits(unsigned);
    if digits.is_empty() || rest.starts_with(|c: char| c.is_alphabetic() && !is_han(c)) {
        return (None, text);
    }
    (Some(&behind[..behind.len() - rest.len()]), rest)
}

fn value(whole: &str, places: &str, exponent: Option<&str>) -> Result<BigRational, Reason> {
    if whole.len() + places.len() > DIGITS_MAX {
        return Err(Reason::OutOfRange);
    }
    let mantissa = rational::decimal(whole, places);
    let Some(exponent) = exponent else {
        return Ok(mantissa);
    };
    let power = exponent.trim_start_matches('+').parse::<i32>().ok();
    let power = power.filter(|power| power.unsigned_abs() as usize <= DIGITS_MAX);
    let power = power.ok_or(Reason::OutOfRange)?;
    let scale = BigRational::from_integer(rational::power_of_ten(power.unsigned_abs()));
    Ok(if power < 0 {
        mantissa / scale
    } else {
        mantissa * scale
    })
}

/// The text before a minus sign that does not stand between two operands.
fn strip_minus(before: &str) -> Option<&str> {
    let sign = ["-", "\u{2212}", "负", "負"]
        .into_iter()
        .find(|sign| before.ends_with(sign))?;
    let shorter = &before[..before.len() - sign.len()];
    let after_operand =
        shorter.ends_with(|c: char| c == ')' || (c.is_alphanumeric() && !is_han(c)));
    (!after_operand).then_some(shorter)
}

fn starts_with_digit(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_digit())
}

fn take_digits(text: &str) -> (&str, &str) {
    text.split_at(
        text.find(|c: char| !c.is_ascii_digit())
            .unwrap_or(text.len()),
    )
}

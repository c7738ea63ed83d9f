//! Chinese numerals up to 亿: `三百零五`, `一万五`, `二〇二四`, `三点五`, and `3万`.
//!
//! 兆 means 10^6 or 10^12 depending on the reader, so a number with it is ambiguous. Numerals
//! inside common words, such as 一样, are not numbers.

use num_bigint::BigInt;
use num_rational::BigRational;

use super::Reason;
use crate::rational;

/// Most characters of one numeral.
const LENGTH_MAX: usize = 64;
/// 一 before one of these, and 两 before 者, is part of a word.
const AFTER_ONE: &str = "样樣共起直些定般切旦边邊";
/// Units of measurement that begin like a multiplier.
const MEASURES: [&str; 8] = [
    "千米", "千克", "千瓦", "千卡", "千帕", "千赫", "千升", "百帕",
];

/// A numeral at the start of a text: its length in bytes, and its value or why it has none.
pub(super) type Read = (usize, Result<BigRational, Reason>);

/// Reads a numeral; `first` is a number in Arabic digits that stands right before it. `is_unit`
/// says whether a text begins with the unit that the item asks for.
pub(super) fn read(
    text: &str,
    first: Option<&BigRational>,
    is_unit: &dyn Fn(&str) -> bool,
) -> Option<Read> {
    let symbols = symbols(text, is_unit);
    let length = |count: usize| text.chars().take(count).map(char::len_utf8).sum::<usize>();
    let in_order = match first {
        Some(_) => matches!(symbols.first(), Some(Symbol::Times(_) | Symbol::Zhao)),
        None => starts_numeral(text, &symbols),
    };
    if !in_order {
        return None;
    }
    if symbols.len() > LENGTH_MAX {
        let run = text.chars().take_while(|c| symbol(*c).is_some()).count();
        return Some((length(run), Err(Reason::OutOfRange)));
    }
    let value = Sum::of(&symbols, first);
    let whole = length(symbols.len());
    let places = if first.is_none() {
        places(&text[whole..])
    } else {
        None
    };
    match (value, places) {
        (Ok(value), Some((bytes, fraction))) => Some((whole + bytes, Ok(value + fraction))),
        (value, _) => Some((whole, value)),
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Symbol {
    Digit(u32),
    /// A power of ten.
    Times(u32),
    /// 廿 and 卅: tens in one character.
    Tens(u32),
    Zhao,
}

/// The numeral characters that `text` starts with.
fn symbols(text: &str, is_unit: &dyn Fn(&str) -> bool) -> Vec<Symbol> {
    let mut found = Vec::new();
    for (at, c) in text.char_indices() {
        let rest = &text[at..];
        let Some(symbol) = symbol(c) else { break };
        if matches!(symbol, Symbol::Times(_))
            && (is_unit(rest) || MEASURES.iter().any(|unit| rest.starts_with(unit)))
        {
            break;
        }
        found.push(symbol);
        if found.len() > LENGTH_MAX {
            break;
        }
    }
    found
}

fn symbol(c: char) -> Option<Symbol> {
    Some(match c {
        '〇' | '零' => Symbol::Digit(0),
        '一' => Symbol::Digit(1),
        '二' | '两' | '兩' => Symbol::Digit(2),
        '三' => Symbol::Digit(3),
        '四' => Symbol::Digit(4),
        '五' => Symbol::Digit(5),
        '六' => Symbol::Digit(6),
        '七' => Symbol::Digit(7),
        '八' => Symbol::Digit(8),
        '九' => Symbol::Digit(9),
        '廿' => Symbol::Tens(2),
        '卅' => Symbol::Tens(3),
        '十' => Symbol::Times(1),
        '百' => Symbol::Times(2),
        '千' => Symbol::Times(3),
        '万' | '萬' => Symbol::Times(4),
        '亿' | '億' => Symbol::Times(8),
        '兆' => Symbol::Zhao,
        _ => return None,
    })
}

fn starts_numeral(text: &str, symbols: &[Symbol]) -> bool {
    match symbols {
        [] | [Symbol::Times(2..) | Symbol::Zhao, ..] => false,
        [Symbol::Digit(_)] => {
            let mut chars = text.chars();
            let (first, second) = (chars.next(), chars.next());
            let of_a_word = match (first, second) {
                (Some('一'), Some(next)) => AFTER_ONE.contains(next),
                (Some('两' | '兩'), Some(next)) => next == '者',
                _ => false,
            };
            !of_a_word
        }
        _ => true,
    }
}

/// `点五`, `點一四`: length and value of the decimal places.
fn places(text: &str) -> Option<(usize, BigRational)> {
    let digits_of = text.strip_prefix(['点', '點'])?;
    let digits: String = digits_of
        .chars()
        .map_while(|c| match symbol(c) {
            Some(Symbol::Digit(digit)) => char::from_digit(digit, 10),
            _ => None,
        })
        .take(LENGTH_MAX)
        .collect();
    // Each of these characters, the point too, is three bytes long.
    (!digits.is_empty()).then(|| (3 + 3 * digits.len(), rational::decimal("0", &digits)))
}

/// The value so far: 亿, 万 and below, and a digit that waits for its unit.
#[derive(Default)]
struct Sum {
    yi: BigRational,
    wan: BigRational,
    section: BigRational,
    waiting: Option<BigRational>,
    /// Power of the last unit; a later unit of the section must be smaller.
    last: Option<u32>,
    /// Whether the waiting digit follows a unit without 零: 一万五 is 15,000.
    is_short: bool,
}

impl Sum {
    fn of(symbols: &[Symbol], first: Option<&BigRational>) -> Result<BigRational, Reason> {
        if symbols.contains(&Symbol::Zhao) {
            return Err(Reason::Ambiguous);
        }
        if let Some(value) = digit_by_digit(symbols) {
            return value;
        }
        let mut sum = Self {
            waiting: first.cloned(),
            ..Self::default()
        };
        for symbol in symbols {
            match symbol {
                Symbol::Digit(0) if sum.waiting.is_none() => sum.is_short = false,
                Symbol::Digit(digit) if sum.waiting.is_none() => {
                    sum.waiting = Some(integer(*digit));
                }
                Symbol::Tens(tens) if sum.waiting.is_none() => {
                    sum.waiting = Some(integer(*tens));
                    sum.times(1)?;
                }
                Symbol::Times(power) => sum.times(*power)?,
                // Two digits in a row inside a numeral with units, such as 三四百.
                Symbol::Digit(_) | Symbol::Tens(_) | Symbol::Zhao => {
                    return Err(Reason::Ambiguous);
                }
            }
        }
        Ok(sum.total())
    }

    fn times(&mut self, power: u32) -> Result<(), Reason> {
        let unit = BigRational::from_integer(rational::power_of_ten(power));
        let waiting = self.waiting.take();
        if power < 4 {
            let smaller = self.last.is_none_or(|last| last >= 4 || power < last);
            let ten_alone = power == 1 && self.section == BigRational::default();
            let digit = match waiting {
                Some(digit) => digit,
                None if ten_alone => integer(1),
                None => return Err(Reason::Ambiguous),
            };
            if !smaller {
                return Err(Reason::Ambiguous);
            }
            self.section += digit * unit;
        } else {
            let taken = if power == 4 { &self.wan } else { &self.yi };
            let mut below = std::mem::take(&mut self.section) + waiting.unwrap_or_default();
            if *taken != BigRational::default() {
                return Err(Reason::Ambiguous);
            }
            if power == 8 {
                below += std::mem::take(&mut self.wan);
            }
            if below == BigRational::default() {
                return Err(Reason::Ambiguous);
            }
            *(if power == 4 {
                &mut self.wan
            } else {
                &mut self.yi
            }) = below * unit;
        }
        self.last = Some(power);
        self.is_short = true;
        Ok(())
    }

    fn total(self) -> BigRational {
        let waiting = self.waiting.unwrap_or_default();
        let ones = match self.last {
            Some(power @ 2..) if self.is_short => {
                waiting * BigRational::from_integer(rational::power_of_ten(power - 1))
            }
            _ => waiting,
        };
        self.yi + self.wan + self.section + ones
    }
}

/// `二〇二四`: two digits or more and nothing else.
fn digit_by_digit(symbols: &[Symbol]) -> Option<Result<BigRational, Reason>> {
    let digits: Option<String> = symbols
        .iter()
        .map(|symbol| match symbol {
            Symbol::Digit(digit) => char::from_digit(*digit, 10),
            Symbol::Times(_) | Symbol::Tens(_) | Symbol::Zhao => None,
        })
        .collect();
    let digits = digits.filter(|digits| digits.len() > 1)?;
    Some(Ok(rational::decimal(&digits, "")))
}

fn integer(digit: u32) -> BigRational {
    BigRational::from_integer(BigInt::from(digit))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn value(text: &str) -> Option<Result<String, Reason>> {
        let (_, value) = read(text, None, &|_| false)?;
        Some(value.map(|value| value.to_string()))
    }

    #[test]
    fn numerals_are_read_as_people_write_them() {
        for (text, expected) in [
            ("零", "0"),
            ("十", "10"),
            ("十二", "12"),
            ("二十", "20"),
            ("两百", "200"),
            ("兩千零五", "2005"),
            ("三百零五", "305"),
            ("三百五", "350"),
            ("三百一十五", "315"),
            ("一万五", "15000"),
            ("一万零五", "10005"),
            ("十二万三千四百五十六", "123456"),
            ("一亿零二", "100000002"),
            ("一万亿", "1000000000000"),
            ("三億二千萬", "320000000"),
            ("二〇二四", "2024"),
            ("三点一四", "157/50"),
            ("一個", "1"),
            ("廿二", "22"),
            ("一百卅", "130"),
        ] {
            assert_eq!(value(text), Some(Ok(expected.to_owned())), "{text}");
        }
    }

    #[test]
    fn a_numeral_with_two_readings_is_ambiguous() {
        for text in ["三四百", "一兆", "三百千", "一万二万", "二十三十"] {
            assert_eq!(value(text), Some(Err(Reason::Ambiguous)), "{text}");
        }
    }

    #[test]
    fn a_numeral_inside_a_word_is_no_number() {
        for text in ["一样", "一共", "两者", "百", "万一", "千米", "x"] {
            assert_eq!(value(text), None, "{text}");
        }
    }

    #[test]
    fn a_unit_that_looks_like_a_multiplier_is_left_alone() {
        assert_eq!(read("千米", Some(&integer(3)), &|_| false), None);
        assert_eq!(
            read("万元", Some(&integer(3)), &|rest| rest
                .starts_with("万元")),
            None
        );
        let thousands = BigRational::from_integer(BigInt::from(35_000));
        assert_eq!(
            read("万五", Some(&integer(3)), &|_| false),
            Some((6, Ok(thousands)))
        );
    }
}

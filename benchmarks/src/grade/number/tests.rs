//! Numbers as systems write them, in each locale.

use super::*;
use crate::{grade::normalise, item::RatioWord};

fn judged(text: &str, sign: DecimalSign, value: &str, unit: Option<&Unit>) -> Result<(), Reason> {
    let text = normalise::text(text)?;
    judge(
        &text,
        Key {
            abs: "0",
            rel: "0",
            unit,
            value,
        },
        sign,
    )
}

fn point(text: &str, value: &str) -> Result<(), Reason> {
    judged(text, DecimalSign::Point, value, None)
}

fn comma(text: &str, value: &str) -> Result<(), Reason> {
    judged(text, DecimalSign::Comma, value, None)
}

fn spelled(words: &[&str]) -> Unit {
    Unit::Spelled(words.iter().map(|&word| word.to_owned()).collect())
}

#[test]
fn digits_are_read_exactly() {
    for (text, value) in [
        ("12", "12"),
        ("1,234,567.5", "1234567.5"),
        ("-3", "-3"),
        ("−3", "-3"),
        ("x = -3", "-3"),
        (".5", "0.5"),
        ("1.5e3", "1500"),
        ("2E-2", "0.02"),
        ("１２．５", "12.5"),
        ("0.3333333333333333", "0.3333333333333333"),
        ("$\\boxed{42}$", "42"),
        ("42 apples", "42"),
        ("第3", "3"),
    ] {
        assert_eq!(point(text, value), Ok(()), "{text}");
    }
}

#[test]
fn in_portuguese_the_comma_is_the_decimal_sign() {
    for (text, value) in [
        ("12,5", "12.5"),
        ("1.234,5", "1234.5"),
        ("1 234 567", "1234567"),
        ("-0,5", "-0.5"),
    ] {
        assert_eq!(comma(text, value), Ok(()), "{text}");
    }
    assert_eq!(comma("12.5", "12.5"), Err(Reason::Ambiguous));
    assert_eq!(point("12,5", "12.5"), Err(Reason::Ambiguous));
    assert_eq!(comma("1.234", "1234"), Ok(()));
    assert_eq!(point("1.234", "1.234"), Ok(()));
}

#[test]
fn chinese_numerals_and_multipliers_are_numbers() {
    for (text, value) in [
        ("十二", "12"),
        ("答案是三百零五。", "305"),
        ("3万", "30000"),
        ("1.5亿", "150000000"),
        ("1亿2000万", "120000000"),
        ("负五", "-5"),
        ("3万5千", "35000"),
        ("一共12个", "12"),
        ("答案係廿二", "22"),
        ("答案是十二，因为3×4", "12"),
    ] {
        assert_eq!(point(text, value), Ok(()), "{text}");
    }
    assert_eq!(point("3万5", "35000"), Err(Reason::Ambiguous));
    assert_eq!(point("5万3万", "53"), Err(Reason::Ambiguous));
    assert_eq!(point("1兆", "1000000"), Err(Reason::Ambiguous));
    assert_eq!(point("两者一样", "1"), Err(Reason::NoRule));
}

#[test]
fn the_number_is_the_stated_one_else_the_only_one_else_that_of_the_last_line() {
    assert_eq!(point("3 + 4, so the answer is 7", "7"), Ok(()));
    assert_eq!(point("Answer: 12, because 3 * 4 = 12", "12"), Ok(()));
    assert_eq!(point("First 3.\nThen 4.\n7", "7"), Ok(()));
    assert_eq!(point("The answer is 3 or 4", "3"), Err(Reason::Ambiguous));
    assert_eq!(point("答案：3+4=7", "3"), Err(Reason::Ambiguous));
    assert_eq!(point("3 and 4", "3"), Err(Reason::Ambiguous));
    assert_eq!(point("no number", "3"), Err(Reason::NoRule));
    assert_eq!(point("H2O", "2"), Err(Reason::NoRule));
    assert_eq!(point("10-3", "-3"), Err(Reason::Ambiguous));
}

#[test]
fn a_number_beyond_the_limits_is_out_of_range() {
    assert_eq!(point("1e101", "1"), Err(Reason::OutOfRange));
    assert_eq!(point("1e99999999999", "1"), Err(Reason::OutOfRange));
    assert_eq!(point(&"9".repeat(101), "1"), Err(Reason::OutOfRange));
    assert_eq!(point(&"九".repeat(100), "1"), Err(Reason::OutOfRange));
}

#[test]
fn a_percentage_is_a_ratio_only_where_the_unit_says_so() {
    let ratio = Unit::Ratio(RatioWord::Ratio);
    let twelfth = |text, unit| judged(text, DecimalSign::Point, "0.12", unit);
    assert_eq!(twelfth("12%", Some(&ratio)), Ok(()));
    assert_eq!(twelfth("百分之十二", Some(&ratio)), Ok(()));
    assert_eq!(twelfth("0.12", Some(&ratio)), Ok(()));
    assert_eq!(twelfth("12%", None), Err(Reason::Unit));
    assert_eq!(
        judged("12 %", DecimalSign::Point, "12", Some(&spelled(&["%"]))),
        Ok(())
    );
}

#[test]
fn a_required_unit_stands_beside_the_number() {
    let unit = spelled(&["km", "千米", "公里", "MOP"]);
    for text in [
        "12 km",
        "12km",
        "12 KM.",
        "12千米",
        "12 公里",
        "MOP 12",
        "十二公里",
    ] {
        assert_eq!(
            judged(text, DecimalSign::Point, "12", Some(&unit)),
            Ok(()),
            "{text}"
        );
    }
    for text in ["12", "12 m", "12 kmh", "12 miles", "12%"] {
        assert_eq!(
            judged(text, DecimalSign::Point, "12", Some(&unit)),
            Err(Reason::Unit),
            "{text}"
        );
    }
}

#[test]
fn the_tolerance_is_inclusive_and_exact() {
    let near = |text: &str, abs, rel| {
        judge(
            text,
            Key {
                abs,
                rel,
                unit: None,
                value: "3",
            },
            DecimalSign::Point,
        )
    };
    assert_eq!(near("3.1", "0.1", "0"), Ok(()));
    let read = "3100000001/1000000000".to_owned();
    assert_eq!(
        near("3.100000001", "0.1", "0"),
        Err(Reason::OtherNumber { read })
    );
    assert_eq!(near("2.7", "0", "0.1"), Ok(()));
    assert_eq!(near("2.7", "0.2", "0.1"), Ok(()));
    assert!(near("2.69", "0.2", "0.1").is_err());
    let third = Key {
        abs: "0.0001",
        rel: "0",
        unit: None,
        value: "1/3",
    };
    assert_eq!(judge("0.3333", third, DecimalSign::Point), Ok(()));
}

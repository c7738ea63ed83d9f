//! Expressions against values worked out by hand, and properties of the calendar.

use proptest::prelude::*;

use super::*;

fn value(text: &str) -> Result<i128, EvaluationError> {
    let value_of = |name: &Name| match (name.head.as_str(), name.field.as_deref()) {
        ("n", None) => Some(7),
        ("p", Some("moons")) => Some(2),
        _ => None,
    };
    Expression::parse(text)
        .expect("the test wrote a valid expression")
        .evaluate(&value_of)
}

#[test]
fn arithmetic_follows_the_usual_precedence() {
    for (text, expected) in [
        ("1 + 2 * 3", 7),
        ("(1 + 2) * 3", 9),
        ("10 - 3 - 2", 5),
        ("-7 / 2", -4),
        ("7 / -2", -4),
        ("-7 % 3", 2),
        ("-7 % -3", 2),
        ("--3", 3),
        ("n * 3 + p.moons", 23),
        ("1 + 1 == 2", 1),
        ("2 < 2", 0),
        ("2 <= 2", 1),
        ("min(3, max(1, 2)) * abs(-4)", 8),
        ("gcd(-12, 18)", 6),
        ("if(n > 6, 1, 1 / 0)", 1),
    ] {
        assert_eq!(value(text), Ok(expected), "{text}");
    }
}

#[test]
fn dates_are_gregorian_and_weeks_begin_on_monday() {
    for (text, expected) in [
        ("day_number(1970, 1, 1)", 0),
        ("weekday(day_number(1970, 1, 1))", 3),
        ("weekday(day_number(2000, 2, 29))", 1),
        ("day_number(2024, 3, 1) - day_number(2024, 2, 28)", 2),
        ("day_number(2100, 3, 1) - day_number(2100, 2, 28)", 1),
        ("day_number(1, 1, 1)", -719_162),
        (
            "year_of(-719162) * 10000 + month_of(-719162) * 100 + day_of(-719162)",
            10101,
        ),
    ] {
        assert_eq!(value(text), Ok(expected), "{text}");
    }
    assert_eq!(
        value("day_number(2023, 2, 29)"),
        Err(EvaluationError::NoSuchDate)
    );
    assert_eq!(
        value("day_number(10000, 1, 1)"),
        Err(EvaluationError::NoSuchDate)
    );
}

#[test]
fn a_step_that_has_no_value_says_why() {
    assert_eq!(value("1 / (n - 7)"), Err(EvaluationError::DivisionByZero));
    assert_eq!(value("1 % 0"), Err(EvaluationError::DivisionByZero));
    let huge = "1000000000000000000 * 1000000000000000000 * 1000000000000000000";
    assert_eq!(value(huge), Err(EvaluationError::Overflow));
    assert_eq!(
        value("q").unwrap_err().to_string(),
        "`q` has no integer value"
    );
}

#[test]
fn a_text_that_is_no_expression_is_refused_with_the_place() {
    for (text, message) in [
        ("", "expected a number, a name or `(` at `end`"),
        ("1 +", "expected a number, a name or `(` at `end`"),
        ("1 2", "expected an operator or the end at `2`"),
        ("(1", "expected ) at `end`"),
        ("1 < 2 < 3", "expected an operator or the end at `< 3`"),
        ("mx(1, 2)", "unknown function `mx`; did you mean `max`?"),
        ("min(1)", "`min` takes 2 arguments, not 1"),
        ("p.", "expected a field name at `end`"),
        (
            "9999999999999999999",
            "number `9999999999999999999` is too large",
        ),
    ] {
        assert_eq!(
            Expression::parse(text).unwrap_err().to_string(),
            message,
            "{text}"
        );
    }
    assert_eq!(
        Expression::parse(&"(".repeat(500)),
        Err(ExpressionError::TooComplex)
    );
    assert_eq!(
        Expression::parse(&"-".repeat(500)),
        Err(ExpressionError::TooComplex)
    );
}

proptest! {
    #[test]
    fn a_day_number_names_the_date_it_came_from(day in -719_162_i128..2_932_896) {
        let (year, month, of_month) = calendar::date(day).expect("the day lies in range");
        prop_assert_eq!(calendar::day_number(year, month, of_month), Some(day));
        prop_assert_eq!(calendar::weekday(day + 7), calendar::weekday(day));
    }

    #[test]
    fn division_gives_quotient_and_floor(a in -1000_i128..1000, b in 1_i128..50) {
        let q = Operator::Divide.apply(a, b).expect("b is not 0");
        let r = Operator::Remainder.apply(a, b).expect("b is not 0");
        prop_assert_eq!(q * b + r, a);
    }

    #[test]
    fn no_text_makes_the_reader_panic(text in ".{0,80}") {
        if let Ok(expression) = Expression::parse(&text) {
            let _ = expression.evaluate(&|_| Some(1));
        }
    }
}

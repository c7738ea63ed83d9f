//! Evaluates the small integer formulas of packs, compiled to reverse Polish notation by the build script.
//!
//! A fault (overflow, division by zero, a value not known yet) makes the result absent; it never traps.

use Op::{
    Abs, Add, DayNumber, DayOf, Div, Equal, Field, Gcd, If, Int, Less, LessEqual, Max, Min,
    MonthOf, Mul, Neg, NotEqual, Rem, Sub, Value, Weekday, YearOf,
};

pub type Formula = &'static [Op];

/// One step; operands come off a stack, the result goes back on it.
#[derive(Clone, Copy)]
#[allow(
    dead_code,
    reason = "which steps occur depends on the packs compiled in"
)]
pub enum Op {
    Int(i64),
    /// Slot or `let` by number.
    Value(usize),
    /// Integer field of the row that a slot holds.
    Field {
        slot: usize,
        column: usize,
    },
    Neg,
    Add,
    Sub,
    Mul,
    Div,
    Rem,
    Equal,
    NotEqual,
    Less,
    LessEqual,
    Min,
    Max,
    Abs,
    Gcd,
    If,
    DayNumber,
    Weekday,
    YearOf,
    MonthOf,
    DayOf,
}

/// Where a formula finds slots, `let`s and fields.
pub trait Scope {
    fn value(&self, number: usize) -> Option<i128>;
    fn field(&self, slot: usize, column: usize) -> Option<i128>;
}

/// The formula's value, absent if any part that counts has none. Both branches of an `if` are computed,
/// and only the chosen one has to exist.
pub fn evaluate(formula: &[Op], scope: &dyn Scope) -> Option<i128> {
    let mut stack: Vec<Option<i128>> = Vec::new();
    for op in formula {
        let result = match *op {
            Int(value) => Some(i128::from(value)),
            Value(number) => scope.value(number),
            Field { slot, column } => scope.field(slot, column),
            Neg | Abs | Weekday | YearOf | MonthOf | DayOf => {
                let of = stack.pop()?;
                of.and_then(|of| unary(*op, of))
            }
            If => {
                let (otherwise, then, condition) = (stack.pop()?, stack.pop()?, stack.pop()?);
                condition.and_then(|condition| if condition == 0 { otherwise } else { then })
            }
            DayNumber => {
                let (day, month, year) = (stack.pop()?, stack.pop()?, stack.pop()?);
                year.zip(month)
                    .zip(day)
                    .and_then(|((year, month), day)| day_number(year, month, day))
            }
            Add | Sub | Mul | Div | Rem | Equal | NotEqual | Less | LessEqual | Min | Max | Gcd => {
                let (right, left) = (stack.pop()?, stack.pop()?);
                left.zip(right)
                    .and_then(|(left, right)| binary(*op, left, right))
            }
        };
        stack.push(result);
    }
    stack.pop()?
}

fn unary(op: Op, of: i128) -> Option<i128> {
    match op {
        Neg => of.checked_neg(),
        Abs => of.checked_abs(),
        // Day 0, 1 January 1970, was a Thursday.
        Weekday => Some((of.checked_add(3)?).rem_euclid(7)),
        YearOf => Some(date(of)?.0),
        MonthOf => Some(date(of)?.1),
        DayOf => Some(date(of)?.2),
        _ => None,
    }
}

fn binary(op: Op, left: i128, right: i128) -> Option<i128> {
    match op {
        Add => left.checked_add(right),
        Sub => left.checked_sub(right),
        Mul => left.checked_mul(right),
        Div => floor_div(left, right),
        Rem => left.checked_rem_euclid(right),
        Equal => Some(i128::from(left == right)),
        NotEqual => Some(i128::from(left != right)),
        Less => Some(i128::from(left < right)),
        LessEqual => Some(i128::from(left <= right)),
        Min => Some(left.min(right)),
        Max => Some(left.max(right)),
        Gcd => gcd(left, right),
        _ => None,
    }
}

fn floor_div(left: i128, right: i128) -> Option<i128> {
    let towards_zero = left.checked_div(right)?;
    let is_exact = towards_zero.checked_mul(right)? == left;
    if !is_exact && (left < 0) != (right < 0) {
        towards_zero.checked_sub(1)
    } else {
        Some(towards_zero)
    }
}

fn gcd(left: i128, right: i128) -> Option<i128> {
    let (mut a, mut b) = (left.checked_abs()?, right.checked_abs()?);
    while b != 0 {
        (a, b) = (b, a.checked_rem(b)?);
    }
    Some(a)
}

/// Days since 1 January 1970 in the Gregorian calendar, absent for a date that does not exist.
fn day_number(year: i128, month: i128, day: i128) -> Option<i128> {
    if !(1..=9999).contains(&year)
        || !(1..=12).contains(&month)
        || !(1..=days_in(year, month)).contains(&day)
    {
        return None;
    }
    Some(days_before(year, month) + day - 1)
}

fn date(day_number: i128) -> Option<(i128, i128, i128)> {
    // An estimate that is never too late, then at most a step or two forward.
    let mut year = 1970 + day_number.checked_mul(400)?.div_euclid(146_097) - 1;
    if !(0..=10_000).contains(&year) {
        return None;
    }
    while days_before(year + 1, 1) <= day_number {
        year += 1;
    }
    let month = (1..=12)
        .rev()
        .find(|&month| days_before(year, month) <= day_number)?;
    Some((year, month, day_number - days_before(year, month) + 1))
}

/// Days from 1 January 1970 to the first of a month.
fn days_before(year: i128, month: i128) -> i128 {
    let past = year - 1;
    let leap_days = past.div_euclid(4) - past.div_euclid(100) + past.div_euclid(400) - 477;
    let in_year: i128 = (1..month).map(|before| days_in(year, before)).sum();
    (year - 1970) * 365 + leap_days + in_year
}

fn days_in(year: i128, month: i128) -> i128 {
    let is_leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    match month {
        2 if is_leap => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

//! Integer expressions of a pack: how an author computes a key.
//!
//! Values are `i128`, every step is checked, comparisons give 0 or 1. There are no strings, no
//! loops and no recursion, so an expression always ends. It knows nothing of tables: names are
//! looked up by the caller.

mod calendar;
mod read;

pub use read::ExpressionError;

use std::fmt;

/// An expression, parsed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Expression {
    /// A literal.
    Integer(i128),
    /// A slot, a `let`, or a field of a row slot.
    Name(Name),
    /// Minus.
    Negate(Box<Expression>),
    /// Two operands.
    Binary(Operator, Box<Expression>, Box<Expression>),
    /// A function with as many arguments as it takes.
    Call(Function, Vec<Expression>),
}

/// A name in an expression: `n`, or `p.moons`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Name {
    /// Slot or `let`.
    pub head: String,
    /// Field of a row slot.
    pub field: Option<String>,
}

/// Operators with two operands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operator {
    /// `+`
    Add,
    /// `-`
    Subtract,
    /// `*`
    Multiply,
    /// `/`, rounded towards minus infinity.
    Divide,
    /// `%`, never negative.
    Remainder,
    /// `==`
    Equal,
    /// `!=`
    Unequal,
    /// `<`
    Less,
    /// `<=`
    LessOrEqual,
    /// `>`
    Greater,
    /// `>=`
    GreaterOrEqual,
}

/// Functions that an expression may call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Function {
    /// Smaller of two.
    Min,
    /// Larger of two.
    Max,
    /// Absolute value.
    Abs,
    /// Greatest common divisor, never negative.
    Gcd,
    /// `if(c, a, b)`: `a` unless `c` is 0; the other branch is not evaluated.
    If,
    /// Days since 1970-01-01 of a year, month and day (proleptic Gregorian).
    DayNumber,
    /// Weekday of a day number, 0 for Monday.
    Weekday,
    /// Year of a day number.
    YearOf,
    /// Month of a day number, 1 to 12.
    MonthOf,
    /// Day of the month of a day number, 1 to 31.
    DayOf,
}

/// Why an expression has no value.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EvaluationError {
    /// A result does not fit.
    #[error("a number is too large")]
    Overflow,
    /// The second operand of `/` or `%` is 0.
    #[error("division by zero")]
    DivisionByZero,
    /// There is no such day between the years 1 and 9999.
    #[error("no such date")]
    NoSuchDate,
    /// The name has no integer value here.
    #[error("`{0}` has no integer value")]
    Unknown(Name),
}

impl fmt::Display for Name {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.head)?;
        self.field
            .iter()
            .try_for_each(|field| write!(out, ".{field}"))
    }
}

impl Expression {
    /// Parses the whole text.
    pub fn parse(text: &str) -> Result<Self, ExpressionError> {
        read::whole(text)
    }

    /// All names that occur, in order of appearance.
    pub fn names(&self) -> Vec<&Name> {
        match self {
            Self::Integer(_) => Vec::new(),
            Self::Name(name) => vec![name],
            Self::Negate(inner) => inner.names(),
            Self::Binary(_, left, right) => [left.names(), right.names()].concat(),
            Self::Call(_, arguments) => arguments.iter().flat_map(Self::names).collect(),
        }
    }

    /// The value, with names looked up by `value_of`.
    pub fn evaluate(
        &self,
        value_of: &dyn Fn(&Name) -> Option<i128>,
    ) -> Result<i128, EvaluationError> {
        match self {
            Self::Integer(value) => Ok(*value),
            Self::Name(name) => value_of(name).ok_or(EvaluationError::Unknown(name.clone())),
            Self::Negate(inner) => inner
                .evaluate(value_of)?
                .checked_neg()
                .ok_or(EvaluationError::Overflow),
            Self::Binary(operator, left, right) => {
                operator.apply(left.evaluate(value_of)?, right.evaluate(value_of)?)
            }
            Self::Call(Function::If, arguments) => {
                let chosen = if arguments[0].evaluate(value_of)? == 0 {
                    2
                } else {
                    1
                };
                arguments[chosen].evaluate(value_of)
            }
            Self::Call(function, arguments) => {
                let values = arguments
                    .iter()
                    .map(|argument| argument.evaluate(value_of))
                    .collect::<Result<Vec<_>, _>>()?;
                function.apply(&values)
            }
        }
    }
}

impl Operator {
    fn apply(self, a: i128, b: i128) -> Result<i128, EvaluationError> {
        let truth = |value: bool| Some(i128::from(value));
        if b == 0 && matches!(self, Self::Divide | Self::Remainder) {
            return Err(EvaluationError::DivisionByZero);
        }
        let value = match self {
            Self::Add => a.checked_add(b),
            Self::Subtract => a.checked_sub(b),
            Self::Multiply => a.checked_mul(b),
            Self::Divide => floor_quotient(a, b),
            Self::Remainder => a.checked_rem_euclid(b),
            Self::Equal => truth(a == b),
            Self::Unequal => truth(a != b),
            Self::Less => truth(a < b),
            Self::LessOrEqual => truth(a <= b),
            Self::Greater => truth(a > b),
            Self::GreaterOrEqual => truth(a >= b),
        };
        value.ok_or(EvaluationError::Overflow)
    }
}

impl Function {
    const ALL: [(&'static str, Self, usize); 10] = [
        ("min", Self::Min, 2),
        ("max", Self::Max, 2),
        ("abs", Self::Abs, 1),
        ("gcd", Self::Gcd, 2),
        ("if", Self::If, 3),
        ("day_number", Self::DayNumber, 3),
        ("weekday", Self::Weekday, 1),
        ("year_of", Self::YearOf, 1),
        ("month_of", Self::MonthOf, 1),
        ("day_of", Self::DayOf, 1),
    ];

    fn names() -> impl Iterator<Item = &'static str> {
        Self::ALL.iter().map(|(name, _, _)| *name)
    }

    fn named(name: &str) -> Option<(Self, usize)> {
        let (_, function, arity) = Self::ALL.iter().find(|(known, _, _)| *known == name)?;
        Some((*function, *arity))
    }

    fn apply(self, values: &[i128]) -> Result<i128, EvaluationError> {
        let date = || calendar::date(values[0]).ok_or(EvaluationError::NoSuchDate);
        match self {
            Self::Min => Ok(values[0].min(values[1])),
            Self::Max => Ok(values[0].max(values[1])),
            Self::Abs => values[0].checked_abs().ok_or(EvaluationError::Overflow),
            Self::Gcd => greatest_common_divisor(values[0], values[1]),
            Self::If => Ok(if values[0] == 0 { values[2] } else { values[1] }),
            Self::DayNumber => calendar::day_number(values[0], values[1], values[2])
                .ok_or(EvaluationError::NoSuchDate),
            Self::Weekday => Ok(calendar::weekday(values[0])),
            Self::YearOf => Ok(date()?.0),
            Self::MonthOf => Ok(date()?.1),
            Self::DayOf => Ok(date()?.2),
        }
    }
}

fn floor_quotient(a: i128, b: i128) -> Option<i128> {
    let quotient = a.checked_div(b)?;
    let inexact = a.checked_rem(b)? != 0;
    Some(if inexact && (a < 0) != (b < 0) {
        quotient - 1
    } else {
        quotient
    })
}

fn greatest_common_divisor(a: i128, b: i128) -> Result<i128, EvaluationError> {
    let (mut a, mut b) = (a.unsigned_abs(), b.unsigned_abs());
    while b != 0 {
        (a, b) = (b, a % b);
    }
    i128::try_from(a).map_err(|_| EvaluationError::Overflow)
}

#[cfg(test)]
mod tests;

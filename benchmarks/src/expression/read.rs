//! Reads an expression from text: precedence climbing over one line.
//!
//! Comparison binds weakest and does not chain, then `+ -`, then `* / %`, then unary minus.

use super::{Expression, Function, Name, Operator};
use crate::text;

/// Longest expression in bytes.
const LENGTH_MAX: usize = 1024;
/// Deepest nesting of parentheses, calls and minus signs.
const DEPTH_MAX: usize = 32;

/// Why a text is not an expression.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ExpressionError {
    /// Something else was needed at this place.
    #[error("expected {expected} at `{rest}`")]
    Expected {
        /// What was needed.
        expected: &'static str,
        /// The text from there on, shortened; `end` at the end.
        rest: String,
    },
    /// No such function.
    #[error("unknown function `{0}`{1}")]
    UnknownFunction(String, String),
    /// Wrong number of arguments.
    #[error("`{name}` takes {takes} arguments, not {given}")]
    Arguments {
        /// Function.
        name: String,
        /// What it takes.
        takes: usize,
        /// What it got.
        given: usize,
    },
    /// A literal beyond 10^18.
    #[error("number `{0}` is too large")]
    TooLarge(String),
    /// Too long or too deep.
    #[error("expression is longer than {LENGTH_MAX} bytes or deeper than {DEPTH_MAX} levels")]
    TooComplex,
}

/// Parses all of `text`.
pub(super) fn whole(text: &str) -> Result<Expression, ExpressionError> {
    if text.len() > LENGTH_MAX {
        return Err(ExpressionError::TooComplex);
    }
    let mut reader = Reader {
        rest: text,
        depth: 0,
    };
    let expression = reader.comparison()?;
    reader.skip_spaces();
    if reader.rest.is_empty() {
        Ok(expression)
    } else {
        Err(reader.expected("an operator or the end"))
    }
}

struct Reader<'a> {
    rest: &'a str,
    depth: usize,
}

impl<'a> Reader<'a> {
    fn comparison(&mut self) -> Result<Expression, ExpressionError> {
        const TABLE: [(&str, Operator); 6] = [
            ("==", Operator::Equal),
            ("!=", Operator::Unequal),
            ("<=", Operator::LessOrEqual),
            (">=", Operator::GreaterOrEqual),
            ("<", Operator::Less),
            (">", Operator::Greater),
        ];
        self.deeper()?;
        let mut left = self.sum()?;
        if let Some(operator) = self.operator(&TABLE) {
            left = Expression::Binary(operator, Box::new(left), Box::new(self.sum()?));
        }
        self.depth -= 1;
        Ok(left)
    }

    fn sum(&mut self) -> Result<Expression, ExpressionError> {
        let mut left = self.product()?;
        while let Some(operator) = self.operator(&[("+", Operator::Add), ("-", Operator::Subtract)])
        {
            left = Expression::Binary(operator, Box::new(left), Box::new(self.product()?));
        }
        Ok(left)
    }

    fn product(&mut self) -> Result<Expression, ExpressionError> {
        const TABLE: [(&str, Operator); 3] = [
            ("*", Operator::Multiply),
            ("/", Operator::Divide),
            ("%", Operator::Remainder),
        ];
        let mut left = self.unary()?;
        while let Some(operator) = self.operator(&TABLE) {
            left = Expression::Binary(operator, Box::new(left), Box::new(self.unary()?));
        }
        Ok(left)
    }

    fn unary(&mut self) -> Result<Expression, ExpressionError> {
        if !self.accepts("-") {
            return self.atom();
        }
        self.deeper()?;
        let inner = self.unary()?;
        self.depth -= 1;
        Ok(Expression::Negate(Box::new(inner)))
    }

    fn atom(&mut self) -> Result<Expression, ExpressionError> {
        self.skip_spaces();
        if self.accepts("(") {
            let inner = self.comparison()?;
            self.expect(")")?;
            return Ok(inner);
        }
        if self.rest.starts_with(|c: char| c.is_ascii_digit()) {
            return self.integer();
        }
        let Some(head) = self.identifier() else {
            return Err(self.expected("a number, a name or `(`"));
        };
        if self.accepts("(") {
            return self.call(head);
        }
        let field = if self.rest.starts_with('.') {
            self.rest = &self.rest[1..];
            let field = self
                .identifier()
                .ok_or_else(|| self.expected("a field name"))?;
            Some(field.to_owned())
        } else {
            None
        };
        Ok(Expression::Name(Name {
            head: head.to_owned(),
            field,
        }))
    }

    fn integer(&mut self) -> Result<Expression, ExpressionError> {
        let digits = self.take_while(|c| c.is_ascii_digit());
        let too_large = || ExpressionError::TooLarge(digits.chars().take(24).collect());
        let value: i128 = digits.parse().map_err(|_| too_large())?;
        if value > 1_000_000_000_000_000_000 {
            return Err(too_large());
        }
        Ok(Expression::Integer(value))
    }

    fn call(&mut self, name: &str) -> Result<Expression, ExpressionError> {
        let Some((function, takes)) = Function::named(name) else {
            let known: Vec<&str> = Function::names().collect();
            return Err(ExpressionError::UnknownFunction(
                name.to_owned(),
                text::suggestion(name, &known),
            ));
        };
        let mut arguments = vec![self.comparison()?];
        while self.accepts(",") {
            arguments.push(self.comparison()?);
        }
        self.expect(")")?;
        if arguments.len() != takes {
            let given = arguments.len();
            return Err(ExpressionError::Arguments {
                name: name.to_owned(),
                takes,
                given,
            });
        }
        Ok(Expression::Call(function, arguments))
    }

    fn operator(&mut self, table: &[(&str, Operator)]) -> Option<Operator> {
        table
            .iter()
            .find(|(sign, _)| self.accepts(sign))
            .map(|(_, operator)| *operator)
    }

    fn identifier(&mut self) -> Option<&'a str> {
        if !self
            .rest
            .starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        {
            return None;
        }
        Some(self.take_while(|c| c.is_ascii_alphanumeric() || c == '_'))
    }

    fn take_while(&mut self, keep: impl Fn(char) -> bool) -> &'a str {
        let end = self.rest.find(|c| !keep(c)).unwrap_or(self.rest.len());
        let (taken, rest) = self.rest.split_at(end);
        self.rest = rest;
        taken
    }

    fn skip_spaces(&mut self) {
        self.rest = self.rest.trim_start_matches(' ');
    }

    fn accepts(&mut self, sign: &str) -> bool {
        self.skip_spaces();
        let after = self.rest.strip_prefix(sign);
        self.rest = after.unwrap_or(self.rest);
        after.is_some()
    }

    fn expect(&mut self, sign: &'static str) -> Result<(), ExpressionError> {
        if self.accepts(sign) {
            Ok(())
        } else {
            Err(self.expected(sign))
        }
    }

    fn deeper(&mut self) -> Result<(), ExpressionError> {
        self.depth += 1;
        if self.depth > DEPTH_MAX {
            Err(ExpressionError::TooComplex)
        } else {
            Ok(())
        }
    }

    fn expected(&self, expected: &'static str) -> ExpressionError {
        let rest: String = self.rest.chars().take(20).collect();
        let rest = if rest.is_empty() {
            "end".to_owned()
        } else {
            rest
        };
        ExpressionError::Expected { expected, rest }
    }
}

//! Compiles a pack's formula to reverse Polish notation, written as Rust source.
//!
//! It decides precedence and names; what the steps do is the adapter's `formula`.

use std::collections::BTreeMap;

/// What a family's formulas and templates may name.
pub struct Names {
    /// Slots and `let`s by number.
    pub values: BTreeMap<String, usize>,
    /// Slots about a table: their number and the table's columns.
    pub rows: BTreeMap<String, (usize, BTreeMap<String, usize>)>,
    /// Slots about a list: the list's number.
    pub list_slots: BTreeMap<String, usize>,
    /// Lists by number.
    pub lists: BTreeMap<String, usize>,
}

impl Names {
    /// The source of `Piece::Field` or `Op::Field` for `slot.column`.
    pub fn field(&self, slot: &str, column: &str) -> Result<String, String> {
        let (number, columns) = self
            .rows
            .get(slot)
            .ok_or_else(|| format!("no row slot is named '{slot}'"))?;
        let column = columns
            .get(column)
            .ok_or_else(|| format!("the table of '{slot}' has no field '{column}'"))?;
        Ok(format!("Field {{ slot: {number}, column: {column} }}"))
    }
}

/// `&[Op::…]`, or what is wrong with the formula.
pub fn compile(text: &str, names: &Names) -> Result<String, String> {
    let mut parser = Parser {
        rest: text,
        names,
        steps: Vec::new(),
    };
    parser
        .comparison()
        .map_err(|reason| format!("formula '{text}': {reason}"))?;
    match parser.peek() {
        None => Ok(format!("&[{}]", parser.steps.join(", "))),
        Some(found) => Err(format!("formula '{text}': '{found}' is not expected")),
    }
}

struct Parser<'a> {
    rest: &'a str,
    names: &'a Names,
    steps: Vec<String>,
}

impl<'a> Parser<'a> {
    fn comparison(&mut self) -> Result<(), String> {
        self.sum()?;
        // `>` is "not `<=`" and `>=` is "not `<`"; the longer sign comes first where one begins the other.
        for (sign, steps) in [
            ("==", &["Equal"][..]),
            ("!=", &["NotEqual"]),
            ("<=", &["LessEqual"]),
            (">=", &["Less", "Int(0)", "Equal"]),
            ("<", &["Less"]),
            (">", &["LessEqual", "Int(0)", "Equal"]),
        ] {
            if self.take(sign) {
                self.sum()?;
                for step in steps {
                    self.push(step);
                }
                break;
            }
        }
        Ok(())
    }

    fn sum(&mut self) -> Result<(), String> {
        self.product()?;
        while let Some(step) = self.take_one(&[("+", "Add"), ("-", "Sub")]) {
            self.product()?;
            self.push(step);
        }
        Ok(())
    }

    fn product(&mut self) -> Result<(), String> {
        self.factor()?;
        while let Some(step) = self.take_one(&[("*", "Mul"), ("/", "Div"), ("%", "Rem")]) {
            self.factor()?;
            self.push(step);
        }
        Ok(())
    }

    fn factor(&mut self) -> Result<(), String> {
        if self.take("-") {
            self.factor()?;
            self.push("Neg");
            return Ok(());
        }
        if self.take("(") {
            self.comparison()?;
            return self.expect(")");
        }
        if self.peek().is_some_and(|c| c.is_ascii_digit()) {
            let digits = self.take_while(|c| c.is_ascii_digit());
            self.push(&format!("Int({digits})"));
            return Ok(());
        }
        let name = self.take_while(|c| c.is_alphanumeric() || c == '_');
        if name.is_empty() {
            return Err(match self.peek() {
                Some(found) => format!("'{found}' is not expected"),
                None => "it ends too early".to_owned(),
            });
        }
        self.named(name)
    }

    fn named(&mut self, name: &'a str) -> Result<(), String> {
        if self.take("(") {
            return self.call(name);
        }
        if self.take(".") {
            let column = self.take_while(|c| c.is_alphanumeric() || c == '_');
            let field = self.names.field(name, column)?;
            self.push(&field);
            return Ok(());
        }
        let number = self
            .names
            .values
            .get(name)
            .ok_or_else(|| format!("nothing is named '{name}'"))?;
        self.push(&format!("Value({number})"));
        Ok(())
    }

    fn call(&mut self, name: &str) -> Result<(), String> {
        let functions = [
            ("min", "Min", 2),
            ("max", "Max", 2),
            ("abs", "Abs", 1),
            ("gcd", "Gcd", 2),
            ("if", "If", 3),
            ("day_number", "DayNumber", 3),
            ("weekday", "Weekday", 1),
            ("year_of", "YearOf", 1),
            ("month_of", "MonthOf", 1),
            ("day_of", "DayOf", 1),
        ];
        let found = functions.iter().find(|(function, ..)| *function == name);
        let (_, step, arguments) = found.ok_or_else(|| format!("no function is named '{name}'"))?;
        for argument in 0..*arguments {
            if argument > 0 {
                self.expect(",")?;
            }
            self.comparison()?;
        }
        self.push(step);
        self.expect(")")
    }

    fn push(&mut self, step: &str) {
        self.steps.push(format!("Op::{step}"));
    }

    fn peek(&mut self) -> Option<char> {
        self.rest = self.rest.trim_start();
        self.rest.chars().next()
    }

    fn take(&mut self, sign: &str) -> bool {
        self.peek();
        let after = self.rest.strip_prefix(sign);
        self.rest = after.unwrap_or(self.rest);
        after.is_some()
    }

    fn take_one(&mut self, signs: &[(&str, &'static str)]) -> Option<&'static str> {
        signs
            .iter()
            .find(|(sign, _)| self.take(sign))
            .map(|(_, step)| *step)
    }

    fn take_while(&mut self, belongs: impl Fn(char) -> bool) -> &'a str {
        self.peek();
        let end = self.rest.find(|c| !belongs(c)).unwrap_or(self.rest.len());
        let (taken, rest) = self.rest.split_at(end);
        self.rest = rest;
        taken
    }

    fn expect(&mut self, sign: &str) -> Result<(), String> {
        if self.take(sign) {
            Ok(())
        } else {
            Err(format!("'{sign}' is missing"))
        }
    }
}

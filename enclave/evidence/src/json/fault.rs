//! Why a value does not fit a type, or has no canonical form: one sentence, without numbers from it.
//!
//! Kept small on purpose: serde's own errors would bring the printing of fractions to the browser.

use std::{error, fmt};

use serde::{
    de::{self, Expected, Unexpected},
    ser,
};

/// What is wrong with a value.
#[derive(Debug)]
pub struct Fault(String);

impl Fault {
    #[cold]
    #[inline(never)]
    pub fn mismatch(found: &str, expected: &dyn Expected) -> Self {
        Self(format!("{found} instead of {expected}"))
    }
}

impl de::Error for Fault {
    fn custom<T: fmt::Display>(message: T) -> Self {
        Self(message.to_string())
    }

    #[cold]
    fn unknown_field(found: &str, _: &'static [&'static str]) -> Self {
        Self(format!("unknown field `{found}`"))
    }

    #[cold]
    fn unknown_variant(found: &str, _: &'static [&'static str]) -> Self {
        Self(format!("unknown word `{found}`"))
    }

    #[cold]
    fn missing_field(name: &'static str) -> Self {
        Self(format!("missing field `{name}`"))
    }

    #[cold]
    fn duplicate_field(name: &'static str) -> Self {
        Self(format!("field `{name}` stands twice"))
    }

    fn invalid_type(found: Unexpected<'_>, expected: &dyn Expected) -> Self {
        Self::mismatch(kind_of(&found), expected)
    }

    fn invalid_value(found: Unexpected<'_>, expected: &dyn Expected) -> Self {
        Self::mismatch(kind_of(&found), expected)
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl error::Error for Fault {}

impl ser::Error for Fault {
    fn custom<T: fmt::Display>(message: T) -> Self {
        Self(message.to_string())
    }
}

fn kind_of(found: &Unexpected<'_>) -> &'static str {
    match found {
        Unexpected::Unit => "null",
        Unexpected::Bool(_) => "a truth value",
        Unexpected::Unsigned(_) | Unexpected::Signed(_) => "a number",
        Unexpected::Str(_) => "a string",
        Unexpected::Seq => "an array",
        Unexpected::Map => "an object",
        _ => "another value",
    }
}

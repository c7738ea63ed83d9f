//! JSON with one reading and one writing: a strict reader and RFC 8785 output.
//!
//! The reader refuses what two parsers might read differently: duplicate keys, fractions, integers
//! past 2^53 − 1, lone surrogates, deep nesting. Nothing here knows a schema; serde types do. Sizes
//! are bounded by callers before they come here.

mod fault;
mod read;
mod typed;
mod write;

use serde::{Serialize, de::DeserializeOwned};
use thiserror::Error;

pub use serde_json::Value;

/// Deepest nesting of arrays and objects.
pub const DEPTH_MAX: usize = 32;
/// Largest magnitude of an integer: 2^53 − 1.
pub const INTEGER_MAX: u64 = (1 << 53) - 1;

/// Why a text is refused, or a value cannot be written.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum JsonError {
    /// Not UTF-8.
    #[error("JSON is not valid UTF-8")]
    NotUtf8,
    /// Breaks the grammar of RFC 8259.
    #[error("JSON syntax is broken at byte {0}")]
    Syntax(usize),
    /// One object names a member twice.
    #[error("JSON object has two members named {0:?}")]
    DuplicateKey(String),
    /// `.`, `e`, `E` or `-0`.
    #[error("JSON number at byte {0} is no plain integer; decimals are written as strings")]
    NotAnInteger(usize),
    /// Beyond ±(2^53 − 1).
    #[error("JSON integer at byte {0} is beyond 2^53 - 1; larger values are written as strings")]
    IntegerTooLarge(usize),
    /// More than [`DEPTH_MAX`] levels.
    #[error("JSON is nested more than 32 levels deep")]
    TooDeep,
    /// Half of a surrogate pair.
    #[error("JSON string has half of a surrogate pair at byte {0}")]
    LoneSurrogate(usize),
    /// Bytes after the value.
    #[error("JSON has more bytes after its value, at byte {0}")]
    TrailingBytes(usize),
    /// Sound JSON, but not of the expected shape.
    #[error("JSON has another shape: {0}")]
    Shape(String),
    /// A value with a fraction, an integer past 2^53 − 1 or a key that is no string.
    #[error("value has no canonical JSON form: {0}")]
    Unwritable(String),
}

/// Reads strict JSON as a plain value.
pub fn parse(text: &[u8]) -> Result<Value, JsonError> {
    read::value(text)
}

/// Reads strict JSON as a `T`.
pub fn from_slice<T: DeserializeOwned>(text: &[u8]) -> Result<T, JsonError> {
    from_value(&parse(text)?)
}

/// Reads a `T` from a value that was read strictly before.
pub fn from_value<T: DeserializeOwned>(value: &Value) -> Result<T, JsonError> {
    T::deserialize(typed::Typed(value)).map_err(|error| JsonError::Shape(error.to_string()))
}

/// Writes the canonical form (RFC 8785).
///
/// # Panics
/// When the value holds a fraction, an integer past 2^53 − 1 or a map whose keys are no strings; no
/// Assay document has any. [`try_to_vec`] is for values of unknown origin.
pub fn to_vec<T: Serialize>(value: &T) -> Vec<u8> {
    try_to_vec(value).expect("Assay documents hold integers below 2^53, strings and string keys")
}

/// Writes the canonical form (RFC 8785), or says why there is none.
pub fn try_to_vec<T: Serialize>(value: &T) -> Result<Vec<u8>, JsonError> {
    match write::canonical(value) {
        Ok(text) => Ok(text.into_bytes()),
        Err(fault) => Err(JsonError::Unwritable(fault.to_string())),
    }
}

#[cfg(test)]
mod tests;

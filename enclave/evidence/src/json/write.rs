//! The canonical writer of RFC 8785, for documents without fractions.
//!
//! Members are sorted by UTF-16 code units as that standard wants.

use std::fmt::Write as _;

use serde_json::{Number, Value};

use super::{INTEGER_MAX, JsonError};

pub fn canonical(value: &Value) -> Result<Vec<u8>, JsonError> {
    let mut text = String::new();
    any(&mut text, value)?;
    Ok(text.into_bytes())
}

fn any(text: &mut String, value: &Value) -> Result<(), JsonError> {
    match value {
        Value::Null => text.push_str("null"),
        Value::Bool(true) => text.push_str("true"),
        Value::Bool(false) => text.push_str("false"),
        Value::Number(number) => integer(text, number)?,
        Value::String(string) => quoted(text, string),
        Value::Array(values) => {
            for (position, value) in values.iter().enumerate() {
                text.push(if position == 0 { '[' } else { ',' });
                any(text, value)?;
            }
            text.push_str(if values.is_empty() { "[]" } else { "]" });
        }
        Value::Object(members) => {
            let mut members: Vec<_> = members.iter().collect();
            members.sort_by(|(a, _), (b, _)| a.encode_utf16().cmp(b.encode_utf16()));
            for (position, (key, value)) in members.iter().enumerate() {
                text.push(if position == 0 { '{' } else { ',' });
                quoted(text, key);
                text.push(':');
                any(text, value)?;
            }
            text.push_str(if members.is_empty() { "{}" } else { "}" });
        }
    }
    Ok(())
}

fn integer(text: &mut String, number: &Number) -> Result<(), JsonError> {
    let magnitude = number
        .as_u64()
        .or_else(|| number.as_i64().map(i64::unsigned_abs));
    if magnitude.is_none_or(|magnitude| magnitude > INTEGER_MAX) {
        return Err(JsonError::Unwritable(number.to_string()));
    }
    text.push_str(&number.to_string());
    Ok(())
}

fn quoted(text: &mut String, string: &str) {
    let must_escape = |byte: u8| matches!(byte, b'"' | b'\\' | 0..0x20);
    let mut rest = string;
    text.push('"');
    while let Some(at) = rest.bytes().position(must_escape) {
        text.push_str(&rest[..at]);
        escape(text, rest.as_bytes()[at]);
        rest = &rest[at + 1..];
    }
    text.push_str(rest);
    text.push('"');
}

fn escape(text: &mut String, byte: u8) {
    match byte {
        b'"' => text.push_str("\\\""),
        b'\\' => text.push_str("\\\\"),
        0x08 => text.push_str("\\b"),
        b'\t' => text.push_str("\\t"),
        b'\n' => text.push_str("\\n"),
        0x0c => text.push_str("\\f"),
        b'\r' => text.push_str("\\r"),
        control => write!(text, "\\u{control:04x}").expect("a String takes all text"),
    }
}

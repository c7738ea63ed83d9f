//! The strict reader: bytes to a value, or the first thing wrong with them.
//!
//! It recurses at most [`DEPTH_MAX`] times and never looks back.

use serde_json::{Map, Number, Value};

use super::{DEPTH_MAX, INTEGER_MAX, JsonError};

pub fn value(text: &[u8]) -> Result<Value, JsonError> {
    std::str::from_utf8(text).map_err(|_| JsonError::NotUtf8)?;
    let mut reader = Reader { text, at: 0 };
    let value = reader.any(0)?;
    reader.blanks();
    match reader.peek() {
        None => Ok(value),
        Some(_) => Err(JsonError::TrailingBytes(reader.at)),
    }
}

struct Reader<'a> {
    text: &'a [u8],
    at: usize,
}

impl Reader<'_> {
    fn any(&mut self, depth: usize) -> Result<Value, JsonError> {
        self.blanks();
        match self.peek() {
            Some(b'{') => self.object(deeper(depth)?),
            Some(b'[') => self.array(deeper(depth)?),
            Some(b'"') => self.string().map(Value::String),
            Some(b'-' | b'0'..=b'9') => self.integer(),
            Some(b't') => self.word(b"true", Value::Bool(true)),
            Some(b'f') => self.word(b"false", Value::Bool(false)),
            Some(b'n') => self.word(b"null", Value::Null),
            _ => Err(JsonError::Syntax(self.at)),
        }
    }

    fn object(&mut self, depth: usize) -> Result<Value, JsonError> {
        let mut members = Map::new();
        self.at += 1;
        self.blanks();
        if self.take(b'}') {
            return Ok(Value::Object(members));
        }
        loop {
            self.blanks();
            let key = self.string()?;
            self.blanks();
            self.expect(b':')?;
            let value = self.any(depth)?;
            if members.contains_key(&key) {
                return Err(JsonError::DuplicateKey(key));
            }
            members.insert(key, value);
            self.blanks();
            if self.take(b'}') {
                return Ok(Value::Object(members));
            }
            self.expect(b',')?;
        }
    }

    fn array(&mut self, depth: usize) -> Result<Value, JsonError> {
        let mut values = Vec::new();
        self.at += 1;
        self.blanks();
        if self.take(b']') {
            return Ok(Value::Array(values));
        }
        loop {
            values.push(self.any(depth)?);
            self.blanks();
            if self.take(b']') {
                return Ok(Value::Array(values));
            }
            self.expect(b',')?;
        }
    }

    fn integer(&mut self) -> Result<Value, JsonError> {
        let start = self.at;
        let is_negative = self.take(b'-');
        let digits = self.at;
        let mut magnitude: u64 = 0;
        while let Some(digit @ b'0'..=b'9') = self.peek() {
            magnitude = magnitude
                .saturating_mul(10)
                .saturating_add(u64::from(digit - b'0'));
            self.at += 1;
        }
        let length = self.at - digits;
        if length == 0 || (length > 1 && self.text[digits] == b'0') {
            return Err(JsonError::Syntax(digits));
        }
        let is_fraction = matches!(self.peek(), Some(b'.' | b'e' | b'E'));
        if is_fraction || (is_negative && magnitude == 0) {
            return Err(JsonError::NotAnInteger(start));
        }
        if magnitude > INTEGER_MAX {
            return Err(JsonError::IntegerTooLarge(start));
        }
        Ok(Value::Number(if is_negative {
            Number::from(-magnitude.cast_signed())
        } else {
            Number::from(magnitude)
        }))
    }

    fn string(&mut self) -> Result<String, JsonError> {
        self.expect(b'"')?;
        let mut text = String::new();
        loop {
            let rest = &self.text[self.at..];
            let is_end = |byte: &u8| matches!(byte, b'"' | b'\\' | 0..0x20);
            let run = &rest[..rest.iter().position(is_end).unwrap_or(rest.len())];
            self.at += run.len();
            let run =
                std::str::from_utf8(run).expect("a run between ASCII bytes of UTF-8 text is UTF-8");
            text.push_str(run);
            if self.take(b'"') {
                return Ok(text);
            }
            self.expect(b'\\')?;
            text.push(self.escape()?);
        }
    }

    fn escape(&mut self) -> Result<char, JsonError> {
        let at = self.at;
        self.at += 1;
        Ok(match self.text.get(at) {
            Some(b'"') => '"',
            Some(b'\\') => '\\',
            Some(b'/') => '/',
            Some(b'b') => '\u{8}',
            Some(b'f') => '\u{c}',
            Some(b'n') => '\n',
            Some(b'r') => '\r',
            Some(b't') => '\t',
            Some(b'u') => return self.unicode(),
            _ => return Err(JsonError::Syntax(at)),
        })
    }

    fn unicode(&mut self) -> Result<char, JsonError> {
        let at = self.at - 2;
        let first = self.four_digits()?;
        let scalar = match first {
            0xd800..0xdc00 => {
                if !(self.take(b'\\') && self.take(b'u')) {
                    return Err(JsonError::LoneSurrogate(at));
                }
                match self.four_digits()? {
                    second @ 0xdc00..0xe000 => {
                        0x10000 + ((first - 0xd800) << 10) + (second - 0xdc00)
                    }
                    _ => return Err(JsonError::LoneSurrogate(at)),
                }
            }
            other => other,
        };
        char::from_u32(scalar).ok_or(JsonError::LoneSurrogate(at))
    }

    fn four_digits(&mut self) -> Result<u32, JsonError> {
        let mut value = 0;
        for _ in 0..4 {
            let digit = self
                .peek()
                .and_then(|byte| char::from(byte).to_digit(16))
                .ok_or(JsonError::Syntax(self.at))?;
            value = value << 4 | digit;
            self.at += 1;
        }
        Ok(value)
    }

    fn word(&mut self, word: &[u8], value: Value) -> Result<Value, JsonError> {
        if !self.text[self.at..].starts_with(word) {
            return Err(JsonError::Syntax(self.at));
        }
        self.at += word.len();
        Ok(value)
    }

    fn blanks(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\n' | b'\r')) {
            self.at += 1;
        }
    }

    fn peek(&self) -> Option<u8> {
        self.text.get(self.at).copied()
    }

    fn take(&mut self, byte: u8) -> bool {
        let is_there = self.peek() == Some(byte);
        self.at += usize::from(is_there);
        is_there
    }

    fn expect(&mut self, byte: u8) -> Result<(), JsonError> {
        if self.take(byte) {
            return Ok(());
        }
        Err(JsonError::Syntax(self.at))
    }
}

fn deeper(depth: usize) -> Result<usize, JsonError> {
    if depth == DEPTH_MAX {
        return Err(JsonError::TooDeep);
    }
    Ok(depth + 1)
}

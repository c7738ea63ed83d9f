//! Lowercase hexadecimal, the only hex in any Assay format.
//!
//! Upper case is refused so that one value has one spelling.

use thiserror::Error;

/// Why a text is no lowercase hex.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum HexError {
    /// A byte needs two digits.
    #[error("hex text has an odd number of digits ({0})")]
    OddLength(usize),
    /// Something other than `0-9a-f`.
    #[error("hex text has a character other than 0-9 and a-f at byte {0}")]
    NotADigit(usize),
}

/// Writes bytes as lowercase hex.
pub fn encode(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let mut text = String::with_capacity(bytes.len() * 2);
    for byte in bytes {
        text.push(char::from(DIGITS[usize::from(byte >> 4)]));
        text.push(char::from(DIGITS[usize::from(byte & 15)]));
    }
    text
}

/// Reads lowercase hex.
pub fn decode(text: &str) -> Result<Vec<u8>, HexError> {
    if !text.len().is_multiple_of(2) {
        return Err(HexError::OddLength(text.len()));
    }
    let digits = text.as_bytes();
    (0..digits.len())
        .step_by(2)
        .map(|at| Ok(digit(digits, at)? << 4 | digit(digits, at + 1)?))
        .collect()
}

fn digit(digits: &[u8], at: usize) -> Result<u8, HexError> {
    match digits[at] {
        decimal @ b'0'..=b'9' => Ok(decimal - b'0'),
        letter @ b'a'..=b'f' => Ok(letter - b'a' + 10),
        _ => Err(HexError::NotADigit(at)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_byte_survives_a_round_trip() {
        let all: Vec<u8> = (0..=255).collect();
        assert_eq!(decode(&encode(&all)), Ok(all));
    }

    #[test]
    fn upper_case_half_bytes_and_other_letters_are_refused() {
        assert_eq!(decode("AB"), Err(HexError::NotADigit(0)));
        assert_eq!(decode("abc"), Err(HexError::OddLength(3)));
        assert_eq!(decode("0g"), Err(HexError::NotADigit(1)));
        assert_eq!(decode("é"), Err(HexError::NotADigit(0)));
    }
}

//! Ids of things that only this station names: UUID version 7, so they sort by time of making.
//!
//! An id proves nothing and grants nothing; records are named by index and leaf hash instead.

use std::{fmt, str::FromStr};

use crate::{clock::Millis, entropy::Entropy};

/// Text that is not an id.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("\"{0}\" is not an id of this station; ids look like 0190a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5b")]
pub struct BadId(String);

/// UUID version 7 of the time and 74 random bits (RFC 9562 §5.7).
fn draw(now: Millis, entropy: Entropy) -> [u8; 16] {
    let mut bytes: [u8; 16] = entropy.bytes();
    bytes[..6].copy_from_slice(&now.0.to_be_bytes()[2..]);
    bytes[6] = 0x70 | (bytes[6] & 0x0f);
    bytes[8] = 0x80 | (bytes[8] & 0x3f);
    bytes
}

fn write(bytes: &[u8; 16], f: &mut fmt::Formatter<'_>) -> fmt::Result {
    for (at, byte) in bytes.iter().enumerate() {
        if matches!(at, 4 | 6 | 8 | 10) {
            f.write_str("-")?;
        }
        write!(f, "{byte:02x}")?;
    }
    Ok(())
}

fn parse(text: &str) -> Option<[u8; 16]> {
    let dashes = |at: usize| matches!(at, 8 | 13 | 18 | 23);
    let right = text.len() == 36
        && text.bytes().enumerate().all(|(at, byte)| match byte {
            b'-' => dashes(at),
            b'0'..=b'9' | b'a'..=b'f' => !dashes(at),
            _ => false,
        });
    if !right {
        return None;
    }
    let digits: Vec<u8> = text.bytes().filter(|byte| *byte != b'-').collect();
    let mut bytes = [0; 16];
    for (byte, pair) in bytes.iter_mut().zip(digits.chunks(2)) {
        let pair = std::str::from_utf8(pair).ok()?;
        *byte = u8::from_str_radix(pair, 16).ok()?;
    }
    Some(bytes)
}

macro_rules! ids {
    ($($(#[$about:meta])+ $name:ident),+ $(,)?) => {$(
        $(#[$about])+
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(pub [u8; 16]);

        impl $name {
            /// A fresh id.
            pub fn draw(now: Millis, entropy: Entropy) -> Self {
                Self(draw(now, entropy))
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write(&self.0, f)
            }
        }

        impl FromStr for $name {
            type Err = BadId;

            fn from_str(text: &str) -> Result<Self, BadId> {
                parse(text).map(Self).ok_or_else(|| BadId(text.chars().take(40).collect()))
            }
        }
    )+};
}

ids! {
    /// A submission.
    SubmissionId,
    /// A run: one try of a submission on a form.
    RunId,
    /// A unit in the queue.
    JobId,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_reads_back_and_sorts_by_time() {
        let early = RunId::draw(Millis(1), Entropy::system());
        let late = RunId::draw(Millis(2), Entropy::system());
        assert!(early < late);
        assert_eq!(early.to_string().parse(), Ok(early));
        assert_eq!(&early.to_string()[14..15], "7");
    }

    #[test]
    fn what_is_not_an_id_is_refused() {
        for text in [
            "",
            "0190a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5",
            "0190A1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5b",
            "0190a1b2c3d4-7e5f-8a9b-0c1d2e3f4a5b-",
        ] {
            assert_eq!(text.parse::<RunId>(), Err(BadId(text.to_owned())));
        }
    }
}

//! How a command ends when it does not end well: refused, or used wrongly.
//!
//! A fault is one sentence that names the thing and the way out; it is printed once, by `cli`.

use std::path::Path;

/// Why a command ends with a code other than 0.
#[derive(Debug, thiserror::Error)]
pub enum Fault {
    /// Exit code 1: refused, failed, or not verified.
    #[error("{0}")]
    Refused(String),
    /// Exit code 1, and everything that is to be said was printed already.
    #[error("refused")]
    Said,
    /// Exit code 2: the command line asks for something that cannot be.
    #[error("{0}")]
    WrongUse(String),
}

impl Fault {
    /// Exit code.
    pub const fn code(&self) -> u8 {
        match self {
            Self::Refused(_) | Self::Said => 1,
            Self::WrongUse(_) => 2,
        }
    }

    /// Refused, with this sentence.
    pub fn refused(sentence: impl std::fmt::Display) -> Self {
        Self::Refused(sentence.to_string())
    }

    /// A file that could not be read or written.
    pub fn file(path: &Path, error: &std::io::Error) -> Self {
        Self::Refused(format!("{}: {error}", path.display()))
    }
}

impl From<anyhow::Error> for Fault {
    fn from(error: anyhow::Error) -> Self {
        Self::Refused(format!("{error:#}"))
    }
}

/// How every verb ends.
pub type Ended = Result<(), Fault>;

//! Submit tokens: `assay_<public id>_<secret>`. Only their SHA-256 is kept, in a file of lines.
//!
//! A token says who submits, and nothing else; accounts and scopes are not known here.

use std::{fs, io, path::Path};

use assay_evidence::{digest::Digest, hex};

use crate::entropy::Entropy;

/// Tokens that one file may hold.
const TOKENS_MAX: usize = 1_000;

/// A fresh token and the line that stands for it in the token file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewToken {
    /// The token, shown once.
    pub token: String,
    /// `<public id> <sha256>`.
    pub line: String,
}

/// Who presented a token.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Principal(pub String);

/// Why a token file is refused.
#[derive(Debug, thiserror::Error)]
pub enum TokenFileError {
    /// The file cannot be read.
    #[error("{path}: {source}; \"assay station init\" writes it")]
    Read {
        /// Which file.
        path: std::path::PathBuf,
        /// Why.
        source: io::Error,
    },
    /// A line is not a public id and a digest.
    #[error("{path}:{line}: expected a public id, a space and 64 hex digits")]
    Line {
        /// Which file.
        path: std::path::PathBuf,
        /// Line, from 1.
        line: usize,
    },
}

/// The tokens that a station takes.
#[derive(Clone, Debug)]
pub struct Tokens(Vec<(String, Digest)>);

/// Draws a token.
pub fn draw(entropy: Entropy) -> NewToken {
    let public_id = hex::encode(&entropy.bytes::<6>());
    let token = format!("assay_{public_id}_{}", hex::encode(&entropy.bytes::<32>()));
    NewToken {
        line: format!("{public_id} {}\n", Digest::of(token.as_bytes())),
        token,
    }
}

impl Tokens {
    /// Reads a token file.
    pub fn load(path: &Path) -> Result<Self, TokenFileError> {
        let text = fs::read_to_string(path).map_err(|source| TokenFileError::Read {
            path: path.to_owned(),
            source,
        })?;
        text.lines()
            .take(TOKENS_MAX)
            .enumerate()
            .filter(|(_, line)| !line.is_empty() && !line.starts_with('#'))
            .map(|(at, line)| {
                let parts = line.split_once(' ');
                parts
                    .and_then(|(id, digest)| Some((id.to_owned(), digest.parse().ok()?)))
                    .ok_or_else(|| TokenFileError::Line {
                        path: path.to_owned(),
                        line: at + 1,
                    })
            })
            .collect::<Result<_, _>>()
            .map(Self)
    }

    /// Whose token this is; `None` when it is nobody's.
    ///
    /// Digests of 256-bit secrets are compared, so the time that it takes tells nothing useful.
    pub fn principal(&self, token: &str) -> Option<Principal> {
        let digest = Digest::of(token.as_bytes());
        self.0
            .iter()
            .find(|(_, known)| *known == digest)
            .map(|(id, _)| Principal(id.clone()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_drawn_token_is_recognised_and_a_changed_one_is_not() {
        let new = draw(Entropy::system());
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("submit-tokens");
        fs::write(&path, format!("# comment\n{}", new.line)).unwrap();
        let tokens = Tokens::load(&path).unwrap();
        let id = new.token.split('_').nth(1).unwrap();
        assert_eq!(tokens.principal(&new.token), Some(Principal(id.to_owned())));
        assert_eq!(tokens.principal(&format!("{}0", new.token)), None);
        assert!(!new.line.contains(&new.token));
    }

    #[test]
    fn a_line_that_is_no_token_is_named() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("submit-tokens");
        fs::write(&path, "# comment\nabc def\n").unwrap();
        let refusal = Tokens::load(&path).unwrap_err();
        assert!(matches!(refusal, TokenFileError::Line { line: 2, .. }));
    }
}

//! Tokens: `assay_<public id>_<secret>`. Only their SHA-256 is kept, in a file of lines.
//!
//! A token says who asks and the one thing that he may do; accounts are not known here.

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
    /// `<public id> <scope> <sha256>`.
    pub line: String,
}

/// The one thing that a token allows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// Submit systems.
    Submit,
    /// Publish forms.
    Form,
}

impl Scope {
    /// Its name, as the token file has it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Submit => "submit",
            Self::Form => "form",
        }
    }

    fn named(name: &str) -> Option<Self> {
        [Self::Submit, Self::Form]
            .into_iter()
            .find(|scope| scope.name() == name)
    }
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
    /// A line is not a public id, a scope and a digest.
    #[error(
        "{path}:{line}: expected a public id, submit or form, and 64 hex digits, one space between them"
    )]
    Line {
        /// Which file.
        path: std::path::PathBuf,
        /// Line, from 1.
        line: usize,
    },
}

/// The tokens that a station takes.
#[derive(Clone, Debug)]
pub struct Tokens(Vec<Known>);

#[derive(Clone, Debug)]
struct Known {
    id: String,
    scope: Scope,
    digest: Digest,
}

impl Known {
    fn read(line: &str) -> Option<Self> {
        let (id, rest) = line.split_once(' ')?;
        let (scope, digest) = rest.split_once(' ')?;
        Some(Self {
            id: id.to_owned(),
            scope: Scope::named(scope)?,
            digest: digest.parse().ok()?,
        })
    }
}

/// Draws a token of a scope.
pub fn draw(scope: Scope, entropy: Entropy) -> NewToken {
    let public_id = hex::encode(&entropy.bytes::<6>());
    let token = format!("assay_{public_id}_{}", hex::encode(&entropy.bytes::<32>()));
    NewToken {
        line: format!(
            "{public_id} {} {}\n",
            scope.name(),
            Digest::of(token.as_bytes())
        ),
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
                Known::read(line).ok_or_else(|| TokenFileError::Line {
                    path: path.to_owned(),
                    line: at + 1,
                })
            })
            .collect::<Result<_, _>>()
            .map(Self)
    }

    /// Whose token this is and what it allows; `None` when it is nobody's.
    ///
    /// Digests of 256-bit secrets are compared, so the time that it takes tells nothing useful.
    pub fn find(&self, token: &str) -> Option<(Principal, Scope)> {
        let digest = Digest::of(token.as_bytes());
        self.0
            .iter()
            .find(|known| known.digest == digest)
            .map(|known| (Principal(known.id.clone()), known.scope))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_drawn_token_is_recognised_and_a_changed_one_is_not() {
        let new = draw(Scope::Form, Entropy::system());
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("tokens");
        fs::write(&path, format!("# comment\n{}", new.line)).unwrap();
        let tokens = Tokens::load(&path).unwrap();
        let id = new.token.split('_').nth(1).unwrap();
        assert_eq!(
            tokens.find(&new.token),
            Some((Principal(id.to_owned()), Scope::Form))
        );
        assert_eq!(tokens.find(&format!("{}0", new.token)), None);
        assert!(!new.line.contains(&new.token));
    }

    #[test]
    fn a_line_that_is_no_token_is_named() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("tokens");
        let digest = Digest::of(b"token");
        for line in [
            "abc def".to_owned(),
            format!("abc {digest}"),
            format!("abc admin {digest}"),
        ] {
            fs::write(&path, format!("# comment\n{line}\n")).unwrap();
            let refusal = Tokens::load(&path).unwrap_err();
            assert!(
                matches!(refusal, TokenFileError::Line { line: 2, .. }),
                "{line}"
            );
        }
    }
}

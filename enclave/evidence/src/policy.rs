//! Policies (c2sp.org/tlog-policy): which logs a verifier believes, and under which manifest.
//!
//! A policy pins each log's key, and by the comment line `# assay-manifest <origin> <sha256>` the
//! first manifest of its station. Only `quorum none` is read: cosignatures are not verified yet, so a
//! policy that asks for witnesses is refused rather than half obeyed.

use std::collections::BTreeMap;

use thiserror::Error;

use crate::{
    digest::Digest,
    keys,
    note::{NoteError, VerifierKey},
};

/// Longest policy in bytes.
pub const POLICY_BYTES_MAX: usize = 64 * 1024;
/// Most logs in a policy.
pub const LOGS_MAX: usize = 32;

/// A policy that loaded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Policy {
    logs: Vec<Log>,
    manifests: BTreeMap<String, Digest>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Log {
    key: VerifierKey,
    url: Option<String>,
}

/// Why a policy does not load.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum PolicyError {
    /// Longer than [`POLICY_BYTES_MAX`].
    #[error("policy has {0} bytes, more than 65536")]
    TooLong(usize),
    /// A line of no known shape.
    #[error("policy line {0} is neither a comment nor `log KEY [URL]` nor `quorum none`")]
    Line(usize),
    /// The key of a line is refused.
    #[error("policy line {line}: {reason}")]
    Key {
        /// Line number from 1.
        line: usize,
        /// What is wrong with it.
        reason: NoteError,
    },
    /// Anybody can sign with the key.
    #[error("policy line {0} holds a published test key; anybody can sign with it")]
    TestKey(usize),
    /// One key or one origin stands in two lines.
    #[error("policy line {0} repeats a key or an origin")]
    Repeated(usize),
    /// A manifest pin is not an origin and 64 hex digits, or contradicts another.
    #[error("policy line {0} is not `# assay-manifest ORIGIN SHA256` with one digest per origin")]
    Manifest(usize),
    /// Witnesses are not verified yet.
    #[error(
        "policy line {0} asks for witnesses, which this version cannot verify; use `quorum none`"
    )]
    Witnesses(usize),
    /// Not exactly one quorum line.
    #[error("policy has {0} quorum lines instead of one")]
    Quorum(usize),
    /// No log.
    #[error("policy names no log; add `log KEY URL`")]
    NoLog,
    /// More than [`LOGS_MAX`].
    #[error("policy names more than 32 logs")]
    TooManyLogs,
}

impl Policy {
    /// Reads a policy.
    pub fn parse(text: &str) -> Result<Self, PolicyError> {
        if text.len() > POLICY_BYTES_MAX {
            return Err(PolicyError::TooLong(text.len()));
        }
        let mut policy = Self {
            logs: Vec::new(),
            manifests: BTreeMap::new(),
        };
        let mut quorums = 0;
        for (position, line) in text.lines().enumerate() {
            let number = position + 1;
            let words: Vec<&str> = line.split([' ', '\t']).filter(|w| !w.is_empty()).collect();
            match words.as_slice() {
                ["#", "assay-manifest", rest @ ..] => policy.pin(number, rest)?,
                [] => {}
                [first, ..] if first.starts_with('#') => {}
                ["log", key] => policy.add_log(number, key, None)?,
                ["log", key, url] => policy.add_log(number, key, Some(url))?,
                ["quorum", "none"] => quorums += 1,
                ["witness" | "group" | "quorum", ..] => return Err(PolicyError::Witnesses(number)),
                _ => return Err(PolicyError::Line(number)),
            }
        }
        if quorums != 1 {
            return Err(PolicyError::Quorum(quorums));
        }
        if policy.logs.is_empty() {
            return Err(PolicyError::NoLog);
        }
        Ok(policy)
    }

    /// The text of a policy for one log that no other station watches.
    pub fn lone(log: &VerifierKey, url: &str, manifest: &Digest) -> String {
        let origin = log.name();
        format!("# assay-manifest {origin} {manifest}\nlog {log} {url}\nquorum none\n")
    }

    /// The key of a log.
    pub fn log_for(&self, origin: &str) -> Option<&VerifierKey> {
        self.log(origin).map(|log| &log.key)
    }

    /// Where a log is served, if the policy says.
    pub fn url_for(&self, origin: &str) -> Option<&str> {
        self.log(origin)?.url.as_deref()
    }

    /// The digest of the first manifest payload of the log's station.
    pub fn manifest_for(&self, origin: &str) -> Option<&Digest> {
        self.manifests.get(origin)
    }

    /// Origins of all logs, in the order of the file.
    pub fn origins(&self) -> impl Iterator<Item = &str> {
        self.logs.iter().map(|log| log.key.name())
    }

    fn log(&self, origin: &str) -> Option<&Log> {
        self.logs.iter().find(|log| log.key.name() == origin)
    }

    fn add_log(&mut self, line: usize, key: &str, url: Option<&str>) -> Result<(), PolicyError> {
        let key: VerifierKey = key
            .parse()
            .map_err(|reason| PolicyError::Key { line, reason })?;
        if keys::is_published_ed25519(key.key()) {
            return Err(PolicyError::TestKey(line));
        }
        let clashes = |log: &Log| log.key.name() == key.name() || log.key.key() == key.key();
        if self.logs.iter().any(clashes) {
            return Err(PolicyError::Repeated(line));
        }
        if self.logs.len() == LOGS_MAX {
            return Err(PolicyError::TooManyLogs);
        }
        self.logs.push(Log {
            key,
            url: url.map(str::to_owned),
        });
        Ok(())
    }

    fn pin(&mut self, line: usize, words: &[&str]) -> Result<(), PolicyError> {
        let &[origin, digest] = words else {
            return Err(PolicyError::Manifest(line));
        };
        let digest = digest.parse().map_err(|_| PolicyError::Manifest(line))?;
        match self.manifests.insert(origin.to_owned(), digest) {
            Some(earlier) if earlier != digest => Err(PolicyError::Manifest(line)),
            _ => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests;

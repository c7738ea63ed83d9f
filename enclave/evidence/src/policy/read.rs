//! Reading a policy: one line after the other, each name before its use.
//!
//! Every rule of the file is checked here and nowhere else; signatures are not looked at.

use std::collections::BTreeMap;

use thiserror::Error;

use super::{Group, Log, Member, NO_QUORUM, OF_EACH_KIND_MAX, POLICY_BYTES_MAX, Policy, Witness};
use crate::{
    cosignature::CosignerKey,
    keys::{self, Ed25519PublicKey},
    note::{NoteError, VerifierKey},
};

/// Why a policy does not load.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum PolicyError {
    /// Longer than [`POLICY_BYTES_MAX`].
    #[error("policy has {0} bytes, more than 65536")]
    TooLong(usize),
    /// A control character other than tab and line feed.
    #[error("policy line {0} has a control character other than the tab")]
    ControlByte(usize),
    /// A line of no known shape.
    #[error(
        "policy line {0} is neither a comment nor `log KEY [URL]`, `witness NAME KEY [URL]`, `group NAME K|any|all NAME...` or `quorum NAME|none`"
    )]
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
    /// One key stands in two lines, under whatever names and in whatever roles.
    #[error("policy line {0} repeats a key; each log and each witness has its own")]
    RepeatedKey(usize),
    /// A manifest pin is not an origin and 64 hex digits, or contradicts another.
    #[error("policy line {0} is not `# assay-manifest ORIGIN SHA256` with one digest per origin")]
    Manifest(usize),
    /// A name is defined twice, or is `none`.
    #[error("policy line {line} defines {name:?}, which is taken")]
    TakenName {
        /// Line number from 1.
        line: usize,
        /// The name.
        name: String,
    },
    /// A name is used before any line defines it.
    #[error("policy line {line} names {name:?}, which no earlier line defines")]
    UnknownName {
        /// Line number from 1.
        line: usize,
        /// The name.
        name: String,
    },
    /// A name is a member twice, of one group or of two.
    #[error("policy line {line} makes {name:?} a member a second time")]
    SecondMembership {
        /// Line number from 1.
        line: usize,
        /// The name.
        name: String,
    },
    /// Not between one and the number of members.
    #[error(
        "policy line {0} needs a threshold between 1 and the number of members, `any` or `all`"
    )]
    Threshold(usize),
    /// Not exactly one quorum line.
    #[error("policy has {0} quorum lines instead of one")]
    Quorum(usize),
    /// No log.
    #[error("policy names no log; add `log KEY URL`")]
    NoLog,
    /// More than [`OF_EACH_KIND_MAX`].
    #[error(
        "policy line {0} is one of its kind too many: at most 32 logs, 32 witnesses and 32 groups"
    )]
    TooMany(usize),
}

pub(super) fn read(text: &str) -> Result<Policy, PolicyError> {
    if text.len() > POLICY_BYTES_MAX {
        return Err(PolicyError::TooLong(text.len()));
    }
    let mut reader = Reader {
        policy: Policy {
            logs: Vec::new(),
            manifests: BTreeMap::new(),
            witnesses: Vec::new(),
            groups: Vec::new(),
            quorum: None,
        },
        line: 0,
        quorums: 0,
    };
    for line in text.split('\n') {
        reader.line += 1;
        reader.read_line(line)?;
    }
    if reader.quorums != 1 {
        return Err(PolicyError::Quorum(reader.quorums));
    }
    if reader.policy.logs.is_empty() {
        return Err(PolicyError::NoLog);
    }
    Ok(reader.policy)
}

/// What was read so far.
struct Reader {
    policy: Policy,
    /// Line number from 1.
    line: usize,
    quorums: usize,
}

impl Reader {
    fn read_line(&mut self, line: &str) -> Result<(), PolicyError> {
        if line
            .bytes()
            .any(|byte| byte.is_ascii_control() && byte != b'\t')
        {
            return Err(PolicyError::ControlByte(self.line));
        }
        let words: Vec<&str> = line.split([' ', '\t']).filter(|w| !w.is_empty()).collect();
        match words.as_slice() {
            ["#", "assay-manifest", rest @ ..] => self.pin(rest),
            [] => Ok(()),
            [first, ..] if first.starts_with('#') => Ok(()),
            ["log", key] => self.add_log(key, None),
            ["log", key, url] => self.add_log(key, Some(url)),
            ["witness", name, key] => self.add_witness(name, key, None),
            ["witness", name, key, url] => self.add_witness(name, key, Some(url)),
            ["group", name, threshold, members @ ..] => self.add_group(name, threshold, members),
            ["quorum", name] => self.set_quorum(name),
            _ => Err(PolicyError::Line(self.line)),
        }
    }

    fn pin(&mut self, words: &[&str]) -> Result<(), PolicyError> {
        let malformed = PolicyError::Manifest(self.line);
        let &[origin, digest] = words else {
            return Err(malformed);
        };
        let Ok(digest) = digest.parse() else {
            return Err(malformed);
        };
        match self.policy.manifests.insert(origin.to_owned(), digest) {
            Some(earlier) if earlier != digest => Err(malformed),
            _ => Ok(()),
        }
    }

    fn add_log(&mut self, key: &str, url: Option<&str>) -> Result<(), PolicyError> {
        let key: VerifierKey = key.parse().map_err(|reason| self.key_error(reason))?;
        self.check_key(key.key())?;
        self.check_room(self.policy.logs.len())?;
        let url = url.map(str::to_owned);
        self.policy.logs.push(Log { key, url });
        Ok(())
    }

    fn add_witness(&mut self, name: &str, key: &str, url: Option<&str>) -> Result<(), PolicyError> {
        let key: CosignerKey = key.parse().map_err(|reason| self.key_error(reason))?;
        self.check_key(key.key())?;
        self.check_room(self.policy.witnesses.len())?;
        let name = self.new_name(name)?;
        let url = url.map(str::to_owned);
        self.policy.witnesses.push(Witness { name, key, url });
        Ok(())
    }

    fn add_group(
        &mut self,
        name: &str,
        threshold: &str,
        names: &[&str],
    ) -> Result<(), PolicyError> {
        self.check_room(self.policy.groups.len())?;
        let name = self.new_name(name)?;
        let mut members = Vec::with_capacity(names.len());
        for name in names {
            let member = self.known(name)?;
            let is_member = |group: &Group| group.members.contains(&member);
            if members.contains(&member) || self.policy.groups.iter().any(is_member) {
                return Err(PolicyError::SecondMembership {
                    line: self.line,
                    name: (*name).to_owned(),
                });
            }
            members.push(member);
        }
        let threshold =
            read_threshold(threshold, members.len()).ok_or(PolicyError::Threshold(self.line))?;
        self.policy.groups.push(Group {
            name,
            threshold,
            members,
        });
        Ok(())
    }

    fn set_quorum(&mut self, name: &str) -> Result<(), PolicyError> {
        self.quorums += 1;
        self.policy.quorum = match name {
            NO_QUORUM => None,
            name => Some(self.known(name)?),
        };
        Ok(())
    }

    fn check_key(&self, key: &Ed25519PublicKey) -> Result<(), PolicyError> {
        if keys::is_published_ed25519(key) {
            return Err(PolicyError::TestKey(self.line));
        }
        let Policy {
            logs, witnesses, ..
        } = &self.policy;
        let is_log = logs.iter().any(|log| log.key.key() == key);
        if is_log || witnesses.iter().any(|witness| witness.key.key() == key) {
            return Err(PolicyError::RepeatedKey(self.line));
        }
        Ok(())
    }

    fn check_room(&self, taken: usize) -> Result<(), PolicyError> {
        if taken == OF_EACH_KIND_MAX {
            return Err(PolicyError::TooMany(self.line));
        }
        Ok(())
    }

    fn new_name(&self, name: &str) -> Result<String, PolicyError> {
        let name = name.to_owned();
        if name == NO_QUORUM || self.find(&name).is_some() {
            let line = self.line;
            return Err(PolicyError::TakenName { line, name });
        }
        Ok(name)
    }

    fn known(&self, name: &str) -> Result<Member, PolicyError> {
        self.find(name).ok_or_else(|| PolicyError::UnknownName {
            line: self.line,
            name: name.to_owned(),
        })
    }

    fn find(&self, name: &str) -> Option<Member> {
        let Policy {
            witnesses, groups, ..
        } = &self.policy;
        let witness = witnesses.iter().position(|witness| witness.name == name);
        let group = || groups.iter().position(|group| group.name == name);
        witness
            .map(Member::Witness)
            .or_else(|| group().map(Member::Group))
    }

    fn key_error(&self, reason: NoteError) -> PolicyError {
        let line = self.line;
        PolicyError::Key { line, reason }
    }
}

/// `any`, `all` or a decimal number without leading zero, between one and the number of members.
fn read_threshold(text: &str, members: usize) -> Option<usize> {
    let threshold = match text {
        "any" => 1,
        "all" => members,
        number => number
            .parse()
            .ok()
            .filter(|n: &usize| n.to_string() == number)?,
    };
    (1..=members).contains(&threshold).then_some(threshold)
}

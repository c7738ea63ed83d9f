//! Policies (c2sp.org/tlog-policy): which logs a verifier believes, under which manifest, and whose
//! cosignatures it wants.
//!
//! A policy pins each log's keys, and by the comment line `# assay-manifest <origin> <sha256>` the
//! first manifest of its station. It has no clock: how old a quorum may be, a caller says who has one.

mod quorum;
mod read;

use std::{collections::BTreeMap, fmt};

pub use quorum::{Attested, Cosigned, Freshness, NotAttested, QUORUM_SECONDS_MAX, Quorum};
pub use read::PolicyError;

use crate::{cosignature::CosignerKey, digest::Digest, note::VerifierKey};

/// Longest policy in bytes.
pub const POLICY_BYTES_MAX: usize = 64 * 1024;
/// Most logs, most witnesses and most groups in a policy.
pub const OF_EACH_KIND_MAX: usize = 32;

/// Name of the group that [`Policy::with_witnesses`] writes.
const WATCHERS: &str = "watchers";

/// A policy that loaded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Policy {
    logs: Vec<Log>,
    manifests: BTreeMap<String, Digest>,
    witnesses: Vec<Witness>,
    groups: Vec<Group>,
    /// `None` for `quorum none`.
    quorum: Option<Member>,
}

/// A cosigner under the name that a policy gives it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Witness {
    /// Name within the policy.
    pub name: String,
    /// Whose lines count.
    pub key: CosignerKey,
    /// Where to send `add-checkpoint`, if the policy says.
    pub url: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Log {
    key: VerifierKey,
    url: Option<String>,
}

/// `threshold` of `members`, each of which stands earlier in its list than the group in its own.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Group {
    name: String,
    threshold: usize,
    members: Vec<Member>,
}

/// Position in the list of witnesses or of groups.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Member {
    Witness(usize),
    Group(usize),
}

impl Policy {
    /// Reads a policy.
    pub fn parse(text: &str) -> Result<Self, PolicyError> {
        read::read(text)
    }

    /// The text of a policy for one log that no other station watches.
    pub fn lone(log: &VerifierKey, url: &str, manifest: &Digest) -> String {
        Self::unwatched(log, url, manifest).to_string()
    }

    /// The same logs and manifests, with a quorum of `threshold` of these witnesses in the place of
    /// whatever it asked for.
    pub fn with_witnesses(
        &self,
        witnesses: &[Witness],
        threshold: usize,
    ) -> Result<Self, PolicyError> {
        let group = Group {
            name: WATCHERS.to_owned(),
            threshold,
            members: (0..witnesses.len()).map(Member::Witness).collect(),
        };
        let policy = Self {
            witnesses: witnesses.to_vec(),
            groups: vec![group],
            quorum: Some(Member::Group(0)),
            ..self.clone()
        };
        // One place knows the rules: whatever breaks one is refused as if it had been read.
        Self::parse(&policy.to_string())
    }

    /// The same policy with these keys for a log, in the place of those that it names now.
    #[must_use]
    pub fn with_log_keys(&self, origin: &str, keys: &[VerifierKey]) -> Self {
        let url = self.url_for(origin).map(str::to_owned);
        let new = keys.iter().map(|key| Log {
            key: key.clone(),
            url: url.clone(),
        });
        let others = self.logs.iter().filter(|log| log.key.name() != origin);
        Self {
            logs: new.chain(others.cloned()).collect(),
            ..self.clone()
        }
    }

    /// The keys of a log: two while one takes over from the other.
    pub fn keys_for(&self, origin: &str) -> Vec<VerifierKey> {
        self.logs_for(origin).map(|log| log.key.clone()).collect()
    }

    /// Where a log is served, if the policy says.
    pub fn url_for(&self, origin: &str) -> Option<&str> {
        self.logs_for(origin).find_map(|log| log.url.as_deref())
    }

    /// The digest of the first manifest payload of the log's station.
    pub fn manifest_for(&self, origin: &str) -> Option<&Digest> {
        self.manifests.get(origin)
    }

    /// Origins of all logs, in the order of the file, each once.
    pub fn origins(&self) -> impl Iterator<Item = &str> {
        let names = || self.logs.iter().map(|log| log.key.name());
        let is_first = move |(at, name): &(usize, &str)| names().take(*at).all(|n| n != *name);
        names().enumerate().filter(is_first).map(|(_, name)| name)
    }

    /// Does the policy say `quorum none`?
    pub fn is_lone(&self) -> bool {
        self.quorum.is_none()
    }

    /// The witnesses, in the order of the file.
    pub fn witnesses(&self) -> &[Witness] {
        &self.witnesses
    }

    /// A policy for one log that no other station watches.
    pub fn unwatched(log: &VerifierKey, url: &str, manifest: &Digest) -> Self {
        let log_line = Log {
            key: log.clone(),
            url: Some(url.to_owned()),
        };
        Self {
            logs: vec![log_line],
            manifests: BTreeMap::from([(log.name().to_owned(), *manifest)]),
            witnesses: Vec::new(),
            groups: Vec::new(),
            quorum: None,
        }
    }

    fn logs_for(&self, origin: &str) -> impl Iterator<Item = &Log> {
        self.logs.iter().filter(move |log| log.key.name() == origin)
    }

    fn name_of(&self, member: Member) -> &str {
        match member {
            Member::Witness(at) => &self.witnesses[at].name,
            Member::Group(at) => &self.groups[at].name,
        }
    }
}

/// The file: names stand before their use, so it reads back as the same policy.
impl fmt::Display for Policy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let after = |url: &Option<String>| match url {
            Some(url) => format!(" {url}"),
            None => String::new(),
        };
        for (origin, digest) in &self.manifests {
            writeln!(f, "# assay-manifest {origin} {digest}")?;
        }
        for log in &self.logs {
            writeln!(f, "log {}{}", log.key, after(&log.url))?;
        }
        for Witness { name, key, url } in &self.witnesses {
            writeln!(f, "witness {name} {key}{}", after(url))?;
        }
        for group in &self.groups {
            write!(f, "group {} {}", group.name, group.threshold)?;
            for member in &group.members {
                write!(f, " {}", self.name_of(*member))?;
            }
            writeln!(f)?;
        }
        let quorum = self.quorum.map_or(NO_QUORUM, |name| self.name_of(name));
        writeln!(f, "quorum {quorum}")
    }
}

/// The predefined name of no quorum at all.
const NO_QUORUM: &str = "none";

#[cfg(test)]
mod tests;

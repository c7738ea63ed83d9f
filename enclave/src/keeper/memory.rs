//! What the keeper remembers of its log: the newest head it accepted, whoever carried it here.
//!
//! Without it a server could run one submission on forks of its log and show the best. Read anew each
//! time under a lock on the folder, so that two keepers on one folder remember the same; durable before
//! anything is answered. It cannot know that its own folder was replaced by an older copy of itself.

use std::{
    fs::{DirBuilder, File},
    io,
    os::unix::fs::DirBuilderExt,
};

use assay_evidence::{
    checkpoint::Checkpoint, digest::Digest, json, record::Head, tree, wire::Extension,
};
use serde::{Deserialize, Serialize};

use super::{durable, refusal::Refused, state::State};
use crate::clock;

/// The memory's file in the keeper's folder.
pub const HEAD_FILE: &str = "head.json";
/// What it says before the first head; a folder without the file has lost its memory.
pub const NOTHING_YET: &[u8] = b"{}";
/// Folder of what was refused, in the keeper's folder.
const EVIDENCE_FOLDER: &str = "evidence";
/// A checkpoint of the longest kind, escaped, with its head.
const HEAD_BYTES_MAX: u64 = 512 * 1024;

/// The memory, locked against other keepers and commands while this value lives.
pub struct Memory<'a> {
    state: &'a State,
    lost: Option<&'static str>,
    content: Content,
    _lock: File,
}

/// The file.
#[derive(Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Content {
    #[serde(skip_serializing_if = "Option::is_none", default)]
    frozen: Option<Frozen>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    kept: Option<Kept>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Kept {
    head: Head,
    /// As it came, cosignatures and all.
    note: String,
}

/// Why no run is taken until the operator acts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Frozen {
    /// What was seen.
    pub alarm: Alarm,
    /// Where both notes lie, from the keeper's folder.
    pub evidence: String,
}

/// A head that cannot follow the remembered one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Alarm {
    /// It is smaller.
    Rollback,
    /// It has another root at the same size, or nothing proves that it extends.
    Fork,
}

/// What is kept when the memory is not simply moved on.
#[derive(Serialize)]
struct Evidence<'a> {
    declared: String,
    kind: &'static str,
    offered: &'a str,
    path: &'a [Digest],
    remembered: Option<&'a str>,
}

enum Judgement {
    Same,
    Onward,
    /// The proof starts from a head that is no longer the newest; nothing is wrong with the log.
    Elsewhere,
    Alarm(Alarm),
}

impl Alarm {
    /// Stable code.
    pub fn code(self) -> &'static str {
        match self {
            Self::Rollback => "rollback",
            Self::Fork => "fork",
        }
    }
}

impl<'a> Memory<'a> {
    /// Reads the memory; waits for another keeper or command on the same folder.
    pub fn open(state: &'a State) -> Result<Self, Refused> {
        let lock = lock(state).map_err(|error| ours("lock its folder", &error))?;
        let bytes = state.public_file(HEAD_FILE, HEAD_BYTES_MAX)?;
        let (content, lost) = match bytes.map(|bytes| parse(&bytes)) {
            Some(Some(content)) => (content, None),
            Some(None) => (Content::default(), Some("is damaged")),
            None => (Content::default(), Some("is missing")),
        };
        Ok(Self {
            state,
            lost,
            content,
            _lock: lock,
        })
    }

    /// The newest accepted head; none before the first.
    pub fn head(&self) -> Result<Option<&Head>, Refused> {
        self.check_lost()?;
        Ok(self.content.kept.as_ref().map(|kept| &kept.head))
    }

    /// Why no run is taken, if so.
    pub fn frozen(&self) -> Option<&Frozen> {
        self.content.frozen.as_ref()
    }

    /// Remembers a head of the keeper's log, which the policy has vouched for, if it extends the
    /// remembered one. The very first is taken on the policy's word alone.
    pub fn advance(
        mut self,
        offered: &Checkpoint,
        note: &str,
        extends: &Extension,
    ) -> Result<(), Refused> {
        self.check_lost()?;
        if let Some(frozen) = &self.content.frozen {
            return Err(Refused::Frozen(frozen.clone()));
        }
        let Some(kept) = &self.content.kept else {
            return self.keep(offered, note);
        };
        if kept.head.origin != offered.origin {
            return Err(Refused::OtherLog {
                remembered: kept.head.origin.clone(),
                found: offered.origin.clone(),
            });
        }
        match judge(&kept.head, offered, extends) {
            Judgement::Same => Ok(()),
            Judgement::Onward => self.keep(offered, note),
            Judgement::Elsewhere => Err(Refused::HeadMoved {
                remembered: kept.head.size,
                from: extends.from,
            }),
            Judgement::Alarm(alarm) => Err(self.freeze(alarm, offered, note, extends)?),
        }
    }

    /// Remembers this head on the operator's word, whatever was remembered, and lifts an alarm. What
    /// it replaces is kept as evidence.
    pub fn trust(mut self, chosen: &Checkpoint, note: &str) -> Result<(), Refused> {
        if self.content.kept.is_some() {
            self.keep_evidence("operator", chosen, note, &[])?;
        }
        self.content.frozen = None;
        self.keep(chosen, note)
    }

    fn keep(&mut self, head: &Checkpoint, note: &str) -> Result<(), Refused> {
        self.content.kept = Some(Kept {
            head: head.head(),
            note: note.to_owned(),
        });
        self.write()
    }

    /// Evidence first: a machine that stops in between sees the same alarm at the next try.
    fn freeze(
        &mut self,
        alarm: Alarm,
        offered: &Checkpoint,
        note: &str,
        extends: &Extension,
    ) -> Result<Refused, Refused> {
        let evidence = self.keep_evidence(alarm.code(), offered, note, &extends.path)?;
        let remembered = self.content.kept.as_ref().map_or(0, |kept| kept.head.size);
        self.content.frozen = Some(Frozen {
            alarm,
            evidence: evidence.clone(),
        });
        self.write()?;
        let offered = offered.size;
        Ok(match alarm {
            Alarm::Rollback => Refused::Rollback {
                remembered,
                offered,
                evidence,
            },
            Alarm::Fork => Refused::Fork {
                remembered,
                offered,
                evidence,
            },
        })
    }

    /// The name of the file that holds both notes.
    fn keep_evidence(
        &self,
        kind: &'static str,
        offered: &Checkpoint,
        note: &str,
        path: &[Digest],
    ) -> Result<String, Refused> {
        let evidence = Evidence {
            declared: clock::declared_now(),
            kind,
            offered: note,
            path,
            remembered: self.content.kept.as_ref().map(|kept| kept.note.as_str()),
        };
        let bytes = json::to_vec(&evidence);
        let digest = Digest::of(&bytes).to_string();
        let name = format!(
            "{EVIDENCE_FOLDER}/{kind}-{}-{}.json",
            offered.size,
            &digest[..16]
        );
        let folder = self.state.folder();
        DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(folder.join(EVIDENCE_FOLDER))
            .and_then(|()| durable::write(&folder.join(&name), &bytes))
            .map_err(|error| ours("keep evidence of a refused head", &error))?;
        Ok(name)
    }

    fn write(&self) -> Result<(), Refused> {
        durable::write(
            &self.state.folder().join(HEAD_FILE),
            &json::to_vec(&self.content),
        )
        .map_err(|error| ours("keep the head of its log", &error))
    }

    fn check_lost(&self) -> Result<(), Refused> {
        match self.lost {
            Some(how) => Err(Refused::HeadLost(how)),
            None => Ok(()),
        }
    }
}

fn judge(kept: &Head, offered: &Checkpoint, extends: &Extension) -> Judgement {
    if offered.size < kept.size {
        return Judgement::Alarm(Alarm::Rollback);
    }
    if offered.size == kept.size {
        return if offered.root == kept.root {
            Judgement::Same
        } else {
            Judgement::Alarm(Alarm::Fork)
        };
    }
    if extends.from != kept.size {
        return Judgement::Elsewhere;
    }
    let proof = &extends.path;
    match tree::verify_consistency(kept.size, offered.size, &kept.root, &offered.root, proof) {
        Ok(()) => Judgement::Onward,
        Err(_) => Judgement::Alarm(Alarm::Fork),
    }
}

/// The content, if head and note say the same.
fn parse(bytes: &[u8]) -> Option<Content> {
    let content: Content = json::from_slice(bytes).ok()?;
    let agrees = content.kept.as_ref().is_none_or(|kept| {
        Checkpoint::peek(&kept.note).is_ok_and(|checkpoint| checkpoint.head() == kept.head)
    });
    agrees.then_some(content)
}

fn lock(state: &State) -> io::Result<File> {
    let folder = File::open(state.folder())?;
    folder.lock()?;
    Ok(folder)
}

fn ours(what: &str, error: &io::Error) -> Refused {
    Refused::Ours(format!(
        "the keeper could not {what}: {error}; nothing was started"
    ))
}

//! The replay: takes the entries of a log in order and remembers what later ones are judged by.
//!
//! Of each record it keeps hashes and small facts; records themselves are handed back to the caller,
//! who may need some for boards and reveals. Nothing here fetches.

use std::{
    collections::{BTreeMap, HashMap, hash_map::Entry as Slot},
    iter,
};

use super::{
    commitments::Forms,
    entry::{Content, Entry, Record},
    finding::{Breach, Finding, Findings},
    heads,
    roster::Roster,
    runs::{Aborted, Ground, Open, Runs},
};
use crate::{
    checkpoint::Checkpoint, digest::Digest, note::VerifierKey, policy::Attested, record::Head,
    tree::Tree, verify::rules,
};

/// What an auditor knows beforehand of the station.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pinned {
    /// Origin of its log.
    pub origin: String,
    /// Digest of its first manifest payload.
    pub manifest: Digest,
}

/// A log on its way through the audit.
pub struct Replay {
    origin: String,
    tree: Tree,
    duplicates: HashMap<Digest, u64>,
    roster: Roster,
    forms: Forms,
    runs: Runs,
    counts: BTreeMap<String, u64>,
    findings: Findings,
}

impl Replay {
    /// Nothing seen yet.
    pub fn new(pinned: Pinned) -> Self {
        Self {
            origin: pinned.origin,
            tree: Tree::new(),
            duplicates: HashMap::new(),
            roster: Roster::new(pinned.manifest),
            forms: Forms::default(),
            runs: Runs::default(),
            counts: BTreeMap::new(),
            findings: Findings::default(),
        }
    }

    /// Takes the next entry; the record in it, if it could be read and is not there already.
    ///
    /// Whether it may be believed is said by the findings.
    ///
    /// # Panics
    /// When the entry is not the next one.
    pub fn push(&mut self, entry: Entry) -> Option<Record> {
        let index = self.tree.size();
        assert_eq!(entry.index, index, "entries come in the order of the log");
        self.tree.push(entry.hash);
        let Content { duplicate, record } = match entry.content? {
            Ok(content) => content,
            Err(finding) => {
                self.findings.add(finding);
                return None;
            }
        };
        *self.counts.entry(record.kind().to_owned()).or_default() += 1;
        match self.duplicates.entry(duplicate) {
            Slot::Occupied(first) => {
                let says = format!("the record of {} stands here again", first.get());
                self.findings
                    .add(Finding::at(index, Breach::DuplicateRecord, says));
                return None;
            }
            Slot::Vacant(free) => {
                free.insert(index);
            }
        }
        self.judge(&record, index);
        Some(record)
    }

    /// Takes a finding that was made outside, such as a tile that differs.
    pub fn note(&mut self, finding: Finding) {
        self.findings.add(finding);
    }

    /// Compares the entries with the checkpoint that they were fetched under, and with those seen before.
    ///
    /// One that has more records than were replayed is passed over: see [`Self::is_own`].
    pub fn close<'a>(
        &mut self,
        attested: &Attested,
        seen: impl IntoIterator<Item = &'a Checkpoint>,
    ) {
        let root = self.check_root(&attested.checkpoint);
        let continued = seen
            .into_iter()
            .filter(|seen| seen.size <= self.tree.size())
            .map(|seen| heads::check_continues(seen, &self.tree));
        let found: Vec<Finding> = iter::once(root)
            .chain(continued)
            .chain(iter::once(self.check_manifest(attested)))
            .filter_map(Result::err)
            .collect();
        for finding in found {
            self.findings.add(finding);
        }
    }

    fn check_root(&self, checkpoint: &Checkpoint) -> Result<(), Finding> {
        let (size, found) = (self.tree.size(), self.tree.root());
        if size != checkpoint.size || found == checkpoint.root {
            return Ok(());
        }
        let stated = checkpoint.root;
        let says =
            format!("the {size} entries have the root {found}, but the checkpoint has {stated}");
        Err(Finding::of_log(Breach::WrongRoot, says))
    }

    /// Does the log name its manifest, and the manifest the key of the checkpoint?
    fn check_manifest(&self, attested: &Attested) -> Result<(), Finding> {
        if self.counts.is_empty() {
            return Ok(());
        }
        let Some(chain) = self.roster.chain() else {
            let says = "the log holds no manifest that fits the pinned digest; no role was checked";
            return Err(Finding::of_log(Breach::Manifest, says));
        };
        let size = attested.checkpoint.size;
        let held = |log: &VerifierKey| chain.log_key_held(&log.key().key_id(), size);
        if attested.logs.iter().any(held) {
            return Ok(());
        }
        let says = format!(
            "the checkpoint is signed by no key that the manifest gives the role log at size {size}"
        );
        Err(Finding::of_log(Breach::RetiredKey, says))
    }

    /// The keys that may have signed a head of this size, as the log's manifests say.
    pub fn log_keys_at(&self, size: u64) -> Vec<VerifierKey> {
        let keys = self.roster.chain().map(|chain| chain.log_keys_at(size));
        let named = |key| VerifierKey::new(&self.origin, key).ok();
        keys.into_iter().flatten().filter_map(named).collect()
    }

    /// Records that stood when they were logged, and that a later manifest makes void.
    pub fn voided(&self) -> Vec<u64> {
        self.roster.voided()
    }

    /// The tree over all entries so far.
    pub fn tree(&self) -> &Tree {
        &self.tree
    }

    /// Is this head one of this log's history so far?
    pub fn is_own(&self, head: &Head) -> bool {
        heads::is_own(head, &self.origin, &self.tree)
    }

    /// Findings so far.
    pub fn findings(&self) -> &Findings {
        &self.findings
    }

    /// Records so far, by type.
    pub fn counts(&self) -> &BTreeMap<String, u64> {
        &self.counts
    }

    /// Runs that are still open, oldest first.
    pub fn open(&self) -> Vec<Open> {
        self.runs.open()
    }

    /// Runs that ended without a result, oldest first.
    pub fn aborted(&self) -> &[Aborted] {
        self.runs.aborted()
    }

    /// Judges a record among those before it.
    fn judge(&mut self, record: &Record, index: u64) {
        if let Record::Manifest(held) = record
            && let Err(finding) = self.roster.admit(held, &self.origin)
        {
            self.findings.add(finding);
        }
        let role = self.roster.check(record, index);
        // What a wrong key signed is placed all the same, so that its followers are not blamed.
        let placed = self.place(record);
        let found = match role {
            Err(finding) => vec![finding],
            Ok(()) => placed,
        };
        for finding in found {
            self.findings.add(finding);
        }
    }

    fn place(&mut self, record: &Record) -> Vec<Finding> {
        let ground = Ground {
            forms: &self.forms,
            roster: &self.roster,
            tree: &self.tree,
        };
        let found = match record {
            Record::Intent(held) => return self.runs.announce(held, &ground),
            Record::Receipt(held) => self.runs.receive(held, &ground),
            Record::Abort(held) => self.runs.abort(held),
            Record::Submission(held) => {
                let index = held.reference.index;
                let broken = |rule| Finding::at(index, Breach::of_rule(&rule), rule);
                let chain = self.roster.chain();
                self.runs.submissions.insert(index, held.clone());
                chain.map_or(Ok(()), |chain| {
                    rules::check_submitter(held, chain).map_err(broken)
                })
            }
            Record::Evidence(held) => {
                let index = held.reference.index;
                self.runs.evidences.insert(index, held.clone());
                Ok(())
            }
            Record::Commitment(held) => {
                self.forms.commit(held.clone());
                Ok(())
            }
            Record::State(held) => self.forms.retire(held),
            Record::Reveal(held) => self.forms.reveal(held),
            Record::Manifest(_)
            | Record::Snapshot(_)
            | Record::Misbehaviour(_)
            | Record::Comparison(_)
            | Record::Pairing(_)
            | Record::Unknown(_) => Ok(()),
        };
        found.err().into_iter().collect()
    }
}

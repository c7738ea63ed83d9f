//! What an audit finds: a named breach, the record it shows in, and a sentence.
//!
//! Names are stable: scripts and stations refer to them. Findings are bounded, so that a log that is
//! wrong everywhere is still answered.

use std::fmt::Display;

use serde::{Serialize, Serializer};

use crate::{leaf::LeafError, statement::StatementError, verify::RuleError};

/// Findings that are kept; more are only counted.
pub const FINDINGS_MAX: usize = 1000;

macro_rules! breaches {
    ($($(#[$says:meta])+ $breach:ident = $name:literal,)+) => {
        /// Which promise is broken.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Breach {
            $($(#[$says])+ $breach,)+
        }

        impl Breach {
            /// The stable name.
            pub const fn name(self) -> &'static str {
                match self {
                    $(Self::$breach => $name,)+
                }
            }
        }
    };
}

breaches! {
    /// The record names a commitment that comes too late.
    BackDatedCommitment = "back-dated-commitment",
    /// A file does not have the digest that a record gives it.
    BadBlob = "bad-blob",
    /// The checkpoint does not verify under the policy.
    BadCheckpoint = "bad-checkpoint",
    /// An entry, or the bundle it lies in, is not of its form.
    BadEntry = "bad-entry",
    /// A record that its type's schema refuses.
    BadSchema = "bad-schema",
    /// A record whose signature does not verify.
    BadSignature = "bad-signature",
    /// A tile that differs from the hashes of the entries.
    BadTile = "bad-tile",
    /// A board that leaves out a run that ended.
    CherryPicked = "cherry-picked",
    /// Two records that must agree do not.
    Disagreement = "disagreement",
    /// An intent that is closed twice.
    DoubleClose = "double-close",
    /// One record that stands twice in the log.
    DuplicateRecord = "duplicate-record",
    /// A record made for another log.
    ForeignRecord = "foreign-record",
    /// A checkpoint that does not continue one that was seen.
    Fork = "fork",
    /// Counts or estimates that cannot be.
    ImpossibleScore = "impossible-score",
    /// A board that leaves out a run that never ended.
    LostRun = "lost-run",
    /// A manifest that is not the pinned one, or does not follow from the one before.
    Manifest = "manifest",
    /// Records that do not precede each other as they must.
    Order = "order",
    /// A receipt that belongs to another run, form or submission.
    ReplayedReceipt = "replayed-receipt",
    /// A key used outside the part of the log in which it held the role.
    RetiredKey = "retired-key",
    /// A nonce that two intents share.
    ReusedNonce = "reused-nonce",
    /// A checkpoint smaller than one that was seen.
    Rollback = "rollback",
    /// A run announced on a form that was retired or revealed before.
    RunAfterReveal = "run-after-reveal",
    /// Two roots for one size.
    SplitView = "split-view",
    /// A board that was left to grow old while runs of its benchmark ended.
    StaleBoard = "stale-board",
    /// A run on a form, or of a submission, that the log does not hold.
    UncommittedForm = "uncommitted-form",
    /// A revealed form that the grader to which it was committed cannot read.
    UnreadableForm = "unreadable-form",
    /// A file that a record names and the station does not serve.
    WithheldBlob = "withheld-blob",
    /// An envelope that is not served, or another in its place.
    WithheldRecord = "withheld-record",
    /// A board that does not follow from its records.
    WrongBoard = "wrong-board",
    /// A head that is not of this log's history.
    WrongHead = "wrong-head",
    /// A receipt whose outcomes or fuel are not those of the same run made again.
    WrongRerun = "wrong-rerun",
    /// A reveal that does not give back what was committed.
    WrongReveal = "wrong-reveal",
    /// A record signed by a key that never held the role.
    WrongRole = "wrong-role",
    /// A checkpoint whose root is not that of the entries.
    WrongRoot = "wrong-root",
    /// A receipt whose counts or scores are not those of its revealed form, marked again.
    WrongScore = "wrong-score",
    /// A seed that does not follow from start head and intent.
    WrongSeed = "wrong-seed",
}

impl Breach {
    /// Under which name a rule between records is broken.
    pub fn of_rule(rule: &RuleError) -> Self {
        match rule {
            RuleError::Order { earlier, .. } if *earlier == "commitment" => {
                Self::BackDatedCommitment
            }
            RuleError::Order { .. } => Self::Order,
            RuleError::HeadOrigin(_) | RuleError::Head { .. } => Self::WrongHead,
            RuleError::Differs(what, "receipt", _) | RuleError::Differs(what, _, "receipt")
                if REPLAYED.contains(what) =>
            {
                Self::ReplayedReceipt
            }
            RuleError::Differs(..) | RuleError::Recipient => Self::Disagreement,
            RuleError::Seed => Self::WrongSeed,
            RuleError::Signer { .. } | RuleError::Role { .. } => Self::WrongRole,
            RuleError::Manifest => Self::Manifest,
            RuleError::Form(_) => Self::BadSchema,
        }
    }

    /// Under which name an envelope fails to be that of its leaf.
    pub fn of_leaf(fault: &LeafError) -> Self {
        match fault {
            LeafError::TooLong(_) | LeafError::NotCanonical => Self::BadEntry,
            LeafError::Mismatch => Self::WithheldRecord,
            LeafError::Envelope(StatementError::Signature(_)) => Self::BadSignature,
            LeafError::Envelope(_) => Self::BadSchema,
        }
    }
}

impl Serialize for Breach {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}

/// What tells one run from another.
const REPLAYED: [&str; 6] = [
    "nonce",
    "adapter",
    "intent",
    "commitment",
    "submission",
    "evidence",
];

/// One finding.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// Which promise is broken.
    pub name: Breach,
    /// Index of the record in which it shows.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub record: Option<u64>,
    /// One sentence.
    pub says: String,
}

impl Finding {
    /// A finding about a record.
    pub fn at(record: u64, name: Breach, says: impl Display) -> Self {
        Self {
            name,
            record: Some(record),
            says: says.to_string(),
        }
    }

    /// A finding about the log as a whole.
    pub fn of_log(name: Breach, says: impl Display) -> Self {
        Self {
            name,
            record: None,
            says: says.to_string(),
        }
    }
}

/// Findings in the order in which they were made.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Findings {
    /// The first [`FINDINGS_MAX`].
    pub kept: Vec<Finding>,
    /// How many came after those.
    pub more: u64,
}

impl Findings {
    /// Adds one.
    pub fn add(&mut self, finding: Finding) {
        if self.kept.len() < FINDINGS_MAX {
            self.kept.push(finding);
        } else {
            self.more += 1;
        }
    }

    /// True when nothing was found.
    pub fn is_empty(&self) -> bool {
        self.kept.is_empty()
    }
}

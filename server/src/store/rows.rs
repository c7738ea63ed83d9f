//! What the store hands out: typed rows, and how columns become values.
//!
//! A row is a fact at one moment. It carries no methods that change anything.

use assay_evidence::{digest::Digest, record::RecordRef};
use serde::{Deserialize, Serialize};
use sqlx::{Row as _, sqlite::SqliteRow};

use super::StoreError;
use crate::{
    clock::Millis,
    id::{RunId, SubmissionId},
};

/// Where a record lies in this station's log.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Place {
    /// Leaf index.
    pub index: u64,
    /// Leaf hash.
    pub leaf: Digest,
}

impl Place {
    /// The reference that a record would use.
    pub fn of(self, origin: &str) -> RecordRef {
        RecordRef {
            index: self.index,
            leaf: self.leaf,
            origin: origin.to_owned(),
        }
    }
}

impl From<&RecordRef> for Place {
    fn from(reference: &RecordRef) -> Self {
        Self {
            index: reference.index,
            leaf: reference.leaf,
        }
    }
}

/// A section of a benchmark: id and title.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Section {
    /// Short id, as in scores.
    pub id: String,
    /// Title for people.
    pub title: String,
}

macro_rules! words {
    ($(#[$about:meta])+ $name:ident { $($(#[$says:meta])+ $variant:ident => $word:literal),+ $(,)? }) => {
        $(#[$about])+
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
        pub enum $name { $($(#[$says])+ #[serde(rename = $word)] $variant),+ }

        impl $name {
            /// All of them, in order.
            pub const ALL: [Self; [$($word),+].len()] = [$(Self::$variant),+];

            /// The word that stands in the database.
            pub fn word(self) -> &'static str {
                match self { $(Self::$variant => $word),+ }
            }

            pub(super) fn read(word: &str) -> Result<Self, StoreError> {
                match word {
                    $($word => Ok(Self::$variant),)+
                    _ => Err(StoreError::Damaged(stringify!($name))),
                }
            }
        }
    };
}

words! {
    /// Who may see the items of a form.
    FormClass {
        /// Everybody: it serves for trying out.
        Practice => "practice",
        /// Nobody outside the enclave.
        Sealed => "sealed",
    }
}

words! {
    /// Why a form is retired; the closed list of the log's records.
    FormReason {
        /// A newer edition takes its place, as planned.
        Rotation => "rotation",
        /// Items may be known outside.
        LeakSuspected => "leak-suspected",
        /// An item or its key is wrong.
        FaultFound => "fault-found",
        /// The benchmark ends.
        EndOfLife => "end-of-life",
    }
}

words! {
    /// Where a submission stands.
    SubmissionState {
        /// Bytes are durable.
        Received => "received",
        /// Screened and logged.
        Checked => "checked",
        /// Not accepted.
        Refused => "refused",
    }
}

words! {
    /// Where a run stands.
    RunState {
        /// Waits for the enclave.
        Queued => "queued",
        /// Its intent is logged.
        Running => "running",
        /// Its receipt is logged.
        Marked => "marked",
        /// Part of a snapshot.
        Published => "published",
        /// Closed without a receipt.
        Aborted => "aborted",
    }
}

/// A published form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FormRow {
    /// Form id.
    pub form: String,
    /// Short name of the benchmark, without its version.
    pub benchmark: String,
    /// `name@major.minor`.
    pub version: String,
    /// Edition.
    pub edition: String,
    /// Practice or sealed.
    pub class: FormClass,
    /// Title of the benchmark for people.
    pub title: String,
    /// One sentence on what is measured.
    pub summary: String,
    /// Locales, in order.
    pub locales: Vec<String>,
    /// Sections, in order.
    pub sections: Vec<Section>,
    /// Digest of the sealed file.
    pub seal: Digest,
    /// Digest of the public terms.
    pub terms: Digest,
    /// Root of the item tree.
    pub root: Digest,
    /// Padded leaf count of the item tree.
    pub leaves: u64,
    /// Declared time of the commitment.
    pub declared: String,
    /// The signed commitment, JCS.
    pub envelope: String,
    /// The commitment's place; absent for a moment while it is being logged.
    pub commitment: Option<Place>,
    /// Since when nothing is run on it any more.
    pub retired: Option<Retired>,
    /// Since when everybody may read its items.
    pub revealed: Option<Revealed>,
}

impl FormRow {
    /// Of a benchmark's forms, newest first, the one that its board shows, open or not: the newest sealed
    /// one, or the newest practice form while there is no sealed one.
    pub fn leading<'a>(mut forms: impl Iterator<Item = &'a Self> + Clone) -> Option<&'a Self> {
        let newest = forms.clone().next();
        forms
            .find(|form| form.class == FormClass::Sealed)
            .or(newest)
    }

    /// May new runs be announced on it?
    pub fn is_open(&self) -> bool {
        self.commitment.is_some() && self.retired.is_none() && self.revealed.is_none()
    }
}

/// A form's retirement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Retired {
    /// Why.
    pub reason: FormReason,
    /// Declared time.
    pub declared: String,
    /// The record; absent for a moment while it is being logged.
    pub record: Option<Place>,
}

/// A form's reveal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Revealed {
    /// Digest of the form body, a public blob.
    pub body: Digest,
    /// Declared time.
    pub declared: String,
    /// The record; absent for a moment while it is being logged.
    pub record: Option<Place>,
}

/// A submission.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SubmissionRow {
    /// Id.
    pub id: SubmissionId,
    /// Who sent it: public id of a token.
    pub principal: String,
    /// System id: the same name from the same principal is the same system.
    pub system: String,
    /// Display name of the system.
    pub name: String,
    /// Digest of the submitted bytes.
    pub adapter: Digest,
    /// Their length.
    pub bytes: u64,
    /// Short names of the benchmarks it is for, sorted.
    pub benchmarks: Vec<String>,
    /// What the team says of it.
    pub declares: std::collections::BTreeMap<String, String>,
    /// State.
    pub state: SubmissionState,
    /// Code and sentence of a refusal.
    pub refusal: Option<(String, String)>,
    /// The signed record, JCS, from just before it is logged.
    pub envelope: Option<String>,
    /// The record's place.
    pub record: Option<Place>,
    /// Registered at.
    pub created: Millis,
}

/// What a team declares, with the value [`YES`], when its adapter's bytes may be published once a form that
/// it ran on is revealed.
pub const OPEN: &str = "open";
/// Value of a declaration that either stands or is absent.
pub const YES: &str = "yes";

impl SubmissionRow {
    /// Did the team declare its adapter open?
    pub fn is_open(&self) -> bool {
        self.declares.get(OPEN).is_some_and(|word| word == YES)
    }
}

/// One try of a submission on a form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RunRow {
    /// Id.
    pub id: RunId,
    /// Submission.
    pub submission: SubmissionId,
    /// System id.
    pub system: String,
    /// System name.
    pub name: String,
    /// Short name of the benchmark.
    pub benchmark: String,
    /// Form id.
    pub form: String,
    /// 1 for the first try.
    pub tries: u32,
    /// State.
    pub state: RunState,
    /// Stable code, where the state has a reason.
    pub reason: Option<String>,
    /// The reason in a sentence.
    pub detail: Option<String>,
    /// Share of items closed, in millionths.
    pub progress_ppm: u64,
    /// Leaf hash of the intent, from just before it is logged.
    pub intent_leaf: Option<Digest>,
    /// The intent, once logged.
    pub intent: Option<Place>,
    /// The receipt or run-abort, once logged.
    pub close: Option<Place>,
    /// The snapshot that shows it.
    pub board: Option<Place>,
    /// Made at.
    pub created: Millis,
    /// Last change.
    pub changed: Millis,
}

impl RunRow {
    /// The receipt, once logged.
    pub fn receipt(&self) -> Option<Place> {
        match self.state {
            RunState::Marked | RunState::Published => self.close,
            RunState::Queued | RunState::Running | RunState::Aborted => None,
        }
    }

    /// The run-abort, once logged.
    pub fn abort(&self) -> Option<Place> {
        match self.state {
            RunState::Aborted => self.close,
            RunState::Queued | RunState::Running | RunState::Marked | RunState::Published => None,
        }
    }
}

/// One change of a run's state.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StateChange {
    /// New state.
    pub state: RunState,
    /// Stable code.
    pub reason: Option<String>,
    /// When.
    pub at: Millis,
}

/// A published board.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BoardRow {
    /// Short name of the benchmark.
    pub benchmark: String,
    /// The snapshot record.
    pub snapshot: Place,
    /// Digest of the list of inputs, a blob.
    pub inputs: Digest,
    /// Digest of the board's bytes, a blob.
    pub output: Digest,
    /// Size of the log that it was computed under.
    pub size: u64,
    /// Declared time.
    pub declared: String,
}

/// How the runs of a benchmark, or of one of its systems, ended.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RunCounts {
    /// Queued, never announced.
    pub waiting: u64,
    /// Announced and not closed.
    pub open: u64,
    /// Closed with a receipt.
    pub closed: u64,
    /// Closed without one.
    pub aborted: u64,
}

pub(super) fn digest(bytes: &[u8]) -> Result<Digest, StoreError> {
    let bytes: [u8; 32] = bytes
        .try_into()
        .map_err(|_| StoreError::Damaged("digest"))?;
    Ok(Digest(bytes))
}

pub(super) fn id(bytes: &[u8]) -> Result<[u8; 16], StoreError> {
    bytes.try_into().map_err(|_| StoreError::Damaged("id"))
}

pub(super) fn column_digest(row: &SqliteRow, column: &'static str) -> Result<Digest, StoreError> {
    digest(row.try_get(column)?)
}

pub(super) fn column_u64(row: &SqliteRow, column: &'static str) -> Result<u64, StoreError> {
    let value: i64 = row.try_get(column)?;
    u64::try_from(value).map_err(|_| StoreError::Damaged(column))
}

pub(super) fn column_place(
    row: &SqliteRow,
    index: &'static str,
    leaf: &'static str,
) -> Result<Option<Place>, StoreError> {
    let found: (Option<i64>, Option<&[u8]>) = (row.try_get(index)?, row.try_get(leaf)?);
    match found {
        (Some(index), Some(leaf)) => Ok(Some(Place {
            index: u64::try_from(index).map_err(|_| StoreError::Damaged("index"))?,
            leaf: digest(leaf)?,
        })),
        _ => Ok(None),
    }
}

pub(super) fn column_json<T: serde::de::DeserializeOwned>(
    row: &SqliteRow,
    column: &'static str,
) -> Result<T, StoreError> {
    let text: &str = row.try_get(column)?;
    serde_json::from_str(text).map_err(|_| StoreError::Damaged(column))
}

pub(super) fn json(value: &impl Serialize) -> String {
    serde_json::to_string(value).expect("lists and maps of strings are JSON")
}

//! Runs and their states.

use serde::{Deserialize, Serialize};

use crate::{AsOf, RecordLink};

/// One run in a list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RunRow {
    /// Run id.
    pub id: String,
    /// Submission id.
    pub submission: String,
    /// System id.
    pub system: String,
    /// System name.
    pub name: String,
    /// Benchmark name.
    pub benchmark: String,
    /// Form id.
    pub form: String,
    /// State.
    pub state: RunState,
    /// Stable code of the reason, where the state has one.
    pub reason: Option<String>,
    /// The reason in one sentence.
    pub detail: Option<String>,
    /// Items closed, in tenths of the form on sealed forms.
    pub tenths_done: u8,
    /// Place in the queue, from 1, while queued.
    pub place: Option<u64>,
    /// Registered at, RFC 3339.
    pub created: String,
    /// Last change, RFC 3339.
    pub changed: String,
    /// The run-intent, once logged.
    pub intent: Option<RecordLink>,
    /// The receipt, once logged.
    pub receipt: Option<RecordLink>,
    /// The run-abort, once logged.
    pub abort: Option<RecordLink>,
    /// Path of the bundle, once published.
    pub bundle: Option<String>,
}

/// What `/runs/<id>` shows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RunPage {
    /// Head of the log.
    pub as_of: AsOf,
    /// The run.
    pub run: RunRow,
    /// Its states, oldest first.
    pub history: Vec<StateChange>,
}

/// One change of state.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StateChange {
    /// New state.
    pub state: RunState,
    /// When, RFC 3339.
    pub at: String,
    /// Stable code of the reason.
    pub reason: Option<String>,
}

/// Where a run stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum RunState {
    /// Waits for the enclave.
    Queued,
    /// Announced; the enclave works on it.
    Running,
    /// The receipt is logged, not yet on a board.
    Marked,
    /// Part of a snapshot.
    Published,
    /// Closed without a receipt.
    Aborted,
}

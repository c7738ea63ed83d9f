//! How a log is doing: what is stored, what is public, what waits, and what went wrong.
//!
//! For pages and health checks. It is told, it decides nothing.

use assay_evidence::record::Head;

use crate::clock::Millis;

/// Alarms that are kept; older ones are in the trace.
pub(super) const ALARMS_MAX: usize = 16;

/// A log at one moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Status {
    /// The newest signed head, in the lock store.
    pub stored: HeadAt,
    /// The newest public head; none before the first publication.
    pub published: Option<HeadAt>,
    /// Records whose callers wait for publication, those in the pool included.
    pub waiting: usize,
    /// What went wrong since the start, oldest first.
    pub alarms: Vec<Alarm>,
    /// Does it take records?
    pub condition: Condition,
}

/// A head and since when it is what it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HeadAt {
    /// Origin, size, root.
    pub head: Head,
    /// When it was stored or became public.
    pub at: Millis,
}

/// Something that an operator must look at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Alarm {
    /// When.
    pub at: Millis,
    /// What, and what was done about it.
    pub says: String,
}

/// What a log still does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Condition {
    /// Takes records and publishes them.
    Running,
    /// Takes no records, since the disk refused one; what was signed is published and served.
    ReadOnly(String),
    /// Neither takes nor publishes; the process should end, and start-up decides.
    Stopped(String),
}

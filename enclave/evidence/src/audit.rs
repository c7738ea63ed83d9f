//! The audit of a whole log: every entry in order, against everything that was promised before it.
//!
//! [`Leafed::with`] does what needs one record alone, on any core; [`Replay`] does what needs the order.
//! Both are pure: fetching, boards and what lies outside the log are the caller's business. A finding
//! never stops the replay; what it makes unknowable is left out rather than reported twice.

mod commitments;
mod entry;
mod finding;
mod heads;
mod replay;
mod roster;
mod runs;

pub use entry::{Content, Entry, Leafed, Missing, Record};
pub use finding::{Breach, FINDINGS_MAX, Finding, Findings};
pub use heads::check_seen;
pub use replay::{Pinned, Replay};
pub use runs::{Aborted, Open};

#[cfg(test)]
pub(crate) mod tests;

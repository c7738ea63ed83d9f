//! Verification: a logged record, alone or in a portable proof, and a whole receipt bundle offline.
//!
//! A bundle is checked line by line in a fixed order; the first failure stops. Whatever cannot be
//! known from the file is reported as not checked, never as passed.

mod attested;
mod bundled;
pub(crate) mod history;
mod logged;
mod portable;
mod report;
mod roles;
pub(crate) mod rules;
pub(crate) mod scores;
mod told;

pub use logged::{Logged, LoggedError, open_logged, public_key, verify_logged};
pub use report::{Check, CheckState, Facts, Report};
pub use roles::roles_of;
pub use rules::{Held, RuleError};
pub use scores::ScoreError;
pub use told::{Told, ToldCosigned, ToldEstimate, ToldQuorum};

use crate::policy::Policy;

/// Verifies the bytes of a receipt bundle under a policy, without a clock.
pub fn bundle(text: &[u8], policy: &Policy) -> Report {
    verified(text, policy, None)
}

/// The same, and cosignatures far ahead of `now` (seconds since 1970) are refused.
pub fn bundle_at(text: &[u8], policy: &Policy, now: u64) -> Report {
    verified(text, policy, Some(now))
}

/// Verifies a portable proof of a record of any type; cosignatures far ahead of `now` (seconds since
/// 1970) are refused.
pub fn log_proof(text: &[u8], policy: &Policy, now: Option<u64>) -> Report {
    let mut report = Report::default();
    match portable::check(&mut report, text, policy, now) {
        // The failed line is already the last one of the report.
        Ok(()) | Err(report::Stopped) => report,
    }
}

fn verified(text: &[u8], policy: &Policy, now: Option<u64>) -> Report {
    let mut report = Report::default();
    match bundled::check(&mut report, text, policy, now) {
        // The failed line is already the last one of the report.
        Ok(()) | Err(report::Stopped) => report,
    }
}

#[cfg(test)]
pub(crate) mod tests;

//! The only reader of the wall clock: declared times for records.
//!
//! Records carry declared times for show. Two checks of an assignment read this clock: the term of the
//! manifest and the longest time that a run may stay open. Limits are measured on the monotonic clock.

use std::time::{Duration, SystemTime};

use assay_evidence::time;

/// Now, as `YYYY-MM-DDTHH:MM:SSZ`.
pub fn declared_now() -> String {
    declared_after(Duration::ZERO)
}

/// So long after now, as `YYYY-MM-DDTHH:MM:SSZ`.
pub fn declared_after(wait: Duration) -> String {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
    time::from_seconds((since.unwrap_or_default() + wait).as_secs())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn now_is_a_declared_time() {
        assert!(time::is_declared(&declared_now()));
    }
}

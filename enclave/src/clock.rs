//! The only reader of the wall clock: declared times for records.
//!
//! Records carry declared times for show. Three checks of an assignment read this clock: the term of the
//! manifest, the longest time that a run may stay open, and that no cosignature is of the future. Limits
//! are measured on the monotonic clock.

use std::time::{Duration, SystemTime};

use assay_evidence::time;

/// Now, as `YYYY-MM-DDTHH:MM:SSZ`.
pub fn declared_now() -> String {
    declared_after(Duration::ZERO)
}

/// So long after now, as `YYYY-MM-DDTHH:MM:SSZ`.
pub fn declared_after(wait: Duration) -> String {
    time::from_seconds((since_1970() + wait).as_secs())
}

/// Now, in seconds since 1970.
pub fn seconds_now() -> u64 {
    since_1970().as_secs()
}

fn since_1970() -> Duration {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
    since.unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn now_is_a_declared_time() {
        assert!(time::is_declared(&declared_now()));
    }
}

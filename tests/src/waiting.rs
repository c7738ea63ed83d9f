//! Waiting for a condition: the one place of the tests that lets time pass.

use std::time::{Duration, Instant};

/// Longest wait for anything; generous, since machines that run tests are shared.
pub const WAIT_MAX: Duration = Duration::from_mins(3);
const POLL_EVERY: Duration = Duration::from_millis(25);

/// Polls until `condition` yields a value.
///
/// # Panics
/// When [`WAIT_MAX`] passes first; the message names `what`.
pub fn until<T>(what: &str, mut condition: impl FnMut() -> Option<T>) -> T {
    let deadline = Instant::now() + WAIT_MAX;
    loop {
        if let Some(value) = condition() {
            return value;
        }
        assert!(Instant::now() < deadline, "still waiting for: {what}");
        std::thread::sleep(POLL_EVERY);
    }
}

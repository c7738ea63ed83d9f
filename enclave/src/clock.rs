//! The only reader of the wall clock: declared times for records.
//!
//! Records carry declared times for show. Two checks of an assignment read this clock: the term of the
//! manifest and the longest time that a run may stay open. Limits are measured on the monotonic clock.

use std::time::{Duration, SystemTime};

const SECONDS_PER_DAY: u64 = 86_400;

/// Now, as `YYYY-MM-DDTHH:MM:SSZ`.
pub fn declared_now() -> String {
    declared_after(Duration::ZERO)
}

/// So long after now, as `YYYY-MM-DDTHH:MM:SSZ`.
pub fn declared_after(wait: Duration) -> String {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
    declared((since.unwrap_or_default() + wait).as_secs())
}

fn declared(seconds: u64) -> String {
    let (year, month, day) = civil(seconds / SECONDS_PER_DAY);
    let second = seconds % SECONDS_PER_DAY;
    let (hour, minute, second) = (second / 3600, second / 60 % 60, second % 60);
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}Z")
}

/// Gregorian date of a day count from 1970-01-01, counting years from March so that leap days come last.
fn civil(days: u64) -> (u64, u64, u64) {
    const DAYS_PER_ERA: u64 = 146_097;
    let since_0000_03_01 = days + 719_468;
    let era = since_0000_03_01 / DAYS_PER_ERA;
    let day_of_era = since_0000_03_01 % DAYS_PER_ERA;
    let year_of_era =
        (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = if month_from_march < 10 {
        month_from_march + 3
    } else {
        month_from_march - 9
    };
    (year_of_era + era * 400 + u64::from(month <= 2), month, day)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seconds_become_the_declared_form() {
        for (seconds, text) in [
            (0, "1970-01-01T00:00:00Z"),
            (951_782_399, "2000-02-28T23:59:59Z"),
            (951_782_400, "2000-02-29T00:00:00Z"),
            (1_795_284_530, "2026-11-21T18:08:50Z"),
            (4_107_542_400, "2100-03-01T00:00:00Z"),
        ] {
            assert_eq!(declared(seconds), text);
        }
    }

    #[test]
    fn now_is_a_declared_time() {
        assert!(assay_evidence::time::is_declared(&declared_now()));
    }
}

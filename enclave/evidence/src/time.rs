//! Declared times, `YYYY-MM-DDTHH:MM:SSZ`: shown and compared as text, never used to order records.
//!
//! No clock. Seconds since 1970 are turned into text for whoever reads a cosignature, never back.

/// Is this a declared time? Ranges are checked; a 31st of a short month passes.
pub fn is_declared(text: &str) -> bool {
    const SHAPE: &[u8] = b"0000-00-00T00:00:00Z";
    let fits = |(shape, byte): (&u8, u8)| match shape {
        b'0' => byte.is_ascii_digit(),
        other => *other == byte,
    };
    let within = |at: usize, low: u8, high: u8| {
        text[at..at + 2]
            .parse()
            .is_ok_and(|value: u8| (low..=high).contains(&value))
    };
    text.len() == SHAPE.len()
        && SHAPE.iter().zip(text.bytes()).all(fits)
        && within(5, 1, 12)
        && within(8, 1, 31)
        && within(11, 0, 23)
        && within(14, 0, 59)
        && within(17, 0, 60)
}

/// Seconds since 1970 as text; only years up to 9999 make a declared time.
pub fn from_seconds(seconds: u64) -> String {
    let (year, month, day) = civil_from_days(seconds / 86_400);
    let of_day = seconds % 86_400;
    let (hour, minute, second) = (of_day / 3600, of_day / 60 % 60, of_day % 60);
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}Z")
}

/// The same moment some years later, as text.
///
/// # Panics
/// When the text is no declared time.
pub fn years_later(declared: &str, years: u16) -> String {
    let (year, rest) = declared.split_at(4);
    let year: u16 = year.parse().expect("a declared time starts with a year");
    format!("{:04}{rest}", year + years)
}

/// Gregorian date of a day count since 1970-01-01 (Hinnant, "chrono-compatible low-level date algorithms").
fn civil_from_days(days: u64) -> (u64, u64, u64) {
    let shifted = days + 719_468;
    let era = shifted / 146_097;
    let day_of_era = shifted % 146_097;
    let year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted_month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * shifted_month + 2) / 5 + 1;
    let month = if shifted_month < 10 {
        shifted_month + 3
    } else {
        shifted_month - 9
    };
    let year = year_of_era + era * 400 + u64::from(month <= 2);
    (year, month, day)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_one_form_is_a_declared_time() {
        assert!(is_declared("2026-11-21T18:08:50Z"));
        for bad in [
            "2026-11-21 18:08:50Z",
            "2026-11-21T18:08:50z",
            "2026-11-21T18:08:50.0Z",
            "2026-13-21T18:08:50Z",
            "2026-11-00T18:08:50Z",
            "2026-11-21T24:08:50Z",
            "2026-11-21T18:60:50Z",
            "2026-11-21T18:08:61Z",
            "",
            "2026-11-21T18:08:5éZ",
        ] {
            assert!(!is_declared(bad), "{bad}");
        }
        assert_eq!(
            years_later("2026-02-28T00:00:00Z", 2),
            "2028-02-28T00:00:00Z"
        );
    }

    #[test]
    fn seconds_are_shown_as_days_of_the_calendar() {
        for (seconds, text) in [
            (0, "1970-01-01T00:00:00Z"),
            (951_782_399, "2000-02-28T23:59:59Z"),
            (951_782_400, "2000-02-29T00:00:00Z"),
            (951_868_800, "2000-03-01T00:00:00Z"),
            (1_767_139_200, "2025-12-31T00:00:00Z"),
            (4_107_542_399, "2100-02-28T23:59:59Z"),
            (4_107_542_400, "2100-03-01T00:00:00Z"),
            (253_402_300_799, "9999-12-31T23:59:59Z"),
        ] {
            assert_eq!(from_seconds(seconds), text);
            assert!(is_declared(text));
        }
        assert_eq!(from_seconds(253_402_300_800), "10000-01-01T00:00:00Z");
    }
}

//! Declared times, `YYYY-MM-DDTHH:MM:SSZ`: shown and compared as text, never used to order records.
//!
//! No clock and no calendar arithmetic beyond whole years.

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

/// The same moment some years later, as text.
///
/// # Panics
/// When the text is no declared time.
pub fn years_later(declared: &str, years: u16) -> String {
    let (year, rest) = declared.split_at(4);
    let year: u16 = year.parse().expect("a declared time starts with a year");
    format!("{:04}{rest}", year + years)
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
}

//! Numbers, dates, names of languages and digests as people read them.
//!
//! Works on the strings and integers of a document; parses no floats and rounds no estimate.

use crate::{Locale, text};

/// An integer with a comma between thousands.
pub(crate) fn count(n: u64) -> String {
    digits(&n.to_string())
}

/// A decimal string with a comma between thousands; other text unchanged.
pub(crate) fn digits(text: &str) -> String {
    if text.is_empty() || !text.bytes().all(|byte| byte.is_ascii_digit()) {
        return text.to_owned();
    }
    let mut out = String::with_capacity(text.len() + text.len() / 3);
    for (at, digit) in text.chars().enumerate() {
        if at > 0 && (text.len() - at).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// A decimal string cut to three or four leading digits with a unit: `124.5 M`, `3,210`.
pub(crate) fn short(text: &str) -> String {
    let digit_count = text.len();
    if digit_count < 5 || !text.bytes().all(|byte| byte.is_ascii_digit()) {
        return digits(text);
    }
    let units = ["", "k", "M", "G", "T", "P", "E"];
    let group = ((digit_count - 1) / 3).min(units.len() - 1);
    let whole = digit_count - group * 3;
    format!(
        "{}.{}\u{a0}{}",
        digits(&text[..whole]),
        &text[whole..=whole],
        units[group]
    )
}

/// A span of time in its largest whole unit: `3 minutes`.
pub(crate) fn age(locale: Locale, seconds: u64) -> String {
    match seconds {
        0..60 => text::age_seconds(locale, seconds),
        60..3_600 => text::age_minutes(locale, seconds / 60),
        3_600..86_400 => text::age_hours(locale, seconds / 3_600),
        _ => text::age_days(locale, seconds / 86_400),
    }
}

/// The day of an RFC 3339 time: `21 Nov 2026`; the text itself when it is none.
pub(crate) fn day(locale: Locale, time: &str) -> String {
    parts(locale, time).map_or_else(|| time.to_owned(), |(day, _, _)| day)
}

/// Day, time and zone of an RFC 3339 time: `21 Nov 2026, 18:08:46 UTC`.
pub(crate) fn moment(locale: Locale, time: &str) -> String {
    parts(locale, time).map_or_else(
        || time.to_owned(),
        |(day, clock, zone)| text::date_time(locale, clock, &day, zone),
    )
}

/// Day in words, clock, zone.
fn parts(locale: Locale, time: &str) -> Option<(String, &str, &str)> {
    let (date, rest) = time.split_once('T')?;
    let mut fields = date.split('-');
    let (year, month, day) = (fields.next()?, fields.next()?, fields.next()?);
    let month = month.parse::<usize>().ok()?.checked_sub(1)?;
    let month = text::months(locale).split(' ').nth(month)?;
    let day = day.parse::<u8>().ok()?.to_string();
    let clock = rest.get(..8).filter(|clock| is_clock(clock))?;
    let zone = &rest[rest.find(['Z', '+', '-'])?..];
    let zone = if zone == "Z" { "UTC" } else { zone };
    Some((text::date(locale, &day, month, year), clock, zone))
}

/// The first twelve digits of a digest.
pub(crate) fn short_digest(hex: &str) -> String {
    hex.chars().take(12).collect()
}

/// Whether a text is like `18:08:46`.
fn is_clock(text: &str) -> bool {
    text.bytes().enumerate().all(|(at, byte)| match at % 3 {
        2 => byte == b':',
        _ => byte.is_ascii_digit(),
    })
}

/// An id as a table shows it: whole when short, else its first digits.
pub(crate) fn short_id(id: &str) -> String {
    if id.chars().count() <= 24 {
        id.to_owned()
    } else {
        short_digest(id)
    }
}

/// A benchmark's locale in its own language, with the tag to mark the text up with.
pub(crate) fn language(tag: &str) -> String {
    match tag {
        "en" => "English",
        "zh-Hans" => "简体中文",
        "yue-Hant" => "廣東話",
        "pt" => "Português",
        other => other,
    }
    .to_owned()
}

/// A section id as words: `everyday-science` is `Everyday science`.
pub(crate) fn section(id: &str) -> String {
    let words = id.replace(['-', '_'], " ");
    let mut letters = words.chars();
    letters.next().map_or_else(String::new, |first| {
        first.to_uppercase().chain(letters).collect()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thousands_are_separated_and_foreign_text_is_left_alone() {
        assert_eq!(count(0), "0");
        assert_eq!(count(999), "999");
        assert_eq!(count(1_234_567), "1,234,567");
        assert_eq!(digits("12x4"), "12x4");
    }

    #[test]
    fn long_counts_are_cut_and_never_rounded_up() {
        assert_eq!(short("9999"), "9,999");
        assert_eq!(short("99999"), "99.9\u{a0}k");
        assert_eq!(short("124567890"), "124.5\u{a0}M");
        assert_eq!(short("18446744073709551615"), "18.4\u{a0}E");
        assert_eq!(short("123456789012345678901234"), "123,456.7\u{a0}E");
        assert_eq!(short("unknown"), "unknown");
    }

    #[test]
    fn times_show_their_zone_and_what_is_no_time_stays() {
        assert_eq!(day(Locale::En, "2026-11-21T18:08:46Z"), "21 Nov 2026");
        assert_eq!(
            moment(Locale::En, "2026-01-05T18:08:46.5Z"),
            "5 Jan 2026, 18:08:46 UTC"
        );
        assert_eq!(
            moment(Locale::En, "2026-01-05T18:08:46+08:00"),
            "5 Jan 2026, 18:08:46 +08:00"
        );
        for text in [
            "",
            "yesterday",
            "2026-13-05T18:08:46Z",
            "2026-01-05Té8:08:46Z",
        ] {
            assert_eq!(moment(Locale::En, text), text);
        }
    }

    #[test]
    fn an_age_is_told_in_its_largest_whole_unit() {
        for (seconds, words) in [
            (0, "0 seconds"),
            (1, "1 second"),
            (59, "59 seconds"),
            (60, "1 minute"),
            (3_599, "59 minutes"),
            (7_200, "2 hours"),
            (86_399, "23 hours"),
            (86_400, "1 day"),
            (200 * 86_400, "200 days"),
        ] {
            assert_eq!(age(Locale::En, seconds), words);
        }
    }

    #[test]
    fn a_section_reads_as_words() {
        assert_eq!(section("everyday-science"), "Everyday science");
        assert_eq!(section(""), "");
    }
}

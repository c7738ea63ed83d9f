//! Days and dates of the proleptic Gregorian calendar, years 1 to 9999.
//!
//! It reads no clock and knows no time zones.

/// Days since 1970-01-01, or `None` when there is no such date.
pub(super) fn day_number(year: i128, month: i128, day: i128) -> Option<i128> {
    let valid = (1..=9999).contains(&year)
        && (1..=12).contains(&month)
        && (1..=days_of_month(year, month)).contains(&day);
    valid.then(|| days_before_year(year) + days_before_month(year, month) + day - 1 - EPOCH)
}

/// Year, month and day of a day number.
pub(super) fn date(day_number: i128) -> Option<(i128, i128, i128)> {
    let days = day_number.checked_add(EPOCH)?;
    if !(0..days_before_year(10_000)).contains(&days) {
        return None;
    }
    // The estimate is at most one year too large, since no year is shorter than 365 days.
    let mut year = days * 400 / DAYS_OF_400_YEARS + 1;
    while days_before_year(year) > days {
        year -= 1;
    }
    while days_before_year(year + 1) <= days {
        year += 1;
    }
    let in_year = days - days_before_year(year);
    let month = (1..=12)
        .rev()
        .find(|&month| days_before_month(year, month) <= in_year)?;
    Some((year, month, in_year - days_before_month(year, month) + 1))
}

/// 0 for Monday to 6 for Sunday; day 0 was a Thursday.
pub(super) fn weekday(day_number: i128) -> i128 {
    (day_number.rem_euclid(7) + 3) % 7
}

const DAYS_OF_400_YEARS: i128 = 146_097;
/// Days from 0001-01-01 to 1970-01-01.
const EPOCH: i128 = 719_162;

fn is_leap(year: i128) -> bool {
    year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
}

fn days_of_month(year: i128, month: i128) -> i128 {
    match month {
        2 => 28 + i128::from(is_leap(year)),
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

fn days_before_year(year: i128) -> i128 {
    let past = year - 1;
    past * 365 + past / 4 - past / 100 + past / 400
}

fn days_before_month(year: i128, month: i128) -> i128 {
    (1..month).map(|before| days_of_month(year, before)).sum()
}

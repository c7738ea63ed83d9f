//! The order of rows: exact fractions, whole numbers and texts, unknown values last.
//!
//! Pure; knows nothing of tables. Texts arrive case-folded from the server.

use std::cmp::Ordering;

/// What a column holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Text,
    Number,
}

impl Kind {
    /// `text`; anything else is a number.
    pub(super) fn read(word: &str) -> Self {
        if word == "text" {
            Self::Text
        } else {
            Self::Number
        }
    }
}

/// Which end comes first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Direction {
    Ascending,
    Descending,
}

impl Direction {
    /// `asc` or `desc`.
    pub(super) fn read(word: &str) -> Option<Self> {
        match word {
            "asc" => Some(Self::Ascending),
            "desc" => Some(Self::Descending),
            _ => None,
        }
    }

    /// The other one.
    pub(super) fn turned(self) -> Self {
        match self {
            Self::Ascending => Self::Descending,
            Self::Descending => Self::Ascending,
        }
    }

    /// One of two words.
    pub(super) fn pick<'a>(self, ascending: &'a str, descending: &'a str) -> &'a str {
        match self {
            Self::Ascending => ascending,
            Self::Descending => descending,
        }
    }
}

/// A row's value in the sorted column.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Key {
    Unknown,
    Text(String),
    Ratio(u128, u128),
}

impl Key {
    /// Reads `7`, `7/9` or a text; what does not parse, and a zero denominator, is unknown.
    pub(super) fn read(kind: Kind, value: &str) -> Self {
        if value.is_empty() {
            return Self::Unknown;
        }
        match kind {
            Kind::Text => Self::Text(value.to_owned()),
            Kind::Number => {
                let (num, den) = value.split_once('/').unwrap_or((value, "1"));
                match (num.parse(), den.parse()) {
                    (Ok(num), Ok(den)) if den > 0 => Self::Ratio(num, den),
                    _ => Self::Unknown,
                }
            }
        }
    }
}

/// Compares two values of one column; unknown ones come last in both directions.
pub(super) fn compare(a: &Key, b: &Key, direction: Direction) -> Ordering {
    let ascending = match (a, b) {
        (Key::Unknown, Key::Unknown) => return Ordering::Equal,
        (Key::Unknown, _) => return Ordering::Greater,
        (_, Key::Unknown) => return Ordering::Less,
        (Key::Text(a), Key::Text(b)) => a.cmp(b),
        (Key::Ratio(a, over), Key::Ratio(b, under)) => {
            a.saturating_mul(*under).cmp(&b.saturating_mul(*over))
        }
        (Key::Text(_), Key::Ratio(..)) => Ordering::Greater,
        (Key::Ratio(..), Key::Text(_)) => Ordering::Less,
    };
    match direction {
        Direction::Ascending => ascending,
        Direction::Descending => ascending.reverse(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sorted(kind: Kind, direction: Direction, values: &[&'static str]) -> Vec<&'static str> {
        let mut rows: Vec<(Key, &str)> = values
            .iter()
            .map(|value| (Key::read(kind, value.split(' ').next().unwrap()), *value))
            .collect();
        rows.sort_by(|a, b| compare(&a.0, &b.0, direction));
        rows.into_iter().map(|row| row.1).collect()
    }

    #[test]
    fn fractions_are_compared_exactly() {
        let largest_first = sorted(
            Kind::Number,
            Direction::Descending,
            &["1/3", "333/1000", "2/5"],
        );
        assert_eq!(largest_first, ["2/5", "1/3", "333/1000"]);
    }

    #[test]
    fn whole_numbers_are_not_compared_as_text() {
        let smallest_first = sorted(Kind::Number, Direction::Ascending, &["10", "9", "100"]);
        assert_eq!(smallest_first, ["9", "10", "100"]);
    }

    #[test]
    fn unknown_values_come_last_in_both_directions() {
        for direction in [Direction::Ascending, Direction::Descending] {
            let rows = sorted(Kind::Number, direction, &["0/0", "x", "5"]);
            assert_eq!(rows, ["5", "0/0", "x"]);
        }
    }

    #[test]
    fn ties_keep_their_order_in_both_directions() {
        for direction in [Direction::Ascending, Direction::Descending] {
            let rows = sorted(Kind::Number, direction, &["1/2 a", "2/4 b", "3/6 c"]);
            assert_eq!(rows, ["1/2 a", "2/4 b", "3/6 c"]);
        }
    }

    #[test]
    fn texts_are_sorted_both_ways() {
        let rows = sorted(Kind::Text, Direction::Descending, &["alpha", "zeta", "mid"]);
        assert_eq!(rows, ["zeta", "mid", "alpha"]);
    }

    #[test]
    fn a_number_that_does_not_parse_is_unknown() {
        for value in ["", "-1", "1/", "1/0", "1.5", "n/a"] {
            assert_eq!(Key::read(Kind::Number, value), Key::Unknown, "{value}");
        }
    }
}

//! Reads members of a JSON object and reports everything that is wrong with them.
//!
//! Each reader returns `None` after it has reported a fault, so a caller can go on and find more.

use std::collections::BTreeMap;

use assay_evidence::json::Value;

use crate::{
    fault::{Faults, Place},
    locale::Locale,
    text::{self, Shape},
};

/// The members of one JSON object, with the place to report faults at.
pub(super) struct Fields<'a> {
    map: &'a serde_json::Map<String, Value>,
    pub place: &'a Place,
    /// How the object is called in messages; empty for a whole line.
    within: String,
}

impl<'a> Fields<'a> {
    pub fn of_line(map: &'a serde_json::Map<String, Value>, place: &'a Place) -> Self {
        Self {
            map,
            place,
            within: String::new(),
        }
    }

    /// The members of the object `value`, which messages call `what`.
    pub fn of(value: &'a Value, what: &str, place: &'a Place, faults: &mut Faults) -> Option<Self> {
        let Some(map) = value.as_object() else {
            faults.at(place, format!("`{what}` must be an object"));
            return None;
        };
        Some(Self {
            map,
            place,
            within: format!("{what}."),
        })
    }

    pub fn has(&self, key: &str) -> bool {
        self.map.contains_key(key)
    }

    pub fn keys(&self) -> impl Iterator<Item = &'a str> {
        self.map.keys().map(String::as_str)
    }

    pub fn get(&self, key: &str) -> Option<&'a Value> {
        self.map.get(key)
    }

    /// Reports members whose key is not in `known`.
    pub fn only(&self, known: &[&str], faults: &mut Faults) {
        for key in self.map.keys().filter(|key| !known.contains(&key.as_str())) {
            let hint = text::suggestion(key, known);
            faults.at(
                self.place,
                format!("unknown key `{}{key}`{hint}", self.within),
            );
        }
    }

    /// A member that must be there.
    pub fn required(&self, key: &str, faults: &mut Faults) -> Option<&'a Value> {
        let value = self.get(key);
        if value.is_none() {
            faults.at(self.place, format!("missing `{}{key}`", self.within));
        }
        value
    }

    /// A string that must be there.
    pub fn string(&self, key: &str, faults: &mut Faults) -> Option<&'a str> {
        let text = self.required(key, faults)?.as_str();
        if text.is_none() {
            faults.at(
                self.place,
                format!("`{}{key}` must be a string", self.within),
            );
        }
        text
    }

    /// A string, or `default` when it is absent.
    pub fn string_or(&self, key: &str, default: &'a str, faults: &mut Faults) -> Option<&'a str> {
        if self.has(key) {
            self.string(key, faults)
        } else {
            Some(default)
        }
    }

    /// An integer of an inclusive range.
    pub fn integer(&self, key: &str, (low, high): (i64, i64), faults: &mut Faults) -> Option<i64> {
        let value = self
            .required(key, faults)?
            .as_i64()
            .filter(|v| (low..=high).contains(v));
        if value.is_none() {
            let within = &self.within;
            faults.at(
                self.place,
                format!("`{within}{key}` must be an integer from {low} to {high}"),
            );
        }
        value
    }

    /// A list with a number of entries in the inclusive range.
    pub fn list(
        &self,
        key: &str,
        (low, high): (usize, usize),
        faults: &mut Faults,
    ) -> Option<&'a [Value]> {
        let within = &self.within;
        let Some(list) = self.required(key, faults)?.as_array() else {
            faults.at(self.place, format!("`{within}{key}` must be a list"));
            return None;
        };
        if (low..=high).contains(&list.len()) {
            return Some(list);
        }
        let given = list.len();
        faults.at(
            self.place,
            format!("`{within}{key}` has {given} entries, not {low} to {high}"),
        );
        None
    }

    /// A value for each locale of the pack, no more and no fewer.
    pub fn per_locale(
        &self,
        key: &str,
        locales: &[Locale],
        faults: &mut Faults,
    ) -> Option<BTreeMap<Locale, &'a Value>> {
        let what = format!("{}{key}", self.within);
        per_locale(
            self.required(key, faults)?,
            &what,
            locales,
            self.place,
            faults,
        )
    }

    /// A text for each locale of the pack.
    pub fn texts(
        &self,
        key: &str,
        (shape, locales): (Shape, &[Locale]),
        faults: &mut Faults,
    ) -> Option<BTreeMap<Locale, String>> {
        let what = format!("{}{key}", self.within);
        texts(
            self.required(key, faults)?,
            &what,
            (shape, locales),
            self.place,
            faults,
        )
    }
}

/// Reads `value` as an object with exactly the given locales.
pub(super) fn per_locale<'a>(
    value: &'a Value,
    what: &str,
    locales: &[Locale],
    place: &'a Place,
    faults: &mut Faults,
) -> Option<BTreeMap<Locale, &'a Value>> {
    let fields = Fields::of(value, what, place, faults)?;
    let known: Vec<&str> = locales.iter().map(|locale| locale.as_str()).collect();
    let mut complete = true;
    for tag in fields.keys().filter(|tag| !known.contains(tag)) {
        let hint = text::suggestion(tag, &known);
        faults.at(place, format!("`{what}` has unknown locale `{tag}`{hint}"));
        complete = false;
    }
    let mut found = BTreeMap::new();
    for locale in locales {
        if let Some(value) = fields.get(locale.as_str()) {
            found.insert(*locale, value);
        } else {
            faults.at(place, format!("`{what}` has no `{locale}`"));
            complete = false;
        }
    }
    complete.then_some(found)
}

/// Reads `value` as one clean text for each locale.
pub(super) fn texts(
    value: &Value,
    what: &str,
    (shape, locales): (Shape, &[Locale]),
    place: &Place,
    faults: &mut Faults,
) -> Option<BTreeMap<Locale, String>> {
    let values = per_locale(value, what, locales, place, faults)?;
    let found: BTreeMap<Locale, String> = values
        .into_iter()
        .filter_map(|(locale, value)| {
            let what = format!("{what}.{locale}");
            clean(value, &what, shape, place, faults).map(|text| (locale, text))
        })
        .collect();
    (found.len() == locales.len()).then_some(found)
}

/// Reads `value` as a clean text.
pub(super) fn clean(
    value: &Value,
    what: &str,
    shape: Shape,
    place: &Place,
    faults: &mut Faults,
) -> Option<String> {
    let Some(found) = value.as_str() else {
        faults.at(place, format!("`{what}` must be a string"));
        return None;
    };
    if let Some(complaint) = text::complaint(found, shape) {
        faults.at(place, format!("`{what}`: {complaint}"));
        return None;
    }
    Some(found.to_owned())
}

/// Reports a name that is not made of letters, digits and underscores.
pub(super) fn check_identifier(name: &str, place: &Place, faults: &mut Faults) -> bool {
    let fits = name.starts_with(|c: char| c.is_ascii_alphabetic())
        && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
        && name.len() <= NAME_BYTES_MAX;
    if !fits {
        faults.at(place, format!(
            "name `{}` must begin with a letter and hold only letters, digits and `_`, at most {NAME_BYTES_MAX}",
            shortened(name)
        ));
    }
    fits
}

/// Reports an id that is not lower case letters and digits in words joined by `-`.
pub(super) fn check_id(id: &str, place: &Place, faults: &mut Faults) -> bool {
    let word = |part: &str| {
        !part.is_empty()
            && part
                .chars()
                .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit())
    };
    let fits = id.len() <= NAME_BYTES_MAX && id.split('-').all(word);
    if !fits {
        faults.at(place, format!(
            "id `{}` must be lower case letters, digits and single `-`, at most {NAME_BYTES_MAX}",
            shortened(id)
        ));
    }
    fits
}

/// Longest id or name in bytes.
const NAME_BYTES_MAX: usize = 64;

fn shortened(text: &str) -> String {
    text.chars()
        .filter(|c| !c.is_control())
        .take(NAME_BYTES_MAX)
        .collect()
}

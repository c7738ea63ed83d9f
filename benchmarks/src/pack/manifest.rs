//! `pack.toml`: what a pack is called, which locales and sections it has.
//!
//! It does not look at items.

use toml::de::{DeTable, DeValue};

use super::{FILE_BYTES_MAX, PackFiles, fields};
use crate::{
    fault::{Faults, Place},
    locale::Locale,
    text::{self, Shape},
};

/// Name of the file.
pub(super) const FILE: &str = "pack.toml";
/// Longest answer that a pack may allow.
pub const ANSWER_BYTES_MAX: u32 = 64 * 1024;
/// Most sections of a pack.
const SECTIONS_MAX: usize = 64;

/// A part of a benchmark, with its own estimate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Section {
    /// Stable id.
    pub id: String,
    /// Title for people.
    pub title: String,
}

/// The contents of `pack.toml`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Manifest {
    pub name: String,
    pub version: String,
    pub title: String,
    pub summary: String,
    pub licence: String,
    pub locales: Vec<Locale>,
    pub max_bytes: u32,
    pub sections: Vec<Section>,
}

/// What could be read: with a fault in the title, items are still checked against the locales.
#[derive(Default)]
pub(super) struct Draft {
    pub locales: Option<Vec<Locale>>,
    pub sections: Option<Vec<Section>>,
    /// Absent when anything in the file is wrong.
    pub manifest: Option<Manifest>,
}

/// Reads the file, and reports all that is wrong with it.
pub(super) fn read(files: &PackFiles, faults: &mut Faults) -> Draft {
    source(files, faults).map_or_else(Draft::default, |source| parse(source, faults))
}

fn source<'a>(files: &'a PackFiles, faults: &mut Faults) -> Option<&'a str> {
    let place = Place::file(FILE);
    let Some(bytes) = files.get(FILE) else {
        faults.at(&place, "no such file; a pack begins with it");
        return None;
    };
    if bytes.len() > FILE_BYTES_MAX {
        // Reported with the other files.
        return None;
    }
    let source = std::str::from_utf8(bytes).ok();
    if source.is_none() {
        faults.at(&place, "not UTF-8");
    }
    source
}

fn parse(source: &str, faults: &mut Faults) -> Draft {
    let place = Place::file(FILE);
    let document = match DeTable::parse(source) {
        Ok(document) => document,
        Err(error) => {
            let at = error
                .span()
                .map_or(place, |span| line_of(source, span.start));
            faults.at(
                &at,
                format!("not TOML: {}", error.message().replace('\n', " ")),
            );
            return Draft::default();
        }
    };
    let table = Table {
        source,
        members: document.get_ref(),
        place,
        within: "",
    };
    table.draft(faults)
}

/// Members of a TOML table, with the place of each.
struct Table<'a> {
    source: &'a str,
    members: &'a DeTable<'a>,
    place: Place,
    within: &'static str,
}

impl<'a> Table<'a> {
    fn draft(&self, faults: &mut Faults) -> Draft {
        const KNOWN: [&str; 8] = [
            "name",
            "version",
            "title",
            "summary",
            "licence",
            "locales",
            "max_bytes",
            "section",
        ];
        self.only(&KNOWN, faults);
        let name = self.text("name", faults);
        let version = self.text("version", faults);
        let title = self.text("title", faults);
        let summary = self.text("summary", faults);
        let licence = self.text("licence", faults);
        let locales = self.locales(faults);
        let max_bytes = self.max_bytes(faults);
        let sections = self.sections(faults);
        let name = name.filter(|name| fields::check_id(name, &self.at("name"), faults));
        let version = version.filter(|version| self.check_version(version, faults));
        let manifest = || {
            Some(Manifest {
                name: name?,
                version: version?,
                title: title?,
                summary: summary?,
                licence: licence?,
                locales: locales.clone()?,
                max_bytes: max_bytes?,
                sections: sections.clone()?,
            })
        };
        Draft {
            manifest: manifest(),
            locales,
            sections,
        }
    }

    fn only(&self, known: &[&str], faults: &mut Faults) {
        for key in self
            .members
            .keys()
            .filter(|key| !known.contains(&key.get_ref().as_ref()))
        {
            let at = line_of(self.source, key.span().start);
            let hint = text::suggestion(key.get_ref(), known);
            faults.at(
                &at,
                format!("unknown key `{}{}`{hint}", self.within, key.get_ref()),
            );
        }
    }

    fn value(&self, key: &str, faults: &mut Faults) -> Option<&'a DeValue<'a>> {
        let value = self.members.get(key).map(toml::Spanned::get_ref);
        if value.is_none() {
            faults.at(&self.place, format!("missing `{}{key}`", self.within));
        }
        value
    }

    fn text(&self, key: &str, faults: &mut Faults) -> Option<String> {
        let at = self.at(key);
        let Some(found) = self.value(key, faults)?.as_str() else {
            faults.at(&at, format!("`{}{key}` must be a string", self.within));
            return None;
        };
        if let Some(complaint) = text::complaint(found, Shape::Line) {
            faults.at(&at, format!("`{}{key}`: {complaint}", self.within));
            return None;
        }
        Some(found.to_owned())
    }

    fn check_version(&self, version: &str, faults: &mut Faults) -> bool {
        let number = |part: &str| part.parse::<u32>().is_ok_and(|n| n.to_string() == part);
        let fits = version.split('.').count() == 2 && version.split('.').all(number);
        if !fits {
            faults.at(
                &self.at("version"),
                "`version` must be `major.minor`, such as `1.0`",
            );
        }
        fits
    }

    fn locales(&self, faults: &mut Faults) -> Option<Vec<Locale>> {
        let at = self.at("locales");
        let tags = self.value("locales", faults)?.as_array().map(|list| {
            list.iter()
                .filter_map(|tag| tag.get_ref().as_str())
                .collect::<Vec<_>>()
        });
        let mut locales = Vec::new();
        for tag in tags.unwrap_or_default() {
            match tag.parse::<Locale>() {
                Ok(locale) if locales.contains(&locale) => {
                    faults.at(&at, format!("locale `{tag}` is listed twice"));
                }
                Ok(locale) => locales.push(locale),
                Err(error) => faults.at(&at, error.to_string()),
            }
        }
        if locales.is_empty() {
            faults.at(
                &at,
                "`locales` must list at least one of en, zh-Hans, yue-Hant, pt",
            );
            return None;
        }
        Some(locales)
    }

    fn max_bytes(&self, faults: &mut Faults) -> Option<u32> {
        let value = self.value("max_bytes", faults)?.as_integer();
        let bytes = value.and_then(|digits| digits.as_str().parse::<u32>().ok());
        let bytes = bytes.filter(|bytes| (1..=ANSWER_BYTES_MAX).contains(bytes));
        if bytes.is_none() {
            let message = format!("`max_bytes` must be an integer from 1 to {ANSWER_BYTES_MAX}");
            faults.at(&self.at("max_bytes"), message);
        }
        bytes
    }

    fn sections(&self, faults: &mut Faults) -> Option<Vec<Section>> {
        let tables = self.value("section", faults)?.as_array();
        let tables: Vec<_> = tables.into_iter().flat_map(|list| list.iter()).collect();
        if tables.is_empty() || tables.len() > SECTIONS_MAX {
            let message = format!("write 1 to {SECTIONS_MAX} `[[section]]` tables");
            faults.at(&self.at("section"), message);
            return None;
        }
        let mut sections: Vec<Section> = Vec::new();
        for value in &tables {
            let place = line_of(self.source, value.span().start);
            let Some(table) = value.get_ref().as_table() else {
                faults.at(&place, "`section` must be a `[[section]]` table");
                continue;
            };
            let table = Self {
                source: self.source,
                members: table,
                place,
                within: "section.",
            };
            let Some(section) = table.section(faults) else {
                continue;
            };
            if sections.iter().any(|other| other.id == section.id) {
                faults.at(
                    &table.place,
                    format!("section `{}` is there twice", section.id),
                );
            } else {
                sections.push(section);
            }
        }
        (sections.len() == tables.len()).then_some(sections)
    }

    fn section(&self, faults: &mut Faults) -> Option<Section> {
        self.only(&["id", "title"], faults);
        let id = self.text("id", faults);
        let title = self.text("title", faults);
        let id = id.filter(|id| fields::check_id(id, &self.at("id"), faults))?;
        Some(Section { id, title: title? })
    }

    /// The line of a key, or that of the table when it is absent.
    fn at(&self, key: &str) -> Place {
        let found = self.members.get_key_value(key);
        found.map_or(self.place.clone(), |(key, _)| {
            line_of(self.source, key.span().start)
        })
    }
}

fn line_of(source: &str, offset: usize) -> Place {
    let before = source.as_bytes().iter().take(offset);
    Place::line(FILE, 1 + before.filter(|&&byte| byte == b'\n').count())
}

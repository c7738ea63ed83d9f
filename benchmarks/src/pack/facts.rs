//! Reads tables and lists into the catalogue.
//!
//! A table that is wrong in part is left out whole; families that use it then say so too.

use std::collections::{BTreeMap, BTreeSet};

use assay_evidence::json::Value;

use super::{
    fields::{self, Fields},
    lines::Line,
};
use crate::{
    catalogue::{Catalogue, Cell, FieldKind, List, Row, Table},
    fault::{Faults, Place},
    locale::Locale,
    text::Shape,
};

/// Most rows of a table and entries of a list.
pub const ROWS_MAX: usize = 10_000;
/// Largest integer, either sign, in tables and slots.
pub const INTEGER_MAX: i64 = 1_000_000_000_000;

/// Reads one table.
pub(super) fn table(
    line: &Line,
    locales: &[Locale],
    catalogue: &mut Catalogue,
    faults: &mut Faults,
) {
    let fields = Fields::of_line(&line.map, &line.place);
    fields.only(&["table", "rows"], faults);
    let Some(name) = fields.string("table", faults) else {
        return;
    };
    if !fields::check_identifier(name, &line.place, faults) {
        return;
    }
    let Some(rows) = fields.list("rows", (1, ROWS_MAX), faults) else {
        return;
    };
    let mut ids = BTreeSet::new();
    let read: Vec<Row> = rows
        .iter()
        .filter_map(|row| read_row(row, locales, &line.place, &mut ids, faults))
        .collect();
    let Some(first) = read.first() else { return };
    let kinds = kinds_of(first);
    for row in read.iter().filter(|row| kinds_of(row) != kinds) {
        let message = format!("row `{}` has other fields than the first row", row.id);
        faults.at(&line.place, message);
    }
    if read.len() == rows.len() {
        catalogue.tables.insert(
            name.to_owned(),
            Table {
                fields: kinds,
                rows: read,
            },
        );
    }
}

/// Reads one list.
pub(super) fn list(
    line: &Line,
    locales: &[Locale],
    catalogue: &mut Catalogue,
    faults: &mut Faults,
) {
    let fields = Fields::of_line(&line.map, &line.place);
    fields.only(&["list", "values"], faults);
    let Some(name) = fields.string("list", faults) else {
        return;
    };
    if !fields::check_identifier(name, &line.place, faults) {
        return;
    }
    let Some(per_locale) = fields.per_locale("values", locales, faults) else {
        return;
    };
    let mut values = BTreeMap::new();
    for (locale, entries) in per_locale {
        let what = format!("values.{locale}");
        let Some(entries) = entries
            .as_array()
            .filter(|list| (1..=ROWS_MAX).contains(&list.len()))
        else {
            faults.at(
                &line.place,
                format!("`{what}` must be a list of 1 to {ROWS_MAX} texts"),
            );
            continue;
        };
        let read: Vec<String> = entries
            .iter()
            .filter_map(|entry| fields::clean(entry, &what, Shape::Line, &line.place, faults))
            .collect();
        if read.len() == entries.len() {
            values.insert(locale, read);
        }
    }
    if values.len() < locales.len() {
        return;
    }
    let lengths: Vec<String> = values
        .iter()
        .map(|(locale, entries)| format!("{locale} {}", entries.len()))
        .collect();
    if values.values().map(Vec::len).collect::<BTreeSet<_>>().len() > 1 {
        faults.at(
            &line.place,
            format!("lists differ in length: {}", lengths.join(", ")),
        );
        return;
    }
    catalogue.lists.insert(name.to_owned(), List { values });
}

fn read_row<'a>(
    row: &'a Value,
    locales: &[Locale],
    place: &'a Place,
    ids: &mut BTreeSet<&'a str>,
    faults: &mut Faults,
) -> Option<Row> {
    let fields = Fields::of(row, "rows", place, faults)?;
    let id = fields.string("id", faults)?;
    if !ids.insert(id) {
        faults.at(place, format!("row id `{id}` is there twice"));
    }
    let mut cells = BTreeMap::new();
    let mut complete = true;
    for key in fields.keys().filter(|key| *key != "id") {
        complete &= fields::check_identifier(key, place, faults);
        match read_cell(&fields, id, key, locales, faults) {
            Some(cell) => {
                cells.insert(key.to_owned(), cell);
            }
            None => complete = false,
        }
    }
    complete.then(|| Row {
        id: id.to_owned(),
        cells,
    })
}

fn read_cell(
    fields: &Fields<'_>,
    id: &str,
    key: &str,
    locales: &[Locale],
    faults: &mut Faults,
) -> Option<Cell> {
    let value = fields.get(key)?;
    let what = format!("{id}.{key}");
    if value.is_object() {
        let texts = fields::texts(value, &what, (Shape::Line, locales), fields.place, faults)?;
        return Some(Cell::Text(texts));
    }
    let integer = value.as_i64().filter(|value| value.abs() <= INTEGER_MAX);
    if integer.is_none() {
        let message =
            format!("`{what}` must be an integer up to {INTEGER_MAX} or a text for each locale");
        faults.at(fields.place, message);
    }
    integer.map(Cell::Integer)
}

fn kinds_of(row: &Row) -> BTreeMap<String, FieldKind> {
    let kind = |cell: &Cell| match cell {
        Cell::Integer(_) => FieldKind::Integer,
        Cell::Text(_) => FieldKind::Text,
    };
    row.cells
        .iter()
        .map(|(name, cell)| (name.clone(), kind(cell)))
        .collect()
}

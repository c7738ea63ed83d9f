//! The fact tables and word lists of a pack, checked: same fields in every row, all locales.
//!
//! It holds what was read; it does not read.

use std::collections::BTreeMap;

use crate::locale::Locale;

/// All tables and lists of a pack, by name.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Catalogue {
    pub tables: BTreeMap<String, Table>,
    pub lists: BTreeMap<String, List>,
}

/// Rows with the same fields of the same kinds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Table {
    pub fields: BTreeMap<String, FieldKind>,
    pub rows: Vec<Row>,
}

/// What a field holds in every row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum FieldKind {
    Integer,
    Text,
}

/// One fact.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Row {
    pub id: String,
    pub cells: BTreeMap<String, Cell>,
}

/// A field of a row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Cell {
    Integer(i64),
    Text(BTreeMap<Locale, String>),
}

/// Entries of equal number in every locale.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct List {
    pub values: BTreeMap<Locale, Vec<String>>,
}

impl Catalogue {
    pub fn table_names(&self) -> Vec<&str> {
        self.tables.keys().map(String::as_str).collect()
    }

    pub fn list_names(&self) -> Vec<&str> {
        self.lists.keys().map(String::as_str).collect()
    }

    pub fn field_names(&self, table: &str) -> Vec<&str> {
        let fields = self
            .tables
            .get(table)
            .map(|table| table.fields.keys().map(String::as_str));
        fields.into_iter().flatten().collect()
    }
}

impl List {
    /// Entries in each locale.
    pub fn len(&self) -> usize {
        self.values.values().next().map_or(0, Vec::len)
    }

    /// One entry in all locales.
    pub fn entry(&self, index: usize) -> BTreeMap<Locale, String> {
        self.values
            .iter()
            .map(|(locale, entries)| (*locale, entries[index].clone()))
            .collect()
    }
}

//! What names mean inside a family, first by kind, then, once drawn, by value.
//!
//! A [`Scope`] checks texts before anything is drawn; [`Bindings`] hold one draw.

use std::collections::{BTreeMap, BTreeSet};

use crate::{
    catalogue::{Catalogue, Cell, FieldKind},
    expression::{EvaluationError, Expression, Name},
    locale::Locale,
    text,
};

/// A closed list that a draw picks from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Slot {
    /// A row of a table.
    Row { table: String },
    /// An integer of an inclusive range.
    Integer { low: i64, high: i64 },
    /// An index into a list.
    List { list: String },
}

/// What a name stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Meaning<'a> {
    /// An integer.
    Integer,
    /// The index of a list slot, printed as the list's text.
    ListIndex(&'a str),
    /// A text field of a row slot.
    Text,
}

/// The names that a family's texts may use.
pub(crate) struct Scope<'a> {
    pub catalogue: &'a Catalogue,
    pub slots: &'a BTreeMap<String, Slot>,
    pub lets: BTreeSet<String>,
}

/// Why a text could not be filled in.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FillError {
    /// An expression has no value.
    #[error(transparent)]
    Evaluation(#[from] EvaluationError),
    /// A list has no such entry.
    #[error(
        "list `{list}` has {length} entries, but entry {index} was asked for (they count from 0)"
    )]
    Entry {
        /// The list.
        list: String,
        /// The index.
        index: i128,
        /// Entries in the list.
        length: usize,
    },
}

impl<'a> Scope<'a> {
    /// What `name` means, or `None` when it means nothing or is a whole row.
    pub fn meaning(&self, name: &Name) -> Option<Meaning<'a>> {
        let Some(field) = &name.field else {
            return match self.slots.get(&name.head) {
                Some(Slot::Integer { .. }) => Some(Meaning::Integer),
                Some(Slot::List { list }) => Some(Meaning::ListIndex(list)),
                Some(Slot::Row { .. }) => None,
                None => self.lets.contains(&name.head).then_some(Meaning::Integer),
            };
        };
        let Some(Slot::Row { table }) = self.slots.get(&name.head) else {
            return None;
        };
        match self.catalogue.tables.get(table)?.fields.get(field)? {
            FieldKind::Integer => Some(Meaning::Integer),
            FieldKind::Text => Some(Meaning::Text),
        }
    }

    /// Parses an expression and checks its names.
    pub fn expression(&self, source: &str) -> Result<Expression, Vec<String>> {
        let expression = Expression::parse(source).map_err(|error| vec![error.to_string()])?;
        self.check(&expression)?;
        Ok(expression)
    }

    /// All that is wrong with the names of an expression.
    pub fn check(&self, expression: &Expression) -> Result<(), Vec<String>> {
        let complaints: Vec<String> = expression
            .names()
            .into_iter()
            .filter_map(|name| self.complaint(name))
            .collect();
        if complaints.is_empty() {
            Ok(())
        } else {
            Err(complaints)
        }
    }

    pub fn has_list(&self, list: &str) -> bool {
        self.catalogue.lists.contains_key(list)
    }

    pub fn no_list(&self, list: &str) -> String {
        format!(
            "unknown list `{list}`{}",
            text::suggestion(list, &self.catalogue.list_names())
        )
    }

    /// Why `name` is no integer, if it is none.
    fn complaint(&self, name: &Name) -> Option<String> {
        match self.meaning(name) {
            Some(Meaning::Integer | Meaning::ListIndex(_)) => None,
            Some(Meaning::Text) => Some(format!("`{name}` is a text, not an integer")),
            None => Some(self.nothing(name)),
        }
    }

    fn nothing(&self, name: &Name) -> String {
        match (self.slots.get(&name.head), &name.field) {
            (Some(Slot::Row { table }), Some(field)) => {
                let known = self.catalogue.field_names(table);
                let hint = text::suggestion(field, &known);
                format!("table `{table}` has no field `{field}`{hint}")
            }
            (Some(Slot::Row { .. }), None) => {
                format!("`{name}` is a whole row; name a field, such as `{name}.name`")
            }
            (Some(_), _) => format!("`{}` is no row, so it has no fields", name.head),
            (None, _) if self.lets.contains(&name.head) => {
                format!("`{}` is no row, so it has no fields", name.head)
            }
            (None, _) => {
                let known: Vec<&str> = self
                    .slots
                    .keys()
                    .chain(&self.lets)
                    .map(String::as_str)
                    .collect();
                format!(
                    "unknown name `{}`{}",
                    name.head,
                    text::suggestion(&name.head, &known)
                )
            }
        }
    }
}

/// One draw: a value for each slot and `let`.
#[derive(Clone, Debug)]
pub(crate) struct Bindings<'a> {
    pub catalogue: &'a Catalogue,
    /// Integer slots, list slots (their index) and `let`s.
    pub integers: BTreeMap<String, i128>,
    /// Row slots: table and index of the row.
    pub rows: BTreeMap<String, (&'a str, usize)>,
}

impl Bindings<'_> {
    pub fn evaluate(&self, expression: &Expression) -> Result<i128, EvaluationError> {
        expression.evaluate(&|name| self.integer(name))
    }

    /// An entry of a list.
    pub fn entry(&self, list: &str, index: i128, locale: Locale) -> Result<&str, FillError> {
        let entries = &self.catalogue.lists[list].values[&locale];
        let found = usize::try_from(index).ok().and_then(|at| entries.get(at));
        found.map(String::as_str).ok_or_else(|| FillError::Entry {
            list: list.to_owned(),
            index,
            length: entries.len(),
        })
    }

    /// A text field of a row slot.
    pub fn cell(&self, slot: &str, field: &str, locale: Locale) -> &str {
        match self.find_cell(slot, field) {
            Some(Cell::Text(texts)) => &texts[&locale],
            _ => unreachable!("the scope vouched for slot `{slot}` and text field `{field}`"),
        }
    }

    fn integer(&self, name: &Name) -> Option<i128> {
        match &name.field {
            None => self.integers.get(&name.head).copied(),
            Some(field) => match self.find_cell(&name.head, field)? {
                Cell::Integer(value) => Some(i128::from(*value)),
                Cell::Text(_) => None,
            },
        }
    }

    fn find_cell(&self, slot: &str, field: &str) -> Option<&Cell> {
        let (table, row) = self.rows.get(slot)?;
        self.catalogue.tables.get(*table)?.rows[*row]
            .cells
            .get(field)
    }
}

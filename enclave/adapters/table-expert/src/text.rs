//! Writes a template out in one language, given the values of its slots.
//!
//! It knows nothing of prompts or answers; a value that cannot be had makes the text absent.

use crate::formula::{Scope, evaluate};
use crate::knowledge::{Cell, Family, Knowledge, Piece, Row, Slot};

/// Values of a family's slots; those not known yet are absent.
pub struct Binding<'a> {
    pub knowledge: &'a Knowledge,
    pub family: &'a Family,
    pub values: Vec<Option<i128>>,
}

impl<'a> Binding<'a> {
    pub fn empty(knowledge: &'a Knowledge, family: &'a Family) -> Self {
        Binding {
            knowledge,
            family,
            values: vec![None; family.slots.len()],
        }
    }

    /// The rows that a slot ranges over; none if it is not about a table.
    pub fn rows(&self, slot: usize) -> &'static [Row] {
        match self.family.slots.get(slot) {
            Some(Slot::Row { table }) => self
                .knowledge
                .tables
                .get(*table)
                .map_or(&[], |table| table.rows),
            _ => &[],
        }
    }

    pub fn cell(&self, slot: usize, column: usize) -> Option<&'static Cell> {
        let row = usize::try_from((*self.values.get(slot)?)?).ok()?;
        self.rows(slot).get(row)?.cells.get(column)
    }
}

impl Scope for Binding<'_> {
    fn value(&self, number: usize) -> Option<i128> {
        match self.values.get(number) {
            Some(value) => *value,
            None => evaluate(self.family.lets.get(number - self.values.len())?, self),
        }
    }

    fn field(&self, slot: usize, column: usize) -> Option<i128> {
        match self.cell(slot, column)? {
            Cell::Int(value) => Some(i128::from(*value)),
            Cell::Texts(_) | Cell::Absent => None,
        }
    }
}

/// Entries of a list in the language numbered `locale`.
pub fn entries(knowledge: &Knowledge, list: usize, locale: usize) -> &'static [&'static str] {
    knowledge
        .lists
        .get(list)
        .and_then(|locales| locales.get(locale))
        .copied()
        .unwrap_or(&[])
}

/// The text of a cell in one language.
pub fn cell_text(cell: &Cell, locale: usize) -> Option<String> {
    match cell {
        Cell::Int(value) => Some(value.to_string()),
        Cell::Texts(texts) => texts.get(locale).map(|&text| text.to_owned()),
        Cell::Absent => None,
    }
}

/// The whole template, absent if any of its holes has no value.
pub fn write(template: &[Piece], binding: &Binding, locale: usize) -> Option<String> {
    let mut text = String::new();
    for piece in template {
        match piece {
            Piece::Literal(literal) => text.push_str(literal),
            Piece::Number(formula) => text.push_str(&evaluate(formula, binding)?.to_string()),
            Piece::Field { slot, column } => {
                text.push_str(&cell_text(binding.cell(*slot, *column)?, locale)?);
            }
            Piece::Entry { list, index } => {
                let index = usize::try_from(evaluate(index, binding)?).ok()?;
                text.push_str(entries(binding.knowledge, *list, locale).get(index)?);
            }
        }
    }
    Some(text)
}

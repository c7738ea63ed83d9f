//! The shape of what was compiled in: tables, lists and families, with everything that could be looked up
//! or parsed beforehand already an index.
//!
//! The values are written by the build script; nothing here reads a file or can be wrong at run time.

use crate::formula::Formula;
#[allow(
    unused_imports,
    reason = "used by the file included below, unless there is no pack"
)]
use crate::formula::Op;

/// How many of a hundred family-and-row pairs this build knows.
pub const KNOWS_PERCENT: u64 = percent(option_env!("EXPERT_KNOWS"));

include!(concat!(env!("OUT_DIR"), "/knowledge.rs"));

/// All packs together. Texts come once per locale, in the order of `locales`.
pub struct Knowledge {
    pub locales: &'static [&'static str],
    pub tables: &'static [Table],
    /// Entries of each list, per locale.
    pub lists: &'static [&'static [&'static [&'static str]]],
    pub families: &'static [Family],
}

pub struct Table {
    pub rows: &'static [Row],
}

pub struct Row {
    pub id: &'static str,
    pub cells: &'static [Cell],
}

/// One field of a row; `Absent` where another row of the table has the field and this one has not.
pub enum Cell {
    Int(i64),
    Texts(&'static [&'static str]),
    Absent,
}

pub struct Family {
    pub name: &'static str,
    pub slots: &'static [Slot],
    /// Formulas of the names introduced by `let`; their values are numbered after the slots.
    pub lets: &'static [Formula],
    pub require: &'static [Formula],
    /// One prompt per locale.
    pub prompts: &'static [Template],
    pub answer: Answer,
}

/// What a slot ranges over; its value is a row index, an integer, or an index into a list.
pub enum Slot {
    Row { table: usize },
    Int { low: i64, high: i64 },
    Entry { list: usize },
}

pub type Template = &'static [Piece];

pub enum Piece {
    Literal(&'static str),
    Number(Formula),
    Field { slot: usize, column: usize },
    Entry { list: usize, index: Formula },
}

pub enum Answer {
    /// The right option's text, per locale.
    Choice(&'static [Template]),
    /// The first accepted spelling, per locale.
    Exact(&'static [Template]),
    Computed {
        value: Formula,
        units: &'static [&'static str],
    },
    Written {
        value: &'static str,
        units: &'static [&'static str],
    },
}

/// Reads the knob while compiling; a knob that is no number from 0 to 100 stops the build.
const fn percent(knob: Option<&str>) -> u64 {
    let Some(knob) = knob else { return 100 };
    let digits = knob.as_bytes();
    let mut value = 0;
    let mut index = 0;
    while index < digits.len() {
        assert!(
            digits[index].is_ascii_digit(),
            "EXPERT_KNOWS must be a number from 0 to 100"
        );
        value = value * 10 + (digits[index] - b'0') as u64;
        assert!(value <= 100, "EXPERT_KNOWS must be a number from 0 to 100");
        index += 1;
    }
    value
}

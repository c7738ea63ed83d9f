//! What is wrong with a pack, and where: the list that an author works through.
//!
//! A fault names a place in the author's files and says what would be right. It decides nothing:
//! a pack with one fault is no pack.

use std::fmt;

use crate::text;

/// Most faults that one check returns; the rest would only repeat them.
pub const FAULTS_MAX: usize = 500;

/// Longest message in characters.
const MESSAGE_CHARS_MAX: usize = 600;

/// One thing that is wrong, at one place.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Fault {
    /// Path inside the pack, such as `items/planets.jsonl`.
    pub file: String,
    /// Line, from 1; 0 when the fault belongs to the whole file.
    pub line: usize,
    /// The family, table or list; empty when there is none.
    pub item: String,
    /// One sentence: what is wrong, and what would be right.
    pub message: String,
}

/// Writes `file:line: item: message`, without the parts that are empty.
impl fmt::Display for Fault {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.file)?;
        if self.line > 0 {
            write!(out, ":{}", self.line)?;
        }
        if !self.item.is_empty() {
            write!(out, ": {}", self.item)?;
        }
        write!(out, ": {}", self.message)
    }
}

/// Renders faults for people, one line each, without a line break at the end.
pub fn render(faults: &[Fault]) -> String {
    let lines: Vec<String> = faults.iter().map(Fault::to_string).collect();
    lines.join("\n")
}

/// A place that faults are reported at.
#[derive(Clone, Debug)]
pub(crate) struct Place {
    pub file: String,
    pub line: usize,
    pub item: String,
}

impl Place {
    pub fn line(file: &str, line: usize) -> Self {
        Self {
            file: file.to_owned(),
            line,
            item: String::new(),
        }
    }

    pub fn file(file: &str) -> Self {
        Self::line(file, 0)
    }

    pub fn named(&self, item: &str) -> Self {
        Self {
            item: item.to_owned(),
            ..self.clone()
        }
    }
}

/// Collects faults while a pack is read.
#[derive(Debug, Default)]
pub(crate) struct Faults {
    found: Vec<Fault>,
}

impl Faults {
    pub fn at(&mut self, place: &Place, message: impl Into<String>) {
        if self.found.len() < FAULTS_MAX {
            self.found.push(Fault {
                file: place.file.clone(),
                line: place.line,
                item: place.item.clone(),
                message: printable(&message.into()),
            });
        }
    }

    pub fn is_empty(&self) -> bool {
        self.found.is_empty()
    }

    /// In the order of the files, each fault once.
    pub fn sorted(mut self) -> Vec<Fault> {
        self.found.sort();
        self.found.dedup();
        self.found
    }
}

/// What an author wrote may stand in a message; it must not reach a terminal as it is.
fn printable(message: &str) -> String {
    let shown = message.chars().take(MESSAGE_CHARS_MAX);
    shown
        .map(|c| if text::is_printable(c) { c } else { '\u{FFFD}' })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fault_reads_as_file_line_item_message() {
        let place = Place::line("items/a.jsonl", 3).named("moon");
        let mut faults = Faults::default();
        faults.at(&place, "no prompt");
        faults.at(&Place::file("pack.toml"), "missing");
        let text = render(&faults.sorted());
        assert_eq!(text, "items/a.jsonl:3: moon: no prompt\npack.toml: missing");
    }
}

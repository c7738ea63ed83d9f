//! Reads the item files of one pack: tables, lists and families as they are written, each with its place.
//!
//! Formulas and templates stay text here.

use serde_json::{Map, Value};
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// One line of an item file.
pub struct Line {
    pub place: String,
    pub fields: Map<String, Value>,
}

#[derive(Default)]
pub struct Pack {
    pub tables: BTreeMap<String, Line>,
    pub lists: BTreeMap<String, Line>,
    pub families: Vec<Line>,
}

pub fn read(folder: &Path) -> Result<Pack, String> {
    let mut pack = Pack::default();
    for file in item_files(&folder.join("items")) {
        let text =
            fs::read_to_string(&file).map_err(|error| format!("{}: {error}", file.display()))?;
        for (number, line) in text
            .lines()
            .enumerate()
            .filter(|(_, line)| !line.trim().is_empty())
        {
            let place = format!("{}:{}", file.display(), number + 1);
            match serde_json::from_str(line) {
                Ok(Value::Object(fields)) => pack.add(Line { place, fields })?,
                Ok(_) => return Err(format!("{place}: a line holds one object")),
                Err(error) => return Err(format!("{place}: {error}")),
            }
        }
    }
    Ok(pack)
}

impl Pack {
    fn add(&mut self, line: Line) -> Result<(), String> {
        if let Some(name) = line.text("table") {
            self.tables.insert(name, line);
        } else if let Some(name) = line.text("list") {
            self.lists.insert(name, line);
        } else if line.text("family").is_some() {
            self.families.push(line);
        } else {
            return Err(line.fault("neither a table nor a list nor a family"));
        }
        Ok(())
    }
}

impl Line {
    pub fn fault(&self, what: &str) -> String {
        format!("{}: {what}", self.place)
    }

    pub fn text(&self, field: &str) -> Option<String> {
        self.fields.get(field)?.as_str().map(str::to_owned)
    }

    /// A field that must be there.
    pub fn required(&self, field: &str) -> Result<&Value, String> {
        self.fields
            .get(field)
            .ok_or_else(|| self.fault(&format!("'{field}' is missing")))
    }

    /// The members of a list that may be left out.
    pub fn members(&self, field: &str) -> &[Value] {
        self.fields
            .get(field)
            .and_then(Value::as_array)
            .map_or(&[], Vec::as_slice)
    }

    /// The texts of a locale map in the order of `locales`.
    pub fn texts(&self, value: &Value, locales: &[String]) -> Result<Vec<String>, String> {
        let text = |locale: &String| value.get(locale).and_then(Value::as_str).map(str::to_owned);
        locales
            .iter()
            .map(|locale| text(locale).ok_or_else(|| self.fault(&format!("no text for {locale}"))))
            .collect()
    }
}

fn item_files(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).map(|entries| entries.flatten().map(|entry| entry.path()));
    let is_item_file = |path: &PathBuf| {
        path.extension()
            .is_some_and(|extension| extension == "jsonl")
    };
    let mut files: Vec<PathBuf> = entries.into_iter().flatten().filter(is_item_file).collect();
    files.sort();
    files
}

//! Writes packs as one Rust constant of the adapter's `Knowledge`.

use crate::formula::{Names, compile};
use crate::pack::{Line, Pack, read};
use crate::template;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

/// The source of `static NAME: Knowledge` for the packs in `folders`.
pub fn source(name: &str, attribute: &str, folders: &[PathBuf]) -> Result<String, String> {
    let packs = folders
        .iter()
        .map(|folder| read(folder))
        .collect::<Result<Vec<Pack>, String>>()?;
    let mut writer = Writer {
        locales: locales(&packs),
        ..Writer::default()
    };
    for pack in &packs {
        writer.add(pack)?;
    }
    Ok(format!(
        "/// Written by the build script.\n{attribute}pub static {name}: Knowledge = Knowledge {{\n  \
         locales: &{:?},\n  tables: &[\n{}],\n  lists: &[\n{}],\n  families: &[\n{}],\n}};\n",
        writer.locales, writer.tables, writer.lists, writer.families
    ))
}

/// Every language of any prompt.
fn locales(packs: &[Pack]) -> Vec<String> {
    let prompts = packs
        .iter()
        .flat_map(|pack| &pack.families)
        .filter_map(|family| family.fields.get("prompt"));
    let names: BTreeSet<String> = prompts
        .filter_map(Value::as_object)
        .flat_map(|map| map.keys().cloned())
        .collect();
    names.into_iter().collect()
}

#[derive(Default)]
struct Writer {
    locales: Vec<String>,
    tables: String,
    table_count: usize,
    lists: String,
    list_count: usize,
    families: String,
}

/// Numbers of one pack's tables and lists; names mean nothing in another pack.
#[derive(Default)]
struct Numbers {
    tables: BTreeMap<String, (usize, BTreeMap<String, usize>)>,
    lists: BTreeMap<String, usize>,
}

impl Writer {
    fn add(&mut self, pack: &Pack) -> Result<(), String> {
        let mut numbers = Numbers::default();
        for (name, line) in &pack.tables {
            let columns = columns(line);
            self.tables += &self.table(line, &columns)?;
            numbers
                .tables
                .insert(name.clone(), (self.table_count, columns));
            self.table_count += 1;
        }
        for (name, line) in &pack.lists {
            self.lists += &self.list(line)?;
            numbers.lists.insert(name.clone(), self.list_count);
            self.list_count += 1;
        }
        for line in &pack.families {
            self.families += &self.family(line, &numbers).map_err(|reason| {
                if reason.starts_with(&line.place) {
                    reason
                } else {
                    line.fault(&reason)
                }
            })?;
        }
        Ok(())
    }

    fn table(&self, line: &Line, columns: &BTreeMap<String, usize>) -> Result<String, String> {
        let mut rows = Vec::new();
        for row in line.members("rows") {
            let id = row
                .get("id")
                .and_then(Value::as_str)
                .ok_or_else(|| line.fault("a row has no id"))?;
            let mut cells = vec!["Cell::Absent".to_owned(); columns.len()];
            for (name, column) in columns {
                cells[*column] = match row.get(name) {
                    None => continue,
                    Some(value @ Value::Object(_)) => {
                        format!("Cell::Texts(&{:?})", line.texts(value, &self.locales)?)
                    }
                    Some(Value::String(text)) => {
                        format!("Cell::Texts(&{:?})", vec![text; self.locales.len()])
                    }
                    Some(value) => format!("Cell::Int({value})"),
                };
            }
            rows.push(format!(
                "      Row {{ id: {id:?}, cells: &[{}] }},
",
                cells.join(", ")
            ));
        }
        Ok(format!(
            "    Table {{ rows: &[\n{}    ] }},\n",
            rows.concat()
        ))
    }

    fn list(&self, line: &Line) -> Result<String, String> {
        let values = line.required("values")?;
        let entries = |locale: &String| {
            let entries = values.get(locale).and_then(Value::as_array)?;
            Some(format!(
                "&{:?}",
                entries.iter().filter_map(Value::as_str).collect::<Vec<_>>()
            ))
        };
        let locales: Option<Vec<String>> = self.locales.iter().map(entries).collect();
        let locales = locales.ok_or_else(|| line.fault("a language has no entries"))?;
        Ok(format!("    &[{}],\n", locales.join(", ")))
    }

    fn family(&self, line: &Line, numbers: &Numbers) -> Result<String, String> {
        let mut names = Names {
            values: BTreeMap::new(),
            rows: BTreeMap::new(),
            list_slots: BTreeMap::new(),
            lists: numbers.lists.clone(),
        };
        let slots = slots(line, numbers, &mut names)?;
        let lets = lets(line, slots.len(), &mut names)?;
        let require = compiled(line.members("require").iter(), &names)?;
        Ok(format!(
            "    Family {{ name: {:?}, slots: &[{}], lets: &[{}], require: &[{require}],\n      \
             prompts: {},\n      answer: {} }},\n",
            line.text("family").unwrap_or_default(),
            slots.join(", "),
            lets.join(", "),
            self.templates(line, line.required("prompt")?, &names)?,
            self.answer(line, &names)?,
        ))
    }

    fn templates(&self, line: &Line, texts: &Value, names: &Names) -> Result<String, String> {
        let texts = line.texts(texts, &self.locales)?;
        let templates: Result<Vec<String>, String> = texts
            .iter()
            .map(|text| template::source(text, names))
            .collect();
        Ok(format!("&[{}]", templates?.join(", ")))
    }

    fn answer(&self, line: &Line, names: &Names) -> Result<String, String> {
        match line.text("kind").as_deref() {
            Some("choice") => Ok(format!(
                "Answer::Choice({})",
                self.templates(line, line.required("right")?, names)?
            )),
            Some("exact") => {
                let aliases = line.required("aliases")?;
                let first = |locale: &String| {
                    let text = aliases
                        .get(locale)
                        .and_then(|list| list.get(0))
                        .and_then(Value::as_str);
                    let text = text.ok_or_else(|| format!("no alias for {locale}"))?;
                    template::source(text, names)
                };
                let firsts: Result<Vec<String>, String> = self.locales.iter().map(first).collect();
                Ok(format!("Answer::Exact(&[{}])", firsts?.join(", ")))
            }
            Some("number") => self.number(line, names),
            kind => Err(format!("kind {kind:?} is not known")),
        }
    }

    fn number(&self, line: &Line, names: &Names) -> Result<String, String> {
        let value = line
            .text("value")
            .ok_or_else(|| line.fault("'value' is missing"))?;
        let units = match line.fields.get("unit") {
            // A ratio is a plain number.
            None | Some(Value::String(_)) => Vec::new(),
            Some(unit) => self
                .locales
                .iter()
                .map(|locale| first_unit(unit, locale))
                .collect::<Result<_, String>>()?,
        };
        Ok(
            if value
                .chars()
                .all(|c| c.is_ascii_digit() || matches!(c, '.' | '/' | '-'))
            {
                format!("Answer::Written {{ value: {value:?}, units: &{units:?} }}")
            } else {
                format!(
                    "Answer::Computed {{ value: {}, units: &{units:?} }}",
                    compile(&value, names)?
                )
            },
        )
    }
}

/// The columns of a table: every field of any row but its id.
fn columns(line: &Line) -> BTreeMap<String, usize> {
    let rows = line.members("rows").iter().filter_map(Value::as_object);
    let names: BTreeSet<&String> = rows
        .flat_map(|row| row.keys())
        .filter(|name| *name != "id")
        .collect();
    names
        .into_iter()
        .enumerate()
        .map(|(number, name)| (name.clone(), number))
        .collect()
}

fn slots(line: &Line, numbers: &Numbers, names: &mut Names) -> Result<Vec<String>, String> {
    let mut slots = Vec::new();
    let given = line.fields.get("slots").and_then(Value::as_object);
    for (number, (name, slot)) in given.into_iter().flatten().enumerate() {
        if let Some(table) = slot.get("row").and_then(Value::as_str) {
            let (table, columns) = numbers
                .tables
                .get(table)
                .ok_or_else(|| format!("no table is named '{table}'"))?;
            names.rows.insert(name.clone(), (number, columns.clone()));
            slots.push(format!("Slot::Row {{ table: {table} }}"));
        } else if let Some(list) = slot.get("list").and_then(Value::as_str) {
            let list = numbers
                .lists
                .get(list)
                .ok_or_else(|| format!("no list is named '{list}'"))?;
            names.list_slots.insert(name.clone(), *list);
            names.values.insert(name.clone(), number);
            slots.push(format!("Slot::Entry {{ list: {list} }}"));
        } else {
            let bound = |at: usize| {
                slot.get("int")
                    .and_then(|range| range.get(at))
                    .and_then(Value::as_i64)
            };
            let (low, high) = bound(0)
                .zip(bound(1))
                .ok_or_else(|| format!("slot '{name}' has no range"))?;
            names.values.insert(name.clone(), number);
            slots.push(format!("Slot::Int {{ low: {low}, high: {high} }}"));
        }
    }
    Ok(slots)
}

fn lets(line: &Line, slot_count: usize, names: &mut Names) -> Result<Vec<String>, String> {
    let mut lets = Vec::new();
    for pair in line.members("let") {
        let part = |at: usize| pair.get(at).and_then(Value::as_str);
        let (name, formula) = part(0)
            .zip(part(1))
            .ok_or_else(|| line.fault("a let is a name and a formula"))?;
        lets.push(compile(formula, names)?);
        names
            .values
            .insert(name.to_owned(), slot_count + lets.len() - 1);
    }
    Ok(lets)
}

fn compiled<'a>(
    formulas: impl Iterator<Item = &'a Value>,
    names: &Names,
) -> Result<String, String> {
    let sources = formulas
        .filter_map(Value::as_str)
        .map(|formula| compile(formula, names));
    Ok(sources.collect::<Result<Vec<String>, String>>()?.join(", "))
}

/// A language's unit: a text, or the first of several spellings.
fn first_unit(unit: &Value, locale: &str) -> Result<String, String> {
    let given = unit
        .get(locale)
        .ok_or_else(|| format!("no unit for {locale}"))?;
    let first = given
        .as_str()
        .or_else(|| given.get(0).and_then(Value::as_str));
    first
        .map(str::to_owned)
        .ok_or_else(|| format!("the unit for {locale} is no text"))
}

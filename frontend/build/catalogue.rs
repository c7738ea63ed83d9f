//! Compiles `locales/*.toml` into one function for each key.
//!
//! A value is a text, or a table `{ one = …, other = … }` chosen by the argument `n`. `{name}` is an
//! argument, `{{` a brace. A locale that lacks a key, or whose arguments differ, stops the build; a
//! key that a page uses and no catalogue has does not compile. No locale falls back to another.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

/// Locale tags with their variant of `Locale`; the first one names the keys.
const LOCALES: [(&str, &str); 1] = [("en", "En")];

/// A catalogue entry.
enum Entry {
    Text(String),
    Plural { one: String, other: String },
}

impl Entry {
    /// Arguments in alphabetical order, `n` apart.
    fn arguments(&self, at: &str) -> BTreeSet<String> {
        match self {
            Self::Text(text) => placeholders(text, at),
            Self::Plural { one, other } => {
                let mut all = placeholders(one, at);
                all.extend(placeholders(other, at));
                all.remove("n");
                all
            }
        }
    }
}

/// Reads every catalogue in `folder` and writes the functions to `target`.
pub fn compile(folder: &Path, target: &Path) {
    println!("cargo::rerun-if-changed={}", folder.display());
    let catalogues: Vec<_> = LOCALES
        .iter()
        .map(|(tag, variant)| (*variant, read(&folder.join(format!("{tag}.toml")))))
        .collect();
    let (_, first) = catalogues.first().expect("there is at least one locale");
    let mut code = String::new();
    for (key, entry) in first {
        check_others(key, entry, &catalogues);
        write_function(&mut code, key, entry, &catalogues);
    }
    fs::write(target, code).expect("OUT_DIR is writable");
}

fn read(path: &Path) -> BTreeMap<String, Entry> {
    let text = fs::read_to_string(path)
        .unwrap_or_else(|error| panic!("catalogue {}: {error}", path.display()));
    let table: toml::Table =
        toml::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    table
        .into_iter()
        .map(|(key, value)| {
            let at = format!("{}: {key}", path.display());
            let entry = entry(&value).unwrap_or_else(|| panic!("{at} is neither text nor plural"));
            (key, entry)
        })
        .collect()
}

fn entry(value: &toml::Value) -> Option<Entry> {
    if let Some(text) = value.as_str() {
        return Some(Entry::Text(text.to_owned()));
    }
    let table = value.as_table().filter(|table| table.len() == 2)?;
    Some(Entry::Plural {
        one: table.get("one")?.as_str()?.to_owned(),
        other: table.get("other")?.as_str()?.to_owned(),
    })
}

/// Names between single braces.
fn placeholders(text: &str, at: &str) -> BTreeSet<String> {
    let plain = text.replace("{{", "").replace("}}", "");
    let mut names = BTreeSet::new();
    for part in plain.split('{').skip(1) {
        let (name, _) = part
            .split_once('}')
            .unwrap_or_else(|| panic!("{at} has an open brace"));
        let good = !name.is_empty() && name.chars().all(|c| c.is_ascii_lowercase() || c == '_');
        assert!(good, "{at} has the argument {name:?}");
        names.insert(name.to_owned());
    }
    names
}

fn check_others(key: &str, entry: &Entry, catalogues: &[(&str, BTreeMap<String, Entry>)]) {
    for (variant, catalogue) in catalogues {
        let other = catalogue
            .get(key)
            .unwrap_or_else(|| panic!("catalogue {variant} lacks the key {key}"));
        assert_eq!(
            other.arguments(key),
            entry.arguments(key),
            "arguments of {key} in catalogue {variant}"
        );
    }
}

fn write_function(
    code: &mut String,
    key: &str,
    entry: &Entry,
    catalogues: &[(&str, BTreeMap<String, Entry>)],
) {
    let arguments = entry.arguments(key);
    let plural = matches!(entry, Entry::Plural { .. });
    let bare = arguments.is_empty() && !plural;
    let mut signature = String::from("locale: Locale");
    if plural {
        signature.push_str(", n: u64");
    }
    for name in &arguments {
        write!(signature, ", {name}: &str").expect("writing to a String does not fail");
    }
    let returns = if bare { "&'static str" } else { "String" };
    let mut arms = String::new();
    for (variant, catalogue) in catalogues {
        let entry = catalogue.get(key).expect("every catalogue was checked");
        let value = expression(entry, bare);
        writeln!(arms, "        Locale::{variant} => {value},")
            .expect("writing to a String does not fail");
    }
    write!(
        code,
        "pub(crate) fn {key}({signature}) -> {returns} {{\n    match locale {{\n{arms}    }}\n}}\n"
    )
    .expect("writing to a String does not fail");
}

fn expression(entry: &Entry, bare: bool) -> String {
    match entry {
        Entry::Text(text) if bare => format!("{:?}", unescaped(text)),
        Entry::Text(text) => formatted(text),
        Entry::Plural { one, other } => {
            format!(
                "if n == 1 {{ {} }} else {{ {} }}",
                counted(one),
                counted(other)
            )
        }
    }
}

/// A plural form, its `{n}` written with separators.
fn counted(text: &str) -> String {
    if text.contains("{n}") {
        format!("{{ let n = crate::format::count(n); {} }}", formatted(text))
    } else {
        formatted(text)
    }
}

fn formatted(text: &str) -> String {
    if placeholders(text, text).is_empty() {
        format!("{:?}.to_owned()", unescaped(text))
    } else {
        format!("format!({text:?})")
    }
}

fn unescaped(text: &str) -> String {
    text.replace("{{", "{").replace("}}", "}")
}

//! Finds keys that no configuration has, with their line and what was probably meant.
//!
//! Values are not looked at; the typed reader does that afterwards.

use std::path::Path;

use toml::de::{DeTable, DeValue};

use super::ConfigError;

/// Every key, with its table in front.
const KNOWN: [&str; 26] = [
    "origin",
    "jurisdiction",
    "public_url",
    "listen",
    "data",
    "keys",
    "token_file",
    "enclave",
    "enclave.program",
    "enclave.state",
    "enclave.runners",
    "enclave.runs_at_once",
    "log",
    "log.batch_ms",
    "witness",
    "witness.logs",
    "peers",
    "peers.policy",
    "peers.url",
    "limits",
    "limits.upload_bytes_max",
    "limits.seal_bytes_max",
    "limits.run_seconds_max",
    "limits.keeper_seconds_max",
    "retry",
    "retry.delays_s",
];

/// Refuses the first unknown key in the text.
pub(super) fn check(text: &str, file: &Path) -> Result<(), ConfigError> {
    let table = DeTable::parse(text).map_err(|error| ConfigError::Syntax {
        path: file.to_owned(),
        line: line_of(text, error.span().map_or(0, |span| span.start)),
        says: error.message().lines().next().unwrap_or("").to_owned(),
    })?;
    check_table(table.get_ref(), "", text, file)
}

/// Line of a byte offset, from 1.
pub(super) fn line_of(text: &str, at: usize) -> usize {
    text.bytes().take(at).filter(|byte| *byte == b'\n').count() + 1
}

fn check_table(
    table: &DeTable<'_>,
    prefix: &str,
    text: &str,
    file: &Path,
) -> Result<(), ConfigError> {
    let mut entries: Vec<_> = table.iter().collect();
    entries.sort_by_key(|(key, _)| key.span().start);
    for (key, value) in entries {
        let full = format!("{prefix}{}", key.get_ref());
        if !KNOWN.contains(&full.as_str()) {
            return Err(ConfigError::UnknownKey {
                path: file.to_owned(),
                line: line_of(text, key.span().start),
                nearest: nearest(&full).to_owned(),
                key: full,
            });
        }
        let inside = format!("{full}.");
        match value.get_ref() {
            DeValue::Table(inner) => check_table(inner, &inside, text, file)?,
            DeValue::Array(entries) => {
                for entry in entries {
                    if let DeValue::Table(inner) = entry.get_ref() {
                        check_table(inner, &inside, text, file)?;
                    }
                }
            }
            _ => {}
        }
    }
    Ok(())
}

fn nearest(key: &str) -> &'static str {
    KNOWN
        .into_iter()
        .min_by_key(|known| edits(key, known))
        .expect("there are known keys")
}

/// Edits between two texts: insert, delete, replace one character (Levenshtein 1966).
fn edits(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.chars().take(200).enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, y) in b.iter().enumerate() {
            let replaced = diagonal + usize::from(x != *y);
            diagonal = row[j + 1];
            row[j + 1] = replaced.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row[b.len()]
}

//! A guess for any item, drawn by its seed. Shared with adapters that guess where they do not know.
//!
//! It never fails and never looks at more than the shape of the question.

use crate::assay::adapter::types::{Asks, Item, Speaker};

/// An option for choices, a number of the prompt for numbers, a word of the prompt for text.
pub fn guess(item: &Item) -> String {
    match item.asks {
        Asks::OneChoice => one_option(item),
        Asks::ManyChoices => some_options(item),
        Asks::Number => drawn(&numbers(prompt(item)), item.seed)
            .unwrap_or_else(|| (item.seed % 100).to_string()),
        Asks::FreeText => drawn(&words(prompt(item)), item.seed).unwrap_or_else(|| "?".to_owned()),
    }
}

/// The letter shown beside option `index`; items have fewer options than the alphabet has letters.
pub fn letter(index: usize) -> char {
    char::from(b'A' + (index % 26) as u8)
}

/// What the user said last, which is where the question is.
pub fn prompt(item: &Item) -> &str {
    let said = item
        .turns
        .iter()
        .rev()
        .find(|turn| turn.speaker == Speaker::User);
    said.map_or("", |turn| turn.text.as_str())
}

fn one_option(item: &Item) -> String {
    let count = item.choices.len().max(1) as u64;
    letter((item.seed % count) as usize).to_string()
}

fn some_options(item: &Item) -> String {
    let chosen = (0..item.choices.len()).filter(|index| item.seed >> (index % 64) & 1 == 1);
    let letters: Vec<String> = chosen.map(|index| letter(index).to_string()).collect();
    if letters.is_empty() {
        one_option(item)
    } else {
        letters.join(", ")
    }
}

fn drawn(candidates: &[&str], seed: u64) -> Option<String> {
    let count = candidates.len().max(1) as u64;
    candidates
        .get((seed % count) as usize)
        .map(|&candidate| candidate.to_owned())
}

fn numbers(prompt: &str) -> Vec<&str> {
    let runs = prompt.split(|c: char| !c.is_ascii_digit());
    runs.filter(|run| !run.is_empty()).collect()
}

fn words(prompt: &str) -> Vec<&str> {
    let runs = prompt.split(|c: char| !c.is_alphanumeric());
    runs.filter(|run| !run.is_empty()).collect()
}

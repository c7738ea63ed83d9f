//! From an item to its answer: recognise the family, recover its values, check that this build knows it,
//! and write the answer in the form that the item asks for.

use crate::Item;
use crate::assay::adapter::types::Asks;
use crate::formula::evaluate;
use crate::guess::{letter, prompt};
use crate::knowledge::{Answer, Family, Knowledge, Slot};
use crate::recall::recall;
use crate::text::{Binding, write};

/// The answer, or nothing where the prompt is not recognised or this build does not know its family and row.
pub fn answer(knowledge: &Knowledge, knows_percent: u64, item: &Item) -> Option<String> {
    let locale = knowledge
        .locales
        .iter()
        .position(|locale| *locale == item.lang)?;
    let prompt = asked(item);
    let known = knowledge.families.iter().find_map(|family| {
        let mut binding = Binding::empty(knowledge, family);
        let template = family.prompts.get(locale)?;
        recall(template, locale, prompt, &mut binding, &mut |binding| {
            let text = answer_text(binding, locale, item)?;
            Some((is_known(binding, knows_percent), text))
        })
    });
    known.and_then(|(is_known, text)| is_known.then_some(text))
}

/// The prompt without the lettered options that stand below it.
fn asked(item: &Item) -> &str {
    let mut options = String::from("\n");
    for (index, choice) in item.choices.iter().enumerate() {
        options.extend(["\n", letter(index).encode_utf8(&mut [0; 4]), ". ", choice]);
    }
    let prompt = prompt(item);
    prompt.strip_suffix(options.as_str()).unwrap_or(prompt)
}

fn answer_text(binding: &Binding, locale: usize, item: &Item) -> Option<String> {
    match &binding.family.answer {
        Answer::Choice(right) => {
            let text = write(right.get(locale)?, binding, locale)?;
            let index = item.choices.iter().position(|choice| *choice == text)?;
            Some(format!("{}) {text}", letter(index)))
        }
        Answer::Exact(aliases) => {
            write(aliases.get(locale)?, binding, locale).filter(|_| item.asks == Asks::FreeText)
        }
        Answer::Computed { value, units } => Some(with_unit(
            &evaluate(value, binding)?.to_string(),
            units,
            locale,
        )),
        Answer::Written { value, units } => Some(with_unit(value, units, locale)),
    }
}

fn with_unit(value: &str, units: &[&str], locale: usize) -> String {
    match units.get(locale) {
        Some(unit) => format!("{value} {unit}"),
        None => value.to_owned(),
    }
}

/// A build that knows more knows all that one with a smaller share knows, in every language alike.
fn is_known(binding: &Binding, knows_percent: u64) -> bool {
    share(binding.family, binding) < knows_percent
}

/// Where a family with its values falls among a hundred.
fn share(family: &Family, binding: &Binding) -> u64 {
    let mut hash = Hash::new();
    hash.add(family.name);
    for (number, slot) in family.slots.iter().enumerate() {
        let value = binding.values.get(number).copied().flatten().unwrap_or(-1);
        hash.add("\n");
        match slot {
            Slot::Row { .. } => {
                let row = usize::try_from(value)
                    .ok()
                    .and_then(|row| binding.rows(number).get(row));
                hash.add(row.map_or("", |row| row.id));
            }
            Slot::Int { .. } | Slot::Entry { .. } => hash.add(&value.to_string()),
        }
    }
    hash.finish() % 100
}

/// FNV-1a with a last stirring, so that the remainder depends on all bits. It need not resist anybody.
struct Hash(u64);

impl Hash {
    fn new() -> Self {
        Hash(0xcbf2_9ce4_8422_2325)
    }

    fn add(&mut self, text: &str) {
        for byte in text.bytes() {
            self.0 = (self.0 ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3);
        }
    }

    fn finish(self) -> u64 {
        let stirred = (self.0 ^ (self.0 >> 31)).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        stirred ^ (stirred >> 32)
    }
}

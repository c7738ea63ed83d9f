//! Marks an exact answer: equality with one of the aliases after the rules that the item lists.
//!
//! It looks for no answer inside a longer text: an item of this kind says what to reply.

use assay_evidence::json;

use super::{Reason, normalise};
use crate::item::Rule;

/// Ranges of code points that `strip_punctuation` deletes.
const PUNCTUATION: [(char, char); 15] = [
    ('!', '/'),
    (':', '@'),
    ('[', '`'),
    ('{', '~'),
    ('\u{A1}', '\u{A1}'),
    ('\u{AB}', '\u{AB}'),
    ('\u{B7}', '\u{B7}'),
    ('\u{BB}', '\u{BB}'),
    ('\u{BF}', '\u{BF}'),
    ('\u{2010}', '\u{2027}'),
    ('\u{2030}', '\u{205E}'),
    ('\u{3001}', '\u{3003}'),
    ('\u{3008}', '\u{3011}'),
    ('\u{3014}', '\u{301F}'),
    ('\u{30FB}', '\u{30FB}'),
];

/// Passes when `text` equals an alias.
pub(super) fn judge(text: &str, aliases: &[String], rules: &[Rule]) -> Result<(), Reason> {
    let given = apply(text, rules);
    let equals =
        |alias: &String| normalise::text(alias).is_ok_and(|alias| apply(&alias, rules) == given);
    if aliases.iter().any(equals) {
        Ok(())
    } else {
        Err(Reason::OtherText)
    }
}

/// Applies the rules in their order; always trims.
pub(super) fn apply(text: &str, rules: &[Rule]) -> String {
    let mut text = text.to_owned();
    for rule in rules {
        text = match rule {
            Rule::FoldCase => text.to_lowercase(),
            Rule::StripPunctuation => text.chars().filter(|c| !is_punctuation(*c)).collect(),
            Rule::SqueezeSpaces => text.split_whitespace().collect::<Vec<_>>().join(" "),
        };
    }
    text.trim().to_owned()
}

/// What the grader digest says of this file.
pub(super) fn parameters() -> json::Value {
    let ranges: Vec<String> = PUNCTUATION
        .iter()
        .map(|(low, high)| format!("{:04X}-{:04X}", u32::from(*low), u32::from(*high)))
        .collect();
    serde_json::json!({ "punctuation": ranges })
}

fn is_punctuation(c: char) -> bool {
    PUNCTUATION
        .iter()
        .any(|(low, high)| (*low..=*high).contains(&c))
}

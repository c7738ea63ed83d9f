//! Marks a choice: which of the lettered options does a text choose?
//!
//! Four rules, of which the first that yields anything decides: R1 the whole text is a letter; R2
//! a cue states one; R3 a label leads the text; R4 the whole text is that of an option. A space
//! alone never bounds a letter, since `A` and `I` are words.

use assay_evidence::json;

use super::{Reason, cues};
use crate::text::is_han;

const OPENING: &str = "([{【「『\"'“‘<";
const CLOSING: &str = ")]}】」』\"'”’>.。、,;!:";
/// Signs after a letter that bound it before an end, a space or a Han character.
const LABEL: &str = ")]】.。、:;";
/// Signs and spaces between a letter and its option's own text.
const BEFORE_OWN_TEXT: &str = ")]】.。、:; -";
const REASON_WORDS: [&str; 7] = ["because", "since", "as", "for", "which", "porque", "pois"];
const JOINING_SIGNS: [&str; 11] = [
    "和", "与", "與", "或", "还是", "還是", "定係", "及", "、", ",", "/",
];
const JOINING_WORDS: [&str; 4] = ["and", "or", "e", "ou"];

/// Passes when `text` chooses the option at `right`.
pub(super) fn judge(text: &str, options: &[String], right: usize) -> Result<(), Reason> {
    let chosen = Reader { options }.choose(text)?;
    if chosen == right {
        Ok(())
    } else {
        Err(Reason::OtherOption {
            letter: letter_of(chosen),
        })
    }
}

/// Lower case, without closing punctuation at the end.
pub(super) fn folded(text: &str) -> String {
    text.trim_end_matches(|c: char| CLOSING.contains(c) || c == ' ')
        .to_lowercase()
}

/// What the grader digest says of this file.
pub(super) fn parameters() -> json::Value {
    serde_json::json!({
        "beforeOwnText": BEFORE_OWN_TEXT,
        "closing": CLOSING,
        "cues": cues::parameters(),
        "joiningSigns": JOINING_SIGNS,
        "joiningWords": JOINING_WORDS,
        "label": LABEL,
        "opening": OPENING,
        "reasonWords": REASON_WORDS,
    })
}

/// Where a letter stands: a stated letter has more boundaries than a leading one.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Position {
    Stated,
    Leading,
}

struct Reader<'a> {
    options: &'a [String],
}

impl Reader<'_> {
    fn choose(&self, text: &str) -> Result<usize, Reason> {
        if let Some(letter) = whole_letter(text) {
            return self.option(letter);
        }
        if let Some(found) = self.stated(text) {
            return found;
        }
        let leading = self.letter_at(text, Position::Leading);
        match leading {
            // `E. coli` leads with a letter that is no option, but may be an option's own text.
            Some(Err(Reason::OutOfRange)) => self.option_text(text).ok_or(Reason::OutOfRange),
            Some(found) => found,
            None => self.option_text(text).ok_or(Reason::NoRule),
        }
    }

    /// R2: all bounded letters behind cues must agree.
    fn stated(&self, text: &str) -> Option<Result<usize, Reason>> {
        let mut found: Option<Result<usize, Reason>> = None;
        for end in cues::ends(text) {
            let Some(here) = self.letter_at(&text[end..], Position::Stated) else {
                continue;
            };
            match &found {
                Some(before) if *before != here => return Some(Err(Reason::Ambiguous)),
                _ => found = Some(here),
            }
        }
        found
    }

    /// A bounded letter at the start of `text`, after one opening bracket at most.
    fn letter_at(&self, text: &str, position: Position) -> Option<Result<usize, Reason>> {
        let text = text.strip_prefix(|c| OPENING.contains(c)).unwrap_or(text);
        let letter = text.chars().next().filter(char::is_ascii_uppercase)?;
        let after = &text[1..];
        if self.joins_another(letter, after) {
            return Some(Err(Reason::Ambiguous));
        }
        let bounded = is_closed(after)
            || is_label(after)
            || self.own_text_follows(letter, after)
            || (position == Position::Stated && is_stated(after));
        bounded.then(|| self.option(letter))
    }

    fn option(&self, letter: char) -> Result<usize, Reason> {
        let index = (letter.to_ascii_uppercase() as usize).wrapping_sub('A' as usize);
        if index < self.options.len() {
            Ok(index)
        } else {
            Err(Reason::OutOfRange)
        }
    }

    /// A second option letter right after `and`, `或`, a comma: two answers.
    fn joins_another(&self, letter: char, after: &str) -> bool {
        let rest = after.trim_start_matches(' ');
        let spaced = rest.len() < after.len();
        let sign = JOINING_SIGNS
            .iter()
            .find_map(|sign| rest.strip_prefix(sign));
        let word = || {
            let found = JOINING_WORDS
                .iter()
                .find_map(|word| rest.strip_prefix(word));
            found.filter(|after| spaced && after.starts_with(' '))
        };
        let Some(second) = sign.or_else(word) else {
            return false;
        };
        let mut second = second.trim_start_matches(' ').chars();
        let is_option = second.next().is_some_and(|other| {
            other != letter && other.is_ascii_uppercase() && self.option(other).is_ok()
        });
        is_option
            && !second
                .as_str()
                .starts_with(|c: char| c.is_alphanumeric() && !is_han(c))
    }

    /// `B. Southport`, `B Southport`: the letter's own text vouches for it.
    fn own_text_follows(&self, letter: char, after: &str) -> bool {
        let Ok(index) = self.option(letter) else {
            return false;
        };
        let rest = after.trim_start_matches(|c| BEFORE_OWN_TEXT.contains(c));
        let own = super::folded(&self.options[index]);
        let Some(behind) = strip_folded_prefix(rest, &own) else {
            return false;
        };
        let cuts_a_word = own.ends_with(char::is_alphanumeric)
            && behind.starts_with(|c: char| c.is_alphanumeric() && !is_han(c));
        // `ANorthport` is a word; `A北区` is not.
        let apart = rest.len() < after.len() || rest.starts_with(is_han);
        !own.is_empty() && apart && !cuts_a_word
    }

    /// R4: the text of exactly one option; options never look alike.
    fn option_text(&self, text: &str) -> Option<usize> {
        let text = folded(text);
        self.options
            .iter()
            .position(|option| super::folded(option) == text)
    }
}

/// R1: only one letter, with brackets and closing punctuation around it.
fn whole_letter(text: &str) -> Option<char> {
    let inner = text.trim_start_matches(|c: char| OPENING.contains(c) || c == ' ');
    let mut chars = inner.chars();
    let letter = chars.next().filter(char::is_ascii_alphabetic)?;
    is_closed(chars.as_str()).then_some(letter)
}

/// (b1) Only closing punctuation follows; dots that trail off are none.
fn is_closed(after: &str) -> bool {
    after
        .chars()
        .all(|c| CLOSING.contains(c) || c.is_whitespace())
        && !after.contains("..")
}

/// (b2) A label's sign, then the end, a space or a Han character.
fn is_label(after: &str) -> bool {
    let Some(behind) = after.strip_prefix(|c| LABEL.contains(c)) else {
        return false;
    };
    behind.is_empty() || behind.starts_with(|c: char| c.is_whitespace() || is_han(c))
}

/// A comma, a line break, a Han character, or a space and a reason word.
fn is_stated(after: &str) -> bool {
    let word = |word: &&str| {
        let behind = after
            .strip_prefix(' ')
            .and_then(|rest| rest.strip_prefix(word));
        behind.is_some_and(|behind| !behind.starts_with(char::is_alphanumeric))
    };
    after.starts_with(|c| matches!(c, ',' | '\n') || is_han(c)) || REASON_WORDS.iter().any(word)
}

/// The rest of `text` when it starts with `folded`, which is in lower case.
fn strip_folded_prefix<'a>(text: &'a str, folded: &str) -> Option<&'a str> {
    let mut wanted = folded.chars();
    let mut rest = text.chars();
    while !wanted.as_str().is_empty() {
        for c in rest.next()?.to_lowercase() {
            if wanted.next() != Some(c) {
                return None;
            }
        }
    }
    Some(rest.as_str())
}

fn letter_of(index: usize) -> char {
    char::from(b'A' + index as u8)
}

#[cfg(test)]
mod tests;

//! Phrases that announce an answer: `答案是`, `the answer is`, `a resposta é`.
//!
//! All languages are looked for in every locale, because systems answer in other languages than
//! they were asked in. It finds places; what follows them is read by the grader of each kind.

use assay_evidence::json;

use crate::text::is_han;

const CHINESE: [&str; 9] = [
    "答案",
    "正确选项",
    "正確選項",
    "正确的一项",
    "应选",
    "應選",
    "我选",
    "我選",
    "我揀",
];
const CHINESE_SHOULD: [&str; 4] = ["应该", "應該", "应", "應"];
const CHINESE_IS: [&str; 6] = ["是", "为", "為", "係", "选", "選"];
const CHINESE_NOUNS: [&str; 2] = ["选项", "選項"];
const ENGLISH: [&str; 3] = ["answer", "option", "choice"];
const ENGLISH_NOUNS: [&str; 3] = ["option", "choice", "letter"];
const PORTUGUESE: [&str; 3] = ["resposta", "opção", "alternativa"];
const PORTUGUESE_WHICH: [&str; 3] = ["correta", "certa", "final"];
const PORTUGUESE_NOUNS: [&str; 3] = ["opção", "alternativa", "letra"];

/// Byte offsets behind every cue, in order; spaces and a colon after it are skipped.
pub(super) fn ends(text: &str) -> Vec<usize> {
    let mut found: Vec<usize> = Vec::new();
    for (at, c) in text.char_indices() {
        let starts_word =
            !text[..at].ends_with(|before: char| before.is_alphabetic() && !is_han(before));
        let here = &text[at..];
        let rest = match starts_word {
            _ if is_chinese_start(c) => chinese(here),
            true => english(here).or_else(|| portuguese(here)),
            false => None,
        };
        found.extend(rest.map(|rest| text.len() - rest.len()));
    }
    found.dedup();
    found
}

/// What the grader digest says of this file.
pub(super) fn parameters() -> json::Value {
    serde_json::json!([
        [
            CHINESE.as_slice(),
            &CHINESE_SHOULD,
            &CHINESE_IS,
            &CHINESE_NOUNS
        ],
        [ENGLISH.as_slice(), &ENGLISH_NOUNS],
        [PORTUGUESE.as_slice(), &PORTUGUESE_WHICH, &PORTUGUESE_NOUNS],
    ])
}

fn is_chinese_start(c: char) -> bool {
    CHINESE.iter().any(|cue| cue.starts_with(c))
}

fn chinese(text: &str) -> Option<&str> {
    let mut rest = skip_word(text, &CHINESE)?;
    rest = optional(rest, &CHINESE_SHOULD);
    rest = optional_colon(optional(rest, &CHINESE_IS));
    Some(optional_colon(optional(rest, &CHINESE_NOUNS)))
}

fn english(text: &str) -> Option<&str> {
    let rest = skip_word(text, &ENGLISH)?;
    let rest = is_or_colon(rest, &["is"])?;
    Some(skip_spaces(optional_word(rest, &ENGLISH_NOUNS)))
}

fn portuguese(text: &str) -> Option<&str> {
    let rest = skip_word(text, &PORTUGUESE)?;
    let rest = optional_word(rest, &PORTUGUESE_WHICH);
    let rest = is_or_colon(rest, &["é"])?;
    // `é a B`, `é a letra B`: the article is lower case, the letter of an option is not.
    let without_article = rest.strip_prefix("a ").unwrap_or(rest);
    Some(skip_spaces(optional_word(
        without_article,
        &PORTUGUESE_NOUNS,
    )))
}

/// After ` is`, ` is:` or `:`.
fn is_or_colon<'a>(text: &'a str, verbs: &[&str]) -> Option<&'a str> {
    let rest = text.trim_start_matches(' ');
    if let Some(after) = rest.strip_prefix(':') {
        return Some(skip_spaces(after));
    }
    let after = skip_word(rest, verbs).filter(|_| rest.len() < text.len())?;
    if after.starts_with(char::is_alphanumeric) {
        return None;
    }
    Some(optional_colon(after))
}

fn optional<'a>(text: &'a str, words: &[&str]) -> &'a str {
    let rest = text.trim_start_matches(' ');
    skip_word(rest, words).unwrap_or(rest)
}

/// The text behind a whole word, or all of it when the word is not there.
fn optional_word<'a>(text: &'a str, words: &[&str]) -> &'a str {
    match skip_word(skip_spaces(text), words) {
        Some(after) if !after.starts_with(char::is_alphanumeric) => after,
        _ => text,
    }
}

fn optional_colon(text: &str) -> &str {
    let rest = text.trim_start_matches(' ');
    skip_spaces(rest.strip_prefix(':').unwrap_or(rest))
}

/// One line break is a space here: `Answer:\n12`.
fn skip_spaces(text: &str) -> &str {
    let rest = text.trim_start_matches(' ');
    rest.strip_prefix('\n')
        .unwrap_or(rest)
        .trim_start_matches(' ')
}

/// The text behind the first of `words` that it starts with, letter case aside.
fn skip_word<'a>(text: &'a str, words: &[&str]) -> Option<&'a str> {
    words.iter().find_map(|word| {
        let mut rest = text.chars();
        let same = word
            .chars()
            .all(|c| rest.next().is_some_and(|d| is_same_letter(c, d)));
        same.then_some(rest.as_str())
    })
}

fn is_same_letter(a: char, b: char) -> bool {
    a == b || b.to_lowercase().eq(std::iter::once(a))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn behind(text: &str) -> Vec<&str> {
        ends(text).into_iter().map(|end| &text[end..]).collect()
    }

    #[test]
    fn a_cue_ends_where_its_answer_begins() {
        for (text, rest) in [
            ("The answer is B", "B"),
            ("Correct ANSWER: B", "B"),
            ("final answer is: B", "B"),
            ("The correct answer is option B.", "B."),
            ("Answer:\nB", "B"),
            ("答案是B", "B"),
            ("我认为答案应该选 B", "B"),
            ("正確選項係:B", "B"),
            ("答案是选项B", "B"),
            ("A resposta correta é: B", "B"),
            ("Opção certa é a letra B", "B"),
            ("a alternativa é a B", "B"),
        ] {
            assert_eq!(behind(text), [rest], "{text}");
        }
    }

    #[test]
    fn words_that_only_look_like_a_cue_are_none() {
        for text in [
            "answer B",
            "answers is B",
            "the answerer is B",
            "resposta B",
            "answer isle",
        ] {
            assert_eq!(behind(text), [""; 0], "{text}");
        }
    }
}

//! Text hygiene: which characters an author's text may hold, and how close two words are.
//!
//! It looks at characters only; it knows nothing of languages or of markup.

/// Longest prompt in bytes, after its placeholders are filled in.
pub const PROMPT_BYTES_MAX: usize = 8 * 1024;
/// Longest option, alias, row text or list entry in bytes.
pub const LINE_TEXT_BYTES_MAX: usize = 1024;

/// Whether a text may span several lines.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Shape {
    /// A prompt: line feeds are allowed.
    Block,
    /// An option, alias, title or cell: one line.
    Line,
}

/// Says what is wrong with a text, if anything is.
pub(crate) fn complaint(text: &str, shape: Shape) -> Option<String> {
    let bytes_max = match shape {
        Shape::Block => PROMPT_BYTES_MAX,
        Shape::Line => LINE_TEXT_BYTES_MAX,
    };
    if text.trim().is_empty() {
        return Some("empty text".to_owned());
    }
    if text.len() > bytes_max {
        return Some(format!("text of {} bytes is over {bytes_max}", text.len()));
    }
    let bad = text.chars().find(|&c| is_forbidden(c, shape))?;
    let kind = if is_invisible(bad) {
        "invisible or bidirectional"
    } else {
        "control"
    };
    Some(format!(
        "{kind} character U+{:04X} in text; remove it",
        u32::from(bad)
    ))
}

/// Bidirectional controls and zero-width characters: they make two texts look alike.
pub(crate) fn is_invisible(c: char) -> bool {
    matches!(c,
        '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2060}' | '\u{2066}'..='\u{2069}'
        | '\u{061C}' | '\u{FEFF}')
}

/// False for characters that would act on a terminal or hide in it.
pub(crate) fn is_printable(c: char) -> bool {
    !is_forbidden(c, Shape::Line)
}

/// Han characters: in Chinese and Cantonese words are not set apart by spaces.
pub(crate) fn is_han(c: char) -> bool {
    matches!(c, '\u{3400}'..='\u{4DBF}' | '\u{4E00}'..='\u{9FFF}' | '\u{F900}'..='\u{FAFF}'
        | '\u{20000}'..='\u{323AF}')
}

/// The word of `known` that is nearest to `word`, if one is near.
pub(crate) fn nearest<'a>(word: &str, known: &[&'a str]) -> Option<&'a str> {
    let best = known.iter().min_by_key(|&&name| distance(word, name))?;
    (distance(word, best) <= 3.min(best.chars().count() / 2 + 1)).then_some(*best)
}

/// A suffix for messages about an unknown word: `; did you mean …?`, or the words that are known.
pub(crate) fn suggestion(word: &str, known: &[&str]) -> String {
    match nearest(word, known) {
        Some(name) => format!("; did you mean `{name}`?"),
        None if known.is_empty() => String::new(),
        None => format!("; known: {}", known.join(", ")),
    }
}

fn is_forbidden(c: char, shape: Shape) -> bool {
    let line_break = matches!(c, '\u{2028}' | '\u{2029}');
    (c.is_control() && !(c == '\n' && shape == Shape::Block)) || line_break || is_invisible(c)
}

/// Levenshtein distance; words longer than 64 characters are infinitely far.
fn distance(a: &str, b: &str) -> usize {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    if a.len() > 64 || b.len() > 64 {
        return usize::MAX;
    }
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.iter().enumerate() {
        let mut diagonal = std::mem::replace(&mut row[0], i + 1);
        for (j, y) in b.iter().enumerate() {
            let substitute = diagonal + usize::from(x != y);
            diagonal = row[j + 1];
            row[j + 1] = substitute.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn control_and_bidi_characters_are_named_by_code_point() {
        assert_eq!(
            complaint("a\u{202E}b", Shape::Line).as_deref(),
            Some("invisible or bidirectional character U+202E in text; remove it")
        );
        assert_eq!(
            complaint("a\tb", Shape::Block).as_deref(),
            Some("control character U+0009 in text; remove it")
        );
        assert_eq!(complaint("two\nlines", Shape::Block), None);
        assert!(complaint("two\nlines", Shape::Line).is_some());
    }

    #[test]
    fn a_near_word_is_suggested_and_a_far_one_is_not() {
        assert_eq!(
            suggestion("promt", &["kind", "prompt"]),
            "; did you mean `prompt`?"
        );
        assert_eq!(
            suggestion("zebra", &["kind", "prompt"]),
            "; known: kind, prompt"
        );
    }
}

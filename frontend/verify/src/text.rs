//! Text on its way out: written as JSON, foreign text cut to a length that a page can show.

use assay_evidence::json;
use serde::Serialize;

/// Characters of one text that quotes the file under check.
pub const CHARS_MAX: usize = 300;

/// A document for the page.
pub fn json(document: &impl Serialize) -> String {
    String::from_utf8(json::to_vec(document)).expect("JSON is UTF-8")
}

/// The first [`CHARS_MAX`] characters, with an ellipsis where it was cut.
pub fn short(text: &str) -> String {
    match text.char_indices().nth(CHARS_MAX) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

//! The normalisation that every answer and every key goes through.
//!
//! NFKC; zero-width and bidirectional characters deleted; CRLF to LF; one leading complete
//! `<think>…</think>` dropped; `\boxed{}`, `**`, `__` and backticks unwrapped; trimmed. It does
//! not fold case.

use assay_evidence::json;
use unicode_normalization::UnicodeNormalization;

use super::Reason;
use crate::text::is_invisible;

const THINK: (&str, &str) = ("<think>", "</think>");
const BOXED: &str = "\\boxed{";
const MARKUP: [&str; 3] = ["**", "__", "`"];

/// The normalised text.
pub(super) fn text(raw: &str) -> Result<String, Reason> {
    let folded: String = raw.nfkc().filter(|c| !is_invisible(*c)).collect();
    let folded = folded.replace("\r\n", "\n");
    let spoken = after_thinking(folded.trim())?;
    let mut plain = unboxed(spoken);
    for mark in MARKUP {
        plain = plain.replace(mark, "");
    }
    Ok(plain.trim().to_owned())
}

/// What the grader digest says of this file.
pub(super) fn parameters() -> json::Value {
    serde_json::json!({ "boxed": BOXED, "markup": MARKUP, "think": THINK })
}

fn after_thinking(text: &str) -> Result<&str, Reason> {
    let Some(thought) = text.strip_prefix(THINK.0) else {
        return Ok(text);
    };
    let (_, spoken) = thought
        .split_once(THINK.1)
        .ok_or(Reason::TruncatedReasoning)?;
    Ok(spoken)
}

/// Removes `\boxed{` and the brace that closes it, in one pass.
fn unboxed(text: &str) -> String {
    if !text.contains(BOXED) {
        return text.to_owned();
    }
    let mut plain = String::with_capacity(text.len());
    // One entry for each open brace: true when it belongs to a box.
    let mut open: Vec<bool> = Vec::new();
    let mut rest = text;
    while let Some(at) = rest.find(['\\', '{', '}']) {
        plain.push_str(&rest[..at]);
        rest = &rest[at..];
        if let Some(after) = rest.strip_prefix(BOXED) {
            open.push(true);
            rest = after;
            continue;
        }
        let sign = &rest[..1];
        rest = &rest[1..];
        let of_a_box = match sign {
            "{" => {
                open.push(false);
                false
            }
            "}" => open.pop().unwrap_or(false),
            _ => false,
        };
        if !of_a_box {
            plain.push_str(sign);
        }
    }
    plain.push_str(rest);
    plain
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wrappers_are_taken_off_and_case_is_kept() {
        for (raw, plain) in [
            ("  **B** \r\n", "B"),
            ("ＡＢ１", "AB1"),
            ("a\u{200B}\u{202E}b", "ab"),
            ("\\boxed{12}", "12"),
            ("\\boxed{\\frac{1}{2}} {x}", "\\frac{1}{2} {x}"),
            ("`__init__`", "init"),
            ("<think>A or B</think> C", "C"),
            ("x <think>y</think>", "x <think>y</think>"),
        ] {
            assert_eq!(text(raw).as_deref(), Ok(plain), "{raw}");
        }
    }

    #[test]
    fn reasoning_that_never_ends_is_no_answer() {
        assert_eq!(text("<think>maybe A"), Err(Reason::TruncatedReasoning));
    }
}

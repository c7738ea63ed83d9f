//! Compiles a pack's text with holes to pieces, written as Rust source.

use crate::formula::{Names, compile};

/// `&[Piece::…]`, or what is wrong with the text.
pub fn source(text: &str, names: &Names) -> Result<String, String> {
    let mut pieces = Vec::new();
    let mut literal = String::new();
    let mut rest = text;
    while let Some(at) = rest.find(['{', '}']) {
        literal.push_str(&rest[..at]);
        let brace = &rest[at..];
        if let Some(after) = brace
            .strip_prefix("{{")
            .or_else(|| brace.strip_prefix("}}"))
        {
            literal.push_str(&brace[..1]);
            rest = after;
            continue;
        }
        let inside = brace
            .strip_prefix('{')
            .and_then(|inside| inside.split_once('}'));
        let (hole, after) =
            inside.ok_or_else(|| format!("text '{text}': a brace has no partner"))?;
        push_literal(&mut pieces, &mut literal);
        pieces.push(format!("Piece::{}", piece(hole.trim(), names)?));
        rest = after;
    }
    literal.push_str(rest);
    push_literal(&mut pieces, &mut literal);
    Ok(format!("&[{}]", pieces.join(", ")))
}

fn push_literal(pieces: &mut Vec<String>, literal: &mut String) {
    if !literal.is_empty() {
        pieces.push(format!("Piece::Literal({literal:?})"));
        literal.clear();
    }
}

/// `p.name`, `weekday[formula]`, a list slot by its name, or any other formula as an integer.
fn piece(hole: &str, names: &Names) -> Result<String, String> {
    if let Some((slot, column)) = hole.split_once('.')
        && names.rows.contains_key(slot)
        && column.chars().all(|c| c.is_alphanumeric() || c == '_')
    {
        return names.field(slot, column);
    }
    if let Some((list, index)) = hole.strip_suffix(']').and_then(|hole| hole.split_once('[')) {
        let number = names
            .lists
            .get(list.trim())
            .ok_or_else(|| format!("no list is named '{list}'"))?;
        return Ok(format!(
            "Entry {{ list: {number}, index: {} }}",
            compile(index, names)?
        ));
    }
    if let Some(list) = names.list_slots.get(hole) {
        return Ok(format!(
            "Entry {{ list: {list}, index: {} }}",
            compile(hole, names)?
        ));
    }
    Ok(format!("Number({})", compile(hole, names)?))
}

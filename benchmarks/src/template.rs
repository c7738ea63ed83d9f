//! Texts with placeholders: `{n * 2}`, `{p.name}`, `{d}`, `{weekday[n % 7]}`.
//!
//! A template is resolved when it is read, so filling it in can fail only on a number. It does
//! no formatting: an integer prints as plain digits in every locale.

use std::collections::BTreeMap;

use crate::{
    expression::{Expression, Name},
    locale::Locale,
    scope::{Bindings, FillError, Meaning, Scope},
};

/// A text with placeholders, each of which means something in its family.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Template(Vec<Piece>);

/// One template for each locale of the pack.
pub(crate) type Texts = BTreeMap<Locale, Template>;

#[derive(Clone, Debug, PartialEq, Eq)]
enum Piece {
    Verbatim(String),
    /// Prints an integer.
    Integer(Expression),
    /// Prints an entry of a list.
    Entry {
        list: String,
        index: Expression,
    },
    /// Prints a text field of a row slot.
    Cell {
        slot: String,
        field: String,
    },
}

impl Template {
    /// Reads `text`; the error lists everything that is wrong with it.
    pub fn parse(text: &str, scope: &Scope<'_>) -> Result<Self, Vec<String>> {
        let mut pieces = Vec::new();
        let mut complaints = Vec::new();
        let mut rest = text;
        let mut verbatim = String::new();
        while let Some(at) = rest.find(['{', '}']) {
            verbatim.push_str(&rest[..at]);
            let brace = &rest[at..=at];
            rest = &rest[at + 1..];
            if let Some(after) = rest.strip_prefix(brace) {
                verbatim.push_str(brace);
                rest = after;
            } else if let (true, Some((inside, after))) = (brace == "{", rest.split_once('}')) {
                pieces.push(Piece::Verbatim(std::mem::take(&mut verbatim)));
                match Piece::parse(inside, scope) {
                    Ok(piece) => pieces.push(piece),
                    Err(found) => complaints.extend(found),
                }
                rest = after;
            } else {
                complaints.push(format!(
                    "`{brace}` without its partner; write `{brace}{brace}`"
                ));
            }
        }
        verbatim.push_str(rest);
        pieces.push(Piece::Verbatim(verbatim));
        if complaints.is_empty() {
            Ok(Self(pieces))
        } else {
            Err(complaints)
        }
    }

    /// The text in one locale.
    pub fn fill(&self, locale: Locale, bindings: &Bindings<'_>) -> Result<String, FillError> {
        let mut text = String::new();
        for piece in &self.0 {
            match piece {
                Piece::Verbatim(verbatim) => text.push_str(verbatim),
                Piece::Integer(expression) => {
                    text.push_str(&bindings.evaluate(expression)?.to_string());
                }
                Piece::Entry { list, index } => {
                    text.push_str(bindings.entry(list, bindings.evaluate(index)?, locale)?);
                }
                Piece::Cell { slot, field } => text.push_str(bindings.cell(slot, field, locale)),
            }
        }
        Ok(text)
    }
}

impl Piece {
    fn parse(inside: &str, scope: &Scope<'_>) -> Result<Self, Vec<String>> {
        let fault = |message: String| vec![format!("in `{{{inside}}}`: {message}")];
        if let Some((list, index)) = list_index(inside) {
            if !scope.has_list(list) {
                return Err(fault(scope.no_list(list)));
            }
            let index = scope
                .expression(index)
                .map_err(|found| fault(found.join("; ")))?;
            return Ok(Self::Entry {
                list: list.to_owned(),
                index,
            });
        }
        let expression = Expression::parse(inside).map_err(|error| fault(error.to_string()))?;
        if let Expression::Name(name) = &expression {
            match scope.meaning(name) {
                Some(Meaning::ListIndex(list)) => {
                    return Ok(Self::Entry {
                        list: list.to_owned(),
                        index: expression,
                    });
                }
                Some(Meaning::Text) => return Ok(Self::cell(name)),
                Some(Meaning::Integer) | None => {}
            }
        }
        scope
            .check(&expression)
            .map_err(|found| fault(found.join("; ")))?;
        Ok(Self::Integer(expression))
    }

    fn cell(name: &Name) -> Self {
        let field = name.field.clone().expect("only a field means a text");
        Self::Cell {
            slot: name.head.clone(),
            field,
        }
    }
}

/// `weekday[n % 7]` as list and index.
fn list_index(inside: &str) -> Option<(&str, &str)> {
    let (list, index) = inside.trim().strip_suffix(']')?.split_once('[')?;
    Some((list.trim(), index))
}

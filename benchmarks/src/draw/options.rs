//! Draws the options of a choice: which wrong ones, and in which order.
//!
//! The order belongs to the variant: it is the same in all its locales.

use std::collections::BTreeMap;

use super::{Obstacle, Setback, stream::Stream};
use crate::{
    catalogue::Cell,
    family::Wrong,
    grade,
    item::Grader,
    locale::Locale,
    scope::{Bindings, FillError},
    template::Texts,
};

/// One option in all locales.
type Wording = BTreeMap<Locale, String>;

/// Draws options and their order.
pub(super) fn draw(
    right: &Texts,
    wrong: &Wrong,
    locales: &[Locale],
    bindings: &Bindings<'_>,
    stream: &mut Stream,
) -> Result<BTreeMap<Locale, Grader>, Setback> {
    let mut options = vec![fill(right, bindings)?];
    match wrong {
        Wrong::Written(texts) => {
            for text in texts {
                let option = fill(text, bindings)?;
                if options.iter().any(|other| is_alike(other, &option)) {
                    return Err(Setback::Again(Obstacle::SameOptions));
                }
                options.push(option);
            }
        }
        Wrong::Field {
            table,
            field,
            count,
        } => {
            let rows = bindings.catalogue.tables[table].rows.iter();
            let candidates = rows.filter_map(|row| match &row.cells[field] {
                Cell::Text(texts) => Some(texts.clone()),
                Cell::Integer(_) => None,
            });
            pick(candidates.collect(), *count, &mut options, stream)?;
        }
        Wrong::List { list, count } => {
            let list = &bindings.catalogue.lists[list];
            pick(
                (0..list.len()).map(|at| list.entry(at)).collect(),
                *count,
                &mut options,
                stream,
            )?;
        }
    }
    let mut order: Vec<usize> = (0..options.len()).collect();
    stream.shuffle(&mut order);
    let right = order
        .iter()
        .position(|&at| at == 0)
        .expect("the right option is in the order");
    let grader = |locale: &Locale| Grader::Choice {
        options: order
            .iter()
            .map(|&at| options[at][locale].clone())
            .collect(),
        right: right as u32,
    };
    Ok(locales
        .iter()
        .map(|locale| (*locale, grader(locale)))
        .collect())
}

/// Adds `count` candidates that differ from every option so far.
fn pick(
    mut candidates: Vec<Wording>,
    count: usize,
    options: &mut Vec<Wording>,
    stream: &mut Stream,
) -> Result<(), Setback> {
    let wanted = options.len() + count;
    candidates.retain(|candidate| !is_alike(candidate, &options[0]));
    while options.len() < wanted {
        if candidates.is_empty() {
            return Err(Setback::Again(Obstacle::FewOptions));
        }
        let candidate = candidates.swap_remove(stream.index(candidates.len()));
        if !options.iter().any(|other| is_alike(other, &candidate)) {
            options.push(candidate);
        }
    }
    Ok(())
}

fn fill(texts: &Texts, bindings: &Bindings<'_>) -> Result<Wording, FillError> {
    texts
        .iter()
        .map(|(locale, text)| Ok((*locale, text.fill(*locale, bindings)?)))
        .collect()
}

/// True when a reader of some locale could not tell the two apart.
fn is_alike(a: &Wording, b: &Wording) -> bool {
    a.iter()
        .any(|(locale, text)| grade::folded(text) == grade::folded(&b[locale]))
}

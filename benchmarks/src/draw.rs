//! Draws a form from a pack: closed lists, integers, rejection; the same bytes everywhere.
//!
//! Each family has a stream of its own, so that a change to one family leaves the others as they
//! were. Nothing here reads a clock or a generator of the machine.

mod options;
mod stream;

use std::collections::{BTreeMap, BTreeSet};

use stream::Stream;

use crate::{
    expression::EvaluationError,
    family::{Family, Key, Value},
    form::{Form, ITEMS_MAX},
    item::{Grader, Item, ItemError},
    locale::Locale,
    pack::Pack,
    scope::{Bindings, FillError, Slot},
};

/// Draws of one variant before it is given up.
pub const TRIES_MAX: u32 = 64;
/// Longest form in bytes, all items together.
pub const FORM_BYTES_MAX: usize = 32 * 1024 * 1024;

/// Why a form could not be drawn.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DrawError {
    /// No try of a variant met the constraints.
    #[error(
        "no draw of `{family}` met its constraints in {TRIES_MAX} tries; the last one: {obstacle}"
    )]
    Exhausted {
        /// Variant.
        family: String,
        /// What stood in the way of the last try.
        obstacle: Obstacle,
    },
    /// A text or key could not be filled in.
    #[error("`{family}`: {source}")]
    Fill {
        /// Variant.
        family: String,
        /// Why.
        source: FillError,
    },
    /// A drawn item is out of its limits.
    #[error(transparent)]
    Item(#[from] ItemError),
    /// Too many items, or too many bytes.
    #[error(
        "a form of {items} items and {bytes} bytes is over {ITEMS_MAX} items or {FORM_BYTES_MAX} bytes"
    )]
    TooLarge {
        /// Items.
        items: usize,
        /// Bytes.
        bytes: usize,
    },
}

/// What makes a draw be repeated.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Obstacle {
    /// A `require` gave 0.
    #[error("a `require` did not hold")]
    Requirement,
    /// All rows of a table are taken.
    #[error("no row was left")]
    Rows,
    /// Two options have the same text in some locale.
    #[error("two options were the same")]
    SameOptions,
    /// Too few other entries for the wrong options.
    #[error("too few entries differ from the right option")]
    FewOptions,
    /// Another variant has the same prompt.
    #[error("the prompt was that of another variant")]
    SamePrompt,
}

/// Draws all families.
pub(crate) fn form(pack: &Pack, seed: &[u8; 32]) -> Result<Form, DrawError> {
    let mut items = Vec::new();
    let mut bytes = 0;
    for index in 0..pack.families.len() {
        for item in family(pack, seed, index)? {
            bytes += item.bytes().len();
            items.push(item);
        }
        if items.len() > ITEMS_MAX || bytes > FORM_BYTES_MAX {
            return Err(DrawError::TooLarge {
                items: items.len(),
                bytes,
            });
        }
    }
    Ok(Form { seed: *seed, items })
}

/// Draws all variants of one family, each in all locales.
pub(crate) fn family(pack: &Pack, seed: &[u8; 32], index: usize) -> Result<Vec<Item>, DrawError> {
    let family = &pack.families[index];
    let stream = Stream::of_family(seed, index as u64);
    let mut drawing = Drawing {
        pack,
        family,
        stream,
        taken: BTreeMap::new(),
        prompts: BTreeSet::new(),
    };
    let mut items = Vec::new();
    for draw in 0..family.draws {
        items.extend(drawing.variant(draw)?);
    }
    Ok(items)
}

/// A try that came to nothing, or a fault that no other try would mend.
enum Setback {
    Again(Obstacle),
    Fault(FillError),
}

impl From<FillError> for Setback {
    fn from(fault: FillError) -> Self {
        Self::Fault(fault)
    }
}

impl From<EvaluationError> for Setback {
    fn from(fault: EvaluationError) -> Self {
        Self::Fault(fault.into())
    }
}

struct Drawing<'a> {
    pack: &'a Pack,
    family: &'a Family,
    stream: Stream,
    /// Rows that each slot had in earlier variants.
    taken: BTreeMap<String, BTreeSet<usize>>,
    /// Prompts of earlier variants.
    prompts: BTreeSet<String>,
}

impl<'a> Drawing<'a> {
    fn variant(&mut self, draw: u32) -> Result<Vec<Item>, DrawError> {
        let id = self.family.variant_id(draw);
        let mut obstacle = Obstacle::Requirement;
        for _ in 0..TRIES_MAX {
            match self.attempt(&id) {
                Ok(items) => return items.into_iter().map(|item| Ok(item.checked()?)).collect(),
                Err(Setback::Again(met)) => obstacle = met,
                Err(Setback::Fault(source)) => return Err(DrawError::Fill { family: id, source }),
            }
        }
        Err(DrawError::Exhausted {
            family: id,
            obstacle,
        })
    }

    fn attempt(&mut self, id: &str) -> Result<Vec<Item>, Setback> {
        let bindings = self.bind()?;
        let mut prompts = Vec::new();
        for locale in &self.pack.locales {
            prompts.push(self.family.prompt[locale].fill(*locale, &bindings)?);
        }
        if prompts.iter().any(|prompt| self.prompts.contains(prompt)) {
            return Err(Setback::Again(Obstacle::SamePrompt));
        }
        let mut graders = self.graders(&bindings)?;
        for (slot, (_, row)) in &bindings.rows {
            self.taken.entry(slot.clone()).or_default().insert(*row);
        }
        self.prompts.extend(prompts.iter().cloned());
        let items = self
            .pack
            .locales
            .iter()
            .zip(prompts)
            .map(|(locale, prompt)| Item {
                benchmark: self.pack.benchmark(),
                family: id.to_owned(),
                grader: graders
                    .remove(locale)
                    .expect("there is a key for each locale"),
                locale: *locale,
                max_bytes: self.pack.max_bytes,
                prompt,
                section: self.family.section.clone(),
                weight: 1,
            });
        Ok(items.collect())
    }

    /// A value for each slot, in order of name, then the `let`s, then the requirements.
    fn bind(&mut self) -> Result<Bindings<'a>, Setback> {
        let family = self.family;
        let catalogue = &self.pack.catalogue;
        let mut bindings = Bindings {
            catalogue,
            integers: BTreeMap::new(),
            rows: BTreeMap::new(),
        };
        for (name, slot) in &family.slots {
            match slot {
                Slot::Integer { low, high } => {
                    let value = self.stream.between(*low, *high);
                    bindings.integers.insert(name.clone(), i128::from(value));
                }
                Slot::List { list } => {
                    let index = self.stream.index(catalogue.lists[list].len());
                    bindings.integers.insert(name.clone(), index as i128);
                }
                Slot::Row { table } => {
                    let row = self.free_row(name, table, &bindings)?;
                    bindings.rows.insert(name.clone(), (table, row));
                }
            }
        }
        for (name, expression) in &family.lets {
            let value = bindings.evaluate(expression)?;
            bindings.integers.insert(name.clone(), value);
        }
        for expression in &family.require {
            if bindings.evaluate(expression)? == 0 {
                return Err(Setback::Again(Obstacle::Requirement));
            }
        }
        Ok(bindings)
    }

    /// A row that this slot never had and no other slot of this variant has.
    fn free_row(
        &mut self,
        slot: &str,
        table: &str,
        bindings: &Bindings<'_>,
    ) -> Result<usize, Setback> {
        let had = self.taken.get(slot);
        let is_free = |row: &usize| {
            !had.is_some_and(|rows| rows.contains(row))
                && !bindings
                    .rows
                    .values()
                    .any(|(other, taken)| *other == table && taken == row)
        };
        let rows = self.pack.catalogue.tables[table].rows.len();
        let free: Vec<usize> = (0..rows).filter(is_free).collect();
        if free.is_empty() {
            return Err(Setback::Again(Obstacle::Rows));
        }
        Ok(free[self.stream.index(free.len())])
    }

    fn graders(&mut self, bindings: &Bindings<'_>) -> Result<BTreeMap<Locale, Grader>, Setback> {
        let locales = &self.pack.locales;
        match &self.family.key {
            Key::Choice { right, wrong } => {
                options::draw(right, wrong, locales, bindings, &mut self.stream)
            }
            Key::Exact { aliases, rules } => {
                let grader = |locale: &Locale| {
                    let texts = aliases[locale]
                        .iter()
                        .map(|alias| alias.fill(*locale, bindings));
                    let aliases = texts.collect::<Result<Vec<_>, _>>()?;
                    Ok((
                        *locale,
                        Grader::Exact {
                            aliases,
                            rules: rules.clone(),
                        },
                    ))
                };
                locales.iter().map(grader).collect()
            }
            Key::Number { value, tolerance } => {
                let value = match value {
                    Value::Literal(literal) => literal.clone(),
                    Value::Computed(expression) => bindings.evaluate(expression)?.to_string(),
                };
                let grader = |locale: &Locale| Grader::Number {
                    abs: tolerance.abs.clone(),
                    rel: tolerance.rel.clone(),
                    unit: tolerance.unit.get(locale).cloned(),
                    value: value.clone(),
                };
                Ok(locales
                    .iter()
                    .map(|locale| (*locale, grader(locale)))
                    .collect())
            }
        }
    }
}

#[cfg(test)]
mod tests;

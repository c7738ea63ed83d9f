//! Finds the values with which a family's template gives exactly a prompt.
//!
//! It walks template and prompt together: a hole that names a slot fixes it, a hole with a longer formula
//! becomes a condition. Slots that no hole fixes are tried one value after the other, within a budget.

use crate::formula::{Formula, Op, evaluate};
use crate::knowledge::{Piece, Slot};
use crate::text::{Binding, cell_text, entries};

/// Values tried per prompt and family. Beyond it the family counts as not recognised.
const TRIES_MAX: u32 = 20_000;

/// Calls `accept` with every full set of values that fits, until it returns something.
pub fn recall<T>(
    template: &[Piece],
    locale: usize,
    prompt: &str,
    binding: &mut Binding,
    accept: &mut dyn FnMut(&Binding) -> Option<T>,
) -> Option<T> {
    let mut search = Search {
        locale,
        conditions: Vec::new(),
        tries_left: TRIES_MAX,
        accept,
    };
    search.walk(template, prompt, binding)
}

struct Search<'s, T> {
    locale: usize,
    /// Formulas and what they must come to.
    conditions: Vec<(Formula, i128)>,
    tries_left: u32,
    accept: &'s mut dyn FnMut(&Binding) -> Option<T>,
}

impl<T> Search<'_, T> {
    fn walk(&mut self, template: &[Piece], rest: &str, binding: &mut Binding) -> Option<T> {
        let Some((piece, template)) = template.split_first() else {
            return if rest.is_empty() {
                self.fill(0, binding)
            } else {
                None
            };
        };
        match piece {
            Piece::Literal(literal) => self.walk(template, rest.strip_prefix(literal)?, binding),
            Piece::Number(formula) => {
                let (number, after) = leading_number(rest)?;
                self.with_condition((formula, number), template, after, binding)
            }
            Piece::Field { slot, column } => {
                self.walk_field(*slot, *column, template, rest, binding)
            }
            Piece::Entry { list, index } => {
                let entries = entries(binding.knowledge, *list, self.locale);
                entries.iter().enumerate().find_map(|(at, entry)| {
                    let after = rest.strip_prefix(entry)?;
                    self.with_condition((index, at as i128), template, after, binding)
                })
            }
        }
    }

    fn walk_field(
        &mut self,
        slot: usize,
        column: usize,
        template: &[Piece],
        rest: &str,
        binding: &mut Binding,
    ) -> Option<T> {
        if binding.values.get(slot)?.is_some() {
            let text = cell_text(binding.cell(slot, column)?, self.locale)?;
            return self.walk(template, rest.strip_prefix(text.as_str())?, binding);
        }
        binding.rows(slot).iter().enumerate().find_map(|(at, row)| {
            let text = cell_text(row.cells.get(column)?, self.locale)?;
            let after = rest.strip_prefix(text.as_str())?;
            self.with_value(slot, at as i128, binding, |search, binding| {
                search.walk(template, after, binding)
            })
        })
    }

    /// Goes on with one more formula whose value is known: at once if it is a free slot, else as a condition.
    fn with_condition(
        &mut self,
        condition: (Formula, i128),
        template: &[Piece],
        rest: &str,
        binding: &mut Binding,
    ) -> Option<T> {
        if let [Op::Value(slot)] = condition.0
            && binding.values.get(*slot).is_some_and(Option::is_none)
        {
            let allowed = binding
                .family
                .slots
                .get(*slot)
                .is_some_and(|slot| holds(slot, condition.1));
            return if allowed {
                self.with_value(*slot, condition.1, binding, |search, binding| {
                    search.walk(template, rest, binding)
                })
            } else {
                None
            };
        }
        if evaluate(condition.0, binding).is_some_and(|value| value != condition.1) {
            return None;
        }
        self.conditions.push(condition);
        let found = self.walk(template, rest, binding);
        self.conditions.pop();
        found
    }

    fn with_value(
        &mut self,
        slot: usize,
        value: i128,
        binding: &mut Binding,
        then: impl FnOnce(&mut Self, &mut Binding) -> Option<T>,
    ) -> Option<T> {
        *binding.values.get_mut(slot)? = Some(value);
        let found = then(self, binding);
        *binding.values.get_mut(slot)? = None;
        found
    }

    /// The prompt is used up: tries values for the slots that are still free, from `slot` on.
    fn fill(&mut self, slot: usize, binding: &mut Binding) -> Option<T> {
        if self.tries_left == 0 || self.is_contradicted(binding) {
            return None;
        }
        self.tries_left -= 1;
        match binding.values.get(slot) {
            None => self.accept_if_whole(binding),
            Some(Some(_)) => self.fill(slot + 1, binding),
            Some(None) => {
                let (low, high) = self.range(slot, binding)?;
                (low..=high).find_map(|value| {
                    self.with_value(slot, value, binding, |search, binding| {
                        search.fill(slot + 1, binding)
                    })
                })
            }
        }
    }

    fn is_contradicted(&self, binding: &Binding) -> bool {
        self.conditions
            .iter()
            .any(|(formula, value)| evaluate(formula, binding).is_some_and(|found| found != *value))
    }

    fn accept_if_whole(&mut self, binding: &Binding) -> Option<T> {
        let fits = self
            .conditions
            .iter()
            .all(|(formula, value)| evaluate(formula, binding) == Some(*value));
        let is_possible = binding
            .family
            .require
            .iter()
            .all(|formula| evaluate(formula, binding).is_some_and(|v| v != 0));
        if fits && is_possible {
            (self.accept)(binding)
        } else {
            None
        }
    }

    fn range(&self, slot: usize, binding: &Binding) -> Option<(i128, i128)> {
        match binding.family.slots.get(slot)? {
            Slot::Row { .. } => Some((0, binding.rows(slot).len() as i128 - 1)),
            Slot::Int { low, high } => Some((i128::from(*low), i128::from(*high))),
            Slot::Entry { list } => Some((
                0,
                entries(binding.knowledge, *list, self.locale).len() as i128 - 1,
            )),
        }
    }
}

fn holds(slot: &Slot, value: i128) -> bool {
    match slot {
        Slot::Int { low, high } => (i128::from(*low)..=i128::from(*high)).contains(&value),
        // The value came from the list itself.
        Slot::Row { .. } | Slot::Entry { .. } => true,
    }
}

/// An integer as templates print them: an optional sign and all digits that follow.
fn leading_number(text: &str) -> Option<(i128, &str)> {
    let digits_from = usize::from(text.starts_with('-'));
    let unsigned = text.get(digits_from..)?;
    let digits = unsigned
        .find(|c: char| !c.is_ascii_digit())
        .unwrap_or(unsigned.len());
    let (number, after) = text.split_at_checked(digits_from + digits)?;
    Some((number.parse().ok()?, after))
}

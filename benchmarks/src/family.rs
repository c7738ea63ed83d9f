//! A family as its author wrote it, checked: everything a draw needs.
//!
//! All names in it are resolved and all counts are in range; it neither reads nor draws.

use std::collections::BTreeMap;

use crate::{
    expression::Expression,
    fault::Place,
    item::{NumberKey, Rule},
    locale::Locale,
    scope::Slot,
    template::{Template, Texts},
};

/// One template, or one literal item, in all locales.
#[derive(Clone, Debug)]
pub(crate) struct Family {
    pub id: String,
    pub place: Place,
    pub section: String,
    pub draws: u32,
    /// Drawn in the order of their names.
    pub slots: BTreeMap<String, Slot>,
    /// Computed in the order they were written.
    pub lets: Vec<(String, Expression)>,
    pub require: Vec<Expression>,
    pub prompt: Texts,
    pub key: Key,
}

/// The answer key before a draw.
#[derive(Clone, Debug)]
pub(crate) enum Key {
    Choice {
        right: Texts,
        wrong: Wrong,
    },
    Exact {
        aliases: BTreeMap<Locale, Vec<Template>>,
        rules: Vec<Rule>,
    },
    Number {
        value: Value,
        tolerance: NumberKey,
    },
}

/// Where wrong options come from.
#[derive(Clone, Debug)]
pub(crate) enum Wrong {
    Written(Vec<Texts>),
    Field {
        table: String,
        field: String,
        count: usize,
    },
    List {
        list: String,
        count: usize,
    },
}

/// The key of a `number` family.
#[derive(Clone, Debug)]
pub(crate) enum Value {
    /// A decimal or a fraction, as written.
    Literal(String),
    Computed(Expression),
}

impl Family {
    /// Id of one of its variants: the family's own when it has one, else `id.1`, `id.2`, ….
    pub fn variant_id(&self, draw: u32) -> String {
        if self.draws == 1 {
            self.id.clone()
        } else {
            format!("{}.{}", self.id, draw + 1)
        }
    }
}

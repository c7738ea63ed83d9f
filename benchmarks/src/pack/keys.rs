//! Reads the answer key of a family: `right` and wrong options, `aliases`, or `value`.
//!
//! It marks nothing; what a key means is in the grader.

use std::collections::BTreeMap;

use assay_evidence::json::Value as Json;

use super::{
    families::{self, known_list, known_table},
    fields::{self, Fields},
};
use crate::{
    catalogue::FieldKind,
    family::{Key, Value, Wrong},
    fault::{Faults, Place},
    item::{ALIASES_MAX, NumberKey, OPTIONS_MAX, RatioWord, Rule, Unit},
    locale::Locale,
    rational,
    scope::Scope,
    template::{Template, Texts},
    text::{self, Shape},
};

/// The kinds of items of version 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Choice,
    Exact,
    Number,
}

/// Most wrong options.
const WRONG_MAX: i64 = OPTIONS_MAX.cast_signed() as i64 - 1;

const RULES: [(&str, Rule); 3] = [
    ("fold_case", Rule::FoldCase),
    ("strip_punctuation", Rule::StripPunctuation),
    ("squeeze_spaces", Rule::SqueezeSpaces),
];

impl Kind {
    pub fn named(kind: &str, place: &Place, faults: &mut Faults) -> Option<Self> {
        match kind {
            "choice" => Some(Self::Choice),
            "exact" => Some(Self::Exact),
            "number" => Some(Self::Number),
            _ => {
                let hint = text::suggestion(kind, &["choice", "exact", "number"]);
                faults.at(place, format!("unknown kind `{kind}`{hint}"));
                None
            }
        }
    }

    /// Members that only this kind has.
    pub const fn keys(self) -> &'static [&'static str] {
        match self {
            Self::Choice => &["right", "wrong", "wrong_from"],
            Self::Exact => &["aliases", "rules"],
            Self::Number => &["value", "abs", "rel", "unit"],
        }
    }

    pub fn read(
        self,
        fields: &Fields<'_>,
        locales: &[Locale],
        scope: &Scope<'_>,
        faults: &mut Faults,
    ) -> Option<Key> {
        let reader = Reader {
            fields,
            locales,
            scope,
        };
        match self {
            Self::Choice => reader.choice(faults),
            Self::Exact => reader.exact(faults),
            Self::Number => reader.number(faults),
        }
    }
}

struct Reader<'a, 'b> {
    fields: &'a Fields<'b>,
    locales: &'a [Locale],
    scope: &'a Scope<'a>,
}

impl Reader<'_, '_> {
    fn choice(&self, faults: &mut Faults) -> Option<Key> {
        let right = self.texts("right", faults);
        let wrong = match (self.fields.has("wrong"), self.fields.has("wrong_from")) {
            (true, false) => self.wrong(faults),
            (false, true) => self.wrong_from(faults),
            _ => {
                self.at(
                    "a choice has exactly one of `wrong` and `wrong_from`",
                    faults,
                );
                None
            }
        };
        Some(Key::Choice {
            right: right?,
            wrong: wrong?,
        })
    }

    fn wrong(&self, faults: &mut Faults) -> Option<Wrong> {
        let written = self.fields.list("wrong", (1, OPTIONS_MAX - 1), faults)?;
        let mut options = Vec::new();
        for (index, option) in written.iter().enumerate() {
            let what = format!("wrong[{index}]");
            let shape = (Shape::Line, self.locales);
            let texts = fields::texts(option, &what, shape, self.fields.place, faults);
            options.extend(texts.and_then(|texts| {
                families::templates(texts, &what, self.fields, self.scope, faults)
            }));
        }
        (options.len() == written.len()).then_some(Wrong::Written(options))
    }

    fn wrong_from(&self, faults: &mut Faults) -> Option<Wrong> {
        let place = self.fields.place;
        let from = Fields::of(self.fields.get("wrong_from")?, "wrong_from", place, faults)?;
        let count = from.integer("count", (1, WRONG_MAX), faults);
        let catalogue = self.scope.catalogue;
        if from.has("list") {
            from.only(&["list", "count"], faults);
            let list = from.string("list", faults)?;
            if !known_list(list, catalogue, place, faults) {
                return None;
            }
            let count = self.enough(count?, catalogue.lists[list].len(), list, faults)?;
            return Some(Wrong::List {
                list: list.to_owned(),
                count,
            });
        }
        from.only(&["table", "field", "count"], faults);
        let (table, field) = (from.string("table", faults), from.string("field", faults));
        let (table, field) = (table?, field?);
        if !known_table(table, catalogue, place, faults) {
            return None;
        }
        let facts = &catalogue.tables[table];
        if facts.fields.get(field) != Some(&FieldKind::Text) {
            let hint = text::suggestion(field, &catalogue.field_names(table));
            self.at(
                &format!("table `{table}` has no text field `{field}`{hint}"),
                faults,
            );
            return None;
        }
        let count = self.enough(count?, facts.rows.len(), table, faults)?;
        Some(Wrong::Field {
            table: table.to_owned(),
            field: field.to_owned(),
            count,
        })
    }

    fn enough(&self, count: i64, entries: usize, name: &str, faults: &mut Faults) -> Option<usize> {
        let count = count as usize;
        if count < entries {
            return Some(count);
        }
        let message = format!(
            "`{name}` has {entries} entries, too few for {count} wrong options beside the right one"
        );
        self.at(&message, faults);
        None
    }

    fn exact(&self, faults: &mut Faults) -> Option<Key> {
        let aliases = self.aliases(faults);
        let rules = self.rules(faults);
        Some(Key::Exact {
            aliases: aliases?,
            rules: rules?,
        })
    }

    fn aliases(&self, faults: &mut Faults) -> Option<BTreeMap<Locale, Vec<Template>>> {
        let per_locale = self.fields.per_locale("aliases", self.locales, faults)?;
        let mut found = BTreeMap::new();
        for (locale, value) in per_locale {
            let what = format!("aliases.{locale}");
            let Some(texts) = self.lines(value, &what, faults) else {
                continue;
            };
            let parsed = texts.iter().map(|text| Template::parse(text, self.scope));
            let mut templates = Vec::new();
            for result in parsed {
                match result {
                    Ok(template) => templates.push(template),
                    Err(complaints) => {
                        self.at(&format!("`{what}`: {}", complaints.join("; ")), faults);
                    }
                }
            }
            if templates.len() == texts.len() {
                found.insert(locale, templates);
            }
        }
        (found.len() == self.locales.len()).then_some(found)
    }

    fn rules(&self, faults: &mut Faults) -> Option<Vec<Rule>> {
        if !self.fields.has("rules") {
            return Some(Vec::new());
        }
        let known = RULES.map(|(name, _)| name);
        let written = self.fields.list("rules", (0, RULES.len()), faults)?;
        let mut rules = Vec::new();
        for value in written {
            let name = value.as_str().unwrap_or_default();
            match RULES.iter().find(|(known, _)| *known == name) {
                Some((_, rule)) if !rules.contains(rule) => rules.push(*rule),
                Some(_) => self.at(&format!("rule `{name}` is there twice"), faults),
                None => {
                    let hint = text::suggestion(name, &known);
                    self.at(&format!("unknown rule `{name}`{hint}"), faults);
                }
            }
        }
        (rules.len() == written.len()).then_some(rules)
    }

    fn number(&self, faults: &mut Faults) -> Option<Key> {
        let value = self.value(faults);
        let abs = self.tolerance("abs", faults);
        let rel = self.tolerance("rel", faults);
        let unit = self.unit(faults);
        let tolerance = NumberKey {
            abs: abs?,
            rel: rel?,
            unit: unit?,
        };
        Some(Key::Number {
            value: value?,
            tolerance,
        })
    }

    fn value(&self, faults: &mut Faults) -> Option<Value> {
        let source = self.fields.string("value", faults)?;
        if rational::parse(source).is_some() {
            return Some(Value::Literal(source.to_owned()));
        }
        let expression =
            families::read_expression(source, "value", self.fields, self.scope, faults);
        expression.map(Value::Computed)
    }

    fn tolerance(&self, key: &str, faults: &mut Faults) -> Option<String> {
        let text = self.fields.string_or(key, "0", faults)?;
        if !rational::is_tolerance(text) {
            self.at(
                &format!("`{key}` must be a decimal in a string, such as \"0.5\""),
                faults,
            );
            return None;
        }
        Some(text.to_owned())
    }

    fn unit(&self, faults: &mut Faults) -> Option<BTreeMap<Locale, Unit>> {
        let Some(value) = self.fields.get("unit") else {
            return Some(BTreeMap::new());
        };
        if value.as_str() == Some("ratio") {
            let ratio = |locale: &Locale| (*locale, Unit::Ratio(RatioWord::Ratio));
            return Some(self.locales.iter().map(ratio).collect());
        }
        let per_locale = self.fields.per_locale("unit", self.locales, faults)?;
        let mut units = BTreeMap::new();
        for (locale, value) in per_locale {
            let spellings = self.lines(value, &format!("unit.{locale}"), faults);
            units.extend(spellings.map(|spellings| (locale, Unit::Spelled(spellings))));
        }
        (units.len() == self.locales.len()).then_some(units)
    }

    /// One to [`ALIASES_MAX`] clean one-line texts.
    fn lines(&self, value: &Json, what: &str, faults: &mut Faults) -> Option<Vec<String>> {
        let list = value
            .as_array()
            .filter(|list| (1..=ALIASES_MAX).contains(&list.len()));
        let Some(list) = list else {
            self.at(
                &format!("`{what}` must be a list of 1 to {ALIASES_MAX} texts"),
                faults,
            );
            return None;
        };
        let place = self.fields.place;
        let texts: Vec<String> = list
            .iter()
            .filter_map(|text| fields::clean(text, what, Shape::Line, place, faults))
            .collect();
        (texts.len() == list.len()).then_some(texts)
    }

    fn texts(&self, key: &str, faults: &mut Faults) -> Option<Texts> {
        families::read_texts(
            self.fields,
            key,
            Shape::Line,
            self.locales,
            self.scope,
            faults,
        )
    }

    fn at(&self, message: &str, faults: &mut Faults) {
        faults.at(self.fields.place, message);
    }
}

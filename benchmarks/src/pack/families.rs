//! Reads a family: its slots, texts and requirements.
//!
//! Keys by kind are read in `keys.rs`. Nothing is drawn here.

use std::collections::{BTreeMap, BTreeSet};

use assay_evidence::json::Value;

use super::{
    facts::INTEGER_MAX,
    fields::{self, Fields},
    keys,
    lines::Line,
    manifest::Section,
};
use crate::{
    catalogue::Catalogue,
    expression::Expression,
    family::Family,
    fault::Faults,
    locale::Locale,
    scope::{Scope, Slot},
    template::{Template, Texts},
    text::{self, Shape},
};

/// Most variants of one family.
pub const DRAWS_MAX: u32 = 1_000;
/// Most slots, `let`s and requirements of one family, each.
const PARTS_MAX: usize = 32;

const COMMON: [&str; 8] = [
    "family", "section", "kind", "draws", "slots", "let", "require", "prompt",
];

/// What a family is read against.
pub(super) struct Surroundings<'a> {
    pub locales: &'a [Locale],
    /// Absent when `pack.toml` is wrong: then no section is checked.
    pub sections: Option<&'a [Section]>,
    pub catalogue: &'a Catalogue,
}

/// Reads one family, or reports all that is wrong with it.
pub(super) fn read(line: &Line, around: &Surroundings<'_>, faults: &mut Faults) -> Option<Family> {
    let fields = Fields::of_line(&line.map, &line.place);
    let id = fields.string("family", faults);
    let id = id.filter(|id| fields::check_id(id, &line.place, faults));
    let section = read_section(&fields, around, faults);
    let draws = read_draws(&fields, faults);
    let slots = read_slots(&fields, around.catalogue, faults);
    let kind = fields.string("kind", faults);
    let kind = kind.and_then(|kind| keys::Kind::named(kind, &line.place, faults));
    if let Some(kind) = kind {
        fields.only(&[&COMMON, kind.keys()].concat(), faults);
    }
    // Without its slots every name in a text would be called unknown: one fault would become ten.
    let slots = slots?;
    check_rows(
        &fields,
        draws.unwrap_or(1),
        &slots,
        around.catalogue,
        faults,
    );
    let mut scope = Scope {
        catalogue: around.catalogue,
        slots: &slots,
        lets: BTreeSet::new(),
    };
    let lets = read_lets(&fields, &mut scope, faults);
    let require = read_require(&fields, &scope, faults);
    let prompt = read_texts(
        &fields,
        "prompt",
        Shape::Block,
        around.locales,
        &scope,
        faults,
    );
    let key = kind?.read(&fields, around.locales, &scope, faults);
    Some(Family {
        id: id?.to_owned(),
        place: line.place.clone(),
        section: section?,
        draws: draws?,
        lets: lets?,
        require: require?,
        prompt: prompt?,
        key: key?,
        slots,
    })
}

/// A template for each locale.
pub(super) fn read_texts(
    fields: &Fields<'_>,
    key: &str,
    shape: Shape,
    locales: &[Locale],
    scope: &Scope<'_>,
    faults: &mut Faults,
) -> Option<Texts> {
    let texts = fields.texts(key, (shape, locales), faults)?;
    templates(texts, key, fields, scope, faults)
}

/// Turns texts into templates.
pub(super) fn templates(
    texts: BTreeMap<Locale, String>,
    what: &str,
    fields: &Fields<'_>,
    scope: &Scope<'_>,
    faults: &mut Faults,
) -> Option<Texts> {
    let count = texts.len();
    let mut found = Texts::new();
    for (locale, text) in texts {
        match Template::parse(&text, scope) {
            Ok(template) => {
                found.insert(locale, template);
            }
            Err(complaints) => {
                for complaint in complaints {
                    faults.at(fields.place, format!("`{what}.{locale}`: {complaint}"));
                }
            }
        }
    }
    (found.len() == count).then_some(found)
}

fn read_section(
    fields: &Fields<'_>,
    around: &Surroundings<'_>,
    faults: &mut Faults,
) -> Option<String> {
    let section = fields.string("section", faults)?;
    let known: Vec<&str> = around
        .sections?
        .iter()
        .map(|section| section.id.as_str())
        .collect();
    if !known.contains(&section) {
        let hint = text::suggestion(section, &known);
        faults.at(fields.place, format!("unknown section `{section}`{hint}"));
        return None;
    }
    Some(section.to_owned())
}

fn read_draws(fields: &Fields<'_>, faults: &mut Faults) -> Option<u32> {
    if !fields.has("draws") {
        return Some(1);
    }
    let draws = fields.integer("draws", (1, i64::from(DRAWS_MAX)), faults)? as u32;
    if draws > 1 && !fields.has("slots") {
        faults.at(
            fields.place,
            "`draws` without `slots` repeats one item; remove it",
        );
        return None;
    }
    Some(draws)
}

fn read_slots(
    fields: &Fields<'_>,
    catalogue: &Catalogue,
    faults: &mut Faults,
) -> Option<BTreeMap<String, Slot>> {
    let Some(value) = fields.get("slots") else {
        return Some(BTreeMap::new());
    };
    let members = Fields::of(value, "slots", fields.place, faults)?;
    let mut slots = BTreeMap::new();
    let mut complete = members.keys().count() <= PARTS_MAX;
    if !complete {
        faults.at(fields.place, format!("more than {PARTS_MAX} slots"));
    }
    for name in members.keys() {
        complete &= fields::check_identifier(name, fields.place, faults);
        match members
            .get(name)
            .and_then(|slot| read_slot(slot, name, &members, catalogue, faults))
        {
            Some(slot) => {
                slots.insert(name.to_owned(), slot);
            }
            None => complete = false,
        }
    }
    complete.then_some(slots)
}

fn read_slot(
    slot: &Value,
    name: &str,
    slots: &Fields<'_>,
    catalogue: &Catalogue,
    faults: &mut Faults,
) -> Option<Slot> {
    let place = slots.place;
    let fields = Fields::of(slot, &format!("slots.{name}"), place, faults)?;
    if fields.keys().count() != 1 {
        faults.at(
            place,
            format!("slot `{name}` must have exactly one of `row`, `int`, `list`"),
        );
        return None;
    }
    if fields.has("row") {
        let table = fields.string("row", faults)?;
        return known_table(table, catalogue, place, faults).then(|| Slot::Row {
            table: table.to_owned(),
        });
    }
    if fields.has("list") {
        let list = fields.string("list", faults)?;
        return known_list(list, catalogue, place, faults).then(|| Slot::List {
            list: list.to_owned(),
        });
    }
    fields.only(&["row", "int", "list"], faults);
    let bounds: Option<Vec<i64>> = fields
        .get("int")?
        .as_array()
        .and_then(|list| list.iter().map(Value::as_i64).collect());
    match bounds.as_deref() {
        Some(&[low, high]) if low <= high && low >= -INTEGER_MAX && high <= INTEGER_MAX => {
            Some(Slot::Integer { low, high })
        }
        _ => {
            faults.at(place, format!(
                "slot `{name}`: `int` must be [low, high] with low at most high, within ±{INTEGER_MAX}"
            ));
            None
        }
    }
}

pub(super) fn known_table(
    table: &str,
    catalogue: &Catalogue,
    place: &crate::fault::Place,
    faults: &mut Faults,
) -> bool {
    let known = catalogue.tables.contains_key(table);
    if !known {
        let hint = text::suggestion(table, &catalogue.table_names());
        faults.at(place, format!("unknown table `{table}`{hint}"));
    }
    known
}

pub(super) fn known_list(
    list: &str,
    catalogue: &Catalogue,
    place: &crate::fault::Place,
    faults: &mut Faults,
) -> bool {
    let known = catalogue.lists.contains_key(list);
    if !known {
        let hint = text::suggestion(list, &catalogue.list_names());
        faults.at(place, format!("unknown list `{list}`{hint}"));
    }
    known
}

/// A slot never takes a row twice, and no two slots of a variant take one row.
fn check_rows(
    fields: &Fields<'_>,
    draws: u32,
    slots: &BTreeMap<String, Slot>,
    catalogue: &Catalogue,
    faults: &mut Faults,
) {
    let mut slots_of: BTreeMap<&str, usize> = BTreeMap::new();
    for slot in slots.values() {
        if let Slot::Row { table } = slot {
            *slots_of.entry(table).or_default() += 1;
        }
    }
    for (table, count) in slots_of {
        let needed = draws as usize + count - 1;
        let rows = catalogue.tables[table].rows.len();
        if rows < needed {
            let message = format!(
                "table `{table}` has {rows} rows, too few: {draws} draws over {count} slots need {needed}"
            );
            faults.at(fields.place, message);
        }
    }
}

fn read_lets(
    fields: &Fields<'_>,
    scope: &mut Scope<'_>,
    faults: &mut Faults,
) -> Option<Vec<(String, Expression)>> {
    if !fields.has("let") {
        return Some(Vec::new());
    }
    let written = fields.list("let", (1, PARTS_MAX), faults)?;
    let mut lets = Vec::new();
    for entry in written {
        let pair: Option<Vec<&str>> = entry
            .as_array()
            .and_then(|pair| pair.iter().map(Value::as_str).collect());
        let Some(&[name, source]) = pair.as_deref() else {
            faults.at(fields.place, "each `let` must be [name, expression]");
            continue;
        };
        if scope.slots.contains_key(name) || scope.lets.contains(name) {
            faults.at(
                fields.place,
                format!("`let` gives the name `{name}` a second meaning"),
            );
        }
        let fits = fields::check_identifier(name, fields.place, faults);
        let expression = read_expression(source, &format!("let {name}"), fields, scope, faults);
        // Known from here on even when it is wrong, so that its uses are not faults as well.
        scope.lets.insert(name.to_owned());
        lets.extend(
            expression
                .filter(|_| fits)
                .map(|expression| (name.to_owned(), expression)),
        );
    }
    (lets.len() == written.len()).then_some(lets)
}

fn read_require(
    fields: &Fields<'_>,
    scope: &Scope<'_>,
    faults: &mut Faults,
) -> Option<Vec<Expression>> {
    if !fields.has("require") {
        return Some(Vec::new());
    }
    let written = fields.list("require", (1, PARTS_MAX), faults)?;
    let sources: Option<Vec<&str>> = written.iter().map(Value::as_str).collect();
    let Some(sources) = sources else {
        faults.at(
            fields.place,
            "each `require` must be an expression in a string",
        );
        return None;
    };
    let read: Vec<Expression> = sources
        .into_iter()
        .filter_map(|source| read_expression(source, "require", fields, scope, faults))
        .collect();
    (read.len() == written.len()).then_some(read)
}

/// Parses an expression, and reports what is wrong with it under the name `what`.
pub(super) fn read_expression(
    source: &str,
    what: &str,
    fields: &Fields<'_>,
    scope: &Scope<'_>,
    faults: &mut Faults,
) -> Option<Expression> {
    let complaints = match scope.expression(source) {
        Ok(expression) => return Some(expression),
        Err(complaints) => complaints,
    };
    for complaint in complaints {
        faults.at(fields.place, format!("`{what}`: {complaint}"));
    }
    None
}

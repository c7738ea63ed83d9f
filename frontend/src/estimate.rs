//! An estimate in words, as a figure, and as a table cell.
//!
//! Prints signed strings; never divides. No items, no interval and zero are three different things.

use assay_api::Estimate;
use leptos::prelude::*;

use crate::{Locale, chart, format, text};

/// The estimate as one sentence, for those who do not see the drawing.
pub(crate) fn in_words(of: &Estimate, locale: Locale) -> String {
    if of.den == 0 {
        return text::whisker_none(locale).to_owned();
    }
    match &of.interval {
        Some(interval) => text::whisker_interval(
            locale,
            &interval.high_percent,
            &level(&interval.level),
            &interval.low_percent,
            &of.percent,
        ),
        None => text::whisker_bare(locale, &of.percent),
    }
}

/// A level as signed, `0.95`, as people say it: `95 %`.
fn level(signed: &str) -> String {
    match signed.strip_prefix("0.") {
        Some(digits) if digits.len() == 2 => format!("{digits} %"),
        _ => signed.to_owned(),
    }
}

/// The figure with its interval below.
pub(crate) fn figure(of: &Estimate, locale: Locale) -> AnyView {
    if of.den == 0 {
        return view! { <span class="figure unknown">{text::unknown(locale)}</span> }.into_any();
    }
    let range = match &of.interval {
        Some(interval) => {
            text::interval_range(locale, &interval.high_percent, &interval.low_percent)
        }
        None => text::interval_missing(locale).to_owned(),
    };
    view! {
        <span class="figure">
            <span class="value">{text::percent(locale, &of.percent)}</span>
            " "
            <span class="interval">{range}</span>
        </span>
    }
    .into_any()
}

/// The cell of a table: figure and whisker.
pub(crate) fn cell(of: &Estimate, locale: Locale) -> AnyView {
    view! {
        <td class="estimate">
            <div class="pair">{figure(of, locale)} " " {chart::whisker(of, locale)}</div>
        </td>
    }
    .into_any()
}

/// Passed of presented.
pub(crate) fn passed(of: &Estimate, locale: Locale) -> String {
    text::counts_of(locale, &format::count(of.num), &format::count(of.den))
}

/// Families, with a word where they are few.
pub(crate) fn families(of: &Estimate, locale: Locale) -> AnyView {
    let few = of
        .few_families
        .then(|| view! { <span class="aside">{text::few_families(locale)}</span> });
    view! { {format::count(of.families)} " " {few} }.into_any()
}

/// Families as words for below a count.
pub(crate) fn families_in_words(of: &Estimate, locale: Locale) -> String {
    let families = text::families(locale, of.families);
    if of.few_families {
        text::families_few(locale, &families)
    } else {
        families
    }
}

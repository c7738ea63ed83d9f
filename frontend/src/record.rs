//! Records, digests, times and heads of the log as pages name them.
//!
//! Foreign text goes into `<bdi>`; every digest is printed as signed, shortened only beside its record.

use assay_api::{AsOf, RecordLink};
use leptos::prelude::*;

use crate::{Locale, format, links, text};

/// The line that says under which head a page was made.
pub(crate) fn as_of(head: &AsOf, locale: Locale) -> AnyView {
    view! {
        <p class="as-of">
            {text::as_of(locale, &format::count(head.size))} " " <bdi>{head.origin.clone()}</bdi> ", "
            {text::as_of_root(locale)} " " {short_digest(&head.root)}
        </p>
    }
    .into_any()
}

/// A whole digest; it may break anywhere.
pub(crate) fn digest(hex: &str) -> AnyView {
    view! { <code class="digest">{hex.to_owned()}</code> }.into_any()
}

/// The first digits of a digest.
pub(crate) fn short_digest(hex: &str) -> AnyView {
    view! { <code>{format::short_digest(hex)}</code> }.into_any()
}

/// A link to a record's envelope.
pub(crate) fn record(link: &RecordLink, locale: Locale) -> AnyView {
    let name = text::record_name(locale, &format::count(link.index));
    view! { <a href=link.href.clone()>{name}</a> }.into_any()
}

/// A link to a receipt's page.
pub(crate) fn receipt(link: &RecordLink, locale: Locale) -> AnyView {
    let name = text::receipt_name(locale, &format::count(link.index));
    view! { <a href=links::receipt(locale, &link.leaf)>{name}</a> }.into_any()
}

/// The day of a declared time.
pub(crate) fn day(time: &str, locale: Locale) -> AnyView {
    view! { <time datetime=time.to_owned()>{format::day(locale, time)}</time> }.into_any()
}

/// A declared time with its zone.
pub(crate) fn moment(time: &str, locale: Locale) -> AnyView {
    view! { <time datetime=time.to_owned()>{format::moment(locale, time)}</time> }.into_any()
}

/// The hardware evidence behind a receipt, in a word; never by colour alone.
pub(crate) fn evidence(kind: &str, locale: Locale) -> AnyView {
    let word = if kind == "none" {
        text::evidence_none(locale).to_owned()
    } else {
        text::evidence_other(locale, kind)
    };
    let page = links::method(locale);
    view! {
        <a class="tag" href=format!("{page}#limits")>
            {word}
        </a>
    }
    .into_any()
}

/// A benchmark's language, marked up as such.
pub(crate) fn language(tag: &str) -> AnyView {
    view! { <span lang=tag.to_owned()>{format::language(tag)}</span> }.into_any()
}

/// A row of a list of facts.
pub(crate) fn fact(term: impl Into<String>, value: AnyView) -> AnyView {
    view! {
        <div>
            <dt>{term.into()}</dt>
            <dd>{value}</dd>
        </div>
    }
    .into_any()
}

/// Foreign text, isolated from the direction of its surroundings.
pub(crate) fn foreign(words: &str) -> AnyView {
    view! { <bdi>{words.to_owned()}</bdi> }.into_any()
}

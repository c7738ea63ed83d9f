//! A benchmark's board in one language: filters, table, counts, and how to read it.
//!
//! The rows and their order are the document's. All state of the page is in its address.

mod filters;
mod table;

use assay_api::{BoardPage, FormState};
use leptos::prelude::*;

use crate::form_state;
use crate::record::{self, fact};
use crate::shell::{self, Script, Shell};
use crate::{Locale, format, links, text};

/// `/boards/<benchmark>`.
pub fn board(page: &BoardPage, locale: Locale) -> String {
    let benchmark = &page.benchmark;
    let language = format::language(shown_locale(page));
    let path = links::board(locale, &benchmark.name);
    let query = links::board_query(&page.query, first_locale(page));
    let frame = Shell {
        title: text::board_title(locale, &benchmark.title, &language),
        description: text::board_description(locale, &benchmark.title, &language),
        canonical: Some(format!("{path}{}", canonical_query(page))),
        data: Some(format!("{}{query}", links::data(&path))),
        as_of: Some(&page.as_of),
        reload: None,
        script: if page.rows.is_empty() {
            Script::None
        } else {
            Script::Islands
        },
    };
    shell::page(&frame, locale, || {
        view! {
            <div class="wrap">
                {heading(page, locale)}
                {filters::filters(page, locale)}
                {table::table(page, locale)}
                {notes(locale)}
                {cite(page, locale)}
            </div>
        }
        .into_any()
    })
}

/// The locale of the benchmark that is shown.
fn shown_locale(page: &BoardPage) -> &str {
    let asked = page.query.locale.as_deref();
    asked.or(first_locale(page)).unwrap_or_default()
}

fn first_locale(page: &BoardPage) -> Option<&str> {
    page.locales.first().map(String::as_str)
}

/// Language and section make another page; order and text only another view of it.
fn canonical_query(page: &BoardPage) -> String {
    let query = assay_api::BoardQuery {
        locale: page.query.locale.clone(),
        section: page.query.section.clone(),
        ..assay_api::BoardQuery::default()
    };
    links::board_query(&query, first_locale(page))
}

/// The section shown, in words.
fn section_words(page: &BoardPage, locale: Locale) -> String {
    page.query.section.as_deref().map_or_else(
        || text::all_sections(locale).to_lowercase(),
        format::section,
    )
}

fn heading(page: &BoardPage, locale: Locale) -> AnyView {
    let of = &page.benchmark;
    let figures = [
        (
            page.rows_total,
            text::board_systems(locale, page.rows_total),
        ),
        (of.runs_closed, text::board_closed(locale, of.runs_closed)),
        (page.runs_open, text::board_open(locale, page.runs_open)),
        (
            page.runs_aborted,
            text::board_aborted(locale, page.runs_aborted),
        ),
    ]
    .map(|(count, words)| {
        view! {
            <li>
                <b>{format::count(count)}</b>
                " "
                {words}
            </li>
        }
    })
    .into_iter()
    .collect::<Vec<_>>();
    view! {
        <header class="heading">
            <p class="kicker">{text::board_kicker(locale)} " · " <code>{of.version.clone()}</code></p>
            <h1>{of.title.clone()}</h1>
            <p class="says">{of.summary.clone()}</p>
            <ul class="plain figures">{figures}</ul>
            {closed_form(page, locale)}
        </header>
    }
    .into_any()
}

/// Says so when the form that the rows are of is retired or revealed.
fn closed_form(page: &BoardPage, locale: Locale) -> Option<AnyView> {
    let shown = &page.rows.first()?.form;
    let form = page
        .benchmark
        .forms
        .iter()
        .find(|form| form.form == *shown)?;
    let says = text::board_form_closed(locale, &form.edition);
    let line = view! { <p class="aside">{says} {form_state::after(form, locale)}</p> };
    (form.state != FormState::Open).then(|| line.into_any())
}

fn notes(locale: Locale) -> AnyView {
    let notes = [
        text::board_note_bar(locale),
        text::board_note_rank(locale),
        text::board_note_runs(locale),
        text::board_note_fuel(locale),
    ]
    .map(|note| view! { <li>{note}</li> })
    .into_iter()
    .collect::<Vec<_>>();
    view! {
        <section class="notes" aria-labelledby="notes">
            <h2 id="notes">{text::board_notes(locale)}</h2>
            <ul>{notes}</ul>
            <p>
                <a href=links::method(locale)>{text::board_note_method(locale)}</a>
            </p>
        </section>
    }
    .into_any()
}

fn cite(page: &BoardPage, locale: Locale) -> AnyView {
    let snapshot = page.snapshot.as_ref().map_or_else(
        || text::board_no_snapshot(locale).into_any(),
        |link| record::record(link, locale),
    );
    let digest = page
        .output_sha256
        .as_deref()
        .map(|hex| fact(text::board_cite_digest(locale), record::digest(hex)));
    view! {
        <section aria-labelledby="cite">
            <h2 id="cite">{text::board_cite(locale)}</h2>
            <dl class="facts wide">
                {fact(text::board_cite_snapshot(locale), snapshot)}
                {digest}
            </dl>
        </section>
    }
    .into_any()
}

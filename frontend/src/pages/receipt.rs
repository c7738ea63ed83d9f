//! A receipt: what was run, on what, with which result, and how to check it.
//!
//! The server claims nothing about its own receipts: the page lists what the command checks and
//! never says that a check passed.

mod check;
mod scores;

use assay_api::ReceiptPage;
use leptos::prelude::*;

use crate::form_state;
use crate::record::{self, fact};
use crate::shell::{self, Script, Shell};
use crate::{Locale, format, links, text};

/// `/receipts/<leaf>`.
pub fn receipt(page: &ReceiptPage, locale: Locale) -> String {
    let path = links::receipt(locale, &page.receipt.leaf);
    let title = text::receipt_title(locale, &page.benchmark_title, &page.name);
    let frame = Shell {
        description: text::receipt_description(locale, &page.benchmark_title, &page.name),
        title,
        data: Some(links::data(&path)),
        canonical: Some(path),
        as_of: Some(&page.as_of),
        reload: None,
        script: Script::None,
    };
    shell::page(&frame, locale, || {
        view! {
            <div class="wrap">
                {heading(page, locale)}
                {evidence(page, locale)}
                {scores::scores(&page.scores, locale)}
                {check::check(page, locale)}
                {what(page, locale)}
                {measures(page, locale)}
                {confinement(page, locale)}
                {records(page, locale)}
            </div>
        }
        .into_any()
    })
}

fn heading(page: &ReceiptPage, locale: Locale) -> AnyView {
    let index = format::count(page.receipt.index);
    view! {
        <header class="heading">
            <p class="kicker">{text::receipt_kicker(locale, &index)}</p>
            <h1>
                <a href=links::system(locale, &page.system)>
                    <bdi>{page.name.clone()}</bdi>
                </a> " " <span class="on">{text::run_on(locale)}</span> " "
                <a href=links::board(locale, &page.benchmark)>{page.benchmark_title.clone()}</a>
            </h1>
        </header>
    }
    .into_any()
}

fn evidence(page: &ReceiptPage, locale: Locale) -> AnyView {
    view! {
        <section class="callout" aria-labelledby="evidence">
            <h2 id="evidence">{text::receipt_evidence(locale)}</h2>
            <p>{page.evidence_sentence.clone()}</p>
        </section>
    }
    .into_any()
}

fn what(page: &ReceiptPage, locale: Locale) -> AnyView {
    let items = text::receipt_items_value(
        locale,
        &format::count(page.answered),
        &format::count(page.failed),
        &format::count(page.items),
    );
    let form = text::receipt_form_value(locale, &page.edition, &page.form);
    let run = view! {
        <a href=links::run(locale, &page.run)>
            <code>{page.run.clone()}</code>
        </a>
    };
    view! {
        <section aria-labelledby="what">
            <h2 id="what">{text::receipt_what(locale)}</h2>
            <dl class="facts wide">
                {fact(text::receipt_system(locale), record::foreign(&page.name))}
                {fact(text::receipt_adapter(locale), record::digest(&page.adapter_sha256))}
                {fact(text::receipt_benchmark(locale), page.benchmark.clone().into_any())}
                {fact(
                    text::receipt_form(locale),
                    view! { {record::foreign(&form)} {form_state::after(&page.about_form, locale)} }.into_any(),
                )}
                {fact(text::receipt_items(locale), items.into_any())}
                {fact(text::receipt_station(locale), record::foreign(&page.station))}
                {fact(
                    text::receipt_evidence_type(locale),
                    record::evidence(&page.evidence_type, locale),
                )}
                {fact(text::receipt_declared(locale), record::moment(&page.declared, locale))}
                {fact(text::receipt_run(locale), run.into_any())}
                {fact(text::receipt_leaf(locale), record::digest(&page.receipt.leaf))}
                {fact(text::receipt_outcomes(locale), record::digest(&page.outcomes_root))}
            </dl>
        </section>
    }
    .into_any()
}

/// Engine, limits and usage, side by side.
fn measures(page: &ReceiptPage, locale: Locale) -> AnyView {
    let groups = [
        ("limits", text::receipt_limits(locale), &page.limits),
        ("usage", text::receipt_usage(locale), &page.usage),
        ("engine", text::receipt_runtime(locale), &page.runtime),
    ]
    .map(|(anchor, title, pairs)| {
        let facts: Vec<_> = pairs
            .iter()
            .map(|(label, value)| {
                let value = format::digits(value);
                fact(
                    label.clone(),
                    view! { <span class="figures">{value}</span> }.into_any(),
                )
            })
            .collect();
        view! {
            <section aria-labelledby=anchor>
                <h2 id=anchor>{title}</h2>
                <dl class="facts">{facts}</dl>
            </section>
        }
    })
    .into_iter()
    .collect::<Vec<_>>();
    view! { <div class="columns">{groups}</div> }.into_any()
}

fn confinement(page: &ReceiptPage, locale: Locale) -> AnyView {
    let roles: Vec<_> = page
        .layers
        .iter()
        .map(|(role, layers)| {
            let lines: Vec<_> = layers
                .iter()
                .map(|layer| view! { <li>{layer.clone()}</li> })
                .collect();
            let body = if lines.is_empty() {
                view! { <p class="aside">{text::receipt_layers_none(locale)}</p> }.into_any()
            } else {
                view! { <ul class="layers">{lines}</ul> }.into_any()
            };
            view! {
                <div>
                    <h3>{role.clone()}</h3>
                    {body}
                </div>
            }
        })
        .collect();
    view! {
        <section aria-labelledby="confinement">
            <h2 id="confinement">{text::receipt_confinement(locale)}</h2>
            <p>{text::receipt_confinement_says(locale)}</p>
            <div class="columns roles">{roles}</div>
            <p class="aside">
                {text::receipt_bitmap(locale)} ": " {record::digest(&page.confinement)}
            </p>
        </section>
    }
    .into_any()
}

fn records(page: &ReceiptPage, locale: Locale) -> AnyView {
    let lines: Vec<_> = page
        .records
        .iter()
        .map(|(what, link)| {
            let value = view! {
                {record::record(link, locale)}
                " "
                {record::short_digest(&link.leaf)}
            };
            fact(what.clone(), value.into_any())
        })
        .collect();
    view! {
        <section aria-labelledby="records">
            <h2 id="records">{text::receipt_records(locale)}</h2>
            <dl class="facts wide">{lines}</dl>
        </section>
    }
    .into_any()
}

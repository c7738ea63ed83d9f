//! The estimates of a receipt, a group of rows for each language.
//!
//! Order and figures are as signed; a language's total comes without a section.

use assay_api::ScoreRow;
use leptos::prelude::*;

use crate::{Locale, chart, estimate, format, record, scroll, text};

/// The table of estimates.
pub(super) fn scores(all: &[ScoreRow], locale: Locale) -> AnyView {
    let caption = text::receipt_estimates_caption(locale);
    let rows: Vec<_> = all.iter().map(|one| row(one, locale)).collect();
    let number =
        |words: &'static str| view! { <th scope="col" class="number">{words}</th> }.into_any();
    let table = view! {
        <table class="scores">
            <caption>{caption}</caption>
            <thead>
                <tr>
                    <th scope="col">{text::receipt_language(locale)}</th>
                    <th scope="col">{text::receipt_section(locale)}</th>
                    <th scope="col" class="estimate">
                        <div class="pair">
                            <span>{text::receipt_estimate(locale)}</span>
                            {chart::axis(locale)}
                        </div>
                    </th>
                    {number(text::receipt_passed(locale))}
                    {number(text::receipt_presented(locale))}
                    {number(text::receipt_decided(locale))}
                    {number(text::receipt_attempted(locale))}
                    {number(text::receipt_families(locale))}
                </tr>
            </thead>
            <tbody>{rows}</tbody>
        </table>
    };
    view! {
        <section aria-labelledby="estimates">
            <h2 id="estimates">{text::receipt_estimates(locale)}</h2>
            {scroll::region(caption, table.into_any(), locale)}
        </section>
    }
    .into_any()
}

fn row(of: &ScoreRow, locale: Locale) -> AnyView {
    let language = of
        .locale
        .as_deref()
        .map_or_else(|| text::all_locales(locale).into_any(), record::language);
    let (class, section) = match of.section.as_deref() {
        Some(id) => ("part", format::section(id)),
        None => ("total", text::all_sections(locale).to_owned()),
    };
    let number = |n: u64| view! { <td class="number">{format::count(n)}</td> }.into_any();
    view! {
        <tr class=class>
            <th scope="row">{language}</th>
            <td>{section}</td>
            {estimate::cell(&of.estimate, locale)}
            {number(of.estimate.num)}
            {number(of.estimate.den)}
            {number(of.estimate.decided)}
            {number(of.estimate.attempted)}
            <td class="number">{estimate::families(&of.estimate, locale)}</td>
        </tr>
    }
    .into_any()
}

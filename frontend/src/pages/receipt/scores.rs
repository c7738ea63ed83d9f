//! The estimates of a receipt, a group of rows for each language.
//!
//! Order and figures are as signed; a language's total comes without a section.

use assay_api::{Estimate, ScoreRow};
use leptos::prelude::*;

use crate::{Locale, chart, estimate, format, record, scroll, text};

/// The table of estimates: a group for each language, its total first.
pub(super) fn scores(all: &[ScoreRow], locale: Locale) -> AnyView {
    let caption = text::receipt_estimates_caption(locale);
    let groups: Vec<_> = all
        .chunk_by(|a, b| a.locale == b.locale)
        .map(|group| {
            let (totals, parts): (Vec<_>, Vec<_>) =
                group.iter().partition(|row| row.section.is_none());
            let totals: Vec<_> = totals.into_iter().map(|row| total(row, locale)).collect();
            let parts: Vec<_> = parts.into_iter().map(|row| part(row, locale)).collect();
            view! { <tbody>{totals} {parts}</tbody> }
        })
        .collect();
    let number =
        |words: &'static str| view! { <th scope="col" class="number">{words}</th> }.into_any();
    let table = view! {
        <table class="scores">
            {scroll::caption(caption)}
            <thead>
                <tr>
                    <th scope="col">{text::receipt_part(locale)}</th>
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
            {groups}
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

fn total(of: &ScoreRow, locale: Locale) -> AnyView {
    let language = of
        .locale
        .as_deref()
        .map_or_else(|| text::all_locales(locale).into_any(), record::language);
    view! {
        <tr class="total">
            <th scope="rowgroup">
                {language} " " <span class="aside">{text::all_sections(locale)}</span>
            </th>
            {figures(&of.estimate, locale)}
        </tr>
    }
    .into_any()
}

fn part(of: &ScoreRow, locale: Locale) -> AnyView {
    let section = of.section.as_deref().map(format::section);
    view! {
        <tr class="part">
            <th scope="row">{section}</th>
            {figures(&of.estimate, locale)}
        </tr>
    }
    .into_any()
}

fn figures(of: &Estimate, locale: Locale) -> AnyView {
    let number = |n: u64| view! { <td class="number">{format::count(n)}</td> }.into_any();
    view! {
        {estimate::cell(of, locale)}
        {number(of.num)}
        {number(of.den)}
        {number(of.decided)}
        {number(of.attempted)}
        <td class="number">{estimate::families(of, locale)}</td>
    }
    .into_any()
}

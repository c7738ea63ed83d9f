//! A system: its line on every board, its versions, and all its runs.
//!
//! Results of different languages stand side by side and are never added up.

use assay_api::{SubmissionLine, SystemPage, SystemResult};
use leptos::prelude::*;

use crate::run_list::{self, Systems};
use crate::shell::{self, Script, Shell};
use crate::{Locale, chart, estimate, links, record, scroll, text};

/// `/systems/<id>`.
pub fn system(page: &SystemPage, locale: Locale) -> String {
    let path = links::system(locale, &page.id);
    let frame = Shell {
        title: page.name.clone(),
        description: text::system_description(locale, &page.name),
        data: Some(links::data(&path)),
        canonical: Some(path),
        as_of: Some(&page.as_of),
        reload: None,
        script: Script::None,
    };
    shell::page(&frame, locale, || {
        view! {
            <div class="wrap">
                <header class="heading">
                    <p class="kicker">{text::system_kicker(locale)}</p>
                    <h1>
                        <bdi>{page.name.clone()}</bdi>
                    </h1>
                    <p class="aside">
                        {text::system_id(locale)} ": " <code>{page.id.clone()}</code>
                    </p>
                </header>
                {results(&page.results, locale)}
                <section aria-labelledby="runs">
                    <h2 id="runs">{text::system_runs(locale)}</h2>
                    {if page.runs.is_empty() {
                        view! { <p class="empty">{text::system_no_runs(locale)}</p> }.into_any()
                    } else {
                        let caption = text::runs_caption_system(locale);
                        run_list::table(&page.runs, caption, Systems::Omitted, locale)
                    }}
                </section>
                {submissions(&page.submissions, locale)}
            </div>
        }
        .into_any()
    })
}

fn results(all: &[SystemResult], locale: Locale) -> AnyView {
    let body = if all.is_empty() {
        view! { <p class="empty">{text::system_no_results(locale)}</p> }.into_any()
    } else {
        results_table(all, locale)
    };
    view! {
        <section aria-labelledby="results">
            <h2 id="results">{text::system_results(locale)}</h2>
            {body}
        </section>
    }
    .into_any()
}

fn results_table(all: &[SystemResult], locale: Locale) -> AnyView {
    let caption = text::system_results_caption(locale);
    let rows: Vec<_> = all.iter().map(|one| result(one, locale)).collect();
    view! {
        {scroll::region(caption, view! { <table>
                {scroll::caption(caption)}
                <thead>
                    <tr>
                        <th scope="col">{text::system_benchmark(locale)}</th>
                        <th scope="col">{text::system_language(locale)}</th>
                        <th scope="col" class="number">
                            {text::board_rank(locale)}
                        </th>
                        <th scope="col" class="estimate">
                            <div class="pair">
                                <span>{text::board_estimate(locale)}</span>
                                {chart::axis(locale)}
                            </div>
                        </th>
                        <th scope="col" class="number">
                            {text::board_passed(locale)}
                        </th>
                        <th scope="col" class="number">
                            {text::board_families(locale)}
                        </th>
                        <th scope="col">{text::board_form(locale)}</th>
                        <th scope="col">{text::system_date(locale)}</th>
                        <th scope="col">{text::system_receipt(locale)}</th>
                    </tr>
                </thead>
                <tbody>{rows}</tbody>
            </table> }.into_any(), locale)}
    }
    .into_any()
}

fn result(of: &SystemResult, locale: Locale) -> AnyView {
    let row = &of.row;
    let board = links::board(locale, &of.benchmark);
    view! {
        <tr>
            <th scope="row">
                <a href=board>{of.title.clone()}</a>
            </th>
            <td>{record::language(&of.locale)}</td>
            <td class="number">{row.rank.clone()}</td>
            {estimate::cell(&row.estimate, locale)}
            <td class="number">{estimate::passed(&row.estimate, locale)}</td>
            <td class="number">{estimate::families(&row.estimate, locale)}</td>
            <td>{row.edition.clone()}</td>
            <td>{record::day(&row.declared, locale)}</td>
            <td>{record::receipt(&row.receipt, locale)}</td>
        </tr>
    }
    .into_any()
}

fn submissions(all: &[SubmissionLine], locale: Locale) -> AnyView {
    let caption = text::system_submissions_caption(locale);
    let rows: Vec<_> = all
        .iter()
        .map(|one| {
            view! {
                <tr>
                    <th scope="row">
                        <code>{one.id.clone()}</code>
                    </th>
                    <td>{record::digest(&one.adapter_sha256)}</td>
                    <td>{openness(one, locale)}</td>
                    <td>{record::moment(&one.registered, locale)}</td>
                </tr>
            }
        })
        .collect();
    let body = if rows.is_empty() {
        view! { <p class="empty">{text::system_no_submissions(locale)}</p> }.into_any()
    } else {
        view! {
            {scroll::region(caption, view! { <table>
                    {scroll::caption(caption)}
                    <thead>
                        <tr>
                            <th scope="col">{text::system_submission(locale)}</th>
                            <th scope="col">{text::system_adapter(locale)}</th>
                            <th scope="col">{text::system_openness(locale)}</th>
                            <th scope="col">{text::system_registered(locale)}</th>
                        </tr>
                    </thead>
                    <tbody>{rows}</tbody>
                </table> }.into_any(), locale)}
        }
        .into_any()
    };
    view! {
        <section aria-labelledby="submissions">
            <h2 id="submissions">{text::system_submissions(locale)}</h2>
            {body}
        </section>
    }
    .into_any()
}

/// Whether others may run the adapter again, and where its bytes are once they may.
fn openness(of: &SubmissionLine, locale: Locale) -> AnyView {
    match &of.adapter {
        Some(path) => {
            view! { <a href=path.clone()>{text::system_open_bytes(locale)}</a> }.into_any()
        }
        None if of.open => text::system_open(locale).into_any(),
        None => text::system_closed(locale).into_any(),
    }
}

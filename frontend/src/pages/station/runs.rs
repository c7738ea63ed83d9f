//! Runs that were announced and did not end in a receipt: the open ones, and those with a reason.

use assay_api::{AbortedRun, OpenRun, RunRow, StationPage};
use leptos::prelude::*;

use crate::{Locale, format, links, record, scroll, text};

/// Announced runs that nothing closes.
pub(super) fn open(page: &StationPage, locale: Locale) -> AnyView {
    let caption = text::station_open_caption(locale);
    let rows: Vec<_> = page
        .runs_open
        .iter()
        .map(|run| open_row(run, locale))
        .collect();
    let table = view! {
        <table class="runs">
            {scroll::caption(caption)}
            <thead>
                <tr>
                    <th scope="col">{text::runs_run(locale)}</th>
                    <th scope="col">{text::runs_system(locale)}</th>
                    <th scope="col">{text::runs_form(locale)}</th>
                    <th scope="col">{text::run_announced(locale)}</th>
                    <th scope="col">{text::run_age(locale)}</th>
                    <th scope="col">{text::run_due(locale)}</th>
                    <th scope="col">{text::run_intent(locale)}</th>
                </tr>
            </thead>
            <tbody>{rows}</tbody>
        </table>
    };
    let body = if page.runs_open.is_empty() {
        view! { <p class="empty">{text::station_no_open(locale)}</p> }.into_any()
    } else {
        scroll::region(caption, table.into_any(), locale)
    };
    section("open", text::station_open(locale), body)
}

/// Runs that ended without a result, the newest of them.
pub(super) fn aborted(page: &StationPage, locale: Locale) -> AnyView {
    let caption = text::station_aborted_caption(locale);
    let rows: Vec<_> = page
        .runs_aborted
        .iter()
        .map(|run| aborted_row(run, locale))
        .collect();
    let table = view! {
        <table class="runs">
            {scroll::caption(caption)}
            <thead>
                <tr>
                    <th scope="col">{text::runs_run(locale)}</th>
                    <th scope="col">{text::runs_system(locale)}</th>
                    <th scope="col">{text::runs_form(locale)}</th>
                    <th scope="col">{text::run_reason(locale)}</th>
                    <th scope="col">{text::run_ended(locale)}</th>
                    <th scope="col">{text::run_age(locale)}</th>
                    <th scope="col">{text::run_abort(locale)}</th>
                </tr>
            </thead>
            <tbody>{rows}</tbody>
        </table>
    };
    let body = if page.runs_aborted.is_empty() {
        view! { <p class="empty">{text::station_no_aborted(locale)}</p> }.into_any()
    } else {
        let left_out = page
            .runs_aborted_total
            .saturating_sub(page.runs_aborted.len() as u64);
        let more = (left_out > 0).then(|| {
            view! {
                <p class="aside">
                    <a href="/api/v1/runs?state=aborted">
                        {text::station_more_aborted(locale, left_out)}
                    </a>
                </p>
            }
        });
        view! { {scroll::region(caption, table.into_any(), locale)} {more} }.into_any()
    };
    section("aborted", text::station_aborted(locale), body)
}

fn section(anchor: &'static str, title: &'static str, body: AnyView) -> AnyView {
    view! {
        <section aria-labelledby=anchor>
            <h2 id=anchor>{title}</h2>
            {body}
        </section>
    }
    .into_any()
}

fn open_row(open: &OpenRun, locale: Locale) -> AnyView {
    let run = open.run.as_ref();
    let age = open.age_seconds.map_or_else(
        || text::unknown(locale).to_owned(),
        |age| format::age(locale, age),
    );
    let overdue = open.overdue.then(|| {
        view! { " " <strong>{text::run_overdue(locale)}</strong> }
    });
    view! {
        <tr>
            <th scope="row">{run.map_or_else(|| text::unknown(locale).into_any(), |run| name(run, locale))}</th>
            <td>{run.map(|run| system(run, locale))}</td>
            <td>{run.map(|run| view! { <code>{run.form.clone()}</code> })}</td>
            <td>{record::moment(&open.announced, locale)}</td>
            <td>{age}</td>
            <td>{record::moment(&open.due, locale)} {overdue}</td>
            <td>{record::record(&open.intent, locale)}</td>
        </tr>
    }
    .into_any()
}

fn aborted_row(aborted: &AbortedRun, locale: Locale) -> AnyView {
    let run = &aborted.run;
    let record = run.abort.as_ref().map_or_else(
        || text::run_never_announced(locale).into_any(),
        |link| record::record(link, locale),
    );
    let reason = run.reason.clone().map(|code| view! { <code>{code}</code> });
    view! {
        <tr>
            <th scope="row">{name(run, locale)}</th>
            <td>{system(run, locale)}</td>
            <td>
                <code>{run.form.clone()}</code>
            </td>
            <td>{reason} " " {run.detail.clone()}</td>
            <td>{record::moment(&run.changed, locale)}</td>
            <td>{format::age(locale, aborted.age_seconds)}</td>
            <td>{record}</td>
        </tr>
    }
    .into_any()
}

fn name(run: &RunRow, locale: Locale) -> AnyView {
    view! {
        <a href=links::run(locale, &run.id)>
            <code>{run.id.clone()}</code>
        </a>
    }
    .into_any()
}

fn system(run: &RunRow, locale: Locale) -> AnyView {
    view! {
        <a href=links::system(locale, &run.system)>
            <bdi>{run.name.clone()}</bdi>
        </a>
    }
    .into_any()
}

//! This station: its log, its keys, its forms, and every run that is open or ended without a result.
//!
//! What is wrong stands first. Nothing here is a verdict of the page: it says what the station says.

mod keys;
mod runs;

use assay_api::{Alarm, Freshness, LogCondition, StationForm, StationPage};
use leptos::prelude::*;

use crate::form_state;
use crate::record::{self, fact};
use crate::shell::{self, Script, Shell};
use crate::{Locale, format, links, scroll, text};

/// `/station`.
pub fn station(page: &StationPage, locale: Locale) -> String {
    let path = links::station(locale);
    let frame = Shell {
        title: text::station_title(locale).to_owned(),
        description: text::station_description(locale, &page.station.origin),
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
                {alarms(&page.alarms, locale)}
                {standing(page, locale)}
                {runs::open(page, locale)}
                {runs::aborted(page, locale)}
                {forms(&page.forms, locale)}
                {keys::cosigners(page, locale)}
                {keys::keys(&page.keys, locale)}
                {keys::manifests(&page.manifests, locale)}
                {enclave(page, locale)}
            </div>
        }
        .into_any()
    })
}

fn heading(page: &StationPage, locale: Locale) -> AnyView {
    let count = |n: u64, words: String| {
        view! {
            <li>
                <b>{format::count(n)}</b>
                " "
                {words}
            </li>
        }
    };
    let open = page.runs_open.len() as u64;
    let aborted = page.runs_aborted_total;
    view! {
        <header class="heading">
            <p class="kicker">{text::station_title(locale)}</p>
            <h1>
                <bdi>{page.station.origin.clone()}</bdi>
            </h1>
            <p class="says">
                {text::station_jurisdiction(locale)} " " <bdi>{page.station.jurisdiction.clone()}</bdi>
            </p>
            <ul class="plain figures">
                {count(page.log.size, text::station_records(locale, page.log.size))}
                {count(page.runs_waiting, text::station_waiting(locale, page.runs_waiting))}
                {count(open, text::board_open(locale, open))}
                {count(aborted, text::board_aborted(locale, aborted))}
            </ul>
        </header>
    }
    .into_any()
}

fn alarms(all: &[Alarm], locale: Locale) -> AnyView {
    let lines: Vec<_> = all
        .iter()
        .map(|alarm| {
            view! {
                <li>
                    {record::moment(&alarm.at, locale)} " " <span class="reason">{alarm.says.clone()}</span>
                </li>
            }
        })
        .collect();
    let body = if lines.is_empty() {
        view! { <p class="empty">{text::station_no_alarms(locale)}</p> }.into_any()
    } else {
        view! { <ol class="timeline">{lines}</ol> }.into_any()
    };
    view! {
        <section aria-labelledby="alarms">
            <h2 id="alarms">{text::station_alarms(locale)}</h2>
            {body}
        </section>
    }
    .into_any()
}

/// How the log stands: as words, whatever the colour.
fn standing(page: &StationPage, locale: Locale) -> AnyView {
    let log = &page.log;
    let condition = match log.condition {
        LogCondition::Running => text::log_running(locale),
        LogCondition::ReadOnly => text::log_read_only(locale),
        LogCondition::Stopped => text::log_stopped(locale),
    };
    let freshness = match log.freshness {
        Freshness::Unwitnessed => text::log_unwitnessed(locale),
        Freshness::Fresh => text::log_fresh(locale),
        Freshness::Stale => text::log_stale(locale),
    };
    let unpublished = match log.unpublished {
        0 => text::log_nothing_waits(locale).to_owned(),
        waiting => format::count(waiting),
    };
    view! {
        <section aria-labelledby="log">
            <h2 id="log">{text::station_log(locale)}</h2>
            <dl class="facts wide">
                {fact(text::log_freshness(locale), freshness.into_any())}
                {fact(text::log_published(locale), published(page, locale))}
                {fact(text::log_condition(locale), condition.into_any())}
                {fact(text::log_unpublished(locale), unpublished.into_any())}
                {fact(text::log_size(locale), format::count(log.size).into_any())}
                {fact(text::log_root(locale), record::digest(&page.as_of.root))}
                {fact(text::station_log_key(locale), record::digest(&page.log_key))}
                {fact(
                    text::station_policy(locale),
                    view! { <a href="/policy">{text::station_policy_link(locale)}</a> }.into_any(),
                )}
            </dl>
        </section>
    }
    .into_any()
}

fn published(page: &StationPage, locale: Locale) -> AnyView {
    match (&page.log.published, page.log.age_seconds) {
        (Some(at), Some(age)) => {
            let ago = text::ago(locale, &format::age(locale, age));
            view! { {record::moment(at, locale)} ", " {ago} }.into_any()
        }
        _ => text::unknown(locale).into_any(),
    }
}

fn forms(all: &[StationForm], locale: Locale) -> AnyView {
    let caption = text::station_forms_caption(locale);
    let rows: Vec<_> = all.iter().map(|form| form_row(form, locale)).collect();
    let body = if rows.is_empty() {
        view! { <p class="empty">{text::station_no_forms(locale)}</p> }.into_any()
    } else {
        let table = view! {
            <table>
                {scroll::caption(caption)}
                <thead>
                    <tr>
                        <th scope="col">{text::runs_form(locale)}</th>
                        <th scope="col">{text::runs_benchmark(locale)}</th>
                        <th scope="col">{text::form_class(locale)}</th>
                        <th scope="col">{text::form_state(locale)}</th>
                        <th scope="col">{text::form_committed(locale)}</th>
                        <th scope="col" class="number">{text::form_waiting(locale)}</th>
                        <th scope="col" class="number">{text::form_running(locale)}</th>
                    </tr>
                </thead>
                <tbody>{rows}</tbody>
            </table>
        };
        scroll::region(caption, table.into_any(), locale)
    };
    view! {
        <section aria-labelledby="forms">
            <h2 id="forms">{text::home_forms(locale)}</h2>
            {body}
        </section>
    }
    .into_any()
}

fn form_row(form: &StationForm, locale: Locale) -> AnyView {
    let about = &form.about;
    let board = links::board(locale, &form.benchmark);
    view! {
        <tr>
            <th scope="row">
                <code>{about.form.clone()}</code>
            </th>
            <td>
                <a href=board>{form.title.clone()}</a>
            </td>
            <td>{about.class.clone()}</td>
            <td>{form_state::word(about.state, locale)} {form_state::after(about, locale)}</td>
            <td>{record::day(&about.declared, locale)} ", " {record::record(&about.commitment, locale)}</td>
            <td class="number">{format::count(form.runs_waiting)}</td>
            <td class="number">{format::count(form.runs_open)}</td>
        </tr>
    }
    .into_any()
}

fn enclave(page: &StationPage, locale: Locale) -> AnyView {
    let known = |value: &Option<String>| {
        value.as_ref().map_or_else(
            || text::station_no_enclave(locale).into_any(),
            |value| record::digest(value),
        )
    };
    view! {
        <section aria-labelledby="enclave">
            <h2 id="enclave">{text::station_enclave(locale)}</h2>
            <dl class="facts wide">
                {fact(
                    text::station_evidence(locale),
                    record::evidence(&page.station.evidence_type, locale),
                )}
                {fact(text::station_recipient(locale), known(&page.seal_recipient))}
                {fact(text::station_program(locale), known(&page.enclave_sha256))}
            </dl>
        </section>
    }
    .into_any()
}

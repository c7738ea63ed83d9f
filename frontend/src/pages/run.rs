//! A run: where it stands, what happened so far, and where it ended.
//!
//! Follows the run by loading itself again; on a sealed form only tenths are known.

use assay_api::{RunPage, RunRow, RunState, StateChange};
use leptos::prelude::*;

use crate::record::{self, fact};
use crate::shell::{self, Script, Shell};
use crate::{Locale, format, links, run_list, text};

const RELOAD_SECONDS: u8 = 5;

/// `/runs/<id>`.
pub fn run(page: &RunPage, locale: Locale) -> String {
    let run = &page.run;
    let path = links::run(locale, &run.id);
    let frame = Shell {
        title: text::run_title(locale, &run.id),
        description: text::run_description(locale, &run.benchmark, &run.id, &run.name),
        data: Some(links::data(&path)),
        canonical: Some(path),
        as_of: Some(&page.as_of),
        reload: (!is_final(run.state)).then_some(RELOAD_SECONDS),
        script: Script::None,
    };
    shell::page(&frame, locale, || {
        view! {
            <div class="wrap">
                {heading(run, locale)}
                {standing(run, locale)}
                {history(&page.history, locale)}
                {facts(run, locale)}
            </div>
        }
        .into_any()
    })
}

fn is_final(state: RunState) -> bool {
    match state {
        RunState::Queued | RunState::Running | RunState::Marked => false,
        RunState::Published | RunState::Aborted => true,
    }
}

fn heading(run: &RunRow, locale: Locale) -> AnyView {
    view! {
        <header class="heading">
            <p class="kicker">{text::run_kicker(locale)}</p>
            <h1>
                <code>{run.id.clone()}</code>
            </h1>
            <p class="says">
                {text::run_of(locale)} " " <a href=links::system(locale, &run.system)>
                    <bdi>{run.name.clone()}</bdi>
                </a> " " {text::run_on(locale)} " "
                <a href=links::board(locale, &run.benchmark)>{run.benchmark.clone()}</a>
            </p>
        </header>
    }
    .into_any()
}

fn standing(run: &RunRow, locale: Locale) -> AnyView {
    let says = match run.state {
        RunState::Queued => text::run_says_queued(locale),
        RunState::Running => text::run_says_running(locale),
        RunState::Marked => text::run_says_marked(locale),
        RunState::Published => text::run_says_published(locale),
        RunState::Aborted => text::run_says_aborted(locale),
    };
    let place = run.place.map(|place| {
        let place = format::count(place);
        view! { <p>{text::run_place(locale, &place)}</p> }
    });
    let reason = run.detail.clone().or_else(|| run.reason.clone());
    let reason = reason.map(|words| view! { <p class="reason">{words}</p> });
    let progress = (run.state == RunState::Running).then(|| progress(run.tenths_done, locale));
    let reload =
        (!is_final(run.state)).then(|| view! { <p class="aside">{text::run_reload(locale)}</p> });
    view! {
        <section class="standing" aria-labelledby="standing">
            <h2 class="unseen" id="standing">
                {text::runs_state(locale)}
            </h2>
            <p class="big">{run_list::state(run.state, locale)}</p>
            <p>{says}</p>
            {place}
            {reason}
            {progress}
            {reload}
        </section>
    }
    .into_any()
}

fn progress(tenths: u8, locale: Locale) -> AnyView {
    let words = text::run_tenths(locale, &tenths.to_string());
    view! {
        <p class="progress">
            <label for="closed">{text::run_progress(locale)}</label>
            <progress id="closed" max="10" value=tenths.to_string()>
                {words.clone()}
            </progress>
            <span>{words}</span>
        </p>
    }
    .into_any()
}

fn history(changes: &[StateChange], locale: Locale) -> AnyView {
    let steps: Vec<_> = changes
        .iter()
        .map(|change| {
            let reason = change
                .reason
                .clone()
                .map(|reason| view! { " " <code>{reason}</code> });
            view! {
                <li>
                    {run_list::state(change.state, locale)} " "
                    {record::moment(&change.at, locale)} {reason}
                </li>
            }
        })
        .collect();
    view! {
        <section aria-labelledby="history">
            <h2 id="history">{text::run_history(locale)}</h2>
            <ol class="timeline">{steps}</ol>
        </section>
    }
    .into_any()
}

fn facts(run: &RunRow, locale: Locale) -> AnyView {
    let intent = run
        .intent
        .as_ref()
        .map(|link| fact(text::run_intent(locale), record::record(link, locale)));
    let receipt = run
        .receipt
        .as_ref()
        .map(|link| fact(text::run_receipt(locale), record::receipt(link, locale)));
    let abort = run
        .abort
        .as_ref()
        .map(|link| fact(text::run_abort(locale), record::record(link, locale)));
    let bundle = run.bundle.clone().map(|path| {
        let link = view! { <a href=path>{text::run_bundle_link(locale)}</a> };
        fact(text::run_bundle(locale), link.into_any())
    });
    let reason = run.reason.clone().map(|code| {
        fact(
            text::run_reason(locale),
            view! { <code>{code}</code> }.into_any(),
        )
    });
    let code = |words: &str| view! { <code>{words.to_owned()}</code> }.into_any();
    view! {
        <section aria-labelledby="facts">
            <h2 id="facts">{text::run_facts(locale)}</h2>
            <dl class="facts wide">
                {receipt}
                {abort}
                {reason}
                {bundle}
                {intent}
                {fact(text::runs_form(locale), code(&run.form))}
                {fact(text::run_submission(locale), code(&run.submission))}
                {fact(text::run_created(locale), record::moment(&run.created, locale))}
                {fact(text::runs_changed(locale), record::moment(&run.changed, locale))}
            </dl>
        </section>
    }
    .into_any()
}

//! Runs as a table, and the names of their states.
//!
//! The order is the document's; aborted runs stay in it.

use assay_api::{RunRow, RunState};
use leptos::prelude::*;

use crate::{Locale, links, record, scroll, text};

/// Whether a list of runs names the system of each.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Systems {
    /// A column of systems.
    Named,
    /// The page is about one system.
    Omitted,
}

/// A table of runs in a region that scrolls sideways.
pub(crate) fn table(
    runs: &[RunRow],
    caption: &'static str,
    systems: Systems,
    locale: Locale,
) -> AnyView {
    let named = systems == Systems::Named;
    let rows: Vec<_> = runs.iter().map(|run| row(run, systems, locale)).collect();
    view! {
        {scroll::region(caption, view! { <table class="runs">
                {scroll::caption(caption)}
                <thead>
                    <tr>
                        <th scope="col">{text::runs_run(locale)}</th>
                        {named.then(|| view! { <th scope="col">{text::runs_system(locale)}</th> })}
                        <th scope="col">{text::runs_benchmark(locale)}</th>
                        <th scope="col">{text::runs_state(locale)}</th>
                        <th scope="col">{text::runs_outcome(locale)}</th>
                        <th scope="col">{text::runs_changed(locale)}</th>
                    </tr>
                </thead>
                <tbody>{rows}</tbody>
            </table> }.into_any(), locale)}
    }
    .into_any()
}

fn row(run: &RunRow, systems: Systems, locale: Locale) -> AnyView {
    let system = (systems == Systems::Named).then(|| {
        view! {
            <td>
                <a href=links::system(locale, &run.system)>
                    <bdi>{run.name.clone()}</bdi>
                </a>
            </td>
        }
    });
    view! {
        <tr>
            <th scope="row">
                <a href=links::run(locale, &run.id)>
                    <code>{run.id.clone()}</code>
                </a>
            </th>
            {system}
            <td>
                <a href=links::board(locale, &run.benchmark)>{run.benchmark.clone()}</a>
            </td>
            <td>{state(run.state, locale)}</td>
            <td>{outcome(run, locale)}</td>
            <td>{record::moment(&run.changed, locale)}</td>
        </tr>
    }
    .into_any()
}

/// Where a run ended: its receipt, or why there is none.
fn outcome(run: &RunRow, locale: Locale) -> Option<AnyView> {
    if let Some(receipt) = &run.receipt {
        return Some(record::receipt(receipt, locale));
    }
    run.reason
        .as_ref()
        .map(|reason| view! { <code>{reason.clone()}</code> }.into_any())
}

/// A state as a mark and a word; the mark's shape differs as well as its colour.
pub(crate) fn state(state: RunState, locale: Locale) -> AnyView {
    let (class, word) = match state {
        RunState::Queued => ("state queued", text::state_queued(locale)),
        RunState::Running => ("state running", text::state_running(locale)),
        RunState::Marked => ("state marked", text::state_marked(locale)),
        RunState::Published => ("state published", text::state_published(locale)),
        RunState::Aborted => ("state aborted", text::state_aborted(locale)),
    };
    view! { <span class=class>{word}</span> }.into_any()
}

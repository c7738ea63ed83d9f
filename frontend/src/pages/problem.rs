//! A problem as a page: what is wrong and the way out.
//!
//! Shows the sentence made for the caller, never what the station's traces hold.

use assay_api::{FieldProblem, Problem};
use leptos::prelude::*;

use crate::shell::{self, Script, Shell};
use crate::{Locale, links, text};

/// Any 4xx or 5xx answer to a browser.
pub fn problem(problem: &Problem, locale: Locale) -> String {
    let frame = Shell {
        title: problem.title.clone(),
        description: text::problem_description(locale).to_owned(),
        canonical: None,
        data: None,
        as_of: None,
        reload: None,
        script: Script::None,
    };
    shell::page(&frame, locale, || {
        view! {
            <div class="wrap narrow">
                <header class="heading">
                    <p class="kicker">
                        {text::problem_kicker(locale, &problem.status.to_string())}
                    </p>
                    <h1>{problem.title.clone()}</h1>
                    <p class="says">
                        <bdi>{problem.detail.clone()}</bdi>
                    </p>
                </header>
                {faults(&problem.errors, locale)}
                <p>
                    <a class="button" href=links::home(locale)>
                        {text::problem_home(locale)}
                    </a>
                </p>
                <p class="aside">
                    {text::problem_trace(locale)} ": " <code>{problem.trace_id.clone()}</code>
                </p>
            </div>
        }
        .into_any()
    })
}

fn faults(all: &[FieldProblem], locale: Locale) -> Option<AnyView> {
    if all.is_empty() {
        return None;
    }
    let lines: Vec<_> = all
        .iter()
        .map(|fault| {
            view! {
                <li>
                    <code>{fault.pointer.clone()}</code>
                    ": "
                    <bdi>{fault.detail.clone()}</bdi>
                </li>
            }
        })
        .collect();
    let list = view! {
        <section aria-labelledby="faults">
            <h2 id="faults">{text::problem_faults(locale)}</h2>
            <ul>{lines}</ul>
        </section>
    };
    Some(list.into_any())
}

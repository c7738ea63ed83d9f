//! The first page: what this is, benchmarks, newest runs, and who speaks.

use assay_api::{BenchmarkSummary, FormSummary, HomePage, StationSummary};
use leptos::prelude::*;

use crate::form_state;
use crate::record::{self, fact};
use crate::run_list::{self, Systems};
use crate::shell::{self, Script, Shell};
use crate::{Locale, format, links, text};

/// `/`.
pub fn home(page: &HomePage, locale: Locale) -> String {
    let path = links::home(locale);
    let frame = Shell {
        title: text::home_title(locale).to_owned(),
        description: text::home_description(locale).to_owned(),
        data: Some(links::data(&path)),
        canonical: Some(path),
        as_of: Some(&page.as_of),
        reload: None,
        script: Script::None,
    };
    shell::page(&frame, locale, || {
        view! {
            {lead(locale)}
            {benchmarks(&page.benchmarks, locale)}
            <section class="wrap" aria-labelledby="runs">
                <h2 id="runs">{text::home_latest(locale)}</h2>
                {if page.latest.is_empty() {
                    view! { <p class="empty">{text::home_no_runs(locale)}</p> }.into_any()
                } else {
                    let caption = text::runs_caption_latest(locale);
                    run_list::table(&page.latest, caption, Systems::Named, locale)
                }}
            </section>
            {station(&page.station, locale)}
        }
        .into_any()
    })
}

fn lead(locale: Locale) -> AnyView {
    let audiences = [
        (text::home_readers_title(locale), text::home_readers(locale)),
        (text::home_teams_title(locale), text::home_teams(locale)),
        (text::home_labs_title(locale), text::home_labs(locale)),
    ]
    .map(|(title, says)| {
        view! {
            <div>
                <h2>{title}</h2>
                <p>{says}</p>
            </div>
        }
    })
    .into_iter()
    .collect::<Vec<_>>();
    view! {
        <div class="lead">
            <div class="wrap">
                <h1>{text::home_title(locale)}</h1>
                <p class="says">{text::home_lead(locale)}</p>
                <div class="audiences">{audiences}</div>
            </div>
        </div>
    }
    .into_any()
}

fn benchmarks(all: &[BenchmarkSummary], locale: Locale) -> AnyView {
    let cards: Vec<_> = all.iter().map(|one| card(one, locale)).collect();
    let none = all
        .is_empty()
        .then(|| view! { <p class="empty">{text::home_no_benchmarks(locale)}</p> });
    view! {
        <section class="wrap" aria-labelledby="benchmarks">
            <h2 id="benchmarks">{text::home_benchmarks(locale)}</h2>
            {none}
            <div class="cards">{cards}</div>
        </section>
    }
    .into_any()
}

fn card(of: &BenchmarkSummary, locale: Locale) -> AnyView {
    let board = links::board(locale, &of.name);
    let languages: Vec<_> = of
        .locales
        .iter()
        .map(|tag| {
            let path = format!("{board}{}", locale_query(tag, of));
            view! {
                <li>
                    <a href=path lang=tag.clone()>
                        {format::language(tag)}
                    </a>
                </li>
            }
        })
        .collect();
    let sections: Vec<_> = of.sections.iter().map(|id| format::section(id)).collect();
    let forms: Vec<_> = of
        .forms
        .iter()
        .map(|form| form_line(form, locale))
        .collect();
    view! {
        <article class="card">
            <h3>
                <a href=board.clone()>{of.title.clone()}</a>
            </h3>
            <p>{of.summary.clone()}</p>
            <dl class="facts">
                {fact(
                    text::home_languages(locale),
                    view! { <ul class="plain inline">{languages}</ul> }.into_any(),
                )}
                {fact(text::home_sections(locale), sections.join(", ").into_any())}
                {fact(text::home_systems(locale), format::count(of.systems).into_any())}
                {fact(text::home_runs_closed(locale), format::count(of.runs_closed).into_any())}
                {fact(
                    text::home_forms(locale),
                    if forms.is_empty() {
                        text::none_yet(locale).into_any()
                    } else {
                        view! { <ul class="plain">{forms}</ul> }.into_any()
                    },
                )}
            </dl>
            <p>
                <a class="button" href=board>
                    {text::home_board_link(locale)}
                    <span class="unseen">": " {of.title.clone()}</span>
                </a>
            </p>
        </article>
    }
    .into_any()
}

fn locale_query(tag: &str, of: &BenchmarkSummary) -> String {
    let query = assay_api::BoardQuery {
        locale: Some(tag.to_owned()),
        ..assay_api::BoardQuery::default()
    };
    links::board_query(&query, of.locales.first().map(String::as_str))
}

fn form_line(form: &FormSummary, locale: Locale) -> AnyView {
    let name = match form.class.as_str() {
        "practice" => text::home_form_practice(locale, &form.edition),
        "sealed" => text::home_form_sealed(locale, &form.edition),
        class => text::home_form(locale, class, &form.edition),
    };
    view! {
        <li>{name} " · " {record::record(&form.commitment, locale)} {form_state::after(form, locale)}</li>
    }
    .into_any()
}

fn station(of: &StationSummary, locale: Locale) -> AnyView {
    let witnesses = if of.lone {
        text::station_lone(locale)
    } else {
        text::station_witnessed(locale)
    };
    view! {
        <section class="wrap" aria-labelledby="station">
            <h2 id="station">{text::home_station(locale)}</h2>
            <dl class="facts wide">
                {fact(text::station_origin(locale), record::foreign(&of.origin))}
                {fact(text::station_jurisdiction(locale), record::foreign(&of.jurisdiction))}
                {fact(text::station_witnesses(locale), witnesses.into_any())}
                {fact(text::station_evidence(locale), record::evidence(&of.evidence_type, locale))}
                {fact(text::station_manifest(locale), record::digest(&of.manifest_sha256))}
                {fact(text::station_policy(locale), policy(&of.policy, locale))}
            </dl>
        </section>
    }
    .into_any()
}

/// A policy given by its path, or as the text itself.
fn policy(policy: &str, locale: Locale) -> AnyView {
    if policy.starts_with('/') && !policy.contains('\n') {
        let path = policy.to_owned();
        return view! { <a href=path>{text::station_policy_link(locale)}</a> }.into_any();
    }
    view! {
        <details>
            <summary>{text::station_policy_show(locale)}</summary>
            <pre tabindex="0">
                <code>{policy.to_owned()}</code>
            </pre>
        </details>
    }
    .into_any()
}

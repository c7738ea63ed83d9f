//! How results are made, and what they cannot show.
//!
//! Words only: no figure of any system stands here.

use leptos::prelude::*;

use crate::shell::{self, Script, Shell};
use crate::{Locale, links, scroll, text};

/// `/method`.
pub fn method(locale: Locale) -> String {
    let frame = Shell {
        title: text::method_title(locale).to_owned(),
        description: text::method_description(locale).to_owned(),
        canonical: Some(links::method(locale)),
        data: None,
        as_of: None,
        reload: None,
        script: Script::None,
    };
    shell::page(&frame, locale, || {
        view! {
            <div class="wrap method">
                <header class="heading">
                    <h1>{text::method_title(locale)}</h1>
                    <p class="says">{text::method_lead(locale)}</p>
                </header>
                {contents(locale)}
                <div class="prose">
                    {counting(locale)} {steps(locale)} {limits(locale)}
                </div>
            </div>
        }
        .into_any()
    })
}

/// Anchors and headings, in order.
fn topics(locale: Locale) -> [(&'static str, &'static str); 8] {
    [
        ("rate", text::method_rate(locale)),
        ("denominators", text::method_den(locale)),
        ("intervals", text::method_interval(locale)),
        ("ranks", text::method_ranks(locale)),
        ("runs", text::method_run(locale)),
        ("sealed", text::method_seal(locale)),
        ("check", text::method_check(locale)),
        ("limits", text::method_limits(locale)),
    ]
}

fn contents(locale: Locale) -> AnyView {
    let lines: Vec<_> = topics(locale)
        .into_iter()
        .map(|(anchor, title)| {
            view! {
                <li>
                    <a href=format!("#{anchor}")>{title}</a>
                </li>
            }
        })
        .collect();
    view! {
        <nav class="contents" aria-labelledby="contents">
            <h2 id="contents">{text::method_contents(locale)}</h2>
            <ol>{lines}</ol>
        </nav>
    }
    .into_any()
}

fn topic(at: usize, body: AnyView, locale: Locale) -> AnyView {
    let (anchor, title) = topics(locale)[at];
    view! {
        <section aria-labelledby=anchor>
            <h2 id=anchor>{title}</h2>
            {body}
        </section>
    }
    .into_any()
}

fn paragraphs<const N: usize>(texts: [&'static str; N]) -> AnyView {
    texts
        .map(|words| view! { <p>{words}</p> })
        .into_iter()
        .collect::<Vec<_>>()
        .into_any()
}

fn counting(locale: Locale) -> Vec<AnyView> {
    let rate = [text::method_rate_1(locale), text::method_rate_2(locale)];
    let interval = [
        text::method_interval_1(locale),
        text::method_interval_2(locale),
    ];
    let ranks = [text::method_ranks_1(locale), text::method_ranks_2(locale)];
    vec![
        topic(0, paragraphs(rate), locale),
        topic(1, denominators(locale), locale),
        topic(2, paragraphs(interval), locale),
        topic(3, paragraphs(ranks), locale),
    ]
}

fn denominators(locale: Locale) -> AnyView {
    let rows = [
        [
            text::method_den_p(locale),
            text::method_den_p_counts(locale),
            text::method_den_p_use(locale),
        ],
        [
            text::method_den_d(locale),
            text::method_den_d_counts(locale),
            text::method_den_d_use(locale),
        ],
        [
            text::method_den_t(locale),
            text::method_den_t_counts(locale),
            text::method_den_t_use(locale),
        ],
    ]
    .map(|[name, counts, purpose]| {
        view! {
            <tr>
                <th scope="row">{name}</th>
                <td>{counts}</td>
                <td>{purpose}</td>
            </tr>
        }
    })
    .into_iter()
    .collect::<Vec<_>>();
    let caption = text::method_den_caption(locale);
    view! {
        <p>{text::method_den_1(locale)}</p>
        {scroll::region(caption, view! { <table class="words">
                {scroll::caption(caption)}
                <thead>
                    <tr>
                        <th scope="col">{text::method_den_name(locale)}</th>
                        <th scope="col">{text::method_den_counts(locale)}</th>
                        <th scope="col">{text::method_den_use(locale)}</th>
                    </tr>
                </thead>
                <tbody>{rows}</tbody>
            </table> }.into_any(), locale)}
    }
    .into_any()
}

fn steps(locale: Locale) -> Vec<AnyView> {
    let steps = [
        text::method_run_1(locale),
        text::method_run_2(locale),
        text::method_run_3(locale),
        text::method_run_4(locale),
        text::method_run_5(locale),
        text::method_run_6(locale),
    ]
    .map(|words| view! { <li>{words}</li> })
    .into_iter()
    .collect::<Vec<_>>();
    vec![
        topic(
            4,
            view! { <ol class="steps">{steps}</ol> }.into_any(),
            locale,
        ),
        topic(5, paragraphs([text::method_seal_1(locale)]), locale),
        topic(6, paragraphs([text::method_check_1(locale)]), locale),
    ]
}

fn limits(locale: Locale) -> AnyView {
    let points = [
        text::method_limits_1(locale),
        text::method_limits_2(locale),
        text::method_limits_3(locale),
        text::method_limits_4(locale),
    ];
    topic(7, paragraphs(points), locale)
}

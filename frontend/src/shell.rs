//! The frame of every page: head, header, main part, footer.
//!
//! One stylesheet, and one script only where a page has islands or checks a bundle. Nothing inline.

use assay_api::AsOf;
use leptos::prelude::*;

use crate::{Locale, assets, links, record, render, text};

/// What a page tells its frame.
pub(crate) struct Shell<'a> {
    /// Title without the name of the site.
    pub title: String,
    /// One sentence for search results.
    pub description: String,
    /// Canonical path and query; none for pages that have no address of their own.
    pub canonical: Option<String>,
    /// Path of the page's document.
    pub data: Option<String>,
    /// Head of the log, for pages of records.
    pub as_of: Option<&'a AsOf>,
    /// Seconds after which the browser loads the page again.
    pub reload: Option<u8>,
    /// Whether a script is needed.
    pub script: Script,
}

/// What a page needs a script for.
#[derive(Clone, Copy)]
pub(crate) enum Script {
    /// Nothing.
    None,
    /// Parts that come alive.
    Islands,
    /// Checking a bundle.
    Verifier,
}

/// Renders a page; `main` runs inside the owner that rendering needs.
pub(crate) fn page(shell: &Shell<'_>, locale: Locale, main: impl FnOnce() -> AnyView) -> String {
    render::html(|| {
        view! {
            <!DOCTYPE html>
            <html lang=locale.tag()>
                {head(shell, locale)}
                <body>
                    <a class="skip" href="#main">
                        {text::skip(locale)}
                    </a>
                    {header(locale)}
                    <main id="main">{main()}</main>
                    {footer(shell, locale)}
                </body>
            </html>
        }
    })
}

fn head(shell: &Shell<'_>, locale: Locale) -> AnyView {
    view! {
        <head>
            <meta charset="utf-8"/>
            <title>{text::page_title(locale, &shell.title)}</title>
            <meta name="viewport" content="width=device-width, initial-scale=1"/>
            <meta name="description" content=shell.description.clone()/>
            <meta name="color-scheme" content="light dark"/>
            {shell.reload.map(|seconds| {
                view! { <meta http-equiv="refresh" content=seconds.to_string()/> }
            })}
            {shell.canonical.clone().map(|path| view! { <link rel="canonical" href=path/> })}
            {shell.data.clone().map(|path| {
                view! { <link rel="alternate" type="application/json" href=path/> }
            })}
            <link rel="icon" type="image/svg+xml" href=assets::icon()/>
            <link rel="stylesheet" href=assets::stylesheet()/>
            {script(shell.script)}
        </head>
    }
    .into_any()
}

fn script(wanted: Script) -> Option<AnyView> {
    let module = match wanted {
        Script::None => None,
        Script::Islands => assets::module(),
        Script::Verifier => assets::verifier(),
    }?;
    let script = view! {
        <script
            type="module"
            src=assets::href(module.boot)
            data-glue=assets::href(module.glue)
            data-wasm=assets::href(module.wasm)
        ></script>
    };
    Some(script.into_any())
}

fn header(locale: Locale) -> AnyView {
    let home = links::home(locale);
    view! {
        <header class="site">
            <div class="wrap">
                <a class="brand" href=home.clone()>
                    {mark()} <span>{text::brand(locale)}</span>
                </a>
                <nav aria-label=text::nav_label(locale)>
                    <ul>
                        <li>
                            <a href=format!("{home}#benchmarks")>{text::nav_benchmarks(locale)}</a>
                        </li>
                        <li>
                            <a href=format!("{home}#runs")>{text::nav_runs(locale)}</a>
                        </li>
                        <li>
                            <a href=links::method(locale)>{text::nav_method(locale)}</a>
                        </li>
                        <li>
                            <a href=links::station(locale)>{text::nav_station(locale)}</a>
                        </li>
                    </ul>
                </nav>
            </div>
        </header>
    }
    .into_any()
}

/// The mark: a punch as assay offices strike it.
fn mark() -> AnyView {
    view! {
        <svg class="mark" viewBox="0 0 32 32" width="28" height="28" aria-hidden="true">
            <path class="punch" d="M8 1h16l7 7v16l-7 7H8l-7-7V8z"/>
            <path class="strike" d="M9.5 23.5 16 7.5l6.5 16M12 18h8"/>
        </svg>
    }
    .into_any()
}

fn footer(shell: &Shell<'_>, locale: Locale) -> AnyView {
    view! {
        <footer class="site">
            <div class="wrap">
                {shell.as_of.map(|head| record::as_of(head, locale))}
                <p>{text::footer_line(locale)}</p>
                <ul class="plain inline">
                    <li>
                        <a href=links::method(locale)>{text::footer_method(locale)}</a>
                    </li>
                    <li>
                        <a href=links::station(locale)>{text::footer_station(locale)}</a>
                    </li>
                    <li>
                        <a href=links::verify(locale, None)>{text::footer_verify(locale)}</a>
                    </li>
                    {shell.data.clone().map(|path| {
                        view! {
                            <li>
                                <a href=path>{text::data_link(locale)}</a>
                            </li>
                        }
                    })}
                </ul>
            </div>
        </footer>
    }
    .into_any()
}

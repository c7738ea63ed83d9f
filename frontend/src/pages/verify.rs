//! Where a reader checks a bundle: policy, bundle, result, and the command that does the same.
//!
//! The server checks nothing here and knows no result. What the script writes into the page, it takes
//! from the words that wait in a template.

mod words;

use leptos::prelude::*;

use crate::shell::{self, Script, Shell};
use crate::{Locale, assets, links, text};

/// `/verify`, for a receipt of this station when its leaf hash is given.
pub fn verify(receipt: Option<&str>, locale: Locale) -> String {
    let frame = Shell {
        title: text::verify_title(locale).to_owned(),
        description: text::verify_description(locale).to_owned(),
        canonical: Some(links::verify(locale, None)),
        data: None,
        as_of: None,
        reload: None,
        script: Script::Verifier,
    };
    shell::page(&frame, locale, || {
        view! {
            <div class="wrap verify">
                <header class="heading">
                    <h1>{text::verify_title(locale)}</h1>
                    <p class="says">{text::verify_lead(locale)}</p>
                </header>
                {absent(locale)}
                <div data-part="verifier" data-bundle=receipt.map(bundle_path) hidden>
                    {policy(locale)} {bundle(locale)} {result(locale)}
                </div>
                {by_command(receipt, locale)}
                {words::template(locale)}
            </div>
        }
        .into_any()
    })
}

fn bundle_path(leaf: &str) -> String {
    format!("/bundle/{leaf}.json")
}

/// What stands in place of the checker where it cannot run.
fn absent(locale: Locale) -> AnyView {
    if assets::verifier().is_none() {
        return view! { <p class="empty">{text::verify_unbuilt(locale)}</p> }.into_any();
    }
    view! {
        <noscript>
            <p class="empty">{text::verify_without(locale)}</p>
        </noscript>
        <p class="empty" data-part="failed" role="alert" hidden>
            {text::verify_failed(locale)}
        </p>
    }
    .into_any()
}

fn policy(locale: Locale) -> AnyView {
    view! {
        <section aria-labelledby="policy-title">
            <h2 id="policy-title">{text::verify_policy(locale)}</h2>
            <p>{text::verify_policy_why(locale)}</p>
            <div class="field">
                <label for="policy">{text::verify_policy_text(locale)}</label>
                <textarea
                    id="policy"
                    data-part="policy"
                    rows="5"
                    spellcheck="false"
                    autocomplete="off"
                ></textarea>
            </div>
            <div class="says-now" data-part="policy-says" role="status"></div>
            <p class="aside">{text::verify_policy_compare(locale)}</p>
            <div class="actions">
                {button("take", text::verify_policy_take(locale))}
                {button("keep", text::verify_policy_keep(locale))}
                {button("forget", text::verify_policy_forget(locale))}
            </div>
            {file("policy-file", text::verify_policy_file(locale))}
        </section>
    }
    .into_any()
}

fn bundle(locale: Locale) -> AnyView {
    view! {
        <section aria-labelledby="bundle-title">
            <h2 id="bundle-title">{text::verify_bundle(locale)}</h2>
            <p>{text::verify_bundle_why(locale)}</p>
            <div class="drop" data-part="drop">
                {file("bundle-file", text::verify_bundle_file(locale))}
                <p class="aside">{text::verify_bundle_drop(locale)}</p>
            </div>
            <details>
                <summary>{text::verify_bundle_paste(locale)}</summary>
                <div class="field">
                    <label for="bundle-text">{text::verify_bundle_text(locale)}</label>
                    <textarea
                        id="bundle-text"
                        data-part="bundle-text"
                        rows="5"
                        spellcheck="false"
                        autocomplete="off"
                    ></textarea>
                </div>
            </details>
            <div class="says-now" data-part="bundle-says" role="status">
                {text::verify_bundle_none(locale)}
            </div>
        </section>
    }
    .into_any()
}

fn result(locale: Locale) -> AnyView {
    view! {
        <section class="standing" data-part="result" aria-labelledby="result-title">
            <h2 id="result-title">{text::verify_result(locale)}</h2>
            <div class="verdict" data-part="verdict" role="status"></div>
            <div class="actions">{button("check", text::verify_check(locale))}</div>
            <div data-part="facts"></div>
            <ol class="findings" data-part="lines" aria-label=text::verify_lines(locale)></ol>
        </section>
    }
    .into_any()
}

fn button(part: &'static str, says: &'static str) -> AnyView {
    view! {
        <button type="button" data-part=part>
            {says}
        </button>
    }
    .into_any()
}

fn file(part: &'static str, says: &'static str) -> AnyView {
    view! {
        <div class="field">
            <label for=part>{says}</label>
            <input type="file" id=part data-part=part/>
        </div>
    }
    .into_any()
}

fn by_command(receipt: Option<&str>, locale: Locale) -> AnyView {
    let command = format!(
        "assay verify --policy policy {}.json",
        receipt.unwrap_or("BUNDLE")
    );
    let downloads = receipt.map(|leaf| {
        view! {
            <ul class="plain downloads">
                <li>
                    <a class="button" href=bundle_path(leaf)>
                        {text::receipt_bundle(locale)}
                    </a>
                </li>
                <li>
                    <a class="button" href="/policy">
                        {text::receipt_policy(locale)}
                    </a>
                </li>
            </ul>
        }
    });
    view! {
        <section aria-labelledby="command">
            <h2 id="command">{text::verify_by_command(locale)}</h2>
            <p>{text::verify_by_command_says(locale)} " " {text::verify_honesty(locale)}</p>
            {downloads}
            <pre class="command" tabindex="0" aria-label=text::receipt_command(locale)>
                <code>{command}</code>
            </pre>
        </section>
    }
    .into_any()
}

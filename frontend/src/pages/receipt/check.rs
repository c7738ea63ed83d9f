//! How to check a receipt away from this server: files, command, and what the command does.

use assay_api::ReceiptPage;
use leptos::prelude::*;

use crate::{Locale, links, text};

/// Downloads, the exact command, and the drawer with every step.
pub(super) fn check(page: &ReceiptPage, locale: Locale) -> AnyView {
    let steps: Vec<_> = page
        .checks
        .iter()
        .map(|step| {
            view! {
                <li>
                    <b>{step.name.clone()}</b>
                    " "
                    {step.says.clone()}
                </li>
            }
        })
        .collect();
    let download = |path: &str, name: &'static str, says: &'static str| {
        view! {
            <li>
                <a class="button" href=path.to_owned()>
                    {name}
                </a>
                " "
                <span class="aside">{says}</span>
            </li>
        }
        .into_any()
    };
    view! {
        <section class="check" aria-labelledby="check">
            <h2 id="check">{text::receipt_check(locale)}</h2>
            <p>{text::receipt_check_says(locale)}</p>
            <ul class="plain downloads">
                {download(
                    &page.bundle,
                    text::receipt_bundle(locale),
                    text::receipt_bundle_says(locale),
                )}
                {download(
                    &page.policy,
                    text::receipt_policy(locale),
                    text::receipt_policy_says(locale),
                )}
            </ul>
            <p>
                <a href=links::verify(locale, Some(&page.receipt.leaf))>
                    {text::receipt_in_browser(locale)}
                </a>
            </p>
            <pre class="command" tabindex="0" aria-label=text::receipt_command(locale)>
                <code>{page.verify_command.clone()}</code>
            </pre>
            <details>
                <summary>{text::receipt_why(locale)}</summary>
                <p>{text::receipt_why_says(locale)}</p>
                <ol class="steps">{steps}</ol>
            </details>
        </section>
    }
    .into_any()
}

//! The words that the script of the page may write, each under the name that it asks for.
//!
//! `{name}` in a word is filled in by the script.

use leptos::prelude::*;

use crate::{Locale, text};

/// An inert element with every word.
pub(super) fn template(locale: Locale) -> AnyView {
    let all = [
        policy(locale),
        bundle(locale),
        result(locale),
        facts(locale),
    ]
    .concat();
    let lines: Vec<_> = all
        .into_iter()
        .map(|(word, says)| view! { <p data-word=word>{says}</p> })
        .collect();
    view! { <template data-part="words">{lines}</template> }.into_any()
}

type Words = Vec<(&'static str, String)>;

fn owned<const N: usize>(words: [(&'static str, &str); N]) -> Words {
    words.map(|(word, says)| (word, says.to_owned())).to_vec()
}

fn policy(locale: Locale) -> Words {
    owned([
        ("policy-none", text::verify_policy_none(locale)),
        (
            "policy-none-unasked",
            text::verify_policy_none_unasked(locale),
        ),
        ("policy-bad", &text::verify_policy_bad(locale, "{reason}")),
        ("policy-long", &text::verify_policy_long(locale, "{name}")),
        ("policy-digest", text::verify_policy_digest(locale)),
        ("policy-logs", &text::verify_policy_logs(locale, "{origin}")),
        ("policy-same", text::verify_policy_same(locale)),
        ("policy-differs", text::verify_policy_differs(locale)),
        ("policy-unasked", text::verify_policy_unasked(locale)),
        ("policy-kept", text::verify_policy_kept(locale)),
        ("policy-unkept", text::verify_policy_unkept(locale)),
    ])
}

fn bundle(locale: Locale) -> Words {
    owned([
        (
            "bundle-file",
            &text::verify_bundle_of_file(locale, "{name}"),
        ),
        ("bundle-pasted", text::verify_bundle_pasted(locale)),
        (
            "bundle-fetched",
            &text::verify_bundle_fetched(locale, "{name}"),
        ),
        (
            "bundle-unfetched",
            &text::verify_bundle_unfetched(locale, "{name}", "{reason}"),
        ),
        ("bundle-long", &text::verify_bundle_long(locale, "{name}")),
        (
            "file-unread",
            &text::verify_file_unread(locale, "{name}", "{reason}"),
        ),
        (
            "bundle-says",
            &text::verify_bundle_says(locale, "{bytes}", "{from}"),
        ),
    ])
}

fn result(locale: Locale) -> Words {
    owned([
        ("result-waits", text::verify_waits(locale)),
        ("result-no-policy", text::verify_no_policy(locale)),
        ("result-no-bundle", text::verify_no_bundle(locale)),
        ("result-changed", text::verify_changed(locale)),
        ("verified", text::verify_verified(locale)),
        (
            "verified-says",
            &text::verify_verified_says(locale, "{open}"),
        ),
        ("refused", text::verify_refused(locale)),
        ("state-passed", text::verify_state_passed(locale)),
        ("state-failed", text::verify_state_failed(locale)),
        ("state-not-checked", text::verify_state_not_checked(locale)),
        ("age-fresh", &text::verify_fresh(locale, "{ago}")),
        ("age-stale", &text::verify_stale(locale, "{ago}")),
        (
            "manifest-expired",
            &text::verify_manifest_expired(locale, "{time}"),
        ),
    ])
}

fn facts(locale: Locale) -> Words {
    owned([
        ("fact-system", text::receipt_system(locale)),
        ("fact-benchmark", text::receipt_benchmark(locale)),
        ("fact-form", text::receipt_form(locale)),
        ("fact-station", text::receipt_station(locale)),
        ("fact-receipt", text::receipt_leaf(locale)),
        ("fact-adapter", text::receipt_adapter(locale)),
        (
            "fact-estimate",
            &text::verify_estimate_of(locale, "{language}"),
        ),
        ("all-locales", text::all_locales(locale)),
        (
            "form",
            &text::receipt_form_value(locale, "{edition}", "{form}"),
        ),
        ("record", &text::verify_record(locale, "{index}", "{leaf}")),
        (
            "estimate",
            &text::verify_estimate(locale, "{den}", "{high}", "{low}", "{num}", "{percent}"),
        ),
        (
            "estimate-bare",
            &text::verify_estimate_bare(locale, "{den}", "{num}", "{percent}"),
        ),
    ])
}

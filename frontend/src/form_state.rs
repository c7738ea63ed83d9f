//! Where a form stands, in words: open, retired and why, revealed and where its items are.

use assay_api::{FormState, FormSummary};
use leptos::prelude::*;

use crate::{Locale, record, text};

/// The state in one word.
pub(crate) fn word(state: FormState, locale: Locale) -> &'static str {
    match state {
        FormState::Open => text::form_open(locale),
        FormState::Retired => text::form_retired(locale),
        FormState::Revealed => text::form_revealed(locale),
    }
}

/// The reason of a retirement in words; the code itself when it is a new one.
pub(crate) fn reason(code: &str, locale: Locale) -> String {
    match code {
        "rotation" => text::form_reason_rotation(locale).to_owned(),
        "leak-suspected" => text::form_reason_leak(locale).to_owned(),
        "fault-found" => text::form_reason_fault(locale).to_owned(),
        "end-of-life" => text::form_reason_end(locale).to_owned(),
        other => other.to_owned(),
    }
}

/// What happened to a form after its commitment, each with its record; nothing while it is open.
pub(crate) fn after(form: &FormSummary, locale: Locale) -> AnyView {
    let retired = form.retired.as_ref().map(|retired| {
        let says = text::form_retired_because(locale, &reason(&retired.reason, locale));
        view! { " · " {says} ", " {record::record(&retired.record, locale)} }
    });
    let revealed = form.revealed.as_ref().map(|revealed| {
        view! {
            " · "
            <a href=revealed.body.clone()>{text::form_revealed_items(locale)}</a>
            ", "
            {record::record(&revealed.record, locale)}
        }
    });
    view! { {retired} {revealed} }.into_any()
}

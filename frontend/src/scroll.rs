//! The region around a table: it scrolls sideways, has a name, and takes the keyboard's focus.

use leptos::prelude::*;

use crate::{Locale, text};

/// Wraps a table whose caption is also the region's name.
pub(crate) fn region(name: &str, table: AnyView, locale: Locale) -> AnyView {
    view! {
        <div class="scroll" role="region" tabindex="0" aria-label=text::table_scroll(locale, name)>
            {table}
        </div>
    }
    .into_any()
}

/// A table's caption, which stays in sight while the table scrolls.
pub(crate) fn caption(words: impl Into<String>) -> AnyView {
    view! {
        <caption>
            <span>{words.into()}</span>
        </caption>
    }
    .into_any()
}

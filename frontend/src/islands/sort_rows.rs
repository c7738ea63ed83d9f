//! The island around a table whose header links ask for another order.
//!
//! The table is a child and never enters the module. Which rows exist is the server's decision.

use leptos::prelude::*;

use super::table;

/// Sorts the rows of the table inside it when a header link is followed.
#[island]
pub fn SortRows(
    /// The whole table, server HTML.
    children: Children,
) -> impl IntoView {
    let (said, say) = signal(String::new());
    view! {
        <div
            class="sort-rows"
            on:click=move |event| {
                if let Some(text) = table::follow(&event) {
                    say.set(text);
                }
            }
        >
            {children()}
            <p class="unseen" role="status">
                {said}
            </p>
        </div>
    }
}

//! From a view to bytes: synchronous, without executor, resources or streams.

use std::sync::Arc;

use hydration_context::SsrSharedContext;
use leptos::prelude::*;

/// Renders a page; the same page gives the same bytes.
pub(crate) fn html<V: IntoView>(page: impl FnOnce() -> V) -> String {
    let owner = Owner::new_root(Some(Arc::new(SsrSharedContext::new_islands())));
    owner.with(|| page().into_view().to_html())
}

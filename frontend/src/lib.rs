//! What people see: every page is a function from one document of `assay-api` to one HTML document.
//!
//! No routing, no I/O, no clock, no arithmetic on results: the server decides facts, this crate
//! writes them down. Built twice: with `ssr` for the server, with `hydrate` for the browser, where
//! only the islands remain.

pub mod islands;

#[cfg(feature = "ssr")]
pub mod assets;
#[cfg(feature = "ssr")]
mod chart;
#[cfg(feature = "ssr")]
mod estimate;
#[cfg(feature = "ssr")]
mod form_state;
#[cfg(feature = "ssr")]
mod format;
#[cfg(feature = "ssr")]
pub mod links;
#[cfg(feature = "ssr")]
mod locale;
#[cfg(feature = "ssr")]
pub mod pages;
#[cfg(feature = "ssr")]
mod record;
#[cfg(feature = "ssr")]
mod render;
#[cfg(feature = "ssr")]
mod run_list;
#[cfg(feature = "ssr")]
mod scroll;
#[cfg(feature = "ssr")]
mod shell;
#[cfg(feature = "ssr")]
mod text;

#[cfg(feature = "ssr")]
pub use locale::Locale;

/// Names this build of the pages: another one may render the same document to other bytes.
#[cfg(feature = "ssr")]
pub const BUILD: &str = include!(concat!(env!("OUT_DIR"), "/identity.rs"));

/// Prepares the reactive system; the loader calls it once, then each island by its name.
#[cfg(feature = "hydrate")]
#[wasm_bindgen::prelude::wasm_bindgen]
pub fn hydrate() {
    leptos::mount::hydrate_islands();
}

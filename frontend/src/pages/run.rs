//! Stub.
use assay_api::RunPage;
use crate::Locale;
/// The page.
pub fn run(_page: &RunPage, _locale: Locale) -> String { String::new() }

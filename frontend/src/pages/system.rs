//! Stub.
use assay_api::SystemPage;
use crate::Locale;
/// The page.
pub fn system(_page: &SystemPage, _locale: Locale) -> String { String::new() }

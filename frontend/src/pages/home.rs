//! Stub.
use assay_api::HomePage;
use crate::Locale;
/// The page.
pub fn home(_page: &HomePage, _locale: Locale) -> String { String::new() }

//! Stub.
use assay_api::BoardPage;
use crate::Locale;
/// The page.
pub fn board(_page: &BoardPage, _locale: Locale) -> String { String::new() }

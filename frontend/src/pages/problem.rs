//! Stub.
use assay_api::Problem;
use crate::Locale;
/// The page.
pub fn problem(_page: &Problem, _locale: Locale) -> String { String::new() }

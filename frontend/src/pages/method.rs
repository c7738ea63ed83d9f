//! Stub.
use crate::Locale;
/// The page.
pub fn method(_locale: Locale) -> String { String::new() }

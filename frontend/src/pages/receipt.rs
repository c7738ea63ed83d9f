//! Stub.
use assay_api::ReceiptPage;
use crate::Locale;
/// The page.
pub fn receipt(_page: &ReceiptPage, _locale: Locale) -> String { String::new() }

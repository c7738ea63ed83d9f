//! The words of the pages, compiled from `locales/*.toml`: one function for each key.
//!
//! Only wording lives there; numbers and dates are written by `format`.

#![allow(clippy::needless_pass_by_value, clippy::too_many_lines)]

use crate::Locale;

include!(concat!(env!("OUT_DIR"), "/catalogue.rs"));

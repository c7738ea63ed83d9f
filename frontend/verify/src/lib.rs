//! The verifier for browsers: a bundle and a policy in, one JSON document out.
//!
//! It is `assay_evidence::verify` behind two exported functions: the same checks as `assay verify`,
//! line by line. It fetches nothing, keeps nothing and reads no clock; the page hands in the time.

mod policy;
mod text;
mod verify;

use wasm_bindgen::prelude::wasm_bindgen;

/// Checks a bundle under a policy; a JSON object, see the README.
///
/// `now_seconds` is the Unix time by the reader's own clock.
#[wasm_bindgen]
pub fn verify(bundle: &[u8], policy: &str, now_seconds: f64) -> String {
    text::json(&verify::outcome(bundle, policy, now_seconds as u64))
}

/// Fingerprint of a policy and the logs it pins; a JSON object, see the README.
#[wasm_bindgen]
pub fn policy(text: &str) -> String {
    text::json(&policy::read(text))
}

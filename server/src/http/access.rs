//! Who is asking: the bearer token of requests that change something.
//!
//! Tokens are compared by the station, which holds only their digests. There are no cookies here, so a
//! foreign page cannot make a browser change anything.

use axum::http::{HeaderMap, header};

use super::problem::Problem;
use crate::{station::Station, token::Principal};

/// Longest token that is looked at.
const TOKEN_BYTES_MAX: usize = 256;

/// The principal behind the request's token.
pub fn principal(station: &Station, headers: &HeaderMap) -> Result<Principal, Problem> {
    let missing = "this needs a token; send `Authorization: Bearer <token>` with the one that \
                   `assay station init` printed";
    let value = headers
        .get(header::AUTHORIZATION)
        .ok_or_else(|| Problem::sign_in_needed(missing))?;
    let token = value.to_str().ok().and_then(|value| {
        let (scheme, token) = value.split_once(' ')?;
        let token = token.trim();
        let fits = (1..=TOKEN_BYTES_MAX).contains(&token.len());
        (scheme.eq_ignore_ascii_case("bearer") && fits).then_some(token)
    });
    let token = token.ok_or_else(|| Problem::sign_in_needed(missing))?;
    let wrong =
        "this station does not know the token; use the one that `assay station init` printed";
    station
        .authorise(token)
        .ok_or_else(|| Problem::sign_in_needed(wrong))
}

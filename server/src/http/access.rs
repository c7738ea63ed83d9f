//! Who is asking: the bearer token of requests that change something.
//!
//! Tokens are compared by the station, which holds only their digests. There are no cookies here, so a
//! foreign page cannot make a browser change anything.

use axum::http::{HeaderMap, header};

use super::problem::{Kind, Problem};
use crate::{
    station::Station,
    token::{Principal, Scope},
};

/// Longest token that is looked at.
const TOKEN_BYTES_MAX: usize = 256;

/// The principal behind the request's token, which must be of the scope that the request needs.
pub fn principal(
    station: &Station,
    headers: &HeaderMap,
    needed: Scope,
) -> Result<Principal, Problem> {
    let missing = "this needs a token; send `Authorization: Bearer <token>` with one that \
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
    let wrong = "this station does not know the token; use one that `assay station init` printed";
    let (principal, scope) = station
        .authorise(token)
        .ok_or_else(|| Problem::sign_in_needed(wrong))?;
    if scope == needed {
        return Ok(principal);
    }
    let detail = format!(
        "this needs a token of scope `{}`, and this one is of scope `{}`; `assay station init` printed one of each",
        needed.name(),
        scope.name()
    );
    Err(Problem::new(Kind::NotAllowed, detail))
}

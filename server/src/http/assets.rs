//! Embedded files under names that carry their digest: sent as they are, or compressed beforehand.
//!
//! Nothing is read from disk and nothing is compressed here.

use assay_frontend::assets::{self, Asset};
use axum::{
    body::{Body, Bytes},
    http::{HeaderMap, HeaderValue, Uri, header},
    response::{IntoResponse, Response},
};

use super::problem::Problem;

const FOR_EVER: HeaderValue = HeaderValue::from_static("public, max-age=31536000, immutable");

/// `GET /assets/<name>.<digest>.<ext>`.
pub async fn asset(uri: Uri, headers: HeaderMap) -> Result<Response, Problem> {
    let asset = assets::find(uri.path()).ok_or_else(|| Problem::not_found("such asset"))?;
    Ok(sent(asset, &headers))
}

fn sent(asset: &'static Asset, asked: &HeaderMap) -> Response {
    let (bytes, encoding) = [(asset.brotli, "br"), (asset.gzip, "gzip")]
        .into_iter()
        .find(|(bytes, name)| !bytes.is_empty() && accepts(asked, name))
        .map_or((asset.bytes, None), |(bytes, name)| (bytes, Some(name)));
    let mut response = Body::from(Bytes::from_static(bytes)).into_response();
    let headers = response.headers_mut();
    headers.insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static(asset.content_type),
    );
    headers.insert(header::CACHE_CONTROL, FOR_EVER);
    headers.insert(header::VARY, HeaderValue::from_static("Accept-Encoding"));
    if let Some(name) = encoding {
        headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static(name));
    }
    response
}

/// Does `Accept-Encoding` name this coding with a weight above zero?
fn accepts(asked: &HeaderMap, name: &str) -> bool {
    let listed = asked.get_all(header::ACCEPT_ENCODING).iter();
    listed
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .any(|coding| {
            let mut parts = coding.split(';').map(str::trim);
            let named = parts
                .next()
                .is_some_and(|coding| coding.eq_ignore_ascii_case(name));
            let zero = parts.any(|weight| {
                let weight = weight.strip_prefix("q=").unwrap_or_default();
                !weight.is_empty() && weight.bytes().all(|byte| byte == b'0' || byte == b'.')
            });
            named && !zero
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(value: &'static str) -> HeaderMap {
        HeaderMap::from_iter([(header::ACCEPT_ENCODING, HeaderValue::from_static(value))])
    }

    #[test]
    fn codings_are_taken_only_when_named_with_a_weight() {
        assert!(accepts(&asked("gzip, deflate, br"), "br"));
        assert!(accepts(&asked("br;q=0.5"), "br"));
        assert!(!accepts(&asked("br;q=0, gzip"), "br"));
        assert!(!accepts(&asked("br;q=0.000"), "br"));
        assert!(!accepts(&HeaderMap::new(), "br"));
    }
}

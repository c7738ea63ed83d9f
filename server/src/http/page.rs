//! One document, two forms: the page, and the same thing as JSON under the same path.
//!
//! The tag of both is a digest of the document, so an answer changes exactly when its content does.
//! Pages are for everybody: none depends on who asks.

use assay_evidence::digest::Hasher;
use assay_frontend::Locale;
use axum::{
    body::Body,
    http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use serde::Serialize;

use super::problem::Problem;

const PAGE_CACHE: HeaderValue =
    HeaderValue::from_static("public, max-age=0, s-maxage=60, stale-while-revalidate=600");

/// Documents are asked for again each time; the tag makes that cheap.
const DOCUMENT_CACHE: HeaderValue = HeaderValue::from_static("no-cache");

/// Which form of a document is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// HTML in this language.
    Page(Locale),
    /// JSON.
    Document,
}

impl Form {
    /// The form that the last segment of a path asks for, and the segment without its suffix.
    pub fn of(segment: &str) -> (&str, Self) {
        match segment.strip_suffix(".json") {
            Some(name) => (name, Self::Document),
            None => (segment, Self::Page(Locale::En)),
        }
    }
}

/// The document in the asked form, or 304 when the caller has it.
pub fn answer<T: Serialize>(
    document: &T,
    form: Form,
    asked: &HeaderMap,
    render: impl FnOnce(&T, Locale) -> String,
) -> Result<Response, Problem> {
    let json = serde_json::to_vec(document).map_err(Problem::internal)?;
    let tag = tag(&json, form);
    if holds(asked, &tag) {
        return Ok(with_tag(
            StatusCode::NOT_MODIFIED.into_response(),
            &tag,
            form,
        ));
    }
    let (media_type, body) = match form {
        Form::Page(locale) => (
            "text/html; charset=utf-8",
            render(document, locale).into_bytes(),
        ),
        Form::Document => ("application/json", json),
    };
    let mut response = Body::from(body).into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(media_type));
    if let Form::Page(locale) = form {
        let language = HeaderValue::from_static(locale.tag());
        headers.insert(header::CONTENT_LANGUAGE, language);
    }
    Ok(with_tag(response, &tag, form))
}

/// A document of the API.
pub fn document<T: Serialize>(document: &T, asked: &HeaderMap) -> Result<Response, Problem> {
    answer(document, Form::Document, asked, |_, _| String::new())
}

/// 302 from a path without language to the one with it.
pub fn to_language(path_and_query: &str) -> Response {
    let to = format!("{}{path_and_query}", Locale::En.prefix());
    let Ok(to) = HeaderValue::from_str(&to) else {
        return Problem::not_found("such page").into_response();
    };
    let headers: [(HeaderName, HeaderValue); 3] = [
        (header::LOCATION, to),
        (
            header::CACHE_CONTROL,
            HeaderValue::from_static("private, max-age=0"),
        ),
        (
            header::VARY,
            HeaderValue::from_static("Accept-Language, Cookie"),
        ),
    ];
    (StatusCode::FOUND, headers).into_response()
}

/// `W/"<build>-<version>-<form>"`: weak, since a compressed answer has the same tag.
fn tag(json: &[u8], form: Form) -> HeaderValue {
    let mut hasher = Hasher::new();
    hasher.absorb(json);
    // A rebuilt interface must not be hidden by an old tag.
    hasher.absorb(assay_frontend::BUILD.as_bytes());
    let version = hasher.finish().to_string();
    let form = match form {
        Form::Page(locale) => locale.tag(),
        Form::Document => "json",
    };
    let build = env!("CARGO_PKG_VERSION");
    HeaderValue::from_str(&format!("W/\"{build}-{}-{form}\"", &version[..24]))
        .expect("a tag is printable ASCII")
}

/// Does `If-None-Match` name this tag? Compared weakly (RFC 9110 §13.1.2).
fn holds(asked: &HeaderMap, tag: &HeaderValue) -> bool {
    let opaque = |text: &str| text.trim().trim_start_matches("W/").to_owned();
    let Ok(tag) = tag.to_str().map(opaque) else {
        return false;
    };
    let listed = asked.get_all(header::IF_NONE_MATCH).iter();
    listed
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .any(|one| one.trim() == "*" || opaque(one) == tag)
}

fn with_tag(mut response: Response, tag: &HeaderValue, form: Form) -> Response {
    let cache = match form {
        Form::Page(_) => PAGE_CACHE,
        Form::Document => DOCUMENT_CACHE,
    };
    response.headers_mut().insert(header::ETAG, tag.clone());
    response.headers_mut().insert(header::CACHE_CONTROL, cache);
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_suffix_chooses_the_form() {
        assert_eq!(
            Form::of("bay-knowledge"),
            ("bay-knowledge", Form::Page(Locale::En))
        );
        assert_eq!(
            Form::of("bay-knowledge.json"),
            ("bay-knowledge", Form::Document)
        );
    }

    #[test]
    fn a_caller_that_holds_the_document_gets_304_with_its_tag() {
        let first = document(&"x", &HeaderMap::new()).expect("a document");
        let tag = first.headers()[header::ETAG].clone();
        let asked = HeaderMap::from_iter([(header::IF_NONE_MATCH, tag.clone())]);
        let again = document(&"x", &asked).expect("a document");
        assert_eq!(again.status(), StatusCode::NOT_MODIFIED);
        assert_eq!(again.headers()[header::ETAG], tag);
        let changed = document(&"y", &asked).expect("a document");
        assert_eq!(changed.status(), StatusCode::OK);
        assert_ne!(changed.headers()[header::ETAG], tag);
    }

    #[test]
    fn a_path_without_language_is_sent_to_one() {
        let response = to_language("/boards/x?sort=fuel");
        assert_eq!(response.status(), StatusCode::FOUND);
        assert_eq!(
            response.headers()[header::LOCATION],
            "/en/boards/x?sort=fuel"
        );
        assert_eq!(response.headers()[header::VARY], "Accept-Language, Cookie");
    }
}

//! The outermost layer: names the request, traces it, writes problems out and sets the headers that
//! every answer has.
//!
//! Nothing here decides what is refused; a bare error status from below becomes a problem of its
//! kind. Query strings, addresses, tokens and bodies are never traced.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Instant,
};

use assay_frontend::Locale;
use axum::{
    body::Body,
    extract::{Request, State},
    http::{HeaderMap, HeaderName, HeaderValue, Method, header},
    middleware::Next,
    response::Response,
};
use tracing::Instrument;

use super::problem::Problem;

/// The content security policy of every page (constant, so that a 304 may carry it).
pub const CSP: &str = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; \
     img-src 'self' data:; connect-src 'self'; font-src 'self'; form-action 'self'; \
     base-uri 'none'; frame-ancestors 'none'";

const FEATURES_OFF: &str = "camera=(), display-capture=(), geolocation=(), microphone=(), \
     payment=(), publickey-credentials-get=(), usb=()";

/// Header that names the request in the traces.
pub const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Marks an error whose body a protocol fixes: no problem is written over it.
#[derive(Clone, Copy, Debug)]
pub struct AsIs;

/// What the layer needs to know of the station.
#[derive(Debug)]
pub struct Frame {
    /// Where the station is reached, without a slash at the end.
    pub public_url: String,
    /// Drawn once per process, so that ids of two processes differ.
    boot: u64,
    requests: AtomicU64,
}

impl Frame {
    /// A frame with a number drawn at start.
    pub fn new(public_url: &str, boot: u64) -> Arc<Self> {
        let public_url = public_url.trim_end_matches('/').to_owned();
        Arc::new(Self {
            public_url,
            boot,
            requests: AtomicU64::new(0),
        })
    }

    fn next_id(&self) -> String {
        let count = self.requests.fetch_add(1, Ordering::Relaxed);
        format!("{:016x}{count:016x}", self.boot)
    }
}

/// Runs one request and frames its answer.
pub async fn frame(State(frame): State<Arc<Frame>>, request: Request, next: Next) -> Response {
    let id = frame.next_id();
    let asked = Asked::of(&request);
    let span =
        tracing::info_span!("request", trace_id = %id, method = %asked.method, path = %asked.path);
    let began = Instant::now();
    let mut response = next.run(request).instrument(span.clone()).await;
    let is_error = response.status().is_client_error() || response.status().is_server_error();
    if is_error && response.extensions().get::<AsIs>().is_none() {
        response = written(response, &frame.public_url, &asked, &id);
    }
    let status = response.status().as_u16();
    let took_us = began.elapsed().as_micros() as u64;
    span.in_scope(|| tracing::info!(status, took_us, "answered"));
    set_headers(&mut response, &frame.public_url, &id);
    response
}

/// What is needed of a request after it was consumed.
struct Asked {
    method: Method,
    path: String,
    wants_page: bool,
}

impl Asked {
    fn of(request: &Request) -> Self {
        let path = request.uri().path().to_owned();
        let wants_page = wants_page(&path, request.headers());
        Self {
            method: request.method().clone(),
            path,
            wants_page,
        }
    }
}

/// Pages answer with pages. Data paths answer with documents. Elsewhere a browser gets a page.
fn wants_page(path: &str, headers: &HeaderMap) -> bool {
    const DATA: [&str; 10] = [
        "/api/",
        "/assets/",
        "/tile/",
        "/record/",
        "/blob/",
        "/bundle/",
        "/checkpoint",
        "/livez",
        "/readyz",
        "/witness/",
    ];
    if DATA.iter().any(|prefix| path.starts_with(prefix)) || path.rsplit('.').next() == Some("json")
    {
        return false;
    }
    if path == "/" || path.starts_with("/en/") {
        return true;
    }
    let accept = headers
        .get(header::ACCEPT)
        .and_then(|value| value.to_str().ok());
    accept.is_some_and(|accept| accept.contains("text/html"))
}

/// Replaces the body of an error by its problem.
fn written(response: Response, public_url: &str, asked: &Asked, trace_id: &str) -> Response {
    let (mut parts, _) = response.into_parts();
    let problem = parts.extensions.remove::<Problem>();
    let problem = problem.unwrap_or_else(|| Problem::from_status(parts.status));
    let document = problem.document(public_url, &asked.path, trace_id);
    let (media_type, body) = if asked.wants_page {
        (
            "text/html; charset=utf-8",
            assay_frontend::pages::problem(&document, Locale::En).into_bytes(),
        )
    } else {
        let bytes = serde_json::to_vec(&document).expect("a problem has string keys only");
        ("application/problem+json", bytes)
    };
    parts.headers.remove(header::CONTENT_LENGTH);
    parts
        .headers
        .insert(header::CONTENT_TYPE, HeaderValue::from_static(media_type));
    parts
        .headers
        .insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    Response::from_parts(parts, Body::from(body))
}

fn set_headers(response: &mut Response, public_url: &str, trace_id: &str) {
    let headers = response.headers_mut();
    let media_type = headers.get(header::CONTENT_TYPE);
    let is_page = media_type.is_none_or(|value| value.as_bytes().starts_with(b"text/html"));
    let fixed = |value| HeaderValue::from_static(value);
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, fixed("nosniff"));
    headers.insert(header::REFERRER_POLICY, fixed("no-referrer"));
    headers
        .entry(HeaderName::from_static("cross-origin-resource-policy"))
        .or_insert(fixed("same-origin"));
    if is_page {
        headers.insert(header::CONTENT_SECURITY_POLICY, fixed(CSP));
        headers.insert(
            HeaderName::from_static("cross-origin-opener-policy"),
            fixed("same-origin"),
        );
        headers.insert(
            HeaderName::from_static("permissions-policy"),
            fixed(FEATURES_OFF),
        );
    }
    if public_url.starts_with("https://") {
        headers.insert(header::STRICT_TRANSPORT_SECURITY, fixed("max-age=31536000"));
    }
    let id = HeaderValue::from_str(trace_id).expect("a trace id is hex");
    headers.insert(REQUEST_ID, id);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_get_pages_and_data_gets_documents() {
        let none = HeaderMap::new();
        let mut browser = HeaderMap::new();
        browser.insert(
            header::ACCEPT,
            HeaderValue::from_static("text/html,*/*;q=0.8"),
        );
        assert!(wants_page("/en/boards/none", &none));
        assert!(!wants_page("/en/boards/none.json", &browser));
        assert!(!wants_page("/api/v1/nothing", &browser));
        assert!(!wants_page("/nothing", &none));
        assert!(wants_page("/nothing", &browser));
    }

    #[test]
    fn two_requests_of_one_process_have_two_ids() {
        let frame = Frame::new("http://127.0.0.1:8080/", 7);
        assert_eq!(frame.public_url, "http://127.0.0.1:8080");
        assert_ne!(frame.next_id(), frame.next_id());
    }
}

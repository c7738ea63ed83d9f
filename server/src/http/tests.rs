//! The layers without a station: whatever a route or the framework refuses is a problem.

use axum::{
    body::{Body, Bytes},
    http::{Request, StatusCode},
    response::Html,
    routing::post,
};
use tower::ServiceExt as _;

use super::*;

fn small() -> Router {
    let routes = Router::new()
        .route(
            "/en/page",
            get(|| async { Html("<!DOCTYPE html><title>x</title>") }),
        )
        .route("/api/v1/thing", get(|| async { "{}" }))
        .route(
            "/api/v1/body",
            post(|body: Bytes| async move { body.len().to_string() }),
        )
        .route(
            "/api/v1/missing",
            get(|| async { Problem::not_found("run r-7") }),
        )
        .route(
            "/en/missing",
            get(|| async { Problem::not_found("run r-7") }),
        )
        .route("/api/v1/panic", get(|| async { panics() }))
        .fallback(nothing_here);
    framed(routes, Frame::new("http://127.0.0.1:8080", 1))
}

fn panics() -> &'static str {
    let empty: Vec<&'static str> = Vec::new();
    empty[0]
}

async fn ask(request: Request<Body>) -> (Response, Bytes) {
    let response = small()
        .oneshot(request)
        .await
        .expect("the router is infallible");
    let (parts, body) = response.into_parts();
    let bytes = axum::body::to_bytes(body, 1 << 20)
        .await
        .expect("a short body");
    (Response::from_parts(parts, Body::empty()), bytes)
}

async fn read(path: &str) -> (Response, Bytes) {
    ask(Request::get(path).body(Body::empty()).expect("a request")).await
}

async fn problem(request: Request<Body>) -> (Response, assay_api::Problem) {
    let (response, bytes) = ask(request).await;
    assert_eq!(
        response.headers()[header::CONTENT_TYPE],
        "application/problem+json"
    );
    assert_eq!(response.headers()[header::CACHE_CONTROL], "no-store");
    (
        response,
        serde_json::from_slice(&bytes).expect("a problem document"),
    )
}

#[tokio::test]
async fn an_unknown_path_is_a_problem_with_its_path_and_trace() {
    let request = Request::get("/api/v1/nope?x=1")
        .body(Body::empty())
        .expect("a request");
    let (response, problem) = problem(request).await;
    assert_eq!(problem.status, 404);
    assert_eq!(problem.kind, "http://127.0.0.1:8080/problems/not-found");
    assert_eq!(problem.instance, "/api/v1/nope");
    assert_eq!(
        response.headers()[answer::REQUEST_ID],
        problem.trace_id.as_str()
    );
    assert_eq!(problem.trace_id.len(), 32);
}

#[tokio::test]
async fn a_wrong_method_is_a_problem_that_keeps_the_allowed_ones() {
    let request = Request::delete("/api/v1/thing")
        .body(Body::empty())
        .expect("a request");
    let (response, problem) = problem(request).await;
    assert_eq!((response.status().as_u16(), problem.status), (405, 405));
    assert_eq!(
        problem.kind,
        "http://127.0.0.1:8080/problems/invalid-request"
    );
    assert_eq!(response.headers()[header::ALLOW], "GET,HEAD");
}

#[tokio::test]
async fn a_body_over_the_limit_is_a_problem() {
    let body = Body::from(vec![0; BODY_BYTES_MAX + 1]);
    let (response, problem) =
        problem(Request::post("/api/v1/body").body(body).expect("a request")).await;
    assert_eq!(response.status(), StatusCode::PAYLOAD_TOO_LARGE);
    assert_eq!(problem.kind, "http://127.0.0.1:8080/problems/too-large");
}

#[tokio::test]
async fn a_panic_is_a_problem_that_tells_the_caller_nothing_of_it() {
    let request = Request::get("/api/v1/panic")
        .body(Body::empty())
        .expect("a request");
    let (response, problem) = problem(request).await;
    assert_eq!(response.status(), StatusCode::INTERNAL_SERVER_ERROR);
    assert_eq!(problem.kind, "http://127.0.0.1:8080/problems/internal");
    assert!(!problem.detail.contains("index"), "{}", problem.detail);
}

#[tokio::test]
async fn a_page_shows_the_same_problem_as_a_page() {
    let (response, bytes) = read("/en/missing").await;
    assert_eq!(response.status(), StatusCode::NOT_FOUND);
    assert_eq!(
        response.headers()[header::CONTENT_TYPE],
        "text/html; charset=utf-8"
    );
    let page = String::from_utf8(bytes.to_vec()).expect("pages are UTF-8");
    assert!(
        page.contains("there is no run r-7 at this station"),
        "{page}"
    );
}

#[tokio::test]
async fn every_page_carries_the_policy_and_no_data_does() {
    let (page, _) = read("/en/page").await;
    assert_eq!(page.headers()[header::CONTENT_SECURITY_POLICY], answer::CSP);
    assert!(!answer::CSP.contains("unsafe-inline") && !answer::CSP.contains("  "));
    assert_eq!(page.headers()[header::X_CONTENT_TYPE_OPTIONS], "nosniff");
    assert_eq!(page.headers()[header::REFERRER_POLICY], "no-referrer");
    assert_eq!(page.headers()["cross-origin-opener-policy"], "same-origin");
    let (data, _) = read("/api/v1/thing").await;
    assert!(!data.headers().contains_key(header::CONTENT_SECURITY_POLICY));
    let (refused, _) = read("/en/missing").await;
    assert_eq!(
        refused.headers()[header::CONTENT_SECURITY_POLICY],
        answer::CSP
    );
}

mod station;
mod witness;

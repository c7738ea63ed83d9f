//! The witness protocol over HTTP: exact statuses, exact bodies.

use std::sync::Arc;

use assay_evidence::{digest::Digest, witness::REQUEST_BYTES_MAX};
use axum::http::HeaderValue;

use super::*;
use crate::{
    clock::{Clock, Millis},
    witness::testing::{TestLog, witness},
};

struct World {
    routes: Router,
    log: TestLog,
    _dir: tempfile::TempDir,
}

impl World {
    async fn new() -> Self {
        let dir = tempfile::tempdir().expect("a temporary folder");
        let log = TestLog::new("log.a.test", 1, 300, ("", 300));
        let clock = Clock::wound(Millis(1_800_000_000_000));
        let witness = witness(dir.path(), "log.b.test", &[&log], &clock).await;
        let url = "http://127.0.0.1:8080";
        Self {
            routes: witness_router(Arc::new(witness), url, Entropy::system()),
            log,
            _dir: dir,
        }
    }

    async fn ask(&self, request: Request<Body>) -> (Response, Vec<u8>) {
        let response = self.routes.clone().oneshot(request).await;
        let (parts, body) = response.expect("the router is infallible").into_parts();
        let bytes = axum::body::to_bytes(body, 1 << 20).await;
        let bytes = bytes.expect("a short body").to_vec();
        (Response::from_parts(parts, Body::empty()), bytes)
    }

    async fn add(&self, body: impl Into<Body>) -> (u16, HeaderValue, Vec<u8>) {
        let request = Request::post("/witness/add-checkpoint").body(body.into());
        let (response, bytes) = self.ask(request.expect("a request")).await;
        let media_type = response.headers()[header::CONTENT_TYPE].clone();
        (response.status().as_u16(), media_type, bytes)
    }
}

#[tokio::test]
async fn a_head_is_answered_with_a_line_and_can_be_read_afterwards() {
    let world = World::new().await;
    let (status, media_type, line) = world.add(world.log.request(0, 5)).await;
    assert_eq!(
        (status, media_type),
        (200, HeaderValue::from_static("text/plain; charset=utf-8"))
    );
    let line = String::from_utf8(line).expect("a line is text");
    assert!(line.starts_with("\u{2014} log.b.test/witness ") && line.ends_with('\n'));
    let path = format!("/witness/{}/checkpoint", Digest::of(b"log.a.test"));
    let read = |path: &str| Request::get(path).body(Body::empty()).expect("a request");
    let (response, note) = world.ask(read(&path)).await;
    assert_eq!(response.status(), StatusCode::OK);
    assert_eq!(note, (world.log.note(5) + &line).into_bytes());
    for unknown in [
        format!("/witness/{}/checkpoint", Digest::of(b"log.c.test")),
        "/witness/00/checkpoint".to_owned(),
    ] {
        assert_eq!(
            world.ask(read(&unknown)).await.0.status(),
            StatusCode::NOT_FOUND
        );
    }
}

#[tokio::test]
async fn an_outdated_size_is_answered_with_the_size_alone() {
    let world = World::new().await;
    world.add(world.log.request(0, 257)).await;
    let (status, media_type, body) = world.add(world.log.request(0, 300)).await;
    assert_eq!(
        (status, media_type, body.as_slice()),
        (
            409,
            HeaderValue::from_static("text/x.tlog.size"),
            b"257\n".as_slice()
        )
    );
}

#[tokio::test]
async fn each_refusal_has_its_status_and_is_a_problem() {
    let world = World::new().await;
    world.add(world.log.request(0, 5)).await;
    let unknown = TestLog::new("log.c.test", 1, 5, ("", 5));
    let stranger = TestLog::new("log.a.test", 2, 9, ("", 9));
    let fork = TestLog::new("log.a.test", 1, 9, ("fork", 3));
    let long = vec![b'a'; REQUEST_BYTES_MAX + 1];
    for (body, expected) in [
        (b"hello".to_vec(), 400),
        (long, 400),
        (unknown.request(0, 5), 404),
        (stranger.request(5, 9), 403),
        (fork.request(5, 9), 422),
        (fork.request(5, 5), 422),
        // By now the log has told two stories.
        (world.log.request(5, 9), 422),
    ] {
        let (status, media_type, body) = world.add(body).await;
        assert_eq!(
            (status, media_type),
            (
                expected,
                HeaderValue::from_static("application/problem+json")
            )
        );
        let problem: assay_api::Problem = serde_json::from_slice(&body).expect("a problem");
        assert_eq!(problem.status, expected);
    }
}

#[tokio::test]
async fn a_station_that_opens_answers_its_witness_alone() {
    let world = World::new().await;
    let request = Request::get("/api/v1/station").body(Body::empty());
    let (response, _) = world.ask(request.expect("a request")).await;
    assert_eq!(response.status(), StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(response.headers()[header::RETRY_AFTER], "2");
    assert_eq!(world.add(world.log.request(0, 5)).await.0, 200);
}

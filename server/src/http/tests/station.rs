//! The real routes over a station that has logged nothing yet: pages, lists, refusals, the log's files.

use axum::{
    body::Body,
    http::{HeaderMap, Request, StatusCode, header},
};
use tower::ServiceExt as _;

use crate::{entropy::Entropy, http::router, station::testing::World};

struct Answer {
    status: StatusCode,
    headers: HeaderMap,
    body: String,
}

impl Answer {
    fn media_type(&self) -> &str {
        self.headers[header::CONTENT_TYPE]
            .to_str()
            .expect("a media type is ASCII")
    }

    fn problem(&self) -> assay_api::Problem {
        assert_eq!(
            self.media_type(),
            "application/problem+json",
            "{}",
            self.body
        );
        serde_json::from_str(&self.body).expect("a problem document")
    }
}

async fn ask(world: &World, request: Request<Body>) -> Answer {
    let router = router(world.station.clone(), Entropy::system());
    let response = router
        .oneshot(request)
        .await
        .expect("the router is infallible");
    let (parts, body) = response.into_parts();
    let bytes = axum::body::to_bytes(body, 1 << 24)
        .await
        .expect("a bounded body");
    Answer {
        status: parts.status,
        headers: parts.headers,
        body: String::from_utf8(bytes.to_vec()).expect("these answers are text"),
    }
}

async fn read(world: &World, path: &str) -> Answer {
    ask(
        world,
        Request::get(path).body(Body::empty()).expect("a request"),
    )
    .await
}

#[tokio::test]
async fn a_page_and_its_document_say_the_same_and_a_known_tag_gets_304() {
    let world = World::new().await;
    let page = read(&world, "/en/").await;
    assert_eq!(
        (page.status, page.media_type()),
        (StatusCode::OK, "text/html; charset=utf-8")
    );
    let document = read(&world, "/en/index.json").await;
    assert_eq!(
        (document.status, document.media_type()),
        (StatusCode::OK, "application/json")
    );
    let home: assay_api::HomePage = serde_json::from_str(&document.body).expect("a document");
    assert!(page.body.contains(&home.station.origin));
    let known = Request::get("/en/").header(header::IF_NONE_MATCH, &page.headers[header::ETAG]);
    let again = ask(&world, known.body(Body::empty()).expect("a request")).await;
    assert_eq!(
        (again.status, again.body.as_str()),
        (StatusCode::NOT_MODIFIED, "")
    );
    assert_eq!(
        again.headers[header::CONTENT_SECURITY_POLICY],
        page.headers[header::CONTENT_SECURITY_POLICY]
    );
}

#[tokio::test]
async fn a_path_without_language_redirects_and_keeps_its_query() {
    let world = World::new().await;
    let sent = read(&world, "/boards/x?sort=fuel").await;
    assert_eq!(sent.status, StatusCode::FOUND);
    assert_eq!(sent.headers[header::LOCATION], "/en/boards/x?sort=fuel");
}

#[tokio::test]
async fn what_is_not_there_is_named_as_document_and_as_page() {
    let world = World::new().await;
    for (path, what) in [
        ("/api/v1/runs/nope", "run nope"),
        ("/api/v1/boards/nope", "benchmark nope"),
        ("/api/v1/systems/nope", "system nope"),
        ("/api/v1/submissions/nope", "submission nope"),
        ("/api/v1/receipts/nope", "receipt nope"),
        ("/en/boards/nope.json", "benchmark nope"),
    ] {
        let problem = read(&world, path).await.problem();
        assert_eq!(problem.status, 404, "{path}");
        assert_eq!(
            problem.detail,
            format!("there is no {what} at this station"),
            "{path}"
        );
    }
    for path in [
        "/en/boards/nope",
        "/en/runs/nope",
        "/problems/nope",
        "/en/nope",
    ] {
        let page = read(&world, path).await;
        assert_eq!(page.status, StatusCode::NOT_FOUND, "{path}");
    }
}

#[tokio::test]
async fn queries_are_closed_and_lists_are_bounded() {
    let world = World::new().await;
    for (path, detail) in [
        (
            "/api/v1/runs?state=lost",
            "`lost` is no value of `state`; it takes queued, running, marked, published, aborted",
        ),
        (
            "/api/v1/runs?limit=0",
            "`limit` is `0`; it goes from 1 to 200",
        ),
        (
            "/api/v1/forms?x",
            "`x` is no query key of this path; it takes none",
        ),
        (
            "/api/v1/runs?after=00",
            "`after` is no cursor of this list; take it from `next`, or begin without it",
        ),
    ] {
        let problem = read(&world, path).await.problem();
        assert_eq!((problem.status, problem.detail.as_str()), (400, detail));
    }
    assert_eq!(
        read(&world, "/api/v1/runs?limit=200").await.body,
        r#"{"rows":[]}"#
    );
}

#[tokio::test]
async fn changing_needs_a_token_and_reading_does_not() {
    let world = World::new().await;
    for path in [
        "/api/v1/submissions?name=x&benchmark=y",
        "/api/v1/forms",
        "/api/v1/forms/x/retirement",
        "/api/v1/forms/x/reveal",
    ] {
        let request = Request::post(path)
            .body(Body::from("x"))
            .expect("a request");
        let answer = ask(&world, request).await;
        assert_eq!(answer.problem().status, 401, "{path}");
        assert_eq!(
            answer.headers[header::WWW_AUTHENTICATE],
            "Bearer realm=\"assay\""
        );
        let request = Request::post(path).header(header::AUTHORIZATION, "Bearer assay_0_0");
        let answer = ask(&world, request.body(Body::from("x")).expect("a request")).await;
        assert_eq!(answer.problem().status, 401, "{path}");
    }
    assert_eq!(
        read(&world, "/api/v1/submissions").await.status,
        StatusCode::OK
    );
}

#[tokio::test]
async fn a_token_allows_only_what_its_scope_says() {
    let world = World::new().await;
    let ask_with = async |path: &str, token: &str| {
        let bearer = format!("Bearer {token}");
        let request = Request::post(path).header(header::AUTHORIZATION, bearer);
        let request = request.body(Body::from("x")).expect("a request");
        ask(&world, request).await.problem()
    };
    let (submissions, forms) = ("/api/v1/submissions?name=x&benchmark=y", "/api/v1/forms");
    let (retirement, reveal) = ("/api/v1/forms/x/retirement", "/api/v1/forms/x/reveal");
    for (path, wrong, right, needed, found) in [
        (
            submissions,
            &world.form_token,
            &world.token,
            "submit",
            "form",
        ),
        (forms, &world.token, &world.form_token, "form", "submit"),
        (
            retirement,
            &world.token,
            &world.form_token,
            "form",
            "submit",
        ),
        (reveal, &world.token, &world.form_token, "form", "submit"),
    ] {
        let refused = ask_with(path, wrong).await;
        assert_eq!(refused.status, 403, "{path}");
        assert_eq!(refused.kind, "http://127.0.0.1:1/problems/not-allowed");
        assert_eq!(
            refused.detail,
            format!(
                "this needs a token of scope `{needed}`, and this one is of scope `{found}`; \
                 `assay station init` printed one of each"
            )
        );
        // With the right token only what comes after it is wrong.
        let status = ask_with(path, right).await.status;
        assert!(matches!(status, 400 | 415), "{path}: {status}");
    }
}

#[tokio::test]
async fn the_log_s_files_are_served_and_nothing_beside_them() {
    let world = World::new().await;
    let checkpoint = read(&world, "/checkpoint").await;
    assert!(
        checkpoint.body.starts_with("log.station.test\n0\n"),
        "{}",
        checkpoint.body
    );
    assert_eq!(
        checkpoint.headers["cross-origin-resource-policy"],
        "cross-origin"
    );
    assert!(read(&world, "/policy").await.body.contains("quorum none"));
    let digest = "0".repeat(64);
    for path in [
        format!("/blob/00/{digest}"),
        format!("/blob/ab/{digest}"),
        format!("/record/00/{digest}.json"),
        format!("/bundle/{digest}.json"),
        "/bundle/..%2f..%2fkeys%2flog.json".to_owned(),
        "/tile/0/000.p/1".to_owned(),
        "/tile/..%2f..%2fkeys".to_owned(),
    ] {
        assert_eq!(read(&world, &path).await.problem().status, 404, "{path}");
    }
}

#[tokio::test]
async fn the_checker_s_page_takes_a_leaf_hash_and_nothing_else() {
    let world = World::new().await;
    let leaf = "ab".repeat(32);
    let page = read(&world, &format!("/en/verify?receipt={leaf}")).await;
    assert_eq!(page.status, StatusCode::OK);
    assert!(
        page.body
            .contains(&format!("data-bundle=\"/bundle/{leaf}.json\""))
    );
    assert_eq!(read(&world, "/en/verify").await.status, StatusCode::OK);
    let refused = read(&world, "/en/verify?receipt=ab").await;
    assert_eq!(refused.status, StatusCode::BAD_REQUEST);
    let sent = read(&world, "/verify?receipt=ab").await;
    assert_eq!(sent.headers[header::LOCATION], "/en/verify?receipt=ab");
}

#[tokio::test]
async fn every_kind_of_problem_has_its_page() {
    let world = World::new().await;
    for kind in crate::http::problem::Kind::ALL {
        let page = read(&world, &format!("/problems/{}", kind.name())).await;
        assert_eq!(page.status, StatusCode::OK);
        assert!(page.body.contains(kind.title()), "{}", kind.name());
    }
}

#[tokio::test]
async fn the_station_s_page_says_how_it_stands_even_without_an_enclave() {
    let world = World::new().await;
    let document = read(&world, "/en/station.json").await;
    assert_eq!(document.body, read(&world, "/api/v1/station").await.body);
    let said: assay_api::StationPage = serde_json::from_str(&document.body).expect("a document");
    assert_eq!(said.quorum.rule, "none");
    assert_eq!(said.log.freshness, assay_api::Freshness::Unwitnessed);
    assert_eq!((said.seal_recipient, said.enclave_sha256), (None, None));
    let page = read(&world, "/en/station").await;
    assert_eq!(page.status, StatusCode::OK);
    assert_eq!(page.headers[header::CACHE_CONTROL], "no-cache");
    assert!(page.body.contains("Nobody but this station signs its log"));
}

#[tokio::test]
async fn a_form_is_retired_for_a_reason_of_the_closed_list_and_revealed_with_its_digest_announced()
{
    let world = World::new().await;
    let ask_with = async |path: &str, kind: &str, body: &str| {
        let bearer = format!("Bearer {}", world.form_token);
        let request = Request::post(path)
            .header(header::AUTHORIZATION, bearer)
            .header(header::CONTENT_TYPE, kind)
            .body(Body::from(body.to_owned()));
        ask(&world, request.expect("a request")).await.problem()
    };
    let retirement = "/api/v1/forms/x/retirement";
    let refused = ask_with(retirement, "application/json", r#"{"reason":"boredom"}"#).await;
    assert_eq!(
        (refused.status, refused.detail.as_str()),
        (
            400,
            "`reason` takes rotation, leak-suspected, fault-found, end-of-life"
        )
    );
    let refused = ask_with(retirement, "application/json", r#"{"reason":"rotation"}"#).await;
    assert_eq!(
        (refused.status, refused.detail.as_str()),
        (
            404,
            "there is no form x at this station; GET /api/v1/forms lists them"
        )
    );
    let refused = ask_with("/api/v1/forms/x/reveal", "application/octet-stream", "body").await;
    assert_eq!(
        (refused.status, refused.detail.as_str()),
        (
            400,
            "announce the body's digest as `Content-Digest: sha-256=:<base64>:` (RFC 9530)"
        )
    );
}

#[tokio::test]
async fn a_station_that_has_not_begun_is_read_and_takes_nothing_in() {
    let world = World::new().await;
    world.not_begun();
    assert_eq!(read(&world, "/en/").await.status, StatusCode::OK);
    let log = read(&world, "/api/v1/log").await;
    assert_eq!(log.status, StatusCode::OK, "{}", log.body);
    let post = Request::post("/api/v1/submissions").body(Body::empty());
    let refused = ask(&world, post.expect("a request")).await;
    assert_eq!(refused.status, StatusCode::SERVICE_UNAVAILABLE);
    let says =
        "the station is starting; if that takes long, its newest records wait for their witnesses";
    assert_eq!(refused.problem().detail, says);
    let ready = read(&world, "/readyz").await;
    assert_eq!(ready.status, StatusCode::SERVICE_UNAVAILABLE);
}

//! The JSON API under `/api/v1`: the documents of the pages, and lists.
//!
//! Reading needs no token. What changes something is next door.

use std::{fmt::Display, str::FromStr};

use assay_api::Rows;
use axum::{
    Router,
    extract::{Path, RawQuery, State},
    http::{HeaderMap, HeaderValue, header},
    response::Response,
    routing::get,
};
use serde::Serialize;

use super::{
    App,
    page::document,
    problem::Problem,
    query::{self, Query},
    upload,
};
use crate::{
    id::{RunId, SubmissionId},
    store::{Page, RunFilter, RunState},
    views,
};

/// Rows of a list when no limit is asked.
const ROWS_USUAL: u32 = 50;
/// Rows of a list at most.
const ROWS_MAX: u32 = 200;

type Answer = Result<Response, Problem>;

/// Routes of the API.
pub fn routes() -> Router<App> {
    Router::new()
        .route("/api/v1/station", get(station))
        .route("/api/v1/log", get(log))
        .route("/api/v1/benchmarks", get(benchmarks))
        .route("/api/v1/boards/{benchmark}", get(board))
        .route("/api/v1/systems/{id}", get(system))
        .route("/api/v1/runs", get(runs))
        .route("/api/v1/runs/{id}", get(run))
        .route("/api/v1/receipts/{leaf}", get(receipt))
        .route("/api/v1/submissions", get(submissions).post(upload::submit))
        .route("/api/v1/submissions/{id}", get(submission))
}

async fn station(State(app): State<App>, RawQuery(raw): RawQuery, asked: HeaderMap) -> Answer {
    query::none(raw.as_deref())?;
    document(&views::station::page(&app.station).await?, &asked)
}

async fn log(State(app): State<App>, RawQuery(raw): RawQuery, asked: HeaderMap) -> Answer {
    query::none(raw.as_deref())?;
    document(&views::log(&app.station).await?, &asked)
}

async fn benchmarks(State(app): State<App>, RawQuery(raw): RawQuery, asked: HeaderMap) -> Answer {
    query::none(raw.as_deref())?;
    let rows = views::benchmarks(&app.station).await?;
    document(&Rows { rows, next: None }, &asked)
}

async fn board(
    State(app): State<App>,
    Path(name): Path<String>,
    RawQuery(raw): RawQuery,
    asked: HeaderMap,
) -> Answer {
    document(
        &views::board(&app.station, &name, raw.as_deref()).await?,
        &asked,
    )
}

async fn system(
    State(app): State<App>,
    Path(id): Path<String>,
    RawQuery(raw): RawQuery,
    asked: HeaderMap,
) -> Answer {
    query::none(raw.as_deref())?;
    document(&views::system(&app.station, &id).await?, &asked)
}

async fn receipt(
    State(app): State<App>,
    Path(leaf): Path<String>,
    RawQuery(raw): RawQuery,
    asked: HeaderMap,
) -> Answer {
    query::none(raw.as_deref())?;
    document(&views::receipt(&app.station, &leaf).await?, &asked)
}

async fn run(
    State(app): State<App>,
    Path(id): Path<String>,
    RawQuery(raw): RawQuery,
    asked: HeaderMap,
) -> Answer {
    query::none(raw.as_deref())?;
    document(&views::run(&app.station, &id).await?, &asked)
}

async fn submission(
    State(app): State<App>,
    Path(id): Path<String>,
    RawQuery(raw): RawQuery,
    asked: HeaderMap,
) -> Answer {
    query::none(raw.as_deref())?;
    document(&views::submission(&app.station, &id).await?, &asked)
}

async fn runs(State(app): State<App>, RawQuery(raw): RawQuery, asked: HeaderMap) -> Answer {
    let keys = [
        "submission",
        "system",
        "benchmark",
        "state",
        "limit",
        "after",
    ];
    let query = Query::parse(raw.as_deref(), &keys)?;
    let filter = RunFilter {
        submission: query
            .one("submission")?
            .map(id::<SubmissionId>)
            .transpose()?,
        system: query.one("system")?.map(str::to_owned),
        benchmark: query.one("benchmark")?.map(str::to_owned),
        state: query.choice("state", &STATES)?,
    };
    let (limit, after) = window(&app, &query, "runs")?;
    let page = Page {
        before: after.map(RunId),
        limit: limit + 1,
    };
    let mut found = app
        .station
        .store()
        .runs(&filter, &page)
        .await
        .map_err(Problem::internal)?;
    let last = cut(&mut found, limit).map(|last| last.id.0);
    let rows = views::run_rows(&app.station, &found).await?;
    let next = last.map(|id| app.cursors.after("runs", &id));
    listed(&Rows { rows, next }, "/api/v1/runs", raw.as_deref(), &asked)
}

async fn submissions(State(app): State<App>, RawQuery(raw): RawQuery, asked: HeaderMap) -> Answer {
    let query = Query::parse(raw.as_deref(), &["limit", "after"])?;
    let (limit, after) = window(&app, &query, "submissions")?;
    let page = Page {
        before: after.map(SubmissionId),
        limit: limit + 1,
    };
    let mut found = app
        .station
        .store()
        .submissions(&page)
        .await
        .map_err(Problem::internal)?;
    let last = cut(&mut found, limit).map(|last| last.id.0);
    let rows = views::submission_rows(&app.station, &found).await?;
    let next = last.map(|id| app.cursors.after("submissions", &id));
    listed(
        &Rows { rows, next },
        "/api/v1/submissions",
        raw.as_deref(),
        &asked,
    )
}

const STATES: [(&str, RunState); 5] = [
    ("queued", RunState::Queued),
    ("running", RunState::Running),
    ("marked", RunState::Marked),
    ("published", RunState::Published),
    ("aborted", RunState::Aborted),
];

fn id<T: FromStr<Err: Display>>(text: &str) -> Result<T, Problem> {
    text.parse()
        .map_err(|error: T::Err| Problem::invalid(error.to_string()))
}

/// How many rows, and after which one.
fn window(app: &App, query: &Query, list: &str) -> Result<(u32, Option<[u8; 16]>), Problem> {
    let limit = query.limit(ROWS_USUAL, ROWS_MAX)?;
    let after = query
        .one("after")?
        .map(|text| app.cursors.read(list, text))
        .transpose()?;
    Ok((limit, after))
}

/// Drops the row that was read only to see whether there are more; the last row if there are.
fn cut<T>(found: &mut Vec<T>, limit: u32) -> Option<&T> {
    let more = found.len() > limit as usize;
    found.truncate(limit as usize);
    found.last().filter(|_| more)
}

/// A list with its `Link` to the next page, where there is one.
fn listed<T: Serialize>(
    rows: &Rows<T>,
    path: &str,
    raw: Option<&str>,
    asked: &HeaderMap,
) -> Answer {
    let mut response = document(rows, asked)?;
    if let Some(next) = &rows.next {
        let after = format!("after={next}");
        let pairs = raw.unwrap_or_default().split('&');
        let kept = pairs.filter(|pair| !pair.is_empty() && !pair.starts_with("after="));
        let query: Vec<&str> = kept.chain([after.as_str()]).collect();
        let link = format!("<{path}?{}>; rel=\"next\"", query.join("&"));
        if let Ok(link) = HeaderValue::from_str(&link) {
            response.headers_mut().insert(header::LINK, link);
        }
    }
    Ok(response)
}

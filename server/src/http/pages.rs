//! The pages and their documents: ask for a view, then render it. Nothing is awaited after that.
//!
//! Every path here begins with a language; the same path without one redirects to it.

use axum::{
    Router,
    extract::{Path, RawQuery, State},
    http::{HeaderMap, HeaderValue, Uri, header},
    response::{IntoResponse, Response},
    routing::get,
};

use assay_frontend::{Locale, pages};

use super::{
    App,
    page::{self, Form, answer},
    problem::{Kind, Problem},
    query,
};
use crate::views;

type Answer = Result<Response, Problem>;

/// Routes of the pages.
pub fn routes() -> Router<App> {
    Router::new()
        .route("/en/", get(home))
        .route("/en/index.json", get(home_document))
        .route("/en/boards/{benchmark}", get(board))
        .route("/en/systems/{id}", get(system))
        .route("/en/runs/{id}", get(run))
        .route("/en/receipts/{leaf}", get(receipt))
        .route("/en/station", get(station))
        .route("/en/station.json", get(station_document))
        .route("/en/method", get(method))
        .route("/en/verify", get(verify))
        .route("/problems/{kind}", get(problem_kind))
        .route("/", get(to_language))
        .route("/en", get(to_home))
        .route("/boards/{benchmark}", get(to_language))
        .route("/systems/{id}", get(to_language))
        .route("/runs/{id}", get(to_language))
        .route("/receipts/{leaf}", get(to_language))
        .route("/station", get(to_language))
        .route("/method", get(to_language))
        .route("/verify", get(to_language))
}

async fn home(State(app): State<App>, RawQuery(raw): RawQuery, asked: HeaderMap) -> Answer {
    query::none(raw.as_deref())?;
    answer(
        &views::home(&app.station).await?,
        Form::Page(Locale::En),
        &asked,
        pages::home,
    )
}

async fn home_document(
    State(app): State<App>,
    RawQuery(raw): RawQuery,
    asked: HeaderMap,
) -> Answer {
    query::none(raw.as_deref())?;
    page::document(&views::home(&app.station).await?, &asked)
}

async fn board(
    State(app): State<App>,
    Path(segment): Path<String>,
    RawQuery(raw): RawQuery,
    asked: HeaderMap,
) -> Answer {
    let (name, form) = Form::of(&segment);
    let document = views::board(&app.station, name, raw.as_deref()).await?;
    answer(&document, form, &asked, pages::board)
}

async fn system(
    State(app): State<App>,
    Path(segment): Path<String>,
    RawQuery(raw): RawQuery,
    asked: HeaderMap,
) -> Answer {
    query::none(raw.as_deref())?;
    let (id, form) = Form::of(&segment);
    answer(
        &views::system(&app.station, id).await?,
        form,
        &asked,
        pages::system,
    )
}

async fn run(
    State(app): State<App>,
    Path(segment): Path<String>,
    RawQuery(raw): RawQuery,
    asked: HeaderMap,
) -> Answer {
    query::none(raw.as_deref())?;
    let (id, form) = Form::of(&segment);
    let document = views::run(&app.station, id).await?;
    answer(&document, form, &asked, pages::run).map(always_asked)
}

async fn receipt(
    State(app): State<App>,
    Path(segment): Path<String>,
    RawQuery(raw): RawQuery,
    asked: HeaderMap,
) -> Answer {
    query::none(raw.as_deref())?;
    let (leaf, form) = Form::of(&segment);
    answer(
        &views::receipt(&app.station, leaf).await?,
        form,
        &asked,
        pages::receipt,
    )
}

async fn station(State(app): State<App>, RawQuery(raw): RawQuery, asked: HeaderMap) -> Answer {
    query::none(raw.as_deref())?;
    let document = views::station::page(&app.station).await?;
    let page = Form::Page(Locale::En);
    answer(&document, page, &asked, pages::station).map(always_asked)
}

async fn station_document(
    State(app): State<App>,
    RawQuery(raw): RawQuery,
    asked: HeaderMap,
) -> Answer {
    query::none(raw.as_deref())?;
    page::document(&views::station::page(&app.station).await?, &asked)
}

/// A page that moves on while it is looked at is asked for again each time.
fn always_asked(mut response: Response) -> Response {
    response
        .headers_mut()
        .insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    response
}

async fn method(RawQuery(raw): RawQuery, asked: HeaderMap) -> Answer {
    query::none(raw.as_deref())?;
    // The page has no data of its own; its version is that of the interface.
    answer(&"method", Form::Page(Locale::En), &asked, |_, locale| {
        pages::method(locale)
    })
}

/// Where a browser checks a bundle. The page is the same whether such a receipt exists or not.
async fn verify(RawQuery(raw): RawQuery, asked: HeaderMap) -> Answer {
    let receipt = query::receipt(raw.as_deref())?;
    let receipt = receipt.map(|leaf| leaf.to_string());
    answer(
        &("verify", &receipt),
        Form::Page(Locale::En),
        &asked,
        |(_, receipt), locale| pages::verify(receipt.as_deref(), locale),
    )
}

/// What a kind of problem means, shown in the form of a problem that did not happen.
async fn problem_kind(Path(name): Path<String>, uri: Uri, asked: HeaderMap) -> Answer {
    let kind = Kind::named(&name).ok_or_else(|| Problem::not_found("such kind of problem"))?;
    let mut shown = Problem::new(kind, kind.meaning()).document("", uri.path(), "");
    shown.title = format!("{}: {}", kind.name(), kind.title());
    answer(&shown, Form::Page(Locale::En), &asked, pages::problem)
}

async fn to_language(uri: Uri) -> Response {
    page::to_language(uri.path_and_query().map_or("/", |whole| whole.as_str()))
}

async fn to_home() -> Response {
    page::to_language("/").into_response()
}

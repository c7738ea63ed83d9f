//! The public listener: pages, API and the files of the log, behind one set of layers.
//!
//! Routes ask the station and the views; they decide nothing about runs or records. There is no
//! session and no cookie: reading is public, changing needs a token.

mod access;
pub mod answer;
mod api;
mod assets;
mod cursor;
mod files;
mod forms;
mod health;
mod page;
mod pages;
pub mod problem;
pub mod query;
pub mod serve;
mod upload;
mod witness;

use std::{
    any::Any,
    sync::{Arc, PoisonError, RwLock},
    time::Duration,
};

use axum::{
    Router,
    extract::{DefaultBodyLimit, Request, State},
    http::{Method, header},
    middleware::{self, Next},
    response::{IntoResponse, Response},
    routing::get,
};
use tokio::time::timeout;
use tower::ServiceExt as _;
use tower_http::{
    catch_panic::CatchPanicLayer, sensitive_headers::SetSensitiveRequestHeadersLayer,
};

use self::{answer::Frame, cursor::Cursors, problem::Problem};
use crate::{
    entropy::Entropy,
    station::{Opening, Station},
    witness::Witness,
};

/// Body of a request that is no upload.
const BODY_BYTES_MAX: usize = 64 * 1024;
/// Time for a request that is no upload.
const REQUEST_TIME: Duration = Duration::from_secs(30);
/// Time for a request that carries a body: enough for the longest one at 256 KiB a second.
const UPLOAD_TIME: Duration = Duration::from_mins(7);

/// What every handler may use.
#[derive(Clone)]
pub struct App {
    station: Station,
    cursors: Cursors,
}

/// What a server answers: its witness at once, the station's public side once the log is open, and
/// changes once the station has begun.
#[derive(Clone)]
pub struct Front(Arc<RwLock<Router>>);

impl Front {
    /// Answers other stations' logs; everybody else is told to come back.
    pub fn opening(opening: &Opening, entropy: Entropy) -> Self {
        let witness = Arc::clone(opening.witness());
        let router = witness_router(witness, &opening.facts().public_url, entropy);
        Self(Arc::new(RwLock::new(router)))
    }

    /// Answers for the station from the next request on.
    pub fn open(&self, station: Station, entropy: Entropy) {
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = router(station, entropy);
    }

    /// The router to serve; what it answers follows this front.
    pub fn router(&self) -> Router {
        let front = Arc::clone(&self.0);
        Router::new().fallback(move |request: Request| {
            let now = front.read().unwrap_or_else(PoisonError::into_inner).clone();
            now.oneshot(request)
        })
    }
}

/// A witness alone; whoever asks for anything else is told to come back.
pub fn witness_router(witness: Arc<Witness>, public_url: &str, entropy: Entropy) -> Router {
    let frame = Frame::new(public_url, u64::from_be_bytes(entropy.bytes()));
    framed(witness::routes(witness).fallback(not_open_yet), frame)
}

/// The whole router of a station.
pub fn router(station: Station, entropy: Entropy) -> Router {
    let frame = Frame::new(
        &station.facts().public_url,
        u64::from_be_bytes(entropy.bytes()),
    );
    let app = App {
        station,
        cursors: Cursors::new(entropy.bytes()),
    };
    let routes = Router::new()
        .merge(pages::routes())
        .merge(api::routes())
        .merge(forms::routes())
        .merge(files::routes())
        .merge(health::routes())
        .route("/assets/{name}", get(assets::asset))
        .layer(middleware::from_fn_with_state(app.clone(), once_begun))
        .merge(witness::routes(Arc::clone(
            app.station.federation().witness(),
        )))
        .fallback(nothing_here)
        .with_state(app);
    framed(routes, frame)
}

/// The layers, inside out. The frame is outermost but for the marking of secrets: whatever refuses,
/// the answer is a problem with its headers.
fn framed(routes: Router, frame: Arc<Frame>) -> Router {
    routes
        .layer(DefaultBodyLimit::max(BODY_BYTES_MAX))
        .layer(middleware::from_fn(in_time))
        .layer(CatchPanicLayer::custom(panicked))
        .layer(middleware::from_fn_with_state(frame, answer::frame))
        .layer(SetSensitiveRequestHeadersLayer::new([
            header::AUTHORIZATION,
            header::COOKIE,
        ]))
}

async fn not_open_yet() -> Problem {
    let says =
        "the station is starting; if that takes long, its newest records wait for their witnesses";
    Problem::busy(says, 2)
}

/// Takes nothing in before the station has found out what its log holds; reading goes on.
async fn once_begun(State(app): State<App>, request: Request, next: Next) -> Response {
    let reads = matches!(*request.method(), Method::GET | Method::HEAD);
    if reads || app.station.has_begun() {
        return next.run(request).await;
    }
    not_open_yet().await.into_response()
}

async fn nothing_here() -> Problem {
    Problem::from_status(axum::http::StatusCode::NOT_FOUND)
}

async fn in_time(request: Request, next: Next) -> Response {
    let carries_body = request.method() == Method::POST;
    let time = if carries_body {
        UPLOAD_TIME
    } else {
        REQUEST_TIME
    };
    match timeout(time, next.run(request)).await {
        Ok(response) => response,
        Err(_) if carries_body => Problem::too_slow().into_response(),
        Err(_) => Problem::busy("the station took too long; try again later", 30).into_response(),
    }
}

fn panicked(panic: Box<dyn Any + Send>) -> Response {
    let text = match panic.downcast::<String>() {
        Ok(text) => *text,
        Err(panic) => panic
            .downcast::<&str>()
            .map_or_else(|_| String::new(), |text| (*text).to_owned()),
    };
    Problem::internal(format!("a panic: {text}")).into_response()
}

#[cfg(test)]
mod tests;

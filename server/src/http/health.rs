//! `/livez`: the process answers. `/readyz`: it can do its work, one line for each need.
//!
//! Not ready never means killed: an operator looks at the lines.

use axum::{
    Router,
    extract::State,
    http::{HeaderName, HeaderValue, header},
    response::{IntoResponse, Response},
    routing::get,
};

use super::{App, problem::Problem};

/// Routes of health.
pub fn routes() -> Router<App> {
    Router::new().route("/livez", get(live)).route("/readyz", get(ready))
}

async fn live() -> Response {
    lines("ok\n".to_owned())
}

async fn ready(State(app): State<App>) -> Result<Response, Problem> {
    let needs = app.station.readiness().await;
    let missing: Vec<&str> =
        needs.iter().filter(|need| !need.met).map(|need| need.name).collect();
    if !missing.is_empty() {
        return Err(Problem::busy(format!("not ready: {}", missing.join(", ")), 5));
    }
    Ok(lines(needs.iter().map(|need| format!("{}: {}\n", need.name, need.says)).collect()))
}

fn lines(text: String) -> Response {
    let headers: [(HeaderName, HeaderValue); 2] = [
        (header::CONTENT_TYPE, HeaderValue::from_static("text/plain; charset=utf-8")),
        (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
    ];
    (headers, text).into_response()
}

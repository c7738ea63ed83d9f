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
    Router::new()
        .route("/livez", get(live))
        .route("/readyz", get(ready))
}

async fn live() -> Response {
    lines("ok\n".to_owned())
}

async fn ready(State(app): State<App>) -> Result<Response, Problem> {
    let station = &app.station;
    let queue = station.is_settled().await;
    let needs = [
        (
            "database",
            queue
                .map(|settled| if settled { "idle" } else { "working" }.to_owned())
                .ok(),
        ),
        (
            "log",
            Some(format!("{} records", station.log().published().head.size)),
        ),
        (
            "enclave",
            station
                .enclave()
                .ready()
                .await
                .ok()
                .map(|ready| ready.binary.to_string()),
        ),
        ("memory of the enclave", memory(&app).await),
        ("start", station.has_begun().then(|| "done".to_owned())),
    ];
    let missing: Vec<&str> = needs
        .iter()
        .filter(|(_, says)| says.is_none())
        .map(|(name, _)| *name)
        .collect();
    if !missing.is_empty() {
        return Err(Problem::busy(
            format!("not ready: {}", missing.join(", ")),
            5,
        ));
    }
    let says =
        |(name, says): (&str, Option<String>)| format!("{name}: {}\n", says.unwrap_or_default());
    Ok(lines(needs.into_iter().map(says).collect()))
}

/// None while the keeper takes no runs; its traces and `assay-enclave head` say why.
async fn memory(app: &App) -> Option<String> {
    let memory = app.station.enclave().memory().await.ok()?;
    let size = memory.size;
    memory.frozen.is_none().then(|| format!("{size} records"))
}

fn lines(text: String) -> Response {
    let headers: [(HeaderName, HeaderValue); 2] = [
        (
            header::CONTENT_TYPE,
            HeaderValue::from_static("text/plain; charset=utf-8"),
        ),
        (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
    ];
    (headers, text).into_response()
}

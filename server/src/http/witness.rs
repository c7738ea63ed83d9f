//! The witness protocol: `POST /witness/add-checkpoint`, and what was cosigned last of each log.
//!
//! Strangers may call it: a request counts by the signature of its log. Which head may follow which is
//! the witness's business.

use std::sync::Arc;

use assay_evidence::{
    digest::Digest,
    witness::{Refused, SIZE_MEDIA_TYPE},
};
use axum::{
    Router,
    body::{Body, Bytes},
    extract::{DefaultBodyLimit, Path, State, rejection::BytesRejection},
    http::{HeaderName, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
    routing::{get, post},
};

use super::{answer::AsIs, problem::Problem};
use crate::witness::{Witness, WitnessError};

const TEXT: &str = "text/plain; charset=utf-8";

/// Routes of a witness; they need nothing of the station.
pub fn routes<S: Clone + Send + Sync + 'static>(witness: Arc<Witness>) -> Router<S> {
    let limit = DefaultBodyLimit::max(assay_evidence::witness::REQUEST_BYTES_MAX);
    Router::new()
        .route("/witness/add-checkpoint", post(add_checkpoint).layer(limit))
        .route("/witness/{origin}/checkpoint", get(latest))
        .with_state(witness)
}

async fn add_checkpoint(
    State(witness): State<Arc<Witness>>,
    body: Result<Bytes, BytesRejection>,
) -> Result<Response, Problem> {
    // A body over the limit is a malformed request of this protocol.
    let body = body.map_err(|_| refused(WitnessError::Refused(Refused::Malformed)))?;
    match witness.add_checkpoint(&body).await {
        Ok(line) => Ok(text(StatusCode::OK, TEXT, line)),
        Err(WitnessError::Refused(Refused::Stands(size))) => {
            let size = format!("{size}\n");
            let mut response = text(StatusCode::CONFLICT, SIZE_MEDIA_TYPE, size);
            response.extensions_mut().insert(AsIs);
            Ok(response)
        }
        Err(error) => Err(refused(error)),
    }
}

async fn latest(
    State(witness): State<Arc<Witness>>,
    Path(origin): Path<String>,
) -> Result<Response, Problem> {
    let missing = || Problem::not_found("cosigned checkpoint of such a log");
    let origin: Digest = origin.parse().map_err(|_| missing())?;
    let note = witness.latest(&origin).await.map_err(Problem::internal)?;
    Ok(text(StatusCode::OK, TEXT, note.ok_or_else(missing)?))
}

fn refused(error: WitnessError) -> Problem {
    let says = error.to_string();
    match error {
        WitnessError::Refused(row) => {
            let status = StatusCode::from_u16(row.status());
            Problem::of_protocol(status.expect("the table has HTTP statuses"), says)
        }
        WitnessError::Frozen(_) => Problem::of_protocol(StatusCode::UNPROCESSABLE_ENTITY, says),
        WitnessError::Crowded(_) => Problem::busy(says, 1),
        WitnessError::Time(_) | WitnessError::Keep(_) | WitnessError::Store(_) => {
            Problem::internal(error)
        }
    }
}

fn text(status: StatusCode, media_type: &'static str, body: String) -> Response {
    let headers: [(HeaderName, HeaderValue); 2] = [
        (header::CONTENT_TYPE, HeaderValue::from_static(media_type)),
        (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
    ];
    (status, headers, Body::from(body)).into_response()
}

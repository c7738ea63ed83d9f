//! Forms in the API: listed, published, retired, revealed.
//!
//! Bodies are checked here for shape only; what they mean is the station's business.

use assay_api::{FormPublished, FormRetired, FormRevealed, NewForm, RetireForm, Rows};
use assay_evidence::{base64, digest::Digest};
use axum::{
    Json, Router,
    body::Bytes,
    extract::{
        DefaultBodyLimit, Path, RawQuery, State,
        rejection::{BytesRejection, JsonRejection},
    },
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Response},
    routing::{get, post},
};

use super::{
    App, BODY_BYTES_MAX, access,
    page::document,
    problem::{Kind, Problem},
    query, upload,
};
use crate::{
    station::{FormChangeError, FormError, RetiredForm, RevealedForm},
    store::FormReason,
    token::Scope,
    views,
};

/// Body of `POST /forms`: a seal of at most 64 MiB in base64, and a commitment.
const FORM_BYTES_MAX: usize = 90 * 1024 * 1024;

/// Body of `POST /forms/<form>/reveal`: what a seal of at most 64 MiB may hold.
const BODY_OF_FORM_BYTES_MAX: usize = 64 * 1024 * 1024;

type Answer = Result<Response, Problem>;

/// Routes of forms.
pub fn routes() -> Router<App> {
    let all = get(forms)
        .post(publish)
        .layer(DefaultBodyLimit::max(FORM_BYTES_MAX));
    let reveal = post(reveal).layer(DefaultBodyLimit::max(BODY_OF_FORM_BYTES_MAX));
    Router::new()
        .route("/api/v1/forms", all)
        .route("/api/v1/forms/{form}/retirement", post(retire))
        .route("/api/v1/forms/{form}/reveal", reveal)
}

async fn forms(State(app): State<App>, RawQuery(raw): RawQuery, asked: HeaderMap) -> Answer {
    query::none(raw.as_deref())?;
    let rows = views::forms(&app.station).await?;
    document(&Rows { rows, next: None }, &asked)
}

async fn publish(
    State(app): State<App>,
    RawQuery(raw): RawQuery,
    headers: HeaderMap,
    body: Result<Json<NewForm>, JsonRejection>,
) -> Answer {
    query::none(raw.as_deref())?;
    access::principal(&app.station, &headers, Scope::Form)?;
    let Json(new) = body.map_err(|rejection| not_json(&rejection, FORM_BYTES_MAX))?;
    let seal = base64::decode(&new.seal);
    let seal =
        seal.map_err(|_| Problem::invalid("`seal` is not base64; send the sealed file as base64"))?;
    let published = app
        .station
        .publish_form(new.commitment.as_bytes(), &seal)
        .await;
    let published = published.map_err(form_refused)?;
    let status = made(published.replayed);
    let commitment = views::link::record(published.commitment);
    Ok((
        status,
        Json(FormPublished {
            form: published.form,
            commitment,
        }),
    )
        .into_response())
}

fn form_refused(error: FormError) -> Problem {
    match error {
        FormError::File(_)
        | FormError::OtherSeal { .. }
        | FormError::OtherEnclave(_)
        | FormError::Grader(_)
        | FormError::Limits => Problem::invalid(error.to_string()),
        FormError::Taken(_) | FormError::Public { .. } | FormError::Expired(_) => {
            Problem::conflict(error.to_string())
        }
        FormError::TooLarge(limit) => Problem::too_large(limit),
        FormError::Enclave(_) => Problem::busy(error.to_string(), 10),
        FormError::Log(error) => Problem::not_logged(&error),
        FormError::Blob(_) | FormError::Store(_) => Problem::internal(error),
    }
}

async fn retire(
    State(app): State<App>,
    Path(form): Path<String>,
    RawQuery(raw): RawQuery,
    headers: HeaderMap,
    body: Result<Json<RetireForm>, JsonRejection>,
) -> Answer {
    query::none(raw.as_deref())?;
    access::principal(&app.station, &headers, Scope::Form)?;
    let Json(asked) = body.map_err(|rejection| not_json(&rejection, BODY_BYTES_MAX))?;
    let reason = reason(&asked.reason)?;
    let retired = app.station.retire_form(&form, reason).await;
    let retired = retired.map_err(not_changed)?;
    let status = made(retired.replayed);
    Ok((status, Json(retirement(retired))).into_response())
}

async fn reveal(
    State(app): State<App>,
    Path(form): Path<String>,
    RawQuery(raw): RawQuery,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Answer {
    query::none(raw.as_deref())?;
    access::principal(&app.station, &headers, Scope::Form)?;
    let announced = upload::content_digest(&headers)?;
    let body = body.map_err(|_| Problem::too_large(BODY_OF_FORM_BYTES_MAX as u64))?;
    let found = Digest::of(&body);
    if found != announced {
        let detail = format!(
            "the body has SHA-256 {found}, but {announced} was announced; send the whole body again"
        );
        return Err(Problem::invalid(detail));
    }
    let revealed = app.station.reveal_form(&form, &body).await;
    let revealed = revealed.map_err(not_changed)?;
    let status = made(revealed.replayed);
    Ok((status, Json(disclosure(revealed))).into_response())
}

fn disclosure(revealed: RevealedForm) -> FormRevealed {
    FormRevealed {
        form: revealed.form,
        declared: revealed.declared,
        record: views::link::record(revealed.record),
        body_sha256: revealed.body.to_string(),
        body: views::link::blob_path(&revealed.body),
        bytes: revealed.bytes,
        items: revealed.items,
        adapters: revealed
            .adapters
            .iter()
            .map(views::link::blob_path)
            .collect(),
    }
}

fn retirement(retired: RetiredForm) -> FormRetired {
    FormRetired {
        form: retired.form,
        reason: retired.reason.word().to_owned(),
        declared: retired.declared,
        record: views::link::record(retired.record),
        runs_moved: retired.moved.moved,
        runs_ended: retired.moved.ended,
        runs_open: retired.left.open,
    }
}

fn reason(word: &str) -> Result<FormReason, Problem> {
    let known = FormReason::ALL.iter().find(|reason| reason.word() == word);
    known.copied().ok_or_else(|| {
        let words = FormReason::ALL.map(FormReason::word).join(", ");
        Problem::invalid(format!("`reason` takes {words}"))
    })
}

fn not_changed(error: FormChangeError) -> Problem {
    match error {
        FormChangeError::NoForm(_) => Problem::new(Kind::NotFound, error.to_string()),
        FormChangeError::Body(_) => Problem::invalid(error.to_string()),
        FormChangeError::Expired(_)
        | FormChangeError::RunsLeft { .. }
        | FormChangeError::SameItems { .. }
        | FormChangeError::OtherReason { .. }
        | FormChangeError::IsRevealed(_) => Problem::conflict(error.to_string()),
        FormChangeError::Announcing(_) => Problem::busy(error.to_string(), 5),
        FormChangeError::Log(error) => Problem::not_logged(&error),
        FormChangeError::Blob(_) | FormChangeError::Store(_) => Problem::internal(error),
    }
}

/// 201 for what this request made, 200 for what an earlier one did.
fn made(replayed: bool) -> StatusCode {
    if replayed {
        StatusCode::OK
    } else {
        StatusCode::CREATED
    }
}

fn not_json(rejection: &JsonRejection, bytes_max: usize) -> Problem {
    match rejection {
        JsonRejection::MissingJsonContentType(_) => Problem::new(
            Kind::UnsupportedMedia,
            "the body has no `Content-Type: application/json`; send JSON under that type",
        ),
        JsonRejection::BytesRejection(_) => Problem::too_large(bytes_max as u64),
        other => Problem::invalid(other.body_text()),
    }
}

//! `POST /api/v1/submissions`: announced, bounded, timed, hashed while it is written, done once.
//!
//! Nothing of a refused or broken body is kept. Whether the bytes are an adapter is found out later, by
//! the enclave.

use std::{collections::BTreeMap, io, time::Duration};

use assay_evidence::{base64, digest::Digest};
use axum::{
    Json,
    body::{Body, BodyDataStream, Bytes},
    extract::{RawQuery, State},
    http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use futures_util::{Stream, StreamExt, stream};
use tokio::time::{Instant, timeout, timeout_at};
use tokio_util::io::StreamReader;

use super::{
    App, access,
    problem::{Kind, Problem},
    query::Query,
};
use crate::{
    blob::BlobError,
    station::{RegisterError, Registration},
    store::{OPEN, YES},
    token::Scope,
    views,
};

const CONTENT_DIGEST: HeaderName = HeaderName::from_static("content-digest");
const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");
const IDEMPOTENCY_REPLAYED: HeaderName = HeaderName::from_static("idempotency-replayed");

/// A body has this long, and a second more for each [`BYTES_PER_SECOND`].
const BODY_TIME: Duration = Duration::from_mins(1);
const BYTES_PER_SECOND: u64 = 256 * 1024;
/// What is read of a body that was refused, so that its sender hears why.
const DRAIN_BYTES: usize = 256 * 1024;
const DRAIN_TIME: Duration = Duration::from_millis(500);

/// The handler.
pub async fn submit(
    State(app): State<App>,
    RawQuery(raw): RawQuery,
    headers: HeaderMap,
    body: Body,
) -> Response {
    let mut body = body.into_data_stream();
    match accept(&app, raw.as_deref(), &headers, &mut body).await {
        Ok(response) => response,
        Err(problem) => {
            drain(&mut body).await;
            problem.into_response()
        }
    }
}

async fn accept(
    app: &App,
    raw: Option<&str>,
    headers: &HeaderMap,
    body: &mut BodyDataStream,
) -> Result<Response, Problem> {
    let principal = access::principal(&app.station, headers, Scope::Submit)?;
    let limit = app.station.config().limits.upload_bytes_max;
    let announced = Announced::read(raw, headers, limit)?;
    let registration = Registration {
        principal,
        name: announced.name,
        benchmarks: announced.benchmarks,
        declares: announced.declares,
        digest: announced.digest,
        key: Some(announced.key),
    };
    let registered = {
        let mut bytes = StreamReader::new(Box::pin(timed(body)));
        app.station
            .register_submission(&registration, &mut bytes)
            .await
            .map_err(refused)?
    };
    let page = views::submission_of(&app.station, &registered.submission).await?;
    let place = HeaderValue::from_str(&page.this).map_err(Problem::internal)?;
    let mut response = (
        StatusCode::ACCEPTED,
        [(header::LOCATION, place)],
        Json(page),
    )
        .into_response();
    if registered.replayed {
        drain(body).await;
        response
            .headers_mut()
            .insert(IDEMPOTENCY_REPLAYED, HeaderValue::from_static("true"));
    }
    Ok(response)
}

fn refused(error: RegisterError) -> Problem {
    match error {
        RegisterError::NoForm(name) => Problem::not_found(&format!(
            "benchmark {name} with an open form (GET /api/v1/benchmarks lists those that have one)"
        )),
        RegisterError::Expired(_) | RegisterError::NameTaken(_) => {
            Problem::conflict(error.to_string())
        }
        RegisterError::KeyReused => Problem::new(Kind::KeyReused, error.to_string()),
        RegisterError::InFlight => Problem::new(Kind::InFlight, error.to_string()),
        RegisterError::Bytes(error) => broken(&error),
        RegisterError::Store(error) => Problem::internal(error),
        RegisterError::Name
        | RegisterError::Benchmarks
        | RegisterError::Declares
        | RegisterError::Key => Problem::invalid(error.to_string()),
    }
}

fn broken(error: &BlobError) -> Problem {
    match error {
        BlobError::TooLarge { max } => Problem::too_large(*max),
        BlobError::Interrupted { source, .. } if source.kind() == io::ErrorKind::TimedOut => {
            Problem::too_slow()
        }
        BlobError::Interrupted { .. } => Problem::invalid(error.to_string()),
        BlobError::Digest { .. } => Problem::invalid(format!(
            "the announced digest is not that of the body: {error}"
        )),
        BlobError::Damaged(_) | BlobError::Gone(_) | BlobError::Disk(_) => Problem::internal(error),
    }
}

/// What stands before the body.
struct Announced {
    name: String,
    benchmarks: Vec<String>,
    declares: BTreeMap<String, String>,
    digest: Digest,
    key: String,
}

impl Announced {
    fn read(raw: Option<&str>, headers: &HeaderMap, limit: u64) -> Result<Self, Problem> {
        if content_length(headers).is_some_and(|length| length > limit) {
            return Err(Problem::too_large(limit));
        }
        check_media_type(headers)?;
        let query = Query::parse(raw, &["name", "benchmark", OPEN])?;
        let name = query.one("name")?.unwrap_or_default().to_owned();
        let benchmarks = query.all("benchmark").to_vec();
        let open = query.choice(OPEN, &[(YES, YES)])?;
        let declares = open.map(|yes| (OPEN.to_owned(), yes.to_owned()));
        Ok(Self {
            name,
            benchmarks,
            declares: declares.into_iter().collect(),
            digest: content_digest(headers)?,
            key: idempotency_key(headers)?,
        })
    }
}

fn content_length(headers: &HeaderMap) -> Option<u64> {
    headers
        .get(header::CONTENT_LENGTH)?
        .to_str()
        .ok()?
        .parse()
        .ok()
}

fn check_media_type(headers: &HeaderMap) -> Result<(), Problem> {
    let Some(value) = headers.get(header::CONTENT_TYPE) else {
        return Ok(());
    };
    let value = value
        .to_str()
        .unwrap_or_default()
        .split(';')
        .next()
        .unwrap_or_default()
        .trim();
    if matches!(value, "application/wasm" | "application/octet-stream") {
        return Ok(());
    }
    let detail = "an adapter is sent as the raw body with `Content-Type: application/wasm`";
    Err(Problem::new(Kind::UnsupportedMedia, detail))
}

/// RFC 9530: `sha-256=:<base64>:`, alone or in a list.
pub fn content_digest(headers: &HeaderMap) -> Result<Digest, Problem> {
    let value = headers
        .get(CONTENT_DIGEST)
        .and_then(|value| value.to_str().ok());
    let mut listed = value.unwrap_or_default().split(',').map(str::trim);
    let digest = listed.find_map(|one| one.strip_prefix("sha-256=:")?.strip_suffix(':'));
    let bytes = digest.and_then(|text| base64::decode(text).ok());
    let bytes: Option<[u8; 32]> = bytes.and_then(|bytes| bytes.try_into().ok());
    bytes.map(Digest).ok_or_else(|| {
        Problem::invalid(
            "announce the body's digest as `Content-Digest: sha-256=:<base64>:` (RFC 9530)",
        )
    })
}

fn idempotency_key(headers: &HeaderMap) -> Result<String, Problem> {
    let value = headers
        .get(IDEMPOTENCY_KEY)
        .and_then(|value| value.to_str().ok());
    let value = value
        .unwrap_or_default()
        .trim()
        .trim_matches('"')
        .to_ascii_lowercase();
    let is_uuid = value.len() == 36
        && value.bytes().enumerate().all(|(at, byte)| match at {
            8 | 13 | 18 | 23 => byte == b'-',
            _ => byte.is_ascii_hexdigit(),
        });
    if is_uuid {
        return Ok(value);
    }
    Err(Problem::invalid(
        "send `Idempotency-Key` with a UUID, so that a repeated request is done once",
    ))
}

/// The body as it comes, ended with an error as soon as it is behind its time.
fn timed(body: &mut BodyDataStream) -> impl Stream<Item = io::Result<Bytes>> {
    let began = Instant::now();
    stream::unfold((body, 0_u64), move |(body, received)| async move {
        let allowed = BODY_TIME + Duration::from_secs(received / BYTES_PER_SECOND);
        match timeout_at(began + allowed, body.next()).await {
            Err(_) => Some((Err(io::ErrorKind::TimedOut.into()), (body, received))),
            Ok(None) => None,
            Ok(Some(Err(error))) => Some((Err(io::Error::other(error)), (body, received))),
            Ok(Some(Ok(bytes))) => {
                let received = received + bytes.len() as u64;
                Some((Ok(bytes), (body, received)))
            }
        }
    })
}

/// Reads a little of what is still coming: closing at once could take the answer back.
async fn drain(body: &mut BodyDataStream) {
    let mut left = DRAIN_BYTES;
    // A sender that goes on longer than this sees the connection close.
    let _ = timeout(DRAIN_TIME, async {
        while let Some(Ok(bytes)) = body.next().await {
            left = left.saturating_sub(bytes.len());
            if left == 0 {
                return;
            }
        }
    })
    .await;
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(pairs: &[(HeaderName, &'static str)]) -> HeaderMap {
        pairs
            .iter()
            .map(|(name, value)| (name.clone(), HeaderValue::from_static(value)))
            .collect()
    }

    #[test]
    fn the_digest_is_announced_as_rfc_9530_says() {
        let good = "sha-512=:AAAA:, sha-256=:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=:";
        let digest = content_digest(&headers(&[(CONTENT_DIGEST, good)])).expect("a digest");
        assert_eq!(digest, Digest::of(b""));
        for bad in ["", "sha-256=47DEQpj8", "sha-256=:AAAA:", "md5=:AAAA:"] {
            let refused = content_digest(&headers(&[(CONTENT_DIGEST, bad)])).unwrap_err();
            assert_eq!(refused.status.as_u16(), 400, "{bad}");
        }
    }

    #[test]
    fn an_idempotency_key_is_a_uuid() {
        let key = "0190A1B2-c3d4-7e5f-8a9b-0c1d2e3f4a5b";
        let read = idempotency_key(&headers(&[(IDEMPOTENCY_KEY, key)]));
        assert_eq!(read.expect("a key"), key.to_ascii_lowercase());
        assert!(idempotency_key(&headers(&[(IDEMPOTENCY_KEY, "again")])).is_err());
    }

    #[test]
    fn a_length_over_the_limit_is_refused_before_anything_else() {
        let asked = headers(&[(header::CONTENT_LENGTH, "2147483648")]);
        let refused = Announced::read(None, &asked, 1024).map(|_| ()).unwrap_err();
        assert_eq!(
            (refused.kind, refused.status.as_u16()),
            (Kind::TooLarge, 413)
        );
    }
}

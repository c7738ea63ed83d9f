//! The files of the log, and the station's policy and manifest: bytes as signed, for any client.
//!
//! Blobs, bundles, policy, manifest and trusted root come from the station's public folder, where nothing private
//! lies: of adapters, sealed forms and uploads a record names the digest, and that is all the public gets.

use assay_evidence::{digest::Digest, proof::LogProof};
use axum::{
    Router,
    body::Body,
    extract::{Path, State},
    http::{HeaderName, HeaderValue, header},
    response::{IntoResponse, Response},
    routing::get,
};

use super::{App, problem::Problem};

const IMMUTABLE: &str = "public, max-age=31536000, immutable";
const NO_LONGER_THAN_A_HEAD: &str = "public, max-age=2";
const OCTETS: &str = "application/octet-stream";
const TEXT: &str = "text/plain; charset=utf-8";
const JSON: &str = "application/json";

/// Routes of the log's files.
pub fn routes() -> Router<App> {
    Router::new()
        .route("/checkpoint", get(checkpoint))
        .route("/tile/{*path}", get(tile))
        .route("/record/{prefix}/{file}", get(record))
        .route("/blob/{prefix}/{digest}", get(blob))
        .route("/bundle/{file}", get(bundle))
        .route("/policy", get(policy))
        .route("/manifest.json", get(manifests))
        .route("/trusted_root.json", get(trusted_root))
        .route("/proof/{file}", get(proof))
}

async fn checkpoint(State(app): State<App>) -> Result<Response, Problem> {
    let note = app.station.log().checkpoint();
    let note = note.ok_or_else(|| Problem::not_found("checkpoint before the first quorum"))?;
    Ok(file(note.as_bytes().to_vec(), TEXT, NO_LONGER_THAN_A_HEAD))
}

async fn tile(State(app): State<App>, Path(path): Path<String>) -> Result<Response, Problem> {
    let found = app.station.log().tile(&format!("tile/{path}")).await;
    let bytes = found.map_err(Problem::internal)?;
    let bytes =
        bytes.ok_or_else(|| Problem::not_found("such tile under the published checkpoint"))?;
    Ok(file(bytes, OCTETS, IMMUTABLE))
}

async fn record(
    State(app): State<App>,
    Path((prefix, name)): Path<(String, String)>,
) -> Result<Response, Problem> {
    let missing = || Problem::not_found("such record");
    let leaf = named(&name).ok_or_else(missing)?;
    if !leaf.to_string().starts_with(&prefix) || prefix.len() != 2 {
        return Err(missing());
    }
    let found = app
        .station
        .log()
        .record(&leaf)
        .await
        .map_err(Problem::internal)?;
    Ok(file(found.ok_or_else(missing)?.bytes, JSON, IMMUTABLE))
}

async fn blob(
    State(app): State<App>,
    Path((prefix, digest)): Path<(String, String)>,
) -> Result<Response, Problem> {
    let missing = || Problem::not_found("such public blob");
    let digest: Digest = digest.parse().map_err(|_| missing())?;
    if !digest.to_string().starts_with(&prefix) || prefix.len() != 2 {
        return Err(missing());
    }
    let found = app.station.public().blob(&digest).await;
    let found = found.map_err(Problem::internal)?;
    Ok(file(found.ok_or_else(missing)?, OCTETS, IMMUTABLE))
}

async fn bundle(State(app): State<App>, Path(name): Path<String>) -> Result<Response, Problem> {
    let missing = || Problem::not_found("receipt with such a bundle");
    let leaf = named(&name).ok_or_else(missing)?;
    let found = app.station.public().bundle(&leaf).await;
    let found = found.map_err(Problem::internal)?;
    let mut response = file(found.ok_or_else(missing)?, JSON, NO_LONGER_THAN_A_HEAD);
    let saved_as = format!("attachment; filename=\"{leaf}.json\"");
    let saved_as = HeaderValue::from_str(&saved_as).expect("a digest is hex");
    response
        .headers_mut()
        .insert(header::CONTENT_DISPOSITION, saved_as);
    Ok(response)
}

async fn policy(State(app): State<App>) -> Result<Response, Problem> {
    let found = app.station.public().policy().await;
    let found = found.map_err(Problem::internal)?;
    let found = found.ok_or_else(|| Problem::not_found("policy"))?;
    Ok(file(found, TEXT, NO_LONGER_THAN_A_HEAD))
}

/// The inner envelopes from version 1, which the policy pins; the log holds each of them too.
async fn manifests(State(app): State<App>) -> Result<Response, Problem> {
    let found = app.station.public().manifests().await;
    let found = found.map_err(Problem::internal)?;
    let found = found.ok_or_else(|| Problem::not_found("manifest"))?;
    Ok(file(found, JSON, NO_LONGER_THAN_A_HEAD))
}

/// What a verifier of sigstore needs to know of this log.
async fn trusted_root(State(app): State<App>) -> Result<Response, Problem> {
    let found = app.station.public().trusted_root().await;
    let found = found.map_err(Problem::internal)?;
    let found = found.ok_or_else(|| Problem::not_found("trusted root"))?;
    Ok(file(found, JSON, NO_LONGER_THAN_A_HEAD))
}

/// The portable proof of any record, under the newest checkpoint.
async fn proof(State(app): State<App>, Path(name): Path<String>) -> Result<Response, Problem> {
    let missing = || Problem::not_found("record with such a proof");
    let leaf = name.strip_suffix(".tlog-proof").ok_or_else(missing)?;
    let leaf: Digest = leaf.parse().map_err(|_| missing())?;
    let log = app.station.log();
    let record = log.record(&leaf).await.map_err(Problem::internal)?;
    let published = log.published();
    let record = record
        .filter(|record| record.place.index < published.head.size)
        .ok_or_else(missing)?;
    let proven = log.prove(&record, published.head.size);
    let proof = LogProof::of_record(proven.await.map_err(Problem::internal)?, &published.note);
    Ok(file(
        proof.to_text().into_bytes(),
        TEXT,
        NO_LONGER_THAN_A_HEAD,
    ))
}

/// `<64 hex>.json`.
fn named(file: &str) -> Option<Digest> {
    file.strip_suffix(".json")?.parse().ok()
}

fn file(bytes: Vec<u8>, media_type: &'static str, cache: &'static str) -> Response {
    let headers: [(HeaderName, HeaderValue); 3] = [
        (header::CONTENT_TYPE, HeaderValue::from_static(media_type)),
        (header::CACHE_CONTROL, HeaderValue::from_static(cache)),
        // Public files that other stations and verifiers read from wherever they run.
        (
            HeaderName::from_static("cross-origin-resource-policy"),
            HeaderValue::from_static("cross-origin"),
        ),
    ];
    (headers, Body::from(bytes)).into_response()
}

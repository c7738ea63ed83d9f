//! The HTTP API as a foreign program uses it: plain requests, no client of ours.

use assay_evidence::{base64, digest::Digest};
use assay_tests::{World, waiting};
use serde_json::Value;
use ureq::{Body, http::Response};

/// An answer of any status.
pub struct Answer {
    pub status: u16,
    pub media_type: String,
    pub body: Vec<u8>,
}

impl Answer {
    /// The body as a document.
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|error| {
            panic!(
                "{error}: {} {}",
                self.status,
                String::from_utf8_lossy(&self.body)
            )
        })
    }

    /// Asserts a problem document of `status` and `kind`, and returns its detail.
    pub fn problem(&self, status: u16, kind: &str) -> String {
        let body = String::from_utf8_lossy(&self.body);
        assert_eq!(self.status, status, "{body}");
        assert_eq!(self.media_type, "application/problem+json", "{body}");
        let document = self.json();
        let uri = document["type"].as_str().unwrap_or_default();
        assert!(uri.ends_with(&format!("/problems/{kind}")), "{uri}");
        document["detail"].as_str().unwrap_or_default().to_owned()
    }
}

impl From<Response<Body>> for Answer {
    fn from(response: Response<Body>) -> Self {
        let media_type = response
            .headers()
            .get("content-type")
            .and_then(|value| value.to_str().ok())
            .unwrap_or_default()
            .split(';')
            .next()
            .unwrap_or_default()
            .to_owned();
        Self {
            status: response.status().as_u16(),
            media_type,
            body: response.into_body().read_to_vec().unwrap_or_default(),
        }
    }
}

fn agent() -> ureq::Agent {
    ureq::Agent::config_builder()
        .http_status_as_error(false)
        .build()
        .into()
}

/// `GET` of any path.
pub fn get(world: &World, path: &str) -> Answer {
    let url = format!("{}{path}", world.address());
    agent().get(&url).call().expect("the server answers").into()
}

/// Submits bytes under a name with a digest announced for `announced`.
pub fn submit_announced(world: &World, target: &str, bytes: &[u8], announced: &[u8]) -> Answer {
    let digest = base64::encode(Digest::of(announced).as_bytes());
    let url = format!("{}/api/v1/submissions?{target}", world.address());
    agent()
        .post(&url)
        .header("authorization", format!("Bearer {}", world.token()))
        .header("content-type", "application/wasm")
        .header("content-digest", format!("sha-256=:{digest}:"))
        .header("idempotency-key", key_for(target, bytes))
        .send(bytes)
        .expect("the server answers")
        .into()
}

/// Submits bytes with their true digest.
pub fn submit(world: &World, target: &str, bytes: &[u8]) -> Answer {
    submit_announced(world, target, bytes, bytes)
}

/// Waits until the submission leaves `received`, and returns its document.
pub fn screened(world: &World, path: &str) -> Value {
    waiting::until("the submission is screened", || {
        let document = get(world, path).json();
        (document["state"] != "received").then_some(document)
    })
}

/// Waits until every run of the submission is closed, and returns its document.
pub fn closed(world: &World, path: &str) -> Value {
    waiting::until("every run of the submission is closed", || {
        let document = get(world, path).json();
        assert_ne!(document["state"], "refused", "{document}");
        let runs = document["runs"].as_array().cloned().unwrap_or_default();
        let done = |run: &Value| run["state"] == "published" || run["state"] == "aborted";
        (!runs.is_empty() && runs.iter().all(done)).then_some(document)
    })
}

/// A UUID-shaped key that is the same for the same request.
fn key_for(target: &str, bytes: &[u8]) -> String {
    let hex = Digest::of(&[target.as_bytes(), bytes].concat()).to_string();
    format!(
        "{}-{}-4{}-8{}-{}",
        &hex[..8],
        &hex[8..12],
        &hex[13..16],
        &hex[17..20],
        &hex[20..32]
    )
}

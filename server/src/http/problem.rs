//! One refusal: an RFC 9457 problem with a closed list of kinds and one sentence for the caller.
//!
//! A problem knows neither the path of the request nor its trace id: [`super::answer`] adds both and
//! chooses between a document and a page. What the trace sees is written where the fault is found.

use assay_api::FieldProblem;
use axum::{
    body::Body,
    http::{HeaderName, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};

use crate::log::LogError;

/// Closed list of kinds; each has a stable name in its `type`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// The request itself is wrong.
    InvalidRequest,
    /// No token was sent, or one that does not count here.
    SignInNeeded,
    /// The caller is known and may not.
    NotAllowed,
    /// There is no such thing, or none that the caller may know of.
    NotFound,
    /// The same request is being worked on.
    InFlight,
    /// An idempotency key came back with another request.
    KeyReused,
    /// More bytes than the limit.
    TooLarge,
    /// The body did not arrive in its time.
    TooSlow,
    /// A body of another media type than the one asked for.
    UnsupportedMedia,
    /// The form takes no more runs.
    FormClosed,
    /// Nothing wrong with the request; come back later.
    Busy,
    /// The station failed.
    Internal,
}

impl Kind {
    /// Every kind, in the order of the list.
    pub const ALL: [Self; 12] = [
        Self::InvalidRequest,
        Self::SignInNeeded,
        Self::NotAllowed,
        Self::NotFound,
        Self::InFlight,
        Self::KeyReused,
        Self::TooLarge,
        Self::TooSlow,
        Self::UnsupportedMedia,
        Self::FormClosed,
        Self::Busy,
        Self::Internal,
    ];

    /// Name in the `type` URI.
    pub const fn name(self) -> &'static str {
        match self {
            Self::InvalidRequest => "invalid-request",
            Self::SignInNeeded => "sign-in-needed",
            Self::NotAllowed => "not-allowed",
            Self::NotFound => "not-found",
            Self::InFlight => "in-flight",
            Self::KeyReused => "key-reused",
            Self::TooLarge => "too-large",
            Self::TooSlow => "too-slow",
            Self::UnsupportedMedia => "unsupported-media",
            Self::FormClosed => "form-closed",
            Self::Busy => "busy",
            Self::Internal => "internal",
        }
    }

    /// Title for people.
    pub const fn title(self) -> &'static str {
        match self {
            Self::InvalidRequest => "The request is not valid",
            Self::SignInNeeded => "A token is needed",
            Self::NotAllowed => "This is not allowed",
            Self::NotFound => "There is nothing here",
            Self::InFlight => "The same request is still being worked on",
            Self::KeyReused => "The idempotency key was used for another request",
            Self::TooLarge => "The body is too large",
            Self::TooSlow => "The body came too slowly",
            Self::UnsupportedMedia => "The body has another media type",
            Self::FormClosed => "The form takes no more runs",
            Self::Busy => "The station is busy",
            Self::Internal => "The station failed",
        }
    }

    /// What the kind means and what to do, for `/problems/<kind>`.
    pub const fn meaning(self) -> &'static str {
        match self {
            Self::InvalidRequest => {
                "Something in the request is wrong; the detail of the answer names it and says what is allowed. Correct it and send it again."
            }
            Self::SignInNeeded => {
                "Changing requests need a token that `assay station init` printed, sent as `Authorization: Bearer <token>`. Reading needs none."
            }
            Self::NotAllowed => {
                "The request is understood and will not be done with this token; the detail names the scope that it needs."
            }
            Self::NotFound => {
                "No such page, record or run is known at this station. Lists under /api/v1 name what there is."
            }
            Self::InFlight => {
                "A request with the same Idempotency-Key has not ended yet. Wait a moment and send it again: it is done once."
            }
            Self::KeyReused => {
                "An Idempotency-Key stands for one request. Use a new key for other bytes or another query."
            }
            Self::TooLarge => {
                "The body is longer than the limit that the detail names. Nothing of it was kept."
            }
            Self::TooSlow => {
                "A body must arrive in 60 seconds plus one second for each 256 KiB. Nothing of it was kept; send it again."
            }
            Self::UnsupportedMedia => "The detail names the media type that this path takes.",
            Self::FormClosed => {
                "The form takes no more runs. Submit to a newer edition of the benchmark."
            }
            Self::Busy => {
                "Nothing is wrong with the request. Try again after the time in Retry-After."
            }
            Self::Internal => {
                "The station failed, not the request. Its operator finds the reason in the traces under the trace_id of the answer."
            }
        }
    }

    /// Usual status.
    pub const fn status(self) -> StatusCode {
        match self {
            Self::InvalidRequest => StatusCode::BAD_REQUEST,
            Self::SignInNeeded => StatusCode::UNAUTHORIZED,
            Self::NotAllowed => StatusCode::FORBIDDEN,
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::InFlight | Self::FormClosed => StatusCode::CONFLICT,
            Self::KeyReused => StatusCode::UNPROCESSABLE_ENTITY,
            Self::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::TooSlow => StatusCode::REQUEST_TIMEOUT,
            Self::UnsupportedMedia => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Self::Busy => StatusCode::SERVICE_UNAVAILABLE,
            Self::Internal => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    /// The kind with this name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }

    /// The kind that says what a bare status means.
    fn of(status: StatusCode) -> Self {
        match status.as_u16() {
            401 => Self::SignInNeeded,
            403 => Self::NotAllowed,
            404 => Self::NotFound,
            408 => Self::TooSlow,
            409 => Self::InFlight,
            413 => Self::TooLarge,
            415 => Self::UnsupportedMedia,
            503 => Self::Busy,
            500..=599 => Self::Internal,
            _ => Self::InvalidRequest,
        }
    }
}

/// A refusal on its way out.
#[derive(Clone, Debug)]
pub struct Problem {
    /// Which.
    pub kind: Kind,
    /// Status; that of the kind except for a few refusals of the protocol itself.
    pub status: StatusCode,
    /// One sentence: what, and the way out.
    pub detail: String,
    /// Faults of single members of a body.
    pub errors: Vec<FieldProblem>,
    headers: Vec<(HeaderName, HeaderValue)>,
}

impl Problem {
    /// A problem of a kind.
    pub fn new(kind: Kind, detail: impl Into<String>) -> Self {
        Self {
            kind,
            status: kind.status(),
            detail: detail.into(),
            errors: Vec::new(),
            headers: Vec::new(),
        }
    }

    /// Something in the request is wrong.
    pub fn invalid(detail: impl Into<String>) -> Self {
        Self::new(Kind::InvalidRequest, detail)
    }

    /// The request cannot be done beside what is there already.
    pub fn conflict(detail: impl Into<String>) -> Self {
        Self::of_protocol(StatusCode::CONFLICT, detail)
    }

    /// The request is refused with the status that a protocol fixes.
    pub fn of_protocol(status: StatusCode, detail: impl Into<String>) -> Self {
        Self {
            status,
            ..Self::invalid(detail)
        }
    }

    /// There is no such thing: "no run r-7".
    pub fn not_found(what: &str) -> Self {
        Self::new(
            Kind::NotFound,
            format!("there is no {what} at this station"),
        )
    }

    /// The token is missing or wrong.
    pub fn sign_in_needed(detail: impl Into<String>) -> Self {
        let mut problem = Self::new(Kind::SignInNeeded, detail);
        let challenge = HeaderValue::from_static("Bearer realm=\"assay\"");
        problem.headers.push((header::WWW_AUTHENTICATE, challenge));
        problem
    }

    /// A body longer than `limit` bytes.
    pub fn too_large(limit: u64) -> Self {
        let detail = format!("the body is longer than {limit} bytes; nothing of it was kept");
        let mut problem = Self::new(Kind::TooLarge, detail);
        problem
            .headers
            .push((header::CONNECTION, HeaderValue::from_static("close")));
        problem
    }

    /// A body that did not arrive in its time.
    pub fn too_slow() -> Self {
        let detail = "the body did not arrive in time; nothing of it was kept, send it again";
        let mut problem = Self::new(Kind::TooSlow, detail);
        problem
            .headers
            .push((header::CONNECTION, HeaderValue::from_static("close")));
        problem
    }

    /// Come back in some seconds.
    pub fn busy(detail: impl Into<String>, seconds: u32) -> Self {
        let mut problem = Self::new(Kind::Busy, detail);
        problem
            .headers
            .push((header::RETRY_AFTER, HeaderValue::from(seconds)));
        problem
    }

    /// The station failed: `why` goes to the trace, the caller gets a fixed sentence.
    pub fn internal(why: impl std::fmt::Display) -> Self {
        tracing::error!(%why, "a request failed");
        let detail = "the station failed; its operator finds the reason under the trace id";
        Self::new(Kind::Internal, detail)
    }

    /// The log did not take a record.
    pub fn not_logged(error: &LogError) -> Self {
        match error {
            LogError::Busy => Self::busy(error.to_string(), 1),
            LogError::ReadOnly(_) | LogError::Stopped(_) => {
                tracing::error!(%error, "a record was not logged");
                let detail = "the log takes no records until its operator has looked at it";
                Self::busy(detail, 60)
            }
            _ => Self::internal(error),
        }
    }

    /// Adds the faults of single members.
    pub fn with_errors(mut self, errors: Vec<FieldProblem>) -> Self {
        self.errors = errors;
        self
    }

    /// What a bare status of the framework means in our words.
    pub fn from_status(status: StatusCode) -> Self {
        let kind = Kind::of(status);
        let detail = match status.as_u16() {
            404 => "there is no such page at this station; start at /".to_owned(),
            405 => "this path does not take that method; Allow names the ones it takes".to_owned(),
            431 => "the headers of the request are too long; send fewer".to_owned(),
            _ => kind.meaning().to_owned(),
        };
        Self {
            status,
            ..Self::new(kind, detail)
        }
    }

    /// The document.
    pub fn document(&self, public_url: &str, instance: &str, trace_id: &str) -> assay_api::Problem {
        assay_api::Problem {
            kind: format!("{public_url}/problems/{}", self.kind.name()),
            title: self.kind.title().to_owned(),
            status: self.status.as_u16(),
            detail: self.detail.clone(),
            instance: instance.to_owned(),
            trace_id: trace_id.to_owned(),
            errors: self.errors.clone(),
        }
    }
}

impl IntoResponse for Problem {
    /// A bare status that carries the problem; the outer layer writes the body.
    fn into_response(self) -> Response {
        let mut response = Response::new(Body::empty());
        *response.status_mut() = self.status;
        for (name, value) in &self.headers {
            response.headers_mut().insert(name.clone(), value.clone());
        }
        response.extensions_mut().insert(self);
        response
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_is_found_by_its_name() {
        for kind in Kind::ALL {
            assert_eq!(Kind::named(kind.name()), Some(kind));
        }
        assert_eq!(Kind::named("no-such-kind"), None);
    }

    #[test]
    fn a_bare_status_of_the_framework_gets_a_kind_and_keeps_its_number() {
        let problem = Problem::from_status(StatusCode::METHOD_NOT_ALLOWED);
        assert_eq!(problem.kind, Kind::InvalidRequest);
        assert_eq!(problem.status.as_u16(), 405);
        assert_eq!(
            Problem::from_status(StatusCode::BAD_GATEWAY).kind,
            Kind::Internal
        );
        assert_eq!(
            Problem::from_status(StatusCode::PAYLOAD_TOO_LARGE).kind,
            Kind::TooLarge
        );
    }

    #[test]
    fn a_log_that_takes_no_record_now_asks_the_caller_to_come_back() {
        let busy = Problem::not_logged(&LogError::Busy);
        assert_eq!(busy.status, StatusCode::SERVICE_UNAVAILABLE);
        assert_eq!(busy.headers, [(header::RETRY_AFTER, HeaderValue::from(1))]);
        let full = Problem::not_logged(&LogError::ReadOnly("/data: no space".to_owned()));
        assert_eq!(full.headers, [(header::RETRY_AFTER, HeaderValue::from(60))]);
        assert!(!full.detail.contains("/data"), "{}", full.detail);
    }

    #[test]
    fn the_document_names_its_kind_under_the_public_url() {
        let document =
            Problem::not_found("run r-7").document("http://a.example", "/en/runs/r-7", "t");
        assert_eq!(document.kind, "http://a.example/problems/not-found");
        assert_eq!(document.detail, "there is no run r-7 at this station");
        assert_eq!(document.status, 404);
    }
}

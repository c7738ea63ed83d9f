//! Registering a submission: bounded, hashed while it is written, durable before it is accepted.
//!
//! The bytes are not looked at here; a compiler process of the enclave screens them afterwards.

use std::collections::BTreeMap;

use assay_benchmarks::board::PRINCIPAL;
use assay_evidence::{digest::Digest, json, manifest::ManifestError};
use tokio::io::AsyncRead;
use unicode_normalization::UnicodeNormalization as _;

use super::{Station, StationError};
use crate::{
    blob::BlobError,
    id::{JobId, SubmissionId},
    store::{NewSubmission, StoreError, SubmissionRow},
    token::Principal,
};

const NAME_CHARS_MAX: usize = 80;
const BENCHMARKS_MAX: usize = 16;
const DECLARES_MAX: usize = 16;
const DECLARED_BYTES_MAX: usize = 120;
const KEY_BYTES_MAX: usize = 80;

/// What comes with the bytes of a submission.
#[derive(Clone, Debug)]
pub struct Registration {
    /// Who sends it.
    pub principal: Principal,
    /// Display name of the system.
    pub name: String,
    /// Benchmarks by short name; at least one.
    pub benchmarks: Vec<String>,
    /// What the team says of its system: short key, short text.
    pub declares: BTreeMap<String, String>,
    /// SHA-256 of the bytes, announced before they come.
    pub digest: Digest,
    /// Idempotency key of the request.
    pub key: Option<String>,
}

/// A registered submission.
#[derive(Clone, Debug)]
pub struct Registered {
    /// The submission as it stands now.
    pub submission: SubmissionRow,
    /// True when an earlier request with the same key had registered it.
    pub replayed: bool,
}

/// Why a submission is not registered.
#[derive(Debug, thiserror::Error)]
pub enum RegisterError {
    /// The station's manifest has run out: what is logged verifies, nothing new is.
    #[error("this station takes nothing new: {0}")]
    Expired(#[from] ManifestError),
    /// The name is no display name.
    #[error(
        "name must have 1 to {NAME_CHARS_MAX} characters in Unicode's NFKC form, none of them unseen or a control character, with single spaces between words and no other blanks"
    )]
    Name,
    /// A system of somebody else is called so.
    #[error("a system of another principal is named like \"{0}\"; choose another name")]
    NameTaken(String),
    /// The list of benchmarks is empty or too long.
    #[error("benchmarks must name 1 to {BENCHMARKS_MAX} benchmarks")]
    Benchmarks,
    /// A benchmark without a form to run on.
    #[error(
        "benchmark \"{0}\" has no open form at this station; GET /api/v1/benchmarks lists those that have"
    )]
    NoForm(String),
    /// What the team says is too long.
    #[error(
        "declares must have at most {DECLARES_MAX} entries of at most {DECLARED_BYTES_MAX} bytes, without control characters, and none with the key {PRINCIPAL}"
    )]
    Declares,
    /// The idempotency key is too long.
    #[error("Idempotency-Key must have 1 to {KEY_BYTES_MAX} bytes")]
    Key,
    /// The key was used for something else.
    #[error("this Idempotency-Key was used for another request; use a fresh key")]
    KeyReused,
    /// The first request with this key is still being received.
    #[error(
        "a request with this Idempotency-Key is still being received; ask again when it is done"
    )]
    InFlight,
    /// The stream is too long, broke off, or is not what was announced.
    #[error(transparent)]
    Bytes(#[from] BlobError),
    /// The station has a fault.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Station {
    /// Takes a submission in. When this returns, its bytes are durable and its check is queued.
    pub async fn register_submission(
        &self,
        registration: &Registration,
        stream: &mut (impl AsyncRead + Unpin),
    ) -> Result<Registered, RegisterError> {
        self.check(registration).await?;
        let request = request_digest(registration);
        if let Some(registered) = self.replayed(registration, request).await? {
            return Ok(registered);
        }
        let _flight = Flight::take_off(self, registration)?;
        let bytes_max = self.config().limits.upload_bytes_max;
        let bytes = self
            .blobs()
            .receive(stream, registration.digest, bytes_max)
            .await?;
        let new = self.new_submission(registration, bytes);
        let request = registration.key.as_deref().map(|key| (key, request));
        let now = self.clock().now();
        let check = JobId::draw(now, self.entropy());
        let inserted = self
            .store()
            .insert_submission(&new, request, check, now)
            .await?;
        if !inserted {
            return Err(RegisterError::NameTaken(new.name));
        }
        self.changed();
        let submission = self.store().submission(new.id).await?;
        Ok(Registered {
            submission: submission.ok_or(StoreError::Moved("submission"))?,
            replayed: false,
        })
    }

    /// Refuses what can be refused before a byte is read.
    async fn check(&self, registration: &Registration) -> Result<(), RegisterError> {
        self.manifest().check_term(&self.clock().now().rfc3339())?;
        if !is_label(&registration.name, NAME_CHARS_MAX) {
            return Err(RegisterError::Name);
        }
        let (principal, name) = (&registration.principal.0, &registration.name);
        if self.store().name_taken(&name_key(name), principal).await? {
            return Err(RegisterError::NameTaken(name.clone()));
        }
        if !(1..=BENCHMARKS_MAX).contains(&registration.benchmarks.len()) {
            return Err(RegisterError::Benchmarks);
        }
        let short =
            |text: &String| text.len() <= DECLARED_BYTES_MAX && !text.chars().any(char::is_control);
        let declares = &registration.declares;
        if declares.len() > DECLARES_MAX
            || declares.contains_key(PRINCIPAL)
            || !declares
                .iter()
                .all(|(key, value)| short(key) && short(value))
        {
            return Err(RegisterError::Declares);
        }
        if let Some(key) = &registration.key
            && !(1..=KEY_BYTES_MAX).contains(&key.len())
        {
            return Err(RegisterError::Key);
        }
        for benchmark in &registration.benchmarks {
            if self.store().open_form(benchmark).await?.is_none() {
                return Err(RegisterError::NoForm(benchmark.chars().take(80).collect()));
            }
        }
        Ok(())
    }

    async fn replayed(
        &self,
        registration: &Registration,
        request: Digest,
    ) -> Result<Option<Registered>, RegisterError> {
        let Some(key) = &registration.key else {
            return Ok(None);
        };
        let now = self.clock().now();
        let principal = &registration.principal.0;
        let Some(replay) = self.store().replay(principal, key, now).await? else {
            return Ok(None);
        };
        if replay.request != request {
            return Err(RegisterError::KeyReused);
        }
        let id: SubmissionId = replay
            .subject
            .parse()
            .map_err(|_| StoreError::Damaged("subject"))?;
        let submission = self.store().submission(id).await?;
        Ok(Some(Registered {
            submission: submission.ok_or(StoreError::Damaged("subject"))?,
            replayed: true,
        }))
    }

    fn new_submission(&self, registration: &Registration, bytes: u64) -> NewSubmission {
        let mut benchmarks = registration.benchmarks.clone();
        benchmarks.sort();
        benchmarks.dedup();
        NewSubmission {
            id: SubmissionId::draw(self.clock().now(), self.entropy()),
            principal: registration.principal.0.clone(),
            system: system_id(&registration.principal, &registration.name),
            name: registration.name.clone(),
            name_key: name_key(&registration.name),
            adapter: registration.digest,
            bytes,
            benchmarks,
            declares: registration.declares.clone(),
        }
    }
}

/// The same name from the same principal is the same system: 16 hex digits of a digest of both.
pub fn system_id(principal: &Principal, name: &str) -> String {
    let text = format!("assay/system/v1\n{}\n{name}", principal.0);
    Digest::of(text.as_bytes()).to_string()[..16].to_owned()
}

/// Digest of all that a repeated request must repeat.
fn request_digest(registration: &Registration) -> Digest {
    Digest::of(&json::to_vec(&(
        "POST /api/v1/submissions",
        &registration.name,
        &registration.benchmarks,
        &registration.declares,
        registration.digest,
    )))
}

/// What two names share that people take for one: NFKC, lower case.
fn name_key(name: &str) -> String {
    name.nfkc().flat_map(char::to_lowercase).nfkc().collect()
}

/// Text for people: neither empty nor too long, in one spelling only, with nothing in it that is not seen.
fn is_label(text: &str, chars_max: usize) -> bool {
    (1..=chars_max).contains(&text.chars().count())
        && text.trim() == text
        && !text.contains("  ")
        && !text.contains(is_unseen)
        && text.nfkc().eq(text.chars())
}

/// Control characters, blanks other than the space, characters that Unicode lets a display ignore
/// (`Default_Ignorable_Code_Point`), and letters and signs that look like blanks.
fn is_unseen(c: char) -> bool {
    c.is_control()
        || (c.is_whitespace() && c != ' ')
        || matches!(c,
            '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}'
            | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{2800}' | '\u{3164}' | '\u{fe00}'..='\u{fe0f}'
            | '\u{feff}' | '\u{ffa0}' | '\u{fff0}'..='\u{fff8}' | '\u{1bca0}'..='\u{1bca3}'
            | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{e0fff}')
}

/// Marks an idempotency key as being received, for as long as it lives.
struct Flight<'a> {
    station: &'a Station,
    key: Option<(String, String)>,
}

impl<'a> Flight<'a> {
    fn take_off(station: &'a Station, registration: &Registration) -> Result<Self, RegisterError> {
        let key = registration
            .key
            .as_ref()
            .map(|key| (registration.principal.0.clone(), key.clone()));
        if let Some(key) = &key
            && !flights(station).insert(key.clone())
        {
            return Err(RegisterError::InFlight);
        }
        Ok(Self { station, key })
    }
}

impl Drop for Flight<'_> {
    fn drop(&mut self) {
        if let Some(key) = &self.key {
            flights(self.station).remove(key);
        }
    }
}

fn flights(
    station: &Station,
) -> std::sync::MutexGuard<'_, std::collections::HashSet<(String, String)>> {
    station
        .0
        .in_flight
        .lock()
        .unwrap_or_else(std::sync::PoisonError::into_inner)
}

impl From<RegisterError> for StationError {
    fn from(error: RegisterError) -> Self {
        match error {
            RegisterError::Store(error) => Self::Store(error),
            RegisterError::Bytes(error) => Self::Blob(error),
            other => Self::Refused(other.to_string()),
        }
    }
}

#[cfg(test)]
mod tests;

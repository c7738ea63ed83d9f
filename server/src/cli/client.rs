//! Talks to a station's HTTP API: one agent, one base address, problems turned into sentences.
//!
//! Answers are bounded before they are parsed. It follows no redirects: a station answers itself.

use std::{
    fmt::Write as _,
    fs::File,
    io::Read,
    path::{Path, PathBuf},
};

use assay_api::Problem;
use assay_evidence::{base64, digest::Digest};
use clap::Args;
use serde::{Serialize, de::DeserializeOwned};
use ureq::{Agent, Body, http::Response};

use super::fault::Fault;
use crate::fetch;

/// Longest answer that is read.
const ANSWER_BYTES_MAX: u64 = 64 * 1024 * 1024;

/// Where the station is.
#[derive(Debug, Args)]
pub struct Remote {
    /// Address of the station.
    #[arg(
        long,
        value_name = "URL",
        env = "ASSAY_URL",
        default_value = "http://127.0.0.1:8080"
    )]
    pub url: String,
}

/// The token for submitting.
#[derive(Debug, Args)]
pub struct Token {
    /// Token of scope `submit`, which `assay station init` printed as `token`.
    #[arg(
        long,
        value_name = "TOKEN",
        env = "ASSAY_TOKEN",
        hide_env_values = true
    )]
    token: Option<String>,
    /// File that holds the token.
    #[arg(long, value_name = "FILE", conflicts_with = "token")]
    token_file: Option<PathBuf>,
}

impl Token {
    /// The token, from the flag, the file or the environment.
    pub fn read(&self) -> Result<String, Fault> {
        let way_out = "no token; use --token-file or set ASSAY_TOKEN to the `token` that `assay station init` printed";
        read_token(self.token_file.as_deref(), self.token.as_deref(), way_out)
    }
}

/// The token for publishing forms.
#[derive(Debug, Args)]
pub struct FormToken {
    /// Token of scope `form`, which `assay station init` printed as `form_token`.
    #[arg(
        long,
        value_name = "TOKEN",
        env = "ASSAY_FORM_TOKEN",
        hide_env_values = true
    )]
    token: Option<String>,
    /// File that holds the token.
    #[arg(long, value_name = "FILE", conflicts_with = "token")]
    token_file: Option<PathBuf>,
}

impl FormToken {
    /// The token, from the flag, the file or the environment.
    pub fn read(&self) -> Result<String, Fault> {
        let way_out = "no token; use --token-file or set ASSAY_FORM_TOKEN to the `form_token` that `assay station init` printed";
        read_token(self.token_file.as_deref(), self.token.as_deref(), way_out)
    }
}

fn read_token(file: Option<&Path>, token: Option<&str>, way_out: &str) -> Result<String, Fault> {
    let text = match (file, token) {
        (Some(file), _) => {
            std::fs::read_to_string(file).map_err(|error| Fault::file(file, &error))?
        }
        (None, Some(token)) => token.to_owned(),
        (None, None) => return Err(Fault::WrongUse(way_out.to_owned())),
    };
    let token = text.trim();
    if token.is_empty() || !token.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err(Fault::WrongUse(
            "the token is empty or holds blanks".to_owned(),
        ));
    }
    Ok(token.to_owned())
}

/// A connection to one station.
pub struct Client {
    agent: Agent,
    base: String,
}

impl Client {
    /// A client for this address.
    pub fn new(remote: &Remote) -> Result<Self, Fault> {
        let base = remote.url.trim_end_matches('/').to_owned();
        if !fetch::is_address(&base) {
            let sentence = format!("{base} is no address; it starts with http:// or https://");
            return Err(Fault::WrongUse(sentence));
        }
        Ok(Self {
            agent: fetch::agent(&base, 1),
            base,
        })
    }

    /// Reads a document.
    pub fn get<T: DeserializeOwned>(&self, path: &str) -> Result<T, Fault> {
        let bytes = self.get_bytes(path)?;
        serde_json::from_slice(&bytes).map_err(|error| self.strange(path, &error.to_string()))
    }

    /// Reads a file.
    pub fn get_bytes(&self, path: &str) -> Result<Vec<u8>, Fault> {
        let url = format!("{}{path}", self.base);
        let answer = self
            .agent
            .get(&url)
            .call()
            .map_err(|error| self.unreachable(&error))?;
        self.accepted(path, answer)
    }

    /// Sends a document and reads the answer.
    pub fn post<B: Serialize, T: DeserializeOwned>(
        &self,
        path: &str,
        token: &str,
        key: &str,
        body: &B,
    ) -> Result<T, Fault> {
        let url = format!("{}{path}", self.base);
        let answer = self
            .agent
            .post(&url)
            .header("authorization", format!("Bearer {token}"))
            .header("idempotency-key", key)
            .send_json(body)
            .map_err(|error| self.unreachable(&error))?;
        let bytes = self.accepted(path, answer)?;
        serde_json::from_slice(&bytes).map_err(|error| self.strange(path, &error.to_string()))
    }

    /// Sends bytes with their digest announced and reads the answer.
    pub fn send<T: DeserializeOwned>(
        &self,
        path: &str,
        token: &str,
        key: &str,
        bytes: &[u8],
    ) -> Result<T, Fault> {
        let url = format!("{}{path}", self.base);
        let digest = base64::encode(Digest::of(bytes).as_bytes());
        let answer = self
            .agent
            .post(&url)
            .header("authorization", format!("Bearer {token}"))
            .header("idempotency-key", key)
            .header("content-type", "application/octet-stream")
            .header("content-digest", format!("sha-256=:{digest}:"))
            .send(bytes)
            .map_err(|error| self.unreachable(&error))?;
        let bytes = self.accepted(path, answer)?;
        serde_json::from_slice(&bytes).map_err(|error| self.strange(path, &error.to_string()))
    }

    /// Sends a file with its digest announced and reads the answer.
    pub fn upload<T: DeserializeOwned>(
        &self,
        path: &str,
        token: &str,
        key: &str,
        upload: &Upload,
    ) -> Result<T, Fault> {
        let url = format!("{}{path}", self.base);
        let file = File::open(&upload.file).map_err(|error| Fault::file(&upload.file, &error))?;
        let watched = upload.bar.wrap_read(file);
        let answer = self
            .agent
            .post(&url)
            .header("authorization", format!("Bearer {token}"))
            .header("idempotency-key", key)
            .header("content-type", "application/wasm")
            .header("content-length", upload.bytes.to_string())
            .header(
                "content-digest",
                format!("sha-256=:{}:", upload.digest_base64),
            )
            .send(ureq::SendBody::from_owned_reader(watched))
            .map_err(|error| self.unreachable(&error))?;
        upload.bar.finish_and_clear();
        let bytes = self.accepted(path, answer)?;
        serde_json::from_slice(&bytes).map_err(|error| self.strange(path, &error.to_string()))
    }

    fn accepted(&self, path: &str, mut answer: Response<Body>) -> Result<Vec<u8>, Fault> {
        let status = answer.status();
        let mut bytes = Vec::new();
        let body = answer.body_mut().as_reader();
        body.take(ANSWER_BYTES_MAX)
            .read_to_end(&mut bytes)
            .map_err(|error| self.strange(path, &error.to_string()))?;
        if status.is_success() {
            return Ok(bytes);
        }
        let Ok(problem) = serde_json::from_slice::<Problem>(&bytes) else {
            return Err(self.strange(path, &format!("status {}", status.as_u16())));
        };
        let mut said = format!("{} (trace {})", problem.detail, problem.trace_id);
        for fault in &problem.errors {
            let _ = write!(said, "\n  {}: {}", fault.pointer, fault.detail);
        }
        Err(Fault::Refused(said))
    }

    fn unreachable(&self, error: &ureq::Error) -> Fault {
        Fault::Refused(format!(
            "{} does not answer ({error}); is the station running, and is --url right?",
            self.base
        ))
    }

    fn strange(&self, path: &str, why: &str) -> Fault {
        Fault::Refused(format!(
            "{}{path} answered something that no station of this version sends ({why})",
            self.base
        ))
    }
}

/// A file on its way to a station.
pub struct Upload {
    /// The file.
    pub file: PathBuf,
    /// Its length.
    pub bytes: u64,
    /// SHA-256 of its bytes, base64.
    pub digest_base64: String,
    /// What shows how far it is.
    pub bar: indicatif::ProgressBar,
}

/// One path segment or query value, escaped.
pub fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            escaped.push(byte as char);
        } else {
            let _ = write!(escaped, "%{byte:02X}");
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_without_a_scheme_is_wrong_use() {
        let refused = Client::new(&Remote {
            url: "example.org".to_owned(),
        });
        let fault = refused.map(|_| ()).unwrap_err();
        assert_eq!(
            fault.to_string(),
            "example.org is no address; it starts with http:// or https://"
        );
        assert_eq!(fault.code(), 2);
    }

    #[test]
    fn names_are_escaped_byte_by_byte() {
        assert_eq!(escaped("a b&c=é"), "a%20b%26c%3D%C3%A9");
    }
}

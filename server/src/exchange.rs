//! Asks other stations over HTTP: bounded in bytes and in time, never redirected, never decompressed.
//!
//! What an answer means is the caller's business; a refusal names the resource that was asked for.

use std::{io::Read as _, time::Duration};

use tokio::task::spawn_blocking;
use ureq::{Agent, Body, http::Response};

use crate::fetch;

/// Longest time for one question with its answer.
const EXCHANGE_TIME: Duration = Duration::from_secs(10);

/// Why another station's answer is of no use.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ExchangeError {
    /// No answer, or not in time.
    #[error("{url} does not answer: {says}")]
    Unreachable {
        /// What was asked for.
        url: String,
        /// Why.
        says: String,
    },
    /// An answer with another status than wanted.
    #[error("{url} answers with status {status}")]
    Status {
        /// What was asked for.
        url: String,
        /// HTTP status.
        status: u16,
    },
    /// More bytes than the resource can have.
    #[error("{url} answers with more than {limit} bytes")]
    TooLong {
        /// What was asked for.
        url: String,
        /// Most that such a resource has.
        limit: usize,
    },
    /// Compressed, although nobody asked for that.
    #[error("{url} answers in the encoding {coding:?}, which was not asked for")]
    Encoded {
        /// What was asked for.
        url: String,
        /// `Content-Encoding`.
        coding: String,
    },
}

/// A status and a bounded body.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// HTTP status.
    pub status: u16,
    /// Whole body.
    pub body: Vec<u8>,
}

/// Who asks one station; clones share their connections.
#[derive(Clone, Debug)]
pub struct Exchange {
    agent: Agent,
    /// Longest time for one question with its answer.
    time: Duration,
}

impl Exchange {
    /// Asks the station at this address.
    pub fn with(base: &str) -> Self {
        Self {
            agent: fetch::agent(base, 1),
            time: EXCHANGE_TIME,
        }
    }

    /// A resource of at most `limit` bytes; `None` when it is not there.
    pub async fn get(&self, url: &str, limit: usize) -> Result<Option<Vec<u8>>, ExchangeError> {
        let (exchange, asked) = (self.clone(), url.to_owned());
        let url = asked.clone();
        let answer = blocking(move || {
            let request = exchange.agent.get(&url).config();
            let request = request.timeout_global(Some(exchange.time)).build();
            bounded(&url, request.call(), limit)
        });
        match answer.await? {
            Answer { status: 200, body } => Ok(Some(body)),
            Answer {
                status: 404 | 410, ..
            } => Ok(None),
            Answer { status, .. } => Err(ExchangeError::Status { url: asked, status }),
        }
    }

    /// Sends a text and reads whatever comes, of at most `limit` bytes. Blocks; see [`blocking`].
    pub fn post(&self, url: &str, body: &str, limit: usize) -> Result<Answer, ExchangeError> {
        let request = self.agent.post(url).config();
        let request = request.timeout_global(Some(self.time)).build();
        let request = request.content_type("text/plain; charset=utf-8");
        bounded(url, request.send(body), limit)
    }
}

/// Runs a question where it holds up no other task.
///
/// # Panics
/// When the question panics.
pub async fn blocking<T: Send + 'static>(ask: impl FnOnce() -> T + Send + 'static) -> T {
    let asked = spawn_blocking(ask).await;
    asked.expect("a question to another station does not panic")
}

fn bounded(
    url: &str,
    answer: Result<Response<Body>, ureq::Error>,
    limit: usize,
) -> Result<Answer, ExchangeError> {
    let unreachable = |says: String| ExchangeError::Unreachable {
        url: url.to_owned(),
        says,
    };
    let mut answer = answer.map_err(|error| unreachable(error.to_string()))?;
    if let Some(coding) = answer.headers().get("content-encoding") {
        return Err(ExchangeError::Encoded {
            url: url.to_owned(),
            coding: String::from_utf8_lossy(coding.as_bytes()).into_owned(),
        });
    }
    let mut body = Vec::new();
    let reader = answer.body_mut().as_reader();
    let read = reader.take(limit as u64 + 1).read_to_end(&mut body);
    read.map_err(|error| unreachable(error.to_string()))?;
    if body.len() > limit {
        return Err(ExchangeError::TooLong {
            url: url.to_owned(),
            limit,
        });
    }
    Ok(Answer {
        status: answer.status().as_u16(),
        body,
    })
}

#[cfg(test)]
pub(crate) mod fixture;
#[cfg(test)]
mod tests;

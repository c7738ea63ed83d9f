//! One head offered to one witness: the proof from where it stands, and once more where it says it is.
//!
//! Its answer is believed only if the line verifies under the key that the policy names.

use std::sync::Arc;

use assay_evidence::{
    cosignature::{self, CosignatureError},
    note::{self, NoteError},
    witness::Request,
};

use super::state::Asked;
use crate::{
    clock::Clock,
    exchange::{self, Answer, ExchangeError},
    log::Offer,
};

/// Questions for one head: with the size last known, with the size it says, and once more.
const TURNS_MAX: u32 = 3;
/// Longest answer of a witness.
const ANSWER_BYTES_MAX: usize = 64 * 1024;

/// Why a witness was no help.
#[derive(Debug, thiserror::Error)]
pub(super) enum AskError {
    #[error(transparent)]
    Exchange(#[from] ExchangeError),
    #[error("{url} answers with status {status}: {says}")]
    Refused {
        url: String,
        status: u16,
        says: String,
    },
    #[error(
        "{url} holds {holds} records, more than the {offered} that this log has signed; look for a second log under this name"
    )]
    Ahead {
        url: String,
        holds: u64,
        offered: u64,
    },
    #[error("{url} answers with no size of a log")]
    NoSize { url: String },
    #[error("{url} answers with no line of its key")]
    NoLine { url: String },
    #[error("{url} answers with a bad line: {source}")]
    BadLine {
        url: String,
        source: CosignatureError,
    },
    #[error("{0} changes its size with every question")]
    Restless(String),
}

/// A question to one witness about one head.
pub(super) struct Ask<'a> {
    witness: &'a Arc<Asked>,
    offer: &'a Offer<'a>,
    clock: &'a Clock,
}

/// What one exchange brought.
enum Turn {
    /// Its signature line.
    Signed(String),
    /// It holds another size.
    Stands(u64),
}

impl<'a> Ask<'a> {
    pub fn new(witness: &'a Arc<Asked>, offer: &'a Offer<'a>, clock: &'a Clock) -> Self {
        Self {
            witness,
            offer,
            clock,
        }
    }

    /// The witness's line, verified.
    pub async fn run(self) -> Option<String> {
        let offered = self.offer.size;
        // A size that this log does not have was a mistake, or is one still: it is asked for again.
        let known = self.witness.state().size.filter(|size| *size <= offered);
        let mut old = known.unwrap_or(0);
        for _ in 0..TURNS_MAX {
            match self.turn(old).await? {
                Turn::Signed(line) => return Some(line),
                Turn::Stands(size) => old = size,
            }
        }
        let restless = AskError::Restless(self.witness.url.clone());
        self.witness.failed(&restless, self.clock.now());
        None
    }

    /// One question and its answer; none after a failure, which is noted.
    async fn turn(&self, old: u64) -> Option<Turn> {
        let proof = self.offer.consistency(old).await;
        let proof = proof.map_err(|error| self.witness.failed(&error, self.clock.now()));
        let request = Request {
            old,
            proof: proof.ok()?,
            note: self.offer.note.to_owned(),
        };
        let (witness, size) = (Arc::clone(self.witness), self.offer.size);
        let clock = self.clock.clone();
        // What the answer says of the witness is noted even if nobody waits for it any more.
        witness.begin();
        let exchange = move || {
            let body = request.to_body();
            let answer = witness.exchange.post(&witness.url, &body, ANSWER_BYTES_MAX);
            let now = clock.now();
            let turn = answer.map_err(AskError::from);
            let turn =
                turn.and_then(|answer| read(&witness, &request.note, size, &answer, now.seconds()));
            let turn = turn.map_err(|trouble| witness.failed(&trouble, now)).ok();
            witness.end();
            turn
        };
        exchange::blocking(exchange).await
    }
}

fn read(
    witness: &Asked,
    note: &str,
    offered: u64,
    answer: &Answer,
    now: u64,
) -> Result<Turn, AskError> {
    let url = || witness.url.clone();
    let text = String::from_utf8_lossy(&answer.body).into_owned();
    match answer.status {
        200 => {
            let (time, line) = line_of(witness, note, &text, now)?;
            witness.signed(offered, time);
            Ok(Turn::Signed(line))
        }
        409 => {
            let size = text.strip_suffix('\n').and_then(|size| size.parse().ok());
            let holds = size.ok_or_else(|| AskError::NoSize { url: url() })?;
            witness.stands(holds);
            if holds > offered {
                let url = url();
                return Err(AskError::Ahead {
                    url,
                    holds,
                    offered,
                });
            }
            Ok(Turn::Stands(holds))
        }
        status => Err(AskError::Refused {
            url: url(),
            status,
            says: text.chars().filter(|c| !c.is_control()).take(200).collect(),
        }),
    }
}

/// The newest line of the witness's key among those it answers, and when it was signed.
fn line_of(witness: &Asked, note: &str, lines: &str, now: u64) -> Result<(u64, String), AskError> {
    let bad = |source| AskError::BadLine {
        url: witness.url.clone(),
        source,
    };
    let noted = format!("{note}{lines}");
    let parsed = note::parse(&noted).map_err(|e: NoteError| bad(e.into()))?;
    let newest = cosignature::newest(&parsed, &witness.key, Some(now)).map_err(bad)?;
    newest.ok_or_else(|| AskError::NoLine {
        url: witness.url.clone(),
    })
}

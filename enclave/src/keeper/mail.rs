//! The keeper's way to the server: documents and blobs in on stdin, documents out on stdout.
//!
//! A server that breaks the form of a frame ends the keeper; a server that is gone does too.

use std::{
    io::{self, Read, Write},
    sync::{Mutex, PoisonError},
};

use assay_evidence::{
    json,
    wire::{self, Ask, Blob, BlobReader, FrameKind, Tell},
};

use super::refusal::Refused;

/// Why reading ended.
#[derive(Debug, thiserror::Error)]
pub enum MailError {
    /// stdin or stdout.
    #[error("server: {0}")]
    Io(#[from] io::Error),
    /// Not a frame.
    #[error("server: {0}")]
    Frame(#[from] wire::FrameError),
    /// Not a document of the contract.
    #[error("server: {0}")]
    Document(#[from] json::JsonError),
    /// A frame of the other kind was due.
    #[error("server: a document came in the middle of a blob, or a chunk outside of one")]
    Order,
}

/// A question with its blobs, in the document's order.
pub struct Mail {
    /// The document.
    pub ask: Ask,
    /// Bytes, or why they are not those announced.
    pub blobs: Vec<Result<Vec<u8>, String>>,
}

/// Reads questions.
pub struct Inbox<R>(pub R);

impl<R: Read> Inbox<R> {
    /// The next question; none at the end of the stream.
    pub fn next(&mut self) -> Result<Option<Mail>, MailError> {
        let Some((kind, body)) = self.frame()? else {
            return Ok(None);
        };
        if kind != FrameKind::Document {
            return Err(MailError::Order);
        }
        let ask: Ask = json::from_slice(&body)?;
        let announced: Vec<Blob> = match &ask {
            Ask::Screen { component, .. } => vec![component.clone()],
            Ask::Assign { assignment, .. } => {
                vec![assignment.seal.clone(), assignment.component.clone()]
            }
            Ask::Attest { .. } | Ask::Head { .. } | Ask::Start { .. } | Ask::Cancel { .. } => {
                Vec::new()
            }
        };
        let blobs = announced
            .into_iter()
            .map(|blob| self.blob(blob))
            .collect::<Result<_, _>>()?;
        Ok(Some(Mail { ask, blobs }))
    }

    fn blob(&mut self, announced: Blob) -> Result<Result<Vec<u8>, String>, MailError> {
        let mut reader = BlobReader::new(announced)?;
        while !reader.is_complete() {
            match self.frame()? {
                Some((FrameKind::Chunk, chunk)) => reader.push(&chunk)?,
                Some((FrameKind::Document, _)) => return Err(MailError::Order),
                None => return Err(MailError::Io(io::ErrorKind::UnexpectedEof.into())),
            }
        }
        Ok(reader.finish().map_err(|error| error.to_string()))
    }

    fn frame(&mut self) -> Result<Option<(FrameKind, Vec<u8>)>, MailError> {
        let mut header = [0; 5];
        match self.0.read(&mut header[..1])? {
            0 => return Ok(None),
            _ => self.0.read_exact(&mut header[1..])?,
        }
        let (kind, length) = wire::decode_header(header)?;
        let mut body = vec![0; length];
        self.0.read_exact(&mut body)?;
        Ok(Some((kind, body)))
    }
}

/// Writes answers, one whole frame at a time.
pub struct Outbox(Mutex<Box<dyn Write + Send>>);

impl Outbox {
    /// Writes there.
    pub fn new(to: impl Write + Send + 'static) -> Self {
        Self(Mutex::new(Box::new(to)))
    }

    /// Tells the server. When it cannot be told, there is nobody left to work for.
    pub fn tell(&self, tell: &Tell) {
        let frame = wire::encode_frame(FrameKind::Document, &json::to_vec(tell));
        let mut to = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Err(error) = to.write_all(&frame).and_then(|()| to.flush()) {
            tracing::error!(%error, "the server is gone");
            std::process::exit(1);
        }
    }

    /// Tells the server of a refusal.
    pub fn refuse(&self, run: String, refused: &Refused) {
        let (code, detail) = (refused.code().to_owned(), refused.to_string());
        self.tell(&Tell::Refused { run, code, detail });
    }
}

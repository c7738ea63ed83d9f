//! Frames: cutting a stream into documents and chunks, and blobs into chunks and back.
//!
//! Pure: bytes come from a caller who owns the socket. A frame that breaks a rule is the end of the
//! stream; there is no way to find the next one.

use thiserror::Error;

use super::{BLOB_BYTES_MAX, Blob, FRAME_BYTES_MAX, FrameKind};
use crate::digest::{Digest, Hasher};

/// Length field and kind.
pub const HEADER_BYTES: usize = 5;
/// Longest body of a frame: the kind counts towards [`FRAME_BYTES_MAX`].
pub const BODY_BYTES_MAX: usize = FRAME_BYTES_MAX - 1;

/// Why a stream is broken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum FrameError {
    /// No room for a kind.
    #[error("frame is empty")]
    Empty,
    /// Longer than [`FRAME_BYTES_MAX`].
    #[error("frame of {0} bytes is longer than 524288")]
    TooLong(u32),
    /// Neither document nor chunk.
    #[error("frame has the unknown kind {0}")]
    UnknownKind(u8),
    /// A blob is announced longer than [`BLOB_BYTES_MAX`].
    #[error("blob of {0} bytes is longer than 67108864")]
    BlobTooLong(u64),
    /// A chunk past the announced end, or without bytes.
    #[error("chunk does not fit the announced blob")]
    BadChunk,
    /// All bytes are there, and are others.
    #[error("blob has digest {found} instead of {announced}")]
    BadBlob {
        /// Digest in the document.
        announced: Digest,
        /// Digest of the bytes.
        found: Digest,
    },
}

/// A whole frame.
///
/// # Panics
/// When the body is longer than [`BODY_BYTES_MAX`].
pub fn encode_frame(kind: FrameKind, body: &[u8]) -> Vec<u8> {
    assert!(
        body.len() <= BODY_BYTES_MAX,
        "frame body of {} bytes",
        body.len()
    );
    let length = body.len() as u32 + 1;
    [&length.to_le_bytes(), [kind as u8].as_slice(), body].concat()
}

/// Kind and body length of the frame that starts with this header.
pub fn decode_header(header: [u8; HEADER_BYTES]) -> Result<(FrameKind, usize), FrameError> {
    let [a, b, c, d, kind] = header;
    let length = u32::from_le_bytes([a, b, c, d]);
    if length == 0 {
        return Err(FrameError::Empty);
    }
    if length as usize > FRAME_BYTES_MAX {
        return Err(FrameError::TooLong(length));
    }
    let kind = match kind {
        1 => FrameKind::Document,
        2 => FrameKind::Chunk,
        other => return Err(FrameError::UnknownKind(other)),
    };
    Ok((kind, length as usize - 1))
}

/// The chunks of a blob, ready for [`encode_frame`]; none for an empty blob.
pub fn chunks(blob: &[u8]) -> impl Iterator<Item = &[u8]> {
    blob.chunks(BODY_BYTES_MAX)
}

/// Cuts a stream that arrives in any pieces into frames.
#[derive(Default)]
pub struct FrameReader {
    pending: Vec<u8>,
}

impl FrameReader {
    /// Nothing read yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds bytes as they came.
    pub fn push(&mut self, bytes: &[u8]) {
        self.pending.extend_from_slice(bytes);
    }

    /// The next whole frame; `None` until more bytes come.
    pub fn next_frame(&mut self) -> Result<Option<(FrameKind, Vec<u8>)>, FrameError> {
        let Some(header) = self.pending.first_chunk::<HEADER_BYTES>() else {
            return Ok(None);
        };
        let (kind, length) = decode_header(*header)?;
        let end = HEADER_BYTES + length;
        if self.pending.len() < end {
            return Ok(None);
        }
        let body = self.pending[HEADER_BYTES..end].to_vec();
        self.pending.drain(..end);
        Ok(Some((kind, body)))
    }
}

/// Puts a blob together from its chunks and checks its digest.
pub struct BlobReader {
    announced: Blob,
    bytes: Vec<u8>,
    hasher: Hasher,
}

impl Blob {
    /// Announces some bytes.
    pub fn of(bytes: &[u8]) -> Self {
        Self {
            bytes: bytes.len() as u64,
            sha256: Digest::of(bytes),
        }
    }
}

impl BlobReader {
    /// Starts on an announced blob.
    pub fn new(announced: Blob) -> Result<Self, FrameError> {
        if announced.bytes > BLOB_BYTES_MAX {
            return Err(FrameError::BlobTooLong(announced.bytes));
        }
        Ok(Self {
            announced,
            bytes: Vec::new(),
            hasher: Hasher::new(),
        })
    }

    /// Are all announced bytes there? True at once for an empty blob.
    pub fn is_complete(&self) -> bool {
        self.bytes.len() as u64 == self.announced.bytes
    }

    /// Adds a chunk.
    pub fn push(&mut self, chunk: &[u8]) -> Result<(), FrameError> {
        let length = self.bytes.len() as u64 + chunk.len() as u64;
        if chunk.is_empty() || length > self.announced.bytes {
            return Err(FrameError::BadChunk);
        }
        self.hasher.absorb(chunk);
        self.bytes.extend_from_slice(chunk);
        Ok(())
    }

    /// The bytes, once complete and of the announced digest.
    pub fn finish(self) -> Result<Vec<u8>, FrameError> {
        if !self.is_complete() {
            return Err(FrameError::BadChunk);
        }
        let (announced, found) = (self.announced.sha256, self.hasher.finish());
        if announced != found {
            return Err(FrameError::BadBlob { announced, found });
        }
        Ok(self.bytes)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_frame_is_length_kind_and_body() {
        let frame = encode_frame(FrameKind::Document, b"{}");
        assert_eq!(frame, [3, 0, 0, 0, 1, b'{', b'}']);
        assert_eq!(decode_header([3, 0, 0, 0, 1]), Ok((FrameKind::Document, 2)));
    }

    #[test]
    fn empty_long_and_unknown_frames_are_refused() {
        assert_eq!(decode_header([0, 0, 0, 0, 1]), Err(FrameError::Empty));
        assert_eq!(
            decode_header([0, 0, 8, 0, 2]),
            Ok((FrameKind::Chunk, BODY_BYTES_MAX))
        );
        assert_eq!(
            decode_header([1, 0, 8, 0, 2]),
            Err(FrameError::TooLong(524_289))
        );
        assert_eq!(
            decode_header([1, 0, 0, 0, 3]),
            Err(FrameError::UnknownKind(3))
        );
    }

    #[test]
    fn a_blob_survives_its_chunks() {
        let bytes: Vec<u8> = (0..BODY_BYTES_MAX * 2 + 7).map(|i| i as u8).collect();
        let mut reader = BlobReader::new(Blob::of(&bytes)).unwrap();
        for chunk in chunks(&bytes) {
            assert!(!reader.is_complete());
            reader.push(chunk).unwrap();
        }
        assert!(reader.is_complete());
        assert_eq!(reader.push(b"x"), Err(FrameError::BadChunk));
        assert_eq!(reader.finish(), Ok(bytes));
    }

    #[test]
    fn a_blob_of_other_bytes_or_length_is_refused() {
        let announced = Blob::of(b"abc");
        let mut reader = BlobReader::new(announced.clone()).unwrap();
        assert_eq!(reader.push(b""), Err(FrameError::BadChunk));
        reader.push(b"abd").unwrap();
        let bad = FrameError::BadBlob {
            announced: announced.sha256,
            found: Digest::of(b"abd"),
        };
        assert_eq!(reader.finish(), Err(bad));
        assert_eq!(
            BlobReader::new(announced.clone()).unwrap().finish(),
            Err(FrameError::BadChunk)
        );
        let huge = Blob {
            bytes: BLOB_BYTES_MAX + 1,
            ..announced
        };
        assert_eq!(
            BlobReader::new(huge).err(),
            Some(FrameError::BlobTooLong(BLOB_BYTES_MAX + 1))
        );
    }

    proptest! {
        #[test]
        fn frames_come_out_as_they_went_in_however_the_stream_is_cut(
            bodies in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..50), 0..8),
            cut in 1_usize..20,
        ) {
            let stream: Vec<u8> = bodies.iter().flat_map(|body| encode_frame(FrameKind::Chunk, body)).collect();
            let mut reader = FrameReader::new();
            let mut out = Vec::new();
            for piece in stream.chunks(cut) {
                reader.push(piece);
                while let Some((_, body)) = reader.next_frame().unwrap() {
                    out.push(body);
                }
            }
            prop_assert_eq!(out, bodies);
        }
    }
}

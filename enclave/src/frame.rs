//! Frames between roles: `u32` little-endian length, `u8` kind, a body of fields in fixed order.
//!
//! The length counts the kind and the body and is at most [`FRAME_BYTES_MAX`]. Bodies have no names,
//! no optional tail and no padding; whatever does not fit exactly is refused. This file knows neither
//! what the frames mean nor where they come from.

#[cfg(test)]
mod tests;

/// Longest frame after its length field: 512 KiB.
pub const FRAME_BYTES_MAX: usize = 512 * 1024;
/// Bytes of the length field.
const LENGTH_BYTES: usize = 4;

/// Why bytes are not a frame.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum FrameError {
    /// Length field zero.
    #[error("frame without a kind")]
    Empty,
    /// Length field above the limit.
    #[error("frame of {0} bytes, more than {FRAME_BYTES_MAX}")]
    TooLong(usize),
    /// The kind is none that the reader expects.
    #[error("frame of unknown kind {0}")]
    Kind(u8),
    /// The body ends before its last field.
    #[error("frame ends inside a field")]
    Short,
    /// The body goes on after its last field.
    #[error("{0} bytes after the last field of a frame")]
    Trailing(usize),
    /// A text is not UTF-8.
    #[error("text in a frame is not UTF-8")]
    Utf8,
    /// A byte stands for no member of a closed list.
    #[error("no member {1} in the list of {0}")]
    Member(&'static str, u8),
}

/// A frame's kind, its body, and the length of all of it.
pub type Frame<'a> = (u8, &'a [u8], usize);

/// Finds the first whole frame in `bytes`.
pub fn first(bytes: &[u8]) -> Result<Option<Frame<'_>>, FrameError> {
    let Some(length) = bytes.first_chunk::<LENGTH_BYTES>() else {
        return Ok(None);
    };
    let length = u32::from_le_bytes(*length) as usize;
    if length == 0 {
        return Err(FrameError::Empty);
    }
    if length > FRAME_BYTES_MAX {
        return Err(FrameError::TooLong(length));
    }
    let end = LENGTH_BYTES + length;
    Ok(bytes
        .get(LENGTH_BYTES..end)
        .map(|frame| (frame[0], &frame[1..], end)))
}

/// Appends frames to a buffer that is sent in one piece.
pub struct FrameWriter<'a> {
    out: &'a mut Vec<u8>,
    start: usize,
}

impl<'a> FrameWriter<'a> {
    /// Begins a frame of this kind at the end of `out`.
    pub fn begin(out: &'a mut Vec<u8>, kind: u8) -> Self {
        let start = out.len();
        out.extend_from_slice(&[0; LENGTH_BYTES]);
        out.push(kind);
        Self { out, start }
    }

    /// One byte.
    pub fn u8(&mut self, value: u8) -> &mut Self {
        self.out.push(value);
        self
    }

    /// Four bytes, little-endian.
    pub fn u32(&mut self, value: u32) -> &mut Self {
        self.out.extend_from_slice(&value.to_le_bytes());
        self
    }

    /// Eight bytes, little-endian.
    pub fn u64(&mut self, value: u64) -> &mut Self {
        self.out.extend_from_slice(&value.to_le_bytes());
        self
    }

    /// Bytes whose number both sides know.
    pub fn fixed(&mut self, value: &[u8]) -> &mut Self {
        self.out.extend_from_slice(value);
        self
    }

    /// A `u32` length and that many bytes.
    pub fn bytes(&mut self, value: &[u8]) -> &mut Self {
        self.u32(value.len() as u32).fixed(value)
    }

    /// Fills in the length; a frame above the limit is taken back and refused.
    pub fn end(&mut self) -> Result<(), FrameError> {
        let length = self.out.len() - self.start - LENGTH_BYTES;
        if length > FRAME_BYTES_MAX {
            self.out.truncate(self.start);
            return Err(FrameError::TooLong(length));
        }
        let field = self.start..self.start + LENGTH_BYTES;
        self.out[field].copy_from_slice(&(length as u32).to_le_bytes());
        Ok(())
    }
}

/// Reads the fields of one body in order.
pub struct FrameReader<'a> {
    rest: &'a [u8],
}

impl<'a> FrameReader<'a> {
    /// Starts at the first field.
    pub fn new(body: &'a [u8]) -> Self {
        Self { rest: body }
    }

    /// One byte.
    pub fn u8(&mut self) -> Result<u8, FrameError> {
        self.fixed::<1>().map(|[byte]| *byte)
    }

    /// Four bytes, little-endian.
    pub fn u32(&mut self) -> Result<u32, FrameError> {
        self.fixed().map(|bytes| u32::from_le_bytes(*bytes))
    }

    /// Eight bytes, little-endian.
    pub fn u64(&mut self) -> Result<u64, FrameError> {
        self.fixed().map(|bytes| u64::from_le_bytes(*bytes))
    }

    /// Bytes whose number both sides know.
    pub fn fixed<const N: usize>(&mut self) -> Result<&'a [u8; N], FrameError> {
        let (field, rest) = self.rest.split_first_chunk().ok_or(FrameError::Short)?;
        self.rest = rest;
        Ok(field)
    }

    /// A `u32` length and that many bytes.
    pub fn bytes(&mut self) -> Result<&'a [u8], FrameError> {
        let length = self.u32()? as usize;
        let (field, rest) = self
            .rest
            .split_at_checked(length)
            .ok_or(FrameError::Short)?;
        self.rest = rest;
        Ok(field)
    }

    /// Like [`Self::bytes`], as text.
    pub fn text(&mut self) -> Result<&'a str, FrameError> {
        std::str::from_utf8(self.bytes()?).map_err(|_| FrameError::Utf8)
    }

    /// How many things follow; each takes at least `bytes_min`, so a lie cannot ask for much memory.
    pub fn count(&mut self, bytes_min: usize) -> Result<usize, FrameError> {
        let count = self.u32()? as usize;
        if count.saturating_mul(bytes_min) > self.rest.len() {
            return Err(FrameError::Short);
        }
        Ok(count)
    }

    /// Refuses a body that goes on.
    pub fn end(self) -> Result<(), FrameError> {
        match self.rest.len() {
            0 => Ok(()),
            more => Err(FrameError::Trailing(more)),
        }
    }
}

//! The frames that keeper, compiler and runner exchange, field by field.
//!
//! Sizes are bounded when written and when read. A reader keeps nothing that it cannot place: an
//! unknown kind, member or tail ends the conversation.

use assay_evidence::digest::Digest;

use crate::{
    frame::{FrameError, FrameReader, FrameWriter},
    outcome::Outcome,
};

/// Keeper to compiler: compile; the component comes along as a sealed blob.
pub const COMPILE: u8 = 1;
/// Compiler to keeper: native code; it comes along as a sealed blob.
pub const COMPILED: u8 = 2;
/// Compiler to keeper: refused, and why.
pub const REFUSED: u8 = 3;
/// Keeper to runner: load this image; it comes along as a sealed blob.
pub const LOAD: u8 = 16;
/// Runner to keeper: loaded and locked.
pub const READY: u8 = 17;
/// Keeper to runner: one item.
pub const ITEM: u8 = 18;
/// Runner to keeper: how it ended.
pub const DONE: u8 = 19;

/// Names of imports that a compiler reports at most, and the longest name.
pub const IMPORTS_MAX: usize = 32;
/// Longest text of a refusal or an import's name.
pub const TEXT_BYTES_MAX: usize = 1024;

/// What a compiler process found out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Compiled {
    /// CPU time of the whole process.
    pub compile_ms: u64,
    /// Layers in force around it.
    pub layers: u32,
    /// Function imports.
    pub imports: Vec<String>,
    /// Why it was refused; none with an image.
    pub refusal: Option<Refusal>,
}

/// A refusal of a component: stable code and one sentence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// Kebab-case.
    pub code: String,
    /// Names the thing and the way out.
    pub detail: String,
}

impl Compiled {
    /// Appends the frame.
    pub fn write(&self, out: &mut Vec<u8>) -> Result<(), FrameError> {
        let kind = if self.refusal.is_some() {
            REFUSED
        } else {
            COMPILED
        };
        let mut frame = FrameWriter::begin(out, kind);
        frame.u64(self.compile_ms).u32(self.layers);
        let imports = &self.imports[..self.imports.len().min(IMPORTS_MAX)];
        frame.u32(imports.len() as u32);
        for name in imports {
            frame.bytes(shortened(name).as_bytes());
        }
        if let Some(refusal) = &self.refusal {
            frame
                .bytes(shortened(&refusal.code).as_bytes())
                .bytes(shortened(&refusal.detail).as_bytes());
        }
        frame.end()
    }

    /// Reads a frame of kind [`COMPILED`] or [`REFUSED`].
    pub fn read(kind: u8, body: &[u8]) -> Result<Self, FrameError> {
        let mut fields = FrameReader::new(body);
        let compile_ms = fields.u64()?;
        let layers = fields.u32()?;
        let count = fields.count(4)?;
        if count > IMPORTS_MAX {
            return Err(FrameError::Short);
        }
        let imports = (0..count)
            .map(|_| fields.text().map(shown))
            .collect::<Result<_, _>>()?;
        let refusal = match kind {
            COMPILED => None,
            REFUSED => Some(Refusal {
                code: shown(fields.text()?),
                detail: shown(fields.text()?),
            }),
            other => return Err(FrameError::Kind(other)),
        };
        fields.end()?;
        Ok(Self {
            compile_ms,
            layers,
            imports,
            refusal,
        })
    }
}

/// What a runner is to load, and the limits that no form raises.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Load {
    /// SHA-256 of the image.
    pub image: Digest,
    /// Its length.
    pub image_bytes: u64,
    /// Configuration that the keeper expects the runner to have.
    pub config: Digest,
}

impl Load {
    /// Appends the frame.
    pub fn write(&self, out: &mut Vec<u8>) -> Result<(), FrameError> {
        FrameWriter::begin(out, LOAD)
            .fixed(self.image.as_bytes())
            .u64(self.image_bytes)
            .fixed(self.config.as_bytes())
            .end()
    }

    /// Reads the body.
    pub fn read(body: &[u8]) -> Result<Self, FrameError> {
        let mut fields = FrameReader::new(body);
        let image = Digest(*fields.fixed()?);
        let image_bytes = fields.u64()?;
        let config = Digest(*fields.fixed()?);
        fields.end()?;
        Ok(Self {
            image,
            image_bytes,
            config,
        })
    }
}

/// Appends a [`READY`] frame with the runner's report.
pub fn write_ready(out: &mut Vec<u8>, layers: u32) -> Result<(), FrameError> {
    FrameWriter::begin(out, READY).u32(layers).end()
}

/// Reads the body of a [`READY`] frame.
pub fn read_ready(body: &[u8]) -> Result<u32, FrameError> {
    let mut fields = FrameReader::new(body);
    let layers = fields.u32()?;
    fields.end()?;
    Ok(layers)
}

/// 128 random bits that stand for one item while it is open.
pub type Ticket = [u8; 16];

/// One item as a runner sees it: never an index, a key or a mark.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Prompt<'a> {
    /// Stands for the item.
    pub ticket: Ticket,
    /// The guest's only chance.
    pub seed: u64,
    /// Longest answer wanted.
    pub answer_bytes_max: u32,
    /// Kind of answer, by its place in the adapter's world.
    pub asks: u8,
    /// Language tag.
    pub lang: &'a str,
    /// Speaker, by its place in the adapter's world, and text.
    pub turns: Vec<(u8, &'a str)>,
    /// Options.
    pub choices: Vec<&'a str>,
}

impl<'a> Prompt<'a> {
    /// Appends the frame.
    pub fn write(&self, out: &mut Vec<u8>) -> Result<(), FrameError> {
        let mut frame = FrameWriter::begin(out, ITEM);
        frame
            .fixed(&self.ticket)
            .u64(self.seed)
            .u32(self.answer_bytes_max)
            .u8(self.asks);
        frame
            .bytes(self.lang.as_bytes())
            .u32(self.turns.len() as u32);
        for (speaker, text) in &self.turns {
            frame.u8(*speaker).bytes(text.as_bytes());
        }
        frame.u32(self.choices.len() as u32);
        for choice in &self.choices {
            frame.bytes(choice.as_bytes());
        }
        frame.end()
    }

    /// Reads the body.
    pub fn read(body: &'a [u8]) -> Result<Self, FrameError> {
        let mut fields = FrameReader::new(body);
        let ticket = *fields.fixed()?;
        let seed = fields.u64()?;
        let answer_bytes_max = fields.u32()?;
        let asks = member("asks", fields.u8()?, 4)?;
        let lang = fields.text()?;
        let turns = (0..fields.count(5)?)
            .map(|_| Ok((member("speaker", fields.u8()?, 3)?, fields.text()?)))
            .collect::<Result<_, _>>()?;
        let choices = (0..fields.count(4)?)
            .map(|_| fields.text())
            .collect::<Result<_, _>>()?;
        fields.end()?;
        Ok(Self {
            ticket,
            seed,
            answer_bytes_max,
            asks,
            lang,
            turns,
            choices,
        })
    }
}

/// How one item ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Done<'a> {
    /// Of the prompt.
    pub ticket: Ticket,
    /// How.
    pub outcome: Outcome,
    /// True when an instance came up and was called.
    pub started: bool,
    /// True when the answer was longer than the item allows.
    pub cut: bool,
    /// Fuel of instance and call.
    pub fuel: u64,
    /// Most linear memory at once, in pages of 64 KiB.
    pub peak_pages: u32,
    /// At most [`crate::limits::ANSWER_BYTES`].
    pub answer: &'a str,
}

impl<'a> Done<'a> {
    /// Appends the frame.
    pub fn write(&self, out: &mut Vec<u8>) -> Result<(), FrameError> {
        FrameWriter::begin(out, DONE)
            .fixed(&self.ticket)
            .u8(self.outcome as u8)
            .u8(u8::from(self.started))
            .u8(u8::from(self.cut))
            .u64(self.fuel)
            .u32(self.peak_pages)
            .bytes(self.answer.as_bytes())
            .end()
    }

    /// Reads the body; an answer above the limit is a runner that does not keep its word.
    pub fn read(body: &'a [u8]) -> Result<Self, FrameError> {
        let mut fields = FrameReader::new(body);
        let ticket = *fields.fixed()?;
        let byte = fields.u8()?;
        let outcome = Outcome::from_byte(byte).ok_or(FrameError::Member("outcome", byte))?;
        let started = member("started", fields.u8()?, 2)? == 1;
        let cut = member("cut", fields.u8()?, 2)? == 1;
        let fuel = fields.u64()?;
        let peak_pages = fields.u32()?;
        let answer = fields.text()?;
        if answer.len() > crate::limits::ANSWER_BYTES {
            return Err(FrameError::TooLong(answer.len()));
        }
        fields.end()?;
        Ok(Self {
            ticket,
            outcome,
            started,
            cut,
            fuel,
            peak_pages,
            answer,
        })
    }
}

/// The longest start of a text that fits and ends between characters.
pub fn cut(text: &str, bytes_max: usize) -> &str {
    &text[..text.floor_char_boundary(bytes_max)]
}

fn shortened(text: &str) -> &str {
    cut(text, TEXT_BYTES_MAX)
}

/// A text from a process that parsed foreign bytes: short, and without control characters.
fn shown(text: &str) -> String {
    shortened(text)
        .chars()
        .map(|c| if c.is_control() { '\u{fffd}' } else { c })
        .collect()
}

fn member(list: &'static str, byte: u8, members: u8) -> Result<u8, FrameError> {
    if byte < members {
        Ok(byte)
    } else {
        Err(FrameError::Member(list, byte))
    }
}

#[cfg(test)]
mod tests;

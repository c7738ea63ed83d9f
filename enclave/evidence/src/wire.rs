//! What the server asks the keeper and what the keeper tells it: two processes, one stream each way.
//!
//! A frame is `u32` little-endian length of all that follows (at most [`FRAME_BYTES_MAX`]), a `u8`
//! kind, and a body. Kind 1 is a strict JSON document, an [`Ask`] or a [`Tell`]; kind 2 is a chunk of
//! the blobs which that document names, in its order. Nothing here reads or writes a socket.

mod frame;

pub use frame::{
    BODY_BYTES_MAX, BlobReader, FrameError, FrameReader, HEADER_BYTES, chunks, decode_header,
    encode_frame,
};

use serde::{Deserialize, Serialize};

use crate::{
    digest::Digest,
    dsse::Envelope,
    record::{AbortReason, GraderRef, Head, Limits, Runtime},
};

/// Longest frame after its length field: 512 KiB.
pub const FRAME_BYTES_MAX: usize = 512 * 1024;
/// Longest blob that a document may name.
pub const BLOB_BYTES_MAX: u64 = 64 * 1024 * 1024;

/// What a frame carries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FrameKind {
    /// A JSON document.
    Document = 1,
    /// A piece of a blob.
    Chunk = 2,
}

/// A blob that follows its document as chunks.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Blob {
    /// Length in bytes.
    pub bytes: u64,
    /// SHA-256; the reader checks it.
    pub sha256: Digest,
}

/// A record with all that proves it under one checkpoint.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Proven {
    /// The record's envelope.
    pub envelope: Envelope,
    /// Its leaf index.
    pub index: u64,
    /// Inclusion hashes, leaf to root.
    pub path: Vec<Digest>,
    /// SPKI DER of the signer, base64.
    pub public_key: String,
}

/// Why a head may follow the one that the keeper remembers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Extension {
    /// Size of the remembered head, as the keeper told it; 0 when it remembers none.
    pub from: u64,
    /// Consistency proof from there; empty for the same head and from size 0.
    pub path: Vec<Digest>,
}

/// All that a keeper needs before it announces a run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Assignment {
    /// Signed checkpoint that holds the three records.
    pub before: String,
    /// The run counts as lost after this declared time.
    pub close_by: String,
    /// The form's commitment.
    pub commitment: Proven,
    /// The submitted component; its digest is that of the submission.
    pub component: Blob,
    /// Declared time of the intent.
    pub declared: String,
    /// The keeper's own evidence record.
    pub evidence: Proven,
    /// Why `before` may follow what the keeper remembers.
    pub extends: Extension,
    /// The sealed form; its digest is that of the commitment.
    pub seal: Blob,
    /// The submission.
    pub submission: Proven,
}

/// The intent, logged: permission to open the seal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Start {
    /// Signed checkpoint that holds the intent.
    pub checkpoint: String,
    /// Consistency proof from the assignment's checkpoint.
    pub consistency: Vec<Digest>,
    /// Why the checkpoint may follow what the keeper remembers.
    pub extends: Extension,
    /// The intent.
    pub intent: Proven,
}

/// What the server asks.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", tag = "ask")]
pub enum Ask {
    /// Would this component be accepted? One blob follows.
    Screen {
        /// Chosen by the asker, repeated in the answer.
        id: u64,
        /// The component.
        component: Blob,
    },
    /// Sign the enclave-evidence record for this manifest.
    Attest {
        /// Chosen by the asker, repeated in the answer.
        id: u64,
        /// Origin of the log.
        station: String,
        /// Digest of the inner manifest payload.
        manifest: Digest,
        /// Declared time.
        declared: String,
    },
    /// Which head do you remember?
    Head {
        /// Chosen by the asker, repeated in the answer.
        id: u64,
    },
    /// Check everything, draw a nonce and sign the run-intent. Blobs: seal, component.
    Assign {
        /// The server's id of the run.
        run: String,
        /// Boxed for its size.
        assignment: Box<Assignment>,
    },
    /// The intent is logged: run.
    Start {
        /// The server's id of the run.
        run: String,
        /// Boxed for its size.
        start: Box<Start>,
    },
    /// Stop and sign a run-abort.
    Cancel {
        /// The server's id of the run.
        run: String,
        /// Why.
        reason: AbortReason,
    },
}

/// What the keeper tells.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", tag = "tell")]
pub enum Tell {
    /// First document after start.
    Ready {
        /// SPKI DER of the signing key, base64.
        sign_public_key: String,
        /// `age1…` recipient.
        seal_recipient: String,
        /// Digest of the enclave binary.
        binary: Digest,
        /// Engine and lane of coming receipts.
        runtime: Runtime,
        /// Limits of coming receipts.
        limits: Limits,
        /// Graders that this keeper knows.
        graders: Vec<GraderRef>,
    },
    /// Answer to `screen`.
    Screened {
        /// Id of the question.
        id: u64,
        /// What the compiler process found.
        report: ScreenReport,
    },
    /// Answer to `attest`.
    Attested {
        /// Id of the question.
        id: u64,
        /// The signed record.
        envelope: Envelope,
    },
    /// Answer to `head`.
    Head {
        /// Id of the question.
        id: u64,
        /// The newest head that the keeper accepted; none before the first.
        #[serde(skip_serializing_if = "Option::is_none", default)]
        head: Option<Head>,
        /// Code of the alarm under which it takes no runs, until its operator has acted.
        #[serde(skip_serializing_if = "Option::is_none", default)]
        frozen: Option<String>,
    },
    /// Answer to `assign`: the signed run-intent.
    Intent {
        /// Run id.
        run: String,
        /// The signed record.
        envelope: Envelope,
    },
    /// Some items are done.
    Progress {
        /// Run id.
        run: String,
        /// Items closed.
        done: u64,
        /// Items in all.
        items: u64,
    },
    /// The run is over: a receipt or a run-abort.
    Closed {
        /// Run id.
        run: String,
        /// The signed record.
        envelope: Envelope,
    },
    /// An assignment or start was refused; nothing was run.
    Refused {
        /// Run id, or the id of the question in decimal.
        run: String,
        /// Stable code, kebab-case.
        code: String,
        /// One sentence that names the thing and the way out.
        detail: String,
    },
}

/// Outcome of the pre-screen and the trial compile.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ScreenReport {
    /// True when the component may run.
    pub accepted: bool,
    /// Stable code of the refusal, kebab-case.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub code: Option<String>,
    /// CPU time of compiling, in milliseconds.
    pub compile_ms: u64,
    /// Size of the component.
    pub component_bytes: u64,
    /// One sentence that names the thing and the way out.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub detail: Option<String>,
    /// Size of the native image.
    pub image_bytes: u64,
    /// Function imports found, at most 32 names.
    pub imports: Vec<String>,
}

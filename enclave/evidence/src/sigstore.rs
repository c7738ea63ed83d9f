//! Exports to sigstore: a bundle v0.3 of a logged record, and the trusted root that vouches for its log.
//!
//! With these two files and the signer's key a stock sigstore verifier checks signature, leaf,
//! inclusion and the log's line. It knows no roles, no quorum and no validity by index, and does not
//! compare all that a bundle repeats; [`crate::verify`] does.

use serde_json::json;
use thiserror::Error;

use crate::{
    base64,
    bundle::Record,
    checkpoint::{Checkpoint, CheckpointError},
    digest::Digest,
    json,
    keys::P256PublicKey,
    leaf,
    note::VerifierKey,
    verify::{self, LoggedError},
    wire::Proven,
};

/// Media type of an exported bundle.
pub const BUNDLE_MEDIA_TYPE: &str = "application/vnd.dev.sigstore.bundle.v0.3+json";
/// Media type of an exported trusted root.
pub const TRUSTED_ROOT_MEDIA_TYPE: &str =
    "application/vnd.dev.sigstore.trustedroot+json;version=0.1";

/// Validity is by place in the log, which a trusted root cannot say: its range is open at both ends.
const VALID_FROM: &str = "1970-01-01T00:00:00Z";

/// Why a record has no export.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum ExportError {
    /// The checkpoint is not one of this log.
    #[error(transparent)]
    Checkpoint(#[from] CheckpointError),
    /// The record does not stand in the log.
    #[error(transparent)]
    Record(#[from] LoggedError),
}

/// A sigstore bundle of a record that stands under a checkpoint of this log.
///
/// Signatures of record and checkpoint and the inclusion are verified before anything is written.
pub fn bundle(
    record: &Record,
    checkpoint: &str,
    log: &VerifierKey,
) -> Result<Vec<u8>, ExportError> {
    let head = Checkpoint::open(checkpoint, log)?;
    let logged = verify::verify_logged(&Proven::from(record.clone()), &head)?;
    let hashes: Vec<String> = record.path.iter().map(Digest::to_base64).collect();
    Ok(json::to_vec(&json!({
        "mediaType": BUNDLE_MEDIA_TYPE,
        "dsseEnvelope": record.dsse_envelope,
        "verificationMaterial": {
            "publicKey": {"hint": key_hint(&logged.key)},
            "timestampVerificationData": {},
            "tlogEntries": [{
                "logIndex": record.index.to_string(),
                "logId": {"keyId": log.log_id().to_base64()},
                "integratedTime": "0",
                "kindVersion": {"kind": leaf::KIND, "version": leaf::API_VERSION},
                "canonicalizedBody": base64::encode(&logged.data),
                "inclusionProof": {
                    "logIndex": record.index.to_string(),
                    "treeSize": head.size.to_string(),
                    "rootHash": head.root.to_base64(),
                    "hashes": hashes,
                    "checkpoint": {"envelope": checkpoint},
                },
            }],
        },
    })))
}

/// The trusted root of a log, with each key that may sign its checkpoints now
/// ([`crate::manifest::Manifest::log_verifiers_at`]).
pub fn trusted_root(keys: &[VerifierKey]) -> Vec<u8> {
    let logs: Vec<_> = keys
        .iter()
        .map(|key| {
            json!({
                "baseUrl": format!("https://{}", key.name()),
                "hashAlgorithm": "SHA2_256",
                "logId": {"keyId": key.log_id().to_base64()},
                "publicKey": {
                    "rawBytes": base64::encode(&key.key().spki_der()),
                    "keyDetails": "PKIX_ED25519",
                    "validFor": {"start": VALID_FROM},
                },
            })
        })
        .collect();
    json::to_vec(&json!({
        "mediaType": TRUSTED_ROOT_MEDIA_TYPE,
        "certificateAuthorities": [],
        "ctlogs": [],
        "timestampAuthorities": [],
        "tlogs": logs,
    }))
}

/// Under which name a verifier looks up the signer's key: base64 of SHA-256 of its SPKI DER.
pub fn key_hint(key: &P256PublicKey) -> String {
    Digest::of(&key.spki_der()).to_base64()
}

#[cfg(test)]
mod tests;

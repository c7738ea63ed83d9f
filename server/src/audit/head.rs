//! What an audit stands on: a policy, the station's checkpoint under it, and one seen before.
//!
//! Without a policy of one's own nothing is pinned: the station is then believed about its own keys,
//! and the report says so.

use std::path::Path;

use assay_evidence::{
    audit::{Breach, Finding, check_seen},
    checkpoint::Checkpoint,
    digest::Digest,
    note::VerifierKey,
    policy::{Attested, POLICY_BYTES_MAX, Policy},
};

use crate::clock::Millis;

use super::{
    AuditError,
    source::{Source, Unserved},
};

/// Longest checkpoint in bytes.
const CHECKPOINT_BYTES_MAX: usize = 64 * 1024;

/// The policy that an audit goes by.
pub struct Ground {
    /// The policy.
    pub policy: Policy,
    /// Digest of its text.
    pub sha256: Digest,
    /// Was it given, or taken from the station itself?
    pub pin: Pin,
}

/// Where a policy comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pin {
    /// Given by the auditor.
    Own,
    /// Taken from the station: it pins nothing.
    Station,
}

/// The checkpoint of a station.
pub struct Head {
    /// The note as served.
    pub note: String,
    /// What the policy makes of it.
    pub attested: Attested,
    /// Keys that the policy gives the log.
    pub keys: Vec<VerifierKey>,
    /// Digest of the first manifest payload.
    pub manifest: Digest,
}

/// Reads the policy from a file, or takes the station's own.
pub fn ground(source: &Source, own: Option<&Path>) -> Result<Ground, AuditError> {
    let (bytes, name, pin) = if let Some(file) = own {
        let bytes = std::fs::read(file).map_err(|source| AuditError::File {
            path: file.to_owned(),
            source,
        })?;
        (bytes, file.display().to_string(), Pin::Own)
    } else {
        let bytes = source.get("policy", POLICY_BYTES_MAX)?;
        let bytes = bytes.map_err(AuditError::NoPolicy)?;
        (bytes, format!("{source}/policy"), Pin::Station)
    };
    let refused = |says: String| AuditError::Policy {
        name: name.clone(),
        says,
    };
    let text = std::str::from_utf8(&bytes).map_err(|error| refused(error.to_string()))?;
    Ok(Ground {
        policy: Policy::parse(text).map_err(|error| refused(error.to_string()))?,
        sha256: Digest::of(&bytes),
        pin,
    })
}

/// Fetches the checkpoint and verifies it; a finding when it does not stand.
pub fn fetch(
    source: &Source,
    policy: &Policy,
    now: Millis,
) -> Result<Result<Head, Finding>, AuditError> {
    let bytes = source.get("checkpoint", CHECKPOINT_BYTES_MAX)?;
    Ok(bytes
        .map_err(|unserved: Unserved| unserved.to_string())
        .and_then(|bytes| open(&bytes, policy, Some(now.seconds())))
        .map_err(|says| Finding::of_log(Breach::BadCheckpoint, says)))
}

/// Reads a checkpoint that was seen before; it must stand under the same policy.
pub fn read_seen(path: &Path, policy: &Policy) -> Result<Head, AuditError> {
    let bytes = std::fs::read(path).map_err(|source| AuditError::File {
        path: path.to_owned(),
        source,
    })?;
    // How old it is does not matter, nor does how far our clock was off when it was seen.
    open(&bytes, policy, None).map_err(|says| AuditError::Seen {
        path: path.to_owned(),
        says,
    })
}

/// Does the log still hold what it showed before, as far as sizes and roots tell?
pub fn compare(seen: &Head, now: &Head) -> Result<(), Finding> {
    check_seen(seen.checkpoint(), now.checkpoint())
}

impl Head {
    /// What the note says.
    pub fn checkpoint(&self) -> &Checkpoint {
        &self.attested.checkpoint
    }
}

fn open(bytes: &[u8], policy: &Policy, now: Option<u64>) -> Result<Head, String> {
    let note = std::str::from_utf8(bytes).map_err(|error| error.to_string())?;
    let attested = policy.check(note, now).map_err(|error| error.to_string())?;
    let origin = &attested.checkpoint.origin;
    let Some(manifest) = policy.manifest_for(origin) else {
        return Err(format!(
            "the policy pins no manifest of {origin}; add `# assay-manifest {origin} SHA256`"
        ));
    };
    Ok(Head {
        note: note.to_owned(),
        keys: policy.keys_for(origin),
        manifest: *manifest,
        attested,
    })
}

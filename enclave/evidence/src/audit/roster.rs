//! Who may sign what, as the log itself says: its manifests, and the role of every signer.
//!
//! A record is judged by the manifests logged before it. A later manifest can close a range below an
//! index already passed; what it makes void is told at the end and is no breach by itself.

use std::slice;

use super::{
    entry::Record,
    finding::{Breach, Finding},
};
use crate::{
    digest::Digest,
    manifest::{Chain, Manifest, Role},
    record::StationManifestRecord,
    verify::{Held, roles_of},
};

/// The manifests of the log so far.
pub(super) struct Roster {
    pinned: Digest,
    chain: Option<Chain>,
}

impl Roster {
    pub fn new(pinned: Digest) -> Self {
        Self {
            pinned,
            chain: None,
        }
    }

    /// The manifests so far, once there is one.
    pub fn chain(&self) -> Option<&Chain> {
        self.chain.as_ref()
    }

    /// Takes a manifest that was logged.
    pub fn admit(
        &mut self,
        held: &Held<StationManifestRecord>,
        origin: &str,
    ) -> Result<(), Finding> {
        let wrong = |says: String| Finding::at(held.reference.index, Breach::Manifest, says);
        let envelope = &held.predicate.manifest;
        let chain = match &self.chain {
            None => Chain::open(slice::from_ref(envelope), &self.pinned),
            Some(chain) => chain.extended(envelope),
        }
        .map_err(|error| wrong(error.to_string()))?;
        if chain.origin() != origin {
            return Err(wrong(format!("manifest is of {}", chain.origin())));
        }
        self.chain = Some(chain);
        Ok(())
    }

    /// Did the signer hold a role that may sign this record?
    ///
    /// Without any manifest nothing can be said; that there is none is a finding of its own.
    pub fn check(&self, record: &Record, index: u64) -> Result<(), Finding> {
        let (Some(chain), Some(roles)) = (&self.chain, roles_of(record.kind())) else {
            return Ok(());
        };
        let signer = record.signer();
        if roles
            .iter()
            .any(|role| chain.key_held(*role, &signer, index))
        {
            return Ok(());
        }
        let name = if roles
            .iter()
            .any(|role| ever_held(chain.newest(), *role, &signer))
        {
            Breach::RetiredKey
        } else {
            Breach::WrongRole
        };
        let roles: Vec<&str> = roles.iter().map(|role| role.name()).collect();
        let says = format!(
            "{} is signed by the key {signer}, which does not hold the role {} at index {index}",
            record.kind(),
            roles.join(" or "),
        );
        Err(Finding::at(index, name, says))
    }
}

fn ever_held(manifest: &Manifest, role: Role, key: &Digest) -> bool {
    manifest
        .validity
        .iter()
        .any(|range| range.role == role && range.keyid == *key)
}

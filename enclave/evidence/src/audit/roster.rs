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
    /// Records that stand before any manifest.
    early: Option<Early>,
    /// Who signed what, as long as a later manifest may judge it otherwise.
    signed: Vec<Signed>,
}

/// Records whose roles nothing says.
struct Early {
    first: u64,
    many: u64,
}

/// A signature that stood when it was logged.
struct Signed {
    index: u64,
    signer: Digest,
    roles: &'static [Role],
}

impl Roster {
    pub fn new(pinned: Digest) -> Self {
        Self {
            pinned,
            chain: None,
            early: None,
            signed: Vec::new(),
        }
    }

    /// The manifests so far, once there is one.
    pub fn chain(&self) -> Option<&Chain> {
        self.chain.as_ref()
    }

    /// Takes a manifest that was logged.
    ///
    /// The first one must be the first record: what stands before it was judged by nothing.
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
        let (version, stated) = (chain.newest().version, held.predicate.version);
        if version != stated {
            let says = format!("record of manifest version {version} states version {stated}");
            return Err(wrong(says));
        }
        self.chain = Some(chain);
        let Some(Early { first, many }) = self.early.take() else {
            return Ok(());
        };
        let at = held.reference.index;
        let says = format!(
            "{many} records stand before the first manifest, which is the record {at}; the first is this one"
        );
        Err(Finding::at(first, Breach::Manifest, says))
    }

    /// Did the signer hold a role that may sign this record?
    ///
    /// Without any manifest nothing can be said; that there is none so far is a finding of its own.
    pub fn check(&mut self, record: &Record, index: u64) -> Result<(), Finding> {
        let Some(chain) = &self.chain else {
            self.pass_early(record, index);
            return Ok(());
        };
        let Some(roles) = roles_of(record.kind()) else {
            return Ok(());
        };
        let signer = record.signer();
        if holds(chain, roles, &signer, index) {
            self.signed.push(Signed {
                index,
                signer,
                roles,
            });
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

    /// A manifest that was refused is a finding already.
    fn pass_early(&mut self, record: &Record, index: u64) {
        if !matches!(record, Record::Manifest(_)) {
            let first = Early {
                first: index,
                many: 0,
            };
            self.early.get_or_insert(first).many += 1;
        }
    }

    /// Records that stood when they were logged, and that a later manifest makes void.
    pub fn voided(&self) -> Vec<u64> {
        let Some(chain) = &self.chain else {
            return Vec::new();
        };
        let is_void = |one: &&Signed| !holds(chain, one.roles, &one.signer, one.index);
        let void = self.signed.iter().filter(is_void);
        void.map(|one| one.index).collect()
    }
}

fn holds(chain: &Chain, roles: &[Role], signer: &Digest, index: u64) -> bool {
    roles
        .iter()
        .any(|role| chain.key_held(*role, signer, index))
}

fn ever_held(manifest: &Manifest, role: Role, key: &Digest) -> bool {
    manifest
        .validity
        .iter()
        .any(|range| range.role == role && range.keyid == *key)
}

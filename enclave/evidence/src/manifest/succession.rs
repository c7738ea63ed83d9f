//! What version N+1 of a manifest may change of version N: keys come and ranges close.
//!
//! Signatures are counted next door. A closing in the past is allowed: that is how the records above
//! the last good index of a stolen key become void.

use std::collections::BTreeMap;

use thiserror::Error;

use super::{Manifest, Role, Until, Validity};
use crate::digest::Digest;

/// What a manifest must not change of the one before.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum SuccessionError {
    /// Another log.
    #[error("it is of {found}, but the versions before are of {expected}")]
    Origin {
        /// Origin so far.
        expected: String,
        /// Origin now.
        found: String,
    },
    /// A lower root threshold.
    #[error("it needs {found} root signatures, fewer than the {needed} of the version before")]
    RootShrunk {
        /// Threshold before.
        needed: u64,
        /// Threshold now.
        found: u64,
    },
    /// A range is missing.
    #[error("it leaves out the range of key {0}; close a range instead")]
    RangeGone(Digest),
    /// A range starts elsewhere.
    #[error("it moves the start of the range of key {0}")]
    RangeMoved(Digest),
    /// A closed range opens again or grows.
    #[error("it reopens or extends the closed range of key {0}")]
    RangeGrown(Digest),
    /// One key, two roles over time.
    #[error("it gives key {key} the role {}, which held the role {} before", .now.name(), .before.name())]
    RoleChanged {
        /// Key id.
        key: Digest,
        /// Role in an earlier version.
        before: Role,
        /// Role now.
        now: Role,
    },
}

/// Roles that keys ever held, over the versions so far.
#[derive(Default)]
pub(super) struct RolesHeld(BTreeMap<Digest, Role>);

impl RolesHeld {
    /// Adds the roles of the next version; no key may have held another.
    pub(super) fn add(&mut self, manifest: &Manifest) -> Result<(), SuccessionError> {
        for (role, keys) in &manifest.roles {
            for key in &keys.keyids {
                let before = *self.0.entry(*key).or_insert(*role);
                if before != *role {
                    return Err(SuccessionError::RoleChanged {
                        key: *key,
                        before,
                        now: *role,
                    });
                }
            }
        }
        Ok(())
    }
}

/// Checks everything about a successor but numbers, signatures and roles held.
pub(super) fn check(earlier: &Manifest, later: &Manifest) -> Result<(), SuccessionError> {
    if later.origin != earlier.origin {
        return Err(SuccessionError::Origin {
            expected: earlier.origin.clone(),
            found: later.origin.clone(),
        });
    }
    let (needed, found) = (earlier.root_threshold(), later.root_threshold());
    if found < needed {
        return Err(SuccessionError::RootShrunk { needed, found });
    }
    // Root keys count by membership alone: a range of one goes when the key goes.
    let has_place = |range: &&Validity| range.role != Role::Root;
    earlier
        .validity
        .iter()
        .filter(has_place)
        .try_for_each(|range| check_range(range, later))
}

fn check_range(earlier: &Validity, manifest: &Manifest) -> Result<(), SuccessionError> {
    let key = earlier.keyid;
    let later = manifest
        .ranges(earlier.role, &key)
        .next()
        .ok_or(SuccessionError::RangeGone(key))?;
    if later.from != earlier.from {
        return Err(SuccessionError::RangeMoved(key));
    }
    if !Until::is_within(later.until.as_ref(), earlier.until.as_ref()) {
        return Err(SuccessionError::RangeGrown(key));
    }
    Ok(())
}

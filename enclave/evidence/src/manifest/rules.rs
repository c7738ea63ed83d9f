//! What a manifest must satisfy to load, apart from its signatures.

use std::collections::BTreeSet;

use super::{MANIFEST_TYPE, Manifest, ManifestError, ManifestKey, Role, RoleKeys, Until, Validity};
use crate::{note::VerifierKey, time};

/// Roles that every station has.
const REQUIRED: [Role; 5] = [
    Role::Root,
    Role::Log,
    Role::Recorder,
    Role::EnclaveSign,
    Role::EnclaveSeal,
];
const TERM_YEARS: u16 = 2;

impl Manifest {
    /// Checks everything that needs neither signature nor clock.
    pub fn check(&self) -> Result<(), ManifestError> {
        if self.kind != MANIFEST_TYPE {
            return Err(ManifestError::Kind(self.kind.clone()));
        }
        if !VerifierKey::is_name(&self.origin) {
            return Err(ManifestError::Origin(self.origin.clone()));
        }
        if !time::is_declared(&self.expires) {
            return Err(ManifestError::Time(self.expires.clone()));
        }
        self.check_keys()?;
        self.check_roles()?;
        self.check_validity()
    }

    fn check_keys(&self) -> Result<(), ManifestError> {
        for (id, key) in &self.keys {
            if key.id() != *id {
                return Err(ManifestError::WrongKeyId(*id));
            }
            if key.is_published() {
                return Err(ManifestError::TestKey(*id));
            }
        }
        Ok(())
    }

    fn check_roles(&self) -> Result<(), ManifestError> {
        if let Some(missing) = REQUIRED.iter().find(|role| self.role(**role).is_none()) {
            return Err(ManifestError::NoRole(*missing));
        }
        let mut taken = BTreeSet::new();
        for (role, RoleKeys { keyids, threshold }) in &self.roles {
            let (role, threshold) = (*role, *threshold);
            if threshold == 0 || threshold > keyids.len() as u64 {
                let keys = keyids.len();
                return Err(ManifestError::Threshold {
                    role,
                    threshold,
                    keys,
                });
            }
            for key in keyids {
                let entry = self
                    .keys
                    .get(key)
                    .ok_or(ManifestError::UnknownKey { role, key: *key })?;
                if !may_hold(role, entry) {
                    return Err(ManifestError::KeyKind { role, key: *key });
                }
                if !taken.insert(key) {
                    return Err(ManifestError::TwoRoles(*key));
                }
            }
        }
        match self.keys.keys().find(|id| !taken.contains(id)) {
            Some(idle) => Err(ManifestError::NoRoleForKey(*idle)),
            None => Ok(()),
        }
    }

    fn check_validity(&self) -> Result<(), ManifestError> {
        let mut seen = BTreeSet::new();
        for range in &self.validity {
            let holds = self
                .role(range.role)
                .is_some_and(|role| role.keyids.contains(&range.keyid));
            if !holds || !ends_well(range) || !seen.insert(range.keyid) {
                return Err(ManifestError::Validity(range.keyid));
            }
        }
        Ok(())
    }
}

/// A cosigner's range ends by other logs, any other range after its own start.
fn ends_well(range: &Validity) -> bool {
    let is_cosigner = matches!(range.role, Role::Witness | Role::Mirror);
    match &range.until {
        None => true,
        Some(Until::At(end)) => !is_cosigner && *end > range.from,
        Some(Until::Origins(_)) => is_cosigner,
    }
}

fn may_hold(role: Role, key: &ManifestKey) -> bool {
    match role {
        Role::Root | Role::Log | Role::Witness | Role::Mirror => {
            matches!(key, ManifestKey::Ed25519(_))
        }
        Role::Recorder | Role::EnclaveSign | Role::Committee => {
            matches!(key, ManifestKey::P256(_))
        }
        Role::EnclaveSeal => matches!(key, ManifestKey::Age(_)),
    }
}

/// Declared times have one width, so they compare as text.
pub(super) fn check_term(expires: &str, now: &str) -> Result<(), ManifestError> {
    if !time::is_declared(now) {
        return Err(ManifestError::Time(now.to_owned()));
    }
    if expires <= now {
        return Err(ManifestError::Expired(expires.to_owned()));
    }
    if expires > time::years_later(now, TERM_YEARS).as_str() {
        return Err(ManifestError::TooLong(expires.to_owned()));
    }
    Ok(())
}

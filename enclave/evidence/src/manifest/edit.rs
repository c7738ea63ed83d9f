//! Drafts of the next version: a key comes, a range closes.
//!
//! A draft may be unsound; [`Manifest::check`] and [`super::Chain::open`] judge it. Keys are not made
//! here and nothing is signed.

use super::{Manifest, ManifestKey, Role, RoleKeys, Until, Validity};
use crate::digest::Digest;

impl Manifest {
    /// The next version, which says the same until it is edited.
    #[must_use]
    pub fn successor(&self) -> Self {
        Self {
            version: self.version + 1,
            ..self.clone()
        }
    }

    /// Gives a key a role, in force from an index of the log on; a role that is new needs one key.
    ///
    /// A root key counts by membership, so it gets no range.
    pub fn add_key(&mut self, role: Role, key: ManifestKey, from: u64) {
        let keyid = key.id();
        self.keys.insert(keyid, key);
        let role_keys = self.roles.entry(role).or_insert(RoleKeys {
            keyids: Vec::new(),
            threshold: 1,
        });
        role_keys.keyids.push(keyid);
        if role != Role::Root {
            self.validity.push(Validity {
                from,
                keyid,
                role,
                until: None,
            });
        }
    }

    /// Ends the range of a key; a key without a range is left as it is.
    pub fn close_range(&mut self, key: &Digest, until: &Until) {
        for range in &mut self.validity {
            if range.keyid == *key {
                range.until = Some(until.clone());
            }
        }
    }
}

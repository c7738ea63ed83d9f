//! Which roles may sign which record: the table of the specification, in one place.
//!
//! Whether a key holds a role at an index is the manifest's business.

use crate::{
    manifest::Role,
    record::{
        Comparison, EnclaveEvidence, FormCommitment, FormReveal, FormState, Misbehaviour, Pairing,
        Predicate, Receipt, RunAbort, RunIntent, Snapshot, StationManifestRecord,
    },
};

/// The roles of which one must sign a record of this short name; `None` for types without a rule.
///
/// A submission has none: it is signed by the team's own key, or by the recorder on its behalf.
pub fn roles_of(name: &str) -> Option<&'static [Role]> {
    const ENCLAVE: &[Role] = &[Role::EnclaveSign];
    const RECORDER: &[Role] = &[Role::Recorder];
    let roles: &[Role] = match name {
        EnclaveEvidence::NAME | RunIntent::NAME | Receipt::NAME | Pairing::NAME => ENCLAVE,
        StationManifestRecord::NAME
        | FormReveal::NAME
        | Snapshot::NAME
        | Comparison::NAME
        | Misbehaviour::NAME => RECORDER,
        FormCommitment::NAME | RunAbort::NAME => &[Role::Recorder, Role::EnclaveSign],
        FormState::NAME => &[Role::Committee, Role::Recorder],
        _ => return None,
    };
    Some(roles)
}

//! The enclave-evidence record: which program holds the keys, and that no hardware vouches for it.

use assay_evidence::{
    digest::Digest,
    dsse::Envelope,
    keys,
    record::{EnclaveEvidence, EvidenceKeys, EvidenceType, Sha256Ref, Verdict, VerdictStatus},
    statement::{Subject, sign_record},
};

use super::state::State;

/// Roles that this program has.
const ROLES: [&str; 3] = ["compiler", "keeper", "runner"];

/// Signs the record for this manifest.
pub fn attest(state: &State, station: String, manifest: Digest, declared: String) -> Envelope {
    let binary = Sha256Ref {
        sha256: state.binary,
    };
    let evidence = EnclaveEvidence {
        binary,
        collateral: Vec::new(),
        declared,
        evidence: None,
        keys: EvidenceKeys {
            seal: state.seal_id(),
            sign: state.sign.public().key_id(),
        },
        manifest: Sha256Ref { sha256: manifest },
        nonce: Digest(keys::random_bytes()),
        roles: ROLES.map(str::to_owned).to_vec(),
        station,
        kind: EvidenceType::None,
        verdict: Verdict {
            policy: Sha256Ref {
                sha256: Digest::of(b""),
            },
            status: VerdictStatus::None,
            verifier: format!("assay-enclave {}", env!("CARGO_PKG_VERSION")),
        },
    };
    sign_record(
        &state.sign,
        &[Subject::new("enclave binary", state.binary)],
        &evidence,
    )
}

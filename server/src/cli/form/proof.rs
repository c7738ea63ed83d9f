//! The logged commitment of a form, from a file: a tlog-proof of it, or the bundle of any receipt on the form.
//!
//! Reading believes nothing. [`Commitment::check`] verifies offline, line by line.

use std::{fmt::Display, path::Path};

use assay_evidence::{
    bundle::Bundle,
    checkpoint::Checkpoint,
    digest::Digest,
    dsse::Envelope,
    json,
    manifest::Chain,
    policy::{Attested, Policy, Quorum},
    proof::{LogProof, RecordExtra},
    record::{FormCommitment, Predicate as _, RecordRef},
    verify::{self, Check, CheckState},
    wire::Proven,
};

use super::super::{
    bounded_file,
    fault::Fault,
    verify::{read_bundle, refusal},
};

/// Longest proof or chain of manifests that is read.
const PROOF_BYTES_MAX: u64 = 1024 * 1024;

/// A commitment with what proves it.
pub struct Commitment {
    /// The record.
    proven: Proven,
    /// The note that it is said to stand under.
    checkpoint: String,
    /// Manifests of its station; a proof file holds none.
    manifests: Vec<Envelope>,
}

/// What a commitment states, its place, and the digest of the sealed file.
pub struct Committed {
    /// The record.
    pub record: FormCommitment,
    /// Where it stands.
    pub at: RecordRef,
    /// Digest of the sealed file.
    pub seal: Digest,
}

/// Lines of a check, in order; nothing follows a failed one.
#[derive(Default)]
pub struct Lines(pub Vec<Check>);

/// A line failed and is the last one.
pub struct Stopped;

impl Commitment {
    /// Reads a tlog-proof or a bundle.
    pub fn read(path: &Path) -> Result<Self, Fault> {
        let bytes = read_bundle(path)?;
        if bytes.starts_with(b"{") {
            Self::of_bundle(path, &bytes)
        } else {
            Self::of_proof(path, bytes)
        }
    }

    /// Reads a bundle that verifies under a policy.
    pub fn of_verified(path: &Path, policy: &Policy, now: u64) -> Result<Self, Fault> {
        let bytes = read_bundle(path)?;
        let report = verify::bundle_at(&bytes, policy, now);
        if !report.verified() {
            return Err(refusal(path, &report));
        }
        Self::of_bundle(path, &bytes)
    }

    /// Reads a tlog-proof, and the station's manifests where they are at hand.
    pub fn of_proof_with(path: &Path, manifests: Option<&Path>) -> Result<Self, Fault> {
        let mut commitment = Self::of_proof(path, bounded_file(path, PROOF_BYTES_MAX)?)?;
        if let Some(path) = manifests {
            let bytes = bounded_file(path, PROOF_BYTES_MAX)?;
            commitment.manifests =
                json::from_slice(&bytes).map_err(|error| unread(path, &error))?;
        }
        Ok(commitment)
    }

    fn of_bundle(path: &Path, bytes: &[u8]) -> Result<Self, Fault> {
        let bundle = Bundle::parse(bytes).map_err(|error| unread(path, &error))?;
        Ok(Self {
            proven: bundle.records.commitment.into(),
            checkpoint: bundle.checkpoint,
            manifests: bundle.manifests,
        })
    }

    fn of_proof(path: &Path, bytes: Vec<u8>) -> Result<Self, Fault> {
        let text = String::from_utf8(bytes).map_err(|error| unread(path, &error))?;
        let proof = LogProof::parse(&text).map_err(|error| unread(path, &error))?;
        let extra = proof.extra.unwrap_or_default();
        let extra: RecordExtra = json::from_slice(&extra).map_err(|error| unread(path, &error))?;
        Ok(Self {
            proven: Proven {
                envelope: extra.dsse_envelope,
                index: proof.index,
                path: proof.path,
                public_key: extra.public_key,
            },
            checkpoint: proof.checkpoint,
            manifests: Vec::new(),
        })
    }

    /// What it states, if record, signature and inclusion fit the checkpoint that it came with. Whether that
    /// checkpoint is to be believed is not asked.
    pub fn stated(&self) -> Result<Committed, Fault> {
        let checkpoint = Checkpoint::peek(&self.checkpoint).map_err(Fault::refused)?;
        self.under(&checkpoint).map_err(Fault::Refused)
    }

    /// Checks it against a policy, offline; `now` is in seconds since 1970.
    pub fn check(
        &self,
        policy: &Policy,
        now: u64,
        lines: &mut Lines,
    ) -> Result<Committed, Stopped> {
        let attested = lines.add(
            "checkpoint",
            "the checkpoint is signed by its log, as the policy has it, and cosigned by its quorum",
            policy.check(&self.checkpoint, Some(now)),
        )?;
        if attested.quorum == Quorum::None {
            let says = "other stations vouch for the checkpoint";
            let why = "the policy says `quorum none`: the station alone vouches for its log";
            lines.not_checked("quorum", says, why);
        }
        let committed = lines.add(
            "commitment",
            "the form-commitment stands in the log, signed, with its inclusion proof",
            self.under(&attested.checkpoint),
        )?;
        self.check_signer(policy, &attested, &committed, lines)?;
        Ok(committed)
    }

    fn check_signer(
        &self,
        policy: &Policy,
        attested: &Attested,
        committed: &Committed,
        lines: &mut Lines,
    ) -> Result<(), Stopped> {
        let says = "its signer held a role that may commit to forms, at that place of the log";
        if self.manifests.is_empty() {
            let why =
                "a proof file holds no manifest; give the station's manifest.json with --manifest";
            lines.not_checked("signer", says, why);
            return Ok(());
        }
        lines.add("signer", says, self.signer(policy, attested, committed))
    }

    fn under(&self, checkpoint: &Checkpoint) -> Result<Committed, String> {
        let held = verify::open_logged::<FormCommitment>(&self.proven, checkpoint)
            .map_err(|error| error.to_string())?;
        let seal = held.subjects.first().map(|subject| subject.digest);
        Ok(Committed {
            record: *held.predicate,
            at: held.reference,
            seal: seal.ok_or("the commitment names no sealed file")?,
        })
    }

    fn signer(
        &self,
        policy: &Policy,
        attested: &Attested,
        committed: &Committed,
    ) -> Result<(), String> {
        let Checkpoint { origin, .. } = &attested.checkpoint;
        let pinned = policy.manifest_for(origin);
        let pinned = pinned.ok_or_else(|| format!("the policy pins no manifest of {origin}"))?;
        let chain = Chain::open(&self.manifests, pinned).map_err(|error| error.to_string())?;
        if chain.origin() != origin {
            return Err(format!("the manifests are those of {}", chain.origin()));
        }
        let key = verify::public_key(&self.proven).map_err(|error| error.to_string())?;
        let roles = verify::roles_of(FormCommitment::NAME).unwrap_or_default();
        let index = committed.at.index;
        let held = |role| chain.key_held(role, &key.key_id(), index);
        if roles.iter().any(|role| held(*role)) {
            return Ok(());
        }
        Err(format!(
            "the key {} held no such role at record {index}",
            key.key_id()
        ))
    }
}

impl Lines {
    /// Adds a line and hands back what the check found.
    pub fn add<T, E: Display>(
        &mut self,
        name: &'static str,
        says: &str,
        result: Result<T, E>,
    ) -> Result<T, Stopped> {
        let (state, result) = match result {
            Ok(found) => (CheckState::Passed, Ok(found)),
            Err(reason) => (CheckState::Failed(reason.to_string()), Err(Stopped)),
        };
        self.push(name, says, state);
        result
    }

    /// Adds a line for what cannot be known from the files.
    pub fn not_checked(&mut self, name: &'static str, says: &str, why: &str) {
        self.push(name, says, CheckState::NotChecked(why.to_owned()));
    }

    fn push(&mut self, name: &'static str, says: &str, state: CheckState) {
        let says = says.to_owned();
        self.0.push(Check { name, says, state });
    }
}

fn unread(path: &Path, error: &dyn Display) -> Fault {
    Fault::Refused(format!(
        "{} is neither a tlog-proof nor a bundle of this commitment, nor the station's manifests: {error}",
        path.display()
    ))
}

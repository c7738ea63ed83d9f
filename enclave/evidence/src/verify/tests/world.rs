//! A small real station in memory: keys, a manifest, a log, and one run with its five records.
//!
//! Each record passes through a hook before it is signed, so a test can plant one fault at a time.

use std::collections::BTreeMap;

use super::{
    assembled::{Sizes, assembled},
    samples::{ORIGIN, TIME, digest_ref, grader, intent, receipt, recipient},
};
use crate::{
    bundle::{Bundle, Member, Records},
    checkpoint::Checkpoint,
    digest::Digest,
    dsse::Envelope,
    json,
    keys::{Ed25519SigningKey, P256SigningKey},
    leaf,
    manifest::{self, Endpoints, Manifest, ManifestKey, Names, Role},
    note::VerifierKey,
    policy::Policy,
    record::{
        EnclaveEvidence, EvidenceKeys, EvidenceType, FormCommitment, Head, Items, Predicate,
        Receipt, RecordRef, RunIntent, Seal, SealFormat, Sha256Ref, StationManifestRecord,
        Submission, SubmissionKind, Verdict, VerdictStatus,
    },
    seal,
    statement::{Subject, sign_record},
    tree::Tree,
};

/// Faults to plant; the default plants none.
pub struct Plan {
    pub commitment: fn(&mut FormCommitment),
    pub evidence: fn(&mut EnclaveEvidence),
    pub intent: fn(&mut RunIntent),
    pub manifest: fn(&mut Manifest),
    pub receipt: fn(&mut Receipt),
    pub receipt_subject: &'static [u8],
    pub receipt_signer: Signer,
    /// Makes version 2 of the manifest.
    pub second: Option<fn(&mut Manifest)>,
    pub submission: fn(&mut Submission),
    pub submission_is_late: bool,
}

/// Who signs the receipt.
#[derive(Clone, Copy)]
pub enum Signer {
    Enclave,
    Stranger,
}

impl Default for Plan {
    fn default() -> Self {
        Self {
            commitment: |_| {},
            evidence: |_| {},
            intent: |_| {},
            manifest: |_| {},
            receipt: |_| {},
            receipt_subject: b"adapter",
            receipt_signer: Signer::Enclave,
            second: None,
            submission: |_| {},
            submission_is_late: false,
        }
    }
}

/// A bundle with the policy that believes it.
pub struct Made {
    pub bundle: Bundle,
    pub policy: Policy,
    pub enclave: Digest,
    pub stranger: Digest,
    pub log: Ed25519SigningKey,
}

struct Station {
    enclave: P256SigningKey,
    recorder: P256SigningKey,
    stranger: P256SigningKey,
    log: Ed25519SigningKey,
    root: Ed25519SigningKey,
    tree: Tree,
}

pub fn made(plan: &Plan) -> Made {
    let key = || P256SigningKey::from_pkcs8(&P256SigningKey::generate_pkcs8()).unwrap();
    let mut station = Station {
        enclave: key(),
        recorder: key(),
        stranger: key(),
        log: Ed25519SigningKey::from_seed([1; 32]),
        root: Ed25519SigningKey::from_seed([2; 32]),
        tree: Tree::new(),
    };
    let manifest = station.manifest(plan);
    let pinned = manifest::payload_digest(&manifest);
    let (records, sizes) = station.log_run(plan, &manifest);
    let second = plan.second.map(|change| station.second(change, &manifest));
    let manifests = [manifest].into_iter().chain(second).collect();
    let checkpoint = Checkpoint {
        origin: ORIGIN.into(),
        size: sizes.checkpoint,
        root: station.tree.root(),
    };
    let note = checkpoint.sign(&station.log).unwrap();
    let log = VerifierKey::new(ORIGIN, station.log.public()).unwrap();
    Made {
        bundle: assembled(&station.tree, sizes, &note, records, manifests),
        policy: Policy::parse(&Policy::lone(&log, "http://127.0.0.1/", &pinned)).unwrap(),
        enclave: station.enclave.public().key_id(),
        stranger: station.stranger.public().key_id(),
        log: station.log,
    }
}

impl Station {
    fn manifest(&self, plan: &Plan) -> Envelope {
        let roles = [
            (Role::Root, ManifestKey::Ed25519(self.root.public())),
            (Role::Log, ManifestKey::Ed25519(self.log.public())),
            (Role::Recorder, ManifestKey::P256(self.recorder.public())),
            (Role::EnclaveSign, ManifestKey::P256(self.enclave.public())),
            (Role::EnclaveSeal, ManifestKey::Age(recipient())),
        ];
        let mut manifest = Manifest {
            kind: manifest::MANIFEST_TYPE.into(),
            endpoints: Endpoints {
                log: "http://127.0.0.1/".into(),
                mirror: None,
                witness: None,
            },
            expires: "2027-11-21T00:00:00Z".into(),
            jurisdiction: "MO".into(),
            keys: BTreeMap::new(),
            names: Names::default(),
            origin: ORIGIN.into(),
            peers: vec![],
            roles: BTreeMap::new(),
            validity: vec![],
            version: 1,
        };
        for (role, key) in roles {
            manifest.add_key(role, key, 0);
        }
        (plan.manifest)(&mut manifest);
        manifest::sign(&[&self.root], &manifest)
    }

    fn second(&self, change: fn(&mut Manifest), first: &Envelope) -> Envelope {
        let mut second = json::from_slice::<Manifest>(&first.payload)
            .unwrap()
            .successor();
        change(&mut second);
        manifest::sign(&[&self.root], &second)
    }

    fn log_run(&mut self, plan: &Plan, manifest: &Envelope) -> (Records<Member>, Sizes) {
        self.log_manifest(manifest);
        let (evidence, evidence_ref) = self.log_evidence(plan, manifest);
        self.log_manifest(manifest);
        let (commitment, commitment_ref) = self.log_commitment(plan);
        let (mut submission, mut submission_ref) = self.log_submission(plan);
        let before = self.head();
        if plan.submission_is_late {
            (submission, submission_ref) = self.log_submission(plan);
        }
        let mut intent = intent(&before, &commitment_ref, &submission_ref, &evidence_ref);
        (plan.intent)(&mut intent);
        let (intent_member, intent_ref) = self.log(&intent, "adapter", b"adapter", Signer::Enclave);
        let start = self.head();
        let mut receipt = receipt(&intent, &intent_ref, &start);
        (plan.receipt)(&mut receipt);
        self.log_manifest(manifest);
        let (receipt, _) = self.log(
            &receipt,
            "adapter",
            plan.receipt_subject,
            plan.receipt_signer,
        );
        self.log_manifest(manifest);
        let mut sizes = Sizes {
            before: before.size,
            start: start.size,
            checkpoint: self.tree.size(),
        };
        if plan.submission_is_late {
            // A liar has no inclusion proof under `before`; any later one must not help.
            sizes.before = start.size;
        }
        let records = Records {
            commitment,
            evidence,
            intent: intent_member,
            receipt,
            submission,
        };
        (records, sizes)
    }

    fn log_manifest(&mut self, manifest: &Envelope) {
        let record = StationManifestRecord {
            declared: TIME.into(),
            manifest: manifest.clone(),
            station: ORIGIN.into(),
            version: 1,
        };
        let envelope = sign_record(
            &self.recorder,
            &[Subject::new("manifest", Digest::of(b""))],
            &record,
        );
        self.push(&envelope, Role::Recorder);
    }

    fn log_evidence(&mut self, plan: &Plan, manifest: &Envelope) -> (Member, RecordRef) {
        let mut evidence = EnclaveEvidence {
            binary: digest_ref(b"binary"),
            collateral: vec![],
            declared: TIME.into(),
            evidence: None,
            keys: EvidenceKeys {
                seal: seal::recipient_id(&recipient()),
                sign: self.enclave.public().key_id(),
            },
            manifest: Sha256Ref {
                sha256: manifest::payload_digest(manifest),
            },
            nonce: Digest::of(b"evidence nonce"),
            roles: vec!["compiler".into(), "keeper".into(), "runner".into()],
            station: ORIGIN.into(),
            kind: EvidenceType::None,
            verdict: Verdict {
                policy: digest_ref(b""),
                status: VerdictStatus::None,
                verifier: "assay 0.1.0".into(),
            },
        };
        (plan.evidence)(&mut evidence);
        self.log(&evidence, "enclave-binary", b"binary", Signer::Enclave)
    }

    fn log_commitment(&mut self, plan: &Plan) -> (Member, RecordRef) {
        let mut commitment = FormCommitment {
            benchmark: "bay-knowledge@1.0".into(),
            declared: TIME.into(),
            edition: "2026-11-a".into(),
            form: "bay-knowledge-1".into(),
            grader: grader(),
            items: Items {
                leaves: 64,
                root: Digest::of(b"items"),
            },
            not_before: TIME.into(),
            reveal_by: "2027-11-21T12:00:00Z".into(),
            seal: Seal {
                bytes: 4000,
                format: SealFormat::AgeV1,
                padded: 3840,
                recipients: vec![seal::recipient_id(&recipient())],
            },
            station: ORIGIN.into(),
            terms: digest_ref(b"terms"),
            upstream: None,
        };
        (plan.commitment)(&mut commitment);
        let envelope = sign_record(
            &self.recorder,
            &[Subject::new("sealed-file", Digest::of(b"seal"))],
            &commitment,
        );
        self.push(&envelope, Role::Recorder)
    }

    fn log_submission(&mut self, plan: &Plan) -> (Member, RecordRef) {
        let mut submission = Submission {
            adapter: digest_ref(b"adapter"),
            declared: TIME.into(),
            declares: BTreeMap::new(),
            kind: SubmissionKind::Wasm,
            name: "table expert".into(),
            on_behalf: true,
            replaces: None,
            station: ORIGIN.into(),
            submitter: self.recorder.public().key_id(),
        };
        (plan.submission)(&mut submission);
        let envelope = sign_record(
            &self.recorder,
            &[Subject::new("adapter", Digest::of(b"adapter"))],
            &submission,
        );
        self.push(&envelope, Role::Recorder)
    }

    fn log<P: Predicate>(
        &mut self,
        predicate: &P,
        subject: &str,
        bytes: &[u8],
        signer: Signer,
    ) -> (Member, RecordRef) {
        let (key, role) = match signer {
            Signer::Enclave => (&self.enclave, Role::EnclaveSign),
            Signer::Stranger => (&self.stranger, Role::Committee),
        };
        let envelope = sign_record(key, &[Subject::new(subject, Digest::of(bytes))], predicate);
        self.push(&envelope, role)
    }

    fn push(&mut self, envelope: &Envelope, role: Role) -> (Member, RecordRef) {
        let key = match role {
            Role::EnclaveSign => self.enclave.public(),
            Role::Recorder => self.recorder.public(),
            _ => self.stranger.public(),
        };
        let leaf = leaf::hash(&leaf::data(envelope, &key).unwrap());
        let index = self.tree.size();
        self.tree.push(leaf);
        let member = Member {
            envelope: envelope.clone(),
            index,
            key,
        };
        (
            member,
            RecordRef {
                index,
                leaf,
                origin: ORIGIN.into(),
            },
        )
    }

    fn head(&self) -> Head {
        Head {
            origin: ORIGIN.into(),
            root: self.tree.root(),
            size: self.tree.size(),
        }
    }
}

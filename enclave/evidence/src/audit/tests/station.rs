//! A small station in memory whose log can be audited: keys, a manifest, a form, a system.
//!
//! Records are logged as given, so a test can log what no honest station would.

use std::collections::BTreeMap;

use crate::{
    audit::{Entry, Leafed, Pinned, Replay},
    checkpoint::Checkpoint,
    digest::Digest,
    dsse::{Envelope, Signature, pae},
    json,
    keys::{Ed25519PublicKey, Ed25519SigningKey, P256PublicKey, P256SigningKey},
    leaf,
    manifest::{self, Endpoints, Manifest, ManifestKey, Names, Role, Until},
    note::VerifierKey,
    policy::{Attested, Quorum},
    record::{
        EnclaveEvidence, EvidenceKeys, EvidenceType, FormCommitment, Head, Items, Predicate,
        RecordRef, RunIntent, Seal, SealFormat, Sha256Ref, StationManifestRecord, Submission,
        SubmissionKind, Verdict, VerdictStatus,
    },
    seal,
    statement::{PAYLOAD_TYPE, Subject, sign_record},
    tree::Tree,
    verify::tests::samples::{self, ORIGIN, TIME, digest_ref, grader, recipient},
};

/// Who signs.
#[derive(Clone, Copy)]
pub enum By {
    Enclave,
    Recorder,
    /// Held the role of the enclave before the last records.
    Retired,
    Stranger,
}

pub struct Station {
    keys: [P256SigningKey; 4],
    pub log: Ed25519SigningKey,
    root: Ed25519SigningKey,
    pub tree: Tree,
    /// Leaf data and envelope of each record.
    pub records: Vec<(Vec<u8>, Vec<u8>)>,
    pub commitment: RecordRef,
    pub evidence: RecordRef,
    pub submission: RecordRef,
    pub manifest: Envelope,
}

/// Where the key of [`By::Retired`] stops counting.
pub const RETIRED_FROM: u64 = 4;

impl Station {
    /// Manifest, evidence, form and system are logged as records 0 to 3.
    pub fn new() -> Self {
        let key = || P256SigningKey::from_pkcs8(&P256SigningKey::generate_pkcs8()).unwrap();
        let nowhere = RecordRef {
            index: 0,
            leaf: Digest([0; 32]),
            origin: ORIGIN.into(),
        };
        let mut station = Self {
            keys: [key(), key(), key(), key()],
            log: Ed25519SigningKey::from_seed([1; 32]),
            root: Ed25519SigningKey::from_seed([2; 32]),
            tree: Tree::new(),
            records: Vec::new(),
            commitment: nowhere.clone(),
            evidence: nowhere.clone(),
            submission: nowhere,
            manifest: Envelope {
                payload: vec![],
                payload_type: String::new(),
                signatures: vec![],
            },
        };
        station.manifest = station.signed_manifest();
        station.log_manifest();
        station.evidence = station.log_evidence();
        station.commitment = station.log_commitment("bay-knowledge-1");
        station.submission = station.log_submission();
        station
    }

    pub fn pinned(&self) -> Pinned {
        Pinned {
            origin: ORIGIN.into(),
            manifest: manifest::payload_digest(&self.manifest),
        }
    }

    pub fn key_id(&self, by: By) -> Digest {
        self.keys[by as usize].public().key_id()
    }

    pub fn public(&self, by: By) -> P256PublicKey {
        self.keys[by as usize].public()
    }

    /// Signs and logs a record about `about`.
    pub fn log<P: Predicate>(&mut self, by: By, about: &[u8], predicate: &P) -> RecordRef {
        let key = &self.keys[by as usize];
        let envelope = sign_record(key, &[Subject::new("it", Digest::of(about))], predicate);
        let data = leaf::data(&envelope, &key.public()).unwrap();
        self.push(data, envelope.to_bytes())
    }

    /// Signs and logs a payload of any content.
    pub fn log_payload(&mut self, by: By, payload: Vec<u8>) -> RecordRef {
        let key = &self.keys[by as usize];
        let sig = key.sign(&pae(PAYLOAD_TYPE, &payload));
        let envelope = Envelope {
            payload,
            payload_type: PAYLOAD_TYPE.into(),
            signatures: vec![Signature {
                keyid: String::new(),
                sig,
            }],
        };
        let data = leaf::data(&envelope, &key.public()).unwrap();
        self.push(data, envelope.to_bytes())
    }

    /// Logs any bytes.
    pub fn push(&mut self, data: Vec<u8>, envelope: Vec<u8>) -> RecordRef {
        let (index, leaf) = (self.tree.size(), leaf::hash(&data));
        self.tree.push(leaf);
        self.records.push((data, envelope));
        RecordRef {
            index,
            leaf,
            origin: ORIGIN.into(),
        }
    }

    /// An honest intent under the present head, with a nonce of its own.
    pub fn intent(&self) -> RunIntent {
        let head = self.head();
        let mut intent = samples::intent(&head, &self.commitment, &self.submission, &self.evidence);
        intent.nonce = Digest::of(&head.size.to_be_bytes());
        intent
    }

    /// Announces and closes an honest run; the receipt's place.
    pub fn run(&mut self) -> RecordRef {
        let intent = self.intent();
        let announced = self.log(By::Enclave, b"adapter", &intent);
        let receipt = samples::receipt(&intent, &announced, &self.head());
        self.log(By::Enclave, b"adapter", &receipt)
    }

    pub fn head(&self) -> Head {
        Head {
            origin: ORIGIN.into(),
            root: self.tree.root(),
            size: self.tree.size(),
        }
    }

    /// Replays what was logged.
    pub fn replay(&self) -> Replay {
        let mut replay = Replay::new(self.pinned());
        for (index, (data, envelope)) in self.records.iter().enumerate() {
            replay.push(entry(index, data, envelope));
        }
        replay
    }

    /// Name, record and sentence of the only finding.
    pub fn finding(&self) -> (&'static str, Option<u64>, String) {
        let replay = self.replay();
        let [only] = replay.findings().kept.as_slice() else {
            panic!("not one finding: {:#?}", replay.findings());
        };
        (only.name.name(), only.record, only.says.clone())
    }

    fn signed_manifest(&self) -> Envelope {
        let p256 = |by: By| ManifestKey::P256(self.keys[by as usize].public());
        let roles = [
            (Role::Root, vec![ManifestKey::Ed25519(self.root.public())]),
            (Role::Log, vec![ManifestKey::Ed25519(self.log.public())]),
            (Role::Recorder, vec![p256(By::Recorder)]),
            (
                Role::EnclaveSign,
                vec![p256(By::Enclave), p256(By::Retired)],
            ),
            (Role::EnclaveSeal, vec![ManifestKey::Age(recipient())]),
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
        for (role, keys) in roles {
            for key in keys {
                manifest.add_key(role, key, 0);
            }
        }
        manifest.close_range(&self.key_id(By::Retired), &Until::At(RETIRED_FROM));
        manifest::sign(&[&self.root], &manifest)
    }

    fn log_manifest(&mut self) -> RecordRef {
        let manifest = self.manifest.clone();
        self.log_as_manifest(manifest, 1)
    }

    /// Logs version 2 of the manifest, edited.
    pub fn log_next_manifest(&mut self, edit: impl FnOnce(&mut Manifest)) -> RecordRef {
        let first: Manifest = json::from_slice(&self.manifest.payload).unwrap();
        let mut next = first.successor();
        edit(&mut next);
        self.log_as_manifest(manifest::sign(&[&self.root], &next), 2)
    }

    /// Logs an inner envelope as this version.
    pub fn log_as_manifest(&mut self, manifest: Envelope, version: u64) -> RecordRef {
        let record = StationManifestRecord {
            declared: TIME.into(),
            manifest,
            station: ORIGIN.into(),
            version,
        };
        self.log(By::Recorder, b"manifest", &record)
    }

    /// The present checkpoint, signed by the log.
    pub fn attested(&self) -> Attested {
        self.attested_by(self.log.public())
    }

    /// The present checkpoint, signed by some key.
    pub fn attested_by(&self, key: Ed25519PublicKey) -> Attested {
        let Head { origin, root, size } = self.head();
        Attested {
            logs: vec![VerifierKey::new(&origin, key).unwrap()],
            checkpoint: Checkpoint { origin, size, root },
            cosigned: vec![],
            quorum: Quorum::None,
        }
    }

    fn log_evidence(&mut self) -> RecordRef {
        let evidence = EnclaveEvidence {
            binary: digest_ref(b"binary"),
            collateral: vec![],
            declared: TIME.into(),
            evidence: None,
            keys: EvidenceKeys {
                seal: seal::recipient_id(&recipient()),
                sign: self.key_id(By::Enclave),
            },
            manifest: Sha256Ref {
                sha256: manifest::payload_digest(&self.manifest),
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
        self.log(By::Enclave, b"binary", &evidence)
    }

    /// A form; all have the same items.
    pub fn log_commitment(&mut self, form: &str) -> RecordRef {
        let commitment = FormCommitment {
            benchmark: "bay-knowledge@1.0".into(),
            declared: TIME.into(),
            edition: "2026-11-a".into(),
            form: form.into(),
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
        self.log(By::Recorder, b"seal", &commitment)
    }

    /// A system, which no later run of the station uses by itself.
    pub fn log_submission(&mut self) -> RecordRef {
        let submission = Submission {
            adapter: digest_ref(b"adapter"),
            declared: TIME.into(),
            declares: BTreeMap::new(),
            kind: SubmissionKind::Wasm,
            name: format!("system {}", self.tree.size()),
            on_behalf: true,
            replaces: None,
            station: ORIGIN.into(),
            submitter: self.key_id(By::Recorder),
        };
        self.log(By::Recorder, b"adapter", &submission)
    }
}

/// An entry with its envelope.
pub fn entry(index: usize, data: &[u8], envelope: &[u8]) -> Entry {
    Leafed::of(index as u64, data).with(ORIGIN, Ok(envelope))
}

//! A station as a keeper meets it: a small log in memory, its keys, and its records.
#![allow(dead_code)]

#[path = "keeper.rs"]
mod keeper;

use std::{collections::BTreeMap, path::PathBuf, process::Command};

#[allow(unused_imports)]
pub use keeper::{Keeper, processes};

use assay_benchmarks::{form::Form, grade};
use assay_evidence::{
    base64,
    checkpoint::Checkpoint,
    digest::Digest,
    dsse::Envelope,
    json,
    keys::{Ed25519SigningKey, P256PublicKey, P256SigningKey},
    leaf,
    manifest::{self, Endpoints, Manifest, ManifestKey, Names, Role},
    note::VerifierKey,
    policy::Policy,
    record::{FormCommitment, Predicate, Seal, SealFormat, Sha256Ref, Submission, SubmissionKind},
    seal,
    statement::{Subject, sign_record},
    tree::Tree,
    wire::{Ask, Assignment, Blob, Extension, Proven, Start, Tell},
};

pub const ORIGIN: &str = "log.test.example.org";
pub const DECLARED: &str = "2026-11-21T18:08:50Z";
const REVEAL_BY: &str = "2027-11-21T18:08:50Z";

/// The present, moved as `date` understands it: the keeper compares some times with its own clock.
pub fn now(moved: &str) -> String {
    let said = Command::new("date")
        .args(["-u", "-d", moved, "+%Y-%m-%dT%H:%M:%SZ"])
        .output()
        .unwrap();
    String::from_utf8(said.stdout).unwrap().trim().to_owned()
}

/// The program under test.
pub fn program() -> Command {
    Command::new(env!("CARGO_BIN_EXE_assay-enclave"))
}

/// Log, keys and the keeper's folder of one station.
pub struct Station {
    pub recorder: P256SigningKey,
    log_key: Ed25519SigningKey,
    tree: Tree,
    leaves: Vec<(Envelope, P256PublicKey)>,
    pub sign: P256PublicKey,
    pub recipient: String,
    binary: Digest,
    pub manifest: Digest,
    /// Size of the newest head that the keeper was shown and accepted.
    pub shown: u64,
    folder: tempfile::TempDir,
}

impl Station {
    /// Makes keys, manifest and policy, and logs the keeper's evidence at index 0.
    pub fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let made = program()
            .arg("keys")
            .arg(folder.path().join("keeper"))
            .arg("--json")
            .output()
            .unwrap();
        assert!(
            made.status.success(),
            "{}",
            String::from_utf8_lossy(&made.stderr)
        );
        let made: serde_json::Value = serde_json::from_slice(&made.stdout).unwrap();
        let text = |name: &str| made[name].as_str().unwrap().to_owned();
        let spki = base64::decode(&text("sign_public_key")).unwrap();
        let mut station = Self {
            recorder: P256SigningKey::from_pkcs8(&P256SigningKey::generate_pkcs8()).unwrap(),
            log_key: Ed25519SigningKey::from_seed(assay_evidence::keys::random_bytes()),
            tree: Tree::new(),
            leaves: Vec::new(),
            sign: P256PublicKey::from_spki_der(&spki).unwrap(),
            recipient: text("seal_recipient"),
            binary: text("binary").parse().unwrap(),
            manifest: Digest::of(b""),
            shown: 0,
            folder,
        };
        station.write_manifest(&now("+300 days"));
        station
    }

    pub fn keeper_folder(&self) -> PathBuf {
        self.folder.path().join("keeper")
    }

    /// Policy and manifest in the keeper's folder, in force until then.
    pub fn write_manifest(&mut self, expires: &str) {
        let root = Ed25519SigningKey::from_seed(assay_evidence::keys::random_bytes());
        let held = [
            (Role::Root, ManifestKey::Ed25519(root.public())),
            (Role::Log, ManifestKey::Ed25519(self.log_key.public())),
            (Role::Recorder, ManifestKey::P256(self.recorder.public())),
            (Role::EnclaveSign, ManifestKey::P256(self.sign)),
            (Role::EnclaveSeal, ManifestKey::Age(self.recipient.clone())),
        ];
        let mut manifest = Manifest {
            kind: manifest::MANIFEST_TYPE.to_owned(),
            endpoints: Endpoints {
                log: format!("https://{ORIGIN}/"),
                mirror: None,
                witness: None,
            },
            expires: expires.to_owned(),
            jurisdiction: "XX".to_owned(),
            keys: BTreeMap::new(),
            names: Names::default(),
            origin: ORIGIN.to_owned(),
            peers: Vec::new(),
            roles: BTreeMap::new(),
            validity: Vec::new(),
            version: 1,
        };
        for (role, key) in held {
            manifest.add_key(role, key, 0);
        }
        let envelope = manifest::sign(&[&root], &manifest);
        self.manifest = manifest::payload_digest(&envelope);
        let log = VerifierKey::new(ORIGIN, self.log_key.public()).unwrap();
        let policy = Policy::lone(&log, &format!("https://{ORIGIN}/"), &self.manifest);
        std::fs::write(self.keeper_folder().join("policy"), policy).unwrap();
        std::fs::write(
            self.keeper_folder().join("manifest.json"),
            json::to_vec(&[envelope]),
        )
        .unwrap();
    }

    /// Appends a record and returns its index.
    pub fn log(&mut self, envelope: &Envelope, key: P256PublicKey) -> u64 {
        self.tree
            .push(leaf::hash(&leaf::data(envelope, &key).unwrap()));
        self.leaves.push((envelope.clone(), key));
        self.tree.size() - 1
    }

    /// Signs with the recorder and appends.
    pub fn record<P: Predicate>(&mut self, subject: Digest, predicate: &P) -> u64 {
        let envelope = sign_record(
            &self.recorder,
            &[Subject::new("subject", subject)],
            predicate,
        );
        self.log(&envelope, self.recorder.public())
    }

    /// The signed head at a size.
    pub fn checkpoint(&self, size: u64) -> String {
        self.signed(size, self.tree.root_at(size))
    }

    /// Any head, signed by the log's key.
    pub fn signed(&self, size: u64, root: Digest) -> String {
        let head = Checkpoint {
            origin: ORIGIN.to_owned(),
            size,
            root,
        };
        head.sign(&self.log_key).unwrap()
    }

    /// Forgets all records from that size on, as a restored backup does.
    pub fn rewind(&mut self, size: u64) {
        self.leaves.truncate(size as usize);
        let kept: Vec<Digest> = (0..size).filter_map(|at| self.tree.leaf(at)).collect();
        self.tree = kept.into_iter().collect();
    }

    pub fn size(&self) -> u64 {
        self.tree.size()
    }

    /// A record and its proof under the head of that size.
    pub fn proven(&self, index: u64, size: u64) -> Proven {
        let (envelope, key) = self.leaves[index as usize].clone();
        let path = self.tree.inclusion(index, size);
        Proven {
            envelope,
            index,
            path,
            public_key: base64::encode(&key.spki_der()),
        }
    }

    pub fn consistency(&self, old: u64, new: u64) -> Vec<Digest> {
        self.tree.consistency(old, new)
    }

    /// The proof that a keeper wants which remembers a head of size `from`.
    pub fn extension(&self, from: u64, size: u64) -> Extension {
        let path = if from == 0 {
            Vec::new()
        } else {
            self.consistency(from, size)
        };
        Extension { from, path }
    }

    /// Seals a form for a recipient and logs its commitment.
    pub fn commit(&mut self, form: &Form, recipient: &str) -> (u64, Vec<u8>) {
        let plain = seal::plaintext(&form.body());
        let to: age::x25519::Recipient = recipient.parse().unwrap();
        let sealed = age::encrypt(&to, &plain).unwrap();
        (self.commit_sealed(form, recipient, &sealed), sealed)
    }

    /// Logs the commitment of a form to a sealed file, whatever is in that.
    pub fn commit_sealed(&mut self, form: &Form, recipient: &str, sealed: &[u8]) -> u64 {
        let body = form.body();
        let commitment = FormCommitment {
            benchmark: "test-only@1.0".to_owned(),
            declared: DECLARED.to_owned(),
            edition: "a".to_owned(),
            form: "test-only-a".to_owned(),
            grader: grade::grader(),
            items: seal::items_tree(&body),
            not_before: DECLARED.to_owned(),
            reveal_by: REVEAL_BY.to_owned(),
            seal: Seal {
                bytes: sealed.len() as u64,
                format: SealFormat::AgeV1,
                padded: seal::plaintext(&body).len() as u64,
                recipients: vec![seal::recipient_id(recipient)],
            },
            station: ORIGIN.to_owned(),
            terms: Sha256Ref {
                sha256: Digest::of(b"terms"),
            },
            upstream: None,
        };
        self.record(Digest::of(sealed), &commitment)
    }

    /// Logs a submission of this component.
    pub fn submit(&mut self, component: &[u8]) -> u64 {
        let adapter = Digest::of(component);
        let submission = Submission {
            adapter: Sha256Ref { sha256: adapter },
            declared: DECLARED.to_owned(),
            declares: BTreeMap::new(),
            kind: SubmissionKind::Wasm,
            name: "Test guest".to_owned(),
            on_behalf: true,
            replaces: None,
            station: ORIGIN.to_owned(),
            submitter: self.recorder.public().key_id(),
        };
        self.record(adapter, &submission)
    }

    /// Has the keeper attest itself and logs that; returns the index.
    pub fn attest(&mut self, keeper: &mut Keeper) -> u64 {
        let Tell::Attested { envelope, .. } = Self::ask_evidence(keeper, ORIGIN, self.manifest)
        else {
            panic!("the keeper attests itself")
        };
        self.log(&envelope, self.sign)
    }

    /// Asks for evidence; what the keeper says.
    pub fn ask_evidence(keeper: &mut Keeper, station: &str, manifest: Digest) -> Tell {
        let ask = Ask::Attest {
            id: 1,
            station: station.to_owned(),
            manifest,
            declared: DECLARED.to_owned(),
        };
        keeper.ask(&ask, &[]);
        keeper.hear()
    }

    /// An assignment of these records under the present head.
    pub fn assignment(&self, places: Places, sealed: &[u8], component: &[u8]) -> Assignment {
        let size = self.size();
        Assignment {
            before: self.checkpoint(size),
            close_by: now("+1 hour"),
            commitment: self.proven(places.commitment, size),
            component: Blob::of(component),
            declared: DECLARED.to_owned(),
            evidence: self.proven(places.evidence, size),
            extends: self.extension(self.shown, size),
            seal: Blob::of(sealed),
            submission: self.proven(places.submission, size),
        }
    }

    /// Logs the intent and returns the start that permits its run.
    pub fn start(&mut self, intent: &Envelope, before: u64) -> Start {
        let index = self.log(intent, self.sign);
        let size = self.size();
        Start {
            checkpoint: self.checkpoint(size),
            consistency: self.consistency(before, size),
            extends: self.extension(before, size),
            intent: self.proven(index, size),
        }
    }
}

/// Indexes of the records of an assignment.
#[derive(Clone, Copy)]
pub struct Places {
    pub commitment: u64,
    pub submission: u64,
    pub evidence: u64,
}

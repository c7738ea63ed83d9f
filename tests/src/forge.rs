//! A station's log in the hands of its own operator: read, altered, signed again, published elsewhere.
//!
//! Nothing stops an operator without attested hardware from holding every key, so a forger here has
//! them all. Whatever he does not lie about is made to fit again: references, heads, seeds, boards.
//! What he lies about is one thing at a time, so that an audit must find exactly that.

mod publish;
mod relog;

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

use assay_evidence::{
    checkpoint::Checkpoint,
    digest::Digest,
    dsse::Envelope,
    hex,
    json::{self, Value},
    keys::{Ed25519SigningKey, P256SigningKey},
    leaf::{self, Leaf},
    record::{PREDICATE_BASE, Predicate},
    statement::{Subject, sign_record},
    tile,
    tree::tile_at,
};

pub use publish::Published;

use crate::World;

/// Every private key of a station.
pub struct Keys {
    /// Signs checkpoints.
    pub log: Ed25519SigningKey,
    /// Signs manifests.
    pub root: Ed25519SigningKey,
    recorder: P256SigningKey,
    enclave: P256SigningKey,
    /// Of nobody.
    stranger: P256SigningKey,
}

/// Who signs a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum By {
    /// The server.
    Recorder,
    /// The keeper.
    Enclave,
    /// A key that no manifest names.
    Stranger,
}

/// Something to change in a predicate after everything else was made to fit.
pub type Lie = Box<dyn Fn(&mut Value)>;

/// One record on its way into the forged log.
pub struct Draft {
    /// Its place in the honest log; `None` for a record that is new.
    pub was: Option<u64>,
    /// The honest statement, or a new one.
    pub statement: Value,
    /// Who signs it.
    pub by: By,
    /// Changes to the predicate, in order.
    pub lies: Vec<Lie>,
    /// Indexes in the honest log of records that a board leaves out.
    pub omitted: Vec<u64>,
    /// Put in place of the signature.
    pub signature: Option<Vec<u8>>,
}

/// A station's log, to be altered.
pub struct Forge {
    /// All keys.
    pub keys: Keys,
    /// Origin of the log.
    pub origin: String,
    /// The records, in order.
    pub drafts: Vec<Draft>,
    /// Public blobs.
    pub blobs: BTreeMap<Digest, Vec<u8>>,
    policy: Vec<u8>,
}

impl Forge {
    /// Reads the log of a running station as the public sees it, and its keys as only it can.
    ///
    /// # Panics
    /// When the station is not whole.
    pub fn of(world: &World, station: &Path) -> Self {
        let keys = Keys::read(station);
        let get = |path: &str| world.file(&format!("/{path}"));
        let note = String::from_utf8(get("checkpoint")).expect("a note is text");
        let head = Checkpoint::peek(&note).expect("a checkpoint");
        let mut drafts = Vec::new();
        for n in 0..head.size.div_ceil(u64::from(tile::FULL)) {
            let width = tile_at(0, n, head.size).width;
            let bundle = get(&tile::entries_path(n, width));
            for entry in tile::parse_entries(&bundle, width).expect("an entry bundle") {
                let leaf = Leaf::parse(entry).expect("a leaf");
                let path = tile::record_path(&leaf::hash(entry));
                let envelope = Envelope::parse(&get(&path)).expect("an envelope");
                let by = keys.signer(&leaf);
                drafts.push(Draft::honest(drafts.len() as u64, &envelope, by));
            }
        }
        Self {
            keys,
            origin: head.origin,
            drafts,
            blobs: blobs(&station.join("data/public/blob")),
            policy: get("policy"),
        }
    }

    /// Place of the record of a type that comes `nth`, from 0.
    ///
    /// # Panics
    /// When there are fewer.
    pub fn nth(&self, kind: &str, nth: usize) -> usize {
        let mut places = self.places(kind);
        places
            .nth(nth)
            .unwrap_or_else(|| panic!("the log has no {kind} number {nth}"))
    }

    /// Place of the last record of a kind.
    ///
    /// # Panics
    /// When there is none.
    pub fn last(&self, kind: &str) -> usize {
        let last = self.places(kind).last();
        last.unwrap_or_else(|| panic!("the log has no {kind}"))
    }

    /// Places of all records of a type.
    pub fn places(&self, kind: &str) -> impl Iterator<Item = usize> {
        let of_kind = move |draft: &&Draft| draft.kind() == kind;
        let found: Vec<usize> = (0..self.drafts.len())
            .filter(|at| of_kind(&&self.drafts[*at]))
            .collect();
        found.into_iter()
    }

    /// Place of the record that closes the intent at a place.
    ///
    /// # Panics
    /// When none does.
    pub fn closing(&self, intent: usize) -> usize {
        let closes = |draft: &Draft| {
            let closed = &draft.statement["predicate"]["intent"]["index"];
            draft.kind() != "run-intent" && closed.as_u64() == Some(intent as u64)
        };
        let place = self.drafts.iter().position(closes);
        place.unwrap_or_else(|| panic!("nothing closes the intent at {intent}"))
    }

    /// Lies in the record at a place.
    pub fn lie(&mut self, place: usize, lie: impl Fn(&mut Value) + 'static) {
        self.drafts[place].lies.push(Box::new(lie));
    }

    /// A second draft of the record at a place, put behind it.
    pub fn repeat(&mut self, place: usize) -> usize {
        let draft = &self.drafts[place];
        let again = Draft::new(draft.statement.clone(), draft.by);
        self.drafts.insert(place + 1, again);
        place + 1
    }
}

impl Keys {
    fn read(station: &Path) -> Self {
        let secret = |name: &str| {
            let text = fs::read_to_string(station.join("keys").join(name)).expect("a key file");
            hex::decode(text.trim_end()).expect("keys are hex")
        };
        let seed = |name: &str| {
            let seed = secret(name).try_into().expect("a seed has 32 bytes");
            Ed25519SigningKey::from_seed(seed)
        };
        let p256 = |pkcs8: &[u8]| P256SigningKey::from_pkcs8(pkcs8).expect("a P-256 key");
        let enclave = fs::read(station.join("enclave/sign.pkcs8")).expect("the enclave's key");
        Self {
            log: seed("log"),
            root: seed("root"),
            recorder: p256(&secret("recorder")),
            enclave: p256(&enclave),
            stranger: p256(&P256SigningKey::generate_pkcs8()),
        }
    }

    /// The key of a signer.
    pub fn of(&self, by: By) -> &P256SigningKey {
        match by {
            By::Recorder => &self.recorder,
            By::Enclave => &self.enclave,
            By::Stranger => &self.stranger,
        }
    }

    fn signer(&self, leaf: &Leaf) -> By {
        let signed = |by: &By| self.of(*by).public() == leaf.key;
        [By::Recorder, By::Enclave]
            .into_iter()
            .find(signed)
            .expect("a story's station signs with one of its two keys")
    }
}

impl Draft {
    /// A new record.
    pub fn new(statement: Value, by: By) -> Self {
        Self {
            was: None,
            statement,
            by,
            lies: Vec::new(),
            omitted: Vec::new(),
            signature: None,
        }
    }

    /// A new record about the bytes of a digest.
    pub fn record<P: Predicate>(keys: &Keys, by: By, about: Digest, predicate: &P) -> Self {
        let subject = Subject::new("it", about);
        let envelope = sign_record(keys.of(by), &[subject], predicate);
        Self::new(stated(&envelope), by)
    }

    /// Short name of its type.
    ///
    /// # Panics
    /// When it is of no type of ours.
    pub fn kind(&self) -> &str {
        let name = self.statement["predicateType"].as_str();
        name.and_then(|name| name.strip_prefix(PREDICATE_BASE))
            .and_then(|name| name.strip_suffix("/v1"))
            .expect("a story's station logs types that it knows")
    }

    fn honest(was: u64, envelope: &Envelope, by: By) -> Self {
        Self {
            was: Some(was),
            ..Self::new(stated(envelope), by)
        }
    }
}

fn stated(envelope: &Envelope) -> Value {
    json::parse(&envelope.payload).expect("a statement is JSON")
}

fn blobs(folder: &Path) -> BTreeMap<Digest, Vec<u8>> {
    let mut blobs = BTreeMap::new();
    for shelf in listed(folder) {
        for file in listed(&shelf) {
            let bytes = fs::read(file).expect("a blob");
            blobs.insert(Digest::of(&bytes), bytes);
        }
    }
    blobs
}

fn listed(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).expect("a folder of the station");
    entries
        .map(|entry| entry.expect("an entry").path())
        .collect()
}

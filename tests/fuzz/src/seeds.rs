//! First inputs for each target: genuine documents, so that a fuzzer starts where parsers already have
//! much to do.
//!
//! Inputs that once broke something are not made here; they lie in `kept/`.

use std::{fs, io, path::Path};

use crate::golden::{BUNDLE, CHECKPOINTS, ENVELOPE, OFFER, POLICY, RECORDS, TREE, root};
use crate::{bytes, documents, texts};
use assay_evidence::{
    base64,
    bundle::Bundle,
    digest::Digest,
    dsse::Envelope,
    json,
    keys::Ed25519SigningKey,
    leaf::Leaf,
    manifest::{Manifest, ManifestKey, Role},
    note::VerifierKey,
    proof::LogProof,
    record::AbortReason,
    seal::{self, FormBody},
    tile,
    verify::public_key,
    wire::{Ask, FrameKind, Tell, encode_frame},
};

/// Target, its property, number, bytes.
struct Seed {
    target: &'static str,
    property: fn(&[u8]) -> bool,
    number: usize,
    bytes: Vec<u8>,
}

/// Writes them as `FOLDER/<target>/<number>`; each must mean something to its target.
pub fn write(folder: &Path) -> io::Result<()> {
    let bundle = Bundle::parse(BUNDLE).expect("the genuine bundle");
    let mut seeds = text_seeds(&bundle);
    seeds.extend(document_seeds(&bundle));
    seeds.extend(byte_seeds());
    for seed in seeds {
        let Seed { target, number, .. } = seed;
        assert!(
            (seed.property)(&seed.bytes),
            "{target}/{number} means nothing"
        );
        let folder = folder.join(target);
        fs::create_dir_all(&folder)?;
        fs::write(folder.join(number.to_string()), seed.bytes)?;
    }
    Ok(())
}

/// Numbers the inputs of one target.
fn numbered<B: Into<Vec<u8>>>(
    target: &'static str,
    property: fn(&[u8]) -> bool,
    inputs: impl IntoIterator<Item = B>,
) -> impl Iterator<Item = Seed> {
    let numbered = inputs.into_iter().enumerate();
    numbered.map(move |(number, bytes)| Seed {
        target,
        property,
        number,
        bytes: bytes.into(),
    })
}

fn text_seeds(bundle: &Bundle) -> Vec<Seed> {
    let proof = LogProof::of_record(RECORDS[0].clone(), &bundle.checkpoint);
    let notes = || CHECKPOINTS.into_iter().chain([bundle.checkpoint.as_str()]);
    numbered("note", texts::note, notes())
        .chain(numbered("checkpoint", texts::checkpoint, notes()))
        .chain(numbered(
            "policy",
            texts::policy,
            [POLICY.to_owned(), watched()],
        ))
        .chain(numbered("proof", texts::proof, [proof.to_text()]))
        .chain(numbered("offer", texts::offer, [OFFER]))
        .collect()
}

/// A policy with everything that a policy may hold.
fn watched() -> String {
    let key = |name: &str| Ed25519SigningKey::from_seed(Digest::of(name.as_bytes()).0).public();
    let log = VerifierKey::new("log.example.org", key("log")).expect("a key name");
    let witness = |name: &str| {
        let key = assay_evidence::cosignature::CosignerKey::new(name, key(name));
        key.expect("a key name").to_string()
    };
    format!(
        "# assay-manifest log.example.org {}\nlog {log} https://log.example.org/\nwitness a {}\nwitness b {} https://b.example.org/\nwitness c {}\ngroup one any b c\ngroup both 2 a one\nquorum both\n",
        Digest::of(b"manifest"),
        witness("w/a"),
        witness("w/b"),
        witness("w/c"),
    )
}

fn document_seeds(bundle: &Bundle) -> Vec<Seed> {
    let records = &*RECORDS;
    let envelopes = records.iter().map(|record| record.envelope.to_bytes());
    let payloads = records.iter().map(|record| record.envelope.payload.clone());
    let leaves = records.iter().map(|record| {
        let leaf = Leaf {
            pae_digest: Digest::of(&record.envelope.pae()),
            signature: record.envelope.signatures[0].sig.clone(),
            key: public_key(record).expect("a genuine key"),
        };
        leaf.to_bytes()
    });
    numbered("json", documents::json, [BUNDLE, ENVELOPE])
        .chain(numbered(
            "envelope",
            documents::envelope,
            envelopes.chain([ENVELOPE.to_vec()]),
        ))
        .chain(numbered("statement", documents::statement, payloads))
        .chain(numbered("leaf", documents::leaf, leaves))
        .chain(numbered(
            "manifest",
            documents::manifest,
            manifests(&bundle.manifests[0]),
        ))
        .chain(numbered("bundle", documents::bundle, [BUNDLE]))
        .collect()
}

/// The genuine manifest under our own root key, alone and with a successor.
fn manifests(genuine: &Envelope) -> [Vec<u8>; 2] {
    let mut first: Manifest = json::from_slice(&genuine.payload).expect("a genuine manifest");
    let key = ManifestKey::Ed25519(root().public());
    for old in std::mem::take(
        &mut first
            .roles
            .get_mut(&Role::Root)
            .expect("it has roots")
            .keyids,
    ) {
        first.keys.remove(&old);
        first.validity.retain(|range| range.keyid != old);
    }
    first.add_key(Role::Root, key, 0);
    let second = first.successor();
    let (first, second) = (json::to_vec(&first), json::to_vec(&second));
    [first.clone(), [first, second].join(&b'\n')]
}

fn byte_seeds() -> Vec<Seed> {
    let entries: Vec<String> = (256..300).map(|index| format!("record {index}")).collect();
    let of_width = |width: u8, bytes: Vec<u8>| [vec![width - 1], bytes].concat();
    let hashes = TREE.tile(0, 1, 44).expect("it is in the golden tree");
    let tiles = [
        b"tile/0/x001/x234/067.p/112".to_vec(),
        b"tile/entries/000".to_vec(),
        of_width(44, hashes),
        of_width(44, tile::entry_bundle(&entries)),
    ];
    let form = FormBody {
        seed: [7; 32],
        items: vec![b"item 0".to_vec(), b"item 1".to_vec()],
    };
    let forms = [form.to_bytes(), seal::plaintext(&form)];
    numbered("tile", bytes::tile, tiles)
        .chain(numbered("form", bytes::form, forms))
        .chain(numbered("frame", bytes::frame, streams()))
        .collect()
}

fn streams() -> [Vec<u8>; 2] {
    let document = |body: Vec<u8>| encode_frame(FrameKind::Document, &body);
    let cancel = Ask::Cancel {
        run: "r-1".to_owned(),
        reason: AbortReason::KeeperLost,
    };
    let progress = Tell::Progress {
        run: "r-1".to_owned(),
        done: 1,
        items: 2,
    };
    let chunk = encode_frame(FrameKind::Chunk, base64::encode(b"chunk").as_bytes());
    let asked = document(json::to_vec(&cancel));
    let told = document(json::to_vec(&progress));
    [[vec![3], asked, chunk].concat(), [vec![200], told].concat()]
}

//! The golden log, made again from the sentences in `tests/vectors/log/README.md` and compared byte for byte.
//!
//! The DSSE sample's statement is taken as it stands, since its bytes are arbitrary; envelope, key id
//! and signature are made again.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

use assay_evidence::{
    base64,
    checkpoint::Checkpoint,
    cosignature::{self, CosignerKey},
    digest::Digest,
    dsse, hex, json,
    keys::Ed25519SigningKey,
    leaf,
    note::VerifierKey,
    policy::Policy,
    tile,
    tree::{self, Tree},
    verify,
    witness::Request,
};
use assay_tests::programs::root;
use serde_json::{Value, json};

use crate::{records, tree_of};

const ORIGIN: &str = "log.station-a.example.org";
const WITNESS: &str = "witness.station-b.example.org";
const COSIGNED_AT: u64 = 1_767_139_200;
const SIZE: u64 = 300;
const WITNESS_HAD: u64 = 257;

type Files = BTreeMap<String, Vec<u8>>;

fn key(sentence: &str) -> Ed25519SigningKey {
    Ed25519SigningKey::from_seed(Digest::of(sentence.as_bytes()).0)
}

fn log_key() -> Ed25519SigningKey {
    key("TEST ONLY station-a log key")
}

fn witness_key() -> Ed25519SigningKey {
    key("TEST ONLY station-b witness key")
}

fn dsse_key() -> Ed25519SigningKey {
    key("TEST ONLY enclave signing key")
}

fn folder() -> PathBuf {
    root().join("tests/vectors/log")
}

fn head(size: u64) -> Checkpoint {
    Checkpoint {
        origin: ORIGIN.into(),
        size,
        root: tree_of(SIZE).root_at(size),
    }
}

fn cosignature(size: u64) -> String {
    cosignature::sign(&head(size), WITNESS, &witness_key(), COSIGNED_AT).unwrap()
}

fn cosigned(size: u64) -> String {
    head(size).sign(&log_key()).unwrap() + &cosignature(size)
}

fn tree_files(tree: &Tree) -> Files {
    let entries = records(SIZE);
    let hashes = |level, n, width| {
        (
            tile::path(level, n, width),
            tree.tile(level, n, width).unwrap(),
        )
    };
    let bundle =
        |n, width, entries: &[String]| (tile::entries_path(n, width), tile::entry_bundle(entries));
    [
        hashes(0, 0, tile::FULL),
        hashes(0, 1, 44),
        hashes(1, 0, 1),
        bundle(0, tile::FULL, &entries[..256]),
        bundle(1, 44, &entries[256..]),
    ]
    .into()
}

fn statement_envelope() -> (Vec<u8>, Vec<u8>) {
    let golden = fs::read(folder().join("statement.dsse.json")).unwrap();
    let payload = dsse::Envelope::parse(&golden).unwrap().payload;
    let kind = "application/vnd.in-toto+json";
    let pae = dsse::pae(kind, &payload);
    let text = format!(
        "{{\"payload\": \"{}\", \"payloadType\": \"{kind}\", \"signatures\": [{{\"keyid\": \"{}\", \"sig\": \"{}\"}}]}}",
        base64::encode(&payload),
        dsse_key().public().key_id(),
        base64::encode(&dsse_key().sign(&pae)),
    );
    (text.into_bytes(), pae)
}

fn add_checkpoint() -> String {
    let request = Request {
        old: WITNESS_HAD,
        proof: tree_of(SIZE).consistency(WITNESS_HAD, SIZE),
        note: head(SIZE).sign(&log_key()).unwrap(),
    };
    request.to_body()
}

fn all_files() -> Files {
    let mut files = Files::new();
    for size in [0, 1, SIZE] {
        files.insert(format!("checkpoint.{size}"), cosigned(size).into_bytes());
    }
    for (path, bytes) in tree_files(&tree_of(SIZE)) {
        files.insert(format!("tree/{path}"), bytes);
    }
    files.insert("tree/checkpoint".into(), cosigned(SIZE).into_bytes());
    files.insert(
        "add-checkpoint.request".into(),
        add_checkpoint().into_bytes(),
    );
    files.insert(
        "add-checkpoint.response".into(),
        cosignature(SIZE).into_bytes(),
    );
    files.insert("statement.dsse.json".into(), statement_envelope().0);
    files
}

#[test]
fn every_golden_file_is_made_again_from_its_seed_byte_for_byte() {
    let made = all_files();
    let mut found = read_all(&folder(), &folder());
    assert!(found.remove("README.md").is_some());
    assert!(found.remove("vectors.json").is_some());
    let names = |files: &Files| files.keys().cloned().collect::<Vec<_>>();
    assert_eq!(names(&made), names(&found));
    for (path, bytes) in made {
        assert_eq!(text(&bytes), text(&found[&path]), "{path}");
        assert_eq!(bytes, found[&path], "{path}");
    }
}

#[test]
fn the_summary_says_what_the_files_hold() {
    let found: Value =
        serde_json::from_slice(&fs::read(folder().join("vectors.json")).unwrap()).unwrap();
    let classic = classic(&found["rfc6962_tree"]);
    let made = json!({
        "rfc6962_tree": classic,
        "log": log(),
        "checkpoints": {"0": cosigned(0), "1": cosigned(1), "300": cosigned(SIZE)},
        "tiles_at_300": tiles(),
        "inclusion_299_of_300": base64s(&tree_of(SIZE).inclusion(299, SIZE)),
        "consistency_256_300": base64s(&tree_of(SIZE).consistency(256, SIZE)),
        "tile_paths": paths(),
        "dsse": dsse_sample(),
    });
    let keys = |value: &Value| {
        value
            .as_object()
            .unwrap()
            .keys()
            .cloned()
            .collect::<Vec<_>>()
    };
    assert_eq!(keys(&made), keys(&found));
    for key in keys(&made) {
        assert_eq!(made[&key], found[&key], "{key}");
    }
}

#[test]
fn the_kept_bundle_of_an_earlier_station_still_verifies() {
    let kept = |name| fs::read(root().join("tests/vectors/bundle").join(name)).unwrap();
    let policy = Policy::parse(&text(&kept("policy"))).unwrap();
    let report = verify::bundle(&kept("receipt.json"), &policy);
    assert!(report.verified(), "{:?}", report.failure());
}

/// The eight-leaf tree; which proofs it holds is read from the file, their hashes are not.
fn classic(found: &Value) -> Value {
    let leaves = [
        "",
        "00",
        "10",
        "2021",
        "3031",
        "40414243",
        "5051525354555657",
        "606162636465666768696a6b6c6d6e6f",
    ];
    let hashes: Vec<Digest> = leaves
        .iter()
        .map(|leaf| leaf::hash(&hex::decode(leaf).unwrap()))
        .collect();
    let tree: Tree = hashes.iter().copied().collect();
    let proofs = |kind: &str, prove: &dyn Fn(u64, u64) -> Vec<Digest>| -> Value {
        let asked = found[kind].as_object().unwrap().keys();
        let pairs = asked.map(|key| {
            let (a, b) = key.split_once(',').unwrap();
            let hashes = prove(a.parse().unwrap(), b.parse().unwrap());
            (key.clone(), json!(hexes(&hashes)))
        });
        Value::Object(pairs.collect())
    };
    let roots: Vec<Digest> = (0..=8).map(|size| tree::root(&hashes[..size])).collect();
    json!({
        "leaves_hex": leaves,
        "leaf_hashes": hexes(&hashes),
        "roots": hexes(&roots),
        "inclusion": proofs("inclusion", &|index, size| tree.inclusion(index, size)),
        "consistency": proofs("consistency", &|old, new| tree.consistency(old, new)),
    })
}

fn log() -> Value {
    let verifier = VerifierKey::new(ORIGIN, log_key().public()).unwrap();
    let witness = CosignerKey::new(WITNESS, witness_key().public()).unwrap();
    json!({
        "origin": ORIGIN,
        "seed_hex": Digest::of(b"TEST ONLY station-a log key").to_string(),
        "pub_hex": hex::encode(log_key().public().as_bytes()),
        "vkey": verifier.to_string(),
        "key_id": hex::encode(&verifier.id()),
        "witness": {
            "name": WITNESS,
            "seed_hex": Digest::of(b"TEST ONLY station-b witness key").to_string(),
            "pub_hex": hex::encode(witness_key().public().as_bytes()),
            "vkey": witness.to_string(),
            "key_id": hex::encode(&witness.id()),
            "time": COSIGNED_AT,
        },
    })
}

fn tiles() -> Value {
    let described = tree_files(&tree_of(SIZE)).into_iter().map(|(path, bytes)| {
        let told = json!({
            "len": bytes.len(),
            "sha256": Digest::of(&bytes).to_string(),
            "first32": hex::encode(&bytes[..32]),
        });
        (path, told)
    });
    Value::Object(described.collect())
}

fn paths() -> Value {
    let numbered = [0, 5, 999, 1000, 1_234_067, 999_999].map(|n| {
        let path = tile::path(0, n, tile::FULL);
        (n.to_string(), json!(path.trim_start_matches("tile/0/")))
    });
    Value::Object(numbered.into_iter().collect())
}

fn dsse_sample() -> Value {
    let (text, pae) = statement_envelope();
    json!({
        "pae_sha256": Digest::of(&pae).to_string(),
        "envelope": json::parse(&text).unwrap(),
        "pub_hex": hex::encode(dsse_key().public().as_bytes()),
    })
}

fn hexes(hashes: &[Digest]) -> Vec<String> {
    hashes.iter().map(Digest::to_string).collect()
}

fn base64s(hashes: &[Digest]) -> Vec<String> {
    hashes.iter().map(Digest::to_base64).collect()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

fn read_all(folder: &Path, base: &Path) -> Files {
    let mut files = Files::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files.extend(read_all(&path, base));
        } else {
            let name = path
                .strip_prefix(base)
                .unwrap()
                .to_str()
                .unwrap()
                .to_owned();
            files.insert(name, fs::read(&path).unwrap());
        }
    }
    files
}

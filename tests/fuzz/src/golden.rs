//! Genuine signed things, next to which a fuzzer looks for forgeries.
//!
//! The private keys of the golden log are public, but no fuzzer signs with them.

use std::sync::LazyLock;

use assay_evidence::{
    bundle::Bundle,
    cosignature::CosignerKey,
    digest::Digest,
    keys::{Ed25519PublicKey, Ed25519SigningKey},
    leaf,
    note::VerifierKey,
    policy::Policy,
    tree::Tree,
    wire::Proven,
};

/// Golden checkpoints of sizes 0, 1 and 300, each by the log and by its witness.
pub const CHECKPOINTS: [&str; 3] = [
    include_str!("../../vectors/log/checkpoint.0"),
    include_str!("../../vectors/log/checkpoint.1"),
    include_str!("../../vectors/log/checkpoint.300"),
];
/// When the witness cosigned them.
pub const COSIGNED_AT: u64 = 1_767_139_200;
/// The golden DSSE envelope.
pub const ENVELOPE: &[u8] = include_bytes!("../../vectors/log/statement.dsse.json");
/// A golden offer of a checkpoint to a witness that stands at 257.
pub const OFFER: &str = include_str!("../../vectors/log/add-checkpoint.request");
/// A receipt bundle of a real station whose keys are gone.
pub const BUNDLE: &[u8] = include_bytes!("../../vectors/bundle/receipt.json");
/// The policy that believes it.
pub const POLICY: &str = include_str!("../../vectors/bundle/policy");

/// The key that signed the golden checkpoints.
pub static LOG: LazyLock<VerifierKey> = LazyLock::new(|| {
    let text = "log.station-a.example.org+7b5c348b+ARJakYe2S4R9ff10euMz4COPbaYuhx8IJbW8KucFK8+A";
    text.parse().expect("a constant verifier key")
});

/// The key that cosigned them.
pub static WITNESS: LazyLock<CosignerKey> = LazyLock::new(|| {
    let text =
        "witness.station-b.example.org+781daf1e+BC8t4oK8YgvJ2q3cx8itWnuVnDyhUPFICxIfuGHNMr4Q";
    text.parse().expect("a constant cosigner key")
});

/// The key that signed the golden envelope.
pub static SIGNER: LazyLock<Ed25519PublicKey> = LazyLock::new(|| {
    Ed25519SigningKey::from_seed(Digest::of(b"TEST ONLY enclave signing key").0).public()
});

/// The policy, read.
pub static BELIEF: LazyLock<Policy> =
    LazyLock::new(|| Policy::parse(POLICY).expect("the policy of a real station"));

/// The records of the genuine bundle.
pub static RECORDS: LazyLock<[Proven; 5]> = LazyLock::new(|| {
    let records = Bundle::parse(BUNDLE).expect("the genuine bundle").records;
    [
        records.receipt,
        records.intent,
        records.commitment,
        records.submission,
        records.evidence,
    ]
    .map(Proven::from)
});

/// The golden log.
pub static TREE: LazyLock<Tree> = LazyLock::new(|| {
    (0..300)
        .map(|index| leaf::hash(format!("record {index}").as_bytes()))
        .collect()
});

/// A root key for manifests, of which nobody else knows.
pub fn root() -> Ed25519SigningKey {
    Ed25519SigningKey::from_seed(Digest::of(b"a root key of the fuzz targets").0)
}

/// Is this the signed text of a golden checkpoint?
pub fn is_golden(text: &str) -> bool {
    CHECKPOINTS.iter().any(|note| {
        note.split_once("\n\n")
            .is_some_and(|(head, _)| text == format!("{head}\n"))
    })
}

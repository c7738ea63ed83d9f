//! Public test keys whose private halves anybody can derive: no policy or manifest may hold one.
//!
//! Their seeds are SHA-256 of printed sentences (see the log vectors), or stand in the DSSE
//! specification.

use super::{Ed25519PublicKey, P256PublicKey};
use crate::hex;

/// Log key, witness key and statement key of the log vectors; the witness key of a second vector.
const ED25519: [&str; 4] = [
    "125a9187b64b847d7dfd747ae333e0238f6da62e871f0825b5bc2ae7052bcf80",
    "2f2de282bc620bc9daaddcc7c8ad5a7b959c3ca150f1480b121fb861cd32be10",
    "3519c17439a3a6f753ef1333ecf256fd0d89ebedc0810c621aa1d9270a6df930",
    "52cddf28a449f16454026dae787f0a2637668ce4a32edc969f8fed7076f2a50d",
];
/// Key id of the key in the DSSE specification.
const P256: &str = "2f9c4662c9410d724be73522fa0dd06be3e17ce4c9b055b2f196737557650ec2";

/// Can anybody sign with this key?
pub fn is_published_ed25519(key: &Ed25519PublicKey) -> bool {
    ED25519.contains(&hex::encode(key.as_bytes()).as_str())
}

/// Can anybody sign with this key?
pub fn is_published_p256(key: &P256PublicKey) -> bool {
    key.key_id().to_string() == P256
}

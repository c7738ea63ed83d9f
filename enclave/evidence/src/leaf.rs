//! Leaves: `hashedrekord` entries of Rekor v2 over the PAE of a record's envelope.
//!
//! A leaf holds digest, signature and key, never the statement. Exactly one text per leaf is
//! accepted: the one this module writes.

use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::{
    base64,
    digest::{Digest, Hasher},
    dsse::Envelope,
    json,
    keys::P256PublicKey,
    statement::{self, StatementError},
};

/// Longest leaf in bytes.
pub const LEAF_BYTES_MAX: usize = 1024;

/// Version of the entry kind.
pub const API_VERSION: &str = "0.0.2";
/// Kind of entry that every leaf is.
pub const KIND: &str = "hashedrekord";
const ALGORITHM: &str = "SHA2_256";
const KEY_DETAILS: &str = "PKIX_ECDSA_P256_SHA_256";

/// What a leaf says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Leaf {
    /// SHA-256 of the envelope's PAE.
    pub pae_digest: Digest,
    /// The DER signature.
    pub signature: Vec<u8>,
    /// The signer.
    pub key: P256PublicKey,
}

/// Why some bytes are no leaf, or an envelope has none.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum LeafError {
    /// Longer than [`LEAF_BYTES_MAX`].
    #[error("leaf has {0} bytes, more than 1024")]
    TooLong(usize),
    /// Not the one text that says the same.
    #[error("leaf is not a canonical hashedrekord 0.0.2 entry with a P-256 key")]
    NotCanonical,
    /// The envelope is not that of a record.
    #[error(transparent)]
    Envelope(#[from] StatementError),
    /// Leaf and envelope are of two records.
    #[error("leaf and envelope differ in digest or signature")]
    Mismatch,
}

/// The leaf data of a record's envelope, without verifying its signature.
pub fn data(envelope: &Envelope, key: &P256PublicKey) -> Result<Vec<u8>, LeafError> {
    let leaf = Leaf {
        pae_digest: Digest::of(&envelope.pae()),
        signature: statement::only_signature(envelope)?.sig.clone(),
        key: *key,
    };
    let data = leaf.to_bytes();
    if data.len() > LEAF_BYTES_MAX {
        return Err(LeafError::TooLong(data.len()));
    }
    Ok(data)
}

/// The leaf hash of leaf data: SHA-256(0x00 ‖ data).
pub fn hash(data: &[u8]) -> Digest {
    Hasher::new().update(&[0]).update(data).finish()
}

/// What two adds of one record share although ECDSA signatures can be rewritten.
pub fn duplicate_key(envelope: &Envelope, key: &P256PublicKey) -> Digest {
    Hasher::new()
        .update(&key.spki_der())
        .update(Digest::of(&envelope.pae()).as_bytes())
        .finish()
}

impl Leaf {
    /// Reads leaf data; accepted only if writing it again gives the same bytes.
    pub fn parse(data: &[u8]) -> Result<Self, LeafError> {
        if data.len() > LEAF_BYTES_MAX {
            return Err(LeafError::TooLong(data.len()));
        }
        let leaf = json::from_slice(data)
            .ok()
            .and_then(Self::from_entry)
            .ok_or(LeafError::NotCanonical)?;
        if leaf.to_bytes() != data {
            return Err(LeafError::NotCanonical);
        }
        Ok(leaf)
    }

    /// Does this leaf stand for this envelope? Digest and signature must agree, and verify.
    pub fn matches(&self, envelope: &Envelope) -> Result<(), LeafError> {
        let signature = statement::only_signature(envelope)?;
        if Digest::of(&envelope.pae()) != self.pae_digest || signature.sig != self.signature {
            return Err(LeafError::Mismatch);
        }
        Ok(statement::verify_record(envelope, &self.key)?)
    }

    /// The canonical leaf data.
    pub fn to_bytes(&self) -> Vec<u8> {
        let text = |text: &str| text.to_owned();
        json::to_vec(&Entry {
            api_version: text(API_VERSION),
            kind: text(KIND),
            spec: Spec {
                body: HashedRekord {
                    data: Data {
                        algorithm: text(ALGORITHM),
                        digest: base64::encode(self.pae_digest.as_bytes()),
                    },
                    signature: Signature {
                        content: base64::encode(&self.signature),
                        verifier: Verifier {
                            key_details: text(KEY_DETAILS),
                            public_key: PublicKey {
                                raw_bytes: base64::encode(&self.key.spki_der()),
                            },
                        },
                    },
                },
            },
        })
    }

    fn from_entry(entry: Entry) -> Option<Self> {
        let HashedRekord { data, signature } = entry.spec.body;
        let digest = base64::decode(&data.digest).ok()?;
        let spki = base64::decode(&signature.verifier.public_key.raw_bytes).ok()?;
        Some(Self {
            pae_digest: Digest(digest.try_into().ok()?),
            signature: base64::decode(&signature.content).ok()?,
            key: P256PublicKey::from_spki_der(&spki).ok()?,
        })
    }
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Entry {
    api_version: String,
    kind: String,
    spec: Spec,
}

#[derive(Serialize, Deserialize)]
struct Spec {
    #[serde(rename = "hashedRekordV002")]
    body: HashedRekord,
}

#[derive(Serialize, Deserialize)]
struct HashedRekord {
    data: Data,
    signature: Signature,
}

#[derive(Serialize, Deserialize)]
struct Data {
    algorithm: String,
    digest: String,
}

#[derive(Serialize, Deserialize)]
struct Signature {
    content: String,
    verifier: Verifier,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Verifier {
    key_details: String,
    public_key: PublicKey,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct PublicKey {
    raw_bytes: String,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{dsse, hex};

    const SPKI_B64: &str = "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEZ805D3eqNZywjCI19lInBJOp7YMrCrzAH3CVTAOQ0jgMeCvVTiaRJaRPRDOv8UMs6U4SvKc6pnrIDOoSYI3fdA==";
    const SIG_B64: &str = "MEQCIANyarEBrVbCdjtsaqyOSHJ14qeRk6CdxfhZ2fjvPEo7AiBR6rDAajabZKciJTfUiHqJPcIAriEGAHTVeCUjW2JIZA==";
    const DATA: &str = r#"{"apiVersion":"0.0.2","kind":"hashedrekord","spec":{"hashedRekordV002":{"data":{"algorithm":"SHA2_256","digest":"IXdR+sLE8U7bLJKX+8NKvLAWuojnR1fodexKwW+2tqE="},"signature":{"content":"MEQCIANyarEBrVbCdjtsaqyOSHJ14qeRk6CdxfhZ2fjvPEo7AiBR6rDAajabZKciJTfUiHqJPcIAriEGAHTVeCUjW2JIZA==","verifier":{"keyDetails":"PKIX_ECDSA_P256_SHA_256","publicKey":{"rawBytes":"MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEZ805D3eqNZywjCI19lInBJOp7YMrCrzAH3CVTAOQ0jgMeCvVTiaRJaRPRDOv8UMs6U4SvKc6pnrIDOoSYI3fdA=="}}}}}}"#;

    fn vector() -> (Envelope, P256PublicKey) {
        let envelope = Envelope {
            payload: b"hello world".to_vec(),
            payload_type: "http://example.com/HelloWorld".into(),
            signatures: vec![dsse::Signature {
                keyid: String::new(),
                sig: base64::decode(SIG_B64).unwrap(),
            }],
        };
        let spki = base64::decode(SPKI_B64).unwrap();
        (envelope, P256PublicKey::from_spki_der(&spki).unwrap())
    }

    #[test]
    fn the_vector_has_these_489_bytes_and_this_hash() {
        let (envelope, key) = vector();
        assert_eq!(DATA.len(), 489);
        assert_eq!(data(&envelope, &key).unwrap(), DATA.as_bytes());
        assert_eq!(
            hash(DATA.as_bytes()).to_string(),
            "aecbdfd329b3457426a47127a3e6dd7bea53e3bc8dff5f007c743cbf941ce449"
        );
        assert_eq!(Leaf::parse(DATA.as_bytes()).unwrap().key, key);
    }

    #[test]
    fn any_other_text_is_no_leaf() {
        for (from, to) in [
            ("0.0.2", "0.0.1"),
            ("{\"data\"", "{ \"data\""),
            ("\"kind\"", "\"extra\":1,\"kind\""),
            ("SHA2_256\"", "SHA2_512\""),
            ("tqE=", "tqF="),
            ("\"apiVersion\"", "\"api\\u0056ersion\""),
        ] {
            let other = DATA.replacen(from, to, 1);
            assert_ne!(other, DATA);
            assert_eq!(
                Leaf::parse(other.as_bytes()),
                Err(LeafError::NotCanonical),
                "{to}"
            );
        }
        assert_eq!(Leaf::parse(&[b' '; 1025]), Err(LeafError::TooLong(1025)));
    }

    /// (r, n − s) in DER for the vector's (r, s).
    fn mirrored(sig: &[u8]) -> Vec<u8> {
        const ORDER: &str = "ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551";
        let mut order = hex::decode(ORDER).unwrap();
        let mut borrow = 0;
        for (place, byte) in order.iter_mut().enumerate().rev() {
            let difference = i32::from(*byte) - i32::from(sig[38 + place]) - borrow;
            borrow = i32::from(difference < 0);
            *byte = difference.rem_euclid(256) as u8;
        }
        // The result is above 2^255, so DER puts a zero byte before it.
        let head = [&[0x30, 69], &sig[2..36], &[0x02, 33, 0]].concat();
        [head, order].concat()
    }

    #[test]
    fn a_rewritten_signature_verifies_and_changes_the_leaf_but_not_the_duplicate_key() {
        let (mut envelope, key) = vector();
        let (leaf, duplicate) = (
            data(&envelope, &key).unwrap(),
            duplicate_key(&envelope, &key),
        );
        let other = mirrored(&envelope.signatures[0].sig);
        assert_eq!(key.verify(&envelope.pae(), &other), Ok(()));
        envelope.signatures[0].sig = other;
        assert_ne!(data(&envelope, &key).unwrap(), leaf);
        assert_eq!(duplicate_key(&envelope, &key), duplicate);
    }

    #[test]
    fn an_envelope_without_its_one_signature_has_no_leaf() {
        let (mut envelope, key) = vector();
        envelope.signatures.clear();
        assert_eq!(
            data(&envelope, &key),
            Err(LeafError::Envelope(StatementError::SignatureCount(0)))
        );
    }

    #[test]
    fn a_leaf_matches_its_own_envelope_alone() {
        let (mut envelope, _) = vector();
        let leaf = Leaf::parse(DATA.as_bytes()).unwrap();
        assert_eq!(
            leaf.matches(&envelope),
            Err(LeafError::Envelope(StatementError::PayloadType(
                envelope.payload_type.clone()
            )))
        );
        envelope.payload.push(b'!');
        assert_eq!(leaf.matches(&envelope), Err(LeafError::Mismatch));
    }
}

//! What is signed and what proves it: envelopes, keys, the Merkle tree, notes, records, bundles.
//!
//! The crate is pure: bytes in, bytes or a refusal out. It opens no file and no socket and reads no
//! clock. The only chance it takes is what key generation and signing need, in one module. It does
//! not encrypt: the seal's plaintext is laid out here, and enclosed by whoever holds the recipients.

pub mod audit;
pub mod base64;
pub mod bundle;
pub mod checkpoint;
pub mod confinement;
pub mod cosignature;
mod crypto;
pub mod digest;
pub mod dsse;
pub mod hex;
pub mod hkdf;
pub mod json;
pub mod keys;
pub mod leaf;
pub mod manifest;
pub mod misbehaviour;
pub mod note;
pub mod opening;
pub mod outcome;
pub mod policy;
pub mod proof;
pub mod record;
pub mod reveal;
pub mod seal;
pub mod seed;
pub mod sigstore;
pub mod statement;
pub mod tile;
pub mod time;
pub mod tree;
pub mod verify;
pub mod wire;
pub mod witness;

//! Key derivation: HKDF-SHA256 (RFC 5869) with 32 bytes of output.
//!
//! The `info` strings live beside the rule that uses them, never here.

use crate::crypto;

/// Derives 32 bytes; an empty salt stands for 32 zero bytes as in RFC 5869.
pub fn derive(ikm: &[u8], salt: &[u8], info: &[u8]) -> [u8; 32] {
    crypto::hkdf_sha256(ikm, salt, info)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::hex;

    #[test]
    fn the_first_block_matches_rfc_5869_case_1() {
        let salt: Vec<u8> = (0..=12).collect();
        let info: Vec<u8> = (0xf0..=0xf9).collect();
        assert_eq!(
            hex::encode(&derive(&[0x0b; 22], &salt, &info)),
            "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf"
        );
    }
}

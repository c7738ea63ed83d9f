//! The public seed of a run: fixed by the log, chosen by neither side.
//!
//! It feeds sampling and resampling. Item order and item seeds are secret until the reveal and come
//! from [`crate::outcome`].

use crate::digest::{Digest, Hasher};

/// SHA-256("assay/run-seed/v1\n" ‖ root of the start head ‖ leaf hash of the intent).
pub fn run_seed(start_root: &Digest, intent_leaf: &Digest) -> Digest {
    Hasher::new()
        .update(b"assay/run-seed/v1\n")
        .update(start_root.as_bytes())
        .update(intent_leaf.as_bytes())
        .finish()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{base64, leaf};

    #[test]
    fn the_seed_of_the_vector_log_holds() {
        let root = base64::decode("gw31yQrqZZCcEOPrzX+bpy3nJ6QgngTKn8G1m0i62uU=").unwrap();
        assert_eq!(
            run_seed(
                &Digest(root.try_into().unwrap()),
                &leaf::hash(b"record 299")
            )
            .to_string(),
            "57cdf1e1ade1e14f0c65ab361f84f2c8372307b9d929dd9b834e6f101092db19"
        );
    }
}

//! Random bytes of the operating system, handed down from `main` and from nowhere else.
//!
//! Nothing here is seeded, cached or reproducible: keys, seeds, tokens and ids come from it.

use rand::{TryRng as _, rngs::SysRng};

/// The right to draw random bytes.
#[derive(Clone, Copy, Debug)]
pub struct Entropy(());

impl Entropy {
    /// The operating system's generator.
    pub fn system() -> Self {
        Self(())
    }

    /// `N` fresh bytes.
    ///
    /// # Panics
    /// When the operating system has no randomness: nothing safe can follow.
    pub fn bytes<const N: usize>(self) -> [u8; N] {
        let mut bytes = [0; N];
        SysRng
            .try_fill_bytes(&mut bytes)
            .expect("the operating system gives random bytes");
        bytes
    }
}

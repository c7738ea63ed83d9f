//! The packs that ship with Assay, embedded, so that a demo and `assay try` need no other files.
//!
//! Their items are public. A sealed form drawn from one is secret only through its seed.

use assay_benchmarks::pack::PackFiles;

type EmbeddedPack = (&'static str, &'static [(&'static str, &'static [u8])]);

const PACKS: &[EmbeddedPack] = include!(concat!(env!("OUT_DIR"), "/packs.rs"));

/// Names of the embedded packs, sorted.
pub fn names() -> impl Iterator<Item = &'static str> {
    PACKS.iter().map(|(name, _)| *name)
}

/// The files of an embedded pack.
pub fn files(name: &str) -> Option<PackFiles> {
    let (_, files) = PACKS.iter().find(|(known, _)| *known == name)?;
    Some(
        files
            .iter()
            .map(|(path, bytes)| ((*path).to_owned(), bytes.to_vec()))
            .collect(),
    )
}

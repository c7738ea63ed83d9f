//! A pack: the folder in which a form is written, read as a whole and checked as a whole.
//!
//! It takes the bytes of the files; it does no I/O. A pack that exists can be drawn from: besides
//! the static checks, a few trial draws have succeeded.

mod facts;
mod families;
mod fields;
mod keys;
mod lines;
mod manifest;

pub use facts::{INTEGER_MAX, ROWS_MAX};
pub use families::DRAWS_MAX;
pub use lines::{FILE_BYTES_MAX, FILES_MAX, LINE_BYTES_MAX};
pub use manifest::{ANSWER_BYTES_MAX, Section};

use std::collections::BTreeMap;

use assay_evidence::digest::{Digest, Hasher};

pub use crate::fault::Fault;
use crate::{
    catalogue::Catalogue,
    draw::{self, DrawError},
    family::Family,
    fault::{Faults, Place},
    form::Form,
    locale::Locale,
};

/// Bytes of a pack's files, by path inside the pack.
pub type PackFiles = BTreeMap<String, Vec<u8>>;

/// Most families of a pack, all draws counted.
pub const FAMILIES_MAX: usize = 10_000;
/// Seeds that a pack is tried on before it is accepted.
const TRIALS: u8 = 32;

/// A pack without faults.
#[derive(Clone, Debug)]
pub struct Pack {
    /// Short name, as in `bay-knowledge`.
    pub name: String,
    /// `major.minor`.
    pub version: String,
    /// Title for people.
    pub title: String,
    /// One sentence: what is measured.
    pub summary: String,
    /// Locales, in order.
    pub locales: Vec<Locale>,
    /// Sections, in order.
    pub sections: Vec<Section>,
    /// Licence of the items.
    pub licence: String,
    /// Longest answer in bytes.
    pub max_bytes: u32,
    pub(crate) catalogue: Catalogue,
    pub(crate) families: Vec<Family>,
    digest: Digest,
}

impl Pack {
    /// Reads a pack, or reports everything that is wrong with it, sorted by file and line.
    pub fn parse(files: &PackFiles) -> Result<Self, Vec<Fault>> {
        let mut faults = Faults::default();
        let pack = Self::read(files, &mut faults);
        if let (Some(pack), true) = (&pack, faults.is_empty()) {
            pack.try_out(&mut faults);
        }
        match pack {
            Some(pack) if faults.is_empty() => Ok(pack),
            _ => Err(faults.sorted()),
        }
    }

    /// `name@major.minor`.
    pub fn benchmark(&self) -> String {
        format!("{}@{}", self.name, self.version)
    }

    /// Digest of the files that define a form: SHA-256 over the text
    /// `assay/pack/v1\n` and, for `pack.toml` and each items file in order of path, a line
    /// `<hex SHA-256 of the file>  <path>\n`, as `sha256sum` prints it.
    pub fn digest(&self) -> Digest {
        self.digest
    }

    /// Seed of the public practice form: SHA-256(`assay/practice-form/v1\n` ‖ digest).
    pub fn practice_seed(&self) -> [u8; 32] {
        let tag = Hasher::new().update(b"assay/practice-form/v1\n");
        *tag.update(self.digest.as_bytes()).finish().as_bytes()
    }

    /// Draws the form of a seed: the same seed gives the same bytes on every machine.
    pub fn draw(&self, seed: &[u8; 32]) -> Result<Form, DrawError> {
        draw::form(self, seed)
    }

    fn read(files: &PackFiles, faults: &mut Faults) -> Option<Self> {
        let draft = manifest::read(files, faults);
        let lines = lines::read(files, faults);
        for kind in [&lines.tables, &lines.lists, &lines.families] {
            report_repeats(kind, faults);
        }
        // Without known locales the items are still checked, against all of them.
        let locales = draft.locales.as_deref().unwrap_or(&Locale::ALL);
        let mut catalogue = Catalogue::default();
        for line in &lines.tables {
            facts::table(line, locales, &mut catalogue, faults);
        }
        for line in &lines.lists {
            facts::list(line, locales, &mut catalogue, faults);
        }
        let around = families::Surroundings {
            locales,
            sections: draft.sections.as_deref(),
            catalogue: &catalogue,
        };
        let families: Vec<Family> = lines
            .families
            .iter()
            .filter_map(|line| families::read(line, &around, faults))
            .collect();
        let count: usize = families.iter().map(|family| family.draws as usize).sum();
        if lines.families.is_empty() || count > FAMILIES_MAX {
            let message = format!("a pack has 1 to {FAMILIES_MAX} families, this one {count}");
            faults.at(&Place::file(manifest::FILE), message);
        }
        let manifest = draft.manifest?;
        Some(Self {
            name: manifest.name,
            version: manifest.version,
            title: manifest.title,
            summary: manifest.summary,
            locales: manifest.locales,
            sections: manifest.sections,
            licence: manifest.licence,
            max_bytes: manifest.max_bytes,
            digest: digest_of(files),
            catalogue,
            families,
        })
    }

    /// Draws every family from a few fixed seeds, so that an author sees what would fail later.
    fn try_out(&self, faults: &mut Faults) {
        for trial in 0..TRIALS {
            let seed = Hasher::new()
                .update(b"assay/trial/v1\n")
                .update(&[trial])
                .finish();
            for (index, family) in self.families.iter().enumerate() {
                if let Err(error) = draw::family(self, seed.as_bytes(), index) {
                    faults.at(&family.place, error.to_string());
                }
            }
        }
        if faults.is_empty()
            && let Err(error) = self.draw(&self.practice_seed())
        {
            faults.at(&Place::file(manifest::FILE), error.to_string());
        }
    }
}

fn report_repeats(lines: &[lines::Line], faults: &mut Faults) {
    let mut first: BTreeMap<&str, &Place> = BTreeMap::new();
    for line in lines {
        match first.get(line.place.item.as_str()) {
            Some(place) => {
                let message = format!("the same name is at {}:{}", place.file, place.line);
                faults.at(&line.place, message);
            }
            None => {
                first.insert(&line.place.item, &line.place);
            }
        }
    }
}

fn digest_of(files: &PackFiles) -> Digest {
    let mut hasher = Hasher::new().update(b"assay/pack/v1\n");
    for (path, bytes) in files.iter().filter(|(path, _)| lines::is_defining(path)) {
        hasher = hasher.update(format!("{}  {path}\n", Digest::of(bytes)).as_bytes());
    }
    hasher.finish()
}

#[cfg(test)]
pub(crate) mod samples;
#[cfg(test)]
mod tests;

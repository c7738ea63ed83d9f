//! Adapters that can be run again: published ones, and the auditor's own, found by digest.
//!
//! Names of files say nothing; each file of the auditor's folder is hashed once.

use std::{
    collections::BTreeMap,
    fs,
    io::Read as _,
    path::{Path, PathBuf},
};

use assay_evidence::{digest::Digest, wire::BLOB_BYTES_MAX};

use super::{
    super::{
        AuditError,
        blobs::{BlobFault, Blobs},
    },
    kept,
};

/// Files of the auditor's folder that are looked at.
const FILES_MAX: usize = 10_000;

/// Adapters by digest.
pub struct Adapters {
    held: BTreeMap<Digest, PathBuf>,
    place: PathBuf,
}

impl Adapters {
    /// Looks through a folder; what is fetched later goes to `place`.
    pub fn open(own: Option<&Path>, place: &Path) -> Result<Self, AuditError> {
        let mut held = BTreeMap::new();
        for path in own.map_or_else(|| Ok(Vec::new()), files)? {
            held.extend(digest(&path)?.map(|digest| (digest, path)));
        }
        Ok(Self {
            held,
            place: place.to_owned(),
        })
    }

    /// A file with these bytes: the auditor's own, else what the station publishes.
    pub fn find(
        &mut self,
        digest: &Digest,
        blobs: &mut Blobs,
    ) -> Result<Result<PathBuf, BlobFault>, AuditError> {
        if let Some(path) = self.held.get(digest) {
            return Ok(Ok(path.clone()));
        }
        let bytes = match blobs.get(digest)? {
            Ok(bytes) => bytes,
            Err(fault) => return Ok(Err(fault)),
        };
        let path = self.place.join(format!("{digest}.wasm"));
        kept(&path, &bytes)?;
        self.held.insert(*digest, path.clone());
        Ok(Ok(path))
    }
}

fn files(folder: &Path) -> Result<Vec<PathBuf>, AuditError> {
    let refused = |source| AuditError::File {
        path: folder.to_owned(),
        source,
    };
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).map_err(refused)?.take(FILES_MAX) {
        let path = entry.map_err(refused)?.path();
        if path.is_file() {
            files.push(path);
        }
    }
    Ok(files)
}

/// The digest of a file; none of one that is too long to be an adapter.
fn digest(path: &Path) -> Result<Option<Digest>, AuditError> {
    let mut bytes = Vec::new();
    let read =
        fs::File::open(path).and_then(|file| file.take(BLOB_BYTES_MAX + 1).read_to_end(&mut bytes));
    read.map_err(|source| AuditError::File {
        path: path.to_owned(),
        source,
    })?;
    Ok((bytes.len() as u64 <= BLOB_BYTES_MAX).then(|| Digest::of(&bytes)))
}

#[cfg(test)]
mod tests {
    use super::{super::super::source::Source, *};

    #[test]
    fn an_adapter_is_found_by_what_it_is_and_not_by_its_name() {
        let dir = tempfile::tempdir().unwrap();
        let (own, place, public) = (dir.path().join("own"), dir.path().join("place"), dir.path());
        fs::create_dir_all(own.join("folder")).unwrap();
        fs::create_dir(&place).unwrap();
        fs::write(own.join("of any name"), b"mine").unwrap();
        let published = Digest::of(b"published").to_string();
        let shelf = public.join("blob").join(&published[..2]);
        fs::create_dir_all(&shelf).unwrap();
        fs::write(shelf.join(&published), b"published").unwrap();

        let source = Source::open(public.to_str().unwrap()).unwrap();
        let mut blobs = Blobs::new(&source);
        let mut adapters = Adapters::open(Some(&own), &place).unwrap();
        for bytes in [b"mine".as_slice(), b"published"] {
            let found = adapters.find(&Digest::of(bytes), &mut blobs).unwrap();
            assert_eq!(fs::read(found.unwrap()).unwrap(), bytes);
        }
        let missing = Digest::of(b"missing");
        let fault = adapters.find(&missing, &mut blobs).unwrap().unwrap_err();
        let hex = missing.to_string();
        let says = format!("blob/{}/{hex} is not served", &hex[..2]);
        assert_eq!(fault.to_string(), says);
    }

    #[test]
    fn a_folder_that_is_not_there_is_named() {
        let dir = tempfile::tempdir().unwrap();
        let gone = dir.path().join("gone");
        let refused = Adapters::open(Some(&gone), dir.path()).err();
        let says = refused.expect("there is no such folder").to_string();
        assert!(says.starts_with(&gone.display().to_string()), "{says}");
    }
}

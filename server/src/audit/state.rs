//! What an auditor remembers between two audits: the newest checkpoint of each log whose entries led to it.
//!
//! Notes that contradict it, or were not shown to continue it, are kept beside it and never in its
//! place: the two together may prove what was done.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use assay_evidence::digest::Digest;

use super::{AuditError, head::Head};

/// The memory of one log; none when nothing is to be remembered.
pub struct State {
    folder: Option<PathBuf>,
    remembered: Option<PathBuf>,
}

impl State {
    /// Opens the memory of a log in a folder.
    pub fn open(keep: Option<&Path>, head: &Head) -> Result<Self, AuditError> {
        let Some(keep) = keep else {
            return Ok(Self {
                folder: None,
                remembered: None,
            });
        };
        let folder = keep.join(Digest::of(head.checkpoint().origin.as_bytes()).to_string());
        at(&folder, fs::create_dir_all(&folder))?;
        let newest = folder.join(NEWEST);
        Ok(Self {
            remembered: newest.is_file().then_some(newest),
            folder: Some(folder),
        })
    }

    /// The checkpoint of the last audit.
    pub fn remembered(&self) -> Option<&Path> {
        self.remembered.as_deref()
    }

    /// Keeps a checkpoint beside the remembered one, which it does not continue.
    pub fn keep_conflict(&self, head: &Head) -> Result<(), AuditError> {
        let Some(folder) = &self.folder else {
            return Ok(());
        };
        let name = format!("conflict-{}", Digest::of(head.note.as_bytes()));
        write(folder, &name, &head.note)
    }

    /// Remembers a checkpoint that continues the remembered one.
    pub fn remember(&self, head: &Head) -> Result<(), AuditError> {
        match &self.folder {
            Some(folder) => write(folder, NEWEST, &head.note),
            None => Ok(()),
        }
    }
}

const NEWEST: &str = "checkpoint";

/// Whole or absent, so that an interrupted audit forgets nothing.
fn write(folder: &Path, name: &str, note: &str) -> Result<(), AuditError> {
    let (unfinished, finished) = (folder.join(format!(".{name}")), folder.join(name));
    at(&unfinished, fs::write(&unfinished, note))?;
    at(&finished, fs::rename(&unfinished, &finished))
}

fn at<T>(path: &Path, result: io::Result<T>) -> Result<T, AuditError> {
    result.map_err(|source| AuditError::File {
        path: path.to_owned(),
        source,
    })
}

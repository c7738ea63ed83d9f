//! Folders that nobody but the station's user may look into, and files of theirs that are whole or absent.
//!
//! Modes of files in them are left to the caller and the umask: who cannot enter the folder cannot open
//! them. A folder that is there already keeps its mode. It is for commands; a running server has
//! [`Whole`](crate::whole::Whole).

use std::{
    fs,
    io::{self, Write as _},
    os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _},
    path::Path,
};

/// Makes a folder, and those above it that are missing, with mode 0700.
pub fn make(path: &Path) -> io::Result<()> {
    fs::DirBuilder::new()
        .mode(MODE)
        .recursive(true)
        .create(path)
}

/// Mode of such a folder.
pub const MODE: u32 = 0o700;

/// Written beside, synced, renamed, and the folder synced: after a power cut the file is the old one, or
/// none, or the new one.
///
/// # Panics
/// When the path has no folder.
pub fn replace(path: &Path, bytes: &[u8], mode: u32) -> io::Result<()> {
    let beside = path.with_extension("new");
    // Left by a power cut, perhaps with another mode.
    match fs::remove_file(&beside) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        Ok(()) | Err(_) => {}
    }
    let mut file = fs::OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(mode)
        .open(&beside)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    fs::rename(&beside, path)?;
    let folder = path.parent().expect("a file of a station has a folder");
    fs::File::open(folder)?.sync_all()
}

#[cfg(test)]
pub(crate) fn mode(path: &Path) -> u32 {
    use std::os::unix::fs::PermissionsExt as _;
    fs::metadata(path).unwrap().permissions().mode() & 0o7777
}

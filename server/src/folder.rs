//! Folders that nobody but the station's user may look into.
//!
//! Modes of files in them are left to the umask: who cannot enter the folder cannot open them. A folder
//! that is there already keeps its mode.

use std::{fs, io, os::unix::fs::DirBuilderExt as _, path::Path};

/// Makes a folder, and those above it that are missing, with mode 0700.
pub fn make(path: &Path) -> io::Result<()> {
    fs::DirBuilder::new()
        .mode(MODE)
        .recursive(true)
        .create(path)
}

/// Mode of such a folder.
pub const MODE: u32 = 0o700;

#[cfg(test)]
pub(crate) fn mode(path: &Path) -> u32 {
    use std::os::unix::fs::PermissionsExt as _;
    fs::metadata(path).unwrap().permissions().mode() & 0o7777
}

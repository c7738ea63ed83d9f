//! Folders taken aside and put back, as backups are.

use std::{fs, path::Path};

/// Copies a folder with all that is in it to a place where nothing is yet.
///
/// # Panics
/// When something cannot be read or written.
pub fn copy(from: &Path, to: &Path) {
    fs::create_dir(to).unwrap_or_else(|error| panic!("{}: {error}", to.display()));
    for entry in fs::read_dir(from).expect("the folder is readable") {
        let entry = entry.expect("the folder is readable");
        let (path, kind) = (entry.path(), entry.file_type().expect("it has a type"));
        let copy = to.join(entry.file_name());
        if kind.is_dir() {
            self::copy(&path, &copy);
        } else {
            fs::copy(&path, &copy).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        }
    }
}

/// Puts a copy of `kept` in the place of `folder`.
///
/// # Panics
/// When something cannot be read or written.
pub fn restore(kept: &Path, folder: &Path) {
    fs::remove_dir_all(folder).expect("the folder can be removed");
    copy(kept, folder);
}

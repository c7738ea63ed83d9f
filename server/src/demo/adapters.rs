//! The components that a demo submits: every `.wasm` file of one folder.
//!
//! Their bytes are not looked at; the station screens them like anyone's.

use std::{fs, path::Path};

use super::DemoError;

/// Name and bytes of each component in a folder, by name.
pub(super) fn load(folder: &Path) -> Result<Vec<(String, Vec<u8>)>, DemoError> {
    let none = || DemoError::NoAdapters(folder.to_owned());
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).map_err(|_| none())? {
        let path = entry.map_err(|_| none())?.path();
        if path
            .extension()
            .is_some_and(|extension| extension == "wasm")
        {
            let bytes = fs::read(&path).map_err(|source| DemoError::File {
                path: path.clone(),
                source,
            })?;
            found.push((system_name(&path), bytes));
        }
    }
    found.sort();
    if found.is_empty() {
        Err(none())
    } else {
        Ok(found)
    }
}

/// `table-expert-25.wasm` is shown as `Table expert 25`.
fn system_name(path: &Path) -> String {
    let stem = path.file_stem().unwrap_or_default().to_string_lossy();
    let words = stem.replace(['-', '_'], " ");
    let mut letters = words.chars();
    letters
        .next()
        .map(|first| first.to_uppercase().chain(letters).collect())
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_component_file_names_its_system() {
        assert_eq!(
            system_name(Path::new("/a/table-expert-25.wasm")),
            "Table expert 25"
        );
    }
}

//! Finds a pack: a folder, or by its name one that this program carries.
//!
//! Files are bounded and handed over as bytes; what they say is the benchmarks crate's business.

use std::{fs, path::Path};

use assay_benchmarks::pack::PackFiles;

use super::fault::Fault;
use crate::packs;

/// Longest file of a pack.
const FILE_BYTES_MAX: u64 = 64 * 1024 * 1024;
/// Most files of a pack.
const FILES_MAX: usize = 1000;
/// Deepest folder of a pack.
const DEPTH_MAX: usize = 4;

/// The files of a pack, by name or folder.
pub fn files(pack: &str) -> Result<PackFiles, Fault> {
    let folder = Path::new(pack);
    if folder.is_dir() {
        let mut files = PackFiles::new();
        walk(folder, "", DEPTH_MAX, &mut files)?;
        return Ok(files);
    }
    packs::files(pack).ok_or_else(|| {
        let names: Vec<&str> = packs::names().collect();
        Fault::Refused(format!(
            "{pack} is neither a pack's folder nor a pack that comes with this program ({})",
            names.join(", ")
        ))
    })
}

fn walk(folder: &Path, prefix: &str, depth: usize, files: &mut PackFiles) -> Result<(), Fault> {
    let entries = fs::read_dir(folder).map_err(|error| Fault::file(folder, &error))?;
    for entry in entries {
        let path = entry.map_err(|error| Fault::file(folder, &error))?.path();
        let name = path
            .file_name()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned();
        if name.starts_with('.') {
            continue;
        }
        let relative = format!("{prefix}{name}");
        if path.is_dir() {
            if depth == 0 {
                return Err(Fault::Refused(format!(
                    "{} is nested too deeply",
                    path.display()
                )));
            }
            walk(&path, &format!("{relative}/"), depth - 1, files)?;
            continue;
        }
        if files.len() == FILES_MAX {
            let sentence = format!("{} has more than {FILES_MAX} files", folder.display());
            return Err(Fault::Refused(sentence));
        }
        files.insert(relative, read(&path)?);
    }
    Ok(())
}

fn read(path: &Path) -> Result<Vec<u8>, Fault> {
    super::bounded_file(path, FILE_BYTES_MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unknown_pack_names_the_known_ones() {
        let refused = files("no-such-pack").map(|_| ()).unwrap_err();
        assert_eq!(
            refused.to_string(),
            "no-such-pack is neither a pack's folder nor a pack that comes with this program (bay-knowledge, bay-reasoning)"
        );
    }
}

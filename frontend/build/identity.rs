//! A digest of everything that decides how a page looks: sources, words, style, built module.
//!
//! Two builds of the same tree agree. Nothing else of the machine enters it.

use std::fs;
use std::path::{Path, PathBuf};

use crate::assets::fnv1a;

/// Writes `identity.rs` with the constant `BUILD` to `out`.
pub fn write(out: &Path) {
    println!("cargo::rerun-if-changed=src");
    let mut files = Vec::new();
    for folder in ["src", "locales", "style"] {
        list(Path::new(folder), &mut files);
    }
    files.sort();
    let mut all = fs::read(out.join("assets.rs")).expect("assets were embedded before");
    // Paths of this machine are in there; names with digests are what counts.
    all = names_only(&all);
    for file in files {
        all.extend(fs::read(&file).unwrap_or_else(|error| panic!("{}: {error}", file.display())));
    }
    let code = format!("{:?}", format!("{:016x}", fnv1a(&all)));
    fs::write(out.join("identity.rs"), code).expect("OUT_DIR is writable");
}

fn names_only(code: &[u8]) -> Vec<u8> {
    String::from_utf8_lossy(code)
        .split("name: ")
        .skip(1)
        .filter_map(|rest| rest.split(',').next())
        .collect::<String>()
        .into_bytes()
}

fn list(folder: &Path, files: &mut Vec<PathBuf>) {
    let entries =
        fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    for entry in entries {
        let path = entry.expect("a folder of the crate is readable").path();
        if path.is_dir() {
            list(&path, files);
        } else {
            files.push(path);
        }
    }
}

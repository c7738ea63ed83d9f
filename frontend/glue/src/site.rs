//! Writes the files of a generated module with hashed names, compressed, and their manifest.
//!
//! The same module gives the same bytes and names. Files of this step that are no longer named by
//! the manifest are removed; nothing else in the folder is touched.

use std::fs;
use std::io::Write as _;
use std::path::Path;

use anyhow::Context as _;
use assay_evidence::digest::Digest;
use serde_json::json;

use crate::glue::Generated;

const BOOT: &str = include_str!("../../boot.js");
const MANIFEST: &str = "manifest.json";

/// A written file and its sizes.
pub struct Written {
    /// Name with digest.
    pub name: String,
    /// Length.
    pub bytes: usize,
    /// Length after brotli.
    pub brotli: usize,
    /// Length after gzip.
    pub gzip: usize,
}

/// Writes loader, glue and module to `folder`, the manifest last.
pub fn write(folder: &Path, generated: &Generated) -> anyhow::Result<Vec<Written>> {
    fs::create_dir_all(folder).with_context(|| format!("{} cannot be made", folder.display()))?;
    clear(folder)?;
    let boot = file(folder, "boot", "js", BOOT.as_bytes())?;
    let glue = file(folder, "assay", "js", generated.glue.as_bytes())?;
    let wasm = file(folder, "assay", "wasm", &generated.wasm)?;
    let manifest = json!({
        "boot": boot.name,
        "glue": glue.name,
        "wasm": wasm.name,
        "exports": generated.exports,
    });
    let text = format!("{manifest:#}\n");
    store(&folder.join(MANIFEST), text.as_bytes())?;
    Ok(vec![boot, glue, wasm])
}

/// Removes what an earlier run wrote, its manifest first.
fn clear(folder: &Path) -> anyhow::Result<()> {
    let manifest = folder.join(MANIFEST);
    if manifest.exists() {
        fs::remove_file(&manifest)
            .with_context(|| format!("{} cannot be removed", manifest.display()))?;
    }
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        let name = path.file_name().and_then(|name| name.to_str());
        if name.is_some_and(is_ours) {
            fs::remove_file(&path)
                .with_context(|| format!("{} cannot be removed", path.display()))?;
        }
    }
    Ok(())
}

fn is_ours(name: &str) -> bool {
    name.starts_with("boot.") || name.starts_with("assay.")
}

fn file(folder: &Path, stem: &str, extension: &str, bytes: &[u8]) -> anyhow::Result<Written> {
    let digest = Digest::of(bytes).to_string();
    let name = format!("{stem}.{}.{extension}", &digest[..16]);
    let (brotli, gzip) = (brotli(bytes), gzip(bytes));
    store(&folder.join(&name), bytes)?;
    store(&folder.join(format!("{name}.br")), &brotli)?;
    store(&folder.join(format!("{name}.gz")), &gzip)?;
    Ok(Written {
        name,
        bytes: bytes.len(),
        brotli: brotli.len(),
        gzip: gzip.len(),
    })
}

fn store(path: &Path, bytes: &[u8]) -> anyhow::Result<()> {
    fs::write(path, bytes).with_context(|| format!("{} cannot be written", path.display()))
}

fn brotli(bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    brotli::CompressorWriter::new(&mut out, 4096, 11, 22)
        .write_all(bytes)
        .expect("writing to a Vec does not fail");
    out
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    encoder
        .write_all(bytes)
        .and_then(|()| encoder.finish())
        .expect("writing to a Vec does not fail")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn generated() -> Generated {
        Generated {
            glue: "export function A_1(el) {}\n".repeat(20),
            wasm: vec![0; 500],
            exports: vec!["A_1".to_owned()],
        }
    }

    fn names(folder: &Path) -> Vec<String> {
        let mut names: Vec<String> = fs::read_dir(folder)
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    }

    #[test]
    fn a_second_run_leaves_the_same_files_and_no_old_ones() {
        let folder = tempfile::tempdir().unwrap();
        write(folder.path(), &generated()).unwrap();
        let first = names(folder.path());
        assert_eq!(first.len(), 10, "{first:?}");
        let mut changed = generated();
        changed.glue.push('\n');
        write(folder.path(), &changed).unwrap();
        assert_ne!(names(folder.path()), first);
        write(folder.path(), &generated()).unwrap();
        assert_eq!(names(folder.path()), first);
    }

    #[test]
    fn the_manifest_names_the_files_and_the_exports() {
        let folder = tempfile::tempdir().unwrap();
        let written = write(folder.path(), &generated()).unwrap();
        let text = fs::read(folder.path().join(MANIFEST)).unwrap();
        let manifest: serde_json::Value = serde_json::from_slice(&text).unwrap();
        for (key, file) in ["boot", "glue", "wasm"].into_iter().zip(&written) {
            assert_eq!(manifest[key], file.name.as_str());
        }
        assert_eq!(manifest["exports"], json!(["A_1"]));
    }

    #[test]
    fn files_of_others_stay() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("notes.txt"), "x").unwrap();
        write(folder.path(), &generated()).unwrap();
        assert!(folder.path().join("notes.txt").exists());
    }
}

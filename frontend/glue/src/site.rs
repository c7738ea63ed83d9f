//! Writes the files of generated modules with hashed names, compressed, and their manifest.
//!
//! The same modules give the same bytes and names. Files of this step that are no longer named by
//! the manifest are removed; nothing else in the folder is touched.

use std::fs;
use std::io::Write as _;
use std::path::Path;

use anyhow::Context as _;
use assay_evidence::digest::Digest;
use serde_json::json;

use crate::glue::Generated;

const MANIFEST: &str = "manifest.json";
/// How the names of the files of this step begin.
const STEMS: [&str; 4] = ["assay.", "boot.", "check.", "verify."];

/// A module with the script that starts it.
pub struct Part {
    /// Its key in the manifest.
    pub key: &'static str,
    /// Stem and text of the script that pages name.
    pub loader: (&'static str, &'static str),
    /// Stem of the module and of its JavaScript.
    pub module: &'static str,
    /// What was generated.
    pub generated: Generated,
}

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

/// Writes loader, glue and module of each part to `folder`, the manifest last.
pub fn write(folder: &Path, parts: &[Part]) -> anyhow::Result<Vec<Written>> {
    fs::create_dir_all(folder).with_context(|| format!("{} cannot be made", folder.display()))?;
    clear(folder)?;
    let mut written = Vec::new();
    let mut manifest = serde_json::Map::new();
    for part in parts {
        let (stem, text) = part.loader;
        let boot = file(folder, stem, "js", text.as_bytes())?;
        let glue = file(folder, part.module, "js", part.generated.glue.as_bytes())?;
        let wasm = file(folder, part.module, "wasm", &part.generated.wasm)?;
        let names = json!({
            "boot": boot.name,
            "glue": glue.name,
            "wasm": wasm.name,
            "exports": part.generated.exports,
        });
        manifest.insert(part.key.to_owned(), names);
        written.extend([boot, glue, wasm]);
    }
    let text = format!("{:#}\n", serde_json::Value::Object(manifest));
    store(&folder.join(MANIFEST), text.as_bytes())?;
    Ok(written)
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
    STEMS.iter().any(|stem| name.starts_with(stem))
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

    fn parts() -> [Part; 2] {
        [
            ("islands", "boot", "assay"),
            ("verifier", "check", "verify"),
        ]
        .map(|(key, loader, module)| Part {
            key,
            loader: (loader, "start();"),
            module,
            generated: Generated {
                glue: format!("export function {module}_1(el) {{}}\n").repeat(20),
                wasm: vec![0; 500],
                exports: vec![format!("{module}_1")],
            },
        })
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
        write(folder.path(), &parts()).unwrap();
        let first = names(folder.path());
        assert_eq!(first.len(), 19, "{first:?}");
        let mut changed = parts();
        changed[0].generated.glue.push('\n');
        changed[1].generated.wasm.push(0);
        write(folder.path(), &changed).unwrap();
        assert_ne!(names(folder.path()), first);
        write(folder.path(), &parts()).unwrap();
        assert_eq!(names(folder.path()), first);
    }

    #[test]
    fn the_manifest_names_the_files_and_the_exports_of_each_module() {
        let folder = tempfile::tempdir().unwrap();
        let written = write(folder.path(), &parts()).unwrap();
        let text = fs::read(folder.path().join(MANIFEST)).unwrap();
        let manifest: serde_json::Value = serde_json::from_slice(&text).unwrap();
        for (part, files) in parts().iter().zip(written.chunks(3)) {
            let named = &manifest[part.key];
            for (key, file) in ["boot", "glue", "wasm"].into_iter().zip(files) {
                assert_eq!(named[key], file.name.as_str());
            }
            assert_eq!(named["exports"], json!(part.generated.exports));
        }
    }

    #[test]
    fn files_of_others_stay() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("notes.txt"), "x").unwrap();
        write(folder.path(), &parts()).unwrap();
        assert!(folder.path().join("notes.txt").exists());
    }
}

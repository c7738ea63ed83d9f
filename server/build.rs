//! Lists the packs of `benchmarks/packs`, so that the program carries them and needs no folder.
//!
//! It copies bytes; whether a pack is right is found out when it is read.

use std::{
    env,
    fmt::Write as _,
    fs, io,
    path::{Path, PathBuf},
};

fn main() -> io::Result<()> {
    let packs = Path::new(env!("CARGO_MANIFEST_DIR")).join("../benchmarks/packs");
    println!("cargo::rerun-if-changed={}", packs.display());
    let mut source = String::from("&[\n");
    for pack in sorted(&packs)? {
        if !pack.is_dir() {
            continue;
        }
        let _ = writeln!(source, "    ({:?}, &[", name(&pack));
        let mut files = Vec::new();
        walk(&pack, &pack, &mut files)?;
        for (relative, path) in files {
            let path = path.to_string_lossy();
            let _ = writeln!(source, "        ({relative:?}, include_bytes!({path:?})),");
        }
        source.push_str("    ]),\n");
    }
    source.push_str("]\n");
    let out = env::var_os("OUT_DIR").ok_or_else(|| io::Error::other("cargo sets OUT_DIR"))?;
    fs::write(PathBuf::from(out).join("packs.rs"), source)
}

fn walk(root: &Path, folder: &Path, files: &mut Vec<(String, PathBuf)>) -> io::Result<()> {
    println!("cargo::rerun-if-changed={}", folder.display());
    for path in sorted(folder)? {
        if path.is_dir() {
            walk(root, &path, files)?;
        } else if let Ok(relative) = path.strip_prefix(root) {
            let relative = relative.to_string_lossy().replace('\\', "/");
            files.push((relative, path.canonicalize()?));
        }
    }
    Ok(())
}

fn sorted(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let mut paths = Vec::new();
    for entry in fs::read_dir(folder)? {
        paths.push(entry?.path());
    }
    paths.sort();
    Ok(paths)
}

fn name(path: &Path) -> String {
    path.file_name()
        .map(|name| name.to_string_lossy().into_owned())
        .unwrap_or_default()
}

//! Compiles the repository's packs into Rust tables: `knowledge.rs` for the adapter and, from the small
//! pack in `sample/`, `sample.rs` for its tests.
//!
//! It reads packs that have been checked elsewhere; what it cannot follow stops the build with file and line.

#[path = "build/emit.rs"]
mod emit;
#[path = "build/formula.rs"]
mod formula;
#[path = "build/pack.rs"]
mod pack;
#[path = "build/template.rs"]
mod template;

use std::path::{Path, PathBuf};
use std::{env, fs, process};

fn main() {
    let here =
        PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").expect("cargo names the package's folder"));
    let packs = here.join("../../../benchmarks/packs");
    let out = PathBuf::from(env::var_os("OUT_DIR").expect("cargo names the output folder"));
    println!("cargo::rerun-if-changed=build");
    println!("cargo::rerun-if-changed=sample");
    println!("cargo::rerun-if-changed={}", packs.display());
    let knowledge = emit::source("KNOWLEDGE", "", &folders(&packs));
    let sample = emit::source("SAMPLE", "#[cfg(test)]\n", &[here.join("sample")]);
    match knowledge.and_then(|knowledge| Ok(knowledge + &sample?)) {
        Ok(source) => fs::write(out.join("knowledge.rs"), source)
            .expect("cargo's output folder can be written"),
        Err(reason) => {
            println!("cargo::error={reason}");
            process::exit(1);
        }
    }
}

/// The folders in a folder, by name; none if it does not exist.
fn folders(parent: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(parent).map(|entries| entries.flatten().map(|entry| entry.path()));
    let mut folders: Vec<PathBuf> = entries
        .into_iter()
        .flatten()
        .filter(|path| path.is_dir())
        .collect();
    folders.sort();
    folders
}

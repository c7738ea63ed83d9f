//! Embeds the stylesheet, the icon and, when they were built before, the modules of islands and verifier.
//!
//! The modules come from the folder that the glue step wrote: `ASSAY_SITE_DIR`, else `target/site`
//! of the workspace. Without them the crate builds all the same and pages carry no script.

use std::fmt::Write as _;
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};

/// Writes `assets.rs` and the files that it includes to `out`.
pub fn embed(out: &Path) {
    println!("cargo::rerun-if-changed=style");
    println!("cargo::rerun-if-env-changed=ASSAY_SITE_DIR");
    let mut entries = String::new();
    let stylesheet = own(out, "style/assay.css", &mut entries);
    let icon = own(out, "style/favicon.svg", &mut entries);
    let [module, verifier] = built(&site_folder(), &mut entries);
    let code = format!(
        "static ASSETS: &[Asset] = &[\n{entries}];\n\
         const STYLESHEET: &str = {stylesheet:?};\n\
         const ICON: &str = {icon:?};\n\
         static MODULE: Option<Module> = {module};\n\
         static VERIFIER: Option<Module> = {verifier};\n"
    );
    fs::write(out.join("assets.rs"), code).expect("OUT_DIR is writable");
}

/// The glue step's folder, made if absent: a watched path that does not exist would rerun this
/// script, and rebuild what depends on it, every time.
fn site_folder() -> PathBuf {
    let folder = std::env::var_os("ASSAY_SITE_DIR").map_or_else(
        || Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/site"),
        PathBuf::from,
    );
    // A read-only tree has no modules either; then the script merely runs more often.
    let _ = fs::create_dir_all(&folder);
    println!("cargo::rerun-if-changed={}", folder.display());
    folder
}

/// Compresses a file of this crate under a hashed name, which it returns.
fn own(out: &Path, path: &str, entries: &mut String) -> String {
    let bytes = fs::read(path).unwrap_or_else(|error| panic!("{path}: {error}"));
    let file = Path::new(path).file_name().and_then(|name| name.to_str());
    let (stem, extension) = file
        .and_then(|name| name.split_once('.'))
        .expect("own assets are named stem.extension");
    let name = format!("{stem}.{:016x}.{extension}", fnv1a(&bytes));
    let target = out.join(&name);
    write(&target, &bytes);
    write(&with_suffix(&target, "br"), &brotli(&bytes));
    write(&with_suffix(&target, "gz"), &gzip(&bytes));
    entry(entries, &name, &target);
    name
}

/// Adds the files of both modules and returns the expressions of their names.
fn built(folder: &Path, entries: &mut String) -> [String; 2] {
    let Ok(manifest) = fs::read(folder.join("manifest.json")) else {
        return ["None".to_owned(), "None".to_owned()];
    };
    let manifest: serde_json::Value =
        serde_json::from_slice(&manifest).expect("the glue step writes JSON");
    ["islands", "verifier"].map(|key| module(folder, &manifest[key], entries))
}

/// Adds the files of one module and returns the expression of its names.
fn module(folder: &Path, names: &serde_json::Value, entries: &mut String) -> String {
    let name = |key: &str| {
        names[key]
            .as_str()
            .unwrap_or_else(|| panic!("manifest.json has no {key}; run the glue step again"))
            .to_owned()
    };
    let exports: Vec<&str> = names["exports"]
        .as_array()
        .map(|all| all.iter().filter_map(|name| name.as_str()).collect())
        .unwrap_or_default();
    let [boot, glue, wasm] = [name("boot"), name("glue"), name("wasm")];
    for name in [&boot, &glue, &wasm] {
        let path = folder.join(name);
        let path = path
            .canonicalize()
            .unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        entry(entries, name, &path);
    }
    format!(
        "Some(Module {{ boot: {boot:?}, glue: {glue:?}, wasm: {wasm:?}, exports: &{exports:?} }})"
    )
}

fn entry(entries: &mut String, name: &str, path: &Path) {
    let kind = match name.rsplit('.').next() {
        Some("css") => "text/css; charset=utf-8",
        Some("svg") => "image/svg+xml",
        Some("js") => "text/javascript; charset=utf-8",
        Some("wasm") => "application/wasm",
        _ => panic!("{name} has no known content type"),
    };
    let [path, brotli, gzip] = [
        path.to_owned(),
        with_suffix(path, "br"),
        with_suffix(path, "gz"),
    ]
    .map(|path| path.display().to_string());
    writeln!(
        entries,
        "    Asset {{ name: {name:?}, content_type: {kind:?}, bytes: include_bytes!({path:?}), \
         brotli: include_bytes!({brotli:?}), gzip: include_bytes!({gzip:?}) }},"
    )
    .expect("writing to a String does not fail");
}

fn with_suffix(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".");
    name.push(suffix);
    PathBuf::from(name)
}

fn write(path: &Path, bytes: &[u8]) {
    fs::write(path, bytes).expect("OUT_DIR is writable");
}

/// 64-bit FNV-1a: the name only has to change when the content does.
pub fn fnv1a(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3)
    })
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

//! The build step of the islands' module: JavaScript glue, compression, hashed names, manifest.
//!
//! Compiles nothing and downloads nothing. Its generator must be of the same version as the crate
//! `wasm-bindgen` in `Cargo.lock`, or the module and its glue would not agree.

mod glue;
mod site;

use std::path::PathBuf;

use anyhow::Context as _;
use clap::Parser;

/// Turns the browser's build of `assay-frontend` into the files that the server embeds.
#[derive(Parser)]
struct Arguments {
    /// The module that cargo built for wasm32-unknown-unknown.
    #[arg(long)]
    wasm: PathBuf,
    /// Folder for the files; older ones of this step are removed.
    #[arg(long)]
    out: PathBuf,
}

fn main() -> anyhow::Result<()> {
    let arguments = Arguments::parse();
    let module = std::fs::read(&arguments.wasm).with_context(|| {
        format!(
            "{} cannot be read; build the module first",
            arguments.wasm.display()
        )
    })?;
    let generated = glue::generate(module)?;
    let written = site::write(&arguments.out, &generated)?;
    for file in written {
        println!(
            "{:<32} {:>8} bytes, {:>7} after brotli, {:>7} after gzip",
            file.name, file.bytes, file.brotli, file.gzip
        );
    }
    Ok(())
}

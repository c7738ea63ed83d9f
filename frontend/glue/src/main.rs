//! The build step of both wasm modules: JavaScript glue, compression, hashed names, manifest.
//!
//! Compiles nothing and downloads nothing. Its generator must be of the same version as the crate
//! `wasm-bindgen` in `Cargo.lock`, or a module and its glue would not agree.

mod glue;
mod site;

use std::path::{Path, PathBuf};

use anyhow::Context as _;
use clap::Parser;

use crate::site::Part;

/// Turns what cargo built for wasm32-unknown-unknown into the files that the server embeds.
#[derive(Parser)]
struct Arguments {
    /// The module of `assay-frontend`.
    #[arg(long)]
    islands: PathBuf,
    /// The module of `assay-verify-wasm`.
    #[arg(long)]
    verifier: PathBuf,
    /// Folder for the files; older ones of this step are removed.
    #[arg(long)]
    out: PathBuf,
}

fn main() -> anyhow::Result<()> {
    let arguments = Arguments::parse();
    let parts = [
        Part {
            key: "islands",
            loader: ("boot", include_str!("../../boot.js")),
            module: "assay",
            generated: glue::generate("assay", read(&arguments.islands)?)?,
        },
        Part {
            key: "verifier",
            loader: ("check", include_str!("../../verify/check.js")),
            module: "verify",
            generated: glue::generate("verify", read(&arguments.verifier)?)?,
        },
    ];
    for file in site::write(&arguments.out, &parts)? {
        println!(
            "{:<32} {:>8} bytes, {:>7} after brotli, {:>7} after gzip",
            file.name, file.bytes, file.brotli, file.gzip
        );
    }
    Ok(())
}

fn read(module: &Path) -> anyhow::Result<Vec<u8>> {
    std::fs::read(module).with_context(|| {
        format!(
            "{} cannot be read; build the module first",
            module.display()
        )
    })
}

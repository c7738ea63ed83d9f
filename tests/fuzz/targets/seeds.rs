//! Writes the first inputs of all targets into the folder that it is given, and ends.
//!
//! It is a fuzz target in form only: instrumented code links with nothing but libFuzzer.

#![no_main]

use std::{env, path::Path, process};

libfuzzer_sys::fuzz_target!(init: write(), |_data: &[u8]| {});

fn write() {
    let Some(folder) = env::args_os().nth(1) else {
        eprintln!("usage: seeds FOLDER");
        process::exit(2);
    };
    if let Err(error) = assay_fuzz::seeds::write(Path::new(&folder)) {
        eprintln!("seeds: {}: {error}", Path::new(&folder).display());
        process::exit(1);
    }
    process::exit(0);
}

//! `assay form`: check a pack, seal a form drawn from it, publish the sealed form, retire and reveal it.
//!
//! What a form's owner does with it. Runs, marks and records are the station's.

mod identity;
mod item;
mod proof;
mod publish;
mod retire;
mod reveal;
mod seal;

use std::{
    ffi::OsString,
    fs,
    path::{Path, PathBuf},
};

use assay_benchmarks::{fault::Fault as PackFault, locale::Locale, pack::Pack};
use assay_evidence::digest::Digest;
use clap::Subcommand;
use serde::Serialize;

use super::{
    Source,
    fault::{Ended, Fault},
    output::Output,
    packs,
};

/// Longest sealed file that is read.
const SEAL_BYTES_MAX: u64 = assay_evidence::wire::BLOB_BYTES_MAX;

/// Verbs over packs and forms.
#[derive(Debug, Subcommand)]
pub enum Form {
    /// Name everything that is wrong with a pack, with file, line and item.
    #[command(after_help = "Example:\n  assay form check benchmarks/packs/bay-knowledge")]
    Check {
        /// The pack's folder, or the name of a pack that comes with this program.
        #[arg(value_name = "PACK")]
        pack: String,
    },
    /// Draw a form with a fresh secret seed, seal it to enclaves and commit to its items.
    #[command(
        after_help = "Example:\n  assay form seal my-pack --to age1… -o my-form.age\n\nThe commitment is written beside it, as my-form.age.commitment.json."
    )]
    Seal(seal::SealForm),
    /// Send a sealed form and its commitment to a station.
    #[command(after_help = "Example:\n  assay form publish my-form.age --token-file form-token")]
    Publish(publish::PublishForm),
    /// End a form's use: no run starts on it any more. This cannot be undone.
    #[command(
        after_help = "Example:\n  assay form retire bay-reasoning.2026-11-a.1f2e3d4c --reason rotation --token-file form-token"
    )]
    Retire(retire::RetireForm),
    /// Publish a form's items for everybody and for ever. This cannot be undone.
    #[command(
        after_help = "Example:\n  assay form reveal bay-reasoning.2026-11-a.1f2e3d4c --seal my-form.age --identity my-identity --token-file form-token\n\nThe sealed file is opened on this machine. The station learns the items from what is sent, checks them\nagainst the commitment, and publishes them; anybody can then recompute every mark."
    )]
    Reveal(reveal::RevealForm),
    /// Open one disputed item of a form that stays sealed, with its salt and path.
    #[command(
        after_help = "Example:\n  assay form open-item my-form.age --identity my-identity --index 7 --commitment-proof commitment.tlog-proof -o item-7.json\n\nThe proof is served by the station as /proof/<leaf of the commitment>.tlog-proof; the bundle of a receipt on\nthe form does as well. Nothing is sent anywhere."
    )]
    OpenItem(item::OpenItem),
    /// Check offline that an opened item is what a form was committed to.
    #[command(
        after_help = "Example:\n  assay form check-item item-7.json --proof commitment.tlog-proof --manifest manifest.json --policy policy\n  assay form check-item item-7.json --bundle result.bundle.json --policy policy"
    )]
    CheckItem(item::CheckItem),
}

impl Form {
    /// Runs the verb.
    pub fn run(self, source: &Source, output: &Output) -> Ended {
        match self {
            Self::Check { pack } => check(&pack, output),
            Self::Seal(verb) => verb.run(source, output),
            Self::Publish(verb) => verb.run(output),
            Self::Retire(verb) => verb.run(output),
            Self::Reveal(verb) => verb.run(output),
            Self::OpenItem(verb) => verb.run(output),
            Self::CheckItem(verb) => verb.run(source, output),
        }
    }
}

/// A pack without faults, by name or folder.
pub fn load(pack: &str) -> Result<Pack, Fault> {
    Pack::parse(&packs::files(pack)?).map_err(|faults| {
        let lines: Vec<String> = faults.iter().map(|fault| line(pack, fault)).collect();
        let lines = lines.join("\n  ");
        Fault::Refused(format!(
            "the pack {pack} has {} faults:\n  {lines}",
            faults.len()
        ))
    })
}

/// Bytes of a pack's public practice form.
pub fn practice_body(pack: &Pack) -> Result<Vec<u8>, Fault> {
    let form = pack.draw(&pack.practice_seed()).map_err(Fault::refused)?;
    Ok(form.body().to_bytes())
}

#[derive(Serialize)]
struct Checked<'a> {
    name: &'a str,
    version: &'a str,
    sha256: Digest,
    locales: &'a [Locale],
    items: usize,
}

#[derive(Serialize)]
struct Faulty<'a> {
    faults: Vec<FaultLine<'a>>,
}

#[derive(Serialize)]
struct FaultLine<'a> {
    file: &'a str,
    line: usize,
    item: &'a str,
    message: &'a str,
}

fn check(name: &str, output: &Output) -> Ended {
    match Pack::parse(&packs::files(name)?) {
        Ok(pack) => {
            let form = pack.draw(&pack.practice_seed()).map_err(Fault::refused)?;
            let checked = Checked {
                name: &pack.name,
                version: &pack.version,
                sha256: pack.digest(),
                locales: &pack.locales,
                items: form.items.len(),
            };
            output.print(&checked, |checked| {
                format!(
                    "{} {}: no faults; {} items in {}\n  sha256 {}",
                    checked.name,
                    checked.version,
                    checked.items,
                    tags(checked.locales),
                    checked.sha256
                )
            })
        }
        Err(faults) => {
            let lines: Vec<String> = faults.iter().map(|fault| line(name, fault)).collect();
            output.print(&faulty(&faults), |_| lines.join("\n"))?;
            if output.is_json() {
                return Err(Fault::Said);
            }
            Err(Fault::Refused(format!(
                "the pack {name} has {} faults",
                faults.len()
            )))
        }
    }
}

/// Locale tags in one line.
pub fn tags(locales: &[Locale]) -> String {
    locales
        .iter()
        .map(|locale| locale.as_str())
        .collect::<Vec<_>>()
        .join(", ")
}

fn faulty(faults: &[PackFault]) -> Faulty<'_> {
    let faults = faults
        .iter()
        .map(|fault| FaultLine {
            file: &fault.file,
            line: fault.line,
            item: &fault.item,
            message: &fault.message,
        })
        .collect();
    Faulty { faults }
}

fn line(pack: &str, fault: &PackFault) -> String {
    format!("{}/{fault}", pack.trim_end_matches('/'))
}

/// The commitment file of a sealed file.
fn beside(seal: &Path) -> PathBuf {
    let mut name: OsString = seal.as_os_str().to_owned();
    name.push(".commitment.json");
    name.into()
}

/// Whole or not at all.
fn write(path: &Path, bytes: &[u8]) -> Result<(), Fault> {
    let mut part: OsString = path.as_os_str().to_owned();
    part.push(".part");
    let part = PathBuf::from(part);
    fs::write(&part, bytes)
        .and_then(|()| fs::rename(&part, path))
        .map_err(|error| Fault::file(path, &error))
}

//! `assay form`: check a pack, seal a form drawn from it, publish the sealed form.
//!
//! The seed of a sealed form is drawn here and leaves this process only inside the sealed file.

use std::{
    ffi::OsString,
    fs,
    path::{Path, PathBuf},
};

use assay_api::{FormPublished, NewForm};
use assay_benchmarks::{fault::Fault as PackFault, locale::Locale, pack::Pack};
use assay_evidence::{base64, digest::Digest, hex};
use clap::{Args, Subcommand};
use serde::Serialize;

use super::{
    Source, bounded_file,
    client::{Client, FormToken, Remote},
    fault::{Ended, Fault},
    output::Output,
    packs,
    submit::uuid,
};
use crate::{
    seal::{self, COMMITMENT_BYTES_MAX, Draft, FormNames},
    store::FormClass,
};

/// Longest sealed file that is read.
const SEAL_BYTES_MAX: u64 = assay_evidence::wire::BLOB_BYTES_MAX;
/// A form is revealed after this many seconds at the latest: 180 days.
const REVEAL_SECONDS: u64 = 180 * 24 * 60 * 60;

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
    Seal(SealForm),
    /// Send a sealed form and its commitment to a station.
    #[command(after_help = "Example:\n  assay form publish my-form.age --token-file form-token")]
    Publish(PublishForm),
}

/// Arguments of `assay form seal`.
#[derive(Debug, Args)]
pub struct SealForm {
    /// The pack's folder, or the name of a pack that comes with this program.
    #[arg(value_name = "PACK")]
    pack: String,
    /// Recipient of an enclave (`age1…`, shown by the station); may be given more than once.
    #[arg(long, value_name = "RECIPIENT", required = true)]
    to: Vec<String>,
    /// Where the sealed file goes.
    #[arg(short, long, value_name = "FILE")]
    output: PathBuf,
    /// Draw the public practice form of the pack instead of a secret one.
    #[arg(long)]
    practice: bool,
    /// Edition, such as 2026-11-a; year and month when absent.
    #[arg(long, value_name = "EDITION")]
    edition: Option<String>,
}

/// Arguments of `assay form publish`.
#[derive(Debug, Args)]
pub struct PublishForm {
    /// The sealed file; its commitment lies beside it.
    #[arg(value_name = "FILE")]
    file: PathBuf,
    #[command(flatten)]
    remote: Remote,
    #[command(flatten)]
    token: FormToken,
}

impl Form {
    /// Runs the verb.
    pub fn run(self, source: &Source, output: &Output) -> Ended {
        match self {
            Self::Check { pack } => check(&pack, output),
            Self::Seal(verb) => verb.run(source, output),
            Self::Publish(verb) => verb.run(output),
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

#[derive(Serialize)]
struct Sealed<'a> {
    seal: &'a Path,
    sha256: Digest,
    commitment_file: PathBuf,
    commitment: &'a Draft,
}

impl SealForm {
    fn run(self, source: &Source, output: &Output) -> Ended {
        let pack = load(&self.pack)?;
        let (names, seed) = self.named(&pack, source);
        let form = seal::seal_form(&pack, &seed, &self.to, &names).map_err(Fault::refused)?;
        let beside = beside(&self.output);
        // The commitment first: a seal never lies about without the file that goes with it.
        write(&beside, &form.commitment.to_bytes())?;
        write(&self.output, &form.seal)?;
        let said = Sealed {
            seal: &self.output,
            sha256: form.commitment.seal_sha256,
            commitment_file: beside,
            commitment: &form.commitment.commitment,
        };
        output.print(&said, |said| {
            format!(
                "form {}\n  sealed      {} ({} bytes)\n  sha256      {}\n  commitment  {}\n  root        {} over {} leaves",
                said.commitment.form,
                said.seal.display(),
                said.commitment.seal.bytes,
                said.sha256,
                said.commitment_file.display(),
                said.commitment.items.root,
                said.commitment.items.leaves
            )
        })
    }
}

impl SealForm {
    /// A fresh id, and the seed: secret, or the pack's public one.
    fn named(&self, pack: &Pack, source: &Source) -> (FormNames, [u8; 32]) {
        let now = source.clock.now();
        let today = now.rfc3339();
        let edition = self
            .edition
            .clone()
            .unwrap_or_else(|| format!("{}-a", &today[..7]));
        let (class, seed) = if self.practice {
            (FormClass::Practice, pack.practice_seed())
        } else {
            (FormClass::Sealed, source.entropy.bytes())
        };
        let id = hex::encode(&source.entropy.bytes::<4>());
        let names = FormNames {
            form: format!("{}.{edition}.{id}", pack.name),
            edition,
            class,
            reveal_by: now.plus_seconds(REVEAL_SECONDS).rfc3339(),
            not_before: today,
        };
        (names, seed)
    }
}

impl PublishForm {
    fn run(self, output: &Output) -> Ended {
        let seal = bounded_file(&self.file, SEAL_BYTES_MAX)?;
        let commitment = bounded_file(&beside(&self.file), COMMITMENT_BYTES_MAX as u64)?;
        let commitment = String::from_utf8(commitment)
            .map_err(|_| Fault::Refused(format!("{} is no text", beside(&self.file).display())))?;
        let token = self.token.read()?;
        let key = uuid(Digest::of(commitment.as_bytes()).as_bytes());
        let new = NewForm {
            commitment,
            seal: base64::encode(&seal),
        };
        let client = Client::new(&self.remote)?;
        let published: FormPublished = client.post("/api/v1/forms", &token, &key, &new)?;
        output.print(&published, |published| {
            format!(
                "form {} is committed as record {}",
                published.form, published.commitment.index
            )
        })
    }
}

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

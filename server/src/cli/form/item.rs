//! `assay form open-item` and `assay form check-item`: one disputed item of a form that stays sealed.
//!
//! Whoever kept an identity opens the item with its salt and path; anybody checks offline that it is what was
//! committed before the first run. No other item is shown by it.

use std::path::{Path, PathBuf};

use assay_evidence::{
    digest::Digest,
    opening::{ItemOpening, OPENING_BYTES_MAX},
    verify::Check,
};
use clap::Args;
use serde::Serialize;

use super::{
    super::{
        Source, bounded_file,
        fault::{Ended, Fault},
        output::Output,
        table::short,
        verify::{line, policy},
    },
    SEAL_BYTES_MAX,
    identity::IdentityFile,
    proof::{Commitment, Committed, Lines, Stopped},
    write,
};
use crate::seal::opening;

/// Characters of an item that are shown to people; a program gets all of it.
const TEXT_CHARS_MAX: usize = 20_000;

/// Arguments of `assay form open-item`.
#[derive(Debug, Args)]
pub struct OpenItem {
    /// The sealed file.
    #[arg(value_name = "SEAL")]
    seal: PathBuf,
    #[command(flatten)]
    identity: IdentityFile,
    /// Place of the item, from 0.
    #[arg(long, value_name = "N")]
    index: u64,
    /// Tlog-proof of the form's commitment (`/proof/<leaf>` of the station), or the bundle of a receipt on it.
    #[arg(long, value_name = "FILE")]
    commitment_proof: PathBuf,
    /// Where the opening goes.
    #[arg(short, long, value_name = "OPENING")]
    output: PathBuf,
}

/// Arguments of `assay form check-item`.
#[derive(Debug, Args)]
pub struct CheckItem {
    /// What `assay form open-item` wrote.
    #[arg(value_name = "OPENING")]
    opening: PathBuf,
    /// Tlog-proof of the form's commitment.
    #[arg(long, value_name = "FILE", required_unless_present = "bundle")]
    proof: Option<PathBuf>,
    /// The station's manifest.json, to check who signed what the tlog-proof proves.
    #[arg(long, value_name = "FILE", requires = "proof")]
    manifest: Option<PathBuf>,
    /// Bundle of any receipt on the form.
    #[arg(long, value_name = "FILE", conflicts_with = "proof")]
    bundle: Option<PathBuf>,
    /// File that says which logs and manifests to trust.
    #[arg(long, value_name = "FILE")]
    policy: PathBuf,
}

#[derive(Serialize)]
struct Opened<'a> {
    opening: &'a Path,
    form: String,
    index: u64,
    /// Index of the commitment in its log.
    commitment: u64,
    bytes: usize,
}

#[derive(Serialize)]
struct Checked {
    verified: bool,
    checks: Vec<Check>,
    /// Only of an opening that verified.
    #[serde(skip_serializing_if = "Option::is_none")]
    item: Option<Shown>,
}

/// What a verified opening shows.
#[derive(Serialize)]
struct Shown {
    form: String,
    benchmark: String,
    edition: String,
    station: String,
    /// Index of the commitment in the station's log.
    commitment: u64,
    /// Place of the item, from 0.
    index: u64,
    /// The item as it was committed: JSON with prompt, answer key and weight.
    item: String,
}

impl OpenItem {
    /// Runs the verb.
    pub fn run(self, output: &Output) -> Ended {
        let committed = Commitment::read(&self.commitment_proof)?.stated()?;
        let sealed = bounded_file(&self.seal, SEAL_BYTES_MAX)?;
        if Digest::of(&sealed) != committed.seal {
            return Err(Fault::Refused(format!(
                "{} is not the sealed file that {} commits to (SHA-256 {})",
                self.seal.display(),
                self.commitment_proof.display(),
                committed.seal
            )));
        }
        let body = opening::open(&sealed, &self.identity.read()?).map_err(Fault::refused)?;
        let at = committed.at.clone();
        let opening = ItemOpening::make(&body, self.index, at).ok_or_else(|| {
            let last = body.items.len().saturating_sub(1);
            let form = &committed.record.form;
            Fault::WrongUse(format!(
                "form {form} has items 0 to {last}, none at {}",
                self.index
            ))
        })?;
        // Whoever opens an item must not hand out one that fails.
        let fits = opening.verify(&committed.at, &committed.record);
        fits.map_err(Fault::refused)?;
        let bytes = opening.to_bytes();
        write(&self.output, &bytes)?;
        let said = Opened {
            opening: &self.output,
            form: committed.record.form,
            index: self.index,
            commitment: committed.at.index,
            bytes: bytes.len(),
        };
        output.print(&said, |said| {
            format!(
                "item {} of form {} is opened in {}\n  It shows this item and its answer key to whoever reads the file, and no other item.\n  check it with  assay form check-item {} --proof … --policy …",
                said.index,
                said.form,
                said.opening.display(),
                said.opening.display()
            )
        })
    }
}

impl CheckItem {
    /// Runs the verb.
    pub fn run(self, source: &Source, output: &Output) -> Ended {
        let policy = policy(&self.policy)?;
        let now = source.clock.now().seconds();
        let bytes = bounded_file(&self.opening, OPENING_BYTES_MAX as u64)?;
        let commitment = match (&self.bundle, &self.proof) {
            (Some(bundle), _) => Commitment::of_verified(bundle, &policy, now)?,
            (None, Some(proof)) => Commitment::of_proof_with(proof, self.manifest.as_deref())?,
            (None, None) => {
                let way_out = "give --proof or --bundle of the form's commitment".to_owned();
                return Err(Fault::WrongUse(way_out));
            }
        };
        let mut lines = Lines::default();
        let found = commitment
            .check(&policy, now, &mut lines)
            .and_then(|committed| opened(&bytes, committed, &mut lines));
        let checked = Checked {
            verified: found.is_ok(),
            checks: lines.0,
            item: found.ok(),
        };
        output.print(&checked, shown)?;
        if checked.verified {
            Ok(())
        } else {
            Err(Fault::Said)
        }
    }
}

fn opened(bytes: &[u8], committed: Committed, lines: &mut Lines) -> Result<Shown, Stopped> {
    let opening = lines.add(
        "opening",
        "the file opens one item in its one canonical form",
        ItemOpening::parse(bytes),
    )?;
    lines.add(
        "item",
        "the item stands at its place under the root that was committed before the first run",
        opening.verify(&committed.at, &committed.record),
    )?;
    let item = lines.add(
        "text",
        "the item is text",
        String::from_utf8(opening.item.0),
    )?;
    Ok(Shown {
        form: committed.record.form,
        benchmark: committed.record.benchmark,
        edition: committed.record.edition,
        station: committed.at.origin,
        commitment: committed.at.index,
        index: opening.index,
        item,
    })
}

fn shown(checked: &Checked) -> String {
    let mut text: Vec<String> = checked.checks.iter().map(line).collect();
    match &checked.item {
        Some(item) => text.push(format!(
            "verified\n  form       {} ({})\n  benchmark  {}\n  station    {}\n  committed  record {}\n  item {}\n{}",
            item.form,
            item.edition,
            item.benchmark,
            item.station,
            item.commitment,
            item.index,
            short(&item.item, TEXT_CHARS_MAX)
        )),
        None => text.push("NOT verified: this is not shown to be an item of the form".to_owned()),
    }
    text.join("\n")
}

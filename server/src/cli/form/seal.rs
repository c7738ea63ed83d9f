//! `assay form seal`: draws a form, seals it to enclaves and commits to its items.
//!
//! The seed of a sealed form is drawn here and leaves this process only inside the sealed file.

use std::path::{Path, PathBuf};

use assay_benchmarks::pack::Pack;
use assay_evidence::{digest::Digest, hex};
use clap::Args;
use serde::Serialize;

use super::{
    super::{
        Source,
        fault::{Ended, Fault},
        output::Output,
    },
    beside, load, write,
};
use crate::{
    seal::{self, Draft, FormNames, identity},
    store::FormClass,
};

/// A form is revealed after this many seconds at the latest: 180 days.
const REVEAL_SECONDS: u64 = 180 * 24 * 60 * 60;

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
    /// Also seal to an age identity of your own in this file, made if absent. Only with it can you reveal the
    /// form later, or open one disputed item: no station gives a sealed form away, not even to you.
    #[arg(long, value_name = "FILE")]
    keep_identity: Option<PathBuf>,
    /// Edition, such as 2026-11-a; year and month when absent.
    #[arg(long, value_name = "EDITION")]
    edition: Option<String>,
}

#[derive(Serialize)]
struct Sealed<'a> {
    seal: &'a Path,
    sha256: Digest,
    commitment_file: PathBuf,
    commitment: &'a Draft,
    /// File of the identity that opens it, beside the enclaves.
    #[serde(skip_serializing_if = "Option::is_none")]
    identity: Option<&'a Path>,
}

impl SealForm {
    /// Runs the verb.
    pub fn run(self, source: &Source, output: &Output) -> Ended {
        let pack = load(&self.pack)?;
        let (names, seed) = self.named(&pack, source);
        let mut recipients = self.to.clone();
        if let Some(path) = &self.keep_identity {
            let now = source.clock.now();
            recipients.push(identity::keep(path, now).map_err(Fault::refused)?);
        }
        let form = seal::seal_form(&pack, &seed, &recipients, &names).map_err(Fault::refused)?;
        let beside = beside(&self.output);
        // The commitment first: a seal never lies about without the file that goes with it.
        write(&beside, &form.commitment.to_bytes())?;
        write(&self.output, &form.seal)?;
        let said = Sealed {
            seal: &self.output,
            sha256: form.commitment.seal_sha256,
            commitment_file: beside,
            commitment: &form.commitment.commitment,
            identity: self.keep_identity.as_deref(),
        };
        output.print(&said, shown)
    }
}

fn shown(said: &Sealed<'_>) -> String {
    let identity = said.identity.map_or_else(
        || "none kept: only the enclaves can open this form, so it can never be revealed (--keep-identity)".to_owned(),
        |path| format!("{} (keep it: it reveals the form, or one item)", path.display()),
    );
    format!(
        "form {}\n  sealed      {} ({} bytes)\n  sha256      {}\n  commitment  {}\n  root        {} over {} leaves\n  identity    {identity}",
        said.commitment.form,
        said.seal.display(),
        said.commitment.seal.bytes,
        said.sha256,
        said.commitment_file.display(),
        said.commitment.items.root,
        said.commitment.items.leaves
    )
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

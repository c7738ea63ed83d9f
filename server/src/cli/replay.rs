//! `assay replay`: runs a component on a revealed form again and compares with what its receipt states.
//!
//! The enclave program runs and grades. Whether the receipt itself is to be believed is for
//! `assay verify` to say; here its own signature is all that is looked at.

use std::{
    ffi::OsStr,
    fmt::Write as _,
    path::{Path, PathBuf},
};

use assay_evidence::{
    base64,
    bundle::{BUNDLE_BYTES_MAX, Bundle, Record},
    digest::Digest,
    json,
    keys::P256PublicKey,
    record::{FormCommitment, Predicate, Receipt},
    seal::{self, FormBody},
    statement::open_record,
    wire::BLOB_BYTES_MAX,
};
use clap::Args;
use serde::Serialize;
use serde_json::{Value, json};

use super::{
    bounded_file,
    fault::{Ended, Fault},
    output::Output,
    table::short,
    tool,
};

/// Arguments of `assay replay`.
#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  assay replay result.bundle.json --body form.body --component adapter.wasm\n\nIt compares outcomes root, counts, scores and fuel with those of the receipt. Check the receipt itself\nwith \"assay verify\"."
)]
pub struct Replay {
    /// The receipt's bundle.
    #[arg(value_name = "BUNDLE")]
    bundle: PathBuf,
    /// Body of the revealed form, as the station published it.
    #[arg(long, value_name = "FILE")]
    body: PathBuf,
    /// The component that was run.
    #[arg(long, value_name = "FILE")]
    component: PathBuf,
}

impl Replay {
    /// Runs the verb.
    pub fn run(self, output: &Output) -> Ended {
        let bytes = bounded_file(&self.bundle, BUNDLE_BYTES_MAX as u64)?;
        let said = |error| Fault::Refused(format!("{}: {error}", self.bundle.display()));
        let bundle = Bundle::parse(&bytes).map_err(|error| said(error.to_string()))?;
        let receipt: Receipt = opened(&bundle.records.receipt).map_err(said)?;
        let commitment: FormCommitment = opened(&bundle.records.commitment).map_err(said)?;
        let mut compared = self.before_running(&receipt, &commitment)?;
        if compared.iter().all(|one| one.agrees) {
            let wait = output.spinner("running");
            compared.extend(again(&receipt, &self.body, &self.component)?);
            wait.finish_and_clear();
        }
        let agrees = compared.iter().all(|one| one.agrees);
        let replayed = Replayed { agrees, compared };
        output.print(&replayed, shown)?;
        if agrees { Ok(()) } else { Err(Fault::Said) }
    }

    /// Is this the adapter of the receipt, and the form of its commitment?
    fn before_running(
        &self,
        receipt: &Receipt,
        commitment: &FormCommitment,
    ) -> Result<Vec<Compared>, Fault> {
        let component = Digest::of(&bounded_file(&self.component, BLOB_BYTES_MAX)?);
        let body = FormBody::parse(&bounded_file(&self.body, BLOB_BYTES_MAX)?)
            .map_err(|error| Fault::Refused(format!("{}: {error}", self.body.display())))?;
        Ok(vec![
            Compared::of("adapter", &receipt.adapter.sha256, json!(component)),
            Compared::of("items", &commitment.items, json!(seal::items_tree(&body))),
        ])
    }
}

/// Runs a component on a form body as a receipt says it was run; all that both state.
pub(super) fn again(
    receipt: &Receipt,
    body: &Path,
    component: &Path,
) -> Result<Vec<Compared>, Fault> {
    let limits = String::from_utf8(json::to_vec(&receipt.limits)).expect("JCS is UTF-8");
    let nonce = receipt.nonce.to_string();
    let printed = tool::run(&[
        OsStr::new("replay"),
        OsStr::new("--component"),
        path(component),
        OsStr::new("--body"),
        path(body),
        OsStr::new("--nonce"),
        OsStr::new(&nonce),
        OsStr::new("--limits"),
        OsStr::new(&limits),
        OsStr::new("--json"),
    ])?;
    if !printed.status.success() {
        return Err(printed.screened(component));
    }
    Ok(compare(receipt, &printed.document()?))
}

fn path(path: &Path) -> &OsStr {
    path.as_os_str()
}

/// A record of the bundle, signed by the key that stands beside it.
fn opened<P: Predicate>(record: &Record) -> Result<P, String> {
    let spki = base64::decode(&record.public_key).map_err(|error| error.to_string())?;
    let key = P256PublicKey::from_spki_der(&spki).map_err(|error| error.to_string())?;
    let opened = open_record(&record.dsse_envelope, &key).map_err(|error| error.to_string())?;
    Ok(opened.predicate)
}

/// What is printed.
#[derive(Debug, Serialize)]
struct Replayed {
    agrees: bool,
    compared: Vec<Compared>,
}

/// One thing that receipt and replay both state.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub(super) struct Compared {
    /// What it is.
    pub name: &'static str,
    /// Do they agree?
    pub agrees: bool,
    receipt: Value,
    replay: Value,
}

impl Compared {
    fn of(name: &'static str, receipt: &impl Serialize, replay: Value) -> Self {
        let receipt = json!(receipt);
        Self {
            name,
            agrees: receipt == replay,
            receipt,
            replay,
        }
    }
}

fn compare(receipt: &Receipt, replay: &Value) -> Vec<Compared> {
    let given = |name: &str| replay[name].clone();
    vec![
        Compared::of("runtime", &receipt.runtime, given("runtime")),
        Compared::of("grader", &receipt.grader, given("grader")),
        Compared::of("outcomes", &receipt.outcomes, given("outcomes")),
        Compared::of("counts", &receipt.counts, given("counts")),
        Compared::of("scores", &receipt.scores, given("scores")),
        Compared::of("fuel", &receipt.usage.fuel, given("fuel")),
    ]
}

fn shown(replayed: &Replayed) -> String {
    let mut text = String::new();
    for one in &replayed.compared {
        if one.agrees {
            let _ = writeln!(text, "  same       {}", one.name);
            continue;
        }
        let (receipt, replay) = (one.receipt.to_string(), one.replay.to_string());
        let _ = writeln!(
            text,
            "  DIFFERENT  {}: the receipt states {}, the replay {}",
            one.name,
            short(&receipt, 200),
            short(&replay, 200)
        );
    }
    text.push_str(if replayed.agrees {
        "the replay gives what the receipt states"
    } else if replayed.compared.len() == 2 {
        "NOT run: give the component and the form body that the receipt is about"
    } else {
        "the replay does NOT give what the receipt states"
    });
    text
}

#[cfg(test)]
mod tests;

//! `assay export`: the records of a verified bundle in the files that other people's tools read.
//!
//! Nothing is written of a bundle that does not verify. What each file proves by itself is less than
//! `assay verify` checks: no tool of others knows roles, quorums and the order of a run.

mod forms;

use std::path::{Path, PathBuf};

use assay_evidence::{
    bundle::{Bundle, Record},
    note::VerifierKey,
    proof::LogProof,
    sigstore, statement, verify,
    wire::Proven,
};
use clap::{Args, ValueEnum};
use serde::Serialize;

use forms::{Form, Forms};

use super::{
    fault::{Ended, Fault},
    output::Output,
    verify::{policy, read_bundle, refusal},
};

/// Arguments of `assay export`.
#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  assay export result.bundle.json --policy policy --public-key key.pem --pae pae.bin --signature sig.der\n  openssl dgst -sha256 -verify key.pem -signature sig.der pae.bin"
)]
pub struct Export {
    /// Bundle to export from; it is verified first.
    #[arg(value_name = "BUNDLE")]
    bundle: PathBuf,
    /// File that says which logs and manifests to trust.
    #[arg(long, value_name = "FILE")]
    policy: PathBuf,
    /// Which of the five records.
    #[arg(long, value_enum, default_value = "receipt")]
    record: RecordName,
    #[command(flatten)]
    forms: Forms,
}

/// A record of a bundle.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum RecordName {
    Receipt,
    Intent,
    Commitment,
    Submission,
    Evidence,
}

impl RecordName {
    fn of(self, bundle: &Bundle) -> &Record {
        let records = &bundle.records;
        match self {
            Self::Receipt => &records.receipt,
            Self::Intent => &records.intent,
            Self::Commitment => &records.commitment,
            Self::Submission => &records.submission,
            Self::Evidence => &records.evidence,
        }
    }
}

impl Export {
    /// Runs the verb.
    pub fn run(self, output: &Output) -> Ended {
        let policy = policy(&self.policy)?;
        let bytes = read_bundle(&self.bundle)?;
        let report = verify::bundle(&bytes, &policy);
        let facts = report
            .facts
            .as_ref()
            .filter(|_| report.verified())
            .ok_or_else(|| refusal(&self.bundle, &report))?;
        let bundle = Bundle::parse(&bytes).map_err(Fault::refused)?;
        let log = facts.attested.logs.first();
        let size = facts.attested.checkpoint.size;
        let source = Source {
            record: self.record.of(&bundle),
            checkpoint: &bundle.checkpoint,
            log: log.expect("a key of its log signed the checkpoint of a verified bundle"),
            log_keys: facts.chain.newest().log_verifiers_at(size),
        };
        let asked = self.forms.asked();
        let mut written = Vec::with_capacity(asked.len());
        for (form, file) in asked {
            let bytes = source.bytes(form)?;
            std::fs::write(file, &bytes).map_err(|error| Fault::file(file, &error))?;
            written.push(Written {
                form: form.name(),
                file,
                bytes: bytes.len(),
            });
        }
        let exported = Exported {
            record: source.record.index,
            written,
            checks: self.forms.checks(&self.policy),
        };
        output.print(&exported, shown)
    }
}

#[derive(Serialize)]
struct Exported<'a> {
    /// Index of the record in its log.
    record: u64,
    written: Vec<Written<'a>>,
    /// Commands that check what was written.
    checks: Vec<String>,
}

#[derive(Serialize)]
struct Written<'a> {
    form: &'static str,
    file: &'a Path,
    bytes: usize,
}

fn shown(exported: &Exported) -> String {
    let mut lines = vec![format!("record {} of the log", exported.record)];
    for one in &exported.written {
        let file = one.file.display();
        lines.push(format!("  {:<13} {file} ({} bytes)", one.form, one.bytes));
    }
    for check in &exported.checks {
        lines.push(format!("check it: {check}"));
    }
    lines.join("\n")
}

/// A record with what vouches for it, all verified.
struct Source<'a> {
    record: &'a Record,
    checkpoint: &'a str,
    /// The key whose line on the checkpoint is shown.
    log: &'a VerifierKey,
    /// All that the newest manifest gives the log's role.
    log_keys: Vec<VerifierKey>,
}

impl Source<'_> {
    fn bytes(&self, form: Form) -> Result<Vec<u8>, Fault> {
        let envelope = &self.record.dsse_envelope;
        Ok(match form {
            Form::Sigstore => {
                sigstore::bundle(self.record, self.checkpoint, self.log).map_err(Fault::refused)?
            }
            Form::TrustedRoot => sigstore::trusted_root(&self.log_keys),
            Form::TlogProof => LogProof::of_record(self.proven(), self.checkpoint)
                .to_text()
                .into_bytes(),
            Form::Envelope => envelope.to_bytes(),
            Form::Statement => envelope.payload.clone(),
            Form::Pae => envelope.pae(),
            Form::Signature => {
                let signature = statement::only_signature(envelope).map_err(Fault::refused)?;
                signature.sig.clone()
            }
            Form::PublicKey => {
                let key = verify::public_key(&self.proven()).map_err(Fault::refused)?;
                key.pem().into_bytes()
            }
        })
    }

    fn proven(&self) -> Proven {
        Proven::from(self.record.clone())
    }
}

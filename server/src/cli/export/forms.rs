//! The forms of a record that can be asked for, and the commands that check them.
//!
//! Only commands are named that a test of this repository runs; those with libraries of others are
//! meant for a checkout in which `make setup` was run.

use std::path::{Path, PathBuf};

use clap::Args;

/// Interpreters that `make setup` fetches, with the libraries in them.
const NODE: &str = "target/outsiders/node_modules/.bin/node";
const PYTHON: &str = "target/outsiders/python/bin/python";

/// One file for each form that is asked for.
#[derive(Debug, Args)]
#[group(required = true, multiple = true)]
pub struct Forms {
    /// A sigstore bundle v0.3.
    #[arg(long, value_name = "FILE")]
    sigstore: Option<PathBuf>,
    /// The trusted root of the log, for verifiers of sigstore.
    #[arg(long, value_name = "FILE")]
    trusted_root: Option<PathBuf>,
    /// A portable proof (c2sp.org/tlog-proof).
    #[arg(long, value_name = "FILE")]
    tlog_proof: Option<PathBuf>,
    /// The DSSE envelope.
    #[arg(long, value_name = "FILE")]
    envelope: Option<PathBuf>,
    /// The in-toto statement.
    #[arg(long, value_name = "FILE")]
    statement: Option<PathBuf>,
    /// The bytes that are signed.
    #[arg(long, value_name = "FILE")]
    pae: Option<PathBuf>,
    /// The signature over them, in DER.
    #[arg(long, value_name = "FILE")]
    signature: Option<PathBuf>,
    /// The signer's public key, in PEM.
    #[arg(long, value_name = "FILE")]
    public_key: Option<PathBuf>,
}

/// A form of a record.
#[derive(Clone, Copy, Debug)]
pub enum Form {
    /// Sigstore bundle.
    Sigstore,
    /// Trusted root of the log.
    TrustedRoot,
    /// Portable proof.
    TlogProof,
    /// DSSE envelope.
    Envelope,
    /// in-toto statement.
    Statement,
    /// Signed bytes.
    Pae,
    /// Signature.
    Signature,
    /// Signer's key.
    PublicKey,
}

impl Form {
    /// As its option is called.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Sigstore => "sigstore",
            Self::TrustedRoot => "trusted-root",
            Self::TlogProof => "tlog-proof",
            Self::Envelope => "envelope",
            Self::Statement => "statement",
            Self::Pae => "pae",
            Self::Signature => "signature",
            Self::PublicKey => "public-key",
        }
    }
}

impl Forms {
    /// What is asked for, and where it goes.
    pub fn asked(&self) -> Vec<(Form, &Path)> {
        let all = [
            (Form::Sigstore, &self.sigstore),
            (Form::TrustedRoot, &self.trusted_root),
            (Form::TlogProof, &self.tlog_proof),
            (Form::Envelope, &self.envelope),
            (Form::Statement, &self.statement),
            (Form::Pae, &self.pae),
            (Form::Signature, &self.signature),
            (Form::PublicKey, &self.public_key),
        ];
        all.into_iter()
            .filter_map(|(form, file)| Some((form, file.as_deref()?)))
            .collect()
    }

    /// Commands that check the files together, where all that one needs was asked for.
    pub fn checks(&self, policy: &Path) -> Vec<String> {
        let named = |files: &[&Option<PathBuf>]| -> Option<Vec<String>> {
            let quoted = |file: &&Option<PathBuf>| Some(quoted(file.as_deref()?));
            files.iter().map(quoted).collect()
        };
        let mut checks = Vec::new();
        if let Some(files) = named(&[&self.tlog_proof]) {
            checks.push(format!(
                "assay verify --policy {} {}",
                quoted(policy),
                files.join(" ")
            ));
        }
        if let Some(files) = named(&[&self.trusted_root, &self.public_key, &self.sigstore]) {
            checks.push(format!(
                "{NODE} tests/outsiders/sigstore.mjs {}",
                files.join(" ")
            ));
        }
        if let Some(files) = named(&[&self.public_key, &self.envelope]) {
            checks.push(format!(
                "{PYTHON} tests/outsiders/envelope.py {}",
                files.join(" ")
            ));
        }
        if let Some(files) = named(&[&self.statement]) {
            checks.push(format!(
                "{PYTHON} tests/outsiders/statement.py {}",
                files.join(" ")
            ));
        }
        if let Some(files) = named(&[&self.public_key, &self.signature, &self.pae]) {
            let [key, signature, pae] = &files[..] else {
                unreachable!("three files were named")
            };
            checks.push(format!(
                "openssl dgst -sha256 -verify {key} -signature {signature} {pae}"
            ));
        }
        checks
    }
}

/// A path as a shell takes it.
fn quoted(path: &Path) -> String {
    let text = path.display().to_string();
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "/._-+=:@".contains(c);
    if text.chars().all(is_plain) {
        return text;
    }
    format!("'{}'", text.replace('\'', r"'\''"))
}

//! `assay form publish`: sends a sealed form and its commitment to a station.

use std::path::PathBuf;

use assay_api::{FormPublished, NewForm};
use assay_evidence::{base64, digest::Digest};
use clap::Args;

use super::{
    super::{
        bounded_file,
        client::{Client, FormToken, Remote},
        fault::{Ended, Fault},
        output::Output,
        submit::uuid,
    },
    SEAL_BYTES_MAX, beside,
};
use crate::seal::COMMITMENT_BYTES_MAX;

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

impl PublishForm {
    /// Runs the verb.
    pub fn run(self, output: &Output) -> Ended {
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

//! `assay form reveal`: opens a sealed form here, with its author's identity, and publishes all of it.
//!
//! The identity goes nowhere. What is sent is the form body, after it was found to be the committed one.

use std::path::PathBuf;

use assay_api::{FormRevealed, FormSummary, Rows};
use assay_evidence::{
    digest::Digest,
    record::Items,
    seal::{self, FormBody},
};
use clap::Args;

use super::{
    super::{
        bounded_file,
        client::{Client, FormToken, Remote, escaped},
        confirm::Confirm,
        fault::{Ended, Fault},
        output::Output,
        submit::uuid,
    },
    SEAL_BYTES_MAX,
    identity::IdentityFile,
};
use crate::seal::opening;

/// Arguments of `assay form reveal`.
#[derive(Debug, Args)]
pub struct RevealForm {
    /// Form id, as `assay form publish` printed it.
    #[arg(value_name = "FORM")]
    form: String,
    /// The sealed file that was published.
    #[arg(long, value_name = "FILE")]
    seal: PathBuf,
    #[command(flatten)]
    identity: IdentityFile,
    #[command(flatten)]
    confirm: Confirm,
    #[command(flatten)]
    remote: Remote,
    #[command(flatten)]
    token: FormToken,
}

impl RevealForm {
    /// Runs the verb.
    pub fn run(self, output: &Output) -> Ended {
        let token = self.token.read()?;
        let client = Client::new(&self.remote)?;
        let form = self.committed(&client)?;
        let body = self.opened(&form)?;
        let count = body.items.len();
        let warning = format!(
            "This publishes all {count} items of form {}, with their answer keys, for everybody and for ever.\nNothing can be run on it again.",
            self.form
        );
        self.confirm.ask(&warning, &self.form)?;
        let path = format!("/api/v1/forms/{}/reveal", escaped(&self.form));
        let bytes = body.to_bytes();
        let key = uuid(Digest::of(path.as_bytes()).as_bytes());
        let revealed: FormRevealed = client.send(&path, &token, &key, &bytes)?;
        output.print(&revealed, shown)
    }

    /// What the station says that the log commits the form to.
    fn committed(&self, client: &Client) -> Result<FormSummary, Fault> {
        let all: Rows<FormSummary> = client.get("/api/v1/forms")?;
        let found = all.rows.into_iter().find(|form| form.form == self.form);
        found.ok_or_else(|| {
            Fault::Refused(format!(
                "there is no form {} at {}",
                self.form, self.remote.url
            ))
        })
    }

    /// The body, if the sealed file and what is in it are those that the log commits to.
    fn opened(&self, form: &FormSummary) -> Result<FormBody, Fault> {
        let sealed = bounded_file(&self.seal, SEAL_BYTES_MAX)?;
        let found = Digest::of(&sealed).to_string();
        if found != form.seal_sha256 {
            return Err(Fault::Refused(format!(
                "{} is another sealed file (SHA-256 {found}) than the one of form {} ({})",
                self.seal.display(),
                form.form,
                form.seal_sha256
            )));
        }
        let body = opening::open(&sealed, &self.identity.read()?).map_err(Fault::refused)?;
        let Items { leaves, root } = seal::items_tree(&body);
        if root.to_string() == form.root && leaves == form.leaves {
            return Ok(body);
        }
        Err(Fault::Refused(format!(
            "the items in {} have root {root} over {leaves} leaves, but form {} is committed to {} over {}; nothing was sent",
            self.seal.display(),
            form.form,
            form.root,
            form.leaves
        )))
    }
}

fn shown(revealed: &FormRevealed) -> String {
    format!(
        "form {} is revealed as record {}\n  items     {}\n  body      {} ({} bytes)\n  adapters  {} became public with it, declared open by their teams",
        revealed.form,
        revealed.record.index,
        revealed.items,
        revealed.body,
        revealed.bytes,
        revealed.adapters.len()
    )
}

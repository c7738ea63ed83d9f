//! `assay form retire`: ends a form's use at a station, with a reason that stands in the log.

use assay_api::{FormRetired, RetireForm as Body};
use assay_evidence::digest::Digest;
use clap::Args;

use super::super::{
    client::{Client, FormToken, Remote, escaped},
    confirm::Confirm,
    fault::Ended,
    output::Output,
    submit::uuid,
};

/// Arguments of `assay form retire`.
#[derive(Debug, Args)]
pub struct RetireForm {
    /// Form id, as `assay form publish` printed it.
    #[arg(value_name = "FORM")]
    form: String,
    /// Why; it stands in the log for good.
    #[arg(long, value_name = "REASON", value_parser = ["rotation", "leak-suspected", "fault-found", "end-of-life"])]
    reason: String,
    #[command(flatten)]
    confirm: Confirm,
    #[command(flatten)]
    remote: Remote,
    #[command(flatten)]
    token: FormToken,
}

impl RetireForm {
    /// Runs the verb.
    pub fn run(self, output: &Output) -> Ended {
        let token = self.token.read()?;
        let client = Client::new(&self.remote)?;
        let warning = format!(
            "This ends the use of form {} at {}: no run will start on it again, and the log will say so for ever.",
            self.form, self.remote.url
        );
        self.confirm.ask(&warning, &self.form)?;
        let path = format!("/api/v1/forms/{}/retirement", escaped(&self.form));
        let key = uuid(Digest::of(format!("{path}\n{}", self.reason).as_bytes()).as_bytes());
        let body = Body {
            reason: self.reason,
        };
        let retired: FormRetired = client.post(&path, &token, &key, &body)?;
        output.print(&retired, shown)
    }
}

fn shown(retired: &FormRetired) -> String {
    format!(
        "form {} is retired ({}) as record {}\n  waiting runs moved to the next form  {}\n  waiting runs ended                   {}\n  runs that still run to their end     {}",
        retired.form,
        retired.reason,
        retired.record.index,
        retired.runs_moved,
        retired.runs_ended,
        retired.runs_open
    )
}

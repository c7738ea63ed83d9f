//! `assay submit`: sends an adapter to a station and, with `--wait`, follows its runs to their end.
//!
//! The idempotency key comes from the bytes and the query, so repeating a command submits once.
//! Interrupting `--wait` cancels nothing.

use std::{
    collections::BTreeMap,
    fmt::Write as _,
    fs::File,
    io::Read,
    path::{Path, PathBuf},
    time::Duration,
};

use assay_api::{RunState, SubmissionPage, SubmissionState};
use assay_evidence::{
    base64,
    digest::{Digest, Hasher},
};
use clap::Args;

use super::{
    adapter::must_exist,
    client::{Client, Remote, Token, Upload, escaped},
    fault::{Ended, Fault},
    output::Output,
    runs::state,
};

/// Between two looks at a submission under way.
const POLL: Duration = Duration::from_millis(500);

/// Arguments of `assay submit`.
#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  assay submit my-adapter.wasm --benchmark bay-knowledge --name \"My system 1.0\" --token-file token --wait"
)]
pub struct Submit {
    /// The component.
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// Benchmark to run it on; may be given more than once.
    #[arg(long, value_name = "NAME", required = true)]
    benchmark: Vec<String>,
    /// Name of the system as boards show it, at most 80 characters.
    #[arg(long, value_name = "NAME")]
    name: String,
    /// Declare the adapter open: when a form that it ran on is revealed, the station publishes its bytes, so that
    /// anybody can run it again and compare.
    #[arg(long)]
    open: bool,
    #[command(flatten)]
    remote: Remote,
    #[command(flatten)]
    token: Token,
    /// Wait until every run has ended.
    #[arg(long)]
    wait: bool,
}

impl Submit {
    /// Runs the verb.
    pub fn run(self, output: &Output) -> Ended {
        must_exist(&self.file)?;
        let token = self.token.read()?;
        let client = Client::new(&self.remote)?;
        let (digest, bytes) = digest(&self.file)?;
        let mut query = query(&self.name, &self.benchmark);
        if self.open {
            query.push_str("&open=yes");
        }
        let upload = Upload {
            file: self.file.clone(),
            bytes,
            digest_base64: base64::encode(digest.as_bytes()),
            bar: output.byte_bar(bytes),
        };
        let path = format!("/api/v1/submissions?{query}");
        let key = key(&digest, &query);
        let page: SubmissionPage = client.upload(&path, &token, &key, &upload)?;
        let page = if self.wait {
            wait(&client, page, output)?
        } else {
            page
        };
        output.print(&page, shown)?;
        if failed(&page) {
            Err(Fault::Said)
        } else {
            Ok(())
        }
    }
}

fn query(name: &str, benchmarks: &[String]) -> String {
    let mut query = format!("name={}", escaped(name));
    for benchmark in benchmarks {
        query.push_str("&benchmark=");
        query.push_str(&escaped(benchmark));
    }
    query
}

/// A UUID (version 8, RFC 9562) made of what is sent.
fn key(digest: &Digest, query: &str) -> String {
    let mut hasher = Hasher::new();
    hasher.absorb(b"assay/submit-key/v1\n");
    hasher.absorb(digest.as_bytes());
    hasher.absorb(query.as_bytes());
    uuid(hasher.finish().as_bytes())
}

/// The first sixteen bytes as a version 8 UUID.
pub fn uuid(bytes: &[u8; 32]) -> String {
    let mut bytes: Vec<u8> = bytes[..16].to_vec();
    bytes[6] = 0x80 | (bytes[6] & 0x0f);
    bytes[8] = 0x80 | (bytes[8] & 0x3f);
    let hex = assay_evidence::hex::encode(&bytes);
    format!(
        "{}-{}-{}-{}-{}",
        &hex[..8],
        &hex[8..12],
        &hex[12..16],
        &hex[16..20],
        &hex[20..]
    )
}

fn digest(path: &Path) -> Result<(Digest, u64), Fault> {
    let mut file = File::open(path).map_err(|error| Fault::file(path, &error))?;
    let (mut hasher, mut length, mut buffer) = (Hasher::new(), 0, vec![0; 64 * 1024]);
    loop {
        let read = file
            .read(&mut buffer)
            .map_err(|error| Fault::file(path, &error))?;
        if read == 0 {
            return Ok((hasher.finish(), length));
        }
        hasher.absorb(&buffer[..read]);
        length += read as u64;
    }
}

/// Looks again until every run is published or aborted, saying each change once.
fn wait(client: &Client, first: SubmissionPage, output: &Output) -> Result<SubmissionPage, Fault> {
    let path = format!("/api/v1/submissions/{}", escaped(&first.id));
    let spinner = output.spinner("waiting for the runs");
    let mut said: BTreeMap<String, RunState> = BTreeMap::new();
    let mut page = first;
    while !ended(&page) {
        std::thread::sleep(POLL);
        page = client.get(&path)?;
        for run in &page.runs {
            if said.insert(run.id.clone(), run.state) != Some(run.state) {
                let line = format!("{}  {}  {}", run.id, run.benchmark, state(run.state));
                spinner.suspend(|| output.say(&line));
            }
        }
    }
    spinner.finish_and_clear();
    Ok(page)
}

fn ended(page: &SubmissionPage) -> bool {
    match page.state {
        SubmissionState::Refused => true,
        SubmissionState::Received => false,
        SubmissionState::Checked => {
            let is_final = |state| matches!(state, RunState::Published | RunState::Aborted);
            !page.runs.is_empty() && page.runs.iter().all(|run| is_final(run.state))
        }
    }
}

fn failed(page: &SubmissionPage) -> bool {
    let aborted = page.runs.iter().any(|run| run.state == RunState::Aborted);
    page.state == SubmissionState::Refused || aborted
}

fn shown(page: &SubmissionPage) -> String {
    let what = match page.state {
        SubmissionState::Received => "received",
        SubmissionState::Checked => "checked",
        SubmissionState::Refused => "refused",
    };
    let mut text = format!("submission {}: {what}", page.id);
    for refusal in &page.refusals {
        let _ = write!(text, "\n  {}: {}", refusal.code, refusal.detail);
    }
    for run in &page.runs {
        let _ = write!(
            text,
            "\n  run {}  {}  {}",
            run.id,
            run.benchmark,
            state(run.state)
        );
        if let Some(detail) = &run.detail {
            let _ = write!(text, ": {detail}");
        }
        if let Some(receipt) = &run.receipt {
            let _ = write!(text, "\n    receipt {}", receipt.leaf);
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_key_is_a_uuid_of_what_is_sent() {
        let digest = Digest::of(b"adapter");
        let first = key(&digest, &query("A", &["b".to_owned()]));
        assert_eq!(first, key(&digest, &query("A", &["b".to_owned()])));
        assert_ne!(first, key(&digest, &query("A", &["c".to_owned()])));
        assert_eq!(first.len(), 36);
        assert_eq!(&first[14..15], "8");
    }

    #[test]
    fn the_query_escapes_names() {
        assert_eq!(
            query("A & B", &["x".to_owned(), "y".to_owned()]),
            "name=A%20%26%20B&benchmark=x&benchmark=y"
        );
    }
}

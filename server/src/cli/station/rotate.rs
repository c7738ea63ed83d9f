//! `assay station rotate`, `close-key`, `renew`: the verbs that make the next manifest.
//!
//! All three need a station that nobody serves and the root keys, and change nothing when refused.

use std::path::PathBuf;

use assay_evidence::digest::Digest;
use clap::Args;

use super::{
    super::{
        Source,
        fault::{Ended, Fault},
        host,
        output::Output,
    },
    config,
};
use crate::{
    station_keys::ServerRole,
    station_rotation::{Closing, NextManifest, RotationError, Signing, Stopped, root_path},
};

/// Arguments of `assay station rotate`.
#[derive(Debug, Args)]
pub struct Rotate {
    #[command(flatten)]
    station: Folder,
    /// Whose key is new.
    #[arg(long, value_enum, value_name = "ROLE")]
    role: ServerRole,
}

/// Arguments of `assay station close-key`.
#[derive(Debug, Args)]
pub struct CloseKey {
    #[command(flatten)]
    station: Folder,
    /// Id of the key: 64 hex digits, as `assay station keys` lists them.
    #[arg(value_name = "KEYID")]
    key: Digest,
    /// First index that the key no longer signs; for a log key, the last size. The present size when absent.
    #[arg(long, value_name = "INDEX")]
    at: Option<u64>,
    /// Close a log key before policies had 30 days to follow, and why.
    #[arg(long, value_name = "REASON")]
    now_despite_overlap: Option<String>,
}

/// Arguments of `assay station renew`.
#[derive(Debug, Args)]
pub struct Renew {
    #[command(flatten)]
    station: Folder,
}

/// A station's folder and the root keys that sign its next manifest.
#[derive(Debug, Args)]
struct Folder {
    /// The station's folder.
    #[arg(value_name = "DIR")]
    dir: PathBuf,
    /// A root key; give it once for each key that must sign. `keys/root` when absent.
    #[arg(long, value_name = "FILE")]
    root: Vec<PathBuf>,
}

impl Rotate {
    /// Runs the verb.
    pub fn run(self, source: &Source, output: &Output) -> Ended {
        let (role, entropy) = (self.role, source.entropy);
        self.station
            .change(source, output, async |stopped, signing| {
                stopped.rotate(role, &signing, entropy).await
            })
    }
}

impl CloseKey {
    /// Runs the verb.
    pub fn run(self, source: &Source, output: &Output) -> Ended {
        if self
            .now_despite_overlap
            .as_deref()
            .is_some_and(|why| why.trim().is_empty())
        {
            let says = "--now-despite-overlap needs a reason, which whoever reads this later wants to know";
            return Err(Fault::WrongUse(says.to_owned()));
        }
        let key = self.key;
        let closing = Closing {
            at: self.at,
            despite_overlap: self.now_despite_overlap,
        };
        self.station
            .change(source, output, async |stopped, signing| {
                stopped.close(&key, &closing, &signing).await
            })
    }
}

impl Renew {
    /// Runs the verb.
    pub fn run(self, source: &Source, output: &Output) -> Ended {
        self.station
            .change(source, output, async |stopped, signing| {
                stopped.renew(&signing)
            })
    }
}

impl Folder {
    fn change(
        self,
        source: &Source,
        output: &Output,
        change: impl AsyncFnOnce(&Stopped, Signing<'_>) -> Result<NextManifest, RotationError>,
    ) -> Ended {
        let config = config(&self.dir)?;
        let default = [root_path(&config)];
        let roots = if self.root.is_empty() {
            default.as_slice()
        } else {
            self.root.as_slice()
        };
        let now = source.clock.now();
        let made = host::runtime()?.block_on(async {
            let stopped = Stopped::take(config).await?;
            change(&stopped, Signing { roots, now }).await
        });
        output.print(&made.map_err(Fault::refused)?, shown)
    }
}

fn shown(next: &NextManifest) -> String {
    let mut lines = vec![
        format!("manifest version {}", next.version),
        format!("  digest   {}", next.sha256),
        format!("  expires  {}", next.expires),
        format!("  made at  {} records", next.size),
    ];
    if let (Some(key), Some(file)) = (&next.key, &next.key_file) {
        lines.push(format!("  new key  {key}"));
        lines.push(format!("  file     {}", file.display()));
    }
    lines.extend(next.closed.iter().map(|key| format!("  closed   {key}")));
    lines.push(format!("  policy   {}", next.policy.display()));
    lines.push(String::new());
    lines.push("The next start of the station logs it before anything else.".to_owned());
    lines.join("\n")
}

//! `assay station`: makes a station's folder, whole or not at all, leads its keys from one manifest to the
//! next, and says who vouches for its log.
//!
//! The two tokens are shown here and never again: the station keeps only their digests.

mod keys;
mod rotate;
mod witnesses;

use std::{
    net::SocketAddr,
    path::{Path, PathBuf},
};

use clap::{Args, Subcommand};

use super::{
    Source,
    fault::{Ended, Fault},
    host,
    output::Output,
};
use crate::{
    config::Config,
    station_init::{self, InitOptions, NewStation},
};

/// Verbs over a station's folder.
#[derive(Debug, Subcommand)]
pub enum Station {
    /// Make keys, manifest, policy, configuration and two tokens in a new folder.
    #[command(
        after_help = "Example:\n  assay station init my-station --origin log.example.org --jurisdiction PT --public-url https://log.example.org"
    )]
    Init(Init),
    /// List the keys of a station, with roles, ranges and files, and its manifests.
    #[command(after_help = "Example:\n  assay station keys my-station")]
    Keys(keys::Keys),
    /// Take in a new key with the next manifest, while the station stands still.
    #[command(
        after_help = "Example:\n  assay station rotate my-station --role log\n  assay station rotate my-station --role recorder --root /mnt/offline/root\n\nThe next start logs the manifest before anything else. Two log keys then sign side by side\nuntil `assay station close-key` ends the older one."
    )]
    Rotate(rotate::Rotate),
    /// End the range of a key with the next manifest, while the station stands still.
    #[command(
        after_help = "Example:\n  assay station close-key my-station 3b5c…\n  assay station close-key my-station 3b5c… --at 4711 --now-despite-overlap \"stolen laptop\"\n\nA closed range never opens again. With --at it ends in the past: what the key signed from there on is void."
    )]
    CloseKey(rotate::CloseKey),
    /// Renew the term of the manifest, while the station stands still.
    #[command(after_help = "Example:\n  assay station renew my-station")]
    Renew(rotate::Renew),
    /// Print the policy that follows from a chain of manifests, and with --json verifier keys and trusted root too.
    #[command(
        after_help = "Example:\n  assay station derive my-station > policy\n  assay station derive --manifests manifest.json --pin 9f2c… --json"
    )]
    Derive(keys::Derive),
    /// Say whose cosignatures make the station's heads public.
    #[command(
        after_help = "Example:\n  assay station witnesses my-station --quorum 1 --witness b witness.example.org+9f0e...+BC8t... https://example.org/witness"
    )]
    Witnesses(witnesses::Witnesses),
}

/// Arguments of `assay station init`.
#[derive(Debug, Args)]
pub struct Init {
    /// The station's folder; absent or empty.
    #[arg(value_name = "DIR")]
    dir: PathBuf,
    /// Name of the log: the public address without scheme. It stands in every record and cannot change.
    #[arg(long, value_name = "NAME")]
    origin: Option<String>,
    /// Jurisdiction, as the manifest states it.
    #[arg(long, value_name = "CODE", default_value = "XX")]
    jurisdiction: String,
    /// Where the server listens.
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:8080")]
    listen: SocketAddr,
    /// Address of the site, as links use it; the listening address when absent.
    #[arg(long, value_name = "URL")]
    public_url: Option<String>,
}

impl Station {
    /// Runs the verb.
    pub fn run(self, source: &Source, output: &Output) -> Ended {
        match self {
            Self::Init(verb) => verb.run(source, output),
            Self::Keys(verb) => verb.run(output),
            Self::Rotate(verb) => verb.run(source, output),
            Self::CloseKey(verb) => verb.run(source, output),
            Self::Renew(verb) => verb.run(source, output),
            Self::Derive(verb) => verb.run(output),
            Self::Witnesses(verb) => verb.run(source, output),
        }
    }
}

impl Init {
    fn run(self, source: &Source, output: &Output) -> Ended {
        let options = InitOptions {
            origin: self.origin.unwrap_or_else(|| self.listen.to_string()),
            jurisdiction: self.jurisdiction,
            public_url: self
                .public_url
                .unwrap_or_else(|| format!("http://{}", self.listen)),
            listen: self.listen,
            enclave: None,
        };
        let made = host::runtime()?.block_on(station_init::init(
            &self.dir,
            &options,
            &source.clock,
            source.entropy,
        ));
        output.print(&made.map_err(Fault::refused)?, shown)
    }
}

/// The configuration of a station's folder.
fn config(dir: &Path) -> Result<Config, Fault> {
    Config::load(&dir.join("station.toml")).map_err(Fault::refused)
}

fn shown(station: &NewStation) -> String {
    format!(
        "a station in {}\n  origin     {}\n  log key    {}\n  witness    {}\n  manifest   {}\n  policy     {}\n  recipient  {}\n  token      {} (submits systems: ASSAY_TOKEN)\n  form token {} (publishes forms: ASSAY_FORM_TOKEN)\n\n\
         Keep the tokens: they are not stored and not shown again. Move keys/root to a machine that is offline.\n\
         Start it: assay serve --config {}",
        station.dir.display(),
        station.origin,
        station.log_key,
        station.witness_key,
        station.manifest_sha256,
        station.policy.display(),
        station.seal_recipient,
        station.token,
        station.form_token,
        station.config.display()
    )
}

//! `assay station keys`, `derive`: what a chain of manifests says, for people and for other programs.
//!
//! Both only read, so they work on a station that is being served.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

use assay_evidence::{
    digest::Digest,
    manifest::{CHAIN_BYTES_MAX, Chain, Manifest, Until, Validity},
    policy::Policy,
    sigstore,
};
use clap::Args;
use serde::Serialize;

use super::{
    super::{
        bounded_file,
        fault::{Ended, Fault},
        output::Output,
        table::{Align, table},
    },
    config,
};
use crate::{
    config::Config,
    station_files::StationFiles,
    station_keys::{self, ServerRole},
};

/// Arguments of `assay station keys`.
#[derive(Debug, Args)]
pub struct Keys {
    /// The station's folder.
    #[arg(value_name = "DIR")]
    dir: PathBuf,
}

/// Arguments of `assay station derive`.
#[derive(Debug, Args)]
pub struct Derive {
    /// The station's folder.
    #[arg(
        value_name = "DIR",
        required_unless_present = "manifests",
        conflicts_with = "manifests"
    )]
    dir: Option<PathBuf>,
    /// A chain of manifests, as a station serves it under `/manifest.json`.
    #[arg(long, value_name = "FILE", requires = "pin")]
    manifests: Option<PathBuf>,
    /// Digest of version 1, from a source that you trust.
    #[arg(long, value_name = "SHA256", requires = "manifests")]
    pin: Option<Digest>,
}

/// Keys and manifests of a station.
#[derive(Serialize)]
struct Listing {
    origin: String,
    expires: String,
    manifests: Vec<Version>,
    keys: Vec<Key>,
}

#[derive(Serialize)]
struct Version {
    version: u64,
    sha256: Digest,
}

#[derive(Serialize)]
struct Key {
    role: &'static str,
    keyid: Digest,
    from: Option<u64>,
    until: Option<Until>,
    file: Option<PathBuf>,
}

/// What follows from a chain.
#[derive(Serialize)]
struct Derived {
    origin: String,
    manifests: Vec<Version>,
    log_keys: Vec<String>,
    policy: String,
    trusted_root: serde_json::Value,
}

impl Keys {
    /// Runs the verb.
    pub fn run(self, output: &Output) -> Ended {
        let config = config(&self.dir)?;
        let files = StationFiles::read(&config).map_err(Fault::refused)?;
        output.print(&listing(&config, &files.chain)?, shown)
    }
}

impl Derive {
    /// Runs the verb.
    pub fn run(self, output: &Output) -> Ended {
        let derived = match (self.dir, self.manifests, self.pin) {
            (Some(dir), _, _) => of_folder(&dir)?,
            (None, Some(file), Some(pin)) => of_file(&file, &pin)?,
            (None, _, _) => {
                let says = "name a station's folder, or --manifests FILE with --pin SHA256";
                return Err(Fault::WrongUse(says.to_owned()));
            }
        };
        output.print(&derived, |derived| derived.policy.clone())
    }
}

fn of_folder(dir: &Path) -> Result<Derived, Fault> {
    let files = StationFiles::read(&config(dir)?).map_err(Fault::refused)?;
    let keys = files.chain.newest().open_log_verifiers();
    let policy = files.policy.with_log_keys(files.chain.origin(), &keys);
    derived(&files.chain, &policy)
}

/// Nobody is asked to watch: who watches a station is not for its manifests to say.
fn of_file(file: &Path, pin: &Digest) -> Result<Derived, Fault> {
    let text = bounded_file(file, CHAIN_BYTES_MAX as u64)?;
    let chain = Chain::parse(&text, pin).map_err(Fault::refused)?;
    let manifest = chain.newest();
    let keys = manifest.open_log_verifiers();
    let first = keys
        .first()
        .ok_or_else(|| Fault::Refused(format!("{} keeps no log key open", manifest.origin)))?;
    let policy = Policy::unwatched(first, &manifest.endpoints.log, pin);
    derived(&chain, &policy.with_log_keys(&manifest.origin, &keys))
}

fn derived(chain: &Chain, policy: &Policy) -> Result<Derived, Fault> {
    let keys = chain.newest().open_log_verifiers();
    let trusted_root = sigstore::trusted_root(&keys);
    Ok(Derived {
        origin: chain.origin().to_owned(),
        manifests: versions(chain),
        log_keys: keys.iter().map(ToString::to_string).collect(),
        policy: policy.to_string(),
        trusted_root: serde_json::from_slice(&trusted_root).map_err(Fault::refused)?,
    })
}

fn versions(chain: &Chain) -> Vec<Version> {
    let version = |(version, sha256): (u64, &Digest)| Version {
        version,
        sha256: *sha256,
    };
    (1..).zip(chain.digests()).map(version).collect()
}

fn listing(config: &Config, chain: &Chain) -> Result<Listing, Fault> {
    let mut files = BTreeMap::new();
    for role in [ServerRole::Log, ServerRole::Recorder, ServerRole::Witness] {
        let found = station_keys::files_of(&config.keys, role).map_err(Fault::refused)?;
        files.extend(found);
    }
    let manifest = chain.newest();
    Ok(Listing {
        origin: manifest.origin.clone(),
        expires: manifest.expires.clone(),
        manifests: versions(chain),
        keys: keys(manifest, &files),
    })
}

fn keys(manifest: &Manifest, files: &BTreeMap<Digest, PathBuf>) -> Vec<Key> {
    let mut keys = Vec::new();
    for (role, held) in &manifest.roles {
        for keyid in &held.keyids {
            let is_its = |range: &&Validity| range.keyid == *keyid;
            let range = manifest.validity.iter().find(is_its);
            keys.push(Key {
                role: role.name(),
                keyid: *keyid,
                from: range.map(|range| range.from),
                until: range.and_then(|range| range.until.clone()),
                file: files.get(keyid).cloned(),
            });
        }
    }
    keys
}

fn shown(listing: &Listing) -> String {
    let rows: Vec<Vec<String>> = listing.keys.iter().map(row).collect();
    let manifests = listing.manifests.iter();
    let manifests = manifests.map(|one| format!("manifest {}  {}", one.version, one.sha256));
    let head = [
        ("role", Align::Left),
        ("key", Align::Left),
        ("from", Align::Right),
        ("until", Align::Right),
        ("file", Align::Left),
    ];
    format!(
        "{}\n{}\nexpires {}\n\n{}",
        listing.origin,
        manifests.collect::<Vec<_>>().join("\n"),
        listing.expires,
        table(&head, &rows)
    )
}

fn row(key: &Key) -> Vec<String> {
    let until = match (&key.until, key.from) {
        (Some(Until::At(end)), _) => end.to_string(),
        (Some(Until::Origins(ends)), _) => format!("{} logs", ends.len()),
        (None, Some(_)) => "open".to_owned(),
        // A root key counts by membership.
        (None, None) => String::new(),
    };
    let from = key.from.map_or(String::new(), |from| from.to_string());
    let file = key.file.as_deref().map(|file| file.display().to_string());
    let id = key.keyid.to_string();
    vec![
        key.role.to_owned(),
        id,
        from,
        until,
        file.unwrap_or_default(),
    ]
}

//! A station that really ran: revealed and sealed forms, six systems, every result through the enclave.
//!
//! It takes up where an earlier start ended: what is there is kept, what is missing is done. Nothing here
//! serves pages.

mod adapters;
mod editions;
mod submissions;

use std::{
    fs,
    net::SocketAddr,
    path::{Path, PathBuf},
};

use assay_benchmarks::pack::Pack;
use assay_evidence::digest::Digest;
use serde::Serialize;

use crate::{
    blob::BlobError,
    clock::Clock,
    config::{self, Config, ConfigError},
    entropy::Entropy,
    packs,
    seal::{SealError, identity::IdentityError, opening::OpeningError},
    station::{FormChangeError, FormError, RegisterError, Station, StationError},
    station_init::{self, InitError, InitOptions},
    store::{Page, RunFilter, RunRow, RunState, StoreError},
};

/// Origin of every demo; it names no host, since a demo is nobody's public log.
const ORIGIN: &str = "demo.assay.invalid";
const JURISDICTION: &str = "XX";
/// Runs that a demo's report lists at most.
const RUNS_MAX: u32 = 200;

/// Where a demo lives.
#[derive(Clone, Debug)]
pub struct DemoOptions {
    /// Its folder.
    pub dir: PathBuf,
    /// Where its pages will be served.
    pub listen: SocketAddr,
    /// Begin afresh.
    pub reset: bool,
}

/// What a demo has to show.
#[derive(Clone, Debug, Serialize)]
pub struct DemoReport {
    /// Address of the pages.
    pub address: String,
    /// The station's folder.
    pub dir: PathBuf,
    /// Origin of its log.
    pub station: String,
    /// The policy file that verifies its bundles.
    pub policy: PathBuf,
    /// Addresses of the boards.
    pub boards: Vec<String>,
    /// Every run, oldest first.
    pub runs: Vec<DemoRun>,
}

/// One run of a demo.
#[derive(Clone, Debug, Serialize)]
pub struct DemoRun {
    /// Run id.
    pub id: String,
    /// Benchmark, by short name.
    pub benchmark: String,
    /// Form id.
    pub form: String,
    /// System name.
    pub system: String,
    /// State.
    pub state: RunState,
    /// The bundle's file, once published.
    pub bundle: Option<PathBuf>,
}

/// Why a demo does not come about.
#[derive(Debug, thiserror::Error)]
pub enum DemoError {
    /// The folder is something else.
    #[error(
        "{0} is not a demo's folder, so it is not reset; remove it yourself or name another with --dir"
    )]
    NotADemo(PathBuf),
    /// No adapters.
    #[error(
        "no adapters in {0}; build them with \"make adapters\" or set ASSAY_COMPONENTS to their folder"
    )]
    NoAdapters(PathBuf),
    /// An embedded pack is faulty.
    #[error("pack {name}: {says}")]
    Pack {
        /// Which pack.
        name: &'static str,
        /// What is wrong.
        says: String,
    },
    /// The disk refused.
    #[error("{path}: {source}")]
    File {
        /// Where.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// Making the station.
    #[error(transparent)]
    Init(#[from] InitError),
    /// Its configuration.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// Running it.
    #[error(transparent)]
    Station(#[from] StationError),
    /// Sealing a form.
    #[error(transparent)]
    Seal(#[from] SealError),
    /// Publishing a form.
    #[error(transparent)]
    Form(#[from] FormError),
    /// Retiring or revealing one.
    #[error(transparent)]
    FormChange(#[from] FormChangeError),
    /// The identity that reveals it.
    #[error(transparent)]
    Identity(#[from] IdentityError),
    /// Opening it.
    #[error(transparent)]
    Opening(#[from] OpeningError),
    /// A kept file cannot be read.
    #[error(transparent)]
    Blob(#[from] BlobError),
    /// A sealed file is not there.
    #[error("the sealed file {0} is gone; begin anew with --reset")]
    Gone(Digest),
    /// Submitting a system.
    #[error(transparent)]
    Register(#[from] RegisterError),
    /// Asking the store.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Told one line per step.
type Say<'a> = dyn FnMut(String) + Send + 'a;

/// Brings a demo to the point where every run is published or aborted; the open station and its report.
///
/// `say` is called with one line per step.
pub async fn demo(
    options: &DemoOptions,
    clock: &Clock,
    entropy: Entropy,
    say: &mut Say<'_>,
) -> Result<(Station, DemoReport), DemoError> {
    let adapters = adapters::load(&config::components_folder())?;
    if options.reset {
        reset(&options.dir)?;
    }
    let config = config(options, clock, entropy, say).await?;
    let station = Station::open(config, clock.clone(), entropy).await?;
    // What an interrupted start had under way ends first; only then is it clear what is missing.
    submissions::wait(&station, say).await?;
    let identity = editions::identity_path(&options.dir);
    let first = editions::first(&station, &identity, entropy, say).await?;
    submissions::submit(&station, &adapters, &first, say).await?;
    submissions::wait(&station, say).await?;
    editions::end(&station, &first, &identity, say).await?;
    let second = editions::second(&station, entropy, say).await?;
    submissions::submit(&station, &adapters, &second, say).await?;
    submissions::wait(&station, say).await?;
    let report = report(&station, options).await?;
    Ok((station, report))
}

/// The demo's configuration; its station is made if there is none.
async fn config(
    options: &DemoOptions,
    clock: &Clock,
    entropy: Entropy,
    say: &mut Say<'_>,
) -> Result<Config, DemoError> {
    let file = options.dir.join("station.toml");
    let address = format!("http://{}", options.listen);
    if file.is_file() {
        say(format!("using the station in {}", options.dir.display()));
    } else {
        say(format!("making a station in {}", options.dir.display()));
        let parent = options.dir.parent().unwrap_or(Path::new(""));
        fs::create_dir_all(parent).map_err(|source| DemoError::File {
            path: parent.to_owned(),
            source,
        })?;
        let init = InitOptions {
            origin: ORIGIN.to_owned(),
            jurisdiction: JURISDICTION.to_owned(),
            public_url: address.clone(),
            listen: options.listen,
            enclave: None,
        };
        station_init::init(&options.dir, &init, clock, entropy).await?;
    }
    let mut config = Config::load(&file)?;
    config.listen = options.listen;
    config.public_url = address;
    config.retry.delays_s = vec![1, 5];
    Ok(config)
}

fn pack(name: &'static str) -> Result<Pack, DemoError> {
    let files = packs::files(name).unwrap_or_default();
    Pack::parse(&files).map_err(|faults| DemoError::Pack {
        name,
        says: faults.first().map(ToString::to_string).unwrap_or_default(),
    })
}

async fn report(station: &Station, options: &DemoOptions) -> Result<DemoReport, DemoError> {
    let address = station.facts().public_url.clone();
    let runs = runs(station).await?;
    Ok(DemoReport {
        boards: packs::names()
            .map(|name| format!("{address}/en/boards/{name}"))
            .collect(),
        address,
        dir: options.dir.clone(),
        station: station.facts().origin.clone(),
        policy: options.dir.join("policy"),
        runs: runs.iter().map(|run| demo_run(station, run)).collect(),
    })
}

fn demo_run(station: &Station, run: &RunRow) -> DemoRun {
    let published = run.receipt().filter(|_| run.state == RunState::Published);
    DemoRun {
        id: run.id.to_string(),
        benchmark: run.benchmark.clone(),
        form: run.form.clone(),
        system: run.name.clone(),
        state: run.state,
        bundle: published.map(|receipt| station.public().bundle_path(&receipt.leaf)),
    }
}

/// The demo's runs, oldest first.
async fn runs(station: &Station) -> Result<Vec<RunRow>, StoreError> {
    let page = Page {
        before: None,
        limit: RUNS_MAX,
    };
    let mut runs = station.store().runs(&RunFilter::default(), &page).await?;
    runs.reverse();
    Ok(runs)
}

/// Removes a demo's folder, and no other.
fn reset(dir: &Path) -> Result<(), DemoError> {
    if !dir.exists() {
        return Ok(());
    }
    let is_demo =
        Config::load(&dir.join("station.toml")).is_ok_and(|config| config.origin == ORIGIN);
    let is_empty = fs::read_dir(dir).is_ok_and(|mut entries| entries.next().is_none());
    if !is_demo && !is_empty {
        return Err(DemoError::NotADemo(dir.to_owned()));
    }
    fs::remove_dir_all(dir).map_err(|source| DemoError::File {
        path: dir.to_owned(),
        source,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_that_is_no_demo_is_not_reset() {
        let dir = tempfile::tempdir().unwrap();
        fs::write(dir.path().join("thesis.txt"), "years of work").unwrap();
        let refusal = reset(dir.path()).unwrap_err();
        assert!(matches!(refusal, DemoError::NotADemo(_)));
        assert!(dir.path().join("thesis.txt").exists());
    }
}

//! `assay station witnesses`: whose cosignatures make this station's heads public.
//!
//! It writes the station's policy and the keeper's copy of it. A running station goes on with the old one.

use std::path::PathBuf;

use assay_evidence::policy::Witness;
use clap::Args;
use serde::Serialize;

use super::super::{
    Source,
    fault::{Ended, Fault},
    output::Output,
};
use crate::{
    collect::Collector, station_files::StationFiles, station_keys::StationKeys,
    witness::cosigner_of,
};

/// Words that one `--witness` takes.
const WORDS: usize = 3;

/// Arguments of `assay station witnesses`.
#[derive(Debug, Args)]
pub struct Witnesses {
    /// The station's folder, as `assay station init` made it.
    #[arg(value_name = "DIR")]
    dir: PathBuf,
    /// A witness: a name of your choice, its verifier key and the address of its `add-checkpoint`.
    #[arg(long = "witness", num_args = WORDS, value_names = ["NAME", "KEY", "URL"], required = true)]
    words: Vec<String>,
    /// How many of them must cosign a head before it is public.
    #[arg(long, value_name = "NUMBER")]
    quorum: usize,
}

/// The policy as it is now.
#[derive(Serialize)]
struct Written {
    policy: PathBuf,
    text: String,
}

impl Witnesses {
    pub(super) fn run(self, source: &Source, output: &Output) -> Ended {
        let config = super::config(&self.dir)?;
        let files = StationFiles::read(&config).map_err(Fault::refused)?;
        let witnesses = self
            .words
            .chunks(WORDS)
            .map(named)
            .collect::<Result<Vec<_>, _>>()?;
        let files = files.with_witnesses(&witnesses, self.quorum);
        let files = files.map_err(Fault::refused)?;
        let keys = StationKeys::load(&config.keys, files.chain.newest());
        let keys = keys.map_err(Fault::refused)?;
        let own = cosigner_of(&config.origin, &keys.witness).map_err(Fault::refused)?;
        // What the station would refuse at its start is refused here.
        let asked = Collector::new(files.policy.clone(), &own, source.clock.clone());
        asked.map_err(Fault::refused)?;
        files.write(&config).map_err(Fault::refused)?;
        let (path, text) = (config.folder().join("policy"), files.policy_text);
        output.print(&Written { policy: path, text }, |written| {
            let path = written.policy.display();
            format!(
                "{}\nwritten to {path} and to the keeper's folder; start the station again",
                written.text
            )
        })
    }
}

fn named(words: &[String]) -> Result<Witness, Fault> {
    let [name, key, url] = words else {
        return Err(Fault::WrongUse("--witness takes NAME KEY URL".to_owned()));
    };
    let key = key.parse().map_err(Fault::refused)?;
    Ok(Witness {
        name: name.clone(),
        key,
        url: Some(url.clone()),
    })
}

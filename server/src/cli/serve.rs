//! `assay serve`: one station, until it is asked to stop.
//!
//! The first line on stdout says where it listens; traces go to stderr.

use std::{net::SocketAddr, path::PathBuf};

use clap::Args;
use serde::Serialize;
use tokio::net::TcpListener;

use super::{
    Source,
    fault::{Ended, Fault},
    host,
    output::Output,
};
use crate::{config::Config, entropy::Entropy, http, station::Station};

/// Arguments of `assay serve`.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  assay serve --config my-station/station.toml")]
pub struct Serve {
    /// The station's configuration, as `assay station init` wrote it.
    #[arg(long, value_name = "FILE")]
    config: PathBuf,
    /// What is traced, such as `info` or `assay_server=debug`.
    #[arg(long, value_name = "FILTER", env = "ASSAY_LOG", default_value = "info")]
    log: String,
}

impl Serve {
    /// Runs the verb.
    pub fn run(self, source: &Source, output: &Output) -> Ended {
        let config = Config::load(&self.config).map_err(Fault::refused)?;
        host::trace(&self.log)?;
        host::runtime()?.block_on(serve(config, source, output))
    }
}

/// Where a station listens and what it is.
#[derive(Serialize)]
struct Listening {
    address: String,
    origin: String,
    policy: PathBuf,
}

async fn serve(mut config: Config, source: &Source, output: &Output) -> Ended {
    let (listener, listen) = bound(config.listen).await?;
    if config.listen.port() == 0 {
        // Links can only name a port that is known now.
        config.public_url = format!("http://{listen}");
    }
    let station = Station::open(config, source.clock.clone(), source.entropy).await;
    let station = station.map_err(Fault::refused)?;
    let listening = Listening {
        address: station.facts().public_url.clone(),
        origin: station.facts().origin.clone(),
        policy: station.config().folder().join("policy"),
    };
    output.print(&listening, |listening| {
        format!("{} is served at {}", listening.origin, listening.address)
    })?;
    until_stopped(station, listener, source.entropy).await
}

/// Binds an address; port 0 means any, and what was given is returned.
pub async fn bound(asked: SocketAddr) -> Result<(TcpListener, SocketAddr), Fault> {
    let listener = TcpListener::bind(asked).await.map_err(|error| {
        Fault::Refused(format!(
            "cannot listen on {asked}: {error}; choose another address"
        ))
    })?;
    let given = listener.local_addr().map_err(Fault::refused)?;
    Ok((listener, given))
}

/// Serves a station until the process is asked to stop or the log cannot go on, then closes it.
pub async fn until_stopped(station: Station, listener: TcpListener, entropy: Entropy) -> Ended {
    let router = http::router(station.clone(), entropy);
    let mut ended = Ok(());
    let stop = async {
        tokio::select! {
            () = host::asked_to_stop() => {}
            says = station.log().stopped() => {
                ended = Err(Fault::Refused(format!("the log has stopped: {says}")));
            }
        }
    };
    http::serve::serve(listener, router, stop).await;
    host::in_stop_time(station.close()).await;
    ended
}

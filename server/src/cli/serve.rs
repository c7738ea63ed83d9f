//! `assay serve`: one station, until it is asked to stop.
//!
//! The first line on stdout says where it listens; traces go to stderr.

use std::{
    net::SocketAddr,
    path::PathBuf,
    pin::{Pin, pin},
};

use clap::Args;
use serde::Serialize;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use super::{
    Source,
    fault::{Ended, Fault},
    host,
    output::Output,
};
use crate::{
    config::Config,
    entropy::Entropy,
    http::{self, Front},
    station::{Opening, Station},
};

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
    let opening = Opening::begin(config, source.clock.clone(), source.entropy).await;
    let opening = opening.map_err(Fault::refused)?;
    let front = Front::opening(&opening, source.entropy);
    let stop = CancellationToken::new();
    let served = http::serve::serve(listener, front.router(), asked_or(&stop));
    let mut served = pin!(served);
    let station = tokio::select! {
        station = opening.open() => station.map_err(Fault::refused)?,
        () = &mut served => return Ok(()),
    };
    front.open(station.clone(), source.entropy);
    let work = work(&station, output);
    attend(&station, served, &stop, work).await
}

/// Begins, says so, and goes on until the log stops.
async fn work(station: &Station, output: &Output) -> Fault {
    if let Err(error) = station.begin().await {
        return Fault::refused(error);
    }
    let listening = Listening {
        address: station.facts().public_url.clone(),
        origin: station.facts().origin.clone(),
        policy: station.config().folder().join("policy"),
    };
    let said = output.print(&listening, |listening| {
        format!("{} is served at {}", listening.origin, listening.address)
    });
    match said {
        Ok(()) => log_stopped(station).await,
        Err(fault) => fault,
    }
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
    let stop = CancellationToken::new();
    let served = http::serve::serve(listener, router, asked_or(&stop));
    attend(&station, pin!(served), &stop, log_stopped(&station)).await
}

/// Ready when the process is asked to stop, or `stop` says so.
fn asked_or(stop: &CancellationToken) -> impl Future<Output = ()> + use<> {
    let stop = stop.clone();
    async move {
        tokio::select! {
            () = host::asked_to_stop() => {}
            () = stop.cancelled() => {}
        }
    }
}

/// Waits until a station is served no more, or its work has ended in a fault; then closes it.
async fn attend(
    station: &Station,
    mut served: Pin<&mut impl Future<Output = ()>>,
    stop: &CancellationToken,
    work: impl Future<Output = Fault>,
) -> Ended {
    let ended = tokio::select! {
        () = &mut served => Ok(()),
        fault = work => {
            stop.cancel();
            served.await;
            Err(fault)
        }
    };
    host::in_stop_time(station.close()).await;
    ended
}

async fn log_stopped(station: &Station) -> Fault {
    Fault::Refused(format!(
        "the log has stopped: {}",
        station.log().stopped().await
    ))
}

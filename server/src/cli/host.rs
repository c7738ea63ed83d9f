//! What a serving process needs around it: threads, traces, and the signal to stop.
//!
//! Nothing of a station is known here.

use std::{future::Future, io::IsTerminal, time::Duration};

use tokio::{
    runtime::{Builder, Runtime},
    signal::unix::{SignalKind, signal},
    time::timeout,
};
use tracing_subscriber::EnvFilter;

use super::fault::Fault;

/// Fewest worker threads: with one, a page that ever waits for another would wait for ever.
const WORKERS_MIN: usize = 4;
/// A stop takes no longer than this.
const STOP_TIME: Duration = Duration::from_secs(10);

/// A runtime for one process.
pub fn runtime() -> Result<Runtime, Fault> {
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    Builder::new_multi_thread()
        .worker_threads(cores.max(WORKERS_MIN))
        .enable_all()
        .build()
        .map_err(|error| Fault::Refused(format!("the runtime does not start: {error}")))
}

/// Traces to stderr: lines for a person, JSON for a program.
pub fn trace(filter: &str) -> Result<(), Fault> {
    let filter = EnvFilter::try_new(filter).map_err(|error| {
        Fault::WrongUse(format!(
            "--log: {error}; write `info` or `assay_server=debug`"
        ))
    })?;
    let lines = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr);
    // A process has one subscriber; a second call in one process changes nothing.
    let _ = if std::io::stderr().is_terminal() {
        lines.compact().try_init()
    } else {
        lines.json().try_init()
    };
    Ok(())
}

/// Ready when the process is asked to stop by Ctrl-C or by its supervisor.
pub async fn asked_to_stop() {
    let mut term =
        signal(SignalKind::terminate()).expect("signals are there on every host of ours");
    tokio::select! {
        _ = tokio::signal::ctrl_c() => {}
        _ = term.recv() => {}
    }
}

/// Waits for an end that may not take longer than the limit of a stop.
pub async fn in_stop_time(end: impl Future<Output = ()>) {
    if timeout(STOP_TIME, end).await.is_err() {
        tracing::warn!(
            "the station did not close in {} s and is cut off",
            STOP_TIME.as_secs()
        );
    }
}

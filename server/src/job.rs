//! The workers: claim a job, hold its lease while it is done, and settle how it ended.
//!
//! What a job does is in `run`. A job that meets a fault of the platform comes back after a pause; a job
//! whose subject is finished is simply done, so doing a job twice is harmless.

use std::{future::Future, time::Duration};

use tokio::task::JoinSet;

use crate::{
    id::JobId,
    run,
    station::{Station, StationError},
    store::{Claim, JobKind, StoreError},
};

/// A claim is good for so long, and is renewed well before that.
const LEASE_SECONDS: u64 = 60;
const HEARTBEAT: Duration = Duration::from_secs(10);
/// How long a worker waits for the bell before it looks by itself.
const POLL: Duration = Duration::from_secs(1);
/// First pause after a fault of the platform; doubled each time.
const PAUSE_MS: u64 = 500;
const PAUSE_MS_MAX: u64 = 60_000;

/// How a job ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// Its subject is where the job was to bring it.
    Done,
    /// Not yet: look again after so many milliseconds.
    Later(u64),
}

/// Starts all workers of a station.
pub(crate) fn start(station: &Station, workers: &mut JoinSet<()>) {
    workers.spawn(work(station.clone(), JobKind::Check));
    workers.spawn(work(station.clone(), JobKind::Publish));
    for _ in 0..station.config().enclave.runs_at_once {
        workers.spawn(work(station.clone(), JobKind::Evaluate));
    }
}

async fn work(station: Station, kind: JobKind) {
    let stop = station.stop().clone();
    // A job that is dropped in the middle is claimed again at the next start.
    stop.run_until_cancelled(Box::pin(work_on(&station, kind)))
        .await;
}

async fn work_on(station: &Station, kind: JobKind) {
    loop {
        let bell = station.bell().notified();
        match claim(station, kind).await {
            Ok(Some(claim)) => settle(station, &claim).await,
            Ok(None) => {
                // Elapsing only means that nobody rang.
                let _ = tokio::time::timeout(POLL, bell).await;
            }
            Err(error) => {
                tracing::error!(%error, ?kind, "could not claim a job");
                tokio::time::sleep(POLL).await;
            }
        }
    }
}

async fn claim(station: &Station, kind: JobKind) -> Result<Option<Claim>, StoreError> {
    let now = station.clock().now();
    let until = now.plus_seconds(LEASE_SECONDS);
    station
        .store()
        .claim(kind, station.owner(), until, now)
        .await
}

/// Does the job under its lease, then writes how it ended.
async fn settle(station: &Station, claim: &Claim) {
    let outcome = under_lease(station, claim, run::perform(station, claim)).await;
    let now = station.clock().now();
    let written = match &outcome {
        None => Ok(false),
        Some(Ok(Verdict::Done)) => finish(station, claim).await,
        Some(Ok(Verdict::Later(millis))) => {
            let at = now.plus_millis(*millis);
            station.store().put_back(claim, at, "waits").await
        }
        Some(Err(error)) => {
            tracing::error!(%error, kind = claim.kind.word(), subject = %claim.subject, "a job met a fault");
            let at = now.plus_millis(pause_ms(claim.tries));
            station.store().put_back(claim, at, "fault").await
        }
    };
    match written {
        Ok(true) => {}
        Ok(false) => {
            tracing::warn!(subject = %claim.subject, "a job was overtaken by another claim");
        }
        Err(error) => tracing::error!(%error, subject = %claim.subject, "could not settle a job"),
    }
    station.changed();
}

/// Ends a job; a board whose runs changed while it was being published is asked for once more, since
/// asking for it in between queued nothing.
async fn finish(station: &Station, claim: &Claim) -> Result<bool, StoreError> {
    let finished = station.store().finish(claim).await?;
    if claim.kind == JobKind::Publish && station.store().is_marked_on(&claim.subject).await? {
        let now = station.clock().now();
        let job = JobId::draw(now, station.entropy());
        station
            .store()
            .enqueue(job, JobKind::Publish, &claim.subject, now, now)
            .await?;
    }
    Ok(finished)
}

/// Renews the lease until the job is done; `None` when another claim has overtaken it.
async fn under_lease(
    station: &Station,
    claim: &Claim,
    job: impl Future<Output = Result<Verdict, StationError>>,
) -> Option<Result<Verdict, StationError>> {
    let mut job = std::pin::pin!(job);
    loop {
        tokio::select! {
            outcome = &mut job => return Some(outcome),
            () = tokio::time::sleep(HEARTBEAT) => {
                let until = station.clock().now().plus_seconds(LEASE_SECONDS);
                // A database that does not answer is no reason to drop a run; the fence still guards.
                if let Ok(false) = station.store().extend(claim, until).await {
                    return None;
                }
            }
        }
    }
}

fn pause_ms(tries: u64) -> u64 {
    let doublings = u32::try_from(tries.saturating_sub(1))
        .unwrap_or(u32::MAX)
        .min(10);
    (PAUSE_MS << doublings).min(PAUSE_MS_MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_double_up_to_a_minute() {
        assert_eq!(pause_ms(1), 500);
        assert_eq!(pause_ms(2), 1_000);
        assert_eq!(pause_ms(7), 32_000);
        assert_eq!(pause_ms(8), 60_000);
        assert_eq!(pause_ms(u64::MAX), 60_000);
    }
}

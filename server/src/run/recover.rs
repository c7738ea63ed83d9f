//! After a crash: every run is brought to the state that the log shows, and every intent is closed.
//!
//! Runs before any worker does. It may be interrupted and repeated at any point: each step asks the log
//! first and logs nothing twice.

use assay_evidence::record::{AbortReason, Predicate as _, Receipt, RunAbort, RunIntent};

use super::close::{Open, aborted, log_abort, settle};
use crate::{
    id::JobId,
    log::Logged,
    station::{Station, StationError},
    store::{Closing, JobKind, RunRow, RunState},
};

/// Brings the store in line with the log.
pub(crate) async fn recover(station: &Station) -> Result<(), StationError> {
    let store = station.store();
    let freed = store.release_all(station.owner()).await?;
    let mut closed = 0;
    for state in [RunState::Running, RunState::Queued] {
        for run in store.runs_in(state).await? {
            settle_from_log(station, &run).await?;
        }
    }
    for intent in station.log().open_intents().await? {
        close_lost(station, &intent).await?;
        closed += 1;
    }
    let now = station.clock().now();
    let mut ids = || JobId::draw(now, station.entropy());
    for run in store.runs_in(RunState::Queued).await? {
        let subject = run.id.to_string();
        store
            .enqueue(ids(), JobKind::Evaluate, &subject, now, now)
            .await?;
    }
    for run in store.runs_in(RunState::Marked).await? {
        store
            .enqueue(ids(), JobKind::Publish, &run.benchmark, now, now)
            .await?;
    }
    store.revive_checks(&mut ids, now).await?;
    if freed + closed > 0 {
        tracing::info!(
            jobs = freed,
            intents = closed,
            "recovered from an interrupted process"
        );
    }
    Ok(())
}

/// Brings one unfinished run to the state that the log shows.
pub(super) async fn settle_from_log(station: &Station, run: &RunRow) -> Result<(), StationError> {
    let Some(leaf) = run.intent_leaf else {
        return Ok(());
    };
    let Some(intent) = station.log().record(&leaf).await? else {
        // Signed, never logged: nobody was told of it, and the run may be announced afresh.
        return Ok(station.store().run_unannounced(run.id).await?);
    };
    if run.state == RunState::Queued {
        let now = station.clock().now();
        station
            .store()
            .run_started(run.id, intent.place, now)
            .await?;
    }
    let closing = match station.log().closing(intent.place.index).await? {
        Some(record) => adopt(&record)?,
        None => close_lost(station, &intent).await?,
    };
    settle(station, run.id, &closing).await
}

/// Closes an intent whose keeper can no longer answer for it.
async fn close_lost(station: &Station, record: &Logged) -> Result<Closing, StationError> {
    let intent: RunIntent = record.predicate()?;
    let reference = record.place.of(&station.facts().origin);
    let open = Open {
        adapter: intent.adapter.sha256,
        nonce: intent.nonce,
        intent: &reference,
    };
    let place = log_abort(station, &open, AbortReason::KeeperLost).await?;
    Ok(aborted(Some(place), AbortReason::KeeperLost))
}

/// The state that follows from a closing record.
fn adopt(record: &Logged) -> Result<Closing, StationError> {
    if record.name == Receipt::NAME {
        return Ok(Closing::Receipt(record.place));
    }
    let abort: RunAbort = record.predicate()?;
    Ok(aborted(Some(record.place), abort.reason))
}

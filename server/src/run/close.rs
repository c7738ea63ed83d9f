//! Closing a run: exactly one receipt or run-abort in the log, then the state that follows from it.
//!
//! Each way out first logs, then stores. Between the two a crash is harmless: the restart finds the
//! closing record by its intent and stores the same state.

use assay_evidence::{
    digest::Digest,
    dsse::Envelope,
    record::{AbortReason, Head, Predicate as _, Receipt, RecordRef, RunAbort},
    statement::{Subject, predicate_name, sign_record},
};

use super::verify::{self, Announced, Refusal};
use crate::{
    enclave_client::EnclaveError,
    id::{JobId, RunId},
    log::LogError,
    station::{Station, StationError},
    store::{Closing, Place, Retry, StoreError},
};

/// What a run-abort by the recorder must name.
pub(super) struct Open<'a> {
    pub adapter: Digest,
    pub nonce: Digest,
    pub intent: &'a RecordRef,
}

impl<'a> Open<'a> {
    pub(super) fn of(announced: &'a Announced) -> Self {
        Self {
            adapter: announced.intent.adapter.sha256,
            nonce: announced.intent.nonce,
            intent: &announced.reference,
        }
    }
}

/// The run ends before anything was announced: no record, no retry.
pub(super) async fn never_announced(
    station: &Station,
    run: RunId,
    code: &str,
    detail: &str,
) -> Result<(), StationError> {
    let closing = Closing::Abort {
        record: None,
        reason: code.to_owned(),
        detail: detail.to_owned(),
    };
    settle(station, run, &closing).await
}

/// The keeper sent its closing record: believed only if it verifies.
pub(super) async fn with_closing(
    station: &Station,
    run: RunId,
    announced: &Announced,
    started: &Head,
    envelope: &Envelope,
) -> Result<(), StationError> {
    let closing = match judge(station, announced, started, envelope) {
        Ok(None) => {
            let reference = station
                .log()
                .append(envelope, &station.enclave_key())
                .await?;
            Closing::Receipt(Place::from(&reference))
        }
        Ok(Some(reason)) => {
            let reference = station
                .log()
                .append(envelope, &station.enclave_key())
                .await?;
            aborted(Some(Place::from(&reference)), reason)
        }
        Err(refusal) => return refuse(station, run, announced, envelope, &refusal).await,
    };
    settle(station, run, &closing).await
}

/// The keeper is gone: the recorder closes the intent in its place.
pub(super) async fn keeper_lost(
    station: &Station,
    run: RunId,
    announced: &Announced,
    error: &EnclaveError,
) -> Result<(), StationError> {
    tracing::warn!(%error, %run, "a run lost its keeper");
    let reason = AbortReason::KeeperLost;
    let place = log_abort(station, &Open::of(announced), reason).await?;
    settle(station, run, &aborted(Some(place), reason)).await
}

/// The keeper would not start what it had announced: the recorder closes the intent, for good.
pub(super) async fn by_recorder(
    station: &Station,
    run: RunId,
    announced: &Announced,
    code: &str,
    detail: &str,
) -> Result<(), StationError> {
    let place = log_abort(station, &Open::of(announced), AbortReason::Operator).await?;
    let closing = Closing::Abort {
        record: Some(place),
        reason: code.to_owned(),
        detail: detail.to_owned(),
    };
    settle(station, run, &closing).await
}

/// Signs and logs a run-abort for an intent that nothing closes.
pub(super) async fn log_abort(
    station: &Station,
    open: &Open<'_>,
    reason: AbortReason,
) -> Result<Place, StationError> {
    let abort = RunAbort {
        answered: 0,
        declared: station.clock().now().rfc3339(),
        intent: open.intent.clone(),
        nonce: open.nonce,
        reason,
        station: station.facts().origin.clone(),
    };
    let subject = Subject::new("adapter", open.adapter);
    let envelope = sign_record(station.recorder(), &[subject], &abort);
    let recorder = station.recorder().public();
    match station.log().append(&envelope, &recorder).await {
        Ok(reference) => Ok(Place::from(&reference)),
        // Someone closed it while we were signing; what is in the log stands.
        Err(LogError::NotOpen { intent }) => {
            let closing = station.log().closing(intent).await?;
            Ok(closing.ok_or(StoreError::Damaged("run-intent"))?.place)
        }
        Err(error) => Err(error.into()),
    }
}

/// Stores what the log says of a run, and queues its next try where there is one.
pub(super) async fn settle(
    station: &Station,
    run: RunId,
    closing: &Closing,
) -> Result<(), StationError> {
    let now = station.clock().now();
    let publish = JobId::draw(now, station.entropy());
    let retry = retry(station, run, closing).await?;
    station
        .store()
        .run_closed(run, closing, retry, publish, now)
        .await?;
    station.changed();
    Ok(())
}

/// State and sentence of an abort with a reason of the closed list.
pub(super) fn aborted(record: Option<Place>, reason: AbortReason) -> Closing {
    Closing::Abort {
        record,
        reason: reason.name().to_owned(),
        detail: sentence(reason).to_owned(),
    }
}

/// `None` for a good receipt, the reason for a good abort.
fn judge(
    station: &Station,
    announced: &Announced,
    started: &Head,
    envelope: &Envelope,
) -> Result<Option<AbortReason>, Refusal> {
    let name = predicate_name(envelope).map_err(|error| Refusal::Statement(error.to_string()))?;
    if name == Receipt::NAME {
        verify::receipt(station, announced, started, envelope).map(|_| None)
    } else {
        verify::abort(station, announced, envelope).map(|abort| Some(abort.reason))
    }
}

/// A closing record that does not verify is kept for whoever looks into it, and believed by nobody.
async fn refuse(
    station: &Station,
    run: RunId,
    announced: &Announced,
    envelope: &Envelope,
    refusal: &Refusal,
) -> Result<(), StationError> {
    let kept = station.blobs().keep(&envelope.to_bytes()).await?;
    tracing::error!(%run, %refusal, blob = %kept, "refused a record of the keeper");
    let place = log_abort(station, &Open::of(announced), AbortReason::KeeperLost).await?;
    let closing = Closing::Abort {
        record: Some(place),
        reason: "receipt-refused".to_owned(),
        detail: format!(
            "what the enclave signed was refused: {refusal}; it is kept as blob {kept}"
        ),
    };
    settle(station, run, &closing).await
}

/// Lost runs are tried again, each time as a new run; whatever ended by itself is not.
async fn retry(
    station: &Station,
    run: RunId,
    closing: &Closing,
) -> Result<Option<Retry>, StationError> {
    let Closing::Abort { reason, .. } = closing else {
        return Ok(None);
    };
    let lost = [AbortReason::KeeperLost, AbortReason::KeeperRestart]
        .iter()
        .any(|lost| lost.name() == reason);
    let Some(row) = station.store().run(run).await? else {
        return Ok(None);
    };
    let delays = &station.config().retry.delays_s;
    let Some(delay) = delays.get(row.tries as usize - 1).filter(|_| lost) else {
        return Ok(None);
    };
    let now = station.clock().now();
    Ok(Some(Retry {
        run: RunId::draw(now, station.entropy()),
        job: JobId::draw(now, station.entropy()),
        run_at: now.plus_seconds(*delay),
    }))
}

/// What a person is told about the end of a run.
const fn sentence(reason: AbortReason) -> &'static str {
    match reason {
        AbortReason::GuestFault => {
            "no instance of the adapter ever started; try it with \"assay try\""
        }
        AbortReason::Limit => "a limit of the whole run was reached",
        AbortReason::EndpointDown => "the declared endpoint gave no usable reply",
        AbortReason::KeeperRestart => "the keeper was restarted in the middle of the run",
        AbortReason::KeeperLost => "the keeper was lost in the middle of the run",
        AbortReason::Operator => "the operator ended the run",
        AbortReason::Cancelled => "the team took the run back",
    }
}

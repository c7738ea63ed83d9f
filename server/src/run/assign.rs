//! One run: assignment, intent, start, news, closing. Every step names the records it rests on.
//!
//! After the intent is logged there are two ways out only: a receipt, or a run-abort.

use std::{sync::Arc, time::Duration};

use assay_evidence::{
    digest::Digest,
    dsse::Envelope,
    leaf,
    record::{AbortReason, Head, RecordRef},
    wire::{Assignment, Blob, Extension, Start},
};
use tokio::time::{Instant, timeout_at};

use super::{close, recover, verify};
use crate::{
    enclave_client::{Assigned, EnclaveError, News, Running},
    id::RunId,
    job::Verdict,
    log::Logged,
    station::{Station, StationError},
    store::{FormRow, Place, RunRow, RunState, StoreError, SubmissionRow},
};

/// A keeper that was asked to stop may take so long to sign the abort.
const STOPPING: Duration = Duration::from_secs(10);
/// Progress is kept in tenths: finer progress on a sealed form would time its items.
const TENTH_PPM: u64 = 100_000;

/// Everything a run rests on, all of it logged.
pub(super) struct Ground {
    pub run: RunRow,
    pub commitment: Logged,
    pub submission: Logged,
    pub evidence: Logged,
    pub component: Arc<Vec<u8>>,
    pub seal: Arc<Vec<u8>>,
}

/// Brings a queued run to its end.
pub(super) async fn evaluate(station: &Station, id: RunId) -> Result<Verdict, StationError> {
    let Some(run) = station.store().run(id).await? else {
        return Ok(Verdict::Done);
    };
    if !matches!(run.state, RunState::Queued | RunState::Running) {
        return Ok(Verdict::Done);
    }
    if run.intent_leaf.is_some() {
        // An earlier attempt met a fault after the announcement; the log says how the run stands.
        recover::settle_from_log(station, &run).await?;
        let again = station.store().run(id).await?;
        let queued = again.is_some_and(|run| run.state == RunState::Queued);
        return Ok(if queued {
            Verdict::Later(0)
        } else {
            Verdict::Done
        });
    }
    let form = station.store().form(&run.form).await?;
    let form = form.ok_or(StoreError::Damaged("form"))?;
    if form.retired.is_some() || form.revealed.is_some() {
        return move_on(station, id).await;
    }
    let ground = match gather(station, run, &form).await? {
        Ok(ground) => ground,
        Err((code, detail)) => {
            close::never_announced(station, id, code, &detail).await?;
            return Ok(Verdict::Done);
        }
    };
    let (before, assigned) = match assign(station, &ground).await {
        Ok(assigned) => assigned,
        Err(EnclaveError::Refused { code, detail }) => {
            close::never_announced(station, id, &code, &detail).await?;
            return Ok(Verdict::Done);
        }
        Err(error) => return Err(error.into()),
    };
    let intent = match verify::intent(station, &ground, &before, &assigned.intent) {
        Ok(intent) => intent,
        Err(refusal) => {
            close::never_announced(station, id, "intent-refused", &refusal.to_string()).await?;
            return Ok(Verdict::Done);
        }
    };
    let Some(reference) = announce(station, &ground.run, &assigned.intent).await? else {
        // Its form was retired while the keeper answered; the keeper lets go of it as we do.
        return move_on(station, id).await;
    };
    let announced = verify::Announced { intent, reference };
    follow(station, id, &announced, assigned).await?;
    Ok(Verdict::Done)
}

/// Takes a run from a form that takes no more to the next one, if there is one.
async fn move_on(station: &Station, run: RunId) -> Result<Verdict, StationError> {
    let now = station.clock().now();
    let waits = station.store().run_moved_on(run, now).await?;
    Ok(if waits {
        Verdict::Later(0)
    } else {
        Verdict::Done
    })
}

/// Collects what the keeper must be shown, or says why the run cannot be.
async fn gather(
    station: &Station,
    run: RunRow,
    form: &FormRow,
) -> Result<Result<Ground, (&'static str, String)>, StationError> {
    let Some(commitment) = form.commitment else {
        let detail = format!(
            "form {} has no logged commitment; publish it before anything runs on it",
            form.form
        );
        return Ok(Err(("form-uncommitted", detail)));
    };
    let submission = station.store().submission(run.submission).await?;
    let submission: SubmissionRow = submission.ok_or(StoreError::Damaged("submission"))?;
    let record = submission.record.ok_or(StoreError::Damaged("submission"))?;
    let evidence = Place::from(&station.evidence().await?);
    let seal = blob(station, &form.seal).await?;
    let component = blob(station, &submission.adapter).await?;
    Ok(Ok(Ground {
        commitment: logged(station, commitment).await?,
        submission: logged(station, record).await?,
        evidence: logged(station, evidence).await?,
        run,
        component,
        seal,
    }))
}

/// The run as announced by the keeper, and the head that it was shown.
async fn assign(station: &Station, ground: &Ground) -> Result<(Head, Assigned), EnclaveError> {
    let turn = station.enclave().turn().await?;
    let before = station.log().published();
    let size = before.head.size;
    let prove = async |record: &Logged| {
        let proven = station.log().prove(record, size).await;
        proven.map_err(|_| EnclaveError::OutOfTurn("a record that cannot be proven"))
    };
    let now = station.clock().now();
    let close_by = now.plus_seconds(station.config().limits.run_seconds_max);
    let assignment = Assignment {
        before: before.note.to_string(),
        close_by: close_by.rfc3339(),
        commitment: prove(&ground.commitment).await?,
        component: wire_blob(&ground.component),
        declared: now.rfc3339(),
        evidence: prove(&ground.evidence).await?,
        extends: extension(station, turn.remembered(), size).await?,
        seal: wire_blob(&ground.seal),
        submission: prove(&ground.submission).await?,
    };
    let run = ground.run.id.to_string();
    let (seal, component) = (ground.seal.clone(), ground.component.clone());
    let assigned = turn.assign(&run, assignment, seal, component).await?;
    Ok((before.head, assigned))
}

/// Proof that the log still holds all that the keeper remembers. There is none for a log that lost
/// records; the keeper is shown its head all the same, and says what it makes of that.
async fn extension(station: &Station, from: u64, size: u64) -> Result<Extension, EnclaveError> {
    let path = if from == 0 || from >= size {
        Vec::new()
    } else {
        consistency(station, from, size).await?
    };
    Ok(Extension { from, path })
}

async fn consistency(station: &Station, old: u64, new: u64) -> Result<Vec<Digest>, EnclaveError> {
    let path = station.log().consistency(old, new).await;
    path.map_err(|_| EnclaveError::OutOfTurn("heads whose step cannot be proven"))
}

/// Logs the intent, unless the run's form takes no more. Its leaf hash is kept first: if the process ends
/// between log and store, the restart finds the intent by it.
async fn announce(
    station: &Station,
    run: &RunRow,
    intent: &Envelope,
) -> Result<Option<RecordRef>, StationError> {
    let key = station.enclave_key();
    let data = leaf::data(intent, &key)
        .map_err(|error| crate::log::LogError::BadRecord(error.to_string()))?;
    let (id, leaf) = (run.id, leaf::hash(&data));
    if !station.store().run_announcing(id, &run.form, &leaf).await? {
        return Ok(None);
    }
    let reference = station.log().append(intent, &key).await?;
    let now = station.clock().now();
    station
        .store()
        .run_started(id, Place::from(&reference), now)
        .await?;
    station.changed();
    Ok(Some(reference))
}

/// Lets the keeper run and closes the intent with what comes of it.
async fn follow(
    station: &Station,
    run: RunId,
    announced: &verify::Announced,
    assigned: Assigned,
) -> Result<(), StationError> {
    let ending = match begin(station, announced, assigned).await {
        Ok((started, mut running)) => watch(station, run, &mut running)
            .await
            .map(|envelope| (started, envelope)),
        Err(error) => Err(error),
    };
    match ending {
        Ok((started, envelope)) => {
            close::with_closing(station, run, announced, &started, &envelope).await
        }
        Err(EnclaveError::Refused { code, detail }) => {
            close::by_recorder(station, run, announced, &code, &detail).await
        }
        Err(error) => close::keeper_lost(station, run, announced, &error).await,
    }
}

/// The head that the run starts under, and the run.
async fn begin(
    station: &Station,
    announced: &verify::Announced,
    assigned: Assigned,
) -> Result<(Head, Running), EnclaveError> {
    let turn = station.enclave().turn().await?;
    let started = station.log().published();
    let size = started.head.size;
    let missing = |_| EnclaveError::OutOfTurn("an intent that cannot be proven");
    let intent = station
        .log()
        .record_at(announced.reference.index)
        .await
        .map_err(missing)?
        .ok_or(EnclaveError::OutOfTurn("an intent that is not in the log"))?;
    let before = announced.intent.before.size;
    let start = Start {
        checkpoint: started.note.to_string(),
        consistency: consistency(station, before, size).await?,
        extends: extension(station, turn.remembered(), size).await?,
        intent: station.log().prove(&intent, size).await.map_err(missing)?,
    };
    let running = turn.start(assigned, start).await?;
    Ok((started.head, running))
}

/// Follows a run to its closing record; ends it when it is open too long.
async fn watch(
    station: &Station,
    run: RunId,
    running: &mut Running,
) -> Result<Envelope, EnclaveError> {
    let limit = Duration::from_secs(station.config().limits.run_seconds_max);
    let deadline = Instant::now() + limit;
    if let Ok(ending) = timeout_at(deadline, listen(station, run, running)).await {
        return ending;
    }
    running.cancel(AbortReason::Limit).await?;
    timeout_at(deadline + STOPPING, listen(station, run, running))
        .await
        .unwrap_or(Err(EnclaveError::Lost))
}

async fn listen(
    station: &Station,
    run: RunId,
    running: &mut Running,
) -> Result<Envelope, EnclaveError> {
    let mut shown = 0;
    loop {
        match running.next().await? {
            News::Closed(envelope) => return Ok(*envelope),
            News::Progress { done, items } => {
                let tenths = (done * 10).checked_div(items).unwrap_or(0).min(10);
                if tenths > shown {
                    shown = tenths;
                    // Progress is for people; a run does not end because it could not be shown.
                    if let Err(error) = station.store().run_progress(run, tenths * TENTH_PPM).await
                    {
                        tracing::warn!(%error, "could not keep progress");
                    }
                    station.changed();
                }
            }
        }
    }
}

async fn logged(station: &Station, place: Place) -> Result<Logged, StationError> {
    let record = station.log().record(&place.leaf).await?;
    Ok(record.ok_or(StoreError::Damaged("record"))?)
}

async fn blob(station: &Station, digest: &Digest) -> Result<Arc<Vec<u8>>, StationError> {
    let bytes = station.blobs().read(digest).await?;
    Ok(Arc::new(bytes.ok_or(StoreError::Damaged("blob"))?))
}

fn wire_blob(bytes: &[u8]) -> Blob {
    Blob {
        bytes: bytes.len() as u64,
        sha256: Digest::of(bytes),
    }
}

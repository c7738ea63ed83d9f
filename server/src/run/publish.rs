//! Publishing a board: computed from records, logged as a snapshot, shown together with its bundles.
//!
//! The board is a pure function of what the log held at one head; anyone with the inputs and the program
//! gets the same bytes. Many receipts that come together make one snapshot.

use std::collections::BTreeMap;

use assay_benchmarks::{
    board::{self, BoardInput, BoardRecord},
    terms::Terms,
};
use assay_evidence::{
    base64,
    digest::Digest,
    record::{FormCommitment, Inputs, Output, Predicate, Sha256Ref, Snapshot, SnapshotHead},
    statement::{Subject, sign_record},
};

use super::bundle;
use crate::{
    clock::Millis,
    id::RunId,
    job::Verdict,
    log::{Logged, Published},
    station::{Station, StationError},
    store::{BoardRow, FormRow, Place, RunRow, StoreError},
};

/// A receipt waits at most so long for others to come with it.
const PATIENCE_MS: u64 = 60_000;
/// How long until a board that waits is looked at again.
const AGAIN_MS: u64 = 500;

/// Publishes the board of a benchmark with all receipts that the log holds.
pub(super) async fn publish(station: &Station, name: &str) -> Result<Verdict, StationError> {
    let marked = station.store().marked_on(name).await?;
    if marked.is_empty() && station.store().newest_board(name).await?.is_none() {
        return Ok(Verdict::Done);
    }
    if waits(station, name, &marked).await? {
        return Ok(Verdict::Later(AGAIN_MS));
    }
    let forms = station.store().forms().await?;
    let Some(form) = FormRow::leading(forms.iter().filter(|form| form.benchmark == name)) else {
        return Ok(Verdict::Done);
    };
    let head = station.log().published();
    let inputs = inputs(station, name, head.head.size).await?;
    let board = snapshot(station, name, &form.version, &head, &inputs).await?;
    let shown = bundled(station, &marked, board.size).await?;
    let now = station.clock().now();
    station.store().board_logged(&board, &shown, now).await?;
    station.changed();
    Ok(Verdict::Done)
}

/// Writes the bundles of receipts below `size`; their runs. A receipt that nobody could verify, as when a
/// manifest made it void before its board was logged, is shown without a bundle.
pub(super) async fn bundled(
    station: &Station,
    marked: &[RunRow],
    size: u64,
) -> Result<Vec<RunId>, StationError> {
    let mut shown = Vec::new();
    for run in marked {
        let Some(receipt) = run.close.filter(|receipt| receipt.index < size) else {
            continue;
        };
        match bundle::write(station, receipt).await {
            Err(error @ StationError::Bundle { .. }) => {
                tracing::error!(%error, "a run is shown without its bundle");
            }
            written => written?,
        }
        shown.push(run.id);
    }
    Ok(shown)
}

/// While runs of the benchmark are under way their receipts are worth waiting for, but not for ever.
async fn waits(station: &Station, name: &str, marked: &[RunRow]) -> Result<bool, StoreError> {
    let counts = station.store().run_counts(name, None).await?;
    let now = station.clock().now();
    let is_old = |since: Millis| since.plus_millis(PATIENCE_MS) <= now;
    let pressing = marked.first().is_some_and(|run| is_old(run.changed));
    Ok(counts.waiting + counts.open > 0 && !pressing)
}

/// Computes, keeps and logs the board; a board over the same records is logged once.
async fn snapshot(
    station: &Station,
    name: &str,
    version: &str,
    head: &Published,
    inputs: &[BoardInput],
) -> Result<BoardRow, StationError> {
    let list = board::input_list(inputs);
    let list_digest = keep(station, &list).await?;
    if let Some(logged) = logged_before(station, name, &list_digest).await? {
        return Ok(logged);
    }
    let output = board::compute(version, inputs).bytes();
    keep(station, &output).await?;
    let facts = station.facts();
    let record = Snapshot {
        declared: station.clock().now().rfc3339(),
        heads: vec![SnapshotHead {
            note: base64::encode(head.note.as_bytes()),
            origin: head.head.origin.clone(),
            root: head.head.root,
            size: head.head.size,
        }],
        inputs: Inputs {
            count: inputs.len() as u64,
            sha256: list_digest,
        },
        output: Output {
            bytes: output.len() as u64,
            media_type: board::MEDIA_TYPE.to_owned(),
            sha256: Digest::of(&output),
        },
        parameters: BTreeMap::from([(BENCHMARK.to_owned(), version.to_owned())]),
        policies: vec![Sha256Ref {
            sha256: Digest::of(facts.policy.as_bytes()),
        }],
        program: board::PROGRAM.clone(),
        station: facts.origin.clone(),
    };
    let subject = Subject::new("board", record.output.sha256);
    let envelope = sign_record(station.recorder(), &[subject], &record);
    let recorder = station.recorder().public();
    let reference = station.log().append(&envelope, &recorder).await?;
    Ok(row(name, Place::from(&reference), &record))
}

/// Keeps bytes that a snapshot names; they are public before it is.
async fn keep(station: &Station, bytes: &[u8]) -> Result<Digest, StationError> {
    station.blobs().keep(bytes).await?;
    Ok(station.public().put_blob(bytes).await?)
}

/// The parameter that names the benchmark.
const BENCHMARK: &str = "benchmark";

/// The newest snapshot, if it is over these inputs: stored, or logged just before a crash.
async fn logged_before(
    station: &Station,
    name: &str,
    inputs: &Digest,
) -> Result<Option<BoardRow>, StationError> {
    let newest = station.store().newest_board(name).await?;
    let from = newest.as_ref().map_or(0, |board| board.snapshot.index + 1);
    for logged in station.log().records_named(Snapshot::NAME, from).await? {
        let snapshot: Snapshot = logged.predicate()?;
        let of = snapshot.parameters.get(BENCHMARK);
        let same = of.is_some_and(|of| of.split('@').next() == Some(name));
        if same && snapshot.inputs.sha256 == *inputs {
            return Ok(Some(row(name, logged.place, &snapshot)));
        }
    }
    Ok(newest.filter(|board| board.inputs == *inputs))
}

fn row(name: &str, place: Place, snapshot: &Snapshot) -> BoardRow {
    BoardRow {
        benchmark: name.to_owned(),
        snapshot: place,
        inputs: snapshot.inputs.sha256,
        output: snapshot.output.sha256,
        size: snapshot.heads.first().map_or(0, |head| head.size),
        declared: snapshot.declared.clone(),
    }
}

/// Every record below `size` that the board of a benchmark depends on.
async fn inputs(station: &Station, name: &str, size: u64) -> Result<Vec<BoardInput>, StationError> {
    let mut records = Vec::new();
    for form in station.store().forms().await? {
        let place = form.commitment.filter(|place| place.index < size);
        if let Some(place) = place.filter(|_| form.benchmark == name) {
            records.push(commitment(station, place, &form.terms).await?);
        }
    }
    add(station, size, &mut records, BoardRecord::Submission).await?;
    add(station, size, &mut records, BoardRecord::Intent).await?;
    add(station, size, &mut records, BoardRecord::Receipt).await?;
    add(station, size, &mut records, BoardRecord::Abort).await?;
    let chosen = board::selection(name, &records);
    Ok(chosen.into_iter().cloned().collect())
}

/// Adds all records of one type below `size`.
async fn add<P: Predicate>(
    station: &Station,
    size: u64,
    records: &mut Vec<BoardInput>,
    record: fn(Box<P>) -> BoardRecord,
) -> Result<(), StationError> {
    let origin = &station.facts().origin;
    for logged in station.log().records_named(P::NAME, 0).await? {
        if logged.place.index < size {
            let predicate = Box::new(logged.predicate::<P>()?);
            records.push(input(&logged, origin, record(predicate)));
        }
    }
    Ok(())
}

async fn commitment(
    station: &Station,
    place: Place,
    terms: &Digest,
) -> Result<BoardInput, StationError> {
    let logged = station.log().record(&place.leaf).await?;
    let logged = logged.ok_or(StoreError::Damaged("form-commitment"))?;
    let record: FormCommitment = logged.predicate()?;
    let bytes = station.blobs().read(terms).await?;
    let bytes = bytes.ok_or(StoreError::Damaged("terms"))?;
    let terms = Terms::parse(&bytes).map_err(|_| StoreError::Damaged("terms"))?;
    let record = BoardRecord::Commitment {
        record: Box::new(record),
        terms: Box::new(terms),
    };
    Ok(input(&logged, &station.facts().origin, record))
}

fn input(logged: &Logged, origin: &str, record: BoardRecord) -> BoardInput {
    BoardInput {
        reference: logged.place.of(origin),
        record,
    }
}

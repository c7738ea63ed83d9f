//! Checking a submission: a compiler process screens its bytes, then its record is logged.
//!
//! The server never looks inside a component; it only passes on what the enclave says about it.

use std::sync::Arc;

use assay_benchmarks::board::PRINCIPAL;
use assay_evidence::{
    dsse::Envelope,
    record::{RecordRef, Sha256Ref, Submission, SubmissionKind},
    statement::{Subject, sign_record},
};

use crate::{
    enclave_client::EnclaveError,
    id::{JobId, RunId, SubmissionId},
    job::Verdict,
    station::{Station, StationError},
    store::{Place, StoreError, SubmissionRow, SubmissionState},
};

/// Screens a submission and logs it, or refuses it.
pub(super) async fn check(station: &Station, id: SubmissionId) -> Result<Verdict, StationError> {
    let Some(submission) = station.store().submission(id).await? else {
        return Ok(Verdict::Done);
    };
    if submission.state != SubmissionState::Received {
        return Ok(Verdict::Done);
    }
    let envelope = match &submission.envelope {
        // Signed before a crash: the same record must be logged, not a second one.
        Some(signed) => {
            Envelope::parse(signed.as_bytes()).map_err(|_| StoreError::Damaged("envelope"))?
        }
        None => match screened(station, &submission).await? {
            Ok(()) => sign(station, &submission).await?,
            Err((code, detail)) => {
                station
                    .store()
                    .submission_refused(id, &code, &detail)
                    .await?;
                return Ok(Verdict::Done);
            }
        },
    };
    let reference = station
        .log()
        .append(&envelope, &station.recorder().public())
        .await?;
    let runs = first_runs(station, &submission).await?;
    station
        .store()
        .submission_checked(id, Place::from(&reference), &runs, station.clock().now())
        .await?;
    Ok(Verdict::Done)
}

/// What the enclave says of the bytes: fine, or a code and a sentence.
async fn screened(
    station: &Station,
    submission: &SubmissionRow,
) -> Result<Result<(), (String, String)>, StationError> {
    let bytes = station.blobs().read(&submission.adapter).await?;
    let component = Arc::new(bytes.ok_or(StoreError::Damaged("adapter"))?);
    match station.enclave().screen(component).await {
        Ok(report) if report.accepted => Ok(Ok(())),
        Ok(report) => Ok(Err((
            report.code.unwrap_or_else(|| "adapter-refused".to_owned()),
            report.detail.unwrap_or_else(|| {
                "the adapter was refused; try \"assay adapter check\"".to_owned()
            }),
        ))),
        Err(EnclaveError::Refused { code, detail }) => Ok(Err((code, detail))),
        // Also what passes by itself: the job comes back.
        Err(error) => Err(error.into()),
    }
}

/// Signs the record for the team and keeps it, so that a restart logs these same bytes.
async fn sign(station: &Station, submission: &SubmissionRow) -> Result<Envelope, StationError> {
    let adapter = Sha256Ref {
        sha256: submission.adapter,
    };
    let mut declares = submission.declares.clone();
    declares.insert(PRINCIPAL.to_owned(), submission.principal.clone());
    let record = Submission {
        adapter,
        declared: station.clock().now().rfc3339(),
        declares,
        kind: SubmissionKind::Wasm,
        name: submission.name.clone(),
        on_behalf: true,
        replaces: replaced(station, submission).await?,
        station: station.facts().origin.clone(),
        submitter: station.recorder().public().key_id(),
    };
    let subject = Subject::new("adapter", submission.adapter);
    let envelope = sign_record(station.recorder(), &[subject], &record);
    let text = String::from_utf8(envelope.to_bytes()).expect("JCS is UTF-8");
    station
        .store()
        .submission_signed(submission.id, &text)
        .await?;
    Ok(envelope)
}

/// The newest logged submission of the same system: a board shows a system, not its versions.
async fn replaced(
    station: &Station,
    submission: &SubmissionRow,
) -> Result<Option<RecordRef>, StationError> {
    let versions = station
        .store()
        .submissions_of_system(&submission.system)
        .await?;
    let logged = versions.iter().filter_map(|version| version.record);
    Ok(logged.max().map(|place| place.of(&station.facts().origin)))
}

/// One run per benchmark, on its newest open form.
async fn first_runs(
    station: &Station,
    submission: &SubmissionRow,
) -> Result<Vec<(String, String, RunId, JobId)>, StationError> {
    let mut runs = Vec::new();
    for benchmark in &submission.benchmarks {
        if let Some(form) = station.store().open_form(benchmark).await? {
            let now = station.clock().now();
            let run = RunId::draw(now, station.entropy());
            let job = JobId::draw(now, station.entropy());
            runs.push((form.form, benchmark.clone(), run, job));
        }
    }
    Ok(runs)
}

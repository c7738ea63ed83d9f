//! Checks an assignment against the keeper's own policy and manifest, and announces the run.
//!
//! Before a nonce is drawn, everything the receipt will name has been proved: the three records under
//! one checkpoint that extends all that the keeper has seen, their signers' roles, the seal, the
//! component, and the grader.

use std::time::Duration;

use assay_benchmarks::grade;
use assay_evidence::{
    checkpoint::Checkpoint,
    digest::Digest,
    dsse::Envelope,
    keys,
    manifest::Role,
    record::{
        EnclaveEvidence, EvidenceType, FormCommitment, RecordRef, RunIntent, Sha256Ref, Submission,
    },
    statement::{Subject, sign_record},
    time,
    wire::Assignment,
};

use super::{
    memory::Memory,
    refusal::{Part, Refused},
    state::State,
    station::{Logged, Station},
};
use crate::{clock, engine, limits};

/// A run may be announced to stay open this long: a day, and an hour for clocks that disagree.
const OPEN_MAX: Duration = Duration::from_hours(25);

/// An assignment that was believed, and the intent that announces it.
pub struct Announced {
    /// The log that held the three records.
    pub before: Checkpoint,
    /// The form's commitment.
    pub commitment: FormCommitment,
    /// What the keeper signed.
    pub intent: RunIntent,
    /// The envelope that the server is to log.
    pub envelope: Envelope,
    /// The sealed form.
    pub seal: Vec<u8>,
    /// The component.
    pub component: Vec<u8>,
}

/// Checks everything, draws the nonce and signs.
pub fn announce(
    state: &State,
    station: &Station,
    assignment: &Assignment,
    seal: Vec<u8>,
    component: Vec<u8>,
) -> Result<Announced, Refused> {
    for time in [&assignment.declared, &assignment.close_by] {
        if !time::is_declared(time) {
            return Err(Refused::Time(time.clone()));
        }
    }
    // The server's word does not decide what is in force: this process has a clock of its own.
    station.check_term(&clock::declared_now())?;
    let latest = clock::declared_after(OPEN_MAX);
    if assignment.close_by > latest {
        let asked = assignment.close_by.clone();
        return Err(Refused::CloseBy { asked, latest });
    }
    let before = station.checkpoint(&assignment.before)?;
    Memory::open(state)?.advance(&before, &assignment.before, &assignment.extends)?;
    let commitment = commitment(state, station, assignment, &before, &seal)?;
    let submission = submission(station, assignment, &before, &component)?;
    let evidence = evidence(state, station, assignment, &before)?;
    let form = commitment.opened.predicate;
    let adapter = submission.opened.predicate.adapter;
    let intent = RunIntent {
        adapter,
        before: before.head(),
        close_by: assignment.close_by.clone(),
        commitment: commitment.at,
        declared: assignment.declared.clone(),
        evidence,
        grader: form.grader.clone(),
        limits: limits::sealed_lane(),
        nonce: Digest(keys::random_bytes()),
        runtime: engine::runtime(),
        station: station.origin().to_owned(),
        submission: submission.at,
    };
    let envelope = sign_record(&state.sign, &[subject(adapter)], &intent);
    Ok(Announced {
        before,
        commitment: form,
        intent,
        envelope,
        seal,
        component,
    })
}

/// The adapter as the subject of intent, receipt and abort.
pub fn subject(adapter: Sha256Ref) -> Subject {
    Subject::new("adapter", adapter.sha256)
}

fn commitment(
    state: &State,
    station: &Station,
    assignment: &Assignment,
    before: &Checkpoint,
    seal: &[u8],
) -> Result<Logged<FormCommitment>, Refused> {
    let record: Logged<FormCommitment> =
        station.logged(Part::Commitment, &assignment.commitment, before)?;
    station.held(
        Part::Commitment,
        &record,
        &[Role::Recorder, Role::EnclaveSign],
    )?;
    let form = &record.opened.predicate;
    let found = Digest::of(seal);
    let committed = record
        .opened
        .subjects
        .first()
        .map_or(found, |subject| subject.digest);
    if found != committed || form.seal.bytes != seal.len() as u64 {
        return Err(Refused::SealDigest { found, committed });
    }
    if !form.seal.recipients.contains(&state.seal_id()) {
        return Err(Refused::OtherEnclave(state.seal_recipient()));
    }
    let has = grade::grader();
    if form.grader != has {
        let name = |grader: &assay_evidence::record::GraderRef| {
            format!("{} {} ({})", grader.name, grader.version, grader.sha256)
        };
        return Err(Refused::Grader {
            asked: name(&form.grader),
            has: name(&has),
        });
    }
    Ok(record)
}

fn submission(
    station: &Station,
    assignment: &Assignment,
    before: &Checkpoint,
    component: &[u8],
) -> Result<Logged<Submission>, Refused> {
    let record: Logged<Submission> =
        station.logged(Part::Submission, &assignment.submission, before)?;
    let submission = &record.opened.predicate;
    if submission.submitter != record.signer.key_id() {
        return Err(Refused::Role(Part::Submission));
    }
    if submission.on_behalf {
        station.held(Part::Submission, &record, &[Role::Recorder])?;
    }
    let (found, submitted) = (Digest::of(component), submission.adapter.sha256);
    let named = record
        .opened
        .subjects
        .iter()
        .all(|subject| subject.digest == submitted);
    if found != submitted || !named {
        return Err(Refused::ComponentDigest { found, submitted });
    }
    Ok(record)
}

/// The evidence must be this keeper's own, by key, recipient, program and manifest.
fn evidence(
    state: &State,
    station: &Station,
    assignment: &Assignment,
    before: &Checkpoint,
) -> Result<RecordRef, Refused> {
    let record: Logged<EnclaveEvidence> =
        station.logged(Part::Evidence, &assignment.evidence, before)?;
    station.held(Part::Evidence, &record, &[Role::EnclaveSign])?;
    let own = state.sign.public().key_id();
    let evidence = &record.opened.predicate;
    let speaks_for_us = record.signer.key_id() == own
        && evidence.keys.sign == own
        && evidence.keys.seal == state.seal_id()
        && evidence.binary.sha256 == state.binary
        && station.has_manifest(&evidence.manifest.sha256)
        && evidence.kind == EvidenceType::None;
    if speaks_for_us {
        Ok(record.at)
    } else {
        Err(Refused::OtherEvidence)
    }
}

//! What jobs do: screen a submission, carry a run from queue to receipt, publish a board.
//!
//! The log is the truth about every run. A state in the store follows a record, never precedes it, so
//! that after a crash at any point the log says how to go on.

mod assign;
pub(crate) mod bundle;
mod close;
mod publish;
mod recover;
mod screen;
mod verify;

#[cfg(test)]
mod tests;

pub(crate) use recover::recover;

use crate::{
    job::Verdict,
    station::{Station, StationError},
    store::{Claim, JobKind, StoreError},
};

/// Does a job.
pub(crate) async fn perform(station: &Station, claim: &Claim) -> Result<Verdict, StationError> {
    match claim.kind {
        JobKind::Check => {
            let id = claim.subject.parse().map_err(|_| damaged())?;
            screen::check(station, id).await
        }
        JobKind::Evaluate => {
            let id = claim.subject.parse().map_err(|_| damaged())?;
            assign::evaluate(station, id).await
        }
        JobKind::Publish => publish::publish(station, &claim.subject).await,
    }
}

fn damaged() -> StationError {
    StoreError::Damaged("subject").into()
}

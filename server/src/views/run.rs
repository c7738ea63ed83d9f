//! Runs and submissions as documents: rows of the store with their links.
//!
//! Progress is shown in tenths only: finer steps would time the items of a sealed form.

use assay_api::{
    AsOf, Refusal, RunPage, RunRow, RunState, StateChange, SubmissionPage, SubmissionState,
};

use super::link;
use crate::store;

const PPM_OF_A_TENTH: u64 = 100_000;

/// A run in a list; `place` is its place in the queue while it waits.
pub fn row(run: &store::RunRow, place: Option<u64>) -> RunRow {
    let receipt = run.receipt();
    RunRow {
        id: run.id.to_string(),
        submission: run.submission.to_string(),
        system: run.system.clone(),
        name: run.name.clone(),
        benchmark: run.benchmark.clone(),
        form: run.form.clone(),
        state: state(run.state),
        reason: run.reason.clone(),
        detail: run.detail.clone(),
        tenths_done: if receipt.is_some() {
            10
        } else {
            tenths(run.progress_ppm)
        },
        place: place.filter(|_| run.state == store::RunState::Queued),
        created: run.created.rfc3339(),
        changed: run.changed.rfc3339(),
        intent: run.intent.map(link::record),
        receipt: receipt.map(link::record),
        abort: run.abort().map(link::record),
        bundle: receipt.map(|receipt| link::bundle_path(&receipt.leaf)),
    }
}

/// A run with its history.
pub fn page(as_of: AsOf, run: RunRow, history: &[store::StateChange]) -> RunPage {
    let history = history
        .iter()
        .map(|change| StateChange {
            state: state(change.state),
            at: change.at.rfc3339(),
            reason: change.reason.clone(),
        })
        .collect();
    RunPage {
        as_of,
        run,
        history,
    }
}

/// A submission with its runs, oldest first.
pub fn submission(submission: &store::SubmissionRow, runs: Vec<RunRow>) -> SubmissionPage {
    let refusal = submission.refusal.iter();
    SubmissionPage {
        this: format!("/api/v1/submissions/{}", submission.id),
        id: submission.id.to_string(),
        system: submission.system.clone(),
        name: submission.name.clone(),
        adapter_sha256: submission.adapter.to_string(),
        bytes: submission.bytes,
        open: submission.is_open(),
        state: match submission.state {
            store::SubmissionState::Received => SubmissionState::Received,
            store::SubmissionState::Checked => SubmissionState::Checked,
            store::SubmissionState::Refused => SubmissionState::Refused,
        },
        refusals: refusal
            .map(|(code, detail)| Refusal {
                code: code.clone(),
                detail: detail.clone(),
            })
            .collect(),
        record: submission.record.map(link::record),
        runs,
        created: submission.created.rfc3339(),
    }
}

const fn state(state: store::RunState) -> RunState {
    match state {
        store::RunState::Queued => RunState::Queued,
        store::RunState::Running => RunState::Running,
        store::RunState::Marked => RunState::Marked,
        store::RunState::Published => RunState::Published,
        store::RunState::Aborted => RunState::Aborted,
    }
}

fn tenths(ppm: u64) -> u8 {
    u8::try_from(ppm / PPM_OF_A_TENTH).unwrap_or(10).min(10)
}

#[cfg(test)]
mod tests {
    use assay_evidence::digest::Digest;

    use super::*;
    use crate::{
        clock::Millis,
        id::{RunId, SubmissionId},
        store::Place,
    };

    fn run(state: store::RunState, ppm: u64) -> store::RunRow {
        store::RunRow {
            id: RunId([1; 16]),
            submission: SubmissionId([2; 16]),
            system: "s".to_owned(),
            name: "System".to_owned(),
            benchmark: "bay-knowledge".to_owned(),
            form: "f".to_owned(),
            tries: 1,
            state,
            reason: None,
            detail: None,
            progress_ppm: ppm,
            intent_leaf: None,
            intent: None,
            close: Some(Place {
                index: 7,
                leaf: Digest::of(b"leaf"),
            }),
            board: None,
            created: Millis(0),
            changed: Millis(1000),
        }
    }

    #[test]
    fn progress_is_shown_in_tenths() {
        for (ppm, shown) in [
            (0, 0),
            (99_999, 0),
            (100_000, 1),
            (999_999, 9),
            (1_000_000, 10),
            (u64::MAX, 10),
        ] {
            assert_eq!(
                row(&run(store::RunState::Running, ppm), None).tenths_done,
                shown,
                "{ppm}"
            );
        }
        assert_eq!(row(&run(store::RunState::Marked, 0), None).tenths_done, 10);
    }

    #[test]
    fn the_closing_record_is_a_receipt_or_an_abort_by_the_state() {
        let closed = row(&run(store::RunState::Published, 0), None);
        let leaf = Digest::of(b"leaf").to_string();
        assert_eq!(closed.bundle, Some(format!("/bundle/{leaf}.json")));
        let receipt = closed.receipt.expect("a published run has a receipt");
        assert_eq!(receipt.href, format!("/record/{}/{leaf}.json", &leaf[..2]));
        assert_eq!(closed.abort, None);
        let aborted = row(&run(store::RunState::Aborted, 0), None);
        assert_eq!((aborted.receipt, aborted.bundle), (None, None));
        assert_eq!(aborted.abort.map(|abort| abort.index), Some(7));
    }

    #[test]
    fn only_a_queued_run_has_a_place() {
        assert_eq!(
            row(&run(store::RunState::Queued, 0), Some(3)).place,
            Some(3)
        );
        assert_eq!(row(&run(store::RunState::Running, 0), Some(3)).place, None);
    }
}

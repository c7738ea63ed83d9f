//! A disk that refuses or a sync that fails: nothing is signed that is not sure, and nothing is tried again.

use std::{io, sync::Mutex};

use super::{plan::Moment, *};
use crate::{log::files::Step, store::lock::Lock};

/// What was asked of the disk from the refusal on.
#[derive(Default)]
struct Seen {
    refused: Option<Step>,
    afterwards: Vec<Step>,
}

/// Lets one step of a batch fail; the step, what the caller was told, and the log after it.
async fn fail(
    dir: &Path,
    number: usize,
    error: i32,
) -> Option<(Step, Result<RecordRef, LogError>, Log)> {
    let setup = setup(dir);
    let plan = setup.steps.plan.clone();
    Log::create(&setup).await.unwrap();
    let log = Log::open(setup).await.unwrap();
    log.settled().await.unwrap();
    let seen = Arc::new(Mutex::new(Seen::default()));
    let (noted, mut steps) = (Arc::clone(&seen), 0);
    plan.set(move |moment, step, _| {
        let mut seen = noted.lock().unwrap();
        if moment == Moment::After {
            return Ok(());
        }
        steps += 1;
        if steps == number {
            seen.refused = Some(step);
            return Err(io::Error::from_raw_os_error(error));
        }
        if seen.refused.is_some() {
            seen.afterwards.push(step);
        }
        Ok(())
    });
    let key = signer();
    let told = log
        .append(&submission("a", ORIGIN, &key), &key.public())
        .await;
    if let Err(refusal) = &told {
        let next = log
            .append(&submission("b", ORIGIN, &key), &key.public())
            .await;
        assert_eq!(next.unwrap_err().to_string(), refusal.to_string());
    }
    log.close().await;
    let seen = std::mem::take(&mut *seen.lock().unwrap());
    let step = seen.refused?;
    assert_eq!(seen.afterwards, [], "after a failed {step:?}");
    Some((step, told, log))
}

async fn stored_size(dir: &Path) -> u64 {
    let lock = Lock::open(dir).await.unwrap();
    lock.head().await.unwrap().unwrap().size
}

/// Every step of a batch fails once.
async fn fail_everywhere(error: i32) {
    use Step::{Remove, Rename, Swap, SyncAll, SyncFile, SyncFolder, Write};
    let mut seen = Vec::new();
    for number in 1.. {
        let dir = tempfile::tempdir().unwrap();
        let Some((step, told, log)) = fail(dir.path(), number, error).await else {
            break;
        };
        // Staging comes first: a file, its sync, its name, the sync of that. Then the swap.
        let is_staging = seen.len() < 4;
        let is_signed = seen.len() > 4;
        assert_ne!(log.status().condition, Condition::Running);
        match told {
            Err(LogError::ReadOnly(_)) => assert!(is_staging && !step.is_sync(), "{step:?}"),
            Err(LogError::Stopped(_)) => assert!(!is_staging || step.is_sync(), "{step:?}"),
            Err(other) => panic!("{step:?}: {other}"),
            // The record is public by then; what is tidied is of no use.
            Ok(_) => assert_eq!(step, Remove),
        }
        assert_eq!(
            stored_size(dir.path()).await,
            u64::from(is_signed),
            "{step:?}"
        );
        let log = open(dir.path()).await;
        assert_eq!(log.published().head.size, u64::from(is_signed));
        log.close().await;
        seen.push(step);
    }
    let record_bundle_tile = [Write, Write, Write];
    let whole = [Write, SyncFile, Rename, SyncFolder];
    let expected = [
        &whole[..],
        &[Swap],
        &record_bundle_tile,
        &[SyncAll],
        &whole,
        &[Remove],
    ];
    assert_eq!(seen, expected.concat());
}

#[tokio::test]
async fn a_full_disk_makes_the_log_read_only_or_stops_it_and_nothing_is_retried() {
    const NO_SPACE: i32 = 28;
    fail_everywhere(NO_SPACE).await;
}

#[tokio::test]
async fn a_disk_error_makes_the_log_read_only_or_stops_it_and_nothing_is_retried() {
    const INPUT_OUTPUT: i32 = 5;
    fail_everywhere(INPUT_OUTPUT).await;
}

#[tokio::test]
async fn a_log_that_has_stopped_says_so_to_whoever_waits_for_that() {
    let dir = tempfile::tempdir().unwrap();
    let setup = setup(dir.path());
    let plan = setup.steps.plan.clone();
    Log::create(&setup).await.unwrap();
    let log = Log::open(setup).await.unwrap();
    log.settled().await.unwrap();
    plan.set(|_, step, _| {
        if step == Step::Swap {
            return Err(io::Error::other("no answer"));
        }
        Ok(())
    });
    let key = signer();
    let record = submission("a", ORIGIN, &key);
    let refusal = log.append(&record, &key.public()).await.unwrap_err();
    assert_eq!(
        refusal.to_string(),
        "the log has stopped: the lock store gave no clear answer: no answer; then start the station again"
    );
    assert_eq!(
        log.stopped().await,
        "the lock store gave no clear answer: no answer"
    );
}

#[tokio::test]
async fn a_clock_that_goes_back_stops_the_log() {
    let dir = tempfile::tempdir().unwrap();
    let setup = setup(dir.path());
    let clock = setup.clock.clone();
    Log::create(&setup).await.unwrap();
    let log = Log::open(setup).await.unwrap();
    let key = signer();
    log.append(&submission("a", ORIGIN, &key), &key.public())
        .await
        .unwrap();
    clock.wind(0_u64.wrapping_sub(1));
    let refusal = log
        .append(&submission("b", ORIGIN, &key), &key.public())
        .await;
    assert_eq!(
        refusal.unwrap_err().to_string(),
        "the log has stopped: the clock says 2027-01-15T07:59:59Z, but the last batch was written at \
         2027-01-15T08:00:00Z; set the clock right, then start again; then start the station again"
    );
    assert_eq!(log.published().head.size, 1);
}

#[tokio::test]
async fn the_second_of_two_writers_stops_and_signs_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let first = made(dir.path()).await;
    let second = open(dir.path()).await;
    let key = signer();
    let won = first
        .append(&submission("a", ORIGIN, &key), &key.public())
        .await;
    assert_eq!(won.unwrap().index, 0);
    let root = first.published().head.root;
    let lost = second
        .append(&submission("b", ORIGIN, &key), &key.public())
        .await;
    assert_eq!(
        lost.unwrap_err().to_string(),
        "the log has stopped: another process has written this log; let one server alone use its folder; \
         then start the station again"
    );
    let next = first
        .append(&submission("c", ORIGIN, &key), &key.public())
        .await;
    assert_eq!(next.unwrap().index, 1);
    first.close().await;
    second.close().await;
    let log = open(dir.path()).await;
    assert_eq!(log.published().head.size, 2);
    assert_eq!(log.root_at(1).await.unwrap(), root);
}

#[tokio::test]
async fn a_full_pool_is_busy_and_what_waits_in_it_is_counted() {
    let dir = tempfile::tempdir().unwrap();
    let log = made(dir.path()).await;
    let key = signer();
    let public = key.public();
    let record = submission("a", ORIGIN, &key);
    let mut appends = Vec::new();
    // The writer runs on this thread and so takes nothing before this test waits.
    for _ in 0..POOL_MAX {
        let mut append = Box::pin(log.append(&record, &public));
        assert!(futures_util::poll!(&mut append).is_pending());
        appends.push(append);
    }
    assert_eq!(log.status().waiting, POOL_MAX);
    let refusal = log.append(&record, &public).await.unwrap_err();
    assert!(matches!(refusal, LogError::Busy), "{refusal}");
    for append in appends {
        assert_eq!(append.await.unwrap().index, 0);
    }
    assert_eq!(log.status().waiting, 0);
}

//! A witness with a disk: what it answers, what it remembers, and what a race cannot make it do.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use assay_evidence::{note, tree::ProofError};
use tempfile::TempDir;

use super::{
    testing::{TestLog, witness},
    *,
};
use crate::clock::Millis;

const STATION: &str = "log.b.test";
const NOW: u64 = 1_800_000_000;

fn clock() -> Clock {
    Clock::wound(Millis(NOW * 1000))
}

fn log() -> TestLog {
    TestLog::new("log.a.test", 1, 300, ("", 300))
}

async fn world() -> (TempDir, TestLog, Clock, Witness) {
    let (dir, log, clock) = (tempfile::tempdir().unwrap(), log(), clock());
    let witness = witness(dir.path(), STATION, &[&log], &clock).await;
    (dir, log, clock, witness)
}

fn row(refused: WitnessError) -> Refused {
    match refused {
        WitnessError::Refused(row) => row,
        other => panic!("{other}"),
    }
}

/// The time in a signature line, which must verify under the witness's key for this head.
fn time_of(witness: &Witness, log: &TestLog, size: u64, line: &str) -> u64 {
    let note = log.note(size) + line;
    let note = note::parse(&note).unwrap();
    let newest = cosignature::newest(&note, witness.cosigner(), None).unwrap();
    newest.unwrap().0
}

#[tokio::test]
async fn a_head_is_cosigned_once_it_continues_the_last_and_is_on_disk() {
    let (dir, log, clock, first) = world().await;
    let line = first.add_checkpoint(&log.request(0, 5)).await.unwrap();
    assert_eq!(time_of(&first, &log, 5, &line), NOW);
    let refused = first.add_checkpoint(&log.request(0, 9)).await.unwrap_err();
    assert_eq!(row(refused), Refused::Stands(5));
    first.add_checkpoint(&log.request(5, 9)).await.unwrap();
    drop(first);
    // Another process on the same folder goes on where that one has stopped.
    let second = witness(dir.path(), STATION, &[&log], &clock).await;
    let refused = second.add_checkpoint(&log.request(5, 7)).await.unwrap_err();
    assert_eq!(row(refused), Refused::Stands(9));
    let line = second.add_checkpoint(&log.request(9, 300)).await.unwrap();
    let latest = second.latest(&Digest::of(b"log.a.test")).await.unwrap();
    assert_eq!(latest, Some(log.note(300) + &line));
}

#[tokio::test]
async fn an_unknown_log_and_a_wrong_proof_are_refused_by_their_rows() {
    let (_dir, log, _, witness) = world().await;
    let other = TestLog::new("log.c.test", 1, 5, ("", 5));
    let refused = witness.add_checkpoint(&other.request(0, 5)).await;
    assert_eq!(
        row(refused.unwrap_err()),
        Refused::UnknownOrigin("log.c.test".into())
    );
    let digest = Digest::of(b"log.c.test");
    assert_eq!(witness.latest(&digest).await.unwrap(), None);
    assert_eq!(
        witness.latest(&Digest::of(b"log.a.test")).await.unwrap(),
        None
    );
    witness.add_checkpoint(&log.request(0, 5)).await.unwrap();
    let fork = TestLog::new("log.a.test", 1, 9, ("fork", 3));
    let refused = witness.add_checkpoint(&fork.request(5, 9)).await;
    assert_eq!(
        row(refused.unwrap_err()),
        Refused::Inconsistent(ProofError::Root)
    );
}

#[tokio::test]
async fn a_clock_that_is_set_back_makes_no_earlier_line() {
    let (dir, log, clock, first) = world().await;
    clock.wind(5_000);
    let line = first.add_checkpoint(&log.request(0, 5)).await.unwrap();
    assert_eq!(time_of(&first, &log, 5, &line), NOW + 5);
    let behind = self::clock();
    let second = witness(dir.path(), STATION, &[&log], &behind).await;
    let line = second.add_checkpoint(&log.request(5, 9)).await.unwrap();
    assert_eq!(time_of(&second, &log, 9, &line), NOW + 5);
    behind.wind(7_000);
    let line = second.add_checkpoint(&log.request(9, 9)).await.unwrap();
    assert_eq!(time_of(&second, &log, 9, &line), NOW + 7);
}

#[tokio::test]
async fn a_second_head_of_one_size_is_kept_with_the_first_and_freezes_the_log() {
    let (dir, log, _, witness) = world().await;
    witness.add_checkpoint(&log.request(0, 5)).await.unwrap();
    let fork = TestLog::new("log.a.test", 1, 5, ("fork", 3));
    let refused = witness.add_checkpoint(&fork.request(5, 5)).await;
    assert_eq!(
        row(refused.unwrap_err()),
        Refused::Inconsistent(ProofError::Root)
    );
    for request in [log.request(5, 9), fork.request(5, 5)] {
        let refused = witness.add_checkpoint(&request).await.unwrap_err();
        assert_eq!(
            refused.to_string(),
            "the log log.a.test has signed heads that contradict each other; it is never cosigned again"
        );
    }
    let kept = witness.contradictions.all().await.unwrap();
    let [kept] = kept.as_slice() else {
        panic!("{kept:?}");
    };
    assert_eq!(kept.kind, ContradictionKind::Split);
    let folder = witness.contradictions.folder_of(kept);
    let read = |name: &str| std::fs::read_to_string(folder.join(name)).unwrap();
    assert!(
        read("note-a").starts_with(&log.note(5)),
        "{}",
        read("note-a")
    );
    assert_eq!(read("note-b"), fork.note(5));
    // A file that a crash has left out is there again after the next start.
    std::fs::remove_file(folder.join("note-b")).unwrap();
    let (_, again) = testing::memory(dir.path()).await;
    assert_eq!(again.all().await.unwrap(), std::slice::from_ref(kept));
    assert_eq!(read("note-b"), fork.note(5));
}

/// Requests from everywhere at once: whoever is answered later was never given a smaller head.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn no_smaller_head_is_cosigned_after_a_larger() {
    let (_dir, log, _, witness) = world().await;
    let (witness, log) = (Arc::new(witness), Arc::new(log));
    let turns = Arc::new(AtomicUsize::new(0));
    let ask = |seed: u64| {
        let (witness, log, turns) = (Arc::clone(&witness), Arc::clone(&log), Arc::clone(&turns));
        tokio::spawn(async move {
            let (mut old, mut done) = (0, Vec::new());
            for step in 1..=20 {
                let size = (seed * 7 + step * 13) % 300;
                if size < old {
                    continue;
                }
                let began = turns.fetch_add(1, Ordering::SeqCst);
                let answer = witness.add_checkpoint(&log.request(old, size)).await;
                let ended = turns.fetch_add(1, Ordering::SeqCst);
                match answer {
                    Ok(_) => {
                        done.push((began, ended, size));
                        old = size;
                    }
                    Err(refused) => match row(refused) {
                        Refused::Stands(size) => old = size,
                        other => panic!("{other}"),
                    },
                }
            }
            done
        })
    };
    let asked: Vec<_> = (0..8).map(ask).collect();
    let mut done = Vec::new();
    for asked in asked {
        done.extend(asked.await.unwrap());
    }
    assert!(
        done.len() > 8,
        "too few heads were cosigned to race: {}",
        done.len()
    );
    for (_, ended, before) in &done {
        for (began, _, after) in &done {
            assert!(
                ended > began || before <= after,
                "{after} was cosigned after {before}"
            );
        }
    }
    let largest = done.iter().map(|(_, _, size)| *size).max();
    let stands = witness.cosigned("log.a.test").await.unwrap();
    assert_eq!(stands.map(|stands| stands.head.size), largest);
}

//! Swaps that are done and swaps that are lost.

use tempfile::TempDir;

use super::*;

const ORIGIN: &str = "log.peer.test";

async fn store() -> (TempDir, WitnessStore) {
    let dir = tempfile::tempdir().unwrap();
    let store = WitnessStore::open(dir.path()).await.unwrap();
    (dir, store)
}

fn at(size: u64, root: &[u8]) -> Recorded {
    let root = Digest::of(root);
    Recorded { size, root }
}

fn signed(head: &Recorded, time: u64) -> CosignedHead {
    CosignedHead {
        head: head.clone(),
        note: format!("note of {}", head.size),
        time,
    }
}

fn contradiction(note_b: &str) -> Contradiction {
    Contradiction {
        origin: ORIGIN.to_owned(),
        kind: ContradictionKind::Fork,
        note_a: "a".to_owned(),
        note_b: note_b.to_owned(),
        hashes: vec![Digest::of(b"1"), Digest::of(b"2")],
        at: Millis(5),
        leaf: None,
    }
}

#[tokio::test]
async fn only_the_head_that_was_looked_at_is_replaced() {
    let (dir, store) = store().await;
    let (five, seven, nine) = (at(5, b"5"), at(7, b"7"), at(9, b"9"));
    let swap = async |from: Option<&Recorded>, to: &Recorded| {
        store
            .swap_cosigned(ORIGIN, from, &signed(to, 10))
            .await
            .unwrap()
    };
    assert_eq!(swap(None, &five).await, Swap::Done);
    assert_eq!(swap(None, &nine).await, Swap::Lost);
    assert_eq!(swap(Some(&five), &nine).await, Swap::Done);
    // The slow small request of the race: it was judged at five, and nine stands there by now.
    assert_eq!(swap(Some(&five), &seven).await, Swap::Lost);
    assert_eq!(swap(Some(&at(9, b"other")), &nine).await, Swap::Lost);
    let newest = store.cosigned(ORIGIN).await.unwrap();
    assert_eq!(newest, Some(signed(&nine, 10)));
    store.close().await;
    let again = WitnessStore::open(dir.path()).await.unwrap();
    assert_eq!(again.cosigned(ORIGIN).await.unwrap(), newest);
    assert_eq!(again.cosigned("log.other.test").await.unwrap(), None);
}

#[tokio::test]
async fn a_time_never_goes_back() {
    let (_dir, store) = store().await;
    let five = at(5, b"5");
    let swap = async |from: Option<&Recorded>, time| {
        store
            .swap_cosigned(ORIGIN, from, &signed(&five, time))
            .await
            .unwrap()
    };
    assert_eq!(swap(None, 10).await, Swap::Done);
    assert_eq!(swap(Some(&five), 9).await, Swap::Lost);
    assert_eq!(swap(Some(&five), 10).await, Swap::Done);
    assert_eq!(swap(Some(&five), 11).await, Swap::Done);
}

#[tokio::test]
async fn a_log_with_a_contradiction_is_never_cosigned_again() {
    let (_dir, store) = store().await;
    let (five, nine) = (at(5, b"5"), at(9, b"9"));
    let first = signed(&five, 10);
    assert_eq!(
        store.swap_cosigned(ORIGIN, None, &first).await.unwrap(),
        Swap::Done
    );
    assert!(!store.is_frozen(ORIGIN).await.unwrap());
    store.keep(&contradiction("b")).await.unwrap();
    store.keep(&contradiction("b")).await.unwrap();
    assert!(store.is_frozen(ORIGIN).await.unwrap());
    assert_eq!(store.contradictions().await.unwrap(), [contradiction("b")]);
    let next = signed(&nine, 11);
    let lost = store.swap_cosigned(ORIGIN, Some(&five), &next);
    assert_eq!(lost.await.unwrap(), Swap::Lost);
    let other = "log.other.test";
    assert!(!store.is_frozen(other).await.unwrap());
    assert_eq!(
        store.swap_cosigned(other, None, &first).await.unwrap(),
        Swap::Done
    );
}

#[tokio::test]
async fn a_followed_head_is_replaced_only_by_whoever_saw_it() {
    let (_dir, store) = store().await;
    let head = |size: u64| FollowedHead {
        head: at(size, &[size as u8]),
        note: "note".to_owned(),
        at: Millis(size),
    };
    let (five, nine) = (head(5), head(9));
    let swap = async |from: Option<&FollowedHead>, to: &FollowedHead| {
        let from = from.map(|from| &from.head);
        store.swap_followed(ORIGIN, from, to).await.unwrap()
    };
    assert_eq!(swap(None, &five).await, Swap::Done);
    assert_eq!(swap(None, &nine).await, Swap::Lost);
    assert_eq!(swap(Some(&nine), &five).await, Swap::Lost);
    assert_eq!(swap(Some(&five), &nine).await, Swap::Done);
    assert_eq!(store.followed(ORIGIN).await.unwrap(), Some(nine));
}

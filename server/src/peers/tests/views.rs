//! One log that shows two stories, each to one of two stations that follow each other.

use super::*;

/// One log, two stories: each shown to one of two stations that follow each other.
async fn split_view(sizes: (u64, u64)) -> [(Watcher, Peers); 2] {
    let stories = [("", 2000), ("other", 200)].map(|story| TestLog::new(LOG, 1, 2000, story));
    let own = [("log.b.test", 2), ("log.c.test", 3)]
        .map(|(origin, seed)| TestLog::new(origin, seed, 9, ("", 9)));
    let shown = [
        stage(stories[0].clone(), sizes.0),
        stage(stories[1].clone(), sizes.1),
    ];
    let b = Watcher::new("log.b.test", &[&stories[0]]).await;
    let c = Watcher::new("log.c.test", &[&stories[0]]).await;
    let views = [
        station(&shown[0], None).await,
        station(&shown[1], None).await,
    ];
    let serve_b = station(&stage(own[0].clone(), 9), Some(Arc::clone(&b.witness))).await;
    let serve_c = station(&stage(own[1].clone(), 9), Some(Arc::clone(&c.witness))).await;
    let of_b = b
        .follow(&[(&stories[0], &views[0]), (&own[1], &serve_c)])
        .await;
    let of_c = c
        .follow(&[(&stories[0], &views[1]), (&own[0], &serve_b)])
        .await;
    for peers in [&of_b, &of_c, &of_b, &of_b] {
        peers.look(0).await;
    }
    // The servers must outlive the looks.
    drop((views, serve_b, serve_c));
    [(b, of_b), (c, of_c)]
}

#[tokio::test]
async fn a_split_view_is_found_by_both_stations_that_it_was_shown_to() {
    for (watcher, peers) in split_view((500, 500)).await {
        let kept = contradictions(&peers).all().await.unwrap();
        let [kept] = &kept[..] else {
            panic!("{kept:?}");
        };
        assert_eq!(kept.kind, ContradictionKind::Split);
        let folder = contradictions(&peers).folder_of(kept);
        assert!(folder.starts_with(watcher.dir.path().join("evidence")));
        let file = |name: &str| std::fs::read_to_string(folder.join(name)).unwrap();
        assert_eq!(
            (file("note-a"), file("note-b")),
            (kept.note_a.clone(), kept.note_b.clone())
        );
        let trouble = peers.states()[0].trouble.clone().unwrap();
        assert!(trouble.contains("frozen"), "{trouble}");
    }
}

#[tokio::test]
async fn a_view_that_runs_ahead_is_proven_false_by_the_station_that_sees_it() {
    let [(_, of_b), (_, of_c)] = split_view((300, 700)).await;
    let kept = contradictions(&of_c).all().await.unwrap();
    assert_eq!(kept.len(), 1);
    assert_eq!(kept[0].kind, ContradictionKind::Fork);
    // The other station has no tiles of that story: it tells what it is not shown, and accuses nobody.
    assert!(contradictions(&of_b).all().await.unwrap().is_empty());
    let [seen, _] = &of_b.states()[..] else {
        panic!("two logs are followed");
    };
    assert_eq!(seen.trouble, None);
    assert_eq!(
        seen.doubt.as_deref(),
        Some("a head of 700 records was cosigned that it does not show")
    );
}

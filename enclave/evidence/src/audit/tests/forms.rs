//! Forms that left use take no runs, under whatever name they were committed.

use super::*;
use crate::record::{FormReveal, RevealedBody};

fn reveal(station: &mut Station) {
    let reveal = revealing(station);
    station.log(By::Recorder, b"seal", &reveal);
}

fn revealing(station: &Station) -> FormReveal {
    FormReveal {
        body: RevealedBody {
            bytes: 66,
            sha256: Digest::of(b"body"),
        },
        commitment: station.commitment.clone(),
        declared: TIME.into(),
        items: 60,
        items_root: Digest::of(b"items"),
        seed: Digest::of(b"seed"),
        station: ORIGIN.into(),
    }
}

#[test]
fn a_form_that_left_use_takes_no_run_and_a_form_unknown_cannot_leave() {
    let mut station = Station::new();
    retire(&mut station);
    station.run();
    let says = "run on bay-knowledge-1, which was retired at 4";
    assert_eq!(station.finding(), found("run-after-reveal", 5, says));

    let mut station = Station::new();
    reveal(&mut station);
    station.run();
    let says = "run on bay-knowledge-1, which was revealed at 4";
    assert_eq!(station.finding(), found("run-after-reveal", 5, says));

    let mut station = Station::new();
    let mut unknown = revealing(&station);
    unknown.commitment.index = 1;
    station.log(By::Recorder, b"seal", &unknown);
    let says = "a form is revealed that this log did not commit before";
    assert_eq!(station.finding(), found("uncommitted-form", 4, says));
}

#[test]
fn the_twin_of_a_revealed_form_takes_no_run_wherever_it_was_committed() {
    let mut station = Station::new();
    let revealed = station.commitment.clone();
    station.commitment = station.log_commitment("twin-before");
    let before = station.run();
    assert!(station.replay().findings().is_empty());
    let twin = std::mem::replace(&mut station.commitment, revealed);
    reveal(&mut station);
    assert_eq!(station.tree.size(), before.index + 2);

    station.commitment = twin;
    station.run();
    let says = "run on twin-before, whose items were revealed at 7";
    assert_eq!(station.finding(), found("run-after-reveal", 8, says));
    station.records.truncate(8);
    station.tree = station
        .records
        .iter()
        .map(|(data, _)| leaf::hash(data))
        .collect();
    station.commitment = station.log_commitment("twin-after");
    station.run();
    let says = "run on twin-after, whose items were revealed at 7";
    assert_eq!(station.finding(), found("run-after-reveal", 9, says));
}

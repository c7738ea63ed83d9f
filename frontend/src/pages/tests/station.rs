//! The station's page: what is open, ended or wrong is said in words, and so is that nothing is.

use scraper::Html;

use super::{EN, documents, select, texts};
use crate::pages::station;

fn troubled() -> Html {
    Html::parse_document(&station(&documents::station(), EN))
}

fn new() -> Html {
    Html::parse_document(&station(&documents::new_station(), EN))
}

#[test]
fn an_open_run_shows_its_age_and_its_due_time_and_an_unknown_one_is_not_left_out() {
    let page = troubled();
    let cells = |row: usize| {
        let row = format!("section[aria-labelledby=open] tbody tr:nth-child({row})");
        texts(&page, &format!("{row} th, {row} td"))
    };
    let (announced, due) = ("22 Nov 2026, 08:00:00 UTC", "22 Nov 2026, 09:00:00 UTC");
    let due_now = format!("{due} overdue");
    assert_eq!(
        cells(1),
        [
            "run_01HX9Q",
            "table-expert-50",
            "bay-knowledge-sealed-1",
            announced,
            "2 hours",
            &due_now,
            "Record 1,030",
        ]
    );
    let unknown = ["unknown", "", "", announced, "unknown", due, "Record 1,030"];
    assert_eq!(cells(2), unknown);
}

#[test]
fn a_run_without_a_result_shows_its_reason_its_age_and_whether_it_was_announced() {
    let page = troubled();
    let cells = |row: usize| {
        let row = format!("section[aria-labelledby=aborted] tbody tr:nth-child({row}) td");
        texts(&page, &row)
    };
    let lost = cells(1);
    assert!(lost[2].starts_with("keeper-restart "), "{lost:?}");
    assert_eq!(lost[4..], ["1 day", "Record 39"]);
    let closed = cells(2);
    assert!(closed[2].starts_with("form-closed "), "{closed:?}");
    assert_eq!(closed[5], "never announced");
    assert_eq!(
        texts(&page, "section[aria-labelledby=aborted] .aside"),
        ["50 older runs without a result, as data"]
    );
}

#[test]
fn stale_and_read_only_are_words() {
    let facts = texts(&troubled(), "section[aria-labelledby=log] dd");
    assert!(facts[0].starts_with("stale: "), "{facts:?}");
    assert_eq!(facts[1], "22 Nov 2026, 07:00:00 UTC, 3 hours ago");
    assert!(facts[2].starts_with("read-only: "), "{facts:?}");
    assert_eq!(facts[3], "3");
    let alarms = texts(&troubled(), "section[aria-labelledby=alarms] li");
    assert_eq!(
        alarms,
        ["22 Nov 2026, 08:00:00 UTC no quorum within 10 seconds; the head stays unpublished"]
    );
}

#[test]
fn a_key_shows_where_in_the_log_it_counts() {
    let ranges = texts(&troubled(), "section[aria-labelledby=keys] td:nth-child(3)");
    assert_eq!(
        ranges,
        [
            "from record 0, up to 900",
            "from record 880",
            "from record 0",
            "signs no records here",
            "up to log.station-b.example: 77",
        ]
    );
}

#[test]
fn a_form_shows_its_state_with_its_records() {
    let states = texts(
        &troubled(),
        "section[aria-labelledby=forms] td:nth-child(4)",
    );
    assert_eq!(
        states,
        [
            "open",
            "revealed · retired: items may have leaked, Record 40 · revealed: all items, Record 41",
        ]
    );
}

#[test]
fn a_new_station_says_in_words_what_there_is_not() {
    let page = new();
    assert_eq!(
        texts(&page, ".empty"),
        [
            "None since the station was started.",
            "No run is open: every announced run has ended in a receipt or a stated reason.",
            "Every run that was registered here and has ended has a receipt.",
            "No form is published at this station yet.",
        ]
    );
    assert!(
        texts(&page, "section[aria-labelledby=witnesses] p")[1]
            .starts_with("None. Nobody but this station")
    );
    let enclave = texts(&page, "section[aria-labelledby=enclave] dd");
    assert_eq!(enclave[1], "the enclave gives no answer now");
    assert!(select(&page, "section[aria-labelledby=open] table").is_empty());
}

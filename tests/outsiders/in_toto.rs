//! Python `in-toto-attestation` over exported statements.

use std::fs;

use serde_json::json;

use crate::{
    checkers::{self, assert_refusals},
    station::{self, Change, RECORDS, Station, refusals},
};

const CHANGES: [Change; 9] = [
    ("type", "ValueError: Wrong statement type", |s| {
        s["_type"] = "https://in-toto.io/Statement/v0.1".into();
    }),
    (
        "no-subject",
        "ValueError: At least one subject required",
        |s| s["subject"] = json!([]),
    ),
    (
        "no-digest",
        "ValueError: At least one digest required",
        |s| s["subject"][0]["digest"] = json!({}),
    ),
    (
        "no-predicate-type",
        "ValueError: Predicate type required",
        |s| s["predicateType"] = "".into(),
    ),
    (
        "no-predicate",
        "ValueError: Predicate object required",
        |s| s["predicate"] = json!({}),
    ),
    ("subject-no-list", "ParseError", |s| {
        s["subject"] = s["subject"][0].clone();
    }),
    ("digest-no-text", "ParseError", |s| {
        s["subject"][0]["digest"]["sha256"] = 7.into();
    }),
    ("predicate-no-object", "ParseError", |s| {
        s["predicate"] = "passed".into();
    }),
    ("unknown-member", "ParseError", |s| {
        s["verdict"] = "passed".into();
    }),
];

#[test]
fn in_toto_reads_all_five_statements_and_refuses_each_broken_one() {
    let station = Station::new();
    let statements = RECORDS.map(|record| station.exported(record, "--statement"));
    let answers = checkers::in_toto(&statements);
    assert!(answers.values().all(Result::is_ok), "{answers:?}");

    let statement = station::json(&statements[0]);
    let copies = station.copies(&statement, &CHANGES);
    assert_refusals(&checkers::in_toto(&copies), &refusals(&CHANGES));

    let cut = fs::read(&statements[0]).unwrap();
    let cut = station.write("cut", &cut[..cut.len() / 2]);
    assert_refusals(&checkers::in_toto(&[cut]), &[("cut", "ParseError")]);
}

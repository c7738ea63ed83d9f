//! Terms: what they say of a form, and that they say nothing of its items.

use super::*;
use crate::pack::samples;

fn setting() -> Setting {
    Setting {
        class: Class::Sealed,
        edition: "2026-11-a".to_owned(),
        confinement: "0".repeat(32),
        grid: 0,
        leak_budget_bits: 64,
        limits: Limits {
            fuel_per_item: "2000000000".to_owned(),
            memory_bytes: 268_435_456,
            output_bytes: 512,
            wall_ms_per_item: 10_000,
        },
    }
}

fn terms() -> Terms {
    let pack = samples::pack();
    let form = pack.draw(&[1; 32]).expect("a form");
    Terms::of(&pack, &form, setting()).expect("terms")
}

#[test]
fn the_blueprint_counts_every_item_once() {
    let terms = terms();
    let cells: Vec<(u64, &str, &str)> = terms
        .blueprint
        .iter()
        .map(|cell| (cell.count, cell.kind.as_str(), cell.locale.as_str()))
        .collect();
    assert_eq!(
        cells,
        [
            (2, "choice", "en"),
            (1, "exact", "en"),
            (3, "number", "en"),
            (2, "choice", "pt"),
            (1, "exact", "pt"),
            (3, "number", "pt")
        ]
    );
    assert_eq!((terms.items, terms.families), (12, 6));
}

#[test]
fn terms_are_the_same_for_every_seed() {
    let pack = samples::pack();
    let other = pack.draw(&[2; 32]).expect("a form");
    let other = Terms::of(&pack, &other, setting()).expect("terms");
    assert_eq!(other.digest(), terms().digest());
}

#[test]
fn only_canonical_and_consistent_bytes_are_terms() {
    let bytes = terms().bytes();
    assert_eq!(Terms::parse(&bytes), Ok(terms()));
    let text = String::from_utf8(bytes).expect("JSON is UTF-8");
    let parse = |from: &str, to: &str| Terms::parse(text.replacen(from, to, 1).as_bytes());
    assert_eq!(
        parse("\"items\":12", "\"items\":13"),
        Err(TermsError::Count {
            counted: 12,
            stated: 13
        })
    );
    let short = "0".repeat(31);
    assert_eq!(
        parse(&"0".repeat(32), &short),
        Err(TermsError::Confinement(short.clone()))
    );
    assert_eq!(parse("\":", "\" :"), Err(TermsError::NotCanonical));
    assert!(matches!(
        parse("\"grid\"", "\"gird\""),
        Err(TermsError::Json(_))
    ));
}

#[test]
fn a_commitment_can_name_the_graders_of_the_terms() {
    let mut digests: Vec<Digest> = terms().graders.iter().map(|grader| grader.sha256).collect();
    digests.sort();
    let bytes: Vec<u8> = digests
        .iter()
        .flat_map(|digest| *digest.as_bytes())
        .collect();
    assert_eq!(grade::grader().sha256, Digest::of(&bytes));
}

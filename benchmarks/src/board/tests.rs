//! Boards over records made by hand, in every order.

use std::collections::BTreeMap;

use assay_evidence::record::{
    AbortReason, GraderRef, Head, Items, Limits, Metric, Outcomes, Runtime, Seal, SealFormat,
    Sha256Ref, SubmissionKind,
};
use proptest::prelude::*;

use super::*;
use crate::terms::{Class, Release, Section, VariantScope};

const BENCHMARK: &str = "b@1.0";
const STATION: &str = "log.example.org";

fn digest(name: &str) -> Digest {
    Digest::of(name.as_bytes())
}

fn at(index: u64) -> RecordRef {
    RecordRef {
        index,
        leaf: digest(&index.to_string()),
        origin: STATION.to_owned(),
    }
}

fn head() -> Head {
    Head {
        origin: STATION.to_owned(),
        root: digest("root"),
        size: 1,
    }
}

fn grader() -> GraderRef {
    GraderRef {
        name: "g".to_owned(),
        sha256: digest("g"),
        version: "1".to_owned(),
    }
}

fn runtime() -> Runtime {
    let text = || "x".to_owned();
    let (name, target, version) = (text(), text(), text());
    Runtime {
        config_sha256: digest("c"),
        lane: Lane::Sealed,
        name,
        target,
        version,
    }
}

fn limits() -> Limits {
    let fuel_per_item = "1".to_owned();
    Limits {
        fuel_per_item,
        memory_bytes: 1,
        output_bytes: 1,
        wall_ms_per_item: 1,
    }
}

fn terms(class: Class) -> Terms {
    Terms {
        benchmark: BENCHMARK.to_owned(),
        blueprint: Vec::new(),
        class,
        confinement: "0".repeat(32),
        edition: "e".to_owned(),
        families: 10,
        graders: Vec::new(),
        grid: 0,
        items: 0,
        lanes: vec![Lane::Sealed],
        leak_budget_bits: 0,
        licence: "MIT".to_owned(),
        limits: limits(),
        locales: vec![Locale::En, Locale::Pt],
        params: BTreeMap::new(),
        release: Release::Plain,
        sections: vec![Section {
            id: "s".to_owned(),
            title: "S".to_owned(),
        }],
        standards: Vec::new(),
        summary: "x".to_owned(),
        title: "x".to_owned(),
        variant_scope: VariantScope::Form,
    }
}

fn commitment(index: u64, class: Class) -> BoardInput {
    let terms = terms(class);
    let text = || "x".to_owned();
    let record = FormCommitment {
        benchmark: BENCHMARK.to_owned(),
        declared: text(),
        edition: text(),
        form: format!("form-{index}"),
        grader: grader(),
        items: Items {
            leaves: 64,
            root: digest("i"),
        },
        not_before: text(),
        reveal_by: text(),
        seal: Seal {
            bytes: 1,
            format: SealFormat::AgeV1,
            padded: 1,
            recipients: Vec::new(),
        },
        station: STATION.to_owned(),
        terms: Sha256Ref {
            sha256: terms.digest(),
        },
        upstream: None,
    };
    let record = BoardRecord::Commitment {
        record: Box::new(record),
        terms: Box::new(terms),
    };
    BoardInput {
        reference: at(index),
        record,
    }
}

fn submission(index: u64, name: &str, replaces: Option<u64>) -> BoardInput {
    let record = Submission {
        adapter: Sha256Ref {
            sha256: digest(name),
        },
        declared: "x".to_owned(),
        declares: BTreeMap::from([(PRINCIPAL.to_owned(), "team".to_owned())]),
        kind: SubmissionKind::Wasm,
        name: name.to_owned(),
        on_behalf: true,
        replaces: replaces.map(at),
        station: STATION.to_owned(),
        submitter: digest("recorder"),
    };
    BoardInput {
        reference: at(index),
        record: BoardRecord::Submission(Box::new(record)),
    }
}

fn intent(index: u64, form: u64, submission: u64) -> BoardInput {
    let record = RunIntent {
        adapter: Sha256Ref {
            sha256: digest("a"),
        },
        before: head(),
        close_by: "x".to_owned(),
        commitment: at(form),
        declared: "x".to_owned(),
        evidence: at(0),
        grader: grader(),
        limits: limits(),
        nonce: digest("n"),
        runtime: runtime(),
        station: STATION.to_owned(),
        submission: at(submission),
    };
    BoardInput {
        reference: at(index),
        record: BoardRecord::Intent(Box::new(record)),
    }
}

fn score(locale: &str, num: u64, den: u64) -> Score {
    Score {
        attempted: den,
        decided: den,
        den,
        families: den,
        interval: None,
        locale: Some(locale.to_owned()),
        metric: Metric::Strict,
        num,
        section: None,
    }
}

fn receipt(index: u64, of: u64, (form, submission): (u64, u64), scores: Vec<Score>) -> BoardInput {
    let record = Receipt {
        adapter: Sha256Ref {
            sha256: digest("a"),
        },
        before: head(),
        commitment: at(form),
        confinement: "0".repeat(32),
        counts: Counts {
            answered: 10,
            failed: 0,
            items: 10,
        },
        declared: "x".to_owned(),
        evidence: at(0),
        evidence_type: EvidenceType::None,
        grader: grader(),
        intent: at(of),
        limits: limits(),
        nonce: digest("n"),
        outcomes: Outcomes {
            leaves: 64,
            root: digest("o"),
        },
        runtime: runtime(),
        scores,
        seed: digest("s"),
        start: head(),
        station: STATION.to_owned(),
        submission: at(submission),
        usage: Usage {
            fuel: "1".to_owned(),
            wall_ms: 1,
        },
    };
    BoardInput {
        reference: at(index),
        record: BoardRecord::Receipt(Box::new(record)),
    }
}

fn abort(index: u64, of: u64) -> BoardInput {
    let record = RunAbort {
        answered: 0,
        declared: "x".to_owned(),
        intent: at(of),
        nonce: digest("n"),
        reason: AbortReason::Operator,
        station: STATION.to_owned(),
    };
    BoardInput {
        reference: at(index),
        record: BoardRecord::Abort(Box::new(record)),
    }
}

/// A form, three systems with a receipt each, one abort and one open run.
fn station() -> Vec<BoardInput> {
    vec![
        commitment(1, Class::Sealed),
        submission(2, "beta", None),
        submission(3, "alpha", None),
        submission(4, "gamma", None),
        intent(5, 1, 2),
        intent(6, 1, 3),
        intent(7, 1, 4),
        receipt(8, 5, (1, 2), vec![score("en", 9, 10), score("pt", 1, 10)]),
        receipt(9, 6, (1, 3), vec![score("en", 18, 20), score("pt", 2, 10)]),
        receipt(10, 7, (1, 4), vec![score("en", 5, 10), score("pt", 3, 10)]),
        intent(11, 1, 2),
        abort(12, 11),
        intent(13, 1, 3),
    ]
}

fn summary(board: &Board, locale: &str) -> Vec<(String, String)> {
    let rank = |row: &Row| {
        let found = row.ranks.iter().find(|rank| rank.locale == locale);
        found.map_or(String::new(), |rank| rank.rank.clone())
    };
    board
        .rows
        .iter()
        .map(|row| (rank(row), row.name.clone()))
        .collect()
}

fn pairs(expected: &[(&str, &str)]) -> Vec<(String, String)> {
    expected
        .iter()
        .map(|(rank, name)| ((*rank).to_owned(), (*name).to_owned()))
        .collect()
}

#[test]
fn equal_rates_share_a_rank_and_stand_in_order_of_name() {
    let board = compute(BENCHMARK, &station());
    assert_eq!(
        summary(&board, "en"),
        pairs(&[("=1", "alpha"), ("=1", "beta"), ("3", "gamma")])
    );
    assert_eq!(
        summary(&board, "pt"),
        pairs(&[("2", "alpha"), ("3", "beta"), ("1", "gamma")])
    );
}

#[test]
fn open_and_aborted_runs_are_counted_per_system_and_in_all() {
    let board = compute(BENCHMARK, &station());
    assert_eq!(
        board.runs,
        Runs {
            aborted: 1,
            closed: 3,
            open: 1
        }
    );
    let runs: Vec<(u64, u64, u64)> = board
        .rows
        .iter()
        .map(|row| (row.runs.aborted, row.runs.closed, row.runs.open))
        .collect();
    assert_eq!(runs, [(0, 1, 1), (1, 1, 0), (0, 1, 0)]);
}

#[test]
fn a_practice_form_never_enters_a_board() {
    let mut inputs = station();
    inputs[0] = commitment(1, Class::Practice);
    let board = compute(BENCHMARK, &inputs);
    assert_eq!(
        (board.form, board.rows.len(), board.runs),
        (None, 0, Runs::default())
    );
}

#[test]
fn terms_that_do_not_hash_to_the_committed_digest_make_no_form() {
    let mut inputs = station();
    if let BoardRecord::Commitment { terms, .. } = &mut inputs[0].record {
        terms.families = 11;
    }
    assert_eq!(compute(BENCHMARK, &inputs).form, None);
}

#[test]
fn another_benchmark_has_another_board() {
    assert_eq!(compute("b@2.0", &station()).form, None);
}

#[test]
fn the_latest_receipt_on_the_newest_form_is_shown() {
    let mut inputs = station();
    inputs.extend([
        intent(14, 1, 2),
        receipt(15, 14, (1, 2), vec![score("en", 10, 10)]),
    ]);
    let board = compute(BENCHMARK, &inputs);
    assert_eq!(
        summary(&board, "en"),
        pairs(&[("1", "beta"), ("2", "alpha"), ("3", "gamma")])
    );
    assert_eq!(board.rows[0].receipt, at(15));

    inputs.push(commitment(16, Class::Sealed));
    let board = compute(BENCHMARK, &inputs);
    assert_eq!(board.form.expect("a form").form, "form-16");
    assert_eq!(board.rows, []);
    assert_eq!(board.runs.closed, 4, "runs on earlier forms still count");
}

#[test]
fn only_the_first_record_that_closes_an_intent_counts() {
    let mut inputs = station();
    inputs.push(receipt(20, 5, (1, 2), vec![score("en", 10, 10)]));
    inputs.push(receipt(21, 11, (1, 2), vec![score("en", 10, 10)]));
    assert_eq!(compute(BENCHMARK, &inputs), compute(BENCHMARK, &station()));
}

#[test]
fn a_receipt_without_its_intent_does_not_count() {
    let mut inputs = station();
    inputs.push(receipt(20, 19, (1, 2), vec![score("en", 10, 10)]));
    assert_eq!(compute(BENCHMARK, &inputs), compute(BENCHMARK, &station()));
    inputs.push(receipt(22, 13, (1, 4), vec![score("en", 10, 10)]));
    let board = compute(BENCHMARK, &inputs);
    assert_eq!(
        board.rows[0].receipt,
        at(9),
        "a receipt for another submission is no result"
    );
}

#[test]
fn a_replacement_takes_the_place_of_its_system() {
    let mut inputs = station();
    inputs.push(submission(14, "beta 2", Some(2)));
    inputs.push(intent(15, 1, 14));
    inputs.push(receipt(16, 15, (1, 14), vec![score("en", 1, 10)]));
    let board = compute(BENCHMARK, &inputs);
    assert_eq!(
        summary(&board, "en"),
        pairs(&[("1", "alpha"), ("2", "gamma"), ("3", "beta 2")])
    );
    assert_eq!(
        (&board.rows[2].system, &board.rows[2].submission),
        (&at(2), &at(14))
    );
    assert_eq!(
        board.rows[2].runs,
        Runs {
            aborted: 1,
            closed: 2,
            open: 0
        }
    );
}

/// How many rows a board has after a changed submission replaced another one, itself changed.
fn rows_after_replacing(earlier: fn(&mut Submission), later: fn(&mut Submission)) -> usize {
    let mut inputs = station();
    inputs.push(submission(14, "later", Some(2)));
    for input in &mut inputs {
        if let BoardRecord::Submission(record) = &mut input.record {
            match input.reference.index {
                2 => earlier(record),
                14 => later(record),
                _ => {}
            }
        }
    }
    inputs.push(intent(15, 1, 14));
    inputs.push(receipt(16, 15, (1, 14), vec![score("en", 1, 10)]));
    compute(BENCHMARK, &inputs).rows.len()
}

fn by_another_principal(record: &mut Submission) {
    let other = "other team".to_owned();
    record.declares.insert(PRINCIPAL.to_owned(), other);
}

fn by_nobody(record: &mut Submission) {
    record.declares.clear();
}

fn by_another_key(record: &mut Submission) {
    record.submitter = digest("another key");
}

fn by_the_team_itself(record: &mut Submission) {
    record.on_behalf = false;
}

#[test]
fn nobody_can_replace_the_system_of_another_team() {
    let same = |_: &mut Submission| {};
    assert_eq!(rows_after_replacing(same, same), 3);
    assert_eq!(rows_after_replacing(same, by_another_principal), 4);
    assert_eq!(rows_after_replacing(same, by_nobody), 4);
    assert_eq!(rows_after_replacing(by_nobody, by_nobody), 4);
    assert_eq!(rows_after_replacing(same, by_the_team_itself), 4);
}

#[test]
fn a_team_with_a_key_of_its_own_is_known_by_that_key() {
    let by_a_stranger = |record: &mut Submission| {
        by_the_team_itself(record);
        by_another_key(record);
    };
    let by_the_team = by_the_team_itself;
    assert_eq!(rows_after_replacing(by_the_team, by_the_team), 3);
    assert_eq!(rows_after_replacing(by_the_team, by_a_stranger), 4);
}

#[test]
fn a_new_recorder_key_does_not_part_a_system_from_its_versions() {
    let same = |_: &mut Submission| {};
    assert_eq!(rows_after_replacing(same, by_another_key), 3);
}

#[test]
fn ranks_compare_fractions_and_not_decimals() {
    let rank = |rates: &[(u64, u64)]| ranks(rates);
    let text = |rank: &str| Some(rank.to_owned());
    assert_eq!(
        rank(&[(1, 3), (2, 6), (1, 2), (0, 0)]),
        [text("=2"), text("=2"), text("1"), None]
    );
    let huge = (1 << 53) - 1;
    assert_eq!(
        rank(&[(huge - 1, huge), (huge - 2, huge - 1)]),
        [text("1"), text("2")]
    );
}

#[test]
fn the_input_list_is_sorted_and_holds_each_record_once() {
    let mut inputs = station();
    inputs.reverse();
    inputs.push(commitment(1, Class::Sealed));
    let list: Vec<RecordRef> = json::from_slice(&input_list(&inputs)).expect("JCS");
    assert_eq!(
        list.iter().map(|at| at.index).collect::<Vec<_>>(),
        (1..=13).collect::<Vec<_>>()
    );
}

#[test]
fn a_board_is_read_back_from_its_bytes() {
    let board = compute(BENCHMARK, &station());
    assert_eq!(json::from_slice::<Board>(&board.bytes()), Ok(board));
    assert_eq!(PROGRAM.name, "assay-board");
}

/// Indexes of what a board of `name` is made of.
fn selected(name: &str, records: &[BoardInput]) -> Vec<u64> {
    let chosen = selection(name, records);
    chosen.iter().map(|input| input.reference.index).collect()
}

#[test]
fn a_board_is_made_of_all_that_concerns_its_benchmark_and_nothing_else() {
    let mut records = station();
    assert_eq!(selected("b", &records), (1..=13).collect::<Vec<_>>());
    // A second benchmark with a run of a new version of alpha, and one that never ran.
    let mut other = commitment(14, Class::Practice);
    if let BoardRecord::Commitment { record, .. } = &mut other.record {
        record.benchmark = "bb@1.0".to_owned();
    }
    records.extend([
        other,
        submission(15, "alpha", Some(3)),
        submission(16, "idle", None),
        intent(17, 14, 15),
        abort(18, 17),
        receipt(19, 6, (1, 3), vec![]),
    ]);
    assert_eq!(selected("bb", &records), [3, 14, 15, 17, 18]);
    let again: Vec<u64> = (1..=13).chain([19]).collect();
    assert_eq!(
        selected("b", &records),
        again,
        "a second close is not hidden"
    );
    assert_eq!(selected("c", &records), Vec::<u64>::new());
}

proptest! {
    #[test]
    fn the_order_of_the_inputs_does_not_matter(order in Just((0..13).collect::<Vec<usize>>()).prop_shuffle()) {
        let mut inputs: Vec<Option<BoardInput>> = station().into_iter().map(Some).collect();
        let shuffled: Vec<BoardInput> =
            order.into_iter().map(|at| inputs[at].take().expect("each once")).collect();
        prop_assert_eq!(compute(BENCHMARK, &shuffled).bytes(), compute(BENCHMARK, &station()).bytes());
    }
}

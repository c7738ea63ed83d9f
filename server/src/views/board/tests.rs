//! Order, filter and defaults of a board; the rows come from a board's own bytes.

use assay_benchmarks::board::{BoardForm, Rank, Runs};
use assay_evidence::record::{
    Counts, EvidenceType, Interval, IntervalMethod, Lane, Metric, RecordRef, Score, Usage,
};

use super::*;

fn reference(index: u64) -> RecordRef {
    RecordRef {
        index,
        leaf: Digest::of(&index.to_be_bytes()),
        origin: "log.example.org".to_owned(),
    }
}

fn score(num: u64, section: Option<&str>) -> Score {
    Score {
        attempted: 40,
        decided: 40,
        den: 40,
        families: 40,
        interval: Some(Interval {
            high: "1.0000".to_owned(),
            level: "0.95".to_owned(),
            low: "0.0000".to_owned(),
            method: IntervalMethod::Wilson,
        }),
        locale: Some("en".to_owned()),
        metric: Metric::Strict,
        num,
        section: section.map(str::to_owned),
    }
}

fn row(name: &str, rank: &str, num: u64, fuel: &str) -> Row {
    let ranks = [None, Some("science")].map(|section| Rank {
        locale: "en".to_owned(),
        rank: rank.to_owned(),
        section: section.map(str::to_owned),
    });
    Row {
        adapter: Digest::of(name.as_bytes()),
        confinement: "0".repeat(32),
        counts: Counts {
            answered: num,
            failed: 0,
            items: 160,
        },
        declared: "2026-11-21T00:00:00Z".to_owned(),
        evidence_type: EvidenceType::None,
        lane: Lane::Sealed,
        name: name.to_owned(),
        ranks: ranks.to_vec(),
        receipt: reference(num),
        runs: Runs {
            aborted: 2,
            closed: 1,
            open: 0,
        },
        scores: vec![score(num, None), score(num / 2, Some("science"))],
        station: "log.example.org".to_owned(),
        submission: reference(1),
        system: reference(1),
        usage: Usage {
            fuel: fuel.to_owned(),
            wall_ms: 1,
        },
    }
}

fn published() -> Published {
    let form = BoardForm {
        commitment: reference(0),
        declared: String::new(),
        edition: "2026-11-a".to_owned(),
        families: 40,
        form: "f".to_owned(),
        items: 160,
        locales: Vec::new(),
        sections: Vec::new(),
    };
    let rows = vec![
        row("Beta", "1", 30, "9"),
        row("alpha", "=2", 20, "100"),
        row("Gamma", "=2", 20, "20"),
    ];
    Published {
        board: Board {
            benchmark: "b@1.0".to_owned(),
            form: Some(form),
            rows,
            runs: Runs::default(),
        },
        systems: vec![
            "s-beta".to_owned(),
            "s-alpha".to_owned(),
            "s-gamma".to_owned(),
        ],
        snapshot: Place {
            index: 9,
            leaf: Digest::of(b"snapshot"),
        },
        output: Digest::of(b"output"),
    }
}

fn benchmark() -> BenchmarkSummary {
    BenchmarkSummary {
        name: "b".to_owned(),
        version: "b@1.0".to_owned(),
        title: "B".to_owned(),
        summary: String::new(),
        locales: vec!["en".to_owned(), "pt".to_owned()],
        sections: vec!["science".to_owned()],
        forms: Vec::new(),
        systems: 3,
        runs_closed: 3,
    }
}

fn asked(query: BoardQuery) -> BoardPage {
    let as_of = AsOf {
        origin: String::new(),
        size: 10,
        root: String::new(),
    };
    page(
        as_of,
        benchmark(),
        query,
        Some(&published()),
        RunCounts::default(),
    )
}

fn names(page: &BoardPage) -> Vec<&str> {
    page.rows.iter().map(|row| row.name.as_str()).collect()
}

fn sorted(sort: SortBy, order: Option<SortOrder>) -> BoardPage {
    asked(BoardQuery {
        sort: Some(sort),
        order,
        ..BoardQuery::default()
    })
}

#[test]
fn defaults_are_filled_in_and_ties_stay_in_the_board_s_order() {
    let page = asked(BoardQuery::default());
    assert_eq!(names(&page), ["Beta", "alpha", "Gamma"]);
    assert_eq!(page.query.locale.as_deref(), Some("en"));
    assert_eq!(
        (page.query.sort, page.query.order),
        (Some(SortBy::Estimate), Some(SortOrder::Desc))
    );
    assert_eq!(page.rows[1].rank, "=2");
    assert_eq!(page.rows[0].estimate.percent, "75.0");
    assert_eq!(page.rows[0].runs_aborted, 2);
}

#[test]
fn columns_sort_in_both_directions_by_value_and_not_by_text() {
    assert_eq!(
        names(&sorted(SortBy::Fuel, None)),
        ["alpha", "Gamma", "Beta"]
    );
    assert_eq!(
        names(&sorted(SortBy::Fuel, Some(SortOrder::Asc))),
        ["Beta", "Gamma", "alpha"]
    );
    assert_eq!(
        names(&sorted(SortBy::System, None)),
        ["alpha", "Beta", "Gamma"]
    );
    assert_eq!(
        names(&sorted(SortBy::Estimate, Some(SortOrder::Asc))),
        ["alpha", "Gamma", "Beta"]
    );
}

#[test]
fn a_filter_hides_rows_and_changes_no_rank() {
    let page = asked(BoardQuery {
        q: Some("AMM".to_owned()),
        ..BoardQuery::default()
    });
    assert_eq!(names(&page), ["Gamma"]);
    assert_eq!((page.rows[0].rank.as_str(), page.rows_total), ("=2", 3));
}

#[test]
fn a_section_has_its_own_estimates_and_a_locale_without_any_has_no_rows() {
    let page = asked(BoardQuery {
        section: Some("science".to_owned()),
        ..BoardQuery::default()
    });
    assert_eq!(page.rows[0].estimate.num, 15);
    let page = asked(BoardQuery {
        locale: Some("pt".to_owned()),
        ..BoardQuery::default()
    });
    assert!(page.rows.is_empty());
}

#[test]
fn without_a_board_the_page_is_there_and_empty() {
    let as_of = AsOf {
        origin: String::new(),
        size: 0,
        root: String::new(),
    };
    let page = page(
        as_of,
        benchmark(),
        BoardQuery::default(),
        None,
        RunCounts::default(),
    );
    assert!(page.rows.is_empty() && page.snapshot.is_none() && page.output_sha256.is_none());
}

#[test]
fn a_system_has_one_line_for_each_locale_with_an_estimate() {
    let results = results_of(&benchmark(), &published(), "s-gamma");
    assert_eq!(results.len(), 1);
    assert_eq!(
        (results[0].locale.as_str(), results[0].row.name.as_str()),
        ("en", "Gamma")
    );
}

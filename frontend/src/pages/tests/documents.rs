//! Literal documents that the tests of pages render. Invented figures, no rules.

mod station;

pub use station::{new_station, station};

use assay_api::{
    AsOf, BenchmarkSummary, BoardPage, BoardQuery, BoardRow, Check, Estimate, EstimateInterval,
    FieldProblem, FormDisclosure, FormRetirement, FormState, FormSummary, HomePage, Problem,
    ReceiptPage, RecordLink, RunPage, RunRow, RunState, ScoreRow, StateChange, StationSummary,
    SubmissionLine, SystemPage, SystemResult,
};

const DIGEST: &str = "5f2a91c07be4d83610aa27cc41f09d3e8b67f5120c9d4e7a36b18205ef94d7c3";
const STATION: &str = "station.example/assay/log";

fn digest(n: u64) -> String {
    let head = format!("{:016x}", n.wrapping_mul(0x9e37_79b9_7f4a_7c15));
    format!("{head}{}", &DIGEST[16..])
}

fn link(index: u64) -> RecordLink {
    RecordLink {
        index,
        leaf: digest(index),
        href: format!("/api/v1/records/{index}"),
    }
}

fn as_of() -> AsOf {
    AsOf {
        origin: STATION.to_owned(),
        size: 1_042,
        root: digest(1_042),
    }
}

fn percent(permille: u64) -> String {
    format!("{}.{}", permille / 10, permille % 10)
}

/// An estimate of `num` in `den`, with `around` per mille to each side.
pub fn estimate(num: u64, den: u64, around: u64) -> Estimate {
    let permille = (num * 1000).checked_div(den).unwrap_or(0);
    let (low, high) = (
        permille.saturating_sub(around),
        (permille + around).min(1000),
    );
    let families = den / 4;
    Estimate {
        num,
        den,
        decided: den.saturating_sub(3),
        attempted: den.saturating_sub(5),
        families,
        permille,
        percent: percent(permille),
        interval: (families >= 10).then(|| EstimateInterval {
            low: format!("0.{low:03}0"),
            high: format!("0.{high:03}0"),
            level: "0.95".to_owned(),
            method: "wilson".to_owned(),
            low_permille: low,
            high_permille: high,
            low_percent: percent(low),
            high_percent: percent(high),
        }),
        few_families: (10..30).contains(&families),
    }
}

pub fn form(benchmark: &str) -> FormSummary {
    FormSummary {
        form: format!("{benchmark}-sealed-1"),
        edition: "2026.1".to_owned(),
        class: "sealed".to_owned(),
        leaves: 192,
        root: digest(7),
        commitment: link(4),
        declared: "2026-11-20T09:00:00Z".to_owned(),
        seal_sha256: digest(11),
        state: FormState::Open,
        retired: None,
        revealed: None,
    }
}

/// A form that was retired, then revealed.
pub fn closed_form(benchmark: &str) -> FormSummary {
    FormSummary {
        state: FormState::Revealed,
        retired: Some(FormRetirement {
            reason: "leak-suspected".to_owned(),
            declared: "2026-11-21T09:00:00Z".to_owned(),
            record: link(40),
        }),
        revealed: Some(FormDisclosure {
            declared: "2026-11-22T09:00:00Z".to_owned(),
            record: link(41),
            body_sha256: digest(12),
            body: format!("/blob/0c/{}", digest(12)),
        }),
        ..form(benchmark)
    }
}

pub fn benchmark(name: &str, title: &str, summary: &str, sections: &[&str]) -> BenchmarkSummary {
    BenchmarkSummary {
        name: name.to_owned(),
        version: format!("{name}@1.0"),
        title: title.to_owned(),
        summary: summary.to_owned(),
        locales: ["en", "zh-Hans", "yue-Hant", "pt"]
            .map(str::to_owned)
            .to_vec(),
        sections: sections.iter().map(|id| (*id).to_owned()).collect(),
        forms: vec![form(name)],
        systems: 6,
        runs_closed: 7,
    }
}

fn knowledge() -> BenchmarkSummary {
    benchmark(
        "bay-knowledge",
        "Bay knowledge",
        "Neutral, checkable facts on geography, transport, public institutions and everyday science.",
        &["geography", "transport", "institutions", "everyday-science"],
    )
}

fn reasoning() -> BenchmarkSummary {
    benchmark(
        "bay-reasoning",
        "Bay reasoning",
        "Templated arithmetic, dates, units and logic, drawn afresh for every form.",
        &["arithmetic", "dates", "units", "logic"],
    )
}

pub fn row(rank: &str, name: &str, estimate: Estimate, index: u64) -> BoardRow {
    BoardRow {
        rank: rank.to_owned(),
        system: format!("sys_{index:04}"),
        name: name.to_owned(),
        answered: 160 - index % 7,
        items: 160,
        fuel: (index * 104_729 * 1_299).to_string(),
        estimate,
        form: "bay-knowledge-sealed-1".to_owned(),
        edition: "2026.1".to_owned(),
        station: STATION.to_owned(),
        lane: "sealed".to_owned(),
        evidence_type: "none".to_owned(),
        declared: "2026-11-21T18:08:46Z".to_owned(),
        receipt: link(index),
        runs_aborted: u64::from(index == 31),
    }
}

pub fn board() -> BoardPage {
    BoardPage {
        as_of: as_of(),
        benchmark: knowledge(),
        query: BoardQuery {
            locale: Some("en".to_owned()),
            ..BoardQuery::default()
        },
        locales: knowledge().locales,
        sections: knowledge().sections,
        rows: vec![
            row("1", "table-expert-100", estimate(160, 160, 24), 22),
            row("2", "table-expert-75", estimate(126, 160, 66), 25),
            row("3", "table-expert-50", estimate(84, 160, 77), 28),
            row(
                "4",
                "A system with a rather long display name, second edition",
                estimate(60, 160, 75),
                31,
            ),
            row("5=", "seeded-guess", estimate(29, 160, 60), 34),
            row("5=", "Palpite com semente", estimate(29, 160, 60), 37),
            row("7", "few families", estimate(9, 28, 0), 41),
            row("8", "always-declines", estimate(0, 160, 23), 44),
            row("", "nothing presented", estimate(0, 0, 0), 47),
        ],
        rows_total: 9,
        runs_aborted: 1,
        runs_open: 2,
        snapshot: Some(link(1_041)),
        output_sha256: Some(digest(99)),
    }
}

fn run_row(id: &str, state: RunState, name: &str) -> RunRow {
    let closed = matches!(state, RunState::Marked | RunState::Published);
    let aborted = state == RunState::Aborted;
    RunRow {
        id: id.to_owned(),
        submission: "sub_01HX7".to_owned(),
        system: "sys_0022".to_owned(),
        name: name.to_owned(),
        benchmark: "bay-knowledge".to_owned(),
        form: "bay-knowledge-sealed-1".to_owned(),
        state,
        reason: aborted.then(|| "keeper-restart".to_owned()),
        detail: aborted.then(|| "The keeper was restarted in the middle of the run.".to_owned()),
        tenths_done: if closed { 10 } else { 4 },
        place: (state == RunState::Queued).then_some(3),
        created: "2026-11-21T18:01:00Z".to_owned(),
        changed: "2026-11-21T18:08:46Z".to_owned(),
        intent: Some(link(20)),
        receipt: closed.then(|| link(22)),
        abort: aborted.then(|| link(23)),
        bundle: closed.then(|| "/api/v1/receipts/22/bundle".to_owned()),
    }
}

pub fn home() -> HomePage {
    HomePage {
        as_of: as_of(),
        station: StationSummary {
            origin: STATION.to_owned(),
            jurisdiction: "Example".to_owned(),
            lone: true,
            manifest_sha256: digest(3),
            evidence_type: "none".to_owned(),
            policy: "log station.example/assay/log+1f2e3d4c+AbCd\nmanifest 5f2a91c0\n".to_owned(),
        },
        benchmarks: vec![knowledge(), reasoning()],
        latest: vec![
            run_row("run_01HX9Q", RunState::Queued, "table-expert-50"),
            run_row("run_01HX9P", RunState::Running, "table-expert-75"),
            run_row("run_01HX9N", RunState::Marked, "table-expert-100"),
            run_row("run_01HX9M", RunState::Published, "seeded-guess"),
            run_row("run_01HX9K", RunState::Aborted, "always-declines"),
        ],
    }
}

pub fn run(state: RunState) -> RunPage {
    let step = |state, at: &str| StateChange {
        state,
        at: at.to_owned(),
        reason: (state == RunState::Aborted).then(|| "keeper-restart".to_owned()),
    };
    let mut history = vec![step(RunState::Queued, "2026-11-21T18:01:00Z")];
    if state != RunState::Queued {
        history.push(step(RunState::Running, "2026-11-21T18:02:10Z"));
    }
    if state == RunState::Published {
        history.push(step(RunState::Marked, "2026-11-21T18:08:40Z"));
    }
    if matches!(
        state,
        RunState::Marked | RunState::Published | RunState::Aborted
    ) {
        history.push(step(state, "2026-11-21T18:08:46Z"));
    }
    RunPage {
        as_of: as_of(),
        run: run_row("run_01HX9M", state, "table-expert-100"),
        history,
    }
}

pub fn system() -> SystemPage {
    let results = ["en", "zh-Hans", "yue-Hant", "pt"]
        .into_iter()
        .zip([126, 120, 118, 124])
        .map(|(locale, num)| SystemResult {
            benchmark: "bay-knowledge".to_owned(),
            title: "Bay knowledge".to_owned(),
            locale: locale.to_owned(),
            row: row("2", "table-expert-75", estimate(num, 160, 66), 25),
        })
        .collect();
    SystemPage {
        as_of: as_of(),
        id: "sys_0025".to_owned(),
        name: "table-expert-75".to_owned(),
        submissions: vec![SubmissionLine {
            id: "sub_01HX7".to_owned(),
            adapter_sha256: digest(12),
            registered: "2026-11-21T17:58:00Z".to_owned(),
            open: true,
            adapter: None,
        }],
        results,
        runs: vec![
            run_row("run_01HX9M", RunState::Published, "table-expert-75"),
            run_row("run_01HX9K", RunState::Aborted, "table-expert-75"),
        ],
    }
}

fn pairs(all: &[(&str, &str)]) -> Vec<(String, String)> {
    all.iter()
        .map(|(label, value)| ((*label).to_owned(), (*value).to_owned()))
        .collect()
}

fn score_rows() -> Vec<ScoreRow> {
    let mut rows = Vec::new();
    for (locale, total) in [
        ("en", 126),
        ("zh-Hans", 120),
        ("yue-Hant", 118),
        ("pt", 124),
    ] {
        rows.push(ScoreRow {
            locale: Some(locale.to_owned()),
            section: None,
            estimate: estimate(total, 160, 66),
        });
        for (section, num) in knowledge().sections.into_iter().zip([36, 30, 28, 32]) {
            rows.push(ScoreRow {
                locale: Some(locale.to_owned()),
                section: Some(section),
                estimate: estimate(num, 40, 130),
            });
        }
    }
    rows
}

fn layers() -> Vec<(String, Vec<String>)> {
    const ALL: &str = "no new privileges, closed descriptors, resource limits";
    let runner = format!("{ALL}, no executable memory after load");
    let split = |words: &str| words.split(", ").map(str::to_owned).collect();
    vec![
        ("keeper".to_owned(), split(ALL)),
        ("compiler".to_owned(), split(ALL)),
        ("runner".to_owned(), split(&runner)),
        ("courier".to_owned(), vec![]),
    ]
}

fn checks() -> Vec<Check> {
    pairs(&[
        ("policy", "The policy names this log and pins its manifest."),
        ("checkpoint", "The log's key signed the head."),
        ("inclusion", "Each record is in the log where it says."),
        ("signatures", "Each record is signed by a key in force."),
        ("bindings", "The records name one another."),
    ])
    .into_iter()
    .map(|(name, says)| Check { name, says })
    .collect()
}

pub fn receipt() -> ReceiptPage {
    ReceiptPage {
        as_of: as_of(),
        receipt: link(25),
        run: "run_01HX9M".to_owned(),
        system: "sys_0025".to_owned(),
        name: "table-expert-75".to_owned(),
        benchmark: "bay-knowledge".to_owned(),
        benchmark_title: "Bay knowledge".to_owned(),
        form: "bay-knowledge-sealed-1".to_owned(),
        edition: "2026.1".to_owned(),
        about_form: form("bay-knowledge"),
        station: STATION.to_owned(),
        adapter_sha256: digest(12),
        declared: "2026-11-21T18:08:46Z".to_owned(),
        evidence_type: "none".to_owned(),
        evidence_sentence: "No hardware attestation. This station's operator could read the items and could forge this receipt.".to_owned(),
        confinement: "0000000f0000000f0000003f00000000".to_owned(),
        layers: layers(),
        limits: pairs(&[("Fuel", "500000000"), ("Memory", "64 MiB"), ("Answer", "65536 bytes"), ("Wall time", "2 s")]),
        usage: pairs(&[("Fuel", "3401065275"), ("Wall time", "1.42 s")]),
        runtime: pairs(&[("Engine", "wasmtime 48.0.8"), ("Target", "x86_64-unknown-linux-gnu"), ("Lane", "sealed"), ("Configuration", DIGEST)]),
        answered: 158,
        failed: 2,
        items: 160,
        scores: score_rows(),
        outcomes_root: digest(77),
        records: vec![
            ("Form commitment".to_owned(), link(4)),
            ("Enclave evidence".to_owned(), link(2)),
            ("Submission".to_owned(), link(12)),
            ("Run intent".to_owned(), link(20)),
        ],
        bundle: "/api/v1/receipts/25/bundle".to_owned(),
        policy: "/api/v1/station/policy".to_owned(),
        verify_command: "assay verify --policy policy.txt receipt-25.bundle.json".to_owned(),
        checks: checks(),
    }
}

pub fn problem() -> Problem {
    Problem {
        kind: "/problems/not-found".to_owned(),
        title: "No such board".to_owned(),
        status: 404,
        detail: "There is no benchmark called bay-knowlegde at this station; the first page lists those there are.".to_owned(),
        instance: "/en/boards/bay-knowlegde".to_owned(),
        trace_id: "01hx9mz3k4".to_owned(),
        errors: vec![FieldProblem {
            pointer: "/name".to_owned(),
            detail: "is not a benchmark of this station".to_owned(),
        }],
    }
}

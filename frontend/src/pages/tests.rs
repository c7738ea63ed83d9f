//! What holds on every page, and what single pages say, rendered from literal documents.

mod checker;
mod documents;
mod every_page;
mod station;

use assay_api::{BoardPage, BoardQuery, RunState, SortBy, SortOrder};
use scraper::{ElementRef, Html, Selector};

use super::*;
use crate::islands::components_in;
use crate::{Locale, assets};

const EN: Locale = Locale::En;

fn select<'a>(page: &'a Html, selector: &str) -> Vec<ElementRef<'a>> {
    let selector = Selector::parse(selector).expect("the selector is written here");
    page.select(&selector).collect()
}

fn words(element: ElementRef) -> String {
    element
        .text()
        .collect::<String>()
        .split_whitespace()
        .collect::<Vec<_>>()
        .join(" ")
}

fn texts(page: &Html, selector: &str) -> Vec<String> {
    select(page, selector).into_iter().map(words).collect()
}

fn attribute(page: &Html, selector: &str, name: &str) -> Vec<String> {
    select(page, selector)
        .into_iter()
        .filter_map(|element| element.attr(name).map(str::to_owned))
        .collect()
}

fn board_page(document: &BoardPage) -> Html {
    Html::parse_document(&board(document, EN))
}

#[test]
fn a_row_of_a_board_shows_estimate_counts_and_its_receipt() {
    let page = board_page(&documents::board());
    assert_eq!(
        texts(&page, "tbody tr:nth-child(2) > *"),
        [
            "2",
            "table-expert-75",
            "78.7 % 72.1 – 85.3 78.7 %, 95 % interval from 72.1 % to 85.3 %",
            "126 of 160 40 families",
            "Receipt 25 21 Nov 2026",
            "156 of 160",
            "3.4 G",
            "2026.1 bay-knowledge-sealed-1",
            "station.example/assay/log No hardware · sealed",
        ]
    );
}

#[test]
fn zero_no_interval_and_nothing_presented_are_three_different_things() {
    let page = board_page(&documents::board());
    let figures = texts(&page, "tbody .figure");
    assert_eq!(figures[7], "0.0 % 0.0 – 2.3");
    assert_eq!(figures[6], "32.1 % no interval");
    assert_eq!(figures[8], "unknown");
    let drawn = |row: usize, part: &str| {
        let selector = format!("tbody tr:nth-child({row}) .whisker {part}");
        select(&page, &selector).len()
    };
    assert_eq!([drawn(8, ".range"), drawn(8, ".dot")], [1, 1]);
    assert_eq!([drawn(7, ".range"), drawn(7, ".dot.hollow")], [0, 1]);
    assert_eq!([drawn(9, ".range"), drawn(9, ".dot")], [0, 0]);
}

#[test]
fn header_links_lead_to_the_other_direction_and_leave_defaults_out() {
    let page = board_page(&documents::board());
    assert_eq!(
        attribute(&page, "th a[data-sort]", "href"),
        [
            "/en/boards/bay-knowledge?sort=system",
            "/en/boards/bay-knowledge?order=asc",
            "/en/boards/bay-knowledge?sort=answered",
            "/en/boards/bay-knowledge?sort=fuel",
        ]
    );
    assert_eq!(attribute(&page, "th", "aria-sort"), ["descending"]);
}

#[test]
fn header_links_keep_language_section_and_text() {
    let mut document = documents::board();
    document.query = BoardQuery {
        locale: Some("pt".to_owned()),
        section: Some("transport".to_owned()),
        sort: Some(SortBy::System),
        order: Some(SortOrder::Asc),
        q: Some("é x".to_owned()),
    };
    let page = board_page(&document);
    let rest = "/en/boards/bay-knowledge?locale=pt&section=transport&q=%C3%A9%20x";
    assert_eq!(
        attribute(&page, "th a[data-sort]", "href")[..2],
        [format!("{rest}&sort=system&order=desc"), rest.to_owned()]
    );
    assert_eq!(
        texts(&page, ".chip"),
        ["Section: Transport", "Name contains: é x"]
    );
    let canonical = attribute(&page, "link[rel=canonical]", "href");
    assert_eq!(
        canonical,
        ["/en/boards/bay-knowledge?locale=pt&section=transport"]
    );
}

#[test]
fn the_filter_form_is_a_plain_get_that_keeps_the_order() {
    let mut document = documents::board();
    document.query.sort = Some(SortBy::Fuel);
    let page = board_page(&document);
    assert_eq!(attribute(&page, "form", "method"), ["get"]);
    let sent: Vec<String> = attribute(&page, "input[type=hidden]:not([disabled])", "name");
    assert_eq!(sent, ["sort"]);
    assert_eq!(attribute(&page, "option[selected]", "value"), ["en", ""]);
}

#[test]
fn an_empty_board_says_in_words_what_to_do() {
    let mut document = documents::board();
    document.rows.clear();
    let filtered = board_page(&document);
    assert_eq!(
        texts(&filtered, ".empty"),
        ["No system matches. 9 are hidden by the filters. Clear filters"]
    );
    document.rows_total = 0;
    let empty = board_page(&document);
    assert!(texts(&empty, ".empty")[0].starts_with("No system has a receipt here yet."));
    assert!(select(&empty, "table").is_empty());
}

#[test]
fn runs_that_are_open_or_without_a_result_are_counted_on_the_board() {
    let page = board_page(&documents::board());
    assert_eq!(
        texts(&page, "ul.figures li"),
        [
            "9 systems",
            "7 runs with a receipt",
            "2 runs open",
            "1 run ended without a result"
        ]
    );
}

#[test]
fn a_run_page_loads_itself_again_until_the_run_has_ended() {
    for (state, reload) in [
        (RunState::Queued, true),
        (RunState::Running, true),
        (RunState::Marked, true),
        (RunState::Published, false),
        (RunState::Aborted, false),
    ] {
        let page = Html::parse_document(&run(&documents::run(state), EN));
        let refresh = attribute(&page, "meta[http-equiv=refresh]", "content");
        assert_eq!(
            refresh.first().is_some_and(|s| s == "5"),
            reload,
            "{state:?}"
        );
    }
}

#[test]
fn an_aborted_run_gives_its_reason_in_words_and_as_code() {
    let page = Html::parse_document(&run(&documents::run(RunState::Aborted), EN));
    assert_eq!(
        texts(&page, ".reason"),
        ["The keeper was restarted in the middle of the run."]
    );
    assert!(texts(&page, "dd code").contains(&"keeper-restart".to_owned()));
}

#[test]
fn a_receipt_prints_the_evidence_sentence_and_the_exact_command() {
    let document = documents::receipt();
    let page = Html::parse_document(&receipt(&document, EN));
    assert_eq!(texts(&page, ".callout p"), [document.evidence_sentence]);
    assert_eq!(texts(&page, "pre.command code"), [document.verify_command]);
    assert_eq!(
        attribute(&page, ".downloads a", "href"),
        [document.bundle, document.policy]
    );
    assert_eq!(
        select(&page, "details .steps li").len(),
        document.checks.len()
    );
}

#[test]
fn a_receipt_groups_its_estimates_by_language_totals_first() {
    let page = Html::parse_document(&receipt(&documents::receipt(), EN));
    assert_eq!(
        texts(&page, "tbody:nth-of-type(3) th"),
        [
            "廣東話 All sections",
            "Geography",
            "Transport",
            "Institutions",
            "Everyday science"
        ]
    );
    assert_eq!(
        attribute(&page, "tbody [lang]", "lang"),
        ["en", "zh-Hans", "yue-Hant", "pt"]
    );
}

#[test]
fn the_server_never_says_that_a_receipt_is_verified() {
    let html = receipt(&documents::receipt(), EN).to_lowercase();
    assert!(!html.contains("verified"));
}

#[test]
fn a_problem_page_shows_detail_faults_and_trace_name() {
    let document = documents::problem();
    let page = Html::parse_document(&problem(&document, EN));
    assert_eq!(texts(&page, ".kicker"), ["Error 404"]);
    assert_eq!(texts(&page, ".says"), [document.detail]);
    assert_eq!(
        texts(&page, "main li"),
        ["/name: is not a benchmark of this station"]
    );
    assert!(texts(&page, "main .aside")[0].ends_with("01hx9mz3k4"));
    assert!(select(&page, "link[rel=canonical]").is_empty());
}

#[test]
fn a_form_that_takes_no_more_runs_says_so_wherever_it_is_named() {
    let says = "retired: items may have leaked, Record 40 · revealed: all items, Record 41";
    let closed = documents::closed_form("bay-knowledge");
    let mut home_page = documents::home();
    home_page.benchmarks[0].forms = vec![closed.clone()];
    let page = Html::parse_document(&home(&home_page, EN));
    assert!(
        texts(&page, ".card li")
            .contains(&format!("Sealed form, edition 2026.1 · Record 4 · {says}"))
    );
    let mut document = documents::board();
    assert!(texts(&board_page(&document), ".heading .aside").is_empty());
    document.benchmark.forms = vec![closed.clone()];
    assert_eq!(
        texts(&board_page(&document), ".heading .aside"),
        [format!(
            "Edition 2026.1 of this board takes no more runs · {says}"
        )]
    );
    let mut document = documents::receipt();
    document.about_form = closed;
    let page = Html::parse_document(&receipt(&document, EN));
    let facts = texts(&page, "#what + dl dd");
    assert!(facts.iter().any(|fact| fact.ends_with(says)), "{facts:?}");
}

#[test]
fn a_policy_is_linked_when_it_is_a_path_and_shown_when_it_is_a_text() {
    let mut document = documents::home();
    let shown = Html::parse_document(&home(&document, EN));
    assert_eq!(select(&shown, "details pre").len(), 1);
    document.station.policy = "/policy".to_owned();
    let linked = Html::parse_document(&home(&document, EN));
    assert_eq!(texts(&linked, "a[href='/policy']"), ["Download the policy"]);
}

#[test]
fn only_boards_with_rows_and_the_checker_carry_a_script_each_its_own() {
    for (name, html) in every_page::all() {
        let islands = components_in(&html).len();
        assert_eq!(islands, usize::from(name == "board"), "{name}");
        let module = match name {
            "board" => assets::module(),
            "verify" | "verify a receipt" => assets::verifier(),
            _ => None,
        };
        let expected: Vec<String> = module.iter().map(|m| assets::href(m.boot)).collect();
        let page = Html::parse_document(&html);
        assert_eq!(attribute(&page, "script", "src"), expected, "{name}");
    }
}

#[test]
fn a_receipt_leads_to_its_check_in_the_browser() {
    let document = documents::receipt();
    let page = Html::parse_document(&receipt(&document, EN));
    let path = format!("/en/verify?receipt={}", document.receipt.leaf);
    assert_eq!(
        texts(&page, &format!("a[href='{path}']")),
        ["Check this in your browser"]
    );
}

//! Rules of markup and safety that hold on every page.

use std::collections::BTreeSet;

use assay_api::RunState;
use scraper::Html;

use super::{EN, attribute, documents, select, texts};
use crate::pages;

/// Every page by name, from harmless documents.
pub fn all() -> Vec<(&'static str, String)> {
    let mut no_rows = documents::board();
    no_rows.rows.clear();
    let mut no_runs = documents::home();
    no_runs.latest.clear();
    no_runs.benchmarks.clear();
    let mut new_system = documents::system();
    new_system.results.clear();
    new_system.runs.clear();
    new_system.submissions.clear();
    vec![
        ("home", pages::home(&documents::home(), EN)),
        ("home without runs", pages::home(&no_runs, EN)),
        ("board", pages::board(&documents::board(), EN)),
        ("board without rows", pages::board(&no_rows, EN)),
        ("system", pages::system(&documents::system(), EN)),
        ("system without runs", pages::system(&new_system, EN)),
        (
            "queued run",
            pages::run(&documents::run(RunState::Queued), EN),
        ),
        (
            "running run",
            pages::run(&documents::run(RunState::Running), EN),
        ),
        (
            "marked run",
            pages::run(&documents::run(RunState::Marked), EN),
        ),
        (
            "published run",
            pages::run(&documents::run(RunState::Published), EN),
        ),
        (
            "aborted run",
            pages::run(&documents::run(RunState::Aborted), EN),
        ),
        ("receipt", pages::receipt(&documents::receipt(), EN)),
        ("station", pages::station(&documents::station(), EN)),
        ("new station", pages::station(&documents::new_station(), EN)),
        ("method", pages::method(EN)),
        ("verify", pages::verify(None, EN)),
        (
            "verify a receipt",
            pages::verify(Some(&documents::receipt().receipt.leaf), EN),
        ),
        ("problem", pages::problem(&documents::problem(), EN)),
    ]
}

fn each(check: impl Fn(&str, &Html)) {
    for (name, html) in all() {
        check(name, &Html::parse_document(&html));
    }
}

#[test]
fn a_page_is_the_same_bytes_every_time() {
    let first = all();
    for _ in 0..1_000 {
        assert!(all() == first);
    }
}

#[test]
fn a_page_declares_type_language_width_and_description() {
    for (name, html) in all() {
        assert!(
            html.starts_with("<!DOCTYPE html><html lang=\"en\">"),
            "{name}"
        );
        let page = Html::parse_document(&html);
        // The framework parts neighbouring texts by `<!>`, which parsers read as an empty comment.
        let mut faults = page
            .errors
            .iter()
            .filter(|fault| !fault.contains("MarkupDeclarationOpen"));
        assert_eq!(faults.next(), None, "{name}");
        assert_eq!(select(&page, "meta[charset=utf-8]").len(), 1, "{name}");
        assert_eq!(
            attribute(&page, "meta[name=viewport]", "content"),
            ["width=device-width, initial-scale=1"],
            "{name}"
        );
        let description = attribute(&page, "meta[name=description]", "content");
        assert!(description[0].len() > 20, "{name}");
        assert_eq!(select(&page, "link[rel=stylesheet]").len(), 1, "{name}");
        assert_eq!(select(&page, "link[rel=icon]").len(), 1, "{name}");
        assert!(texts(&page, "title")[0].ends_with(" · Assay"), "{name}");
    }
}

#[test]
fn a_page_has_one_first_heading_and_skips_no_level() {
    each(|name, page| {
        assert_eq!(select(page, "h1").len(), 1, "{name}");
        let mut before = 0;
        for heading in select(page, "h1, h2, h3, h4, h5, h6") {
            let level = heading.value().name().as_bytes()[1] - b'0';
            assert!(level <= before + 1, "{name}: h{level} after h{before}");
            before = level;
        }
    });
}

#[test]
fn landmarks_are_there_and_named() {
    each(|name, page| {
        assert_eq!(select(page, "main#main").len(), 1, "{name}");
        assert_eq!(select(page, "body > header").len(), 1, "{name}");
        assert_eq!(select(page, "body > footer").len(), 1, "{name}");
        assert!(
            select(page, "nav:not([aria-label]):not([aria-labelledby])").is_empty(),
            "{name}"
        );
        assert!(
            select(page, "main section:not([aria-labelledby])").is_empty(),
            "{name}"
        );
    });
}

#[test]
fn every_table_has_a_caption_scopes_and_a_named_region_that_takes_focus() {
    each(|name, page| {
        let tables = select(page, "table").len();
        assert_eq!(
            select(page, "table > caption:first-child").len(),
            tables,
            "{name}"
        );
        assert!(select(page, "th:not([scope])").is_empty(), "{name}");
        let region = "div.scroll[role=region][tabindex='0'][aria-label] > table";
        assert_eq!(select(page, region).len(), tables, "{name}");
        for label in attribute(page, "div.scroll", "aria-label") {
            assert!(!label.trim().is_empty(), "{name}");
        }
    });
}

#[test]
fn every_drawing_has_a_title_or_is_hidden() {
    each(|name, page| {
        for drawing in select(page, "svg") {
            let hidden = drawing.attr("aria-hidden") == Some("true");
            let first = drawing
                .child_elements()
                .next()
                .expect("a drawing has parts");
            let titled = first.value().name() == "title" && first.text().count() > 0;
            assert!(hidden || titled, "{name}: {}", drawing.html());
        }
    });
}

#[test]
fn nothing_is_inline_neither_style_nor_script_nor_handler() {
    each(|name, page| {
        for element in select(page, "*") {
            for (attribute, _) in element.value().attrs() {
                let inline = attribute == "style" || attribute.starts_with("on");
                assert!(!inline, "{name}: {}", element.html());
            }
        }
        assert!(select(page, "style").is_empty(), "{name}");
        assert!(select(page, "script:not([src])").is_empty(), "{name}");
    });
}

#[test]
fn ids_are_unique_and_every_reference_to_one_resolves() {
    each(|name, page| {
        let ids = attribute(page, "[id]", "id");
        let unique: BTreeSet<&String> = ids.iter().collect();
        assert_eq!(unique.len(), ids.len(), "{name}: {ids:?}");
        for (selector, from) in [("[aria-labelledby]", "aria-labelledby"), ("label", "for")] {
            for target in attribute(page, selector, from) {
                assert!(unique.contains(&target), "{name}: {target}");
            }
        }
    });
}

#[test]
fn every_link_and_file_is_of_this_origin() {
    each(|name, page| {
        for (selector, key) in [("[href]", "href"), ("[src]", "src"), ("[action]", "action")] {
            for target in attribute(page, selector, key) {
                let own = target.starts_with('/') && !target.starts_with("//");
                assert!(own || target.starts_with('#'), "{name}: {target}");
            }
        }
    });
}

#[test]
fn hostile_names_stay_text() {
    const HOSTILE: &str = "</title></bdi><script>alert(1)</script>\"' onload=\"x\u{202e}&lt;";
    let mut board = documents::board();
    board.rows[0].name = HOSTILE.to_owned();
    board.rows[0].station = HOSTILE.to_owned();
    board.query.q = Some(HOSTILE.to_owned());
    let mut system = documents::system();
    system.name = HOSTILE.to_owned();
    let mut receipt = documents::receipt();
    receipt.name = HOSTILE.to_owned();
    let mut run = documents::run(RunState::Aborted);
    run.run.name = HOSTILE.to_owned();
    run.run.detail = Some(HOSTILE.to_owned());
    let mut problem = documents::problem();
    problem.detail = HOSTILE.to_owned();
    problem.title = HOSTILE.to_owned();
    for html in [
        pages::board(&board, EN),
        pages::system(&system, EN),
        pages::receipt(&receipt, EN),
        pages::run(&run, EN),
        pages::problem(&problem, EN),
    ] {
        let page = Html::parse_document(&html);
        assert!(select(&page, "script:not([src])").is_empty(), "{html}");
        assert!(select(&page, "[onload]").is_empty(), "{html}");
        let isolated = select(&page, "bdi")
            .into_iter()
            .any(|name| name.text().collect::<String>().contains(HOSTILE));
        assert!(isolated, "{html}");
    }
}

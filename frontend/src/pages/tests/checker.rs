//! The page that checks a bundle, before its script runs.

use scraper::Html;

use super::{EN, assets, attribute, documents, select, texts, verify};

#[test]
fn the_checker_is_hidden_until_its_script_starts_and_the_command_stands_beside_it() {
    let leaf = documents::receipt().receipt.leaf;
    let page = Html::parse_document(&verify(Some(&leaf), EN));
    let checker = "[data-part=verifier]";
    assert_eq!(select(&page, &format!("{checker}[hidden]")).len(), 1);
    let bundle = format!("/bundle/{leaf}.json");
    assert_eq!(attribute(&page, checker, "data-bundle"), [bundle.as_str()]);
    assert_eq!(
        texts(&page, "pre.command code"),
        [format!("assay verify --policy policy {leaf}.json")]
    );
    assert_eq!(
        attribute(&page, ".downloads a", "href"),
        [bundle.as_str(), "/policy"]
    );
    let bare = Html::parse_document(&verify(None, EN));
    assert!(attribute(&bare, checker, "data-bundle").is_empty());
    assert_eq!(
        texts(&bare, "pre.command code"),
        ["assay verify --policy policy BUNDLE.json"]
    );
    assert!(select(&bare, ".downloads").is_empty());
}

#[test]
fn a_page_whose_checker_cannot_run_says_so() {
    let page = verify(None, EN);
    let says = match assets::verifier() {
        Some(_) => "<noscript><p class=\"empty\">Checking in the browser needs JavaScript.",
        None => "<p class=\"empty\">This server was built without the browser's checker.",
    };
    assert!(page.contains(says), "{page}");
}

#[test]
fn every_field_of_the_checker_has_a_label() {
    let page = Html::parse_document(&verify(None, EN));
    let labelled = attribute(&page, "label", "for");
    let fields = attribute(&page, "textarea, input", "id");
    assert_eq!(fields.len(), 4);
    assert_eq!(
        fields.iter().collect::<std::collections::BTreeSet<_>>(),
        labelled.iter().collect()
    );
}

#[test]
fn every_word_and_part_that_the_script_asks_for_is_in_the_page() {
    let html = verify(None, EN);
    let script = include_str!("../../../verify/check.js");
    for (call, attribute) in [("say(\"", "data-word"), ("part(\"", "data-part")] {
        let asked: Vec<&str> = script
            .split(call)
            .skip(1)
            .filter_map(|rest| rest.split('"').next())
            .collect();
        assert!(asked.len() > 15, "the script asks by {call}");
        for name in asked {
            // Failing to start is told only where there is something to start.
            if name != "failed" || assets::verifier().is_some() {
                assert!(html.contains(&format!("{attribute}=\"{name}\"")), "{name}");
            }
        }
    }
}

#[test]
fn every_word_in_the_page_is_asked_for() {
    let script = include_str!("../../../verify/check.js");
    let html = verify(None, EN);
    for word in html.split("data-word=\"").skip(1) {
        let word = word.split('"').next().unwrap_or_default();
        let composed = ["state-", "fact-"]
            .iter()
            .any(|head| word.starts_with(head));
        let named = [format!("\"{word}\""), word.replace("fact-", "[\"")];
        assert!(
            named.iter().any(|name| script.contains(name)) || composed,
            "no script asks for {word}"
        );
    }
}

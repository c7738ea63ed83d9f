//! The page that checks a bundle, as a reader uses it: press, choose a file, read the result.

use std::path::Path;

use fantoccini::{Client, Locator};
use serde_json::Value;

use crate::reader::{WAIT, keep};

/// The lines of the result as the page shows them.
const LINES: &str = "return [...document.querySelectorAll('[data-part=lines] li')].map(line => ({
  name: line.querySelector('b').textContent,
  says: line.querySelector('bdi').textContent,
  state: line.querySelector('.finding').className.replace('finding ', ''),
  reason: line.querySelector('.reason')?.textContent ?? null,
}));";
const REQUESTED: &str = "return performance.getEntriesByType('resource').map(r => r.name);";

pub async fn until_ready(browser: &Client) {
    let alive = Locator::Css("html[data-verifier=ready]");
    let wait = browser.wait().at_most(WAIT).for_element(alive).await;
    wait.expect("the checker starts");
}

pub async fn until_verified(browser: &Client) {
    result(browser, "[data-part=result][data-verified=true]").await;
}

pub async fn until_refused(browser: &Client) {
    result(browser, "[data-part=result][data-verified=false]").await;
}

/// Waits until nothing is shown as checked.
pub async fn until_unchecked(browser: &Client) {
    result(browser, "[data-part=result]:not([data-verified])").await;
}

async fn result(browser: &Client, selector: &str) {
    let wait = browser.wait().at_most(WAIT);
    let wait = wait.for_element(Locator::Css(selector)).await;
    wait.unwrap_or_else(|error| panic!("{selector}: {error}"));
}

async fn part(browser: &Client, name: &str) -> fantoccini::elements::Element {
    let selector = format!("[data-part={name}]");
    let found = browser.find(Locator::Css(&selector)).await;
    found.unwrap_or_else(|error| panic!("{selector}: {error}"))
}

pub async fn press(browser: &Client, name: &str) {
    part(browser, name).await.click().await.expect("a click");
}

pub async fn said(browser: &Client, name: &str) -> String {
    part(browser, name).await.text().await.expect("text")
}

pub async fn value(browser: &Client, name: &str) -> String {
    let value = part(browser, name).await.prop("value").await;
    value.expect("a property").expect("a value")
}

/// The lines of the result.
pub async fn shown(browser: &Client) -> Value {
    browser.execute(LINES, vec![]).await.expect("lines")
}

pub async fn choose(browser: &Client, name: &str, file: &Path) {
    let path = file.to_str().expect("test paths are UTF-8");
    let input = part(browser, name).await;
    input.send_keys(path).await.expect("a file is chosen");
}

pub async fn picture(browser: &Client, name: &str) {
    keep(name, &browser.screenshot().await.expect("a picture"));
}

/// Files of the verifier that the page asked for.
pub async fn verifier_files(browser: &Client) -> Vec<String> {
    let all = browser.execute(REQUESTED, vec![]).await.expect("entries");
    let all: Vec<String> = serde_json::from_value(all).expect("names");
    let is_ours = |name: &String| {
        ["/verify.", "/check."]
            .iter()
            .any(|stem| name.contains(stem))
    };
    all.into_iter().filter(is_ours).collect()
}

//! What a reader does on any page: open it, follow a link, read it, keep a picture.

use std::{fs, time::Duration};

use assay_tests::programs::root;
use fantoccini::{Client, Locator};

/// Longest wait for anything on a page.
pub const WAIT: Duration = Duration::from_mins(1);

pub async fn open(browser: &Client, url: &str) {
    browser
        .goto(url)
        .await
        .unwrap_or_else(|error| panic!("{url}: {error}"));
}

pub async fn follow(browser: &Client, selector: &str) {
    let href = link(browser, selector).await;
    let here = browser.current_url().await.expect("an address");
    let there = here.join(&href).expect("a link");
    open(browser, there.as_str()).await;
}

pub async fn link(browser: &Client, selector: &str) -> String {
    browser
        .find(Locator::Css(selector))
        .await
        .unwrap_or_else(|error| panic!("{selector}: {error}"))
        .attr("href")
        .await
        .expect("an attribute")
        .expect("a link leads somewhere")
}

pub async fn text(browser: &Client) -> String {
    let body = browser
        .find(Locator::Css("main"))
        .await
        .expect("a main part");
    body.text().await.expect("text")
}

pub async fn number(browser: &Client, script: &str) -> i64 {
    let value = browser
        .execute(script, Vec::new())
        .await
        .expect("a script runs");
    value.as_i64().expect("a number")
}

/// By how many pixels the page is wider than the window.
pub async fn overflow(browser: &Client) -> i64 {
    let script =
        "return document.documentElement.scrollWidth - document.documentElement.clientWidth;";
    number(browser, script).await
}

/// Writes a picture to `target/screenshots`.
pub fn keep(name: &str, picture: &[u8]) {
    let pictures = root().join("target/screenshots");
    fs::create_dir_all(&pictures).expect("target is writable");
    fs::write(pictures.join(format!("{name}.png")), picture).expect("target is writable");
}

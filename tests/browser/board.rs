//! A reader opens the board, sorts it, and opens a receipt: with scripts, without, and on a phone.

use assay_tests::World;
use fantoccini::{Client, Locator};

use crate::{
    driver::{Driver, Scripts, console},
    reader::{WAIT, follow, keep, link, number, open, overflow, text},
};

const PHONE: u32 = 360;
const DESK: u32 = 1280;
const NAMES: &str = "return [...document.querySelectorAll('tbody tr')].map(r => r.dataset.system);";

#[test]
fn a_reader_sorts_the_board_and_opens_a_receipt() {
    let mut world = World::unborn();
    let folder = world.path("demo");
    world.demo(&folder);
    let address = world.address().to_owned();
    let driver = Driver::start();
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    runtime.block_on(async {
        for scripts in [Scripts::On, Scripts::Off] {
            let browser = driver.browser(scripts, DESK, 900).await;
            read(&browser, &address, scripts).await;
            browser.close().await.expect("the window closes");
        }
        for width in [PHONE, DESK] {
            let browser = driver.browser(Scripts::On, width, 800).await;
            every_page_fits(&browser, &address, width).await;
            browser.close().await.expect("the window closes");
        }
    });
}

async fn read(browser: &Client, address: &str, scripts: Scripts) {
    open(browser, &format!("{address}/")).await;
    assert_eq!(
        path(browser).await,
        "/en/",
        "a path without language leads to one"
    );
    follow(browser, "main a[href='/en/boards/bay-knowledge']").await;
    if scripts == Scripts::On {
        browser
            .wait()
            .at_most(WAIT)
            .for_element(Locator::Css("html[data-islands=ready]"))
            .await
            .expect("the islands come alive");
        mark_window(browser).await;
    }
    let by_estimate = names(browser).await;
    assert_eq!(by_estimate.len(), 6, "{by_estimate:?}");

    browser
        .find(Locator::Css("th a[data-sort=system]"))
        .await
        .expect("a header link")
        .click()
        .await
        .expect("a click");
    browser
        .wait()
        .at_most(WAIT)
        .for_element(Locator::Css("th[aria-sort=ascending] a[data-sort=system]"))
        .await
        .expect("the column says that it is sorted");
    let by_name = names(browser).await;
    let mut expected = by_estimate.clone();
    expected.sort_by_key(|name| name.to_lowercase());
    assert_eq!(by_name, expected);
    let url = browser.current_url().await.expect("an address");
    assert!(
        url.query()
            .is_some_and(|query| query.contains("sort=system")),
        "{url}"
    );
    if scripts == Scripts::On {
        assert!(
            is_same_window(browser).await,
            "sorted without loading a page"
        );
    }
    open(browser, url.as_str()).await;
    assert_eq!(
        names(browser).await,
        by_name,
        "the server sorts as the island does"
    );

    follow(browser, "tbody a[href^='/en/receipts/']").await;
    let text = text(browser).await;
    assert!(text.contains("No hardware attestation."), "{text}");
    assert!(text.contains("assay verify"), "{text}");
    if scripts == Scripts::On {
        assert_eq!(console(browser).await, Vec::<String>::new());
    }
}

/// Opens one page of each kind, keeps a picture of it, and looks for what overflows.
async fn every_page_fits(browser: &Client, address: &str, width: u32) {
    open(browser, &format!("{address}/en/boards/bay-reasoning")).await;
    let receipt = link(browser, "tbody a[href^='/en/receipts/']").await;
    let system = link(browser, "tbody a[href^='/en/systems/']").await;
    open(browser, &format!("{address}/en/")).await;
    let run = link(browser, "a[href^='/en/runs/']").await;
    let pages = [
        ("home", "/en/".to_owned()),
        ("board", "/en/boards/bay-reasoning".to_owned()),
        ("method", "/en/method".to_owned()),
        ("station", "/en/station".to_owned()),
        ("receipt", receipt),
        ("system", system),
        ("run", run),
        ("missing", "/en/boards/no-such-board".to_owned()),
    ];
    for (name, path) in pages {
        open(browser, &format!("{address}{path}")).await;
        let picture = browser.screenshot().await.expect("a picture");
        keep(&format!("{name}-{width}"), &picture);
        let overflow = overflow(browser).await;
        assert_eq!(overflow, 0, "{name} is wider than {width} px");
        let headings = number(browser, "return document.querySelectorAll('h1').length;").await;
        assert_eq!(headings, 1, "{name}");
    }
}

async fn names(browser: &Client) -> Vec<String> {
    let value = browser.execute(NAMES, Vec::new()).await.expect("the rows");
    serde_json::from_value(value).expect("names are texts")
}

async fn path(browser: &Client) -> String {
    browser
        .current_url()
        .await
        .expect("an address")
        .path()
        .to_owned()
}

async fn mark_window(browser: &Client) {
    let marked = browser.execute("window.assayMark = 1;", Vec::new()).await;
    marked.expect("a script runs");
}

async fn is_same_window(browser: &Client) -> bool {
    number(browser, "return window.assayMark ?? 0;").await == 1
}

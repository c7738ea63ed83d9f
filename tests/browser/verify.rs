//! A reader checks a receipt in the browser, by a policy of their own, with the station gone.

mod page;

use std::{
    fs,
    path::{Path, PathBuf},
};

use assay_evidence::{
    bundle::BUNDLE_BYTES_MAX,
    digest::Digest,
    keys::{Ed25519SigningKey, random_bytes},
    note::VerifierKey,
    policy::Policy,
};
use assay_tests::World;
use fantoccini::Client;
use serde_json::{Value, json};

use self::page::{
    choose, picture, press, said, shown, until_ready, until_refused, until_unchecked,
    until_verified, value, verifier_files,
};
use crate::{
    driver::{Driver, Scripts, console},
    reader::{follow, open, overflow, text},
};

/// Longest module after brotli, in bytes.
const MODULE_BYTES_MAX: usize = 120_000;
/// Turns one bit of every `step`-th byte and asks the module about each; how many it took for good.
const SWEEP: &str = "const [base64, policy, step, done] = arguments;
(async () => {
  const module = await import(document.querySelector('script[data-glue]').dataset.glue);
  const bytes = Uint8Array.from(atob(base64), (c) => c.charCodeAt(0));
  const verified = () => JSON.parse(module.verify(bytes, policy, Date.now() / 1000)).verified;
  let taken = 0;
  for (let at = 0; at < bytes.length; at += step) {
    bytes[at] ^= 1;
    taken += Number(verified());
    bytes[at] ^= 1;
  }
  done([verified(), taken]);
})();";

/// A demo with its files on the reader's own disk.
struct Story {
    world: World,
    address: String,
    leaf: String,
    policy: PathBuf,
    bundle: PathBuf,
    tampered: PathBuf,
}

impl Story {
    fn new() -> Self {
        let mut world = World::unborn();
        let folder = world.path("demo");
        world.demo(&folder);
        let board = world.get("/en/boards/bay-knowledge.json");
        let leaf = board["rows"][0]["receipt"]["leaf"]
            .as_str()
            .expect("a receipt")
            .to_owned();
        let bundle = fetched(&world, &format!("/bundle/{leaf}.json"));
        let mut tampered = bundle.clone();
        let middle = tampered.len() / 2;
        tampered[middle] ^= 1;
        let policy = fetched(&world, "/policy");
        let file = |name: &str, bytes: &[u8]| {
            let path = world.path(name);
            fs::write(&path, bytes).expect("a temporary folder is writable");
            path
        };
        Self {
            address: world.address().to_owned(),
            leaf,
            policy: file("policy", &policy),
            bundle: file("bundle.json", &bundle),
            tampered: file("tampered.json", &tampered),
            world,
        }
    }

    /// What the command says of a bundle: whether it verified, and each line.
    fn command(&self, policy: &Path, bundle: &Path) -> (bool, Value) {
        let arguments = [
            "verify".as_ref(),
            "--json".as_ref(),
            "--policy".as_ref(),
            policy.as_os_str(),
            bundle.as_os_str(),
        ];
        let said = self.world.programs.assay(arguments).json();
        let checks = said[0]["checks"].as_array().expect("checks").iter();
        let lines = checks.map(|check| {
            json!({
                "name": check["name"],
                "says": check["says"],
                "state": check["state"],
                "reason": check["reason"],
            })
        });
        let verified = said[0]["verified"].as_bool().expect("a truth value");
        (verified, Value::Array(lines.collect()))
    }

    /// A file of so many zeros.
    fn long(&self, bytes: usize) -> PathBuf {
        let path = self.world.path(&format!("long-{bytes}"));
        fs::write(&path, vec![b'0'; bytes]).expect("a temporary folder is writable");
        path
    }

    /// A policy that pins another manifest for another log.
    fn other_policy(&self) -> PathBuf {
        let key = Ed25519SigningKey::from_seed(random_bytes()).public();
        let log = VerifierKey::new("other.example.org", key).expect("a name");
        let path = self.world.path("other-policy");
        fs::write(&path, Policy::lone(&log, "", &Digest::of(b""))).expect("writable");
        path
    }
}

fn fetched(world: &World, path: &str) -> Vec<u8> {
    let url = format!("{}{path}", world.address());
    let answer = ureq::get(&url).call();
    let answer = answer.unwrap_or_else(|error| panic!("{url}: {error}"));
    answer.into_body().read_to_vec().expect("a bounded body")
}

#[test]
fn a_reader_checks_receipts_by_their_own_policy_with_the_station_gone() {
    let mut story = Story::new();
    let driver = Driver::start();
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    runtime.block_on(async {
        let browser = driver.browser(Scripts::Off, 1280, 900).await;
        without_scripts_the_page_shows_the_command(&browser, &story).await;
        browser.close().await.expect("the window closes");

        // Windows as long as the page, so that a picture holds all of it.
        let browser = driver.browser(Scripts::On, 1280, 2600).await;
        other_pages_load_no_verifier(&browser, &story).await;
        nothing_is_trusted_unasked(&browser, &story).await;
        the_module_is_small(&browser, &story).await;
        a_taken_policy_verifies_as_the_command_does(&browser, &story).await;
        a_kept_policy_is_there_the_next_time(&browser, &story).await;
        let phone = driver.browser(Scripts::On, 360, 4400).await;
        for (window, width) in [(&browser, 1280), (&phone, 360)] {
            open(window, &url_of(&story)).await;
            until_ready(window).await;
            picture(window, &format!("verify-empty-{width}")).await;
            press(window, "take").await;
            until_verified(window).await;
        }

        story.world.crash_server();
        for (window, width) in [(&browser, 1280), (&phone, 360)] {
            changed_bundles_and_other_policies_are_refused(window, &story, width).await;
            files_that_are_too_long_are_named(window, &story, width).await;
        }
        no_changed_byte_verifies(&browser, &story).await;
        for window in [browser, phone] {
            assert_eq!(console(&window).await, Vec::<String>::new());
            window.close().await.expect("the window closes");
        }
    });
}

fn url_of(story: &Story) -> String {
    format!("{}/en/verify?receipt={}", story.address, story.leaf)
}

async fn without_scripts_the_page_shows_the_command(browser: &Client, story: &Story) {
    open(browser, &url_of(story)).await;
    let text = text(browser).await;
    assert!(text.contains("needs JavaScript"), "{text}");
    let command = format!("assay verify --policy policy {}.json", story.leaf);
    assert!(text.contains(&command), "{text}");
    assert!(!text.contains("Take this station's policy"), "{text}");
}

async fn other_pages_load_no_verifier(browser: &Client, story: &Story) {
    for path in [
        "/en/".to_owned(),
        "/en/boards/bay-knowledge".to_owned(),
        "/en/method".to_owned(),
        format!("/en/receipts/{}", story.leaf),
    ] {
        open(browser, &format!("{}{path}", story.address)).await;
        assert_eq!(
            verifier_files(browser).await,
            Vec::<String>::new(),
            "{path}"
        );
    }
}

/// The reader comes from the receipt; bundle and station's policy are there, but nothing is checked.
async fn nothing_is_trusted_unasked(browser: &Client, story: &Story) {
    follow(browser, "a[href^='/en/verify?receipt=']").await;
    assert_eq!(
        browser.current_url().await.expect("an address").as_str(),
        url_of(story)
    );
    until_ready(browser).await;
    assert_eq!(verifier_files(browser).await.len(), 3);
    assert_eq!(
        said(browser, "verdict").await,
        "Nothing was checked: choose a policy first."
    );
    assert_eq!(value(browser, "policy").await, "");
    let bundle = said(browser, "bundle-says").await;
    assert!(
        bundle.starts_with(&format!("/bundle/{}.json of this station, ", story.leaf)),
        "{bundle}"
    );
}

async fn the_module_is_small(browser: &Client, story: &Story) {
    let files = verifier_files(browser).await;
    let wasm = files
        .iter()
        .find(|name| name.contains(".wasm"))
        .expect("a module");
    let answer = ureq::get(wasm).header("accept-encoding", "br").call();
    let answer = answer.unwrap_or_else(|error| panic!("{wasm}: {error}"));
    assert_eq!(answer.headers()["content-encoding"], "br");
    let length: usize = answer.headers()["content-length"]
        .to_str()
        .ok()
        .and_then(|length| length.parse().ok())
        .expect("a length");
    println!("verifier: {length} bytes after brotli, at most {MODULE_BYTES_MAX}");
    assert!(length < MODULE_BYTES_MAX, "{length}");
    assert!(wasm.starts_with(&story.address), "{wasm}");
}

async fn a_taken_policy_verifies_as_the_command_does(browser: &Client, story: &Story) {
    press(browser, "take").await;
    until_verified(browser).await;
    let policy = fs::read(&story.policy).expect("readable");
    let says = said(browser, "policy-says").await;
    assert!(says.contains(&Digest::of(&policy).to_string()), "{says}");
    assert!(
        says.contains("It is the policy that this station offers now."),
        "{says}"
    );
    let (verified, lines) = story.command(&story.policy, &story.bundle);
    assert!(verified);
    assert_eq!(shown(browser).await, lines);
    let facts = said(browser, "facts").await;
    assert!(facts.contains("No hardware attestation."), "{facts}");
    assert!(facts.contains("bay-knowledge@"), "{facts}");
}

async fn a_kept_policy_is_there_the_next_time(browser: &Client, story: &Story) {
    press(browser, "keep").await;
    open(browser, &url_of(story)).await;
    until_ready(browser).await;
    until_verified(browser).await;
    let says = said(browser, "policy-says").await;
    assert!(says.contains("It is kept in this browser"), "{says}");
    press(browser, "forget").await;
    let says = said(browser, "policy-says").await;
    assert!(!says.contains("It is kept in this browser"), "{says}");
}

async fn changed_bundles_and_other_policies_are_refused(
    browser: &Client,
    story: &Story,
    width: u32,
) {
    choose(browser, "bundle-file", &story.bundle).await;
    until_verified(browser).await;
    picture(browser, &format!("verify-passed-{width}")).await;
    choose(browser, "bundle-file", &story.tampered).await;
    until_refused(browser).await;
    picture(browser, &format!("verify-failed-{width}")).await;
    let (verified, lines) = story.command(&story.policy, &story.tampered);
    assert!(!verified);
    assert_eq!(shown(browser).await, lines);
    let reason = lines
        .as_array()
        .and_then(|lines| lines.last())
        .expect("a line")["reason"]
        .clone();
    let verdict = said(browser, "verdict").await;
    let refused = "Not verified: believe nothing that this file says";
    assert_eq!(
        verdict,
        format!("{refused}\n{}", reason.as_str().expect("a reason"))
    );

    choose(browser, "bundle-file", &story.bundle).await;
    until_verified(browser).await;
    let other = story.other_policy();
    choose(browser, "policy-file", &other).await;
    until_refused(browser).await;
    assert_eq!(shown(browser).await, story.command(&other, &story.bundle).1);
    let says = said(browser, "policy-says").await;
    assert!(
        says.contains("It differs from the policy that this station offers now."),
        "{says}"
    );
    press(browser, "take").await;
    until_verified(browser).await;
    assert_eq!(overflow(browser).await, 0, "{width}");
}

/// Past the limit of a bundle the module says so, as the command does; past twice that nothing is read.
async fn files_that_are_too_long_are_named(browser: &Client, story: &Story, width: u32) {
    choose(browser, "bundle-file", &story.long(BUNDLE_BYTES_MAX + 1)).await;
    until_refused(browser).await;
    let (_, lines) = story.command(&story.policy, &story.long(BUNDLE_BYTES_MAX + 1));
    assert_eq!(shown(browser).await, lines);
    let reason = "bundle has 4194305 bytes, more than 4194304";
    assert_eq!(lines[0]["reason"], reason);

    choose(
        browser,
        "bundle-file",
        &story.long(2 * BUNDLE_BYTES_MAX + 1),
    )
    .await;
    until_unchecked(browser).await;
    let says = said(browser, "bundle-says").await;
    assert_eq!(says, "long-8388609 is longer than any bundle.");
    picture(browser, &format!("verify-too-long-{width}")).await;
    let nothing = "Nothing was checked: choose a bundle.";
    assert_eq!(said(browser, "verdict").await, nothing);

    choose(browser, "policy-file", &story.long(1024 * 1024 + 1)).await;
    let says = said(browser, "policy-says").await;
    assert_eq!(says, "long-1048577 is longer than any policy.");
    let nothing = "Nothing was checked: choose a policy first.";
    assert_eq!(said(browser, "verdict").await, nothing);
}

async fn no_changed_byte_verifies(browser: &Client, story: &Story) {
    let bundle = fs::read(&story.bundle).expect("readable");
    let policy = fs::read_to_string(&story.policy).expect("readable");
    let arguments = vec![
        json!(assay_evidence::base64::encode(&bundle)),
        json!(policy),
        json!(bundle.len() / 199),
    ];
    let found = browser
        .execute_async(SWEEP, arguments)
        .await
        .expect("a sweep");
    assert_eq!(found, json!([true, 0]));
}

//! A headless Chromium behind its WebDriver server, both ended with the value that holds them.

use std::{
    io::{BufRead, BufReader},
    path::Path,
    process::{Child, Command, Stdio},
};

use fantoccini::{Client, ClientBuilder, wd::WebDriverCompatibleCommand};
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::{Value, json};
use tempfile::TempDir;

/// Whether pages may run scripts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scripts {
    On,
    Off,
}

/// The WebDriver server.
pub struct Driver {
    process: Child,
    address: String,
    profiles: TempDir,
}

impl Driver {
    /// Starts the server on a free port of its own choice.
    pub fn start() -> Self {
        let mut process = Command::new("chromedriver")
            .args(["--port=0", "--allowed-ips=127.0.0.1"])
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("chromedriver is installed by the set-up of the tests");
        let out = process.stdout.take().expect("its output is piped");
        let port = BufReader::new(out)
            .lines()
            .map_while(Result::ok)
            .find_map(|line| port_in(&line))
            .expect("chromedriver says on which port it listens");
        Self {
            process,
            address: format!("http://127.0.0.1:{port}"),
            profiles: TempDir::new().expect("a folder for browser profiles"),
        }
    }

    /// Opens a browser window of `width` by `height` CSS pixels with a profile of its own.
    pub async fn browser(&self, scripts: Scripts, width: u32, height: u32) -> Client {
        let profile = self.profiles.path().join(format!("{scripts:?}-{width}"));
        let client = ClientBuilder::new(HttpConnector::new())
            .capabilities(capabilities(scripts, &profile))
            .connect(&self.address)
            .await
            .expect("chromium starts");
        client
            .set_window_size(width, height)
            .await
            .expect("the window takes its size");
        client
    }
}

impl Drop for Driver {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// What the browser's console holds: errors, warnings, policy violations.
pub async fn console(client: &Client) -> Vec<String> {
    let entries = client
        .issue_cmd(ReadConsole)
        .await
        .expect("the driver hands out the console");
    entries
        .as_array()
        .into_iter()
        .flatten()
        .map(|entry| entry["message"].as_str().unwrap_or_default().to_owned())
        .collect()
}

#[derive(Debug)]
struct ReadConsole;

impl WebDriverCompatibleCommand for ReadConsole {
    fn endpoint(
        &self,
        base: &url::Url,
        session: Option<&str>,
    ) -> Result<url::Url, url::ParseError> {
        base.join(&format!("session/{}/se/log", session.unwrap_or_default()))
    }

    fn method_and_body(&self, _: &url::Url) -> (http::Method, Option<String>) {
        (
            http::Method::POST,
            Some(json!({"type": "browser"}).to_string()),
        )
    }
}

fn capabilities(scripts: Scripts, profile: &Path) -> serde_json::Map<String, Value> {
    let blocked = 2;
    let preferences = match scripts {
        Scripts::On => json!({}),
        Scripts::Off => json!({"profile.managed_default_content_settings.javascript": blocked}),
    };
    let capabilities = json!({
        "browserName": "chrome",
        "goog:loggingPrefs": {"browser": "ALL"},
        "goog:chromeOptions": {
            "prefs": preferences,
            "args": [
                "--headless=new",
                "--no-sandbox",
                "--disable-gpu",
                "--disable-quic",
                "--no-first-run",
                "--disable-background-networking",
                "--disable-component-update",
                "--disable-sync",
                format!("--user-data-dir={}", profile.display()),
            ],
        },
    });
    match capabilities {
        Value::Object(map) => map,
        _ => unreachable!("the literal above is an object"),
    }
}

fn port_in(line: &str) -> Option<u16> {
    let (_, rest) = line.split_once("successfully on port ")?;
    rest.trim_end_matches('.').trim().parse().ok()
}

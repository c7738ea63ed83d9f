//! What a command prints: text or one JSON value on stdout, faults and progress on stderr.
//!
//! Progress is drawn only when stderr is a terminal and the answer is text. Foreign text cannot steer the
//! terminal: everything for people is made harmless here, in one place.

use std::{
    io::{IsTerminal, Write},
    time::Duration,
};

use indicatif::{ProgressBar, ProgressStyle};
use serde::Serialize;

use super::{
    fault::{Ended, Fault},
    table::harmless,
};

/// Where a command prints to.
#[derive(Debug)]
pub struct Output {
    json: bool,
}

impl Output {
    /// Text, or JSON with `--json`.
    pub const fn new(json: bool) -> Self {
        Self { json }
    }

    /// True when the answer is for a program.
    pub const fn is_json(&self) -> bool {
        self.json
    }

    /// Prints the document for programs, or what `text` makes of it for people.
    pub fn print<T: Serialize>(&self, document: &T, text: impl FnOnce(&T) -> String) -> Ended {
        if self.json {
            let line = serde_json::to_string(document).map_err(Fault::refused)?;
            return write_out(&line);
        }
        write_out(harmless(&text(document)).trim_end_matches('\n'))
    }

    /// Prints a line for people at once; nothing with `--json`.
    pub fn say(&self, line: &str) {
        if !self.json {
            // A closed stdout is no reason to stop work that is under way.
            let _ = write_out(&harmless(line));
        }
    }

    /// Prints why a command ends badly.
    pub fn fault(&self, fault: &Fault) {
        if matches!(fault, Fault::Said) {
            return;
        }
        if self.json {
            let document = serde_json::json!({ "error": fault.to_string(), "exit": fault.code() });
            let _ = write_out(&document.to_string());
        }
        let said = harmless(&fault.to_string());
        let _ = writeln!(std::io::stderr(), "assay: {said}");
    }

    /// A counter on stderr; hidden unless a person is watching.
    pub fn spinner(&self, message: &'static str) -> ProgressBar {
        if self.json || !std::io::stderr().is_terminal() {
            return ProgressBar::hidden();
        }
        let style = ProgressStyle::with_template("{spinner} {msg} {elapsed}")
            .expect("the template is a constant");
        let bar = ProgressBar::new_spinner()
            .with_style(style)
            .with_message(message);
        bar.enable_steady_tick(Duration::from_millis(120));
        bar
    }

    /// A bar over so many things on stderr; hidden unless a person is watching.
    pub fn counter(&self, of_what: &'static str, most: u64) -> ProgressBar {
        if self.json || !std::io::stderr().is_terminal() {
            return ProgressBar::hidden();
        }
        let style =
            ProgressStyle::with_template("{bar:30} {human_pos}/{human_len} {msg} {per_sec}")
                .expect("the template is a constant");
        ProgressBar::new(most)
            .with_style(style)
            .with_message(of_what)
    }

    /// A bar over bytes on stderr; hidden unless a person is watching.
    pub fn byte_bar(&self, bytes: u64) -> ProgressBar {
        if self.json || !std::io::stderr().is_terminal() {
            return ProgressBar::hidden();
        }
        let style = ProgressStyle::with_template("{bar:30} {bytes}/{total_bytes} {bytes_per_sec}")
            .expect("the template is a constant");
        ProgressBar::new(bytes).with_style(style)
    }
}

/// A reader that hangs up early (`assay runs | head`) is no fault.
fn write_out(text: &str) -> Ended {
    let mut stdout = std::io::stdout().lock();
    match writeln!(stdout, "{text}").and_then(|()| stdout.flush()) {
        Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => {
            Err(Fault::Refused(format!("stdout: {error}")))
        }
        _ => Ok(()),
    }
}

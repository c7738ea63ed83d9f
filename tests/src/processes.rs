//! Process trees as the kernel shows them: who is whose child, in which role, and how to end one.

use std::{fs, process::Command};

/// Process ids of all descendants of `parent`, the nearest first.
pub fn descendants(parent: u32) -> Vec<u32> {
    let mut found = vec![parent];
    let mut next = 0;
    while next < found.len() {
        found.extend(children(found[next]));
        next += 1;
    }
    found.split_off(1)
}

/// The first descendant whose command line holds `words` in a row.
pub fn descendant_named(parent: u32, words: &str) -> Option<u32> {
    descendants(parent)
        .into_iter()
        .find(|pid| command_line(*pid).is_some_and(|line| line.contains(words)))
}

/// Ends a process at once, as a crash would.
///
/// # Panics
/// When the `kill` program cannot be started.
pub fn kill(pid: u32) {
    // A process that is already gone is what the caller wants.
    let _ = Command::new("kill")
        .args(["-KILL", &pid.to_string()])
        .output()
        .expect("kill starts");
}

/// True while a process runs; one that ended and is not yet waited for does not.
pub fn is_alive(pid: u32) -> bool {
    fs::read_to_string(format!("/proc/{pid}/stat")).is_ok_and(|stat| {
        let state = stat
            .rsplit(") ")
            .next()
            .and_then(|rest| rest.chars().next());
        state.is_some_and(|state| state != 'Z')
    })
}

fn children(parent: u32) -> Vec<u32> {
    let Ok(threads) = fs::read_dir(format!("/proc/{parent}/task")) else {
        return Vec::new();
    };
    threads
        .flatten()
        .filter_map(|thread| fs::read_to_string(thread.path().join("children")).ok())
        .flat_map(|list| {
            list.split_whitespace()
                .filter_map(|pid| pid.parse().ok())
                .collect::<Vec<u32>>()
        })
        .collect()
}

fn command_line(pid: u32) -> Option<String> {
    let raw = fs::read(format!("/proc/{pid}/cmdline")).ok()?;
    Some(String::from_utf8_lossy(&raw).replace('\0', " "))
}

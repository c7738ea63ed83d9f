//! Where the checkers lie, and how one is asked about many files at once.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    process::Command,
};

use assay_tests::{programs::root, world::text};

/// What a checker said of each file: nothing, or its refusal.
pub type Answers = BTreeMap<String, Result<(), String>>;

/// npm `@sigstore/verify`, under a trusted root and a signer's key.
pub fn sigstore(trusted_root: &Path, key: &Path, bundles: &[PathBuf]) -> Answers {
    let node = installed("node_modules/.bin/node");
    ask(&node, "sigstore.mjs", &[trusted_root, key], bundles)
}

/// Python `securesystemslib`, under a signer's key.
pub fn securesystemslib(key: &Path, envelopes: &[PathBuf]) -> Answers {
    ask(
        &installed("python/bin/python"),
        "envelope.py",
        &[key],
        envelopes,
    )
}

/// Python `in-toto-attestation`.
pub fn in_toto(statements: &[PathBuf]) -> Answers {
    ask(
        &installed("python/bin/python"),
        "statement.py",
        &[],
        statements,
    )
}

fn installed(program: &str) -> PathBuf {
    let path = root().join("target/outsiders").join(program);
    assert!(
        path.exists(),
        "{} is not installed; run `make setup`",
        path.display()
    );
    path
}

fn ask(program: &Path, script: &str, arguments: &[&Path], files: &[PathBuf]) -> Answers {
    let output = Command::new(program)
        .arg(root().join("tests/outsiders").join(script))
        .args(arguments)
        .args(files)
        .output()
        .expect("an installed checker starts");
    let said = String::from_utf8_lossy(&output.stdout);
    let answers: Answers = said.lines().filter_map(answer).collect();
    let complaint = String::from_utf8_lossy(&output.stderr);
    assert_eq!(answers.len(), files.len(), "{said}{complaint}");
    let all_verify = answers.values().all(Result::is_ok);
    assert_eq!(
        output.status.code(),
        Some(i32::from(!all_verify)),
        "{said}{complaint}"
    );
    answers
}

/// `verified TAB file` or `refused TAB file TAB reason`, by the file's name alone.
fn answer(line: &str) -> Option<(String, Result<(), String>)> {
    let mut parts = line.splitn(3, '\t');
    let (verdict, file, reason) = (parts.next()?, parts.next()?, parts.next());
    let name = Path::new(file)
        .file_name()
        .map(|name| text(Path::new(name)))?;
    match (verdict, reason) {
        ("verified", None) => Some((name, Ok(()))),
        ("refused", Some(reason)) => Some((name, Err(reason.to_owned()))),
        _ => None,
    }
}

/// Every file was refused, each for the reason it was made for: the start of what the checker said.
pub fn assert_refusals(answers: &Answers, expected: &[(&str, &str)]) {
    assert_eq!(answers.len(), expected.len());
    let surprises: Vec<_> = expected
        .iter()
        .map(|(name, reason)| (name, reason, &answers[*name]))
        .filter(|(_, reason, said)| !said.as_ref().is_err_and(|said| said.starts_with(*reason)))
        .collect();
    assert!(surprises.is_empty(), "{surprises:#?}");
}

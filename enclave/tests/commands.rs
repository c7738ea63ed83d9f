//! The commands for people: exit codes, words and files.
#![allow(missing_docs, clippy::unwrap_used)]

#[path = "support/guest.rs"]
mod guest;

use std::process::{Command, Output};

fn program() -> Command {
    Command::new(env!("CARGO_BIN_EXE_assay-enclave"))
}

fn check(bytes: &[u8]) -> (Option<i32>, serde_json::Value) {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("adapter.wasm");
    std::fs::write(&file, bytes).unwrap();
    let Output { status, stdout, .. } = program()
        .arg("check")
        .arg(file)
        .arg("--json")
        .output()
        .unwrap();
    (status.code(), serde_json::from_slice(&stdout).unwrap())
}

#[test]
fn check_accepts_an_adapter_and_says_what_compiling_it_took() {
    let (code, report) = check(&guest::honest());
    assert_eq!(code, Some(0));
    assert_eq!(report["accepted"], true);
    assert!(report["image_bytes"].as_u64().unwrap() > 0);
}

#[test]
fn check_refuses_a_core_module_with_exit_code_1() {
    let (code, report) = check(&wat::parse_str("(module)").unwrap());
    assert_eq!(code, Some(1));
    assert_eq!(report["code"], "core-module");
}

#[test]
fn wrong_use_has_exit_code_2() {
    let out = program().arg("chek").output().unwrap();
    assert_eq!(out.status.code(), Some(2));
}

#[test]
fn keys_are_made_once_in_a_folder_that_others_cannot_read() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path().join("keeper");
    let made = program()
        .arg("keys")
        .arg(&folder)
        .arg("--json")
        .output()
        .unwrap();
    let made: serde_json::Value = serde_json::from_slice(&made.stdout).unwrap();
    assert!(made["seal_recipient"].as_str().unwrap().starts_with("age1"));
    assert_eq!(made["binary"].as_str().unwrap().len(), 64);
    assert_eq!(
        std::fs::metadata(&folder).unwrap().permissions().mode() & 0o777,
        0o700
    );
    for file in std::fs::read_dir(&folder).unwrap() {
        assert_eq!(
            file.unwrap().metadata().unwrap().permissions().mode() & 0o777,
            0o600
        );
    }
    let again = program().arg("keys").arg(&folder).output().unwrap();
    assert_eq!(again.status.code(), Some(1));
    let said = String::from_utf8_lossy(&again.stderr).into_owned();
    assert!(said.contains("holds keys already"), "{said}");
}

#[test]
fn encode_refuses_what_is_no_core_module_and_writes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let (input, output) = (
        folder.path().join("in.wasm"),
        folder.path().join("out.wasm"),
    );
    std::fs::write(&input, guest::honest()).unwrap();
    let out = program()
        .arg("encode")
        .arg(&input)
        .arg(&output)
        .output()
        .unwrap();
    assert_eq!(out.status.code(), Some(1));
    let said = String::from_utf8_lossy(&out.stderr).into_owned();
    assert!(
        said.contains("already a component; use it as it is"),
        "{said}"
    );
    assert!(!output.exists());
}

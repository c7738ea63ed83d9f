//! Policies that load, and each reason for which one does not.

use super::*;
use crate::{
    base64,
    keys::{Ed25519SigningKey, KeyError},
};

fn vkey(name: &str, seed: u8) -> VerifierKey {
    VerifierKey::new(name, Ed25519SigningKey::from_seed([seed; 32]).public()).unwrap()
}

#[test]
fn a_lone_policy_pins_log_url_and_manifest() {
    let (log, manifest) = (vkey("log.example.org", 1), Digest::of(b"manifest"));
    let policy = Policy::parse(&Policy::lone(&log, "http://127.0.0.1:8080/", &manifest)).unwrap();
    assert_eq!(policy.log_for("log.example.org"), Some(&log));
    assert_eq!(
        policy.url_for("log.example.org"),
        Some("http://127.0.0.1:8080/")
    );
    assert_eq!(policy.manifest_for("log.example.org"), Some(&manifest));
    assert_eq!(policy.log_for("log.example.net"), None);
    assert_eq!(policy.manifest_for("log.example.net"), None);
    assert_eq!(policy.origins().collect::<Vec<_>>(), ["log.example.org"]);
}

#[test]
fn blanks_comments_and_thirty_two_logs_are_fine_and_thirty_three_are_not() {
    let logs = |count: u8| {
        let lines = (1..=count).map(|i| format!("\tlog  {}\t\n", vkey(&format!("log{i}"), i)));
        format!(
            "# a comment\n\n#log no\n{}quorum\tnone",
            lines.collect::<String>()
        )
    };
    assert_eq!(Policy::parse(&logs(32)).unwrap().origins().count(), 32);
    assert_eq!(Policy::parse(&logs(33)), Err(PolicyError::TooManyLogs));
}

#[test]
fn each_fault_is_named_with_its_line() {
    let log = vkey("log.example.org", 1);
    let digest = Digest::of(b"m");
    let weak = [&[1], [0; 32].as_slice()].concat();
    let id = &Digest::of(&[b"weak\n".as_slice(), &weak].concat()).to_string()[..8];
    let weak = format!("log weak+{id}+{}\nquorum none\n", base64::encode(&weak));
    let cases = [
        ("quorum none\n".to_owned(), PolicyError::NoLog),
        (format!("log {log}\n"), PolicyError::Quorum(0)),
        (
            format!("log {log}\nquorum none\nquorum none\n"),
            PolicyError::Quorum(2),
        ),
        (
            format!("log {log} a b\nquorum none\n"),
            PolicyError::Line(1),
        ),
        (format!("trust {log}\n"), PolicyError::Line(1)),
        (
            format!("log {log}\nlog {log}\nquorum none\n"),
            PolicyError::Repeated(2),
        ),
        (
            format!("log {log}\nlog {}\nquorum none\n", vkey("other", 1)),
            PolicyError::Repeated(2),
        ),
        (
            format!("log {log}\nwitness b KEY\nquorum b\n"),
            PolicyError::Witnesses(2),
        ),
        (format!("log {log}\nquorum b\n"), PolicyError::Witnesses(2)),
        (
            format!("# assay-manifest log.example.org\nlog {log}\n"),
            PolicyError::Manifest(1),
        ),
        (
            format!(
                "# assay-manifest a {digest}\n# assay-manifest a {}\n",
                Digest::of(b"n")
            ),
            PolicyError::Manifest(2),
        ),
        (
            "log log.example.org\n".to_owned(),
            PolicyError::Key {
                line: 1,
                reason: NoteError::VerifierKey,
            },
        ),
        (
            weak,
            PolicyError::Key {
                line: 1,
                reason: NoteError::Key(KeyError::Weak),
            },
        ),
        (" ".repeat(65_537), PolicyError::TooLong(65_537)),
    ];
    for (text, reason) in cases {
        assert_eq!(Policy::parse(&text), Err(reason), "{text}");
    }
}

#[test]
fn a_published_test_key_is_refused() {
    let text = "log log.station-a.example.org+7b5c348b+ARJakYe2S4R9ff10euMz4COPbaYuhx8IJbW8KucFK8+A https://log.station-a.example.org/\nquorum none\n";
    assert_eq!(Policy::parse(text), Err(PolicyError::TestKey(1)));
}

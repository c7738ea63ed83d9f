//! Policies that load and read back, and each reason for which one does not.

use super::*;
use crate::{
    base64,
    keys::{Ed25519SigningKey, KeyError},
    note::NoteError,
};

fn public(seed: u8) -> crate::keys::Ed25519PublicKey {
    Ed25519SigningKey::from_seed([seed; 32]).public()
}

fn vkey(name: &str, seed: u8) -> VerifierKey {
    VerifierKey::new(name, public(seed)).unwrap()
}

fn cosigner(name: &str, seed: u8) -> CosignerKey {
    CosignerKey::new(name, public(seed)).unwrap()
}

/// The policy lines after one good log.
fn refused(rest: &str) -> PolicyError {
    let log = vkey("log.example.org", 1);
    Policy::parse(&format!("log {log}\n{rest}")).unwrap_err()
}

#[test]
fn a_lone_policy_pins_log_url_and_manifest() {
    let (log, manifest) = (vkey("log.example.org", 1), Digest::of(b"manifest"));
    let text = Policy::lone(&log, "http://127.0.0.1:8080/", &manifest);
    let policy = Policy::parse(&text).unwrap();
    assert_eq!(policy.to_string(), text);
    assert_eq!(policy.keys_for("log.example.org"), [log]);
    assert_eq!(
        policy.url_for("log.example.org"),
        Some("http://127.0.0.1:8080/")
    );
    assert_eq!(policy.manifest_for("log.example.org"), Some(&manifest));
    assert_eq!(policy.keys_for("log.example.net"), []);
    assert_eq!(policy.manifest_for("log.example.net"), None);
    assert_eq!(policy.origins().collect::<Vec<_>>(), ["log.example.org"]);
}

#[test]
fn a_watched_policy_is_written_as_it_reads_back() {
    let (log, manifest) = (vkey("log.example.org", 1), Digest::of(b"manifest"));
    let witness = |name: &str, seed: u8, url: Option<&str>| Witness {
        name: name.into(),
        key: cosigner(&format!("witness.{name}.example.org"), seed),
        url: url.map(str::to_owned),
    };
    let witnesses = [
        witness("b", 2, Some("https://b.example.org/witness/")),
        witness("c", 3, None),
    ];
    let lone = Policy::parse(&Policy::lone(&log, "https://log/", &manifest)).unwrap();
    let policy = lone.with_witnesses(&witnesses, 2).unwrap();
    assert_eq!(
        policy.to_string(),
        format!(
            "# assay-manifest log.example.org {manifest}\nlog {log} https://log/\nwitness b {} https://b.example.org/witness/\nwitness c {}\ngroup watchers 2 b c\nquorum watchers\n",
            witnesses[0].key, witnesses[1].key
        )
    );
    assert_eq!(policy.witnesses(), witnesses);
    assert_eq!(
        policy.with_witnesses(&witnesses, 3),
        Err(PolicyError::Threshold(5))
    );
    let twice = [witnesses[0].clone(), witnesses[0].clone()];
    assert_eq!(
        policy.with_witnesses(&twice, 1),
        Err(PolicyError::RepeatedKey(4))
    );
    let replaced = policy.with_witnesses(&witnesses[1..], 1).unwrap();
    assert_eq!(replaced.witnesses(), &witnesses[1..]);
    assert_eq!((lone.is_lone(), replaced.is_lone()), (true, false));
}

#[test]
fn blanks_comments_nested_groups_and_thirty_two_of_each_kind_are_fine() {
    let log = |i: u8| format!("\tlog  {}\t\n", vkey(&format!("log{i}"), i));
    let witness = |i: u8| format!("witness w{i} {}\n", cosigner("w", 100 + i));
    let group = |i: u8| match i {
        1 => "group g1 any w1\n".to_owned(),
        i => format!("group g{i} all w{i} g{}\n", i - 1),
    };
    let lines = |count: u8, line: &dyn Fn(u8) -> String| (1..=count).map(line).collect::<String>();
    let text = |logs, witnesses, groups| {
        let logs = lines(logs, &log);
        let (witnesses, groups) = (lines(witnesses, &witness), lines(groups, &group));
        format!("# a comment\n\n #log no\n{logs}{witnesses}{groups}quorum\tg32")
    };
    let policy = Policy::parse(&text(32, 32, 32)).unwrap();
    assert_eq!(policy.origins().count(), 32);
    assert_eq!(Policy::parse(&policy.to_string()), Ok(policy));
    let too_many = |line| Err(PolicyError::TooMany(line));
    assert_eq!(Policy::parse(&text(33, 1, 1)), too_many(3 + 33));
    assert_eq!(Policy::parse(&text(32, 33, 1)), too_many(3 + 32 + 33));
    let more = text(32, 32, 32).replace("quorum\t", "group g33 any g32\nquorum ");
    assert_eq!(Policy::parse(&more), too_many(3 + 96 + 1));
}

#[test]
fn each_faulty_log_or_file_is_named_with_its_line() {
    let log = vkey("log.example.org", 1);
    let digest = Digest::of(b"m");
    assert_eq!(Policy::parse("quorum none\n"), Err(PolicyError::NoLog));
    assert_eq!(refused(""), PolicyError::Quorum(0));
    assert_eq!(
        refused("quorum none\nquorum none\n"),
        PolicyError::Quorum(2)
    );
    assert_eq!(refused("quorum\n"), PolicyError::Line(2));
    assert_eq!(refused("log a b c\n"), PolicyError::Line(2));
    assert_eq!(refused(&format!("trust {log}\n")), PolicyError::Line(2));
    assert_eq!(refused("quorum none\r\n"), PolicyError::ControlByte(2));
    assert_eq!(
        refused(&format!("log {log}\n")),
        PolicyError::RepeatedKey(2)
    );
    assert_eq!(
        refused(&format!("log {}\n", vkey("other", 1))),
        PolicyError::RepeatedKey(2)
    );
    assert_eq!(
        refused("# assay-manifest log.example.org\n"),
        PolicyError::Manifest(2)
    );
    assert_eq!(
        refused(&format!(
            "# assay-manifest a {digest}\n# assay-manifest a {}\n",
            Digest::of(b"n")
        )),
        PolicyError::Manifest(3)
    );
    let reason = NoteError::VerifierKey;
    assert_eq!(
        refused("log log.example.org\n"),
        PolicyError::Key { line: 2, reason }
    );
    assert_eq!(
        Policy::parse(&" ".repeat(65_537)),
        Err(PolicyError::TooLong(65_537))
    );
}

#[test]
fn each_faulty_name_or_group_is_named_with_its_line() {
    let (b, c) = (cosigner("b.example.org", 2), cosigner("c.example.org", 3));
    let two = format!("witness b {b}\nwitness c {c}\n");
    let name = |name: &str| name.to_owned();
    let taken = |line, n| PolicyError::TakenName {
        line,
        name: name(n),
    };
    let unknown = |line, n| PolicyError::UnknownName {
        line,
        name: name(n),
    };
    let second = |line, n| PolicyError::SecondMembership {
        line,
        name: name(n),
    };
    let after = |rest: &str| refused(&format!("{two}{rest}"));
    assert_eq!(refused(&format!("witness none {b}\n")), taken(2, "none"));
    assert_eq!(
        refused(&format!("witness b {b}\nwitness b {c}\n")),
        taken(3, "b")
    );
    assert_eq!(after("group b any c\n"), taken(4, "b"));
    assert_eq!(after("group none any c\n"), taken(4, "none"));
    assert_eq!(after("quorum d\n"), unknown(4, "d"));
    assert_eq!(after("group g any d\n"), unknown(4, "d"));
    assert_eq!(after("group g any g\n"), unknown(4, "g"));
    assert_eq!(after("group g any none\n"), unknown(4, "none"));
    assert_eq!(refused(&format!("quorum b\n{two}")), unknown(2, "b"));
    assert_eq!(after("group g any b b\n"), second(4, "b"));
    assert_eq!(after("group g any b\ngroup h 1 b c\n"), second(5, "b"));
    assert_eq!(
        after("group g any b\ngroup h 1 g\ngroup i 1 g\n"),
        second(6, "g")
    );
    for threshold in ["0", "3", "02", "+1", "most", "-1"] {
        let group = format!("group g {threshold} b c\n");
        assert_eq!(after(&group), PolicyError::Threshold(4), "{threshold}");
    }
    assert_eq!(after("group g all\n"), PolicyError::Threshold(4));
    assert_eq!(after("group g any\n"), PolicyError::Threshold(4));
    assert_eq!(after("group g\n"), PolicyError::Line(4));
    assert_eq!(
        after(&format!("witness d {}\n", cosigner("d", 2))),
        PolicyError::RepeatedKey(4)
    );
    assert_eq!(
        after(&format!("witness d {}\n", cosigner("d", 1))),
        PolicyError::RepeatedKey(4)
    );
    assert_eq!(
        after(&format!("log {}\n", vkey("d", 2))),
        PolicyError::RepeatedKey(4)
    );
}

#[test]
fn two_keys_of_one_origin_are_a_rotation_and_one_log() {
    let (old, new) = (vkey("log.example.org", 1), vkey("log.example.org", 2));
    let text = format!("log {old}\nlog {new} https://log/\nquorum none\n");
    let policy = Policy::parse(&text).unwrap();
    assert_eq!(policy.keys_for("log.example.org"), [old, new]);
    assert_eq!(policy.url_for("log.example.org"), Some("https://log/"));
    assert_eq!(policy.origins().collect::<Vec<_>>(), ["log.example.org"]);
    assert_eq!(policy.to_string(), text);
}

#[test]
fn keys_of_the_other_kind_are_refused() {
    let wrong = |line, name: &str, found, expected, purpose| PolicyError::Key {
        line,
        reason: NoteError::KeyType {
            name: name.into(),
            found,
            expected,
            purpose,
        },
    };
    assert_eq!(
        refused(&format!("log {}\n", cosigner("b", 2))),
        wrong(2, "b", 4, 1, "a log key")
    );
    assert_eq!(
        refused(&format!("witness b {}\n", vkey("b", 2))),
        wrong(2, "b", 1, 4, "a cosigner key")
    );
    let ml_dsa = [&[6], [0; 1312].as_slice()].concat();
    assert_eq!(
        refused(&format!(
            "witness b b+00000000+{}\n",
            base64::encode(&ml_dsa)
        )),
        wrong(2, "b", 6, 4, "a cosigner key")
    );
}

#[test]
fn all_fourteen_weak_keys_are_refused_as_log_and_as_witness() {
    for weak in crate::keys::tests::weak_encodings() {
        for (kind, word) in [(1, "log"), (4, "witness w")] {
            let typed = [&[kind], weak.as_slice()].concat();
            let id = Digest::of(&[b"k\n".as_slice(), &typed].concat()).to_string();
            let line = format!("{word} k+{}+{}\n", &id[..8], base64::encode(&typed));
            let reason = NoteError::Key(KeyError::Weak);
            assert_eq!(refused(&line), PolicyError::Key { line: 2, reason });
        }
    }
}

#[test]
fn a_published_test_key_is_refused() {
    let log = "log log.station-a.example.org+7b5c348b+ARJakYe2S4R9ff10euMz4COPbaYuhx8IJbW8KucFK8+A https://log.station-a.example.org/\n";
    assert_eq!(refused(log), PolicyError::TestKey(2));
    for witness in [
        "witness.station-b.example.org+781daf1e+BC8t4oK8YgvJ2q3cx8itWnuVnDyhUPFICxIfuGHNMr4Q",
        "witness.example.org+b8a2cf20+BFLN3yikSfFkVAJtrnh/CiY3Zozkoy7clp+P7XB28qUN",
    ] {
        assert_eq!(
            refused(&format!("witness b {witness}\n")),
            PolicyError::TestKey(2)
        );
    }
}

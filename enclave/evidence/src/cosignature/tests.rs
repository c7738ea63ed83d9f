//! Two vectors of two implementations, and lines that must not count.

use super::*;
use crate::{base64, digest::Digest, keys::KeyError};

const TIME: u64 = 1_767_139_200;
const VKEY: &str =
    "witness.station-b.example.org+781daf1e+BC8t4oK8YgvJ2q3cx8itWnuVnDyhUPFICxIfuGHNMr4Q";
const OTHER_VKEY: &str =
    "witness.example.org+b8a2cf20+BFLN3yikSfFkVAJtrnh/CiY3Zozkoy7clp+P7XB28qUN";

fn seed(sentence: &str) -> Ed25519SigningKey {
    Ed25519SigningKey::from_seed(Digest::of(sentence.as_bytes()).0)
}

fn witness() -> Ed25519SigningKey {
    seed("TEST ONLY station-b witness key")
}

fn head() -> Checkpoint {
    Checkpoint::peek(include_str!("../../../../tests/vectors/log/checkpoint.300")).unwrap()
}

/// The head with these lines after a line of nobody.
fn noted(lines: &str) -> String {
    format!("{}\n\u{2014} nobody AAAAAAA=\n{lines}", head().text())
}

fn found(lines: &str, now: Option<u64>) -> Result<Option<u64>, CosignatureError> {
    let note = noted(lines);
    let newest = newest(&note::parse(&note).unwrap(), &VKEY.parse().unwrap(), now)?;
    Ok(newest.map(|(time, _)| time))
}

fn line(time: u64) -> String {
    sign(&head(), "witness.station-b.example.org", &witness(), time).unwrap()
}

#[test]
fn the_golden_lines_are_reproduced_from_the_seed() {
    for golden in [
        include_str!("../../../../tests/vectors/log/checkpoint.0"),
        include_str!("../../../../tests/vectors/log/checkpoint.1"),
        include_str!("../../../../tests/vectors/log/checkpoint.300"),
    ] {
        let head = Checkpoint::peek(golden).unwrap();
        let made = sign(&head, "witness.station-b.example.org", &witness(), TIME).unwrap();
        let (_, last) = golden.trim_end().rsplit_once('\n').unwrap();
        assert_eq!(made, format!("{last}\n"));
        let note = note::parse(golden).unwrap();
        let found = newest(&note, &VKEY.parse().unwrap(), None);
        assert_eq!(found, Ok(Some((TIME, made))));
    }
}

#[test]
fn the_line_of_another_implementation_is_reproduced() {
    let root = base64::decode("lCkHUpkmVBEms2r2T1K6Og69+wUuuN3MIEW1/ezu2v0=").unwrap();
    let head = Checkpoint {
        origin: "rome2026h1.example.org".into(),
        size: 300,
        root: Digest(root.try_into().unwrap()),
    };
    let key = seed("skylight test witness key");
    assert_eq!(
        sign(&head, "witness.example.org", &key, TIME).unwrap(),
        "\u{2014} witness.example.org uKLPIAAAAABpVGeAhm2bOvKc3LaB9PFN1ruG19Y5yqslmcAAbhftnn1Zznmo0LXFZq4LGvqKqLX8jWlwLKasxEGTLIqAVusneCBmBw==\n"
    );
    let cosigner = CosignerKey::new("witness.example.org", key.public()).unwrap();
    assert_eq!(cosigner.to_string(), OTHER_VKEY);
}

#[test]
fn keys_read_back_and_those_of_other_types_do_not() {
    for text in [VKEY, OTHER_VKEY] {
        assert_eq!(text.parse::<CosignerKey>().unwrap().to_string(), text);
    }
    let refusal = |text: &str| text.parse::<CosignerKey>().unwrap_err();
    let log = "log.station-a.example.org+7b5c348b+ARJakYe2S4R9ff10euMz4COPbaYuhx8IJbW8KucFK8+A";
    assert_eq!(
        refusal(log).to_string(),
        "verifier key of log.station-a.example.org has the type 0x01 instead of 0x04 (a cosigner key)"
    );
    assert_eq!(
        refusal(&VKEY.replacen("781d", "781e", 1)),
        NoteError::KeyId("witness.station-b.example.org".into())
    );
    assert_eq!(
        refusal(&format!("w+00000000+{}", base64::encode(&[4, 1, 2]))),
        NoteError::Key(KeyError::NotEd25519)
    );
    assert_eq!(
        CosignerKey::new("two words", witness().public()),
        Err(NoteError::Name("two words".into()))
    );
}

#[test]
fn the_newest_of_several_lines_counts() {
    assert_eq!(found("", None), Ok(None));
    let lines = [line(TIME), line(TIME + 9), line(TIME + 3)].concat();
    assert_eq!(found(&lines, None), Ok(Some(TIME + 9)));
}

#[test]
fn a_line_for_another_head_or_time_refuses_the_note() {
    let bad = Err(CosignatureError::Note(NoteError::BadSignature(
        "witness.station-b.example.org".into(),
    )));
    let other = Checkpoint {
        size: 299,
        ..head()
    };
    let other = sign(&other, "witness.station-b.example.org", &witness(), TIME).unwrap();
    assert_eq!(found(&other, None), bad);
    assert_eq!(found(&(line(TIME) + &other), None), bad);
    // Key id and time fill the first sixteen letters.
    let moved = line(TIME).replacen("pVGeA", "pVGeB", 1);
    assert_ne!(moved, line(TIME));
    assert_eq!(found(&moved, None), bad);
    let id = VKEY.parse::<CosignerKey>().unwrap().id();
    for length in [1, 8, 71, 73] {
        let short = note::line("witness.station-b.example.org", id, &vec![1; length]);
        assert_eq!(found(&short, None), bad, "{length}");
    }
}

#[test]
fn times_outside_the_range_or_far_ahead_are_refused() {
    let name = || "witness.station-b.example.org".to_owned();
    for time in [0, 1 << 63, u64::MAX] {
        let refused = Err(CosignatureError::Time { name: name(), time });
        assert_eq!(
            sign(&head(), &name(), &witness(), time),
            refused.clone().map(|()| String::new())
        );
        let id = VKEY.parse::<CosignerKey>().unwrap().id();
        let stamped = [time.to_be_bytes().as_slice(), &[0; 64]].concat();
        let forged = note::line(&name(), id, &stamped);
        assert_eq!(found(&forged, None), refused.map(|()| None));
    }
    assert_eq!(found(&line(TIME), Some(TIME - 300)), Ok(Some(TIME)));
    assert_eq!(
        found(&line(TIME), Some(TIME - 301)),
        Err(CosignatureError::Future {
            name: name(),
            ahead: 301
        })
    );
}

#[test]
fn a_line_of_a_key_not_asked_for_is_skipped_whatever_its_type() {
    let mldsa = [TIME.to_be_bytes().as_slice(), &[7; 2420]].concat();
    let mldsa = note::line("witness.station-b.example.org", [1, 2, 3, 4], &mldsa);
    assert_eq!(found(&(mldsa.clone() + &line(TIME)), None), Ok(Some(TIME)));
    let note = noted(&(mldsa + &line(TIME)));
    let note = note::parse(&note).unwrap();
    let forms: Vec<_> = note.lines.iter().map(is_well_formed).collect();
    assert_eq!(forms, [false, true, true]);
}

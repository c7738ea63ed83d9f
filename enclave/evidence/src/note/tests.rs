//! The vector of the note specification, and notes written to confuse a parser.

use super::*;
use crate::digest::Digest;

const VKEY: &str = "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k";
const NOTE: &str = "This is an example message.\n\n\u{2014} example.com/foo Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=\n";

fn vkey() -> VerifierKey {
    VKEY.parse().unwrap()
}

#[test]
fn the_vector_verifies_and_its_key_prints_back() {
    assert_eq!(open(NOTE, &vkey()), Ok("This is an example message.\n"));
    assert_eq!(vkey().to_string(), VKEY);
}

#[test]
fn a_signed_text_opens_under_its_key_alone() {
    let key = Ed25519SigningKey::from_seed([7; 32]);
    let note = sign("two\n\nparagraphs\n", "log.example.org", &key).unwrap();
    let known = VerifierKey::new("log.example.org", key.public()).unwrap();
    assert_eq!(open(&note, &known), Ok("two\n\nparagraphs\n"));
    let renamed = VerifierKey::new("log.example.net", key.public()).unwrap();
    assert_eq!(
        open(&note, &renamed),
        Err(NoteError::Unsigned(renamed.to_string()))
    );
}

#[test]
fn malformed_notes_are_refused_each_for_its_reason() {
    let lines = |count: usize| {
        let line = NOTE.split_once("\n\n").unwrap().1;
        format!("text\n\n{}", line.repeat(count))
    };
    let cases = [
        (NOTE.replace('\n', "\r\n"), NoteError::ControlByte),
        (NOTE.replacen("is an", "is\tan", 1), NoteError::ControlByte),
        (NOTE.trim_end().to_owned(), NoteError::Shape),
        ("text\n".to_owned(), NoteError::Shape),
        ("text\n\n".to_owned(), NoteError::Shape),
        ("text\n\n\n".to_owned(), NoteError::Shape),
        (
            NOTE.replacen("/foo Uw", "/f\u{2003}oo Uw", 1),
            NoteError::Line(1),
        ),
        (NOTE.replacen("/foo Uw", "/f+oo Uw", 1), NoteError::Line(1)),
        (NOTE.replacen('\u{2014}', "-", 1), NoteError::Line(1)),
        (NOTE.replacen("aQM=", "aQN=", 1), NoteError::Line(1)),
        (format!("{NOTE}\u{2014} other\n"), NoteError::Line(2)),
        (lines(17), NoteError::TooManyLines(17)),
        (
            "a".repeat(NOTE_BYTES_MAX + 1),
            NoteError::TooLong(NOTE_BYTES_MAX + 1),
        ),
    ];
    for (note, reason) in cases {
        assert_eq!(open(&note, &vkey()), Err(reason), "{note:?}");
    }
}

#[test]
fn a_known_key_with_a_bad_line_spoils_the_note_even_beside_a_good_one() {
    let bad = NOTE.replacen("Uw2QOkn8", "Uw2QOkn9", 1);
    assert_eq!(
        open(&bad, &vkey()),
        Err(NoteError::BadSignature("example.com/foo".into()))
    );
    let both = format!("{NOTE}{}", bad.split_once("\n\n").unwrap().1);
    assert_eq!(
        open(&both, &vkey()),
        Err(NoteError::BadSignature("example.com/foo".into()))
    );
}

#[test]
fn an_unknown_line_is_skipped_and_adds_nothing() {
    let with_other = format!("{NOTE}\u{2014} other AAAAAAA=\n");
    assert_eq!(
        open(&with_other, &vkey()),
        Ok("This is an example message.\n")
    );
    assert_eq!(parse(&with_other).unwrap().lines.len(), 2);
}

#[test]
fn verifier_keys_are_refused_each_for_its_reason() {
    let parse = |text: &str| text.parse::<VerifierKey>().unwrap_err();
    assert_eq!(parse("example.com/foo"), NoteError::VerifierKey);
    assert_eq!(
        parse(&VKEY.replacen("530d", "530e", 1)),
        NoteError::KeyId("example.com/foo".into())
    );
    assert_eq!(
        parse(&VKEY.replacen("example", "exam ple", 1)),
        NoteError::Name("exam ple.com/foo".into())
    );
    assert_eq!(
        parse(
            "witness.station-b.example.org+781daf1e+BC8t4oK8YgvJ2q3cx8itWnuVnDyhUPFICxIfuGHNMr4Q"
        ),
        NoteError::KeyType {
            name: "witness.station-b.example.org".into(),
            found: 4,
            expected: 1,
            purpose: "a log key"
        }
    );
    let weak = [&[1], [0; 32].as_slice()].concat();
    let id = &Digest::of(&[b"log\n".as_slice(), &weak].concat()).to_string()[..8];
    assert_eq!(
        parse(&format!("log+{id}+{}", base64::encode(&weak))),
        NoteError::Key(KeyError::Weak)
    );
    assert_eq!(
        parse("log+00000000+AQAA"),
        NoteError::Key(KeyError::NotEd25519)
    );
}

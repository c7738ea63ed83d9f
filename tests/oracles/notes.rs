//! Signed notes against `signed_note`: both sides read what the other signs, and refuse alike.
//!
//! That crate knows signature type 0x01 alone. Cosignature lines, type 0x04, get a verifier here that
//! follows c2sp.org/tlog-cosignature word by word over the Ed25519 of the `dsse` crate.

use std::fs;

use assay_evidence::{
    digest::Digest,
    hex,
    keys::Ed25519SigningKey,
    note::{self, VerifierKey},
};
use assay_tests::programs::root;
use dsse::Verifier as _;
use signed_note::{
    Note, NoteError, StandardSigner, StandardVerifier, VerificationError, Verifier, VerifierList,
};

const LOG: &str = "log.station-a.example.org+7b5c348b+ARJakYe2S4R9ff10euMz4COPbaYuhx8IJbW8KucFK8+A";
const WITNESS: &str = "witness.station-b.example.org";
const WITNESS_ID: u32 = 0x781d_af1e;
const COSIGNED_AT: u64 = 1_767_139_200;

fn golden(size: u16) -> String {
    fs::read_to_string(root().join(format!("tests/vectors/log/checkpoint.{size}"))).unwrap()
}

fn seeded(sentence: &str) -> Ed25519SigningKey {
    Ed25519SigningKey::from_seed(Digest::of(sentence.as_bytes()).0)
}

/// A witness's key, as the specification of cosignatures words it.
struct Cosigner(dsse::Ed25519Verifier);

impl Cosigner {
    fn golden() -> Self {
        let key = seeded("TEST ONLY station-b witness key").public();
        Self(dsse::Ed25519Verifier::from_bytes(key.as_bytes()).unwrap())
    }
}

impl Verifier for Cosigner {
    fn name(&self) -> &str {
        WITNESS
    }

    fn key_id(&self) -> u32 {
        WITNESS_ID
    }

    fn verify(&self, text: &[u8], signature: &[u8]) -> bool {
        let Some((time, signature)) = signature.split_first_chunk::<8>() else {
            return false;
        };
        let time = u64::from_be_bytes(*time);
        let head = format!("cosignature/v1\ntime {time}\n");
        time == COSIGNED_AT && self.0.verify(&[head.as_bytes(), text].concat(), signature)
    }
}

fn log_alone() -> VerifierList {
    VerifierList::new(vec![Box::new(StandardVerifier::new(LOG).unwrap())])
}

fn log_and_witness() -> VerifierList {
    VerifierList::new(vec![
        Box::new(StandardVerifier::new(LOG).unwrap()),
        Box::new(Cosigner::golden()),
    ])
}

#[test]
fn the_golden_checkpoints_verify_with_and_without_the_witness() {
    for size in [0, 1, 300] {
        let note = golden(size);
        let read = Note::from_bytes(note.as_bytes()).unwrap();
        assert_eq!(read.to_bytes(), note.as_bytes());
        let (verified, unknown) = read.verify(&log_alone()).unwrap();
        assert_eq!((verified.len(), unknown.len()), (1, 1));
        let (verified, unknown) = read.verify(&log_and_witness()).unwrap();
        assert_eq!((verified.len(), unknown.len()), (2, 0));
        let head = tlog_tiles::Checkpoint::from_bytes(read.text()).unwrap();
        assert_eq!(head.size(), u64::from(size));
    }
}

#[test]
fn no_bit_of_text_and_log_line_can_change_and_both_sides_decide_alike() {
    let note = golden(300);
    let log_part = note.rfind("\u{2014} witness").unwrap();
    let known: VerifierKey = LOG.parse().unwrap();
    for place in 0..note.len() {
        for bit in 0..8 {
            let mut bytes = note.clone().into_bytes();
            bytes[place] ^= 1 << bit;
            let theirs = Note::from_bytes(&bytes).and_then(|note| note.verify(&log_alone()));
            let Ok(text) = std::str::from_utf8(&bytes) else {
                assert!(
                    matches!(theirs, Err(NoteError::MalformedNote)),
                    "{place}.{bit}"
                );
                continue;
            };
            let ours = note::open(text, &known);
            // Ours takes no control character in a name; the specification rules out fewer.
            let ours_alone = bytes[place] == 0x7f && ours == Err(note::NoteError::Line(2));
            assert!(
                ours.is_ok() == theirs.is_ok() || ours_alone,
                "{place}.{bit}: {ours:?} {theirs:?}"
            );
            assert!(place >= log_part || ours.is_err(), "{place}.{bit}");
        }
    }
}

#[test]
fn no_bit_of_a_cosignature_can_change() {
    let note = golden(300);
    let start = note.rfind("\u{2014} witness").unwrap() + "\u{2014} ".len();
    for place in start..note.len() {
        for bit in 0..8 {
            let mut bytes = note.clone().into_bytes();
            bytes[place] ^= 1 << bit;
            let both = Note::from_bytes(&bytes)
                .and_then(|note| note.verify(&log_and_witness()))
                .is_ok_and(|(verified, _)| verified.len() == 2);
            assert!(!both, "{place}.{bit}");
        }
    }
}

#[test]
fn each_side_opens_what_the_other_signs() {
    let (name, key) = ("peer.example.org/log", seeded("a key of the oracles"));
    let ours = VerifierKey::new(name, key.public()).unwrap();
    let theirs = VerifierList::new(vec![Box::new(
        StandardVerifier::new(&ours.to_string()).unwrap(),
    )]);
    let secret = [
        &[1],
        Digest::of(b"a key of the oracles").as_bytes().as_slice(),
    ]
    .concat();
    let signer = StandardSigner::new(&format!(
        "PRIVATE+KEY+{name}+{}+{}",
        hex::encode(&ours.id()),
        assay_evidence::base64::encode(&secret)
    ))
    .unwrap();
    for text in ["x\n", "one\n\ntwo\n", "\n", "é 測試\n", "\u{7f}\n"] {
        let note = note::sign(text, name, &key).unwrap();
        let read = Note::from_bytes(note.as_bytes()).unwrap();
        assert_eq!(read.verify(&theirs).unwrap().0.len(), 1, "{text:?}");
        assert_eq!(read.text(), text.as_bytes());

        let mut made = Note::new(text.as_bytes(), &[]).unwrap();
        made.add_sigs(&[&signer]).unwrap();
        assert_eq!(made.to_bytes(), note.as_bytes(), "{text:?}");
        assert_eq!(note::open(&note, &ours), Ok(text));
    }
}

#[test]
fn abused_notes_are_refused_on_both_sides() {
    let note = golden(1);
    let known: VerifierKey = LOG.parse().unwrap();
    let (_, line) = note.split_once("\n\n").unwrap();
    let line = line.split_once('\n').unwrap().0;
    let replaced = |from: &str, to: &str| {
        let copy = note.replacen(from, to, 1);
        assert_ne!(copy, note, "{from:?}");
        copy
    };
    for abused in [
        note.replace('\n', "\r\n"),
        replaced("org\n1\n", "org\n1\t\n"),
        note.trim_end().to_owned(),
        replaced("\n\n", "\n"),
        replaced(&format!("{line}\n"), ""),
        replaced("\u{2014} log.station", "\u{2014} log\u{a0}station"),
        replaced("\u{2014} log.station", "\u{2014} log+station"),
        replaced("\u{2014} log.station", "- log.station"),
        replaced("e1w0", "e1w0\u{2003}"),
        replaced("+gc=\n", "+gd=\n"),
        replaced("+gc=\n", "+gc\n"),
        replaced("Hke8", "Hke9"),
        replaced("\n1\n", "\n2\n"),
        replaced("\n\n", "\n\n\n"),
        format!("{note}\n"),
        String::new(),
    ] {
        let ours = note::open(&abused, &known);
        let theirs = Note::from_bytes(abused.as_bytes()).and_then(|n| n.verify(&log_alone()));
        assert!(ours.is_err(), "{abused:?}");
        assert!(theirs.is_err(), "{abused:?}");
    }
}

#[test]
fn a_key_that_signed_nothing_verifies_nothing() {
    let other = VerifierKey::new("other.example.org", seeded("another key").public()).unwrap();
    let theirs = VerifierList::new(vec![Box::new(
        StandardVerifier::new(&other.to_string()).unwrap(),
    )]);
    let read = Note::from_bytes(golden(1).as_bytes()).unwrap();
    assert!(matches!(
        read.verify(&theirs),
        Err(NoteError::UnverifiedNote)
    ));
    let unknown = signed_note::Verifiers::verifier(&theirs, WITNESS, WITNESS_ID).map(|_| ());
    assert!(matches!(unknown, Err(VerificationError::UnknownKey { .. })));
    assert_eq!(
        note::open(&golden(1), &other),
        Err(note::NoteError::Unsigned(other.to_string()))
    );
}

//! The golden exchange, every row of the table in its order, and requests written to confuse.

use proptest::prelude::*;

use super::*;
use crate::{cosignature, keys::Ed25519SigningKey, leaf, tree::Tree};

const ORIGIN: &str = "log.station-a.example.org";
const REQUEST: &str = include_str!("../../../../tests/vectors/log/add-checkpoint.request");
const RESPONSE: &str = include_str!("../../../../tests/vectors/log/add-checkpoint.response");

fn key(sentence: &str) -> Ed25519SigningKey {
    Ed25519SigningKey::from_seed(Digest::of(sentence.as_bytes()).0)
}

fn log_key() -> Ed25519SigningKey {
    key("TEST ONLY station-a log key")
}

fn keys_of(origin: &str) -> Vec<VerifierKey> {
    let key = VerifierKey::new(ORIGIN, log_key().public()).unwrap();
    if origin == ORIGIN { vec![key] } else { vec![] }
}

fn tree(leaves: u64) -> Tree {
    let data = |i| format!("record {i}");
    (0..leaves)
        .map(|i| leaf::hash(data(i).as_bytes()))
        .collect()
}

fn recorded(tree: &Tree, size: u64) -> Recorded {
    let root = tree.root_at(size);
    Recorded { size, root }
}

fn head(origin: &str, size: u64, root: Digest) -> Checkpoint {
    let origin = origin.to_owned();
    Checkpoint { origin, size, root }
}

fn body(old: u64, proof: &[Digest], note: String) -> String {
    let proof = proof.to_vec();
    Request { old, proof, note }.to_body()
}

/// The honest request from one size to another.
fn honest(tree: &Tree, old: u64, size: u64) -> String {
    let note = head(ORIGIN, size, tree.root_at(size))
        .sign(&log_key())
        .unwrap();
    body(old, &tree.consistency(old, size), note)
}

/// The answer of a witness that stands there: its offer or the refusal.
fn answer(body: &str, recorded: Option<&Recorded>) -> Result<Offer, Refused> {
    let offer = Offer::open(body.as_bytes(), keys_of)?;
    offer.judge(recorded)?;
    Ok(offer)
}

#[test]
fn the_golden_exchange_is_reproduced() {
    let tree = tree(300);
    assert_eq!(honest(&tree, 257, 300), REQUEST);
    let offer = answer(REQUEST, Some(&recorded(&tree, 257))).unwrap();
    assert_eq!(offer.checkpoint(), &head(ORIGIN, 300, tree.root()));
    let line = cosignature::sign(
        offer.checkpoint(),
        "witness.station-b.example.org",
        &key("TEST ONLY station-b witness key"),
        1_767_139_200,
    );
    assert_eq!(line.unwrap(), RESPONSE);
}

fn signed(origin: &str, size: u64, root: Digest) -> String {
    head(origin, size, root).sign(&log_key()).unwrap()
}

/// Signed by a stranger under the log's name.
fn forged(size: u64, root: Digest) -> String {
    head(ORIGIN, size, root).sign(&key("stranger")).unwrap()
}

/// Each body breaks one row and, where it can, every row below: only the order decides.
#[test]
fn each_row_of_the_table_answers_before_those_below_it() {
    let tree = tree(9);
    let at = recorded(&tree, 5);
    let wrong = Digest::of(b"");
    let junk = [wrong];
    let refused = |body: &str| answer(body, Some(&at)).unwrap_err();
    let unsigned = Refused::NotSigned(NoteError::Unsigned(ORIGIN.into()));
    let bad = Refused::NotSigned(NoteError::BadSignature(ORIGIN.into()));

    let unknown = body(9, &junk, signed("log.other", 7, wrong));
    let malformed = unknown.replacen("old 9", "old 09", 1);
    assert_eq!(refused(&malformed), Refused::Malformed);
    assert_eq!(
        refused(&unknown),
        Refused::UnknownOrigin("log.other".into())
    );
    assert_eq!(refused(&body(9, &junk, forged(7, wrong))), unsigned);
    // The line of another head beside a sound one.
    let spoiled = signed(ORIGIN, 8, wrong);
    let (_, spoiled) = spoiled.split_once("\n\n").unwrap();
    let spoiled = signed(ORIGIN, 7, wrong) + spoiled;
    assert_eq!(refused(&body(9, &junk, spoiled)), bad);
    assert_eq!(
        refused(&body(9, &junk, signed(ORIGIN, 7, wrong))),
        Refused::OldAhead { old: 9, size: 7 }
    );
    assert_eq!(
        refused(&body(4, &junk, signed(ORIGIN, 7, wrong))),
        Refused::Stands(5)
    );
    assert_eq!(
        refused(&body(5, &junk, signed(ORIGIN, 7, wrong))),
        Refused::Inconsistent(ProofError::Length(1))
    );
    let proof = tree.consistency(5, 9);
    assert_eq!(
        refused(&body(5, &proof, signed(ORIGIN, 9, wrong))),
        Refused::Inconsistent(ProofError::Root)
    );
    let note = signed(ORIGIN, 9, tree.root());
    let offer = answer(&body(5, &proof, note.clone()), Some(&at)).unwrap();
    assert_eq!((offer.note(), offer.splits(&at)), (note.as_str(), false));
}

#[test]
fn of_an_offer_only_the_lines_of_its_log_are_kept() {
    let tree = tree(9);
    let note = signed(ORIGIN, 9, tree.root());
    let line = note.split_once("\n\n").unwrap().1;
    let crowded = format!("{note}\u{2014} nobody AAAAAAA=\n{line}");
    let offer = answer(&body(0, &[], crowded), None).unwrap();
    assert_eq!(offer.note(), format!("{note}{line}"));
}

#[test]
fn each_refusal_has_the_status_of_its_row() {
    let name = || ORIGIN.to_owned();
    for (refused, status) in [
        (Refused::Malformed, 400),
        (Refused::Checkpoint(CheckpointError::Shape), 400),
        (Refused::UnknownOrigin(name()), 404),
        (Refused::NotSigned(NoteError::Unsigned(name())), 403),
        (Refused::OldAhead { old: 2, size: 1 }, 400),
        (Refused::Stands(5), 409),
        (Refused::EmptyRoot, 422),
        (Refused::NeedlessProof, 422),
        (Refused::Inconsistent(ProofError::Root), 422),
    ] {
        assert_eq!(refused.status(), status, "{refused}");
    }
}

#[test]
fn an_empty_tree_has_one_root_and_nothing_to_prove() {
    let tree = tree(3);
    let empty = Digest::of(b"");
    let junk = [empty];
    let refused = |body: &str| answer(body, None).unwrap_err();
    let wrong = body(0, &junk, signed(ORIGIN, 0, tree.root()));
    assert_eq!(refused(&wrong), Refused::EmptyRoot);
    let needless = |size, root| body(0, &junk, signed(ORIGIN, size, root));
    assert_eq!(refused(&needless(0, empty)), Refused::NeedlessProof);
    assert_eq!(refused(&needless(3, tree.root())), Refused::NeedlessProof);
    assert_eq!(refused(&honest(&tree, 2, 3)), Refused::Stands(0));
    assert!(answer(&honest(&tree, 0, 0), None).is_ok());
    assert!(answer(&honest(&tree, 0, 0), Some(&recorded(&tree, 0))).is_ok());
    assert!(answer(&honest(&tree, 0, 3), None).is_ok());
}

#[test]
fn the_same_head_is_cosigned_again_and_another_of_its_size_is_a_split() {
    let tree = tree(5);
    let at = recorded(&tree, 5);
    assert!(answer(&honest(&tree, 5, 5), Some(&at)).is_ok());
    let padded = body(5, &[tree.root()], signed(ORIGIN, 5, tree.root()));
    assert_eq!(
        answer(&padded, Some(&at)).unwrap_err(),
        Refused::Inconsistent(ProofError::Length(1))
    );
    let other = body(5, &[], signed(ORIGIN, 5, Digest::of(b"other")));
    let offer = Offer::open(other.as_bytes(), keys_of).unwrap();
    assert_eq!(
        offer.judge(Some(&at)),
        Err(Refused::Inconsistent(ProofError::Root))
    );
    assert!(offer.splits(&at));
    // A log that lies about where the witness stands still shows two heads of one size.
    let other = body(4, &[], signed(ORIGIN, 5, Digest::of(b"other")));
    let offer = Offer::open(other.as_bytes(), keys_of).unwrap();
    assert_eq!(offer.judge(Some(&at)), Err(Refused::Stands(5)));
    assert!(offer.splits(&at));
}

#[test]
fn bodies_of_another_shape_are_malformed() {
    let long = format!("old 0\n\n{}", "a".repeat(REQUEST_BYTES_MAX));
    let hashes = |count| body(1, &vec![Digest::of(b""); count], REQUEST.to_owned());
    for bad in [
        "",
        "old 0",
        "old 0\n",
        "old\n\n",
        "old +1\n\n",
        "old 01\n\n",
        "old -1\n\n",
        "old 1 \n\n",
        "old  1\n\n",
        "Old 1\n\n",
        "old 18446744073709551616\n\n",
        "old 1\r\n\r\n",
        "old 1\nAAAA\n\n",
        "old 1\nnot base64\n\n",
        "old 1\nrUAG1i3BEkDkzWyMjguVIMzPm78bih9kodDEVwxQkls\n\n",
        "old 1\nrUAG1i3BEkDkzWyMjguVIMzPm78bih9kodDEVwxQkls=",
        long.as_str(),
        hashes(64).as_str(),
    ] {
        assert_eq!(Request::parse(bad.as_bytes()), Err(Refused::Malformed));
    }
    assert_eq!(Request::parse(b"old 1\n\n\xff"), Err(Refused::Malformed));
    assert_eq!(
        Request::parse(hashes(63).as_bytes()).unwrap().proof.len(),
        63
    );
}

#[test]
fn an_abused_checkpoint_is_a_bad_request() {
    let note = signed(ORIGIN, 7, Digest::of(b"r"));
    let line = note.split_once("\n\n").unwrap().1.to_owned();
    let refused = |note: String| answer(&body(0, &[], note), None).unwrap_err();
    let abused = |reason| Refused::Checkpoint(CheckpointError::Note(reason));
    let cases = [
        (note.replace('\n', "\r\n"), NoteError::ControlByte),
        (note.replacen("\n7\n", "\n7\t\n", 1), NoteError::ControlByte),
        (note.trim_end().to_owned(), NoteError::Shape),
        (format!("{ORIGIN}\n7\n"), NoteError::Shape),
        (
            note.replacen("\u{2014} log", "\u{2014} l\u{2003}og", 1),
            NoteError::Line(1),
        ),
        (
            note.replacen("\u{2014} log", "\u{2014} l+og", 1),
            NoteError::Line(1),
        ),
        (note.clone() + &line.repeat(16), NoteError::TooManyLines(17)),
    ];
    for (note, reason) in cases {
        assert_eq!(refused(note.clone()), abused(reason), "{note:?}");
    }
    let shape = Refused::Checkpoint(CheckpointError::Shape);
    assert_eq!(refused(note.replacen("\n7\n", "\n07\n", 1)), shape);
    assert_eq!(refused(note.replacen("\n\n", "\nextension\n\n", 1)), shape);
}

proptest! {
    #[test]
    fn every_request_reads_back(old: u64, hashes in 0..=PROOF_HASHES_MAX, note in "[ -~\n]{0,200}") {
        let proof = (0..hashes as u64).map(|i| Digest::of(&i.to_be_bytes())).collect();
        let request = Request { old, proof, note };
        prop_assert_eq!(Request::parse(request.to_body().as_bytes()), Ok(request));
    }

    #[test]
    fn no_text_makes_the_reader_fail_otherwise(body: Vec<u8>) {
        if let Ok(request) = Request::parse(&body) {
            prop_assert_eq!(request.to_body().into_bytes(), body);
        }
    }

    /// Whatever sizes are offered in whatever order, honest proofs lead to the largest and never back.
    #[test]
    fn an_honest_log_only_ever_moves_a_witness_forward(offers in prop::collection::vec((0u64..40, 0u64..40), 1..40)) {
        let tree = tree(40);
        let mut at: Option<Recorded> = None;
        for (old, size) in offers {
            let stands = at.as_ref().map_or(0, |at| at.size);
            let body = honest(&tree, old.min(size), size);
            match answer(&body, at.as_ref()) {
                Ok(offer) => {
                    prop_assert_eq!(old.min(size), stands);
                    prop_assert!(offer.checkpoint().size >= stands);
                    at = Some(recorded(&tree, size));
                }
                Err(refused) => {
                    prop_assert_eq!(refused, Refused::Stands(stands));
                    prop_assert_ne!(old.min(size), stands);
                }
            }
        }
    }
}

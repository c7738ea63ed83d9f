//! Single leaves open alone, and nothing but the committed bytes opens.

use super::*;
use crate::{
    outcome::run_secret,
    record::{Head, Items, Outcomes},
    verify::tests::samples::{ORIGIN, intent, receipt},
};

const OUTCOMES: [(&str, &str); 3] = [("1", "pass"), ("0", "fail"), ("0", "void")];

fn form() -> FormBody {
    FormBody {
        seed: Digest::of(b"TEST ONLY form seed").0,
        items: (0..3).map(|i| format!("item {i}").into_bytes()).collect(),
    }
}

fn place(index: u64) -> RecordRef {
    RecordRef {
        index,
        leaf: Digest([9; 32]),
        origin: ORIGIN.into(),
    }
}

fn committed(items: Items) -> FormCommitment {
    let text = r#"{"benchmark":"b@1.0","declared":"d","edition":"e","form":"f","grader":{"name":"n","sha256":"D","version":"1"},"items":{"leaves":0,"root":"D"},"notBefore":"d","revealBy":"d","seal":{"bytes":1,"format":"age-v1","padded":80,"recipients":[]},"station":"log.example.org","terms":{"sha256":"D"}}"#;
    let text = text.replace("\"D\"", &format!("\"{}\"", Digest([0; 32])));
    let mut commitment: FormCommitment = json::from_slice(text.as_bytes()).unwrap();
    commitment.items = items;
    commitment
}

fn secret() -> [u8; 32] {
    run_secret(&form().seed, &Digest::of(b"TEST ONLY run nonce"))
}

fn received(outcomes: Outcomes) -> Receipt {
    let head = Head {
        origin: ORIGIN.into(),
        root: Digest([0; 32]),
        size: 4,
    };
    let intent = intent(&head, &place(1), &place(2), &place(3));
    let mut receipt = receipt(&intent, &place(4), &head);
    receipt.outcomes = outcomes;
    receipt
}

#[test]
fn an_item_opens_alone_under_the_vector_root() {
    let opening = ItemOpening::make(&form(), 0, place(2)).unwrap();
    assert_eq!(
        opening.salt.to_string(),
        "9ca0255e5fe78511096c6c68d24c8b2aacc4b7fa4f74b1ab89645d442dca83b1"
    );
    let items = Items {
        leaves: 64,
        root: "b8766eeae1ee96b48d4b02a470d63e239094053a00d3ae4bd09d8be01331c7e9"
            .parse()
            .unwrap(),
    };
    assert_eq!(opening.verify(&place(2), &committed(items)), Ok(()));
    let text = opening.to_bytes();
    assert!(text.starts_with(br#"{"commitment":{"index":2,"leaf":"09"#));
    assert_eq!(ItemOpening::parse(&text), Ok(opening));
    assert_eq!(ItemOpening::make(&form(), 3, place(2)), None);
}

#[test]
fn no_changed_byte_of_an_item_opening_verifies() {
    let text = ItemOpening::make(&form(), 1, place(2)).unwrap().to_bytes();
    let commitment = committed(seal::items_tree(&form()));
    for at in 0..text.len() {
        let mut changed = text.clone();
        changed[at] ^= 1;
        let verified =
            ItemOpening::parse(&changed).and_then(|opening| opening.verify(&place(2), &commitment));
        assert!(verified.is_err(), "byte {at}");
    }
}

#[test]
fn an_item_opening_is_refused_by_the_first_thing_that_differs() {
    let commitment = committed(seal::items_tree(&form()));
    let refused = |change: &dyn Fn(&mut ItemOpening)| {
        let mut opening = ItemOpening::make(&form(), 1, place(2)).unwrap();
        change(&mut opening);
        opening.verify(&place(2), &commitment).unwrap_err()
    };
    let not_committed = |index, reason| OpeningError::NotCommitted { index, reason };
    assert_eq!(
        refused(&|opening| opening.commitment.index = 7),
        OpeningError::OtherRecord {
            expected: 2,
            found: 7,
            origin: ORIGIN.into()
        }
    );
    assert_eq!(
        refused(&|opening| opening.leaves = 128),
        OpeningError::Leaves {
            committed: 64,
            found: 128
        }
    );
    assert_eq!(
        refused(&|opening| opening.item.0.clear()),
        OpeningError::Filler(1)
    );
    for change in [
        (|opening: &mut ItemOpening| opening.item.0[0] ^= 1) as fn(&mut ItemOpening),
        |opening| opening.salt.0[31] ^= 1,
        |opening| opening.path[5].0[0] ^= 1,
    ] {
        assert_eq!(refused(&change), not_committed(1, ProofError::Root));
    }
    assert_eq!(
        refused(&|opening| opening.path.truncate(5)),
        not_committed(1, ProofError::Length(5))
    );
    assert_eq!(
        refused(&|opening| opening.index = 64),
        not_committed(
            64,
            ProofError::IndexPastEnd {
                index: 64,
                size: 64
            }
        )
    );
}

#[test]
fn an_outcome_opens_alone_and_says_what_the_run_made_of_it() {
    let receipt = received(outcome::tree(&secret(), &OUTCOMES));
    let opening = OutcomeOpening::make(&secret(), &OUTCOMES, 1, place(5)).unwrap();
    let expected = ItemOutcome {
        item: 1,
        points: "0".into(),
        verdict: "fail".into(),
    };
    assert_eq!(opening.verify(&place(5), &receipt), Ok(expected));
    let text = opening.to_bytes();
    assert_eq!(OutcomeOpening::parse(&text), Ok(opening));
    for at in 0..text.len() {
        let mut changed = text.clone();
        changed[at] ^= 1;
        let verified =
            OutcomeOpening::parse(&changed).and_then(|opening| opening.verify(&place(5), &receipt));
        assert!(verified.is_err(), "byte {at}");
    }
    assert_eq!(
        OutcomeOpening::make(&secret(), &OUTCOMES, 3, place(5)),
        None
    );
}

#[test]
fn an_outcome_of_another_item_is_refused_though_it_was_committed() {
    let misplaced = outcome::outcome_bytes(0, "1", "pass");
    let salt = outcome::outcome_salt(&secret(), 1);
    let mut tree = outcome::leaves(&secret(), &OUTCOMES[..1]);
    let mut leaves: Vec<Digest> = (0..64).filter_map(|i| tree.leaf(i)).collect();
    leaves[1] = salted_leaf(&salt, &misplaced);
    tree = leaves.into_iter().collect();
    let receipt = received(Outcomes {
        leaves: 64,
        root: tree.root(),
    });
    let opening = OutcomeOpening {
        index: 1,
        leaves: 64,
        outcome: Bytes(misplaced),
        path: tree.inclusion(1, 64),
        receipt: place(5),
        salt: Digest(salt),
    };
    assert_eq!(
        opening.verify(&place(5), &receipt),
        Err(OpeningError::OtherItem { index: 1, item: 0 })
    );
}

#[test]
fn an_opening_has_one_spelling_and_a_limit() {
    let text = ItemOpening::make(&form(), 0, place(2)).unwrap().to_bytes();
    let spaced = [text.as_slice(), b" "].concat();
    assert_eq!(ItemOpening::parse(&spaced), Err(OpeningError::NotCanonical));
    let long = vec![b' '; OPENING_BYTES_MAX + 1];
    assert_eq!(
        ItemOpening::parse(&long),
        Err(OpeningError::TooLong(long.len()))
    );
}

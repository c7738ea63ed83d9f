//! A sound reveal, and one fault at a time in body, record and commitment.

use super::*;
use crate::{
    record::{RecordRef, RevealedBody, Seal, SealFormat},
    verify::tests::samples::{ORIGIN, TIME, digest_ref, grader, recipient},
};

fn form() -> FormBody {
    FormBody {
        seed: [7; 32],
        items: (0..70).map(|i| format!("item {i}").into_bytes()).collect(),
    }
}

fn commitment(form: &FormBody) -> FormCommitment {
    FormCommitment {
        benchmark: "bay-knowledge@1.0".into(),
        declared: TIME.into(),
        edition: "2026-11-a".into(),
        form: "bay-knowledge-1".into(),
        grader: grader(),
        items: seal::items_tree(form),
        not_before: TIME.into(),
        reveal_by: "2027-11-21T12:00:00Z".into(),
        seal: Seal {
            bytes: 4000,
            format: SealFormat::AgeV1,
            padded: seal::plaintext(form).len() as u64,
            recipients: vec![seal::recipient_id(&recipient())],
        },
        station: ORIGIN.into(),
        terms: digest_ref(b"terms"),
        upstream: None,
    }
}

fn reveal(form: &FormBody) -> FormReveal {
    let body = form.to_bytes();
    FormReveal {
        body: RevealedBody {
            bytes: body.len() as u64,
            sha256: Digest::of(&body),
        },
        commitment: RecordRef {
            index: 2,
            leaf: Digest([1; 32]),
            origin: ORIGIN.into(),
        },
        declared: TIME.into(),
        items: form.items.len() as u64,
        items_root: seal::items_tree(form).root,
        seed: Digest(form.seed),
        station: ORIGIN.into(),
    }
}

/// What is said of an honest record about a body other than the committed one.
fn of_other(change: impl FnOnce(&mut FormBody)) -> RevealError {
    let mut other = form();
    change(&mut other);
    refusal(&other.to_bytes(), &reveal(&other), &commitment(&form()))
}

/// What is said of the committed body under a changed record.
fn of_record(change: impl FnOnce(&mut FormReveal)) -> RevealError {
    let mut record = reveal(&form());
    change(&mut record);
    refusal(&form().to_bytes(), &record, &commitment(&form()))
}

fn refusal(body: &[u8], reveal: &FormReveal, commitment: &FormCommitment) -> RevealError {
    match check(body, reveal, commitment) {
        Ok(_) => panic!("it was believed"),
        Err(error) => error,
    }
}

#[test]
fn the_committed_body_is_believed() {
    let found = check(&form().to_bytes(), &reveal(&form()), &commitment(&form()));
    assert!(found.is_ok_and(|found| found == form()));
}

#[test]
fn no_byte_of_the_body_may_change() {
    let body = form().to_bytes();
    let (record, committed) = (reveal(&form()), commitment(&form()));
    for at in 0..body.len() {
        let mut changed = body.clone();
        changed[at] ^= 1;
        let found = Digest::of(&changed);
        let stated = record.body.sha256;
        let expected = RevealError::Body { stated, found };
        assert_eq!(
            refusal(&changed, &record, &committed),
            expected,
            "byte {at}"
        );
    }
    let (stated, found) = (record.body.bytes, record.body.bytes - 1);
    assert_eq!(
        refusal(&body[1..], &record, &committed),
        RevealError::Bytes { stated, found }
    );
}

#[test]
fn every_figure_of_the_record_is_recomputed() {
    assert_eq!(
        of_record(|record| record.seed = Digest([8; 32])),
        RevealError::Seed
    );
    assert_eq!(
        of_record(|record| record.items = 69),
        RevealError::Count {
            stated: 69,
            found: 70
        }
    );
    let stated = Digest::of(b"");
    let found = seal::items_tree(&form()).root;
    assert_eq!(
        of_record(|record| record.items_root = stated),
        RevealError::StatedRoot { stated, found }
    );
}

#[test]
fn an_honest_record_of_another_form_is_refused() {
    let committed = seal::items_tree(&form()).root;
    for change in [
        (|form: &mut FormBody| form.seed[0] ^= 1) as fn(&mut FormBody),
        |form| form.items[3][0] ^= 1,
        |form| form.items.swap(3, 4),
    ] {
        let mut other = form();
        change(&mut other);
        let found = seal::items_tree(&other).root;
        assert_eq!(of_other(change), RevealError::Root { committed, found });
    }
    assert_eq!(
        of_other(|form| form.items[0].extend([b' '; 600])),
        RevealError::Padded {
            committed: 832,
            found: 1408
        }
    );
    let mut committed = commitment(&form());
    committed.items.leaves = 64;
    assert_eq!(
        refusal(&form().to_bytes(), &reveal(&form()), &committed),
        RevealError::Leaves {
            committed: 64,
            found: 128
        }
    );
}

#[test]
fn a_body_of_no_form_is_refused_by_its_layout() {
    let mut record = reveal(&form());
    let body = b"short";
    record.body = RevealedBody {
        bytes: 5,
        sha256: Digest::of(body),
    };
    assert_eq!(
        refusal(body, &record, &commitment(&form())),
        RevealError::Layout(SealError::Short)
    );
}

#[test]
fn a_list_of_leaves_names_the_first_item_that_differs() {
    let tree = seal::items_leaves(&form());
    let leaves: Vec<Digest> = (0..tree.size()).filter_map(|i| tree.leaf(i)).collect();
    let committed = seal::items_tree(&form());
    assert_eq!(compare(&form(), &committed, &leaves), Ok(()));
    let mut other = form();
    other.items[41] = b"another".to_vec();
    other.items[69] = b"another".to_vec();
    assert_eq!(
        compare(&other, &committed, &leaves),
        Err(RevealError::Item(41))
    );
    other = form();
    other.items.pop();
    assert_eq!(
        compare(&other, &committed, &leaves),
        Err(RevealError::Missing(69))
    );
    assert_eq!(
        compare(&form(), &committed, &leaves[1..]),
        Err(RevealError::LeafList(127))
    );
}

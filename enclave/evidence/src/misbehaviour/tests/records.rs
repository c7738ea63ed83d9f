//! Records that break a rule, and the same records where they do not.

use super::{about, chain, judged, no_byte_may_change};
use crate::{
    audit::tests::station::{By, Station},
    digest::Digest,
    dsse::Envelope,
    leaf::{self, Leaf},
    misbehaviour::{Accused, MisbehaviourError, Standing, verify},
    outcome::{self, run_secret},
    record::{
        FormCommitment, FormReveal, Items, Misbehaviour, MisbehaviourKind, Receipt, RecordRef,
        RevealedBody,
    },
    seal::{self, FormBody},
    statement,
    verify::{
        LoggedError,
        tests::samples::{self, ORIGIN, TIME},
    },
};

fn form() -> FormBody {
    FormBody {
        seed: [7; 32],
        items: (0..60).map(|i| format!("item {i}").into_bytes()).collect(),
    }
}

/// Forty-one of sixty pass, as the sample receipt says.
fn outcomes() -> Vec<(&'static str, &'static str)> {
    let one = |item| match item {
        0..41 => ("1", "pass"),
        41..57 => ("0", "fail"),
        57 => ("0", "refused"),
        _ => ("0", "unparsed"),
    };
    (0..60).map(one).collect()
}

/// A station with a form of its own, and the form's commitment.
fn committed() -> (Station, RecordRef) {
    let mut station = Station::new();
    let envelope = &station.records[usize::try_from(station.commitment.index).unwrap()].1;
    let envelope = Envelope::parse(envelope).unwrap();
    let untyped = statement::read_untyped(&envelope).unwrap();
    let mut commitment = untyped.predicate::<FormCommitment>().unwrap();
    commitment.items = seal::items_tree(&form());
    commitment.seal.padded = seal::plaintext(&form()).len() as u64;
    let at = station.log(By::Recorder, b"seal", &*commitment);
    (station, at)
}

fn reveal(commitment: &RecordRef) -> FormReveal {
    let body = form().to_bytes();
    FormReveal {
        body: RevealedBody {
            bytes: body.len() as u64,
            sha256: Digest::of(&body),
        },
        commitment: commitment.clone(),
        declared: TIME.into(),
        items: 60,
        items_root: seal::items_tree(&form()).root,
        seed: Digest([7; 32]),
        station: ORIGIN.into(),
    }
}

/// Logs a run on a form; `change` has the last word on its receipt.
fn run_on(
    station: &mut Station,
    commitment: &RecordRef,
    change: impl FnOnce(&mut Receipt),
) -> RecordRef {
    let mut intent = station.intent();
    intent.commitment = commitment.clone();
    let announced = station.log(By::Enclave, b"adapter", &intent);
    let mut receipt = samples::receipt(&intent, &announced, &station.head());
    let secret = run_secret(&[7; 32], &receipt.nonce);
    receipt.outcomes = outcome::tree(&secret, &outcomes());
    change(&mut receipt);
    station.log(By::Enclave, b"adapter", &receipt)
}

fn with_body(
    accusation: &Misbehaviour,
    station: &Station,
    body: &[u8],
) -> Result<Standing, MisbehaviourError> {
    let (chain, body) = (&chain(station), Some(body));
    verify(accusation, Accused { chain, body })
}

fn innocent(says: &'static str) -> Result<Standing, MisbehaviourError> {
    Err(MisbehaviourError::Innocent(says))
}

#[test]
fn a_leaf_whose_signature_fails_is_a_bad_signature() {
    let mut station = Station::new();
    let (data, envelope) = station.records[3].clone();
    let mut envelope = Envelope::parse(&envelope).unwrap();
    envelope.payload.push(b' ');
    let key = Leaf::parse(&data).unwrap().key;
    let forged = leaf::data(&envelope, &key).unwrap();
    let at = station.push(forged, envelope.to_bytes());
    let accusation = about(&station, MisbehaviourKind::BadSignature, &[&at]);
    assert_eq!(judged(&accusation, &station), Ok(Standing::Proven));
    no_byte_may_change(&accusation, &station);
    let sound = station.submission.clone();
    let accusation = about(&station, MisbehaviourKind::BadSignature, &[&sound]);
    assert_eq!(
        judged(&accusation, &station),
        innocent("the signature verifies")
    );
}

#[test]
fn a_receipt_out_of_order_is_proven_by_its_own_content() {
    for (number, change) in [
        (|receipt: &mut Receipt| receipt.commitment.index = receipt.before.size)
            as fn(&mut Receipt),
        |receipt| receipt.submission.index = receipt.before.size,
        |receipt| receipt.evidence.index = receipt.before.size,
        |receipt| receipt.before.size = receipt.intent.index + 1,
        |receipt| receipt.start.size = receipt.intent.index,
        |receipt| receipt.start.size = receipt.intent.index + 9,
        |receipt| receipt.submission.origin = "log.other".into(),
    ]
    .into_iter()
    .enumerate()
    {
        let (mut station, form) = committed();
        let at = run_on(&mut station, &form, change);
        let accusation = about(&station, MisbehaviourKind::Order, &[&at]);
        assert_eq!(
            judged(&accusation, &station),
            Ok(Standing::Proven),
            "change {number}"
        );
    }
    let (mut station, form) = committed();
    let at = run_on(&mut station, &form, |_| {});
    let accusation = about(&station, MisbehaviourKind::Order, &[&at]);
    assert_eq!(
        judged(&accusation, &station),
        innocent("the receipt keeps the order")
    );
}

#[test]
fn no_byte_of_an_accusation_about_a_receipt_may_change() {
    let (mut station, form) = committed();
    let at = run_on(&mut station, &form, |receipt| {
        receipt.start.size = receipt.intent.index;
    });
    let accusation = about(&station, MisbehaviourKind::Order, &[&at]);
    assert_eq!(judged(&accusation, &station), Ok(Standing::Proven));
    no_byte_may_change(&accusation, &station);
}

#[test]
fn records_by_keys_that_may_not_sign_them_accuse_nobody() {
    let (mut station, _) = committed();
    let intent = station.intent();
    let announced = station.log(By::Enclave, b"adapter", &intent);
    let mut receipt = samples::receipt(&intent, &announced, &station.head());
    receipt.start.size = 0;
    let at = station.log(By::Stranger, b"adapter", &receipt);
    let accusation = about(&station, MisbehaviourKind::Order, &[&at]);
    let key = station.key_id(By::Stranger);
    assert_eq!(
        judged(&accusation, &station),
        Err(MisbehaviourError::Signer { number: 1, key })
    );
}

#[test]
fn scores_that_cannot_be_are_proven_from_receipt_and_commitment() {
    let (mut station, form) = committed();
    let wrong = run_on(&mut station, &form, |receipt| receipt.scores[0].num = 61);
    let accusation = about(&station, MisbehaviourKind::WrongScore, &[&wrong, &form]);
    assert_eq!(judged(&accusation, &station), Ok(Standing::Proven));
    no_byte_may_change(&accusation, &station);
    let sound = run_on(&mut station, &form, |_| {});
    let accusation = about(&station, MisbehaviourKind::WrongScore, &[&sound, &form]);
    assert_eq!(
        judged(&accusation, &station),
        innocent("counts and scores are possible")
    );
    let accusation = about(&station, MisbehaviourKind::WrongScore, &[&sound, &wrong]);
    assert!(matches!(
        judged(&accusation, &station),
        Err(MisbehaviourError::Logged {
            number: 2,
            reason: LoggedError::Statement(_)
        })
    ));
    let other = station.commitment.clone();
    let accusation = about(&station, MisbehaviourKind::WrongScore, &[&sound, &other]);
    assert_eq!(
        judged(&accusation, &station),
        Err(MisbehaviourError::Unrelated {
            number: 2,
            what: "commitment"
        })
    );
}

/// A revealed form, a run on it with these outcomes, and the accusation that opens them all.
fn recounted(
    outcomes: &[(&str, &str)],
    change: impl FnOnce(&mut Receipt),
) -> (Station, Misbehaviour) {
    let (mut station, form) = committed();
    let mut leaves = Vec::new();
    let receipt = run_on(&mut station, &form, |receipt| {
        let tree = outcome::leaves(&run_secret(&[7; 32], &receipt.nonce), outcomes);
        receipt.outcomes.root = tree.root();
        leaves.extend((0..64).filter_map(|index| tree.leaf(index)));
        change(receipt);
    });
    let revealed = station.log(By::Recorder, b"seal", &reveal(&form));
    let records = [&receipt, &form, &revealed];
    let mut accusation = about(&station, MisbehaviourKind::WrongScore, &records);
    accusation.hashes = leaves;
    (station, accusation)
}

#[test]
fn scores_that_do_not_follow_from_the_opened_outcomes_are_proven() {
    let (station, accusation) = recounted(&outcomes(), |receipt| {
        receipt.scores[0].num = 42;
        receipt.scores[0].interval = None;
    });
    assert_eq!(judged(&accusation, &station), Ok(Standing::Proven));
    no_byte_may_change(&accusation, &station);
    let (station, accusation) = recounted(&outcomes(), |_| {});
    assert_eq!(
        judged(&accusation, &station),
        innocent("the scores follow from the outcomes")
    );
}

#[test]
fn outcomes_that_the_seed_does_not_open_are_named() {
    let mut other = outcomes();
    other[12] = ("2", "pass");
    let (station, accusation) = recounted(&other, |_| {});
    assert_eq!(
        judged(&accusation, &station),
        Err(MisbehaviourError::Outcome(12))
    );
}

#[test]
fn a_reveal_with_another_root_or_count_proves_itself() {
    for change in [
        (|reveal: &mut FormReveal| reveal.items_root = Digest([0; 32])) as fn(&mut FormReveal),
        |reveal| reveal.items = 65,
        |reveal| reveal.items = u64::MAX >> 11,
    ] {
        let (mut station, form) = committed();
        let mut wrong = reveal(&form);
        change(&mut wrong);
        let at = station.log(By::Recorder, b"seal", &wrong);
        let accusation = about(&station, MisbehaviourKind::WrongReveal, &[&at, &form]);
        assert_eq!(judged(&accusation, &station), Ok(Standing::Proven));
        no_byte_may_change(&accusation, &station);
    }
}

#[test]
fn a_reveal_that_states_the_committed_root_is_judged_by_its_body() {
    let (mut station, form) = committed();
    let mut items = self::form();
    items.items[9][0] ^= 1;
    let body = items.to_bytes();
    let mut lying = reveal(&form);
    lying.body.sha256 = Digest::of(&body);
    let at = station.log(By::Recorder, b"seal", &lying);
    let accusation = about(&station, MisbehaviourKind::WrongReveal, &[&at, &form]);
    assert_eq!(
        judged(&accusation, &station),
        innocent("reveal and commitment state one root; only the form body can tell more")
    );
    assert_eq!(
        with_body(&accusation, &station, &body),
        Ok(Standing::Proven)
    );
    assert_eq!(
        with_body(&accusation, &station, b"other"),
        innocent("the bytes are not the form body that the reveal names")
    );
    let at = station.log(By::Recorder, b"seal", &reveal(&form));
    let accusation = about(&station, MisbehaviourKind::WrongReveal, &[&at, &form]);
    assert_eq!(
        with_body(&accusation, &station, &self::form().to_bytes()),
        innocent("the form body is the committed one")
    );
}

#[test]
fn proofs_under_another_head_or_without_a_record_are_refused() {
    let (mut station, form) = committed();
    let at = run_on(&mut station, &form, |receipt| receipt.start.size = 0);
    let sound = about(&station, MisbehaviourKind::Order, &[&at]);
    station.run();
    let mut accusation = about(&station, MisbehaviourKind::Order, &[&at]);
    accusation.proofs = sound.proofs.clone();
    assert_eq!(
        judged(&accusation, &station),
        Err(MisbehaviourError::OtherCheckpoint(1))
    );
    let mut accusation = sound.clone();
    let text = String::from_utf8(accusation.proofs[0].0.clone()).unwrap();
    let extra = text.lines().nth(1).unwrap().to_owned() + "\n";
    accusation.proofs[0].0 = text.replacen(&extra, "", 1).into_bytes();
    assert_eq!(
        judged(&accusation, &station),
        Err(MisbehaviourError::NoRecord(1))
    );
    let mut accusation = sound;
    accusation.proofs[0].0 = b"c2sp".to_vec();
    assert_eq!(
        judged(&accusation, &station).unwrap_err().to_string(),
        "proof 1: not a c2sp.org/tlog-proof@v1 file: no empty line before the checkpoint"
    );
}

#[test]
fn items_of_the_fixture_fill_the_tree_that_receipts_commit() {
    let Items { leaves, .. } = seal::items_tree(&form());
    assert_eq!(leaves, 64);
}

//! Each kind of accusation holds against a station that did it, and fails against one that did not.

mod records;

use super::*;
use crate::{
    audit::tests::station::Station,
    keys::Ed25519SigningKey,
    leaf::Leaf,
    proof::LogProof,
    record::{Head, RecordRef},
    tree::Tree,
    verify::tests::samples::{ORIGIN, TIME},
    wire::Proven,
};

/// A station's note of a head.
fn note(station: &Station, size: u64, root: Digest) -> Bytes {
    noted(&station.log, ORIGIN, size, root)
}

fn noted(log: &Ed25519SigningKey, origin: &str, size: u64, root: Digest) -> Bytes {
    let origin = origin.to_owned();
    let head = Checkpoint { origin, size, root };
    Bytes(head.sign(log).unwrap().into_bytes())
}

fn now(station: &Station) -> Bytes {
    let Head { root, size, .. } = station.head();
    note(station, size, root)
}

fn chain(station: &Station) -> Chain {
    let manifest = station.manifest.clone();
    let pinned = station.pinned().manifest;
    Chain::open(&[manifest], &pinned).unwrap()
}

/// The proof of a record under the station's present head.
fn proof(station: &Station, index: u64) -> Bytes {
    let (data, envelope) = &station.records[usize::try_from(index).unwrap()];
    let proven = Proven {
        envelope: crate::dsse::Envelope::parse(envelope).unwrap(),
        index,
        path: station.tree.inclusion(index, station.tree.size()),
        public_key: crate::base64::encode(&Leaf::parse(data).unwrap().key.spki_der()),
    };
    let note = String::from_utf8(now(station).0).unwrap();
    Bytes(LogProof::of_record(proven, &note).to_text().into_bytes())
}

fn accusation(kind: MisbehaviourKind, note_a: Bytes) -> Misbehaviour {
    Misbehaviour {
        declared: TIME.into(),
        hashes: vec![],
        kind,
        note_a,
        note_b: None,
        proofs: vec![],
        record: None,
        station: "log.accuser.example.net".into(),
        subject: ORIGIN.into(),
    }
}

/// An accusation about records, the first of which breaks a rule.
fn about(station: &Station, kind: MisbehaviourKind, records: &[&RecordRef]) -> Misbehaviour {
    let mut accusation = accusation(kind, now(station));
    accusation.record = Some(records[0].clone());
    let proofs = records.iter().map(|record| proof(station, record.index));
    accusation.proofs = proofs.collect();
    accusation
}

fn judged(accusation: &Misbehaviour, station: &Station) -> Result<Standing, MisbehaviourError> {
    let chain = chain(station);
    let (chain, body) = (&chain, None);
    verify(accusation, Accused { chain, body })
}

/// No byte of what the accused signed may change: notes, proofs, hashes, place and subject.
fn no_byte_may_change(accusation: &Misbehaviour, station: &Station) {
    let chain = chain(station);
    let accused = Accused {
        chain: &chain,
        body: None,
    };
    let refuses = |changed: &Misbehaviour, what: &str| {
        assert!(
            verify(changed, accused).is_err(),
            "{what} was changed unseen"
        );
    };
    for at in 0..accusation.note_a.0.len() {
        let mut changed = accusation.clone();
        changed.note_a.0[at] ^= 1;
        refuses(&changed, "note a");
    }
    for at in 0..accusation.note_b.as_ref().map_or(0, |note| note.0.len()) {
        let mut changed = accusation.clone();
        changed.note_b.as_mut().unwrap().0[at] ^= 1;
        refuses(&changed, "note b");
    }
    for (number, proof) in accusation.proofs.iter().enumerate() {
        for at in (0..proof.0.len()).step_by(5) {
            let mut changed = accusation.clone();
            changed.proofs[number].0[at] ^= 1;
            refuses(&changed, "proof");
        }
    }
    for at in 0..accusation.hashes.len() {
        let mut changed = accusation.clone();
        changed.hashes[at].0[7] ^= 1;
        refuses(&changed, "hash");
    }
    let mut changed = accusation.clone();
    changed.subject.push('x');
    refuses(&changed, "subject");
    if let Some(record) = &accusation.record {
        let mut changed = accusation.clone();
        changed.record = Some(RecordRef {
            index: record.index + 1,
            ..record.clone()
        });
        refuses(&changed, "record");
    }
    let mut changed = accusation.clone();
    changed.hashes.push(Digest([0; 32]));
    refuses(&changed, "number of hashes");
}

fn split(station: &Station) -> Misbehaviour {
    let mut accusation = accusation(MisbehaviourKind::Split, now(station));
    accusation.note_b = Some(note(station, station.tree.size(), Digest([5; 32])));
    accusation
}

#[test]
fn two_roots_for_one_size_are_a_split() {
    let station = Station::new();
    let accusation = split(&station);
    assert_eq!(judged(&accusation, &station), Ok(Standing::Proven));
    no_byte_may_change(&accusation, &station);
    let [a, b] = subjects(&accusation).try_into().unwrap();
    assert_eq!(a, Subject::new("note-a", Digest::of(&accusation.note_a.0)));
    assert_eq!(b.digest, Digest::of(&accusation.note_b.unwrap().0));
}

#[test]
fn one_head_twice_and_two_sizes_are_no_split() {
    let station = Station::new();
    let mut accusation = split(&station);
    accusation.note_b = Some(accusation.note_a.clone());
    let innocent = |says| Err(MisbehaviourError::Innocent(says));
    assert_eq!(
        judged(&accusation, &station),
        innocent("the notes have one root")
    );
    accusation.note_b = Some(note(&station, 99, Digest([5; 32])));
    assert_eq!(
        judged(&accusation, &station),
        innocent("the notes have two sizes")
    );
}

#[test]
fn notes_of_others_accuse_nobody() {
    let station = Station::new();
    let mut accusation = split(&station);
    let stranger = Ed25519SigningKey::from_seed([77; 32]);
    let size = station.tree.size();
    accusation.note_b = Some(noted(&stranger, ORIGIN, size, Digest([5; 32])));
    assert_eq!(
        judged(&accusation, &station),
        Err(CheckpointError::Unsigned(ORIGIN.into()).into())
    );
    accusation.note_b = Some(noted(&station.log, "log.other", size, Digest([5; 32])));
    assert_eq!(
        judged(&accusation, &station),
        Err(MisbehaviourError::OtherLog("log.other".into()))
    );
    accusation.note_b = Some(Bytes(vec![0xff]));
    assert_eq!(
        judged(&accusation, &station),
        Err(MisbehaviourError::NotUtf8)
    );
    accusation.subject = "log.other".into();
    assert_eq!(
        judged(&accusation, &station),
        Err(MisbehaviourError::Accused {
            accused: "log.other".into(),
            chain: ORIGIN.into()
        })
    );
}

/// A station whose head of `size` is not the one its later head continues.
fn fork(station: &Station, size: u64) -> Misbehaviour {
    let (tree, now) = (&station.tree, station.tree.size());
    let mut accusation = accusation(MisbehaviourKind::Fork, note(station, size, Digest([5; 32])));
    accusation.note_b = Some(note(station, now, tree.root()));
    let path = tree.consistency(size, now);
    accusation.hashes = fork_hashes(size, &tree.root_at(size), &path);
    accusation
}

#[test]
fn a_head_that_the_later_one_does_not_continue_is_a_fork() {
    let mut station = Station::new();
    for _ in 0..3 {
        station.run();
    }
    for size in 1..station.tree.size() {
        let accusation = fork(&station, size);
        assert_eq!(
            judged(&accusation, &station),
            Ok(Standing::Proven),
            "{size}"
        );
        no_byte_may_change(&accusation, &station);
    }
}

#[test]
fn a_continued_head_and_hashes_of_another_tree_are_no_fork() {
    let mut station = Station::new();
    station.run();
    let mut accusation = fork(&station, 3);
    accusation.note_a = note(&station, 3, station.tree.root_at(3));
    assert_eq!(
        judged(&accusation, &station),
        Err(MisbehaviourError::Innocent(
            "the second note continues the first"
        ))
    );
    let mut accusation = fork(&station, 3);
    accusation.hashes[0] = Digest([0; 32]);
    assert_eq!(
        judged(&accusation, &station),
        Err(MisbehaviourError::Hashes(ProofError::Root))
    );
    accusation.hashes.truncate(1);
    assert_eq!(
        judged(&accusation, &station),
        Err(MisbehaviourError::Hashes(ProofError::Length(0)))
    );
    let mut accusation = fork(&station, 3);
    accusation.note_a = note(&station, 0, Tree::new().root());
    assert_eq!(
        judged(&accusation, &station),
        Err(MisbehaviourError::Innocent(
            "the first note is not of a smaller tree that has leaves"
        ))
    );
}

#[test]
fn a_member_too_many_or_too_few_is_refused() {
    let station = Station::new();
    let mut accusation = split(&station);
    accusation.record = Some(station.evidence.clone());
    assert_eq!(
        judged(&accusation, &station).unwrap_err().to_string(),
        "Split takes two notes and nothing else"
    );
    accusation.kind = MisbehaviourKind::Order;
    assert_eq!(
        judged(&accusation, &station).unwrap_err().to_string(),
        "Order takes one note, a record and its proof"
    );
}

#[test]
fn a_withheld_envelope_is_one_stations_word() {
    let station = Station::new();
    let mut accusation = accusation(MisbehaviourKind::Void, now(&station));
    accusation.record = Some(station.submission.clone());
    let (index, size) = (station.submission.index, station.tree.size());
    accusation.hashes = station.tree.inclusion(index, size);
    assert_eq!(judged(&accusation, &station), Ok(Standing::Word));
    no_byte_may_change(&accusation, &station);
    accusation.hashes.pop();
    assert_eq!(
        judged(&accusation, &station),
        Err(MisbehaviourError::Hashes(ProofError::Length(1)))
    );
}

//! An honest log leaves no finding; each planted fault is found by its name, in its record.

mod forms;
mod runs;
pub(crate) mod station;

use station::{By, RETIRED_FROM, Station};

use super::*;
use crate::{
    checkpoint::Checkpoint,
    digest::Digest,
    json, leaf,
    manifest::{ManifestKey, Role, Until},
    record::{FormState, FormStateName, FormStateReason},
    statement,
    verify::tests::samples::{ORIGIN, TIME},
};

fn found(name: &'static str, record: u64, says: &str) -> (&'static str, Option<u64>, String) {
    (name, Some(record), says.to_owned())
}

fn checkpoint(station: &Station) -> Checkpoint {
    station.attested().checkpoint
}

fn retire(station: &mut Station) {
    let state = FormState {
        by: station.key_id(By::Recorder),
        commitment: station.commitment.clone(),
        declared: TIME.into(),
        reason: FormStateReason::Rotation,
        state: FormStateName::Retired,
        station: ORIGIN.into(),
    };
    station.log(By::Recorder, b"seal", &state);
}

#[test]
fn an_honest_log_leaves_no_finding() {
    let mut station = Station::new();
    station.run();
    station.run();
    retire(&mut station);
    let mut replay = station.replay();
    replay.close(&station.attested(), None);
    assert_eq!(replay.findings(), &Findings::default());
    assert_eq!(replay.tree().root(), station.tree.root());
    assert_eq!(replay.counts()["receipt"], 2);
    assert_eq!(replay.open(), []);
}

#[test]
fn a_changed_envelope_counts_as_withheld_and_a_forged_one_as_badly_signed() {
    let mut station = Station::new();
    station.run();
    let (data, envelope) = station.records[2].clone();
    station.records[2].1 = station.records[3].1.clone();
    let withheld = found(
        "withheld-record",
        2,
        "leaf and envelope differ in digest or signature",
    );
    assert_eq!(first(&station), withheld);

    // The leaf names another key than the one that signed.
    let mut forged = leaf::Leaf::parse(&data).unwrap();
    let other = leaf::Leaf::parse(&station.records[1].0).unwrap();
    forged.key = other.key;
    station.records[2] = (forged.to_bytes(), envelope);
    let (name, record, says) = first(&station);
    assert_eq!((name, record), ("bad-signature", Some(2)));
    assert!(
        says.starts_with("signature of the record does not verify under key "),
        "{says}"
    );
}

/// The first of several findings.
fn first(station: &Station) -> (&'static str, Option<u64>, String) {
    let replay = station.replay();
    let first = &replay.findings().kept[0];
    (first.name.name(), first.record, first.says.clone())
}

#[test]
fn an_envelope_that_is_not_served_is_withheld() {
    let station = Station::new();
    let (data, _) = &station.records[0];
    let entry = Leafed::of(0, data).with(ORIGIN, Err(Missing("record/ab/cd.json: 404".into())));
    let finding = entry.content.unwrap().err().unwrap();
    assert_eq!(
        finding,
        Finding::at(0, Breach::WithheldRecord, "record/ab/cd.json: 404")
    );
}

#[test]
fn an_entry_that_is_no_leaf_is_refused_with_and_without_its_envelope() {
    let says = "leaf is not a canonical hashedrekord 0.0.2 entry with a P-256 key";
    let mut station = Station::new();
    station.push(b"{}".to_vec(), b"{}".to_vec());
    assert_eq!(station.finding(), found("bad-entry", 4, says));
    let alone = Leafed::of(4, b"{}").alone().content.unwrap();
    assert_eq!(alone.err().unwrap(), Finding::at(4, Breach::BadEntry, says));
    let sound = Leafed::of(0, &station.records[0].0).alone();
    assert!(sound.content.is_none());
}

#[test]
fn a_record_that_is_logged_twice_is_found_even_under_a_new_signature() {
    let mut station = Station::new();
    let (data, envelope) = station.records[3].clone();
    station.push(data, envelope);
    let says = "the record of 3 stands here again";
    assert_eq!(station.finding(), found("duplicate-record", 4, says));
    let mut station = Station::new();
    retire(&mut station);
    retire(&mut station);
    assert_eq!(
        station.finding(),
        found("duplicate-record", 5, "the record of 4 stands here again")
    );
}

#[test]
fn a_key_without_the_role_and_a_key_past_its_range_are_told_apart() {
    let mut station = Station::new();
    let intent = station.intent();
    station.log(By::Stranger, b"adapter", &intent);
    let stranger = station.key_id(By::Stranger);
    let says = format!(
        "run-intent is signed by the key {stranger}, which does not hold the role enclave-sign at index 4"
    );
    assert_eq!(station.finding(), found("wrong-role", 4, &says));

    let mut station = Station::new();
    assert_eq!(station.tree.size(), RETIRED_FROM);
    let intent = station.intent();
    station.log(By::Retired, b"adapter", &intent);
    let retired = station.key_id(By::Retired);
    let says = format!(
        "run-intent is signed by the key {retired}, which does not hold the role enclave-sign at index 4"
    );
    assert_eq!(station.finding(), found("retired-key", 4, &says));
}

#[test]
fn a_record_of_another_log_and_one_of_another_shape_are_refused() {
    let mut station = Station::new();
    let mut intent = station.intent();
    intent.station = "log.other".into();
    station.log(By::Enclave, b"adapter", &intent);
    let says = "run-intent belongs to the log log.other";
    assert_eq!(station.finding(), found("foreign-record", 4, says));

    let mut station = Station::new();
    let envelope = crate::dsse::Envelope::parse(&station.records[2].1).unwrap();
    let text = String::from_utf8(envelope.payload).unwrap();
    let payload = text.replace("\"edition\"", "\"editions\"");
    station.log_payload(By::Recorder, payload.into_bytes());
    let (name, record, says) = station.finding();
    assert_eq!((name, record), ("bad-schema", Some(4)));
    assert!(says.contains("unknown field `editions`"), "{says}");
}

#[test]
fn a_type_that_is_not_understood_is_counted_and_judged_by_nothing() {
    let mut station = Station::new();
    let envelope = crate::dsse::Envelope::parse(&station.records[2].1).unwrap();
    let text = String::from_utf8(envelope.payload).unwrap();
    let payload = text.replace("form-commitment/v1", "form-commitment/v2");
    station.log_payload(By::Stranger, payload.into_bytes());
    let replay = station.replay();
    assert!(replay.findings().is_empty());
    assert_eq!(
        replay.counts()["https://assay.example.org/record/form-commitment/v2"],
        1
    );
}

#[test]
fn a_manifest_that_is_not_the_pinned_one_is_found_and_no_role_is_guessed() {
    let mut station = Station::new();
    station.run();
    let mut replay = Replay::new(Pinned {
        origin: ORIGIN.into(),
        manifest: Digest::of(b"another"),
    });
    for (index, (data, envelope)) in station.records.iter().enumerate() {
        replay.push(station::entry(index, data, envelope));
    }
    replay.close(&station.attested(), None);
    let names: Vec<_> = replay
        .findings()
        .kept
        .iter()
        .map(|one| (one.name, one.record))
        .collect();
    assert_eq!(
        names,
        [(Breach::Manifest, Some(0)), (Breach::Manifest, None)]
    );
}

#[test]
fn records_before_the_first_manifest_are_judged_by_nobody_and_found() {
    for late in 1..=3 {
        let mut station = Station::new();
        let manifest = station.records.remove(0);
        station.records.insert(late, manifest);
        let says = format!(
            "{late} records stand before the first manifest, which is the record {late}; the first is this one"
        );
        assert_eq!(station.finding(), found("manifest", 0, &says));
    }
}

#[test]
fn a_later_manifest_can_make_records_void_and_that_is_told_apart_from_a_breach() {
    let mut station = Station::new();
    let receipt = station.run();
    let (old, new) = (station.key_id(By::Enclave), station.public(By::Stranger));
    station.log_next_manifest(|manifest| {
        manifest.add_key(Role::EnclaveSign, ManifestKey::P256(new), 6);
        manifest.close_range(&old, &Until::At(receipt.index));
    });
    let replay = station.replay();
    assert!(replay.findings().is_empty(), "{:#?}", replay.findings());
    assert_eq!(replay.voided(), [receipt.index]);
    let intent = station.intent();
    station.log(By::Enclave, b"adapter", &intent);
    let (name, record, _) = station.finding();
    assert_eq!((name, record), ("retired-key", Some(7)));
}

#[test]
fn manifests_follow_each_other_and_are_called_what_they_are() {
    let mut station = Station::new();
    let again = station.manifest.clone();
    station.log_as_manifest(again, 2);
    let (name, record, says) = station.finding();
    assert_eq!((name, record), ("manifest", Some(4)));
    assert_eq!(says, "manifest version 1 stands where version 2 belongs");

    let mut station = Station::new();
    station.log_next_manifest(|manifest| manifest.jurisdiction = "PT".into());
    let (_, envelope) = station.records.pop().unwrap();
    let envelope = crate::dsse::Envelope::parse(&envelope).unwrap();
    let untyped = statement::read_untyped(&envelope).unwrap();
    let record = untyped
        .predicate::<crate::record::StationManifestRecord>()
        .unwrap();
    let leaves = station.records.iter().map(|(data, _)| leaf::hash(data));
    station.tree = leaves.collect();
    station.log_as_manifest(record.manifest, 3);
    let says = "record of manifest version 2 states version 3";
    assert_eq!(station.finding(), found("manifest", 4, says));
}

#[test]
fn a_checkpoint_by_a_key_without_the_role_is_found() {
    let mut station = Station::new();
    station.run();
    let stranger = crate::keys::Ed25519SigningKey::from_seed([9; 32]).public();
    let mut replay = station.replay();
    replay.close(&station.attested_by(stranger), None);
    let says = "the checkpoint is signed by no key that the manifest gives the role log at size 6";
    assert_eq!(
        replay.findings().kept,
        [Finding::of_log(Breach::RetiredKey, says)]
    );
    let keys = replay.log_keys_at(6);
    assert_eq!(keys, station.attested().logs);
}

#[test]
fn heads_seen_before_betray_rollback_fork_and_split() {
    let mut station = Station::new();
    let early = checkpoint(&station);
    station.run();
    let late = checkpoint(&station);
    assert_eq!(check_seen(&early, &late), Ok(()));
    let rollback = check_seen(&late, &early).unwrap_err();
    assert_eq!(
        rollback,
        Finding::of_log(
            Breach::Rollback,
            "the log shows 4 records, but had 6 before"
        )
    );
    let mut other = late.clone();
    other.root = Digest::of(b"another");
    assert_eq!(
        check_seen(&other, &late).unwrap_err().name,
        Breach::SplitView
    );

    let mut replay = station.replay();
    replay.close(&station.attested(), Some(&early));
    assert!(replay.findings().is_empty());
    let forked = Checkpoint {
        root: Digest::of(b"another"),
        ..early
    };
    replay.close(&station.attested(), Some(&forked));
    let fork = "the log does not continue its own checkpoint of 4 records";
    assert_eq!(
        replay.findings().kept,
        [Finding::of_log(Breach::Fork, fork)]
    );
    let mut replay = station.replay();
    let mut lie = station.attested();
    lie.checkpoint = other;
    replay.close(&lie, None);
    assert_eq!(replay.findings().kept[0].name, Breach::WrongRoot);
}

#[test]
fn findings_are_bounded_and_their_number_is_not() {
    let mut findings = Findings::default();
    for record in 0..(FINDINGS_MAX as u64 + 7) {
        findings.add(Finding::at(record, Breach::BadTile, "differs"));
    }
    assert_eq!((findings.kept.len(), findings.more), (FINDINGS_MAX, 7));
}

#[test]
fn a_finding_is_written_with_its_name() {
    let text = json::to_vec(&Finding::at(7, Breach::CherryPicked, "a board omits 3"));
    assert_eq!(
        String::from_utf8_lossy(&text),
        r#"{"name":"cherry-picked","record":7,"says":"a board omits 3"}"#
    );
}

//! The signed spelling of records whose makers lie in other crates.

use std::collections::BTreeMap;

use super::*;
use crate::{
    base64::Bytes,
    digest::Digest,
    json::{self, JsonError},
};

const ORIGIN: &str = "log.example.org";
const TIME: &str = "2026-11-21T12:00:00Z";

fn place(index: u64) -> RecordRef {
    RecordRef {
        index,
        leaf: Digest([0x11; 32]),
        origin: ORIGIN.into(),
    }
}

fn misbehaviour() -> Misbehaviour {
    Misbehaviour {
        declared: TIME.into(),
        hashes: vec![Digest([0; 32])],
        kind: MisbehaviourKind::BadSignature,
        note_a: Bytes(b"note".to_vec()),
        note_b: None,
        proofs: vec![Bytes(b"proof".to_vec())],
        record: None,
        station: ORIGIN.into(),
        subject: "log.example.net".into(),
    }
}

/// Writes a record, compares it with `expected`, and reads it back.
fn spelt<P: Predicate + PartialEq + std::fmt::Debug>(record: &P, expected: &str) {
    let ones = "1".repeat(64);
    let place = format!(r#"{{"index":7,"leaf":"{ones}","origin":"{ORIGIN}"}}"#);
    let expected = expected
        .replace("PLACE", &place)
        .replace("ONES", &ones)
        .replace("FRAME", &format!(r#""station":"{ORIGIN}""#));
    let text = json::to_vec(record);
    assert_eq!(String::from_utf8_lossy(&text), expected);
    assert_eq!(json::from_slice::<P>(&text).as_ref(), Ok(record));
    assert_eq!(record.station(), ORIGIN);
}

#[test]
fn reveal_and_state_are_spelt_as_specified() {
    spelt(
        &FormReveal {
            body: RevealedBody {
                bytes: 66,
                sha256: Digest([0x11; 32]),
            },
            commitment: place(7),
            declared: TIME.into(),
            items: 3,
            items_root: Digest([0x11; 32]),
            seed: Digest([0x11; 32]),
            station: ORIGIN.into(),
        },
        r#"{"body":{"bytes":66,"sha256":"ONES"},"commitment":PLACE,"declared":"2026-11-21T12:00:00Z","items":3,"itemsRoot":"ONES","seed":"ONES",FRAME}"#,
    );
    spelt(
        &FormState {
            by: Digest([0x11; 32]),
            commitment: place(7),
            declared: TIME.into(),
            reason: FormStateReason::LeakSuspected,
            state: FormStateName::Retired,
            station: ORIGIN.into(),
        },
        r#"{"by":"ONES","commitment":PLACE,"declared":"2026-11-21T12:00:00Z","reason":"leak-suspected","state":"retired",FRAME}"#,
    );
}

#[test]
fn misbehaviour_carries_notes_and_proofs_in_base64() {
    let mut record = misbehaviour();
    spelt(
        &record,
        r#"{"declared":"2026-11-21T12:00:00Z","hashes":["AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="],"kind":"bad-signature","noteA":"bm90ZQ==","proofs":["cHJvb2Y="],FRAME,"subject":"log.example.net"}"#,
    );
    record.note_b = Some(Bytes(b"other".to_vec()));
    record.record = Some(place(7));
    spelt(
        &record,
        r#"{"declared":"2026-11-21T12:00:00Z","hashes":["AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="],"kind":"bad-signature","noteA":"bm90ZQ==","noteB":"b3RoZXI=","proofs":["cHJvb2Y="],"record":PLACE,FRAME,"subject":"log.example.net"}"#,
    );
}

#[test]
fn comparison_and_pairing_are_spelt_as_specified() {
    spelt(
        &Comparison {
            declared: TIME.into(),
            heads: vec![],
            inputs: Inputs {
                count: 0,
                sha256: Digest([0x11; 32]),
            },
            output: Output {
                bytes: 2,
                media_type: "application/json".into(),
                sha256: Digest([0x11; 32]),
            },
            parameters: BTreeMap::new(),
            policies: vec![],
            program: Program {
                name: "board".into(),
                sha256: Digest([0x11; 32]),
                version: "1".into(),
            },
            snapshots: vec![place(7)],
            station: ORIGIN.into(),
        },
        r#"{"declared":"2026-11-21T12:00:00Z","heads":[],"inputs":{"count":0,"sha256":"ONES"},"output":{"bytes":2,"mediaType":"application/json","sha256":"ONES"},"parameters":{},"policies":[],"program":{"name":"board","sha256":"ONES","version":"1"},"snapshots":[PLACE],FRAME}"#,
    );
    spelt(
        &Pairing {
            a: place(7),
            b: place(7),
            both_right: 1,
            commitment: place(7),
            declared: TIME.into(),
            denominator: 4,
            families: 2,
            neither: 3,
            only_a: 4,
            only_b: 5,
            station: ORIGIN.into(),
            sum: -1,
            sum_squares: 9,
        },
        r#"{"a":PLACE,"b":PLACE,"bothRight":1,"commitment":PLACE,"declared":"2026-11-21T12:00:00Z","denominator":4,"families":2,"neither":3,"onlyA":4,"onlyB":5,FRAME,"sum":-1,"sumSquares":9}"#,
    );
}

#[test]
fn unknown_members_kinds_and_other_alphabets_are_refused() {
    let text = String::from_utf8(json::to_vec(&misbehaviour())).unwrap();
    for (from, to, reason) in [
        (
            "\"kind\"",
            "\"extra\":1,\"kind\"",
            "JSON has another shape: unknown field `extra`",
        ),
        (
            "bad-signature",
            "rollback",
            "JSON has another shape: unknown word `rollback`",
        ),
        (
            "bm90ZQ==",
            "_-8=",
            "JSON has another shape: not canonical base64",
        ),
        (
            "\"noteA\":\"bm90ZQ==\",",
            "",
            "JSON has another shape: missing field `noteA`",
        ),
    ] {
        let changed = text.replacen(from, to, 1);
        assert_ne!(changed, text);
        let error: JsonError = json::from_slice::<Misbehaviour>(changed.as_bytes()).unwrap_err();
        assert!(error.to_string().starts_with(reason), "{error}");
    }
}

#[test]
fn a_reason_has_one_name_in_records_and_out_of_them() {
    for reason in [
        AbortReason::GuestFault,
        AbortReason::Limit,
        AbortReason::EndpointDown,
        AbortReason::KeeperRestart,
        AbortReason::KeeperLost,
        AbortReason::Operator,
        AbortReason::Cancelled,
    ] {
        let written = String::from_utf8(json::to_vec(&reason)).unwrap();
        assert_eq!(written, format!("\"{}\"", reason.name()));
    }
}

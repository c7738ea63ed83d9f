//! Texts of the log's world: notes, checkpoints, policies, portable proofs, offers to witnesses.

use std::str::from_utf8;

use assay_evidence::{
    base64,
    checkpoint::Checkpoint,
    json, note,
    policy::Policy,
    proof::{LogProof, RecordExtra},
    verify,
    witness::{Offer, Recorded, Request},
};

use crate::golden::{BELIEF, COSIGNED_AT, LOG, RECORDS, TREE, WITNESS, is_golden};

/// A note that parses is spelt in one way; one that opens under the golden key is golden.
pub fn note(data: &[u8]) -> bool {
    let Ok(text) = from_utf8(data) else {
        return false;
    };
    let parsed = note::parse(text);
    if let Ok(note) = &parsed {
        let spelt = note.lines.iter().map(|line| {
            let bytes = [line.id.as_slice(), &line.signature].concat();
            format!("\u{2014} {} {}\n", line.name, base64::encode(&bytes))
        });
        let lines: Vec<_> = spelt.collect();
        assert_eq!(format!("{}\n{}", note.text, lines.concat()), text);
    }
    if let Ok(signed) = note::open(text, &LOG) {
        assert!(is_golden(signed), "a forged note opens");
    }
    parsed.is_ok()
}

/// A head that parses is spelt in one way; what log and witness seem to have signed is golden.
pub fn checkpoint(data: &[u8]) -> bool {
    let Ok(text) = from_utf8(data) else {
        return false;
    };
    let parsed = Checkpoint::peek(text);
    if let Ok(head) = &parsed {
        assert!(text.starts_with(&head.text()));
        assert_eq!(head.head().size, head.size);
    }
    let keys = [LOG.clone()];
    let witnesses = [WITNESS.clone()];
    if let Ok(opened) = Checkpoint::open_cosigned(text, &keys, &witnesses, Some(COSIGNED_AT)) {
        assert!(is_golden(&opened.checkpoint.text()), "a forged head opens");
        let time = opened.cosigned[0];
        assert!(
            time.is_none_or(|time| time == COSIGNED_AT),
            "a forged time counts"
        );
    }
    parsed.is_ok()
}

/// A policy that loads reads back as the same policy from what it prints.
pub fn policy(data: &[u8]) -> bool {
    let Ok(text) = from_utf8(data) else {
        return false;
    };
    let Ok(policy) = Policy::parse(text) else {
        return false;
    };
    assert_eq!(Policy::parse(&policy.to_string()), Ok(policy));
    true
}

/// A proof is spelt in one way; one that verifies is of a record of the genuine bundle.
pub fn proof(data: &[u8]) -> bool {
    let Ok(text) = from_utf8(data) else {
        return false;
    };
    let Ok(proof) = LogProof::parse(text) else {
        return false;
    };
    assert_eq!(proof.to_text(), text);
    if verify::log_proof(data, &BELIEF, None).verified() {
        let extra = proof.extra.expect("a verified proof has its record");
        let extra: RecordExtra = json::from_slice(&extra).expect("the same");
        let is_genuine = RECORDS.iter().any(|record| {
            (record.index, &record.envelope.payload) == (proof.index, &extra.dsse_envelope.payload)
        });
        assert!(is_genuine, "a forged proof verifies");
    }
    true
}

/// An offer is spelt in one way; one that a witness of the golden log takes is golden and consistent.
pub fn offer(data: &[u8]) -> bool {
    let Ok(request) = Request::parse(data) else {
        return false;
    };
    assert_eq!(request.to_body().as_bytes(), data);
    let Ok(offer) = Offer::open(data, |_| vec![LOG.clone()]) else {
        return true;
    };
    let head = offer.checkpoint();
    assert!(is_golden(&head.text()), "a forged offer opens");
    for size in [0, 257] {
        let recorded = Recorded {
            size,
            root: TREE.root_at(size),
        };
        if offer.judge(Some(&recorded)).is_ok() {
            assert!(head.size >= size && head.root == TREE.root_at(head.size));
        }
    }
    true
}

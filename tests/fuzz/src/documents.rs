//! JSON documents: values, envelopes, leaves, statements, manifests, receipt bundles.

use std::sync::LazyLock;

use assay_evidence::{
    bundle::Bundle,
    digest::Digest,
    dsse::{Envelope, Signature, pae},
    json::{self, Value},
    keys::P256SigningKey,
    leaf::Leaf,
    manifest::{self, Chain},
    record::{
        Comparison, EnclaveEvidence, FormCommitment, FormReveal, FormState, Misbehaviour, Pairing,
        Predicate, Receipt, RunAbort, RunIntent, Snapshot, StationManifestRecord, Submission,
    },
    statement, verify,
};

use crate::golden::{BELIEF, BUNDLE, ENVELOPE, SIGNER, root};

/// What our reader takes, the reader of others takes too, and the canonical form says the same.
pub fn json(data: &[u8]) -> bool {
    let Ok(value) = json::parse(data) else {
        return false;
    };
    let theirs: Value = serde_json::from_slice(data).expect("others read it too");
    assert_eq!(theirs, value);
    let canonical = json::to_vec(&value);
    assert_eq!(json::parse(&canonical).as_ref(), Ok(&value));
    assert_eq!(json::to_vec(&value), canonical);
    true
}

/// An envelope says the same once written and read; one that the golden key signed is golden.
pub fn envelope(data: &[u8]) -> bool {
    let Ok(envelope) = Envelope::parse(data) else {
        return false;
    };
    assert_eq!(
        Envelope::parse(&envelope.to_bytes()).as_ref(),
        Ok(&envelope)
    );
    let golden = Envelope::parse(ENVELOPE).expect("the golden envelope");
    for signature in &envelope.signatures {
        if SIGNER.verify(&envelope.pae(), &signature.sig).is_ok() {
            assert_eq!(envelope.pae(), golden.pae(), "a forged envelope verifies");
        }
    }
    true
}

/// A leaf is spelt in one way.
pub fn leaf(data: &[u8]) -> bool {
    let Ok(leaf) = Leaf::parse(data) else {
        return false;
    };
    assert_eq!(leaf.to_bytes(), data);
    true
}

/// A statement that opens as a record says the same once it is signed anew.
pub fn statement(data: &[u8]) -> bool {
    let kind = statement::PAYLOAD_TYPE;
    let envelope = Envelope {
        payload: data.to_vec(),
        payload_type: kind.to_owned(),
        signatures: vec![],
    };
    let Ok(name) = statement::predicate_name(&envelope) else {
        return false;
    };
    let sig = KEY.sign(&pae(kind, data));
    let signatures = vec![Signature {
        keyid: String::new(),
        sig,
    }];
    let envelope = Envelope {
        signatures,
        ..envelope
    };
    reopen::<StationManifestRecord>(&name, &envelope)
        || reopen::<EnclaveEvidence>(&name, &envelope)
        || reopen::<FormCommitment>(&name, &envelope)
        || reopen::<Submission>(&name, &envelope)
        || reopen::<RunIntent>(&name, &envelope)
        || reopen::<Receipt>(&name, &envelope)
        || reopen::<RunAbort>(&name, &envelope)
        || reopen::<Snapshot>(&name, &envelope)
        || reopen::<FormReveal>(&name, &envelope)
        || reopen::<FormState>(&name, &envelope)
        || reopen::<Misbehaviour>(&name, &envelope)
        || reopen::<Comparison>(&name, &envelope)
        || reopen::<Pairing>(&name, &envelope)
}

/// Its private half is drawn anew each time; nothing depends on which one it is.
static KEY: LazyLock<P256SigningKey> = LazyLock::new(|| {
    P256SigningKey::from_pkcs8(&P256SigningKey::generate_pkcs8()).expect("a new key")
});

fn reopen<P: Predicate>(name: &str, envelope: &Envelope) -> bool {
    if name != P::NAME {
        return false;
    }
    let Ok(opened) = statement::open_record::<P>(envelope, &KEY.public()) else {
        return false;
    };
    let anew = statement::sign_record(&KEY, &opened.subjects, &opened.predicate);
    let again = statement::open_record::<P>(&anew, &KEY.public()).expect("its own record opens");
    assert_eq!(again.subjects, opened.subjects);
    let written = |predicate: &P| json::to_vec(predicate);
    assert_eq!(written(&again.predicate), written(&opened.predicate));
    true
}

/// Payloads, one per line, each signed by one root: a chain that opens reads back as the same chain.
pub fn manifest(data: &[u8]) -> bool {
    let root = root();
    let sign = |payload: &[u8]| {
        let kind = manifest::PAYLOAD_TYPE;
        Envelope {
            payload: payload.to_vec(),
            payload_type: kind.to_owned(),
            signatures: vec![Signature {
                keyid: root.public().key_id().to_string(),
                sig: root.sign(&pae(kind, payload)).to_vec(),
            }],
        }
    };
    let envelopes: Vec<Envelope> = data.split(|byte| *byte == b'\n').map(sign).collect();
    let pinned = Digest::of(&envelopes[0].payload);
    let Ok(chain) = Chain::open(&envelopes, &pinned) else {
        return false;
    };
    let text = chain.to_bytes();
    let again = Chain::parse(&text, &pinned).expect("its own chain opens");
    assert_eq!(again.newest(), chain.newest());
    assert_eq!(again.to_bytes(), text);
    assert_eq!(chain.newest().check(), Ok(()));
    true
}

/// A bundle is spelt in one way, and only the genuine one verifies.
pub fn bundle(data: &[u8]) -> bool {
    let parsed = Bundle::parse(data);
    if let Ok(bundle) = &parsed {
        assert_eq!(bundle.to_bytes(), data);
    }
    let is_believed = verify::bundle(data, &BELIEF).verified();
    assert_eq!(is_believed, data == BUNDLE, "a forged bundle verifies");
    parsed.is_ok()
}

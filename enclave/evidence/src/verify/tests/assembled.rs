//! The proofs of a bundle from a whole tree in memory, as no station holds it.

use crate::{
    base64,
    bundle::{Before, Bundle, MEDIA_TYPE, Member, Record, Records, Start},
    dsse::Envelope,
    tree::Tree,
};

/// The three heads of a bundle, by tree size.
#[derive(Clone, Copy)]
pub struct Sizes {
    pub before: u64,
    pub start: u64,
    pub checkpoint: u64,
}

/// Adds the proofs that a log's tree gives for five of its records.
pub fn assembled(
    tree: &Tree,
    sizes: Sizes,
    checkpoint: &str,
    records: Records<Member>,
    manifests: Vec<Envelope>,
) -> Bundle {
    let before = Before {
        commitment: tree.inclusion(records.commitment.index, sizes.before),
        consistency: tree.consistency(sizes.before, sizes.checkpoint),
        submission: tree.inclusion(records.submission.index, sizes.before),
    };
    let start = Start {
        consistency: tree.consistency(sizes.start, sizes.checkpoint),
        intent: tree.inclusion(records.intent.index, sizes.start),
    };
    let prove = |member: Member| Record {
        path: tree.inclusion(member.index, sizes.checkpoint),
        index: member.index,
        public_key: base64::encode(&member.key.spki_der()),
        dsse_envelope: member.envelope,
    };
    Bundle {
        before,
        checkpoint: checkpoint.to_owned(),
        manifests,
        media_type: MEDIA_TYPE.to_owned(),
        records: Records {
            commitment: prove(records.commitment),
            evidence: prove(records.evidence),
            intent: prove(records.intent),
            receipt: prove(records.receipt),
            submission: prove(records.submission),
        },
        start,
    }
}

//! How documents name records, heads and the files of the log.

use assay_api::{AsOf, RecordLink};
use assay_evidence::{
    digest::Digest,
    record::{Head, RecordRef},
};

use crate::store::Place;

/// A record of this station's log.
pub fn record(place: Place) -> RecordLink {
    RecordLink {
        index: place.index,
        leaf: place.leaf.to_string(),
        href: record_path(&place.leaf),
    }
}

/// A record that another record names.
pub fn reference(reference: &RecordRef) -> RecordLink {
    record(Place::from(reference))
}

/// The head that a document was made under.
pub fn as_of(head: &Head) -> AsOf {
    AsOf {
        origin: head.origin.clone(),
        size: head.size,
        root: head.root.to_string(),
    }
}

/// Where a record's envelope is served.
pub fn record_path(leaf: &Digest) -> String {
    let leaf = leaf.to_string();
    format!("/record/{}/{leaf}.json", &leaf[..2])
}

/// Where a public blob is served.
pub fn blob_path(digest: &Digest) -> String {
    let hex = digest.to_string();
    format!("/blob/{}/{hex}", &hex[..2])
}

/// Where the bundle of a receipt is served.
pub fn bundle_path(receipt: &Digest) -> String {
    format!("/bundle/{receipt}.json")
}

//! Rows for tests of whatever rests on the store.

use assay_evidence::digest::Digest;

use super::{FormClass, NewForm};

/// A sealed form of the benchmark `bench`, not logged yet.
pub(crate) fn form(name: &str) -> NewForm {
    NewForm {
        form: name.to_owned(),
        benchmark: "bench".to_owned(),
        version: "bench@1.0".to_owned(),
        edition: "2026-11-a".to_owned(),
        class: FormClass::Sealed,
        title: "Bench".to_owned(),
        summary: "What is measured.".to_owned(),
        locales: vec!["en".to_owned()],
        sections: vec![],
        seal: Digest::of(b"seal"),
        terms: Digest::of(b"terms"),
        root: Digest::of(format!("root of {name}").as_bytes()),
        leaves: 64,
        declared: "1970-01-01T00:16:40Z".to_owned(),
        envelope: "{}".to_owned(),
        commitment: None,
        retired: None,
        revealed: None,
    }
}

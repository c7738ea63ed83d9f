//! The log as a stranger reads it: checkpoint, entries, records, all from public files.

use assay_evidence::base64;
use assay_tests::{World, world::text};
use serde_json::Value;

use crate::api;

/// All records of the log, from its public files: record name and predicate.
pub fn records(world: &World) -> Vec<(String, Value)> {
    let checkpoint = api::get(world, "/checkpoint").body;
    let checkpoint = String::from_utf8(checkpoint).expect("a note is text");
    let size: usize = checkpoint
        .lines()
        .nth(1)
        .and_then(|line| line.parse().ok())
        .expect("the second line is the size");
    assert!(size < 256, "these stories fit one bundle of entries");
    let bundle = api::get(world, &format!("/tile/entries/000.p/{size}"));
    assert_eq!(bundle.status, 200);
    let mut rest = bundle.body.as_slice();
    let mut records = Vec::new();
    while let [high, low, tail @ ..] = rest {
        let (entry, tail) = tail.split_at(usize::from(u16::from_be_bytes([*high, *low])));
        rest = tail;
        let leaf = assay_evidence::leaf::hash(entry).to_string();
        let envelope = world.get(&format!("/record/{}/{leaf}.json", &leaf[..2]));
        let payload = envelope["payload"].as_str().expect("an envelope");
        let statement = base64::decode(payload).expect("base64");
        let statement: Value = serde_json::from_slice(&statement).expect("a statement");
        let kind = statement["predicateType"].as_str().expect("a type");
        let name = kind.rsplit('/').nth(1).expect("base, name, version");
        records.push((name.to_owned(), statement["predicate"].clone()));
    }
    assert_eq!(records.len(), size, "{}", text(&world.station()));
    records
}

//! Logs drafts one after the other and makes everything fit that nobody lies about.
//!
//! References follow records to their new places, heads are taken again at their new sizes, seeds
//! and boards are computed again. A draft's lies come last, right before it is signed.

use std::collections::BTreeMap;

use assay_benchmarks::{
    board::{self, BoardInput, BoardRecord},
    terms::Terms,
};
use assay_evidence::{
    base64,
    checkpoint::Checkpoint,
    digest::Digest,
    dsse::{Envelope, Signature, pae},
    json::{self, Value},
    leaf,
    record::{FormCommitment, Head, RecordRef},
    seed,
    statement::PAYLOAD_TYPE,
    tree::Tree,
};
use serde_json::json;

use super::{Draft, Forge};

/// What a forged log consists of.
pub struct Relogged {
    /// Its tree.
    pub tree: Tree,
    /// Leaf data and envelope of each record.
    pub entries: Vec<(Vec<u8>, Envelope)>,
    /// Blobs that its boards need.
    pub blobs: BTreeMap<Digest, Vec<u8>>,
    places: Places,
    inputs: Vec<BoardInput>,
}

/// Where the records of the honest log stand now.
struct Places {
    /// New place by old place.
    by_was: BTreeMap<u64, u64>,
    len: u64,
}

impl Places {
    fn of(drafts: &[Draft]) -> Self {
        let places = (0_u64..).zip(drafts);
        Self {
            by_was: places
                .filter_map(|(now, draft)| Some((draft.was?, now)))
                .collect(),
            len: drafts.len() as u64,
        }
    }

    /// A head ended before the record that came next; where that is now, it ends now.
    fn size(&self, was: u64) -> u64 {
        let next = self.by_was.range(was..).next();
        next.map_or(self.len, |(_, now)| *now)
    }
}

impl Relogged {
    /// Logs the drafts of a forge.
    pub fn of(forge: &Forge) -> Self {
        let mut log = Self {
            tree: Tree::new(),
            entries: Vec::new(),
            blobs: forge.blobs.clone(),
            places: Places::of(&forge.drafts),
            inputs: Vec::new(),
        };
        for draft in &forge.drafts {
            let (data, envelope) = log.signed(forge, draft);
            log.tree.push(leaf::hash(&data));
            log.entries.push((data, envelope));
            log.remember(draft);
        }
        log
    }

    fn signed(&mut self, forge: &Forge, draft: &Draft) -> (Vec<u8>, Envelope) {
        let mut statement = draft.statement.clone();
        self.fit(forge, &mut statement["predicate"]);
        match draft.kind() {
            "receipt" => refit_seed(&mut statement["predicate"]),
            "snapshot" => self.refit_board(draft, &mut statement),
            _ => {}
        }
        for lie in &draft.lies {
            lie(&mut statement["predicate"]);
        }
        if draft.kind() == "snapshot" {
            // Whoever lies about a board at least signs what he shows.
            let shown = statement["predicate"]["output"]["sha256"].clone();
            statement["subject"][0]["digest"]["sha256"] = shown;
        }
        let payload = json::to_vec(&statement);
        let key = forge.keys.of(draft.by);
        let sig = draft
            .signature
            .clone()
            .unwrap_or_else(|| key.sign(&pae(PAYLOAD_TYPE, &payload)));
        let envelope = Envelope {
            payload,
            payload_type: PAYLOAD_TYPE.to_owned(),
            signatures: vec![Signature {
                keyid: key.public().key_id().to_string(),
                sig,
            }],
        };
        let data = leaf::data(&envelope, &key.public()).expect("a forged record has a leaf");
        (data, envelope)
    }

    /// Moves every reference and head of this log to where it is now.
    fn fit(&self, forge: &Forge, value: &mut Value) {
        match value {
            Value::Array(values) => values.iter_mut().for_each(|value| self.fit(forge, value)),
            Value::Object(members) => {
                let is_ours = members.get("origin") == Some(&Value::from(forge.origin.as_str()));
                match (
                    is_ours,
                    members.contains_key("leaf"),
                    members.contains_key("root"),
                ) {
                    (true, true, _) => self.fit_reference(value),
                    (true, _, true) => self.fit_head(forge, value),
                    _ => members
                        .values_mut()
                        .for_each(|value| self.fit(forge, value)),
                }
            }
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
        }
    }

    /// What was dropped is named as before; of what comes later the leaf cannot be known yet.
    fn fit_reference(&self, value: &mut Value) {
        let was = value["index"].as_u64().expect("an index");
        let Some(now) = self.places.by_was.get(&was) else {
            return;
        };
        value["index"] = json!(now);
        if let Some(leaf) = self.tree.leaf(*now) {
            value["leaf"] = json!(leaf);
        }
    }

    fn fit_head(&self, forge: &Forge, value: &mut Value) {
        let was = value["size"].as_u64().expect("a size");
        let size = self.places.size(was).min(self.tree.size());
        let root = self.tree.root_at(size);
        value["size"] = json!(size);
        value["root"] = json!(root);
        if value.get("note").is_some() {
            let origin = forge.origin.clone();
            let note = Checkpoint { origin, size, root }.sign(&forge.keys.log);
            let note = note.expect("the origin is a name");
            value["note"] = json!(base64::encode(note.as_bytes()));
        }
    }

    /// The board over all that concerns its benchmark now, without what the draft leaves out.
    fn refit_board(&mut self, draft: &Draft, statement: &mut Value) {
        let predicate = &mut statement["predicate"];
        let size = predicate["heads"][0]["size"].as_u64().expect("a size");
        let version = predicate["parameters"]["benchmark"].clone();
        let version = version.as_str().expect("a benchmark");
        let name = version.split('@').next().expect("a name");
        let below: Vec<BoardInput> = self
            .inputs
            .iter()
            .filter(|input| input.reference.index < size)
            .cloned()
            .collect();
        let omitted: Vec<u64> = draft
            .omitted
            .iter()
            .map(|was| self.places.by_was[was])
            .collect();
        let mut chosen = board::selection(name, &below);
        chosen.retain(|input| !omitted.contains(&input.reference.index));
        let output = board::compute(version, chosen.iter().copied()).bytes();
        let count = chosen.len();
        let list = board::input_list(chosen);
        predicate["inputs"] = json!({ "count": count, "sha256": Digest::of(&list) });
        predicate["output"]["bytes"] = json!(output.len());
        predicate["output"]["sha256"] = json!(Digest::of(&output));
        for blob in [list, output] {
            self.blobs.insert(Digest::of(&blob), blob);
        }
    }

    /// Boards that come later are made of what was really logged, lies included.
    fn remember(&mut self, draft: &Draft) {
        let index = self.tree.size() - 1;
        let (_, envelope) = &self.entries[self.entries.len() - 1];
        let statement: Value = json::parse(&envelope.payload).expect("a statement is JSON");
        let Some(record) = self.record(draft.kind(), &statement["predicate"]) else {
            return;
        };
        let origin = statement["predicate"]["station"].as_str();
        self.inputs.push(BoardInput {
            reference: RecordRef {
                index,
                leaf: self.tree.leaf(index).expect("it was just logged"),
                origin: origin.expect("a station").to_owned(),
            },
            record,
        });
    }

    /// A record as boards take it; what does not read is on no board.
    fn record(&self, kind: &str, value: &Value) -> Option<BoardRecord> {
        match kind {
            "form-commitment" => {
                let record: Box<FormCommitment> = json::from_value(value).ok()?;
                let terms = self
                    .blobs
                    .get(&record.terms.sha256)
                    .expect("terms are public");
                let terms = Box::new(Terms::parse(terms).expect("the station's own terms"));
                Some(BoardRecord::Commitment { record, terms })
            }
            "submission" => json::from_value(value).ok().map(BoardRecord::Submission),
            "run-intent" => json::from_value(value).ok().map(BoardRecord::Intent),
            "receipt" => json::from_value(value).ok().map(BoardRecord::Receipt),
            "run-abort" => json::from_value(value).ok().map(BoardRecord::Abort),
            _ => None,
        }
    }
}

fn refit_seed(receipt: &mut Value) {
    let head: Head = json::from_value(&receipt["start"]).expect("a head");
    let intent: RecordRef = json::from_value(&receipt["intent"]).expect("a reference");
    receipt["seed"] = json!(seed::run_seed(&head.root, &intent.leaf));
}

//! A benchmark's board: a pure function of records, the same bytes for whoever computes it.
//!
//! The rules, in order:
//! 1. The form is the newest sealed one: the commitment of this benchmark with the highest index
//!    whose terms hash to the committed digest and say `sealed`. Practice forms never enter.
//! 2. A system is a submission and those that replaced it, as long as the team is the same: the principal
//!    of submissions that a recorder signed on behalf, the submitting key of all others.
//! 3. A row is the system's latest receipt on that form, by index. Only the first record that
//!    closes an intent counts, and only for an intent that is among the inputs.
//! 4. Open and aborted intents are counted on all sealed forms of the benchmark.
//! 5. Ranks are given for each locale and section among all rows, and for each locale's total.
//!
//! Records must come from one log. It verifies nothing: whoever calls it has verified the records.

mod rank;
mod records;
mod selection;

pub use rank::ranks;
pub use selection::selection;

use std::sync::LazyLock;

use assay_evidence::{
    digest::{Digest, Hasher},
    json,
    record::{
        Counts, EvidenceType, FormCommitment, Lane, Program, Receipt, RecordRef, RunAbort,
        RunIntent, Score, Submission, Usage,
    },
};
use serde::{Deserialize, Serialize};

use records::Records;

use crate::{locale::Locale, terms::Terms};

/// The program that computes boards: its digest covers name and bytes of each source file.
pub static PROGRAM: LazyLock<Program> = LazyLock::new(|| {
    let sources: [(&str, &[u8]); 3] = [
        ("board.rs", include_bytes!("board.rs")),
        ("board/rank.rs", include_bytes!("board/rank.rs")),
        ("board/records.rs", include_bytes!("board/records.rs")),
    ];
    let hasher = sources
        .iter()
        .fold(Hasher::new(), |hasher, (name, source)| {
            hasher.update(format!("{}  {name}\n", Digest::of(source)).as_bytes())
        });
    Program {
        name: "assay-board".to_owned(),
        sha256: hasher.finish(),
        version: "1.1.0".to_owned(),
    }
});

/// What a station declares of a submission that it signs on behalf of a team: the team's public id there.
pub const PRINCIPAL: &str = "principal";

/// Media type of a board's bytes.
pub const MEDIA_TYPE: &str = "application/vnd.assay.board+json";

/// A record that goes into a board.
#[derive(Clone, Debug)]
pub struct BoardInput {
    /// Its place in the log.
    pub reference: RecordRef,
    /// What it states.
    pub record: BoardRecord,
}

/// The records that boards are made of.
#[derive(Clone, Debug)]
pub enum BoardRecord {
    /// A form, with the blob of its terms.
    Commitment {
        /// The record.
        record: Box<FormCommitment>,
        /// Its terms; without the right digest the form counts as practice.
        terms: Box<Terms>,
    },
    /// A submission.
    Submission(Box<Submission>),
    /// An announced run.
    Intent(Box<RunIntent>),
    /// A run that ended with a result.
    Receipt(Box<Receipt>),
    /// A run that ended without one.
    Abort(Box<RunAbort>),
}

/// A board.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Board {
    /// `name@major.minor`.
    pub benchmark: String,
    /// The newest sealed form; without one there are no rows.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub form: Option<BoardForm>,
    /// Systems, best first in the form's first locale; equals by name, then by age.
    pub rows: Vec<Row>,
    /// Runs of the benchmark.
    pub runs: Runs,
}

/// The form that a board shows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BoardForm {
    /// Its commitment.
    pub commitment: RecordRef,
    /// Declared time of the commitment.
    pub declared: String,
    /// Edition.
    pub edition: String,
    /// Families.
    pub families: u64,
    /// Form id.
    pub form: String,
    /// Items.
    pub items: u64,
    /// Locales, in order.
    pub locales: Vec<Locale>,
    /// Section ids, in order.
    pub sections: Vec<String>,
}

/// One system.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Row {
    /// Digest of the adapter.
    pub adapter: Digest,
    /// Active layers of the run.
    pub confinement: String,
    /// Item outcomes by class.
    pub counts: Counts,
    /// Declared time of the receipt.
    pub declared: String,
    /// Type of hardware evidence.
    pub evidence_type: EvidenceType,
    /// Lane of the run.
    pub lane: Lane,
    /// Display name of the submission.
    pub name: String,
    /// Ranks, sorted by locale and section, totals first.
    pub ranks: Vec<Rank>,
    /// The receipt.
    pub receipt: RecordRef,
    /// Runs of the system on this benchmark.
    pub runs: Runs,
    /// Estimates as the receipt states them.
    pub scores: Vec<Score>,
    /// The station that ran it.
    pub station: String,
    /// The submission that was run.
    pub submission: RecordRef,
    /// The first submission of the system, its identity.
    pub system: RecordRef,
    /// What the run used.
    pub usage: Usage,
}

/// The rank of a row in one locale, over all sections or in one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rank {
    /// Locale tag.
    pub locale: String,
    /// `1`, or `=2` when others share it.
    pub rank: String,
    /// Section id; absent in the locale's total.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub section: Option<String>,
}

/// Announced runs by how they ended.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Runs {
    /// Ended without a result.
    pub aborted: u64,
    /// Ended with a receipt.
    pub closed: u64,
    /// Not ended.
    pub open: u64,
}

impl Board {
    /// The canonical bytes.
    pub fn bytes(&self) -> Vec<u8> {
        json::to_vec(self)
    }
}

/// The board of `benchmark` (`name@major.minor`) over these records, in any order.
pub fn compute<'a>(benchmark: &str, inputs: impl IntoIterator<Item = &'a BoardInput>) -> Board {
    let records = Records::of(benchmark, inputs);
    let Some((commitment, newest)) = records.forms.last_key_value() else {
        let runs = Runs::default();
        return Board {
            benchmark: benchmark.to_owned(),
            form: None,
            rows: Vec::new(),
            runs,
        };
    };
    let (record, terms) = *newest;
    let mut rows = records.rows(commitment);
    rank::fill(&mut rows);
    rank::sort(
        &mut rows,
        terms.locales.first().map_or("", |locale| locale.as_str()),
    );
    let form = BoardForm {
        commitment: (*commitment).clone(),
        declared: record.declared.clone(),
        edition: record.edition.clone(),
        families: terms.families,
        form: record.form.clone(),
        items: terms.items,
        locales: terms.locales.clone(),
        sections: terms
            .sections
            .iter()
            .map(|section| section.id.clone())
            .collect(),
    };
    let runs = records.runs(|_| true);
    Board {
        benchmark: benchmark.to_owned(),
        form: Some(form),
        rows,
        runs,
    }
}

/// The list of inputs that a snapshot names: JCS, sorted by origin and index, each once.
pub fn input_list<'a>(inputs: impl IntoIterator<Item = &'a BoardInput>) -> Vec<u8> {
    let references = inputs.into_iter().map(|input| &input.reference);
    let mut list: Vec<&RecordRef> = references.collect();
    list.sort_by_key(|reference| (&reference.origin, reference.index, reference.leaf));
    list.dedup();
    json::to_vec(&list)
}

#[cfg(test)]
mod tests;

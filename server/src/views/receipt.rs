//! A receipt as a document: what was run, on what, within which limits, and how to check it.
//!
//! Everything shown is in the signed receipt or in the records that it names. The page never says
//! "verified"; only the command that it prints can.

use assay_api::{AsOf, Check, FormSummary, ReceiptPage, RecordLink, ScoreRow};
use assay_evidence::{
    confinement::{self, Confinement},
    record::{Lane, Limits, Receipt, Runtime, Usage},
};

use super::{estimate::estimate, link};
use crate::store::{FormRow, Place, RunRow};

/// Builds the page of a receipt.
pub fn page(
    as_of: AsOf,
    receipt: &Receipt,
    at: Place,
    run: &RunRow,
    form: &FormRow,
    about_form: FormSummary,
) -> ReceiptPage {
    ReceiptPage {
        as_of,
        receipt: link::record(at),
        run: run.id.to_string(),
        system: run.system.clone(),
        name: run.name.clone(),
        benchmark: form.benchmark.clone(),
        benchmark_title: form.title.clone(),
        form: form.form.clone(),
        edition: form.edition.clone(),
        about_form,
        station: receipt.station.clone(),
        adapter_sha256: receipt.adapter.sha256.to_string(),
        declared: receipt.declared.clone(),
        evidence_type: receipt.evidence_type.word().to_owned(),
        evidence_sentence: receipt.evidence_type.sentence().to_owned(),
        confinement: receipt.confinement.clone(),
        layers: layers(&receipt.confinement),
        limits: limits(&receipt.limits),
        usage: usage(&receipt.usage),
        runtime: runtime(&receipt.runtime),
        answered: receipt.counts.answered,
        failed: receipt.counts.failed,
        items: receipt.counts.items,
        scores: scores(receipt),
        outcomes_root: receipt.outcomes.root.to_string(),
        records: records(receipt),
        bundle: link::bundle_path(&at.leaf),
        policy: "/policy".to_owned(),
        verify_command: format!("assay verify --policy policy {}.json", at.leaf),
        checks: checks(),
    }
}

/// Word of a lane.
pub const fn lane(lane: Lane) -> &'static str {
    match lane {
        Lane::Sealed => "sealed",
    }
}

/// Roles that ran, each with its active layers in words.
fn layers(maps: &str) -> Vec<(String, Vec<String>)> {
    let Ok(maps) = maps.parse::<Confinement>() else {
        return Vec::new();
    };
    [
        ("Keeper", maps.keeper),
        ("Compiler", maps.compiler),
        ("Runner", maps.runner),
        ("Courier", maps.courier),
    ]
    .into_iter()
    .filter(|(_, map)| *map != 0)
    .map(|(role, map)| {
        let layers = confinement::layers(map).map(|layer| layer.says.to_owned());
        (role.to_owned(), layers.collect())
    })
    .collect()
}

fn limits(limits: &Limits) -> Vec<(String, String)> {
    labelled([
        ("Fuel per item", limits.fuel_per_item.clone()),
        ("Memory", format!("{} bytes", limits.memory_bytes)),
        ("Longest answer", format!("{} bytes", limits.output_bytes)),
        ("Time per item", format!("{} ms", limits.wall_ms_per_item)),
    ])
}

fn usage(usage: &Usage) -> Vec<(String, String)> {
    labelled([
        ("Fuel", usage.fuel.clone()),
        ("Time of the run", format!("{} ms", usage.wall_ms)),
    ])
}

fn runtime(runtime: &Runtime) -> Vec<(String, String)> {
    labelled([
        ("Engine", format!("{} {}", runtime.name, runtime.version)),
        ("Target", runtime.target.clone()),
        ("Lane", lane(runtime.lane).to_owned()),
        ("Configuration, SHA-256", runtime.config_sha256.to_string()),
    ])
}

fn labelled<const N: usize>(pairs: [(&str, String); N]) -> Vec<(String, String)> {
    pairs
        .into_iter()
        .map(|(label, value)| (label.to_owned(), value))
        .collect()
}

fn scores(receipt: &Receipt) -> Vec<ScoreRow> {
    receipt
        .scores
        .iter()
        .map(|score| ScoreRow {
            locale: score.locale.clone(),
            section: score.section.clone(),
            estimate: estimate(score),
        })
        .collect()
}

fn records(receipt: &Receipt) -> Vec<(String, RecordLink)> {
    [
        ("Form commitment", &receipt.commitment),
        ("Submission", &receipt.submission),
        ("Enclave evidence", &receipt.evidence),
        ("Run intent", &receipt.intent),
    ]
    .into_iter()
    .map(|(name, reference)| (name.to_owned(), link::reference(reference)))
    .collect()
}

/// The steps of `assay verify`, in its order.
const CHECKS: [(&str, &str); 15] = [
    (
        "bundle",
        "the file is a receipt bundle in its one canonical form",
    ),
    (
        "policy",
        "the policy pins log and manifest of the bundle's station",
    ),
    ("checkpoint", "the checkpoint is signed by the log"),
    (
        "quorum",
        "other stations vouch for the checkpoint; not checked while the policy asks for none",
    ),
    (
        "manifest",
        "the manifests lead from the pinned one to the newest, each signed by its roots",
    ),
    (
        "later-manifests",
        "no later manifest closes the range of a key before these records; not checked offline",
    ),
    (
        "evidence",
        "the enclave's evidence record stands in the log, signed by the enclave",
    ),
    (
        "commitment",
        "the form's commitment stands in the log, signed by a key that may",
    ),
    ("submission", "the submission stands in the log"),
    (
        "intent",
        "the run was announced in the log before it began, signed by the enclave",
    ),
    (
        "receipt",
        "the receipt stands in the log, signed by the enclave",
    ),
    (
        "order",
        "commitment and submission precede the intent, and the intent the receipt",
    ),
    (
        "heads",
        "the heads named by the receipt belong to the history of this checkpoint",
    ),
    (
        "bindings",
        "receipt, intent, submission, commitment and evidence name the same run",
    ),
    (
        "scores",
        "counts add up and every estimate lies in its interval",
    ),
];

fn checks() -> Vec<Check> {
    let never = (
        "single-close",
        "no earlier record closes the intent; only the whole log can show that",
    );
    CHECKS
        .into_iter()
        .chain([never])
        .map(|(name, says)| Check {
            name: name.to_owned(),
            says: says.to_owned(),
        })
        .collect()
}

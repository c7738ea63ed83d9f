//! One lie at a time in a log that fits in everything else: each is found by its name.

use assay_evidence::{
    digest::Digest,
    dsse::Envelope,
    json,
    manifest::{self, Manifest, ManifestKey, Role, Until},
    record::{FormState, FormStateName, FormStateReason, RecordRef, StationManifestRecord},
};
use assay_tests::forge::{By, Draft, Forge};
use serde_json::{Value, json};

use super::{NOT_AGAIN, Scene};

const TIME: &str = "2026-11-21T12:00:00Z";
const LONG_AGO: &str = "2020-01-01T00:00:00Z";

type Plant = fn(&mut Forge);

/// What the operator does, by the name under which it must be found.
const LIES: [(&str, Plant); 27] = [
    ("back-dated-commitment", commit_after_the_runs),
    ("order", submit_after_the_run),
    ("uncommitted-form", drop_a_commitment),
    ("wrong-role", sign_a_receipt_with_the_recorder),
    ("retired-key", sign_a_board_with_a_closed_key),
    ("retired-key", sign_a_receipt_with_a_closed_key),
    ("bad-signature", sign_something_else),
    ("manifest", change_the_manifest),
    ("manifest", run_before_the_manifest),
    ("foreign-record", log_a_record_of_another_log),
    ("duplicate-record", log_a_submission_twice),
    ("bad-schema", add_a_field),
    ("double-close", close_a_run_twice),
    ("reused-nonce", announce_under_an_old_nonce),
    ("replayed-receipt", pass_off_another_receipt),
    ("run-after-reveal", run_on_a_retired_form),
    ("wrong-head", name_a_head_that_never_was),
    ("wrong-seed", pick_the_seed),
    ("disagreement", raise_a_limit),
    ("impossible-score", invent_an_answer),
    ("cherry-picked", leave_out_a_receipt),
    ("cherry-picked", leave_out_a_run),
    ("lost-run", leave_out_a_run_that_never_ended),
    ("wrong-board", better_a_name),
    ("wrong-board", better_a_name_by_another_program),
    ("stale-board", freeze_a_board),
    ("stale-board", publish_no_board),
];

#[test]
fn each_lie_of_the_operator_is_found_by_its_name() {
    let scene = Scene::new();
    for (number, (fraud, plant)) in LIES.into_iter().enumerate() {
        let mut forge = scene.forge();
        plant(&mut forge);
        let copy = scene.publish(&forge, &number.to_string());
        scene.must_find(fraud, &copy.folder, NOT_AGAIN);
    }
}

#[test]
fn a_copy_without_a_lie_passes() {
    let scene = Scene::new();
    let copy = scene.publish(&scene.forge(), "honest");
    let said = scene
        .audit(copy.folder.to_str().expect("UTF-8"), &["--json"])
        .expect_code(0)
        .json();
    assert_eq!(said["passed"], true);
    assert_eq!(said["records"]["receipt"], 24);
}

/// Moves a draft so that it stands behind another.
fn move_behind(forge: &mut Forge, from: usize, to: usize) {
    let draft = forge.drafts.remove(from);
    forge.drafts.insert(to, draft);
}

fn commit_after_the_runs(forge: &mut Forge) {
    let (commitment, board) = (forge.nth("form-commitment", 0), forge.nth("snapshot", 0));
    move_behind(forge, commitment, board - 1);
}

fn submit_after_the_run(forge: &mut Forge) {
    let intent = forge.nth("run-intent", 0);
    let submission = &forge.drafts[intent].statement["predicate"]["submission"]["index"];
    let submission = submission.as_u64().expect("an index") as usize;
    move_behind(forge, submission, intent);
}

fn drop_a_commitment(forge: &mut Forge) {
    let commitment = forge.last("form-commitment");
    forge.drafts.remove(commitment);
}

fn sign_a_receipt_with_the_recorder(forge: &mut Forge) {
    let receipt = forge.nth("receipt", 3);
    forge.drafts[receipt].by = By::Recorder;
}

fn sign_a_board_with_a_closed_key(forge: &mut Forge) {
    close_key(forge, Role::Recorder, By::Recorder, "snapshot");
}

fn sign_a_receipt_with_a_closed_key(forge: &mut Forge) {
    close_key(forge, Role::EnclaveSign, By::Enclave, "receipt");
}

/// A manifest right before the last record of a kind gives its role to another key; the record keeps its signer.
fn close_key(forge: &mut Forge, role: Role, by: By, kind: &str) {
    let place = forge.last(kind);
    let mut next = manifest_of(forge).successor();
    let at = place as u64 + 1;
    let stranger = ManifestKey::P256(forge.keys.of(By::Stranger).public());
    next.add_key(role, stranger, at);
    let closed = forge.keys.of(by).public().key_id();
    next.close_range(&closed, &Until::At(at));
    let record = StationManifestRecord {
        declared: TIME.to_owned(),
        manifest: manifest::sign(&[&forge.keys.root], &next),
        station: forge.origin.clone(),
        version: 2,
    };
    let about = Digest::of(&record.manifest.payload);
    let draft = Draft::record(&forge.keys, By::Recorder, about, &record);
    forge.drafts.insert(place, draft);
}

fn sign_something_else(forge: &mut Forge) {
    let board = forge.nth("snapshot", 0);
    let other = forge.keys.of(By::Recorder).sign(b"something else");
    forge.drafts[board].signature = Some(other);
}

fn change_the_manifest(forge: &mut Forge) {
    let mut manifest = manifest_of(forge);
    manifest.jurisdiction.push('X');
    let changed = manifest::sign(&[&forge.keys.root], &manifest);
    forge.lie(0, move |record| record["manifest"] = json!(changed));
}

/// Whoever signed the first runs, the manifest that comes behind them names others.
fn run_before_the_manifest(forge: &mut Forge) {
    let intent = forge.nth("run-intent", 0);
    let receipt = forge.closing(intent);
    for place in [intent, receipt] {
        forge.drafts[place].by = By::Stranger;
    }
    move_behind(forge, 0, receipt);
}

fn manifest_of(forge: &Forge) -> Manifest {
    let inner = forge.drafts[0].statement["predicate"]["manifest"].clone();
    let inner: Envelope = json::from_value(&inner).expect("an envelope");
    json::from_slice(&inner.payload).expect("a manifest")
}

fn log_a_record_of_another_log(forge: &mut Forge) {
    let board = forge.nth("snapshot", 0);
    forge.lie(board, |board| {
        board["station"] = json!("log.other.example.org");
    });
}

fn log_a_submission_twice(forge: &mut Forge) {
    let submission = forge.nth("submission", 2);
    forge.repeat(submission);
}

fn add_a_field(forge: &mut Forge) {
    let board = forge.nth("snapshot", 0);
    forge.lie(board, |board| board["comment"] = json!("the best board"));
}

fn close_a_run_twice(forge: &mut Forge) {
    let receipt = forge.nth("receipt", 4);
    let again = forge.repeat(receipt);
    forge.lie(again, |receipt| receipt["declared"] = json!(TIME));
}

fn announce_under_an_old_nonce(forge: &mut Forge) {
    let nonce = field(forge, "run-intent", 0, "nonce");
    let intent = forge.nth("run-intent", 5);
    for place in [intent, forge.closing(intent)] {
        let nonce = nonce.clone();
        forge.lie(place, move |record| record["nonce"] = nonce.clone());
    }
}

fn pass_off_another_receipt(forge: &mut Forge) {
    let nonce = field(forge, "receipt", 0, "nonce");
    let receipt = forge.nth("receipt", 6);
    forge.lie(receipt, move |receipt| receipt["nonce"] = nonce.clone());
}

fn run_on_a_retired_form(forge: &mut Forge) {
    let intent = forge.last("run-intent");
    let commitment = &forge.drafts[intent].statement["predicate"]["commitment"];
    let commitment: RecordRef = json::from_value(commitment).expect("a reference");
    let state = FormState {
        by: forge.keys.of(By::Recorder).public().key_id(),
        commitment,
        declared: TIME.to_owned(),
        reason: FormStateReason::LeakSuspected,
        state: FormStateName::Retired,
        station: forge.origin.clone(),
    };
    let about = Digest::of(b"the sealed form");
    let draft = Draft::record(&forge.keys, By::Recorder, about, &state);
    forge.drafts.insert(intent, draft);
}

fn name_a_head_that_never_was(forge: &mut Forge) {
    let receipt = forge.nth("receipt", 1);
    forge.lie(receipt, |receipt| {
        receipt["start"]["root"] = json!(Digest([7; 32]));
    });
}

fn pick_the_seed(forge: &mut Forge) {
    let receipt = forge.nth("receipt", 1);
    forge.lie(receipt, |receipt| receipt["seed"] = json!(Digest([7; 32])));
}

fn raise_a_limit(forge: &mut Forge) {
    let receipt = forge.nth("receipt", 1);
    forge.lie(receipt, |receipt| {
        receipt["limits"]["memoryBytes"] = json!(1_u64 << 40);
    });
}

fn invent_an_answer(forge: &mut Forge) {
    let receipt = forge.nth("receipt", 1);
    forge.lie(receipt, |receipt| {
        let failed = receipt["counts"]["failed"].as_u64().expect("a count");
        receipt["counts"]["failed"] = json!(failed + 1);
    });
}

fn leave_out_a_receipt(forge: &mut Forge) {
    let (receipt, board) = a_run_of_a_board(forge);
    let receipt = forge.closing(receipt) as u64;
    forge.drafts[board].omitted = vec![receipt];
}

fn leave_out_a_run(forge: &mut Forge) {
    let (intent, board) = a_run_of_a_board(forge);
    forge.drafts[board].omitted = vec![intent as u64, forge.closing(intent) as u64];
}

fn leave_out_a_run_that_never_ended(forge: &mut Forge) {
    let (intent, board) = a_run_of_a_board(forge);
    forge.drafts[board].omitted = vec![intent as u64];
    let closing = forge.closing(intent);
    forge.drafts.remove(closing);
}

/// The board says another name than the records do.
fn better_a_name(forge: &mut Forge) {
    let board = forge.nth("snapshot", 1);
    better_a_name_on(forge, board);
}

fn better_a_name_on(forge: &mut Forge, board: usize) {
    let stated = &forge.drafts[board].statement["predicate"]["output"]["sha256"];
    let digest: Digest = json::from_value(stated).expect("a digest");
    let honest = String::from_utf8(forge.blobs[&digest].clone()).expect("JSON");
    let better = honest.replace("Table expert", "Stable expert").into_bytes();
    assert_ne!(better, honest.as_bytes());
    let (length, digest) = (better.len(), Digest::of(&better));
    forge.blobs.insert(digest, better);
    forge.lie(board, move |board| {
        board["output"]["bytes"] = json!(length);
        board["output"]["sha256"] = json!(digest);
    });
}

/// A program that nobody has is no way out.
fn better_a_name_by_another_program(forge: &mut Forge) {
    let (_, board) = a_run_of_a_board(forge);
    better_a_name_on(forge, board);
    forge.lie(board, |board| board["program"]["version"] = json!("9.9.9"));
}

/// The board of before the last run stays, or one that names the head of before it.
fn freeze_a_board(forge: &mut Forge) {
    let (intent, board) = a_run_of_a_board(forge);
    let receipt = forge.closing(intent);
    forge.lie(receipt, |receipt| receipt["declared"] = json!(LONG_AGO));
    move_behind(forge, board, intent);
}

fn publish_no_board(forge: &mut Forge) {
    let (intent, board) = a_run_of_a_board(forge);
    let receipt = forge.closing(intent);
    forge.lie(receipt, |receipt| receipt["declared"] = json!(LONG_AGO));
    let benchmark = forge.drafts[board].statement["predicate"]["parameters"].clone();
    let is_its = |draft: &Draft| draft.statement["predicate"]["parameters"] == benchmark;
    forge
        .drafts
        .retain(|draft| draft.kind() != "snapshot" || !is_its(draft));
}

/// A run with a result, and the last board of its benchmark, by their places in the honest log.
fn a_run_of_a_board(forge: &Forge) -> (usize, usize) {
    let board = forge.last("snapshot");
    let benchmark = &forge.drafts[board].statement["predicate"]["parameters"]["benchmark"];
    let is_its = |intent: &usize| {
        let commitment = &forge.drafts[*intent].statement["predicate"]["commitment"]["index"];
        let commitment = commitment.as_u64().expect("an index") as usize;
        forge.drafts[commitment].statement["predicate"]["benchmark"] == *benchmark
    };
    let intent = forge.places("run-intent").filter(is_its).last();
    (intent.expect("the benchmark has runs"), board)
}

fn field(forge: &Forge, kind: &str, nth: usize, name: &str) -> Value {
    forge.drafts[forge.nth(kind, nth)].statement["predicate"][name].clone()
}

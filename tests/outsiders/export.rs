//! `assay export` itself: what it writes, what it says, and what it refuses to write.

use std::{fs, process::Command};

use assay_evidence::{
    checkpoint::Checkpoint,
    leaf,
    proof::{LogProof, RecordExtra},
};
use assay_tests::{programs::root, world::text};
use serde_json::Value;

use crate::station::{self, Station};

const FORMS: [&str; 8] = [
    "--sigstore",
    "--trusted-root",
    "--tlog-proof",
    "--envelope",
    "--statement",
    "--pae",
    "--signature",
    "--public-key",
];

#[test]
fn every_form_is_written_with_commands_that_check_it() {
    let station = Station::new();
    let files = FORMS.map(|form| station.world.path(&form[2..]));
    let forms: Vec<_> = FORMS
        .into_iter()
        .zip(files.iter().map(AsRef::as_ref))
        .collect();
    let said = station
        .export(&station.bundle(), "receipt", &forms)
        .expect_code(0)
        .json();
    let written = said["written"].as_array().expect("a list");
    let names: Vec<_> = written
        .iter()
        .filter_map(|one| one["form"].as_str())
        .collect();
    assert_eq!(names, FORMS.map(|form| &form[2..]));
    for (one, file) in written.iter().zip(&files) {
        assert_eq!(one["file"], text(file));
        assert_eq!(one["bytes"], fs::read(file).expect("it was written").len());
    }
    let checks = said["checks"].as_array().expect("a list");
    assert_eq!(checks.len(), 5);
    for check in checks.iter().filter_map(Value::as_str) {
        let mut words = check.split(' ');
        let mut command = match words.next().expect("a program") {
            "assay" => station.world.programs.command("assay"),
            other => Command::new(other),
        };
        let ran = command
            .args(words)
            .current_dir(root())
            .output()
            .unwrap_or_else(|error| panic!("{check}: {error}"));
        assert!(ran.status.success(), "{check}: {ran:?}");
    }
    a_proof_is_the_same_exported_and_served(&station);
}

fn a_proof_is_the_same_exported_and_served(station: &Station) {
    let exported = fs::read_to_string(station.exported("receipt", "--tlog-proof")).unwrap();
    let served = station
        .world
        .get_text(&format!("/proof/{}.tlog-proof", station.receipt));
    for text in [exported, served] {
        let proof = LogProof::parse(&text).unwrap();
        let extra: RecordExtra = assay_evidence::json::from_slice(&proof.extra.unwrap()).unwrap();
        let spki = assay_evidence::base64::decode(&extra.public_key).unwrap();
        let key = assay_evidence::keys::P256PublicKey::from_spki_der(&spki).unwrap();
        let leaf = leaf::hash(&leaf::data(&extra.dsse_envelope, &key).unwrap());
        assert_eq!(leaf.to_string(), station.receipt);
        let head = Checkpoint::peek(&proof.checkpoint).unwrap();
        let included = assay_evidence::tree::verify_inclusion(
            proof.index,
            head.size,
            &leaf,
            &head.root,
            &proof.path,
        );
        assert_eq!(included, Ok(()));
    }
    let missing = format!(
        "{}/proof/{}.tlog-proof",
        station.world.address(),
        "0".repeat(64)
    );
    let refused = ureq::get(&missing).call();
    assert!(
        matches!(refused, Err(ureq::Error::StatusCode(404))),
        "{refused:?}"
    );
}

#[test]
fn nothing_is_exported_of_a_bundle_that_does_not_verify() {
    let station = Station::new();
    let mut bundle = station::json(&station.bundle());
    bundle["records"]["receipt"]["index"] = 0.into();
    let broken = station.write("broken.json", bundle.to_string());
    let file = station.world.path("never");
    let refused = station
        .export(&broken, "receipt", &[("--pae", &file)])
        .expect_code(1);
    assert!(
        refused.err.contains("broken.json does not verify"),
        "{}",
        refused.err
    );
    assert!(!file.exists());
    station
        .export(&station.bundle(), "receipt", &[])
        .expect_code(2);
}

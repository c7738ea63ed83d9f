//! Files that are changed, withheld or of another history: what a mirror or a web server can do, too.

use std::fs;

use assay_evidence::{
    checkpoint::Checkpoint,
    digest::Digest,
    keys::Ed25519SigningKey,
    record::{FormState, FormStateName, FormStateReason, RecordRef},
    tile,
};
use assay_tests::{
    forge::{By, Draft, Forge, Published},
    world::text,
};

use super::{NOT_AGAIN, Scene};

type Damage = fn(&Forge, &Published);

/// What is done to the files of an honest copy, by the name under which it must be found.
const DAMAGES: [(&str, Damage); 8] = [
    ("bad-tile", change_a_tile),
    ("bad-entry", change_a_length),
    ("withheld-record", withhold_an_envelope),
    ("withheld-record", serve_another_envelope),
    ("bad-blob", change_a_blob),
    ("withheld-blob", withhold_a_blob),
    ("bad-checkpoint", sign_with_another_key),
    ("wrong-root", sign_another_root),
];

#[test]
fn each_damage_to_the_files_is_found_by_its_name() {
    let scene = Scene::new();
    let forge = scene.forge();
    for (number, (fraud, damage)) in DAMAGES.into_iter().enumerate() {
        let copy = scene.publish(&forge, &number.to_string());
        damage(&forge, &copy);
        scene.must_find(fraud, &copy.folder, NOT_AGAIN);
    }
}

#[test]
fn a_log_that_is_cut_back_forked_or_split_is_found_by_what_was_seen() {
    let scene = Scene::new();
    let seen = scene.world.path("seen");
    fs::write(&seen, scene.world.file("/checkpoint")).expect("a file");
    let seen = text(&seen);
    let address = scene.world.address().to_owned();
    scene.audit(&address, &["--seen", &seen]).expect_code(0);

    // Every record is signed anew, so already the same records are another history.
    let mut forge = scene.forge();
    let split = scene.publish(&forge, "split");
    scene.must_find("split-view", &split.folder, &["--seen", &seen]);
    let last = retirement(&forge);
    forge.drafts.push(last);
    let fork = scene.publish(&forge, "fork");
    scene.must_find("fork", &fork.folder, &["--seen", &seen]);
    forge.drafts.truncate(20);
    let rollback = scene.publish(&forge, "rollback");
    scene.must_find("rollback", &rollback.folder, &["--seen", &seen]);
}

/// A record that any station may log.
fn retirement(forge: &Forge) -> Draft {
    let commitment = forge.nth("form-commitment", 0);
    let state = FormState {
        by: forge.keys.of(By::Recorder).public().key_id(),
        commitment: RecordRef {
            index: commitment as u64,
            leaf: Digest([0; 32]),
            origin: forge.origin.clone(),
        },
        declared: "2026-11-21T12:00:00Z".to_owned(),
        reason: FormStateReason::Rotation,
        state: FormStateName::Retired,
        station: forge.origin.clone(),
    };
    let about = Digest::of(b"the sealed form");
    Draft::record(&forge.keys, By::Recorder, about, &state)
}

fn entries(copy: &Published) -> String {
    tile::entries_path(0, copy.leaves.len() as u16)
}

fn change_a_tile(_: &Forge, copy: &Published) {
    let path = tile::path(0, 0, copy.leaves.len() as u16);
    let mut bytes = copy.read(&path);
    bytes[100] ^= 1;
    copy.put(&path, &bytes);
}

fn change_a_length(_: &Forge, copy: &Published) {
    let mut bytes = copy.read(&entries(copy));
    bytes[1] ^= 1;
    copy.put(&entries(copy), &bytes);
}

fn withhold_an_envelope(_: &Forge, copy: &Published) {
    copy.remove(&tile::record_path(copy.leaves.last().expect("a record")));
}

fn serve_another_envelope(_: &Forge, copy: &Published) {
    let [.., other, last] = copy.leaves.as_slice() else {
        panic!("the log has two records");
    };
    copy.put(
        &tile::record_path(last),
        &copy.read(&tile::record_path(other)),
    );
}

/// Path of the newest board's bytes.
fn board(forge: &Forge, copy: &Published) -> String {
    let place = forge.places("snapshot").last().expect("a board");
    let envelope = copy.read(&tile::record_path(&copy.leaves[place]));
    let envelope = assay_evidence::dsse::Envelope::parse(&envelope).expect("an envelope");
    let statement = assay_evidence::json::parse(&envelope.payload).expect("a statement");
    let digest = &statement["predicate"]["output"]["sha256"];
    let hex = digest.as_str().expect("a digest");
    format!("blob/{}/{hex}", &hex[..2])
}

fn change_a_blob(forge: &Forge, copy: &Published) {
    let path = board(forge, copy);
    let bytes = [copy.read(&path).as_slice(), b" "].concat();
    copy.put(&path, &bytes);
}

fn withhold_a_blob(forge: &Forge, copy: &Published) {
    copy.remove(&board(forge, copy));
}

fn head(forge: &Forge, copy: &Published) -> Checkpoint {
    Checkpoint {
        origin: forge.origin.clone(),
        size: copy.leaves.len() as u64,
        root: assay_evidence::tree::root(&copy.leaves),
    }
}

fn sign_with_another_key(forge: &Forge, copy: &Published) {
    let other = Ed25519SigningKey::from_seed([7; 32]);
    let note = head(forge, copy)
        .sign(&other)
        .expect("the origin is a name");
    copy.put("checkpoint", note.as_bytes());
}

fn sign_another_root(forge: &Forge, copy: &Published) {
    let mut lie = head(forge, copy);
    lie.root = Digest::of(b"another history");
    copy.put("checkpoint", forge.note(&lie).as_bytes());
}

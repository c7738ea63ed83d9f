//! What a power cut leaves of a key file stops no start and is finished by the same command.

use super::*;
use crate::station::testing::World;

#[tokio::test]
async fn an_empty_key_file_is_passed_over_and_filled_by_the_next_rotation() {
    let world = World::new().await;
    let dir = &world.station.config().keys;
    for role in [ServerRole::Log, ServerRole::Recorder] {
        let cut = dir.join(format!("{}.2", role.name()));
        fs::write(&cut, "").unwrap();
        StationKeys::load(dir, world.station.manifest()).unwrap();

        let (key, path) = make_next(dir, role, 2, Entropy::system()).unwrap();
        assert_eq!(path, cut);
        assert_eq!(files_of(dir, role).unwrap()[&key.id()], cut);
        let again = make_next(dir, role, 2, Entropy::system()).unwrap();
        assert_eq!(again.0.id(), key.id());
    }
}

#[tokio::test]
async fn a_key_file_that_a_power_cut_left_beside_its_place_is_no_key() {
    let world = World::new().await;
    let dir = &world.station.config().keys;
    fs::write(dir.join("recorder.new"), "30").unwrap();
    let (key, path) = make_next(dir, ServerRole::Recorder, 2, Entropy::system()).unwrap();
    assert!(!dir.join("recorder.new").exists());
    assert_eq!(
        files_of(dir, ServerRole::Recorder).unwrap()[&key.id()],
        path
    );
    let mode = std::os::unix::fs::PermissionsExt::mode(&fs::metadata(&path).unwrap().permissions());
    assert_eq!(mode & 0o7777, MODE);
}

#[tokio::test]
async fn a_key_that_the_manifest_needs_is_missed_when_its_file_holds_none() {
    let world = World::new().await;
    let dir = &world.station.config().keys;
    fs::write(dir.join("recorder"), "").unwrap();
    let refused = StationKeys::load(dir, world.station.manifest());
    let key = world.station.recorder().public().key_id();
    let refused = refused.err().map(|error| error.to_string());
    let lacks = format!("{} lacks the recorder key {key}", dir.display());
    assert!(refused.unwrap().starts_with(&lacks));
}

#[test]
fn a_key_file_that_holds_something_is_never_replaced() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("log");
    fs::write(&path, "something").unwrap();
    let refused = write_secret(&path, &[7; 32]).unwrap_err();
    assert!(matches!(refused, KeysError::File { .. }), "{refused}");
    assert_eq!(fs::read_to_string(&path).unwrap(), "something");
}

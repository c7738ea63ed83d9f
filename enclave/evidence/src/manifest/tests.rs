//! A sound manifest, and one fixture for each rule that refuses.

mod keys;

use std::slice;

use super::*;
use crate::keys::{P256PublicKey, P256SigningKey};

const NOW: &str = "2026-11-21T00:00:00Z";

pub(super) fn root(seed: u8) -> Ed25519SigningKey {
    Ed25519SigningKey::from_seed([seed; 32])
}

pub(super) fn p256() -> P256PublicKey {
    P256SigningKey::from_pkcs8(&P256SigningKey::generate_pkcs8())
        .unwrap()
        .public()
}

pub(super) fn ed25519(seed: u8) -> ManifestKey {
    ManifestKey::Ed25519(root(seed).public())
}

fn recipient() -> ManifestKey {
    ManifestKey::Age(format!("age1{}", "q".repeat(58)))
}

/// Two roots, of which two sign; one key for every other role.
pub(super) fn sound() -> Manifest {
    let mut manifest = Manifest {
        kind: MANIFEST_TYPE.into(),
        endpoints: Endpoints {
            log: "http://127.0.0.1/".into(),
            mirror: None,
            witness: None,
        },
        expires: "2027-11-21T00:00:00Z".into(),
        jurisdiction: "MO".into(),
        keys: BTreeMap::new(),
        names: Names::default(),
        origin: "log.example.org".into(),
        peers: vec![],
        roles: BTreeMap::new(),
        validity: vec![],
        version: 1,
    };
    for (role, key) in [
        (Role::Root, ed25519(1)),
        (Role::Root, ed25519(2)),
        (Role::Log, ed25519(3)),
        (Role::Recorder, ManifestKey::P256(p256())),
        (Role::EnclaveSign, ManifestKey::P256(p256())),
        (Role::EnclaveSeal, recipient()),
    ] {
        manifest.add_key(role, key, 0);
    }
    manifest.roles.get_mut(&Role::Root).unwrap().threshold = 2;
    manifest
}

fn opened(manifest: &Manifest) -> Result<Manifest, ManifestError> {
    let envelope = sign(&[&root(1), &root(2)], manifest);
    let pinned = payload_digest(&envelope);
    match Chain::open(slice::from_ref(&envelope), &pinned) {
        Ok(chain) => Ok(chain.newest().clone()),
        Err(ChainError::Unsound { version: 1, reason }) => Err(reason),
        Err(other) => panic!("{other}"),
    }
}

fn refused(change: impl FnOnce(&mut Manifest)) -> ManifestError {
    let mut manifest = sound();
    change(&mut manifest);
    opened(&manifest).unwrap_err()
}

pub(super) fn only(manifest: &Manifest, role: Role) -> Digest {
    manifest.roles[&role].keyids[0]
}

#[test]
fn a_sound_manifest_opens_as_it_was_signed() {
    let manifest = sound();
    assert_eq!(opened(&manifest), Ok(manifest.clone()));
    assert_eq!(manifest.check_term(NOW), Ok(()));
}

#[test]
fn the_payload_has_the_members_of_the_specification() {
    let payload = String::from_utf8(sign(&[], &sound()).payload).unwrap();
    assert!(payload.starts_with(
        r#"{"_type":"assay-station-manifest","endpoints":{"log":"http://127.0.0.1/"},"expires":"2027-11-21T00:00:00Z","jurisdiction":"MO","keys":{""#
    ));
    assert!(payload.contains(r#""role":"log","until":null}"#));
    assert!(payload.ends_with(r#""version":1}"#));
    assert!(payload.contains(r#"{"keytype":"x25519","public":"age1qqq"#));
}

#[test]
fn validity_ends_before_until_for_records_and_at_until_for_the_log() {
    let mut manifest = sound();
    for range in &mut manifest.validity {
        (range.from, range.until) = (5, Some(Until::At(10)));
    }
    let signer = only(&manifest, Role::EnclaveSign);
    let held = |index| manifest.key_held(Role::EnclaveSign, &signer, index);
    assert_eq!([4, 5, 9, 10].map(held), [false, true, true, false]);
    assert!(!manifest.key_held(Role::Recorder, &signer, 5));
    let log = only(&manifest, Role::Log);
    assert_eq!(
        [4, 5, 10, 11].map(|size| manifest.log_key_held(&log, size)),
        [false, true, true, false]
    );
}

#[test]
fn another_payload_type_is_refused() {
    let mut envelope = sign(&[&root(1), &root(2)], &sound());
    envelope.payload_type = "text/plain".into();
    let pinned = payload_digest(&envelope);
    assert_eq!(
        Chain::open(&[envelope], &pinned),
        Err(ChainError::Unsound {
            version: 1,
            reason: ManifestError::PayloadType("text/plain".into())
        })
    );
}

#[test]
fn one_key_in_two_roles_is_refused() {
    let error = refused(|manifest| {
        let shared = manifest.roles[&Role::Recorder].clone();
        manifest.roles.insert(Role::EnclaveSign, shared);
    });
    assert!(matches!(error, ManifestError::TwoRoles(_)), "{error}");
    let error = refused(|manifest| {
        let root = manifest.roles.get_mut(&Role::Root).unwrap();
        root.keyids[1] = root.keyids[0];
    });
    assert_eq!(error, ManifestError::TwoRoles(root(1).public().key_id()));
}

#[test]
fn wrong_thresholds_are_refused() {
    for threshold in [0, 3] {
        let error =
            refused(|manifest| manifest.roles.get_mut(&Role::Root).unwrap().threshold = threshold);
        assert_eq!(
            error,
            ManifestError::Threshold {
                role: Role::Root,
                threshold,
                keys: 2
            }
        );
    }
}

#[test]
fn wrong_unknown_idle_and_misplaced_keys_are_refused() {
    let wrong = Digest::of(b"wrong");
    let error = refused(|manifest| {
        manifest.keys.insert(wrong, ManifestKey::P256(p256()));
    });
    assert_eq!(error, ManifestError::WrongKeyId(wrong));
    let error = refused(|manifest| manifest.roles.get_mut(&Role::Log).unwrap().keyids[0] = wrong);
    assert_eq!(
        error,
        ManifestError::UnknownKey {
            role: Role::Log,
            key: wrong
        }
    );
    let idle = ManifestKey::P256(p256());
    let id = idle.id();
    let error = refused(|manifest| drop(manifest.keys.insert(id, idle)));
    assert_eq!(error, ManifestError::NoRoleForKey(id));
    let error = refused(|manifest| {
        let root = manifest.roles[&Role::Root].clone();
        manifest.roles.insert(Role::Recorder, root);
    });
    assert!(
        matches!(
            error,
            ManifestError::KeyKind {
                role: Role::Recorder,
                ..
            }
        ),
        "{error}"
    );
    assert_eq!(
        refused(|manifest| drop(manifest.roles.remove(&Role::EnclaveSeal))),
        ManifestError::NoRole(Role::EnclaveSeal)
    );
}

#[test]
fn one_key_as_witness_and_mirror_is_refused() {
    let error = refused(|manifest| {
        manifest.add_key(Role::Witness, ed25519(4), 0);
        manifest.add_key(Role::Mirror, ed25519(4), 0);
    });
    assert_eq!(error, ManifestError::TwoRoles(root(4).public().key_id()));
}

#[test]
fn a_cosigner_counts_up_to_a_size_of_each_log_it_signed() {
    let mut manifest = sound();
    manifest.add_key(Role::Witness, ed25519(4), 0);
    let id = root(4).public().key_id();
    let held = |manifest: &Manifest, origin: &str, size| {
        manifest.cosigner_held(Role::Witness, &id, origin, size)
    };
    assert!(held(&manifest, "log.a", 1 << 40));
    let ends = BTreeMap::from([("log.a".to_owned(), 7)]);
    manifest.close_range(&id, &Until::Origins(ends));
    assert_eq!(opened(&manifest).as_ref(), Ok(&manifest));
    assert_eq!(
        [7, 8].map(|size| held(&manifest, "log.a", size)),
        [true, false]
    );
    assert!(!held(&manifest, "log.b", 0));
    assert!(!manifest.key_held(Role::Witness, &id, 0));
    let text = String::from_utf8(json::to_vec(&manifest)).unwrap();
    assert!(
        text.contains(r#""role":"witness","until":{"log.a":7}}"#),
        "{text}"
    );
}

#[test]
fn an_end_of_the_wrong_kind_is_refused() {
    let error = refused(|manifest| {
        manifest.add_key(Role::Mirror, ed25519(4), 0);
        manifest.close_range(&root(4).public().key_id(), &Until::At(7));
    });
    assert_eq!(error, ManifestError::Validity(root(4).public().key_id()));
    let error = refused(|manifest| {
        let log = only(manifest, Role::Log);
        manifest.close_range(&log, &Until::Origins(BTreeMap::new()));
    });
    assert_eq!(error, ManifestError::Validity(root(3).public().key_id()));
}

#[test]
fn a_bad_frame_is_refused() {
    assert_eq!(
        refused(|manifest| manifest.kind = "x".into()),
        ManifestError::Kind("x".into())
    );
    assert_eq!(
        refused(|manifest| manifest.origin = "a b".into()),
        ManifestError::Origin("a b".into())
    );
    assert_eq!(
        refused(|manifest| manifest.expires = "soon".into()),
        ManifestError::Time("soon".into())
    );
}

#[test]
fn empty_repeated_and_foreign_validity_is_refused() {
    let mut key = Digest::of(b"");
    let error = refused(|manifest| {
        key = manifest.validity[0].keyid;
        manifest.validity[0].until = Some(Until::At(0));
    });
    assert_eq!(error, ManifestError::Validity(key));
    let error = refused(|manifest| {
        key = manifest.validity[0].keyid;
        manifest.validity.push(manifest.validity[0].clone());
    });
    assert_eq!(error, ManifestError::Validity(key));
    let error = refused(|manifest| {
        key = manifest.validity[0].keyid;
        manifest.validity[0].role = Role::Recorder;
    });
    assert_eq!(error, ManifestError::Validity(key));
}

#[test]
fn the_term_ends_at_expiry_and_is_two_years_at_most() {
    let term = |expires: &str| {
        let mut manifest = sound();
        manifest.expires = expires.into();
        manifest.check_term(NOW)
    };
    assert_eq!(term("2028-11-21T00:00:00Z"), Ok(()));
    assert_eq!(
        term("2028-11-21T00:00:01Z"),
        Err(ManifestError::TooLong("2028-11-21T00:00:01Z".into()))
    );
    assert_eq!(term(NOW), Err(ManifestError::Expired(NOW.into())));
}

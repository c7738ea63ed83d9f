//! A sound manifest, and one fixture for each rule that refuses.

use super::*;
use crate::keys::{P256PublicKey, P256SigningKey};

const NOW: &str = "2026-11-21T00:00:00Z";

fn root(seed: u8) -> Ed25519SigningKey {
    Ed25519SigningKey::from_seed([seed; 32])
}

fn p256() -> P256PublicKey {
    P256SigningKey::from_pkcs8(&P256SigningKey::generate_pkcs8())
        .unwrap()
        .public()
}

fn recipient() -> ManifestKey {
    ManifestKey::Age(format!("age1{}", "q".repeat(58)))
}

/// Two roots, of which two sign; one key for every other role.
fn sound() -> Manifest {
    let roles = [
        (
            Role::Root,
            vec![
                ManifestKey::Ed25519(root(1).public()),
                ManifestKey::Ed25519(root(2).public()),
            ],
        ),
        (Role::Log, vec![ManifestKey::Ed25519(root(3).public())]),
        (Role::Recorder, vec![ManifestKey::P256(p256())]),
        (Role::EnclaveSign, vec![ManifestKey::P256(p256())]),
        (Role::EnclaveSeal, vec![recipient()]),
    ];
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
    for (role, keys) in roles {
        let keyids: Vec<_> = keys.iter().map(ManifestKey::id).collect();
        let threshold = keys.len() as u64;
        if role != Role::Root {
            manifest.validity.push(Validity {
                from: 0,
                keyid: keyids[0],
                role,
                until: None,
            });
        }
        manifest.roles.insert(role, RoleKeys { keyids, threshold });
        manifest
            .keys
            .extend(keys.into_iter().map(|key| (key.id(), key)));
    }
    manifest
}

fn opened(manifest: &Manifest) -> Result<Manifest, ManifestError> {
    let envelope = sign(&[&root(1), &root(2)], manifest);
    open_first(&envelope, &payload_digest(&envelope))
}

fn refused(change: impl FnOnce(&mut Manifest)) -> ManifestError {
    let mut manifest = sound();
    change(&mut manifest);
    opened(&manifest).unwrap_err()
}

fn only(manifest: &Manifest, role: Role) -> Digest {
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
        (range.from, range.until) = (5, Some(10));
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
fn a_manifest_that_is_not_pinned_or_of_another_type_is_refused() {
    let mut envelope = sign(&[&root(1), &root(2)], &sound());
    let (pinned, found) = (Digest::of(b"other"), payload_digest(&envelope));
    assert_eq!(
        open_first(&envelope, &pinned),
        Err(ManifestError::NotPinned { pinned, found })
    );
    envelope.payload_type = "text/plain".into();
    assert_eq!(
        open_first(&envelope, &found),
        Err(ManifestError::PayloadType("text/plain".into()))
    );
}

#[test]
fn signatures_count_by_distinct_root_key() {
    let manifest = sound();
    let open = |signers: &[&Ed25519SigningKey]| {
        let envelope = sign(signers, &manifest);
        open_first(&envelope, &payload_digest(&envelope)).map(|_| ())
    };
    assert_eq!(open(&[&root(2), &root(1)]), Ok(()));
    assert_eq!(
        open(&[]),
        Err(ManifestError::TooFew {
            found: 0,
            needed: 2
        })
    );
    assert_eq!(
        open(&[&root(1)]),
        Err(ManifestError::TooFew {
            found: 1,
            needed: 2
        })
    );
    assert_eq!(
        open(&[&root(1), &root(1)]),
        Err(ManifestError::Signature(2))
    );
    assert_eq!(
        open(&[&root(1), &root(2), &root(3)]),
        Err(ManifestError::Signature(3))
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
fn a_published_test_key_is_refused() {
    let seed = Digest::of(b"TEST ONLY station-a log key").0;
    let test_key = ManifestKey::Ed25519(Ed25519SigningKey::from_seed(seed).public());
    let id = test_key.id();
    assert_eq!(
        refused(|manifest| drop(manifest.keys.insert(id, test_key))),
        ManifestError::TestKey(id)
    );
}

#[test]
fn weak_and_malformed_keys_do_not_parse() {
    let manifest = sound();
    let text = String::from_utf8(json::to_vec(&manifest)).unwrap();
    let log = hex_of(&manifest, Role::Log);
    let age = "age1".to_owned() + &"q".repeat(58);
    for (from, to, reason) in [
        (log.as_str(), "0".repeat(64).as_str(), "weak Ed25519 key"),
        (log.as_str(), "00", "an Ed25519 public key has 32 bytes"),
        (log.as_str(), "XY", "Ed25519 key is not 64 hex digits"),
        (age.as_str(), "age1qq", "seal recipient is not"),
        (
            "\"age-v1\"",
            "\"age-v2\"",
            "key type \"x25519\" with scheme \"age-v2\" is unknown",
        ),
        (
            "-----BEGIN",
            "-----begin",
            "not the PEM of a P-256 public key",
        ),
        (
            "\"peers\":[]",
            "\"peers\":[],\"note\":1",
            "unknown field `note`",
        ),
    ] {
        let changed = text.replacen(from, to, 1);
        assert_ne!(changed, text);
        let error = json::from_slice::<Manifest>(changed.as_bytes())
            .unwrap_err()
            .to_string();
        assert!(error.contains(reason), "{error}");
    }
}

fn hex_of(manifest: &Manifest, role: Role) -> String {
    match &manifest.keys[&only(manifest, role)] {
        ManifestKey::Ed25519(key) => crate::hex::encode(key.as_bytes()),
        other => panic!("{other:?} has no hex"),
    }
}

#[test]
fn a_bad_frame_is_refused() {
    assert_eq!(
        refused(|manifest| manifest.kind = "x".into()),
        ManifestError::Kind("x".into())
    );
    assert_eq!(
        refused(|manifest| manifest.version = 2),
        ManifestError::Version(2)
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
        manifest.validity[0].until = Some(0);
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

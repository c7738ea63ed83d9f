//! Three versions that follow each other, and one fixture for each rule that breaks the chain.

use super::*;
use crate::manifest::ManifestKey;
use crate::{
    keys::Ed25519SigningKey,
    manifest::{
        Until, sign,
        tests::{ed25519, only, p256, root, sound},
    },
};

/// Versions 1 to 3: a second log key joins at 40, the first closes at 90.
fn versions() -> Vec<Manifest> {
    let first = sound();
    let mut second = first.successor();
    second.add_key(Role::Log, ed25519(6), 40);
    let mut third = second.successor();
    third.close_range(&only(&first, Role::Log), &Until::At(90));
    vec![first, second, third]
}

fn signed(versions: &[Manifest]) -> Vec<Envelope> {
    let both = [&root(1), &root(2)];
    versions
        .iter()
        .map(|version| sign(&both, version))
        .collect()
}

fn open(envelopes: &[Envelope]) -> Result<Chain, ChainError> {
    Chain::open(envelopes, &payload_digest(&envelopes[0]))
}

/// What is said of version 2 when it is changed so.
fn second(change: impl FnOnce(&mut Manifest)) -> ChainError {
    let mut pair = versions();
    pair.truncate(2);
    change(&mut pair[1]);
    open(&signed(&pair)).unwrap_err()
}

fn succession(change: impl FnOnce(&mut Manifest)) -> SuccessionError {
    match second(change) {
        ChainError::Succession { version: 2, reason } => reason,
        other => panic!("{other}"),
    }
}

/// Opens version 1 and a version 2 signed by these roots, after a change of both.
fn signed_by(
    signers: &[u8],
    change: impl FnOnce(&mut Manifest, &mut Manifest),
) -> Result<Chain, ChainError> {
    let mut first = sound();
    let mut second = first.successor();
    change(&mut first, &mut second);
    let signers: Vec<Ed25519SigningKey> = signers.iter().map(|seed| root(*seed)).collect();
    open(&[
        sign(&[&root(1), &root(2)], &first),
        sign(&signers.iter().collect::<Vec<_>>(), &second),
    ])
}

#[test]
fn three_versions_open_and_the_newest_judges() {
    let chain = open(&signed(&versions())).unwrap();
    assert_eq!(chain.newest(), &versions_of(&chain)[2]);
    let digests: Vec<_> = signed_digests(&chain);
    assert_eq!(chain.digests().copied().collect::<Vec<_>>(), digests);
    assert_eq!(chain.newest_digest(), &digests[2]);
    let (old, new) = (root(3).public(), root(6).public());
    assert_eq!(chain.log_keys_at(39), [old]);
    assert_eq!(chain.log_keys_at(40), [new, old]);
    assert_eq!(chain.log_keys_at(90), [new, old]);
    assert_eq!(chain.log_keys_at(91), [new]);
    assert!(!chain.log_key_held(&old.key_id(), 91));
    let roots = [root(1).public().key_id(), root(2).public().key_id()];
    assert_eq!(chain.signers().collect::<Vec<_>>(), [roots; 3]);
}

fn versions_of(chain: &Chain) -> Vec<Manifest> {
    chain
        .envelopes()
        .map(|envelope| load(envelope).unwrap())
        .collect()
}

fn signed_digests(chain: &Chain) -> Vec<Digest> {
    chain.envelopes().map(payload_digest).collect()
}

#[test]
fn a_chain_file_reads_back() {
    let chain = open(&signed(&versions())).unwrap();
    let pinned = signed_digests(&chain)[0];
    let text = chain.to_bytes();
    assert_eq!(Chain::parse(&text, &pinned), Ok(chain));
    assert_eq!(Chain::parse(b"[]", &pinned), Err(ChainError::Empty));
    assert_eq!(
        Chain::parse(b"{}", &pinned).unwrap_err().to_string(),
        "chain of manifests: JSON has another shape: an object instead of an array"
    );
    let long = vec![b' '; CHAIN_BYTES_MAX + 1];
    assert_eq!(
        Chain::parse(&long, &pinned),
        Err(ChainError::TooLong(long.len()))
    );
}

#[test]
fn the_first_must_be_the_pinned_one_and_have_version_1() {
    let envelopes = signed(&versions());
    let (pinned, found) = (Digest::of(b"other"), payload_digest(&envelopes[0]));
    assert_eq!(
        Chain::open(&envelopes, &pinned),
        Err(ChainError::NotPinned { pinned, found })
    );
    assert_eq!(
        open(&envelopes[1..]),
        Err(ChainError::Gap {
            expected: 1,
            found: 2
        })
    );
}

#[test]
fn a_missing_and_a_repeated_version_are_gaps() {
    let [first, second, third] = signed(&versions()).try_into().unwrap();
    assert_eq!(
        open(&[first.clone(), third.clone()]),
        Err(ChainError::Gap {
            expected: 2,
            found: 3
        })
    );
    assert_eq!(
        open(&[first, second.clone(), second, third]),
        Err(ChainError::Gap {
            expected: 3,
            found: 2
        })
    );
}

#[test]
fn more_versions_than_the_limit_are_refused() {
    let envelope = sign(&[], &sound());
    let many = vec![envelope; VERSIONS_MAX + 1];
    assert_eq!(open(&many), Err(ChainError::TooMany(257)));
}

#[test]
fn signatures_count_by_distinct_root_key() {
    let first = sound();
    let open_by = |signers: &[u8]| {
        let signers: Vec<_> = signers.iter().map(|seed| root(*seed)).collect();
        open(&[sign(&signers.iter().collect::<Vec<_>>(), &first)]).map(|_| ())
    };
    let too_few = |found| {
        Err(ChainError::TooFew {
            version: 1,
            root_of: 1,
            found,
            needed: 2,
        })
    };
    let bad = |position| {
        Err(ChainError::Signature {
            version: 1,
            position,
        })
    };
    assert_eq!(open_by(&[2, 1]), Ok(()));
    assert_eq!(open_by(&[]), too_few(0));
    assert_eq!(open_by(&[1]), too_few(1));
    assert_eq!(open_by(&[1, 1]), bad(2));
    assert_eq!(open_by(&[1, 2, 3]), bad(3));
}

/// Version 2 replaces root 2 by root 7.
fn replace_root(_: &mut Manifest, second: &mut Manifest) {
    second.keys.remove(&root(2).public().key_id());
    second.add_key(Role::Root, ed25519(7), 0);
    let gone = root(2).public().key_id();
    let roots = second.roles.get_mut(&Role::Root).unwrap();
    roots.keyids.retain(|id| *id != gone);
}

#[test]
fn a_new_root_needs_the_thresholds_of_the_old_and_of_the_new() {
    let too_few = |root_of| ChainError::TooFew {
        version: 2,
        root_of,
        found: 1,
        needed: 2,
    };
    assert_eq!(signed_by(&[1, 7], replace_root), Err(too_few(1)));
    assert_eq!(signed_by(&[1, 2], replace_root), Err(too_few(2)));
    let chain = signed_by(&[1, 2, 7], replace_root).unwrap();
    assert_eq!(chain.newest().version, 2);
    let error = signed_by(&[1, 2, 7, 8], replace_root).unwrap_err();
    assert_eq!(
        error,
        ChainError::Signature {
            version: 2,
            position: 4
        }
    );
}

#[test]
fn a_removed_root_no_longer_counts_in_later_versions() {
    let chain = signed_by(&[1, 2, 7], replace_root).unwrap();
    let third = chain.newest().successor();
    let mut envelopes: Vec<_> = chain.envelopes().cloned().collect();
    envelopes.push(sign(&[&root(1), &root(2)], &third));
    assert_eq!(
        open(&envelopes),
        Err(ChainError::Signature {
            version: 3,
            position: 2
        })
    );
    envelopes[2] = sign(&[&root(7), &root(1)], &third);
    assert_eq!(open(&envelopes).unwrap().newest().version, 3);
}

#[test]
fn a_root_does_not_shrink_below_its_threshold() {
    let error = succession(|manifest| manifest.roles.get_mut(&Role::Root).unwrap().threshold = 1);
    assert_eq!(
        error,
        SuccessionError::RootShrunk {
            needed: 2,
            found: 1
        }
    );
    let error = second(|manifest| {
        let gone = root(2).public().key_id();
        manifest.keys.remove(&gone);
        let roots = manifest.roles.get_mut(&Role::Root).unwrap();
        roots.keyids.retain(|id| *id != gone);
    });
    assert_eq!(
        error,
        ChainError::Unsound {
            version: 2,
            reason: ManifestError::Threshold {
                role: Role::Root,
                threshold: 2,
                keys: 1
            }
        }
    );
}

#[test]
fn a_version_of_another_log_is_no_successor() {
    assert_eq!(
        succession(|manifest| manifest.origin = "log.other".into()),
        SuccessionError::Origin {
            expected: "log.example.org".into(),
            found: "log.other".into()
        }
    );
}

#[test]
fn ranges_neither_vanish_nor_move_nor_reopen_nor_grow() {
    let log = root(3).public().key_id();
    let error = succession(|manifest| manifest.validity.retain(|range| range.keyid != log));
    assert_eq!(error, SuccessionError::RangeGone(log));
    let error = succession(|manifest| {
        for range in &mut manifest.validity {
            range.from += u64::from(range.keyid == log);
        }
    });
    assert_eq!(error, SuccessionError::RangeMoved(log));
    let third = |until: Option<Until>| {
        let mut versions = versions();
        let mut fourth = versions[2].successor();
        for range in &mut fourth.validity {
            if range.keyid == log {
                range.until.clone_from(&until);
            }
        }
        versions.push(fourth);
        open(&signed(&versions)).map(|chain| chain.log_key_held(&log, 90))
    };
    let grown = Err(ChainError::Succession {
        version: 4,
        reason: SuccessionError::RangeGrown(log),
    });
    assert_eq!(third(None), grown);
    assert_eq!(third(Some(Until::At(91))), grown);
    assert_eq!(third(Some(Until::At(90))), Ok(true));
    // Compromise: the range closes at the last index known to be good.
    assert_eq!(third(Some(Until::At(50))), Ok(false));
}

#[test]
fn a_closed_cosigner_gains_neither_size_nor_origin() {
    let id = root(8).public().key_id();
    let closed = |ends: &[(&str, u64)]| {
        let ends = ends
            .iter()
            .map(|(origin, end)| ((*origin).to_owned(), *end));
        Until::Origins(ends.collect())
    };
    let after = |until: Option<Until>| {
        let mut first = sound();
        first.add_key(Role::Witness, ed25519(8), 0);
        first.close_range(&id, &closed(&[("log.a", 7)]));
        let mut second = first.successor();
        second.validity.last_mut().unwrap().until = until;
        open(&signed(&[first, second])).map(|_| ())
    };
    let grown = Err(ChainError::Succession {
        version: 2,
        reason: SuccessionError::RangeGrown(id),
    });
    assert_eq!(after(Some(closed(&[("log.a", 7)]))), Ok(()));
    assert_eq!(after(Some(closed(&[]))), Ok(()));
    assert_eq!(after(None), grown);
    assert_eq!(after(Some(closed(&[("log.a", 8)]))), grown);
    assert_eq!(after(Some(closed(&[("log.a", 7), ("log.b", 1)]))), grown);
}

#[test]
fn a_key_never_changes_its_role() {
    let retired = root(2).public().key_id();
    let mut versions = versions_of(&signed_by(&[1, 2, 7], replace_root).unwrap());
    let mut third = versions[1].successor();
    third.add_key(Role::Witness, ed25519(2), 0);
    versions.push(third);
    let all = [&root(1), &root(2), &root(7)];
    let envelopes = [
        sign(&all[..2], &versions[0]),
        sign(&all, &versions[1]),
        sign(&[&root(1), &root(7)], &versions[2]),
    ];
    assert_eq!(
        open(&envelopes),
        Err(ChainError::Succession {
            version: 3,
            reason: SuccessionError::RoleChanged {
                key: retired,
                before: Role::Root,
                now: Role::Witness
            }
        })
    );
}

#[test]
fn a_key_counts_only_before_the_index_at_which_it_closed() {
    let mut first = sound();
    let old = only(&first, Role::Recorder);
    let mut second = first.successor();
    let new = p256();
    second.close_range(&old, &Until::At(40));
    second.add_key(Role::Recorder, ManifestKey::P256(new), 40);
    first.validity.reverse();
    let chain = open(&signed(&[first, second])).unwrap();
    let held = |key: &Digest| [39, 40].map(|index| chain.key_held(Role::Recorder, key, index));
    assert_eq!(held(&old), [true, false]);
    assert_eq!(held(&new.key_id()), [false, true]);
}

#[test]
fn no_byte_of_a_signature_may_change() {
    let mut envelopes = signed(&versions());
    for place in 0..64 {
        envelopes[1].signatures[1].sig[place] ^= 1;
        assert_eq!(
            open(&envelopes),
            Err(ChainError::Signature {
                version: 2,
                position: 2
            })
        );
        envelopes[1].signatures[1].sig[place] ^= 1;
    }
}

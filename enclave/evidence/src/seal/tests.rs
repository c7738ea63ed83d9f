//! The seal's vectors, and plaintexts that must not open.

use proptest::prelude::*;

use super::*;
use crate::hex;

fn vector_form() -> FormBody {
    FormBody {
        seed: Digest::of(b"TEST ONLY form seed").0,
        items: vec![b"item 0".to_vec(), b"item 1".to_vec(), b"item 2".to_vec()],
    }
}

#[test]
fn the_vector_form_holds_to_the_byte() {
    let form = vector_form();
    assert_eq!(
        hex::encode(&form.seed),
        "fd40be7d51e8697756f72a96e56fd6589cc4f6714c5c6891e5a70a54996fe218"
    );
    assert_eq!(
        hex::encode(&item_salt(&form.seed, 0)),
        "9ca0255e5fe78511096c6c68d24c8b2aacc4b7fa4f74b1ab89645d442dca83b1"
    );
    assert_eq!(
        salted_leaf(&item_salt(&form.seed, 0), b"item 0").to_string(),
        "10c64a0758e77c7a12ab5c59e54f77378ffe4ca593c5aeb75f4de085b11d6746"
    );
    assert_eq!(
        salted_leaf(&item_salt(&form.seed, 3), b"").to_string(),
        "4af4a1f954cf46ce8df715d42304de2ea4195dab85884234ec46d1c8a8f4206c"
    );
    let items = items_tree(&form);
    assert_eq!(items.leaves, 64);
    assert_eq!(
        items.root.to_string(),
        "b8766eeae1ee96b48d4b02a470d63e239094053a00d3ae4bd09d8be01331c7e9"
    );
    let body = form.to_bytes();
    assert_eq!(body.len(), 66);
    assert_eq!(
        Digest::of(&body).to_string(),
        "afdc43ef544647b8d43bf51348aaa9f5f682fdfb9a68b72f4f1be495c18599ab"
    );
    assert_eq!(plaintext(&form).len(), 80);
}

#[test]
fn padme_lengths_hold() {
    let vectors = [
        (0, 0),
        (1, 1),
        (2, 2),
        (3, 3),
        (9, 10),
        (1000, 1024),
        (65537, 67584),
        (100_001, 100_352),
        (1_048_577, 1_081_344),
    ];
    for (length, padded) in vectors {
        assert_eq!(padme(length), padded, "{length}");
    }
}

#[test]
fn a_filled_group_gets_no_filler_leaf() {
    let items = |count: usize| {
        items_tree(&FormBody {
            seed: [7; 32],
            items: vec![b"i".to_vec(); count],
        })
        .leaves
    };
    assert_eq!([items(63), items(64), items(65)], [64, 64, 128]);
}

#[test]
fn a_plaintext_that_is_cut_stretched_or_dirty_does_not_open() {
    let form = vector_form();
    let plain = plaintext(&form);
    assert!(open_plaintext(&plain) == Ok(form));
    let refusal = |plain: &[u8]| open_plaintext(plain).err();
    assert_eq!(refusal(&plain[..7]), Some(SealError::Short));
    assert_eq!(refusal(&plain[..70]), Some(SealError::Short));
    assert_eq!(refusal(&plain[..79]), Some(SealError::Padding));
    assert_eq!(
        refusal(&[plain.as_slice(), &[0]].concat()),
        Some(SealError::Padding)
    );
    let mut dirty = plain.clone();
    dirty[79] = 1;
    assert_eq!(refusal(&dirty), Some(SealError::Padding));
    let mut huge = plain;
    huge[..8].fill(0xff);
    assert_eq!(refusal(&huge), Some(SealError::Short));
}

#[test]
fn a_body_without_items_with_an_empty_item_or_with_a_tail_is_refused() {
    let body = vector_form().to_bytes();
    let refusal = |body: &[u8]| FormBody::parse(body).err();
    assert_eq!(refusal(&body[..65]), Some(SealError::Short));
    assert_eq!(
        refusal(&[body.as_slice(), &[0]].concat()),
        Some(SealError::Trailing)
    );
    let count = |count: u32| [&[0; 32], count.to_be_bytes().as_slice()].concat();
    assert_eq!(refusal(&count(0)), Some(SealError::NoItems));
    assert_eq!(
        refusal(&count(u32::MAX)),
        Some(SealError::TooMany(u32::MAX))
    );
    assert_eq!(
        refusal(&[count(1), vec![0; 4]].concat()),
        Some(SealError::EmptyItem(0))
    );
}

proptest! {
    #[test]
    fn every_form_survives_sealing_and_opening(seed: [u8; 32], items in prop::collection::vec(prop::collection::vec(any::<u8>(), 1..40), 1..20)) {
        let form = FormBody { seed, items };
        prop_assert!(open_plaintext(&plaintext(&form)) == Ok(form));
    }

    #[test]
    fn padding_adds_at_most_an_eighth(length in 2_u64..1 << 40) {
        let padded = padme(length);
        prop_assert!(padded >= length && padded - length <= length / 8 + 1);
        prop_assert_eq!(padme(padded), padded);
    }
}

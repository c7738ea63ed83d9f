//! Draws: the same bytes for a seed for ever, distinct variants, options in one order.

use std::collections::BTreeSet;

use assay_evidence::digest::{Digest, Hasher};
use proptest::prelude::*;

use crate::{
    form::{Form, FormError},
    item::{Grader, Item},
    pack::{Pack, samples},
};

fn digest(form: &Form) -> Digest {
    form.items
        .iter()
        .fold(Hasher::new(), |all, item| all.update(&item.bytes()))
        .finish()
}

#[test]
fn a_seed_draws_these_bytes_on_every_machine() {
    let form = samples::pack().draw(&[7; 32]).expect("a form");
    assert_eq!(
        String::from_utf8(form.items[0].bytes()).expect("JSON is UTF-8"),
        r#"{"benchmark":"small-pack@1.0","family":"moons.1","grader":{"abs":"0","kind":"number","rel":"0","value":"26"},"locale":"en","maxBytes":512,"prompt":"Add 8 thrice to the moons of Mars.","section":"sky","weight":1}"#
    );
    assert_eq!(
        digest(&form).to_string(),
        "e59ddd580a07f7a639d5fbab9be2dfa255a1ee6d920356c469958c02ce528d2c"
    );
}

#[test]
fn variants_of_a_family_never_share_a_row() {
    let pack = samples::pack();
    for seed in 0..50 {
        let form = pack.draw(&[seed; 32]).expect("a form");
        let moons = form
            .items
            .iter()
            .filter(|item| item.family.starts_with("moons.") && item.locale.as_str() == "en");
        let planets: Vec<&str> = moons
            .filter_map(|item| item.prompt.split_whitespace().last())
            .collect();
        assert_eq!(
            planets.iter().collect::<BTreeSet<_>>().len(),
            3,
            "{planets:?}"
        );
    }
}

#[test]
fn two_slots_of_one_variant_never_share_a_row() {
    let two = r#""slots":{"p":{"row":"planets"},"n":{"row":"planets"}}"#;
    let text = samples::LINES[2]
        .replace(r#""slots":{"p":{"row":"planets"},"n":{"int":[2,9]}}"#, two)
        .replace(r#""draws":3"#, r#""draws":2"#)
        .replace(r#""n * 3 + p.moons""#, r#""n.moons + p.moons""#)
        .replace(r#""require":["total < 100"],"#, "")
        .replace("{n}", "{n.name}");
    let pack = Pack::parse(&samples::files(samples::LINES[2], &text)).expect("no faults");
    for seed in 0..50 {
        for item in &pack.draw(&[seed; 32]).expect("a form").items[..4] {
            let words: Vec<&str> = item.prompt.trim_end_matches('.').split(' ').collect();
            assert_ne!(words[1], words[words.len() - 1], "{}", item.prompt);
        }
    }
}

#[test]
fn options_stand_in_one_order_in_all_locales_and_the_key_moves_with_them() {
    let pack = samples::pack();
    let mut places = BTreeSet::new();
    for seed in 0..40 {
        let form = pack.draw(&[seed; 32]).expect("a form");
        let red: Vec<&Item> = form
            .items
            .iter()
            .filter(|item| item.family == "red-planet")
            .collect();
        let [
            Grader::Choice { options, right },
            Grader::Choice {
                options: other,
                right: same,
            },
        ] = [&red[0].grader, &red[1].grader]
        else {
            panic!("both are choices");
        };
        assert_eq!(right, same);
        assert_eq!(
            (
                options[*right as usize].as_str(),
                other[*same as usize].as_str()
            ),
            ("Mars", "Marte")
        );
        let english = ["Mars", "Venus", "Earth", "Saturn"];
        let portuguese = ["Marte", "Vénus", "Terra", "Saturno"];
        for (a, b) in options.iter().zip(other) {
            let index = english.iter().position(|name| name == a).expect("a planet");
            assert_eq!(portuguese[index], b);
        }
        places.insert(*right);
    }
    assert_eq!(places.len(), 4, "the right option takes every place");
}

#[test]
fn a_change_to_one_family_leaves_the_others_as_they_were() {
    let pack = samples::pack();
    let changed =
        Pack::parse(&samples::files("Name our star", "What is our star")).expect("no faults");
    let (before, after) = (
        pack.draw(&[3; 32]).expect("a form"),
        changed.draw(&[3; 32]).expect("a form"),
    );
    assert_eq!(before.items[..10], after.items[..10]);
    assert_ne!(before.items[10], after.items[10]);
}

#[test]
fn a_form_goes_through_its_body_unchanged() {
    let form = samples::pack().draw(&[5; 32]).expect("a form");
    assert_eq!(Form::from_body(&form.body()), Ok(form.clone()));

    let mut empty = form.body();
    empty.items.clear();
    assert_eq!(Form::from_body(&empty), Err(FormError::Count(0)));

    let mut foreign = form.body();
    foreign.items[1] = String::from_utf8(foreign.items[1].clone())
        .expect("JSON")
        .replace("small-pack", "other")
        .into();
    assert_eq!(
        Form::from_body(&foreign),
        Err(FormError::Benchmark { index: 1 })
    );

    let mut broken = form.body();
    broken.items[2] = b"{}".to_vec();
    let error = Form::from_body(&broken).expect_err("no item");
    assert!(error.to_string().starts_with("item 2: item: "), "{error}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]
    #[test]
    fn drawing_is_a_function_of_the_seed(seed: [u8; 32]) {
        let pack = samples::pack();
        let (first, second) = (pack.draw(&seed).expect("a form"), pack.draw(&seed).expect("a form"));
        prop_assert_eq!(&first, &second);
        for item in &first.items {
            let parsed = Item::parse(&item.bytes());
            prop_assert_eq!(parsed.as_ref(), Ok(item));
        }
    }
}

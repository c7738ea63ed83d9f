//! The packs that ship: without faults, large enough, and drawable from any seed.
//!
//! Whether their facts are true is not tested here.

use std::{collections::BTreeSet, fs, path::Path};

use assay_benchmarks::{
    fault,
    form::Form,
    grade::{self, Answer, State, Verdict},
    item::{Grader, Item},
    pack::{Pack, PackFiles},
};
use assay_evidence::digest::Digest;

const PACKS: [&str; 2] = ["bay-knowledge", "bay-reasoning"];

fn files(name: &str) -> PackFiles {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("packs")
        .join(name);
    let mut files = PackFiles::new();
    for folder in ["", "items"] {
        let entries = fs::read_dir(root.join(folder)).expect("the pack is in the repository");
        for entry in entries.map(|entry| entry.expect("a readable folder")) {
            if entry.file_type().expect("a file type").is_file() {
                let path = entry.path();
                let inside = path.strip_prefix(&root).expect("a path below the pack");
                let inside = inside.to_str().expect("an ASCII path").to_owned();
                files.insert(inside, fs::read(&path).expect("a readable file"));
            }
        }
    }
    files
}

fn pack(name: &str) -> Pack {
    Pack::parse(&files(name)).unwrap_or_else(|faults| panic!("{}", fault::render(&faults)))
}

fn families(form: &Form) -> BTreeSet<&str> {
    form.items.iter().map(|item| item.family.as_str()).collect()
}

#[test]
fn each_pack_has_forty_families_in_four_locales() {
    for name in PACKS {
        let pack = pack(name);
        let form = pack.draw(&pack.practice_seed()).expect("a practice form");
        assert_eq!(pack.name, name);
        assert_eq!(pack.locales.len(), 4, "{name}");
        assert!(
            families(&form).len() >= 40,
            "{name} has {} families",
            families(&form).len()
        );
        assert_eq!(form.items.len(), families(&form).len() * 4, "{name}");
        for section in &pack.sections {
            let inside: BTreeSet<&str> = form
                .items
                .iter()
                .filter(|item| item.section == section.id)
                .map(|item| item.family.as_str())
                .collect();
            assert!(
                inside.len() >= 10,
                "{name}: section {} has no interval",
                section.id
            );
        }
    }
}

#[test]
fn a_hundred_seeds_draw_a_form_each() {
    for name in PACKS {
        let pack = pack(name);
        let mut digests = BTreeSet::new();
        for number in 0..100_u32 {
            let seed = Digest::of(&number.to_be_bytes());
            let form = pack.draw(seed.as_bytes());
            let form = form.unwrap_or_else(|error| panic!("{name}, seed {number}: {error}"));
            let bytes: Vec<u8> = form.items.iter().flat_map(Item::bytes).collect();
            assert!(
                digests.insert(Digest::of(&bytes)),
                "{name}: two seeds drew one form"
            );
        }
    }
}

#[test]
fn the_expected_answer_passes_and_its_neighbours_do_not() {
    for name in PACKS {
        let pack = pack(name);
        let form = pack.draw(&pack.practice_seed()).expect("a practice form");
        for item in &form.items {
            for (answer, verdict) in answers(item) {
                let mark = grade::mark(
                    item,
                    Answer {
                        state: State::Ok,
                        text: &answer,
                    },
                );
                let at = format!("{name}: {} in {}: `{answer}`", item.family, item.locale);
                assert_eq!(mark.verdict, verdict, "{at} got {:?}", mark.reason);
            }
        }
    }
}

/// Answers to an item with the verdict that each must get.
fn answers(item: &Item) -> Vec<(String, Verdict)> {
    match &item.grader {
        Grader::Choice { options, right } => {
            let lettered = ('A'..).zip(options).enumerate();
            let verdict = |index| {
                if index == *right as usize {
                    Verdict::Pass
                } else {
                    Verdict::Fail
                }
            };
            lettered
                .flat_map(|(index, (letter, text))| {
                    [
                        (letter.to_string(), verdict(index)),
                        (format!("({letter}) {text}"), verdict(index)),
                        (format!("The answer is {letter}."), verdict(index)),
                        (text.clone(), verdict(index)),
                    ]
                })
                .collect()
        }
        Grader::Exact { aliases, .. } => {
            let mut answers: Vec<_> = aliases
                .iter()
                .map(|alias| (alias.clone(), Verdict::Pass))
                .collect();
            answers.push(("???x".to_owned(), Verdict::Fail));
            answers
        }
        Grader::Number { .. } => {
            let expected = item.expected();
            vec![
                (expected.clone(), Verdict::Pass),
                (format!("{expected}7"), Verdict::Fail),
            ]
        }
    }
}

//! The expert against the small pack in `sample/`. Real packs are tried elsewhere, through the enclave.

use crate::assay::adapter::types::{Asks, Item, Speaker, Turn};
use crate::knowledge::SAMPLE;
use crate::work_out::answer;

fn item(lang: &str, asks: Asks, prompt: &str, choices: &[&str]) -> Item {
    Item {
        turns: vec![Turn {
            speaker: Speaker::User,
            text: prompt.to_owned(),
        }],
        asks,
        choices: choices.iter().map(|&choice| choice.to_owned()).collect(),
        lang: lang.to_owned(),
        max_bytes: 200,
        seed: 7,
    }
}

fn known(item: &Item) -> Option<String> {
    answer(&SAMPLE, 100, item)
}

#[test]
fn a_row_is_recovered_from_its_text_and_the_unit_is_added() {
    let asked = item("en", Asks::Number, "How many moons has Mars?", &[]);
    assert_eq!(known(&asked).as_deref(), Some("2 moons"));
    let asked = item("pt", Asks::Number, "Quantas luas tem Terra?", &[]);
    assert_eq!(known(&asked).as_deref(), Some("1 luas"));
}

#[test]
fn a_row_is_recovered_from_a_number_in_it() {
    let asked = item(
        "pt",
        Asks::FreeText,
        "Qual é o planeta número 2 a contar do Sol?",
        &[],
    );
    assert_eq!(known(&asked).as_deref(), Some("Vénus"));
}

#[test]
fn a_choice_is_answered_with_the_letter_and_the_text_of_its_option() {
    let choices = ["Monday", "Sunday", "Friday"];
    let asked = item(
        "en",
        Asks::OneChoice,
        "Today is Saturday. Which day is it in 15 days?",
        &choices,
    );
    assert_eq!(known(&asked).as_deref(), Some("B) Sunday"));
}

#[test]
fn the_options_below_a_prompt_do_not_hide_it() {
    let prompt = "Today is Saturday. Which day is it in 15 days?\n\nA. Monday\nB. Sunday";
    let asked = item("en", Asks::OneChoice, prompt, &["Monday", "Sunday"]);
    assert_eq!(known(&asked).as_deref(), Some("B) Sunday"));
    let others = item("en", Asks::OneChoice, prompt, &["Friday", "Sunday"]);
    assert_eq!(known(&others), None);
}

#[test]
fn values_that_no_hole_names_are_found_by_trying() {
    let prompt = "Two numbers add up to 41; twice the smaller is 24. What is the larger?";
    assert_eq!(
        known(&item("en", Asks::Number, prompt, &[])).as_deref(),
        Some("29")
    );
    let impossible = "Two numbers add up to 41; twice the smaller is 25. What is the larger?";
    assert_eq!(known(&item("en", Asks::Number, impossible, &[])), None);
}

#[test]
fn dates_follow_the_calendar() {
    for (prompt, weekday) in [
        (
            "Day 366 of 2000: month 12, day 31. Which weekday?",
            Some("Sunday"),
        ),
        (
            "Day 60 of 2024: month 2, day 29. Which weekday?",
            Some("Thursday"),
        ),
        (
            "Day 1 of 1995: month 1, day 1. Which weekday?",
            Some("Sunday"),
        ),
        ("Day 366 of 2023: month 1, day 1. Which weekday?", None),
    ] {
        assert_eq!(
            known(&item("en", Asks::FreeText, prompt, &[])).as_deref(),
            weekday,
            "{prompt}"
        );
    }
}

#[test]
fn literal_items_and_doubled_braces_are_recognised() {
    let asked = item(
        "en",
        Asks::Number,
        "What is one half of {one} as a decimal?",
        &[],
    );
    assert_eq!(known(&asked).as_deref(), Some("0.5"));
}

#[test]
fn division_rounds_down_and_remainders_are_never_negative() {
    for (prompt, larger) in [
        ("floor(-7/2), then -7 modulo 4, the larger", "1"),
        ("floor(9/2), then 9 modulo 4, the larger", "4"),
    ] {
        assert_eq!(
            known(&item("en", Asks::Number, prompt, &[])).as_deref(),
            Some(larger),
            "{prompt}"
        );
    }
}

#[test]
fn a_question_of_no_family_or_another_language_is_not_known() {
    assert_eq!(
        known(&item("en", Asks::Number, "How many moons has Pluto?", &[])),
        None
    );
    assert_eq!(
        known(&item(
            "en",
            Asks::Number,
            "How many moons has Mars? And Venus?",
            &[]
        )),
        None
    );
    assert_eq!(
        known(&item("de", Asks::Number, "How many moons has Mars?", &[])),
        None
    );
    assert_eq!(known(&item("en", Asks::Number, "", &[])), None);
}

#[test]
fn who_knows_more_knows_all_that_others_know_and_about_its_share() {
    let prompts: Vec<String> = (2..=40)
        .filter(|n| n % 7 != 0)
        .map(|n| format!("Today is Monday. Which day is it in {n} days?"))
        .collect();
    let choices = [
        "Tuesday",
        "Wednesday",
        "Thursday",
        "Friday",
        "Saturday",
        "Sunday",
    ];
    let knows = |percent: u64| -> Vec<bool> {
        let asked = prompts
            .iter()
            .map(|prompt| item("en", Asks::OneChoice, prompt, &choices));
        asked
            .map(|item| answer(&SAMPLE, percent, &item).is_some())
            .collect()
    };
    let (none, half, all) = (knows(0), knows(50), knows(100));
    assert!(none.iter().all(|known| !known));
    assert!(all.iter().all(|known| *known));
    let share = half.iter().filter(|known| **known).count();
    assert!((8..=26).contains(&share), "{share} of {}", half.len());
    let more = knows(75);
    assert!(half.iter().zip(&more).all(|(half, more)| !half || *more));
}

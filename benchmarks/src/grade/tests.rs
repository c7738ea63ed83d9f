//! Marks as a whole: states, verdicts, the digest, and arbitrary text.

use proptest::prelude::*;

use super::*;
use crate::item::Unit;

fn item(grader: Grader, locale: Locale) -> Item {
    Item {
        benchmark: "b@1.0".to_owned(),
        family: "f".to_owned(),
        grader,
        locale,
        max_bytes: 64,
        prompt: "?".to_owned(),
        section: "s".to_owned(),
        weight: 1,
    }
}

fn texts(texts: &[&str]) -> Vec<String> {
    texts.iter().map(|&text| text.to_owned()).collect()
}

fn choice() -> Item {
    item(
        Grader::Choice {
            options: texts(&["North", "South"]),
            right: 1,
        },
        Locale::En,
    )
}

fn exact(aliases: &[&str], rules: &[Rule]) -> Item {
    item(
        Grader::Exact {
            aliases: texts(aliases),
            rules: rules.to_vec(),
        },
        Locale::Pt,
    )
}

fn number(locale: Locale) -> Item {
    let unit = Some(Unit::Spelled(texts(&["km", "千米"])));
    let (abs, rel) = ("0".to_owned(), "0.01".to_owned());
    item(
        Grader::Number {
            abs,
            rel,
            unit,
            value: "12".to_owned(),
        },
        locale,
    )
}

fn verdict(item: &Item, state: State, text: &str) -> (Verdict, Option<Reason>, String) {
    let mark = mark(item, Answer { state, text });
    (mark.verdict, mark.reason, mark.points)
}

#[test]
fn each_state_of_an_answer_has_its_verdict() {
    let item = choice();
    for (state, text, expected, reason) in [
        (State::Ok, "B", Verdict::Pass, None),
        (State::Truncated, "B", Verdict::Pass, None),
        (
            State::Ok,
            "A",
            Verdict::Fail,
            Some(Reason::OtherOption { letter: 'A' }),
        ),
        (
            State::Ok,
            " \u{200B}",
            Verdict::Unparsed,
            Some(Reason::Empty),
        ),
        (State::Empty, "", Verdict::Unparsed, Some(Reason::Empty)),
        (
            State::Declined,
            "B",
            Verdict::Refused,
            Some(Reason::Declined),
        ),
        (
            State::Timeout,
            "B",
            Verdict::Unparsed,
            Some(Reason::Timeout),
        ),
        (State::Trap, "B", Verdict::Unparsed, Some(Reason::Trap)),
        (
            State::Transport,
            "B",
            Verdict::Void,
            Some(Reason::Transport),
        ),
    ] {
        let points = if expected == Verdict::Pass { "1" } else { "0" };
        assert_eq!(
            verdict(&item, state, text),
            (expected, reason, points.to_owned()),
            "{state:?}"
        );
    }
}

#[test]
fn an_exact_answer_is_compared_by_the_rules_of_its_item_alone() {
    let strict = exact(&["Pequim"], &[]);
    assert_eq!(verdict(&strict, State::Ok, " **Pequim** ").0, Verdict::Pass);
    assert_eq!(
        verdict(&strict, State::Ok, "pequim").1,
        Some(Reason::OtherText)
    );
    assert_eq!(
        verdict(&strict, State::Ok, "Pequim.").1,
        Some(Reason::OtherText)
    );

    let lenient = exact(
        &["São  Paulo"],
        &[Rule::FoldCase, Rule::StripPunctuation, Rule::SqueezeSpaces],
    );
    assert_eq!(
        verdict(&lenient, State::Ok, "«são\npaulo»!").0,
        Verdict::Pass
    );
    assert_eq!(
        verdict(&lenient, State::Ok, "sao paulo").1,
        Some(Reason::OtherText)
    );
    assert_eq!(
        verdict(&exact(&["H2O"], &[]), State::Ok, "Ｈ２Ｏ").0,
        Verdict::Pass
    );
}

#[test]
fn what_lies_behind_the_limit_is_not_read() {
    let long = format!("{}B", " ".repeat(ANSWER_BYTES_READ));
    assert_eq!(verdict(&choice(), State::Ok, &long).1, Some(Reason::Empty));
    let split = format!("{}字", "x".repeat(ANSWER_BYTES_READ - 1));
    assert_eq!(
        verdict(&choice(), State::Ok, &split).1,
        Some(Reason::NoRule)
    );
}

#[test]
fn the_bundle_digest_is_that_of_the_sorted_grader_digests() {
    let mut digests: Vec<Digest> = graders().iter().map(|one| one.sha256).collect();
    assert_eq!(digests.len(), 3);
    digests.sort();
    let bytes: Vec<u8> = digests.iter().flat_map(|one| *one.as_bytes()).collect();
    assert_eq!(grader().sha256, Digest::of(&bytes));
    assert_eq!(grader().name, "assay-graders");
}

#[test]
fn every_reason_is_a_sentence() {
    for reason in [
        Reason::OtherOption { letter: 'A' },
        Reason::OtherText,
        Reason::OtherNumber {
            read: "7".to_owned(),
        },
        Reason::Unit,
        Reason::Declined,
        Reason::Empty,
        Reason::TruncatedReasoning,
        Reason::NoRule,
        Reason::Ambiguous,
        Reason::OutOfRange,
        Reason::Timeout,
        Reason::Trap,
        Reason::Transport,
    ] {
        let sentence = reason.sentence();
        assert!(sentence.starts_with(char::is_uppercase), "{sentence}");
        assert!(sentence.ends_with('.'), "{sentence}");
        assert_ne!(reason.verdict(), Verdict::Pass);
        assert!(
            reason
                .code()
                .chars()
                .all(|c| c.is_ascii_lowercase() || c == '_')
        );
    }
}

/// Pieces that graders look for, so that arbitrary answers reach deep into them.
const PIECES: [&str; 40] = [
    "A",
    "B",
    "C",
    "b",
    "(",
    ")",
    ".",
    "、",
    ",",
    ":",
    " ",
    "\n",
    "-",
    "−",
    "1",
    "12",
    "1,234",
    "0.5",
    "e9",
    "%",
    "百分之",
    "三",
    "十",
    "万",
    "亿",
    "兆",
    "点",
    "km",
    "千米",
    "答案",
    "是",
    "The answer is ",
    "A resposta é ",
    "é",
    "<think>",
    "</think>",
    "\\boxed{",
    "}",
    "**",
    "\u{FDFA}",
];

proptest! {
    #[test]
    fn no_text_makes_a_grader_panic_and_a_mark_is_repeatable(
        pieces in prop::collection::vec((0..PIECES.len(), ".{0,3}"), 0..24)
    ) {
        let text: String =
            pieces.iter().flat_map(|(piece, other)| [PIECES[*piece], other.as_str()]).collect();
        for item in [choice(), exact(&["x"], &[Rule::StripPunctuation]), number(Locale::Pt), number(Locale::ZhHans)] {
            let answer = Answer { state: State::Ok, text: &text };
            prop_assert_eq!(mark(&item, answer), mark(&item, answer));
        }
    }

    #[test]
    fn a_long_answer_of_one_repeated_piece_is_marked(piece in 0..PIECES.len(), other in 0..PIECES.len()) {
        let pair = [PIECES[piece], PIECES[other]].concat();
        let text = pair.repeat(8 * 1024 / pair.len());
        for item in [choice(), number(Locale::En), number(Locale::YueHant)] {
            let _ = mark(&item, Answer { state: State::Ok, text: &text });
        }
    }
}

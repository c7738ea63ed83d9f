//! The table of answers that a choice grader must get right, in every language it applies to.

use super::*;
use crate::grade::normalise;

const CHINESE: [&str; 4] = ["北区", "南区", "东区", "西区"];
const ENGLISH: [&str; 4] = ["Northport", "Southport", "Eastport", "Westport"];
const PORTUGUESE: [&str; 4] = ["Porto Norte", "Porto Sul", "Porto Este", "Porto Oeste"];
const ALL: [[&str; 4]; 3] = [CHINESE, ENGLISH, PORTUGUESE];

fn choose(text: &str, options: [&str; 4]) -> Result<char, Reason> {
    let options: Vec<String> = options.iter().map(|&option| option.to_owned()).collect();
    let text = normalise::text(text)?;
    Reader { options: &options }.choose(&text).map(letter_of)
}

fn expect(texts: &[&str], options: &[[&str; 4]], expected: &Result<char, Reason>) {
    for text in texts {
        for options in options {
            assert_eq!(choose(text, *options), *expected, "`{text}` of {options:?}");
        }
    }
}

#[test]
fn rows_1_and_2_a_letter_alone_counts_in_any_width_case_and_bracket() {
    expect(&["Ｂ", "b", " B ", "B.", "**B**", "B。"], &ALL, &Ok('B'));
    expect(
        &["（Ｃ）", "(c)", "[C]", "【C】", "「C」。"],
        &ALL,
        &Ok('C'),
    );
}

#[test]
fn row_3_a_label_leads_its_text() {
    expect(
        &[
            "B．南区",
            "B. 南区",
            "B、南区",
            "B) Southport",
            "B: Porto Sul",
        ],
        &ALL,
        &Ok('B'),
    );
}

#[test]
fn row_4_a_stated_letter_may_be_followed_by_han_or_a_comma() {
    expect(
        &[
            "答案是B选项，因为…",
            "答案係B，因為",
            "正确选项：B",
            "我揀B",
        ],
        &ALL,
        &Ok('B'),
    );
    expect(
        &["The answer is B, because", "The answer is B because"],
        &ALL,
        &Ok('B'),
    );
    expect(
        &["A resposta é B, porque", "A resposta certa é: B pois"],
        &ALL,
        &Ok('B'),
    );
}

#[test]
fn row_5_an_article_is_no_letter() {
    expect(
        &["A common view is that…", "A vista comum é que"],
        &ALL,
        &Err(Reason::NoRule),
    );
    expect(
        &["I think so", "O porto", "E depois"],
        &ALL,
        &Err(Reason::NoRule),
    );
}

#[test]
fn row_6_a_cue_counts_anywhere() {
    let text = "A common view is X. The correct answer is C.";
    expect(
        &[text, "Uma vista. A resposta correta é C."],
        &ALL,
        &Ok('C'),
    );
}

#[test]
fn row_7_a_space_alone_does_not_bound_a_letter() {
    expect(
        &["The answer is A common mistake"],
        &ALL,
        &Err(Reason::NoRule),
    );
    expect(&["A resposta é A mais comum"], &ALL, &Err(Reason::NoRule));
}

#[test]
fn row_8_the_own_text_of_an_option_vouches_for_its_letter() {
    expect(
        &["A Northport", "A - northport", "A. Northport"],
        &[ENGLISH],
        &Ok('A'),
    );
    expect(&["A 北区", "A北区", "答案是 A 北区"], &[CHINESE], &Ok('A'));
    expect(&["A Porto Norte"], &[PORTUGUESE], &Ok('A'));
    expect(
        &["A Northporters say", "ANorthport"],
        &[ENGLISH],
        &Err(Reason::NoRule),
    );
}

#[test]
fn rows_9_and_10_two_letters_are_ambiguous() {
    let texts = [
        "A、B都不对",
        "A and B are both wrong",
        "A e B",
        "A or B",
        "A/B",
        "A与B",
    ];
    expect(&texts, &ALL, &Err(Reason::Ambiguous));
    let texts = [
        "答案是B还是C",
        "答案係B定係C",
        "The answer is B or C",
        "A resposta é B ou C",
    ];
    expect(&texts, &ALL, &Err(Reason::Ambiguous));
    let texts = [
        "The answer is A. No, the answer is C.",
        "答案是A。答案是C。",
    ];
    expect(&texts, &ALL, &Err(Reason::Ambiguous));
}

#[test]
fn row_11_a_denial_states_nothing() {
    expect(
        &["答案不是B", "The answer is not B", "A resposta não é B"],
        &ALL,
        &Err(Reason::NoRule),
    );
}

#[test]
fn row_12_portuguese_states_with_e_acute() {
    expect(
        &[
            "A resposta é B",
            "Alternativa correta: B",
            "A resposta é a letra B.",
        ],
        &ALL,
        &Ok('B'),
    );
}

#[test]
fn rows_13_and_14_abbreviations_and_trailing_dots_are_no_labels() {
    let texts = [
        "A.I. systems differ.",
        "A… let me think",
        "A...",
        "A?",
        "A's",
        "A-level",
    ];
    expect(&texts, &ALL, &Err(Reason::NoRule));
}

#[test]
fn row_15_another_letter_is_out_of_range() {
    let texts = ["E", "(Z)", "The answer is F.", "E. something", "答案是E"];
    expect(&texts, &ALL, &Err(Reason::OutOfRange));
}

#[test]
fn row_16_reasoning_that_never_ends_is_truncated() {
    expect(&["<think>maybe A"], &ALL, &Err(Reason::TruncatedReasoning));
    expect(&["<think>maybe A</think>B"], &ALL, &Ok('B'));
}

#[test]
fn the_text_of_an_option_alone_chooses_it() {
    expect(
        &["Southport", "southport.", " SOUTHPORT "],
        &[ENGLISH],
        &Ok('B'),
    );
    expect(&["南区", "南区。"], &[CHINESE], &Ok('B'));
    expect(
        &["Southport or Northport", "South"],
        &[ENGLISH],
        &Err(Reason::NoRule),
    );
    let species = ["H. pylori", "E. coli", "S. aureus", "B. subtilis"];
    expect(&["E. coli"], &[species], &Ok('B'));
}

#[test]
fn a_listed_letter_behind_a_cue_may_be_wrapped() {
    let texts = [
        "Answer: **B**",
        "The answer is (B).",
        "答案：【B】",
        "$\\boxed{B}$ Answer: B",
    ];
    expect(&texts, &ALL, &Ok('B'));
    expect(
        &["The correct answer is option B.", "The answer is \"B\"."],
        &ALL,
        &Ok('B'),
    );
}

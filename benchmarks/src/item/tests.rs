//! Items: their bytes, what a system sees, and what is refused.

use super::*;

const CHOICE: &str = r#"{"benchmark":"b@1.0","family":"f","grader":{"kind":"choice","options":["North","South"],"right":1},"locale":"en","maxBytes":64,"prompt":"Where?","section":"s","weight":1}"#;
const NUMBER: &str = r#"{"benchmark":"b@1.0","family":"f","grader":{"abs":"0","kind":"number","rel":"0","unit":["km"],"value":"12.5"},"locale":"pt","maxBytes":64,"prompt":"Quanto?","section":"s","weight":1}"#;

#[test]
fn a_choice_is_shown_with_letters_and_without_its_key() {
    let item = Item::parse(CHOICE.as_bytes()).expect("an item");
    let question = item.question();
    assert_eq!(
        question.turns,
        [(Speaker::User, "Where?\n\nA. North\nB. South".to_owned())]
    );
    assert_eq!(question.choices, ["North", "South"]);
    assert_eq!(
        (question.asks, question.lang.as_str()),
        (Asks::OneChoice, "en")
    );
    assert_eq!(item.expected(), "B. South");
}

#[test]
fn a_number_is_shown_as_its_prompt_alone() {
    let item = Item::parse(NUMBER.as_bytes()).expect("an item");
    assert_eq!(
        item.question().turns,
        [(Speaker::User, "Quanto?".to_owned())]
    );
    assert_eq!(item.question().asks, Asks::Number);
    assert_eq!(item.expected(), "12.5 km");
    assert_eq!(item.bytes(), NUMBER.as_bytes());
}

#[test]
fn an_item_out_of_its_limits_is_refused() {
    for (text, from, to, reason) in [
        (CHOICE, r#""right":1"#, r#""right":2"#, "right is no option"),
        (CHOICE, "South", "north.", "options repeat"),
        (
            CHOICE,
            r#","South"],"right":1"#,
            r#"],"right":0"#,
            "options has 1 entries, not 2 to 6",
        ),
        (CHOICE, r#""weight":1"#, r#""weight":2"#, "weight is not 1"),
        (CHOICE, "64", "65537", "maxBytes is not between 1 and 65536"),
        (CHOICE, "Where?", " ", "prompt: empty text"),
        (
            NUMBER,
            "12.5",
            "12,5",
            "value, abs or rel is not a number in canonical form",
        ),
        (NUMBER, r#"["km"]"#, "[]", "unit has 0 entries, not 1 to 32"),
    ] {
        let error = Item::parse(text.replacen(from, to, 1).as_bytes()).expect_err(reason);
        assert!(
            matches!(&error, ItemError::Invalid { reason: found, .. } if found == reason),
            "{error}"
        );
    }
}

#[test]
fn only_canonical_bytes_are_an_item() {
    let spaced = CHOICE.replacen("\":", "\": ", 1);
    assert_eq!(Item::parse(spaced.as_bytes()), Err(ItemError::NotCanonical));
    let unknown = CHOICE.replacen(r#""weight":1"#, r#""weight":1,"x":1"#, 1);
    assert!(matches!(
        Item::parse(unknown.as_bytes()),
        Err(ItemError::Json(_))
    ));
    let hidden = CHOICE.replacen(r#""right":1"#, r#""right":1,"why":"x""#, 1);
    assert!(matches!(
        Item::parse(hidden.as_bytes()),
        Err(ItemError::Json(_))
    ));
}

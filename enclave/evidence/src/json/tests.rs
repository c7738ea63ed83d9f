//! The strict reader against what lax readers accept, and the canonical writer.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::*;

fn written(text: &str) -> String {
    String::from_utf8(to_vec(&parse(text.as_bytes()).unwrap())).unwrap()
}

#[test]
fn the_canonical_form_is_sorted_tight_and_minimally_escaped() {
    assert_eq!(
        written(r#" { "b" : [ 1 , -2, [] , {} ] , "a" : "é\u00e9\u0001\/\"\\\b\t\n\f\r\u007f" } "#),
        "{\"a\":\"éé\\u0001/\\\"\\\\\\b\\t\\n\\f\\r\u{7f}\",\"b\":[1,-2,[],{}]}"
    );
    assert_eq!(written("[true,false,null]"), "[true,false,null]");
}

#[test]
fn members_sort_by_utf16_units_as_rfc_8785_wants() {
    // U+1F600 starts with the unit D83D, which is below FB33.
    assert_eq!(
        written("{\"\u{fb33}\":1,\"\u{1f600}\":2}"),
        "{\"\u{1f600}\":2,\"\u{fb33}\":1}"
    );
}

#[test]
fn every_lax_spelling_is_refused_with_its_reason() {
    let cases: [(&[u8], JsonError); 22] = [
        (br#"{"a":1,"a":2}"#, JsonError::DuplicateKey("a".into())),
        (
            br#"{"a":1,"\u0061":2}"#,
            JsonError::DuplicateKey("a".into()),
        ),
        (b"1.0", JsonError::NotAnInteger(0)),
        (b"[1e3]", JsonError::NotAnInteger(1)),
        (b"1E3", JsonError::NotAnInteger(0)),
        (b"-0", JsonError::NotAnInteger(0)),
        (b"9007199254740992", JsonError::IntegerTooLarge(0)),
        (b"-9007199254740992", JsonError::IntegerTooLarge(0)),
        (b"99999999999999999999999999", JsonError::IntegerTooLarge(0)),
        (b"01", JsonError::Syntax(0)),
        (b"-", JsonError::Syntax(1)),
        (b"\"\xff\"", JsonError::NotUtf8),
        (br#""\ud83d""#, JsonError::LoneSurrogate(1)),
        (br#""\ude00""#, JsonError::LoneSurrogate(1)),
        (br#""\ud83d\u0041""#, JsonError::LoneSurrogate(1)),
        (b"\"\n\"", JsonError::Syntax(1)),
        (b"[1,]", JsonError::Syntax(3)),
        (b"{\"a\":1,}", JsonError::Syntax(7)),
        (b"\xef\xbb\xbf1", JsonError::Syntax(0)),
        (b"1 2", JsonError::TrailingBytes(2)),
        (b"", JsonError::Syntax(0)),
        (b"\"abc", JsonError::Syntax(4)),
    ];
    for (text, reason) in cases {
        assert_eq!(
            parse(text),
            Err(reason),
            "{:?}",
            String::from_utf8_lossy(text)
        );
    }
}

#[test]
fn the_largest_integers_and_the_deepest_nesting_pass() {
    assert_eq!(
        written("[9007199254740991,-9007199254740991]"),
        "[9007199254740991,-9007199254740991]"
    );
    let deepest = "[".repeat(32) + &"]".repeat(32);
    assert_eq!(written(&deepest), deepest);
    let too_deep = "[".repeat(33) + &"]".repeat(33);
    assert_eq!(parse(too_deep.as_bytes()), Err(JsonError::TooDeep));
}

#[test]
fn surrogate_pairs_join() {
    assert_eq!(
        parse(br#""\ud83d\ude00""#),
        Ok(Value::String("\u{1f600}".into()))
    );
}

#[test]
fn fractions_have_no_canonical_form() {
    assert_eq!(
        try_to_vec(&0.5),
        Err(JsonError::Unwritable("a fraction".into()))
    );
    assert_eq!(
        try_to_vec(&(1_u64 << 53)),
        Err(JsonError::Unwritable("9007199254740992".into()))
    );
}

proptest! {
    #[test]
    fn what_is_written_reads_back(map in any::<BTreeMap<String, (String, i32, Vec<bool>)>>()) {
        let text = to_vec(&map);
        prop_assert_eq!(from_slice::<BTreeMap<String, (String, i32, Vec<bool>)>>(&text).unwrap(), map);
        prop_assert_eq!(to_vec(&parse(&text).unwrap()), text);
    }

    #[test]
    fn no_input_makes_the_reader_panic(bytes in any::<Vec<u8>>()) {
        let _ = parse(&bytes);
    }
}

/// Two fields, one with a word, one that may be missing.
#[derive(Debug, PartialEq, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Pair {
    first: u8,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    second: Option<Word>,
}

#[derive(Debug, PartialEq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Word {
    InTwo,
}

#[test]
fn a_type_is_read_from_an_object_and_nothing_else() {
    let read = |text: &str| from_slice::<Pair>(text.as_bytes());
    let second = Some(Word::InTwo);
    assert_eq!(
        read(r#"{"first":1,"second":"in-two"}"#),
        Ok(Pair { first: 1, second })
    );
    let first = Pair {
        first: 1,
        second: None,
    };
    assert_eq!(read(r#"{"first":1,"second":null}"#), Ok(first));
    for (text, says) in [
        (r#"[1,"in-two"]"#, "an array instead of an object"),
        ("1", "a number instead of an object"),
        ("{}", "missing field `first`"),
        (r#"{"first":1,"third":2}"#, "unknown field `third`"),
        (r#"{"first":"1"}"#, "a string instead of u8"),
        (r#"{"first":256}"#, "a number instead of u8"),
        (r#"{"first":-1}"#, "a number instead of u8"),
        (r#"{"first":1,"second":"two"}"#, "unknown word `two`"),
        (
            r#"{"first":1,"second":{"in-two":1}}"#,
            "an object instead of a word",
        ),
    ] {
        assert_eq!(read(text), Err(JsonError::Shape(says.into())), "{text}");
    }
    let two = from_slice::<(u8, u8)>(b"[1,2,3]");
    let says = "an array with 1 elements too many";
    assert_eq!(two, Err(JsonError::Shape(says.into())));
}

/// An object with one name twice.
struct Twice;

impl Serialize for Twice {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map([("a", 1), ("b", 2), ("a", 3)])
    }
}

#[test]
fn maps_need_keys_that_are_texts_and_stand_once() {
    let numbers = BTreeMap::from([(1, 2)]);
    assert_eq!(
        try_to_vec(&numbers),
        Err(JsonError::Unwritable("a key that is no string".into()))
    );
    assert_eq!(
        try_to_vec(&Twice),
        Err(JsonError::Unwritable("two members are named \"a\"".into()))
    );
    let quotes = BTreeMap::from([('"', 2), ('!', 1)]);
    assert_eq!(to_vec(&quotes), br#"{"!":1,"\"":2}"#);
}

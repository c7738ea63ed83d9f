//! Every fault an author can make, one at a time, and several at once.

use proptest::prelude::*;

use super::{
    samples::{LINES, TOML, faults, files, pack},
    *,
};

#[test]
fn a_pack_without_faults_is_read_whole() {
    let pack = pack();
    assert_eq!(pack.benchmark(), "small-pack@1.0");
    assert_eq!(pack.locales, [Locale::En, Locale::Pt]);
    assert_eq!(pack.sections[0].title, "Sky");
    assert_eq!(pack.max_bytes, 512);
    let form = pack.draw(&pack.practice_seed()).expect("a form");
    let families: Vec<&str> = form.items.iter().map(|item| item.family.as_str()).collect();
    assert_eq!(
        families,
        [
            "moons.1",
            "moons.1",
            "moons.2",
            "moons.2",
            "moons.3",
            "moons.3",
            "next-day",
            "next-day",
            "red-planet",
            "red-planet",
            "star",
            "star"
        ]
    );
    assert_eq!(form.items[0].locale, Locale::En);
    assert_eq!(form.items[1].locale, Locale::Pt);
}

/// Each case: a text of the sample, what takes its place, and how a fault then begins.
type Case = (&'static str, &'static str, &'static str);

fn check(cases: &[Case]) {
    for (from, to, expected) in cases {
        let found = faults(from, to);
        let expected = format!("items/sky.jsonl:{expected}");
        assert!(
            found.iter().any(|fault| fault.starts_with(&expected)),
            "{expected}\n{found:#?}"
        );
    }
}

const NAMES: [Case; 9] = [
    (
        r#""family":"star""#,
        r#""family":"moons""#,
        "6: moons: the same name is at items/sky.jsonl:3",
    ),
    (
        r#""family":"star""#,
        r#""family":"Star""#,
        "6: Star: id `Star` must be lower case letters, digits and single `-`, at most 64",
    ),
    (
        "{n} thrice",
        "{m} thrice",
        "3: moons: `prompt.en`: in `{m}`: unknown name `m`; did you mean `n`?",
    ),
    (
        "of {p.name}",
        "of {p.nam}",
        "3: moons: `prompt.en`: in `{p.nam}`: table `planets` has no field `nam`; did you mean `name`?",
    ),
    (
        "of {p.name}",
        "of {p}",
        "3: moons: `prompt.en`: in `{p}`: `p` is a whole row; name a field, such as `p.name`",
    ),
    (
        "of {p.name}",
        "of {p.name",
        "3: moons: `prompt.en`: `{` without its partner; write `{{`",
    ),
    (
        r#""row":"planets""#,
        r#""row":"planet""#,
        "3: moons: unknown table `planet`; did you mean `planets`?",
    ),
    (
        r#"{"list":"weekday"}"#,
        r#"{"list":"weekdays"}"#,
        "4: next-day: unknown list `weekdays`; did you mean `weekday`?",
    ),
    (
        "{weekday[(d",
        "{week[(d",
        "4: next-day: `right.en`: in `{week[(d + 1) % 4]}`: unknown list `week`; did you mean `weekday`?",
    ),
];

#[test]
fn a_name_that_means_nothing_is_a_fault() {
    check(&NAMES);
}

const KEYS: [Case; 13] = [
    (
        r#""pt":"Que dia segue {d}?""#,
        r#""zh":"x""#,
        "4: next-day: `prompt` has no `pt`",
    ),
    (
        r#""right":{"en":"Mars","pt":"Marte"},"#,
        "",
        "5: red-planet: missing `right`",
    ),
    (r#","value":"total""#, "", "3: moons: missing `value`"),
    (
        r#""aliases":{"en":["Sun","the Sun"],"pt":["Sol","o Sol"]},"#,
        "",
        "6: star: missing `aliases`",
    ),
    (
        r#""wrong_from":{"list":"weekday","count":2}"#,
        r#""draws":1"#,
        "4: next-day: a choice has exactly one of `wrong` and `wrong_from`",
    ),
    (
        r#""rules":["fold_case""#,
        r#""rule":["fold_case""#,
        "6: star: unknown key `rule`; did you mean `rules`?",
    ),
    (
        r#"["fold_case""#,
        r#"["foldcase""#,
        "6: star: unknown rule `foldcase`; did you mean `fold_case`?",
    ),
    (
        r#""count":3"#,
        r#""count":4"#,
        "5: red-planet: `planets` has 4 entries, too few for 4 wrong options beside the right one",
    ),
    (
        r#""count":3"#,
        r#""count":6"#,
        "5: red-planet: `wrong_from.count` must be an integer from 1 to 5",
    ),
    (
        r#""field":"name""#,
        r#""field":"moons""#,
        "5: red-planet: table `planets` has no text field `moons`",
    ),
    (
        r#""section":"sky","kind":"exact""#,
        r#""section":"sea","kind":"exact""#,
        "6: star: unknown section `sea`; did you mean `sky`?",
    ),
    (
        r#""kind":"exact""#,
        r#""kind":"exakt""#,
        "6: star: unknown kind `exakt`; did you mean `exact`?",
    ),
    (
        r#""value":"total""#,
        r#""value":"total","abs":"-1""#,
        "3: moons: `abs` must be a decimal in a string, such as \"0.5\"",
    ),
];

#[test]
fn a_key_that_is_missing_unknown_or_impossible_is_a_fault() {
    check(&KEYS);
}

const SHAPES: [Case; 14] = [
    (
        "n * 3 + p.moons",
        "n * 3 +",
        "3: moons: `let total`: expected a number, a name or `(` at `end`",
    ),
    (
        "n * 3 + p.moons",
        "n * 3 + p.name",
        "3: moons: `let total`: `p.name` is a text, not an integer",
    ),
    (
        r#"[["total""#,
        r#"[["n""#,
        "3: moons: `let` gives the name `n` a second meaning",
    ),
    (
        r#""draws":3"#,
        r#""draws":5"#,
        "3: moons: table `planets` has 4 rows, too few: 5 draws over 1 slots need 5",
    ),
    (
        r#""draws":3"#,
        r#""draws":1001"#,
        "3: moons: `draws` must be an integer from 1 to 1000",
    ),
    (r#""draws":3"#, r#""draws":2.5"#, "3: not a JSON object"),
    (
        r#""int":[2,9]"#,
        r#""int":[9,2]"#,
        "3: moons: slot `n`: `int` must be [low, high] with low at most high, within ±1000000000000",
    ),
    (
        "Which planet is red?",
        "Which\\u202e?",
        "5: red-planet: `prompt.en`: invisible or bidirectional character U+202E in text; remove it",
    ),
    (
        "Which planet is red?",
        "Which\\u0007?",
        "5: red-planet: `prompt.en`: control character U+0007 in text; remove it",
    ),
    (
        r#""moons":146"#,
        r#""moon":146"#,
        "1: planets: row `saturn` has other fields than the first row",
    ),
    (
        r#""id":"venus""#,
        r#""id":"mars""#,
        "1: planets: row id `mars` is there twice",
    ),
    (
        r#""quarta","quinta""#,
        r#""quarta""#,
        "2: weekday: lists differ in length: en 4, pt 3",
    ),
    (
        r#""family":"star""#,
        r#""familly":"star""#,
        "6: a line has exactly one of `family`, `table`, `list`, not aliases, familly, kind, prompt, rules, section; did you mean `family`?",
    ),
    (
        r#""family":"star""#,
        r#""family":"star","family":"moon""#,
        "6: not a JSON object",
    ),
];

#[test]
fn a_value_of_the_wrong_shape_is_a_fault() {
    check(&SHAPES);
}

const TRIALS: [Case; 4] = [
    (
        "total < 100",
        "total < 0",
        "3: moons: no draw of `moons.1` met its constraints in 64 tries; the last one: a `require` did not hold",
    ),
    (
        "(d + 1) % 4",
        "d + 1",
        "4: next-day: `next-day`: list `weekday` has 4 entries, but entry 4 was asked for (they count from 0)",
    ),
    (
        r#""value":"total""#,
        r#""value":"total / (n - n)""#,
        "3: moons: `moons.1`: division by zero",
    ),
    (
        r#""right":{"en":"Mars","pt":"Marte"},"wrong_from":{"table":"planets","field":"name","count":3}"#,
        r#""right":{"en":"Mars","pt":"Marte"},"wrong":[{"en":"mars.","pt":"x"}]"#,
        "5: red-planet: no draw of `red-planet` met its constraints in 64 tries; the last one: two options were the same",
    ),
];

#[test]
fn a_family_that_cannot_be_drawn_is_a_fault() {
    check(&TRIALS);
}

#[test]
fn faults_of_the_manifest_have_lines_too() {
    for (from, to, expected) in [
        ("title = \"Small pack\"\n", "", "pack.toml: missing `title`"),
        (
            "licence =",
            "license =",
            "pack.toml:5: unknown key `license`; did you mean `licence`?",
        ),
        (
            "\"pt\"]",
            "\"fr\"]",
            "pack.toml:6: unknown locale `fr`; known: en, zh-Hans, yue-Hant, pt",
        ),
        (
            "\"pt\"]",
            "\"en\"]",
            "pack.toml:6: locale `en` is listed twice",
        ),
        (
            "max_bytes = 512",
            "max_bytes = 70000",
            "pack.toml:7: `max_bytes` must be an integer from 1 to 65536",
        ),
        (
            "version = \"1.0\"",
            "version = \"1\"",
            "pack.toml:2: `version` must be `major.minor`, such as `1.0`",
        ),
        (
            "id = \"sky\"",
            "ident = \"sky\"",
            "pack.toml:10: unknown key `section.ident`; known: id, title",
        ),
        ("summary = ", "summary ", "pack.toml:4: not TOML: "),
    ] {
        let found = faults(from, to);
        assert!(
            found.iter().any(|fault| fault.starts_with(expected)),
            "{expected}\n{found:#?}"
        );
    }
}

#[test]
fn all_faults_are_reported_at_once_in_order() {
    let mut broken = files("{n} thrice", "{m} thrice");
    let lines = broken
        .get_mut("items/sky.jsonl")
        .expect("the sample's items");
    let text = String::from_utf8(lines.clone()).expect("UTF-8");
    *lines = text
        .replace(r#""kind":"exact""#, r#""kind":"exakt""#)
        .into_bytes();
    broken.insert("notes.txt".to_owned(), Vec::new());
    broken.insert(
        "pack.toml".to_owned(),
        TOML.replace("max_bytes", "maxbytes").into_bytes(),
    );
    let faults = Pack::parse(&broken).expect_err("four faults");
    let found: Vec<(&str, usize)> = faults
        .iter()
        .map(|fault| (fault.file.as_str(), fault.line))
        .collect();
    assert_eq!(
        found,
        [
            ("items/sky.jsonl", 3),
            ("items/sky.jsonl", 6),
            ("notes.txt", 0),
            ("pack.toml", 0),
            ("pack.toml", 7)
        ]
    );
}

#[test]
fn files_and_lines_are_bounded() {
    let mut many = files("", "");
    for number in 0..FILES_MAX {
        many.insert(format!("items/{number}.jsonl"), Vec::new());
    }
    let faults = Pack::parse(&many).expect_err("66 files");
    assert_eq!(faults[0].to_string(), "pack.toml: 66 files, more than 64");

    let mut long = files("", "");
    long.insert("items/z.jsonl".to_owned(), vec![b' '; LINE_BYTES_MAX + 1]);
    let faults = Pack::parse(&long).expect_err("a long line");
    assert_eq!(
        faults[0].to_string(),
        "items/z.jsonl:1: line is over 65536 bytes; split it"
    );

    let mut large = files("", "");
    large.insert("pack.toml".to_owned(), vec![b'#'; FILE_BYTES_MAX + 1]);
    let faults = Pack::parse(&large).expect_err("a large file");
    let last = faults.last().expect("a fault").to_string();
    assert_eq!(last, "pack.toml: file is over 4194304 bytes; split it");

    assert_eq!(
        Pack::parse(&PackFiles::new()).expect_err("nothing")[0].to_string(),
        "pack.toml: a pack has 1 to 10000 families, this one 0"
    );
}

#[test]
fn a_prompt_that_grows_over_its_limit_is_a_fault() {
    let long = "x".repeat(9000);
    let found = faults("Which planet is red?", &long);
    assert_eq!(
        found,
        ["items/sky.jsonl:5: red-planet: `prompt.en`: text of 9000 bytes is over 8192"]
    );
    let nearly = format!("{}{{d}}", "x".repeat(8189));
    let found = faults("Which day follows {d}?", &nearly);
    let expected = "items/sky.jsonl:4: next-day: item of family `next-day` (en): prompt: text of ";
    assert!(found[0].starts_with(expected), "{found:?}");
}

#[test]
fn a_message_never_carries_control_characters_of_the_pack() {
    let found = faults(r#""family":"star""#, r#""fam\u001b[31mily":"star""#);
    assert!(found[0].contains("fam\u{FFFD}[31mily"), "{found:?}");
}

#[test]
fn the_digest_covers_what_defines_a_form_and_nothing_else() {
    let mut with_readme = files("", "");
    with_readme.insert("README.md".to_owned(), b"words".to_vec());
    let same = Pack::parse(&with_readme).expect("a README is no fault");
    assert_eq!(same.digest(), pack().digest());
    let other = Pack::parse(&files("Small pack", "Other pack")).expect("another title");
    assert_ne!(other.digest(), pack().digest());
    assert_ne!(other.practice_seed(), pack().practice_seed());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn no_line_makes_the_reader_panic(line in 0..6_usize, at in 0..400_usize, byte: u8) {
        let mut lines = LINES.join("\n").into_bytes();
        let start: usize = LINES[..line].iter().map(|line| line.len() + 1).sum();
        let at = (start + at).min(lines.len() - 1);
        lines[at] = byte;
        let mut changed = files("", "");
        changed.insert("items/sky.jsonl".to_owned(), lines);
        if let Err(faults) = Pack::parse(&changed) {
            prop_assert!(!faults.is_empty());
        }
    }
}

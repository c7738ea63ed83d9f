//! A small pack that tests change in one place at a time.

use super::{Fault, Pack, PackFiles};

pub(crate) const TOML: &str = r#"name = "small-pack"
version = "1.0"
title = "Small pack"
summary = "Three families."
licence = "MIT OR Apache-2.0"
locales = ["en", "pt"]
max_bytes = 512

[[section]]
id = "sky"
title = "Sky"
"#;

pub(crate) const LINES: [&str; 6] = [
    r#"{"table":"planets","rows":[{"id":"mars","name":{"en":"Mars","pt":"Marte"},"moons":2},{"id":"venus","name":{"en":"Venus","pt":"Vénus"},"moons":0},{"id":"earth","name":{"en":"Earth","pt":"Terra"},"moons":1},{"id":"saturn","name":{"en":"Saturn","pt":"Saturno"},"moons":146}]}"#,
    r#"{"list":"weekday","values":{"en":["Monday","Tuesday","Wednesday","Thursday"],"pt":["segunda","terça","quarta","quinta"]}}"#,
    r#"{"family":"moons","section":"sky","kind":"number","draws":3,"slots":{"p":{"row":"planets"},"n":{"int":[2,9]}},"let":[["total","n * 3 + p.moons"]],"require":["total < 100"],"prompt":{"en":"Add {n} thrice to the moons of {p.name}.","pt":"Some {n} três vezes às luas de {p.name}."},"value":"total"}"#,
    r#"{"family":"next-day","section":"sky","kind":"choice","slots":{"d":{"list":"weekday"}},"prompt":{"en":"Which day follows {d}?","pt":"Que dia segue {d}?"},"right":{"en":"{weekday[(d + 1) % 4]}","pt":"{weekday[(d + 1) % 4]}"},"wrong_from":{"list":"weekday","count":2}}"#,
    r#"{"family":"red-planet","section":"sky","kind":"choice","prompt":{"en":"Which planet is red?","pt":"Que planeta é vermelho?"},"right":{"en":"Mars","pt":"Marte"},"wrong_from":{"table":"planets","field":"name","count":3}}"#,
    r#"{"family":"star","section":"sky","kind":"exact","prompt":{"en":"Name our star {{x}}.","pt":"Diga a nossa estrela {{x}}."},"aliases":{"en":["Sun","the Sun"],"pt":["Sol","o Sol"]},"rules":["fold_case","strip_punctuation"]}"#,
];

/// The sample with one text replaced by another.
pub(crate) fn files(from: &str, to: &str) -> PackFiles {
    let toml = TOML.replacen(from, to, 1);
    let lines = LINES.join("\n").replacen(from, to, 1);
    assert!(
        from.is_empty() || toml != TOML || lines != LINES.join("\n"),
        "`{from}` is nowhere"
    );
    PackFiles::from([
        ("pack.toml".to_owned(), toml.into_bytes()),
        ("items/sky.jsonl".to_owned(), lines.into_bytes()),
    ])
}

pub(crate) fn pack() -> Pack {
    Pack::parse(&files("", "")).expect("the sample has no faults")
}

/// Faults of the sample after one replacement.
pub(crate) fn faults(from: &str, to: &str) -> Vec<String> {
    let faults = Pack::parse(&files(from, to)).expect_err("the change is a fault");
    faults.iter().map(Fault::to_string).collect()
}

//! Words that do not belong in the repository.

use crate::sources;

/// Pieces, so that this file does not find itself.
const LEFT_OVERS: [&[&str]; 6] = [
    &["TO", "DO"],
    &["FIX", "ME"],
    &["todo", "!("],
    &["unimplemented", "!("],
    &["#[ig", "nore"],
    &["dbg", "!("],
];
const PLACES: [&[&str]; 8] = [
    &["/wo", "rk/"],
    &["/ro", "ot/"],
    &["../sha", "red"],
    &[".lib", "rary/"],
    &["crates", ".io"],
    &["npm", "js"],
    &["py", "pi.org"],
    &["deb", "ian.org"],
];

#[test]
fn nothing_is_left_for_later() {
    assert_absent(&LEFT_OVERS, |path| sources::has_ending(path, "rs"));
}

#[test]
fn nothing_names_the_place_it_was_made_in() {
    assert_absent(&PLACES, |path| {
        path != "Cargo.lock" && !path.ends_with("/Cargo.lock") && path != "LICENSE"
    });
}

fn assert_absent(words: &[&[&str]], wanted: impl Fn(&str) -> bool) {
    let mut found = Vec::new();
    for path in sources::files().into_iter().filter(|path| wanted(path)) {
        let Ok(text) = std::fs::read_to_string(sources::root().join(&path)) else {
            continue; // Binary vectors hold no words.
        };
        for (number, line) in text.lines().enumerate() {
            for word in words.iter().map(|pieces| pieces.concat()) {
                if line.contains(&word) {
                    found.push(format!("{path}:{}: {word}", number + 1));
                }
            }
        }
    }
    assert!(found.is_empty(), "{found:#?}");
}

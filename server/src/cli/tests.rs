//! The shape of the command line: every verb parses, and wrong use is told apart from a refusal.

use clap::{CommandFactory as _, Parser as _};

use super::*;

fn parse(line: &str) -> Result<Cli, clap::Error> {
    Cli::try_parse_from(line.split_whitespace())
}

#[test]
fn the_definition_is_consistent() {
    Cli::command().debug_assert();
}

#[test]
fn every_verb_of_the_house_is_there() {
    for line in [
        "assay demo --dir d --listen 127.0.0.1:0 --reset --once --json",
        "assay serve --config station.toml",
        "assay station init d --origin log.example.org --jurisdiction XX",
        "assay form check pack",
        "assay form seal pack --to age1a --to age1b -o form.age --practice --edition 2026-11-a",
        "assay form publish form.age --url http://127.0.0.1:1 --token t",
        "assay adapter check a.wasm",
        "assay adapter encode in.wasm out.wasm",
        "assay try a.wasm --form bay-knowledge --locale pt",
        "assay submit a.wasm --benchmark x --benchmark y --name N --token t --wait",
        "assay runs --state aborted --limit 200",
        "assay receipt id -o bundle.json",
        "assay replay bundle.json --body form.body --component a.wasm --json",
        "assay verify one.json two.json --policy policy --json",
        "assay export one.json --policy policy --record intent --sigstore s --trusted-root r --tlog-proof t --envelope e --statement i --pae p --signature d --public-key k",
    ] {
        assert!(parse(line).is_ok(), "{line}: {:?}", parse(line).err());
    }
}

#[test]
fn publishing_and_submitting_take_their_tokens_from_two_variables() {
    let cli = Cli::command();
    for (verbs, variable) in [
        (&["form", "publish"][..], "ASSAY_FORM_TOKEN"),
        (&["submit"], "ASSAY_TOKEN"),
    ] {
        let verb = verbs.iter().fold(&cli, |verb, name| {
            verb.find_subcommand(name).expect("the verb is there")
        });
        let token = verb.get_arguments().find(|arg| arg.get_id() == "token");
        let read_from = token.and_then(clap::Arg::get_env);
        assert_eq!(read_from, Some(std::ffi::OsStr::new(variable)), "{verbs:?}");
    }
}

#[test]
fn wrong_use_ends_with_two() {
    for line in [
        "assay",
        "assay verify one.json",
        "assay replay one.json --body form.body",
        "assay export one.json --policy policy",
        "assay export one.json --policy policy --record manifest --pae p",
        "assay submit a.wasm --name N",
        "assay runs --state lost",
        "assay runs --limit 201",
        "assay try a.wasm --form x --nonce 12",
    ] {
        let refused = parse(line).expect_err(line);
        assert_eq!(refused.exit_code(), 2, "{line}");
    }
    assert_eq!(Fault::WrongUse(String::new()).code(), 2);
    assert_eq!(Fault::refused("no").code(), 1);
}

#[test]
fn every_help_shows_an_example() {
    let mut verbs = vec![Cli::command()];
    while let Some(verb) = verbs.pop() {
        if verb.has_subcommands() {
            verbs.extend(
                verb.get_subcommands()
                    .filter(|sub| sub.get_name() != "help")
                    .cloned(),
            );
            continue;
        }
        let after = verb
            .get_after_help()
            .map(ToString::to_string)
            .unwrap_or_default();
        assert!(
            after.contains("Example:\n  assay "),
            "{} has no example",
            verb.get_name()
        );
    }
}

//! Opens a seal once its run-intent is in the log, and checks what was in it.
//!
//! Everything stays in memory. Nothing is processed before age has authenticated the last chunk.

use std::io::Read;

use age::{Decryptor, Identity};
use assay_benchmarks::{
    form::Form,
    item::{Grader, Item},
};
use assay_evidence::{
    checkpoint::Checkpoint,
    record::{FormCommitment, RecordRef, RunIntent},
    seal::{self, FormBody},
    tree,
    wire::Start,
};
use zeroize::{Zeroize, Zeroizing};

use super::{
    assignment::Announced,
    memory::Memory,
    refusal::{Part, Refused},
    state::State,
    station::{Logged, Station},
};
use crate::limits;

/// The head under which the intent was seen, and its place.
pub struct Permission {
    /// Head of the start.
    pub start: Checkpoint,
    /// The intent's record.
    pub intent: RecordRef,
}

/// Is the intent that this keeper signed logged in an extension of the log it knew?
pub fn permit(
    state: &State,
    station: &Station,
    announced: &Announced,
    start: &Start,
) -> Result<Permission, Refused> {
    let checkpoint = station.checkpoint(&start.checkpoint)?;
    let before = &announced.before;
    tree::verify_consistency(
        before.size,
        checkpoint.size,
        &before.root,
        &checkpoint.root,
        &start.consistency,
    )
    .map_err(Refused::Inconsistent)?;
    Memory::open(state)?.advance(&checkpoint, &start.checkpoint, &start.extends)?;
    let logged: Logged<RunIntent> = station.logged(Part::Intent, &start.intent, &checkpoint)?;
    let is_ours = start.intent.envelope == announced.envelope
        && logged.signer.key_id() == state.sign.public().key_id()
        && logged.at.index >= before.size;
    if !is_ours {
        return Err(Refused::OtherIntent);
    }
    Ok(Permission {
        start: checkpoint,
        intent: logged.at,
    })
}

/// Decrypts the seal and checks its items against the commitment.
pub fn open(state: &State, commitment: &FormCommitment, sealed: &[u8]) -> Result<Form, Refused> {
    let body = body(state, commitment, sealed)?;
    if seal::items_tree(&body) != commitment.items {
        return Err(Refused::ItemsRoot);
    }
    let form = Form::from_body(&body)?;
    if let Some(item) = form
        .items
        .iter()
        .find(|item| item.benchmark != commitment.benchmark)
    {
        return Err(Refused::Benchmark {
            found: item.benchmark.clone(),
            committed: commitment.benchmark.clone(),
        });
    }
    match form.items.iter().position(|item| !fits(item)) {
        Some(index) => Err(Refused::Prompt(index)),
        None => Ok(form),
    }
}

/// Overwrites the secrets of an opened form: seed, questions and keys.
pub fn wipe(form: &mut Form) {
    form.seed.zeroize();
    for item in &mut form.items {
        item.prompt.zeroize();
        match &mut item.grader {
            Grader::Choice { options, right } => {
                options.zeroize();
                right.zeroize();
            }
            Grader::Exact { aliases, .. } => aliases.zeroize(),
            Grader::Number { value, .. } => value.zeroize(),
        }
    }
}

fn body(state: &State, commitment: &FormCommitment, sealed: &[u8]) -> Result<FormBody, Refused> {
    let open = |error: String| Refused::Open(error);
    let decryptor = Decryptor::new_buffered(sealed).map_err(|error| open(error.to_string()))?;
    let identity: &dyn Identity = &state.seal;
    let mut reader = decryptor
        .decrypt(std::iter::once(identity))
        .map_err(|error| match error {
            age::DecryptError::NoMatchingKeys => Refused::OtherEnclave(state.seal_recipient()),
            other => open(other.to_string()),
        })?;
    let mut plain = Zeroizing::new(Vec::with_capacity(
        commitment.seal.padded.min(sealed.len() as u64) as usize,
    ));
    reader
        .read_to_end(&mut plain)
        .map_err(|error| open(error.to_string()))?;
    if plain.len() as u64 != commitment.seal.padded {
        return Err(open("its plaintext is not as long as committed".to_owned()));
    }
    Ok(seal::open_plaintext(&plain)?)
}

fn fits(item: &Item) -> bool {
    let question = item.question();
    let turns: usize = question.turns.iter().map(|(_, text)| text.len()).sum();
    let choices: usize = question.choices.iter().map(String::len).sum();
    turns + choices <= limits::PROMPT_BYTES
}

#[cfg(test)]
mod tests {
    use assay_benchmarks::item::Unit;

    use super::*;

    #[test]
    fn a_wiped_form_holds_no_seed_question_or_key() {
        let item = |grader| Item {
            benchmark: "test-only@1.0".to_owned(),
            family: "family".to_owned(),
            grader,
            locale: serde_json::from_str("\"en\"").unwrap(),
            max_bytes: 64,
            prompt: "secret question".to_owned(),
            section: "only".to_owned(),
            weight: 1,
        };
        let key = || "secret key".to_owned();
        let mut form = Form {
            seed: [7; 32],
            items: vec![
                item(Grader::Choice {
                    options: vec![key()],
                    right: 1,
                }),
                item(Grader::Exact {
                    aliases: vec![key()],
                    rules: Vec::new(),
                }),
                item(Grader::Number {
                    abs: "0".to_owned(),
                    rel: "0".to_owned(),
                    unit: Some(Unit::Spelled(vec!["m".to_owned()])),
                    value: "31337".to_owned(),
                }),
            ],
        };
        wipe(&mut form);
        assert_eq!(form.seed, [0; 32]);
        let left = format!("{form:?}");
        assert!(
            !left.contains("secret") && !left.contains("31337"),
            "{left}"
        );
        assert!(left.contains("right: 0"), "{left}");
    }
}

//! An adapter that recognises the questions of the public packs and works out their answers.
//!
//! Its build script compiles the packs' tables, lists and prompt templates in; at run time it finds the
//! template that a prompt was written from, recovers the values in its holes and evaluates the answer.
//! The knob `EXPERT_KNOWS` (0 to 100, read when it is built) says how much of that it may use; for the
//! rest it guesses. It is an example of a system that does well, not a way to do well on real forms:
//! their tables are in no repository.

#[allow(
    dead_code,
    reason = "which steps occur depends on the packs compiled in"
)]
mod formula;
#[path = "../../seeded-guess/src/guess.rs"]
mod guess;
#[allow(
    dead_code,
    reason = "which shapes occur depends on the packs compiled in"
)]
mod knowledge;
mod recall;
mod text;
mod work_out;

#[cfg(test)]
mod tests;

wit_bindgen::generate!({ path: "../../wit", world: "sealed" });

use knowledge::{KNOWLEDGE, KNOWS_PERCENT};

struct Adapter;

export!(Adapter);

impl Guest for Adapter {
    fn respond(item: Item) -> Result<String, Fault> {
        let known = work_out::answer(&KNOWLEDGE, KNOWS_PERCENT, &item);
        Ok(known.unwrap_or_else(|| guess::guess(&item)))
    }
}

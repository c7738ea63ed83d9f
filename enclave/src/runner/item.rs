//! One item: a fresh store and instance, budgets of its own, one call, one end.
//!
//! What a guest does wrong is an [`Outcome`], never an error. Errors here are frames that cannot be
//! written.

use wasmtime::{Engine, Store, Trap};

use super::{
    bindings::{
        SealedPre,
        assay::adapter::types::{Asks, Fault, Item, Speaker, Turn},
    },
    budget::{Budget, BudgetRefused},
};
use crate::{
    frame::FrameError,
    limits,
    message::{self, Done, Prompt},
    outcome::Outcome,
};

/// Runs one item and appends its end to `out`.
pub fn run(
    engine: &Engine,
    adapter: &SealedPre<Budget>,
    prompt: &Prompt<'_>,
    out: &mut Vec<u8>,
) -> Result<(), FrameError> {
    let mut store = fresh(engine);
    let (mut started, mut fuel) = (false, 0);
    let reply = answer(&mut store, adapter, prompt, &mut started, &mut fuel);
    let (outcome, text) = match &reply {
        Ok(Ok(text)) if text.len() > limits::ANSWER_BYTES => (Outcome::TooLarge, ""),
        Ok(Ok(text)) => (Outcome::Answered, text.as_str()),
        Ok(Err(Fault::Declined)) => (Outcome::Declined, ""),
        Ok(Err(Fault::Unsupported | Fault::Failed)) => (Outcome::GuestFault, ""),
        Err(error) => (classify(error, started), ""),
    };
    let answer = message::cut(text, prompt.answer_bytes_max as usize);
    let done = Done {
        ticket: prompt.ticket,
        outcome,
        started,
        cut: answer.len() < text.len(),
        fuel: if outcome.has_exact_fuel() { fuel } else { 0 },
        peak_pages: store.data().peak_pages(),
        answer,
    };
    done.write(out)
}

/// Makes one instance and drops it; a guest that fails here fails on every item, where it counts.
pub fn warm_up(engine: &Engine, adapter: &SealedPre<Budget>) {
    drop(adapter.instantiate(fresh(engine)));
}

fn fresh(engine: &Engine) -> Store<Budget> {
    let mut store = Store::new(engine, Budget::new());
    store.limiter(|budget| budget);
    store.set_hostcall_fuel(limits::HOSTCALL_FUEL);
    store
        .set_fuel(limits::FUEL_PER_INSTANCE)
        .expect("fuel is on in the configuration");
    store.set_epoch_deadline(limits::WALL_MS_PER_ITEM / limits::TICK_MS);
    store
}

fn answer(
    store: &mut Store<Budget>,
    adapter: &SealedPre<Budget>,
    prompt: &Prompt<'_>,
    started: &mut bool,
    fuel: &mut u64,
) -> wasmtime::Result<Result<String, Fault>> {
    let instance = adapter.instantiate(&mut *store);
    *fuel = limits::FUEL_PER_INSTANCE - store.get_fuel()?;
    let instance = instance?;
    *started = true;
    store.set_fuel(limits::FUEL_PER_ITEM)?;
    let reply = instance.call_respond(&mut *store, &item(prompt));
    *fuel += limits::FUEL_PER_ITEM - store.get_fuel()?;
    reply
}

fn item(prompt: &Prompt<'_>) -> Item {
    Item {
        turns: prompt
            .turns
            .iter()
            .map(|(speaker, text)| turn(*speaker, text))
            .collect(),
        asks: match prompt.asks {
            0 => Asks::FreeText,
            1 => Asks::OneChoice,
            2 => Asks::ManyChoices,
            _ => Asks::Number,
        },
        choices: prompt
            .choices
            .iter()
            .map(|choice| (*choice).to_owned())
            .collect(),
        lang: prompt.lang.to_owned(),
        max_bytes: prompt.answer_bytes_max,
        seed: prompt.seed,
    }
}

fn turn(speaker: u8, text: &str) -> Turn {
    let speaker = match speaker {
        0 => Speaker::System,
        1 => Speaker::User,
        _ => Speaker::Assistant,
    };
    Turn {
        speaker,
        text: text.to_owned(),
    }
}

/// The text of an engine error whose type is private; the tests notice when it changes.
const HOSTCALL_FUEL_TEXT: &str = "fuel allocated for hostcalls has been exhausted";

fn classify(error: &wasmtime::Error, started: bool) -> Outcome {
    if error.is::<BudgetRefused>() {
        return Outcome::Memory;
    }
    match error.downcast_ref::<Trap>() {
        Some(Trap::OutOfFuel) => Outcome::Fuel,
        Some(Trap::Interrupt) => Outcome::Time,
        Some(Trap::StackOverflow) => Outcome::Stack,
        Some(_) => Outcome::Trap,
        None if !started => Outcome::Unwired,
        None if error.root_cause().to_string().contains(HOSTCALL_FUEL_TEXT) => Outcome::TooLarge,
        None => Outcome::BadResult,
    }
}

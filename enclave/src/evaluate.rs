//! One run of a form: items in the order of the run secret, marks, outcome tree, scores, usage.
//!
//! The keeper, a trial on a practice form and a replay on a revealed one do exactly this; they differ
//! only in what they may show.

use std::{convert::Infallible, time::Instant};

use assay_benchmarks::{
    form::Form,
    grade::{self, Answer, Mark, State as AnswerState},
    item::{Asks, Item, Question, Speaker},
    score,
};
use assay_evidence::{
    digest::Digest,
    outcome,
    record::{Counts, Outcomes, Score, Usage},
};
use zeroize::{Zeroize, Zeroizing};

use crate::{
    crew::{Crew, CrewError, Ending, Finish},
    message::{Prompt, Ticket},
    outcome::Outcome,
    quarantine::Image,
    steward::Steward,
};

/// What happened to one item.
pub struct Row {
    /// How it ended.
    pub ending: Ending,
    /// Its mark.
    pub mark: Mark,
}

/// A run in which every item ended.
pub struct Evaluation {
    /// In the order of the form.
    pub rows: Vec<Row>,
    /// Items by class.
    pub counts: Counts,
    /// Salted tree of the marks.
    pub outcomes: Outcomes,
    /// Estimates.
    pub scores: Vec<Score>,
    /// Fuel and wall time.
    pub usage: Usage,
    /// Layers of all runners.
    pub runner_layers: u32,
}

/// How a run ended.
pub enum Evaluated<S> {
    /// Every item has a mark.
    Complete(Box<Evaluation>),
    /// No instance ever started; so many items were tried.
    NeverStarts,
    /// Told to stop after so many answered items.
    Stopped(S, u64),
}

/// What a run is made of.
pub struct Plan<'a> {
    /// The items.
    pub form: &'a Form,
    /// Drawn by the keeper, or given for a trial.
    pub nonce: Digest,
    /// The adapter's native code.
    pub image: &'a Image,
    /// Runners at once.
    pub runners: usize,
}

/// Runs a form. `progress` hears the number of items that ended.
pub fn evaluate<S>(
    steward: &Steward,
    plan: &Plan<'_>,
    progress: impl FnMut(usize),
    stop: impl Fn() -> Option<S>,
) -> Result<Evaluated<S>, CrewError> {
    let begun = Instant::now();
    let secret = plan.secret();
    let order = outcome::item_order(&secret, plan.form.items.len() as u32);
    Ok(match ask(steward, plan, &secret, &order, progress, stop)? {
        Asked::NeverStarts => Evaluated::NeverStarts,
        Asked::Stopped(reason, answered) => Evaluated::Stopped(reason, answered),
        Asked::All(rows, runner_layers) => {
            let wall_ms = begun.elapsed().as_millis() as u64;
            let evaluation = total(plan.form, &secret, rows, runner_layers, wall_ms);
            Evaluated::Complete(Box::new(evaluation))
        }
    })
}

/// Runs some items of a form, in this order, as the whole run would; `None` when no instance ever
/// starts. Without the other items there is no outcome tree and no score.
pub fn evaluate_some(
    steward: &Steward,
    plan: &Plan<'_>,
    items: &[u32],
) -> Result<Option<Vec<Row>>, CrewError> {
    let stop = || None::<Infallible>;
    Ok(
        match ask(steward, plan, &plan.secret(), items, |_| {}, stop)? {
            Asked::All(rows, _) => Some(rows),
            Asked::NeverStarts => None,
            Asked::Stopped(never, _) => match never {},
        },
    )
}

impl Plan<'_> {
    fn secret(&self) -> Zeroizing<[u8; 32]> {
        Zeroizing::new(outcome::run_secret(&self.form.seed, &self.nonce))
    }
}

/// How asking ended.
enum Asked<S> {
    /// A row for each item asked, in the order of the form, and the layers of all runners.
    All(Vec<Row>, u32),
    NeverStarts,
    Stopped(S, u64),
}

fn ask<S>(
    steward: &Steward,
    plan: &Plan<'_>,
    secret: &[u8; 32],
    order: &[u32],
    mut progress: impl FnMut(usize),
    stop: impl Fn() -> Option<S>,
) -> Result<Asked<S>, CrewError> {
    let items = &plan.form.items;
    let mut questions: Vec<Question> = items.iter().map(Item::question).collect();
    let seeds: Vec<u64> = items
        .iter()
        .map(|item| outcome::item_seed(secret, &Digest::of(&Zeroizing::new(item.bytes()))))
        .collect();
    let mut rows: Vec<Option<Row>> = items.iter().map(|_| None).collect();
    let (mut ended, mut answered) = (0, 0);

    let mut crew = Crew::new(steward, plan.image, order, plan.runners);
    let finish = crew.run(
        |item| prompt(&questions[item], seeds[item]),
        |ending| {
            let mark = grade::mark(&items[ending.item], answer(&ending));
            ended += 1;
            answered += u64::from(ending.outcome.is_answered());
            let place = ending.item;
            rows[place] = Some(Row { ending, mark });
            progress(ended);
        },
        stop,
    );
    for question in &mut questions {
        question.choices.zeroize();
        question
            .turns
            .iter_mut()
            .for_each(|(_, text)| text.zeroize());
    }
    Ok(match finish? {
        Finish::NeverStarts => Asked::NeverStarts,
        Finish::Stopped(reason) => Asked::Stopped(reason, answered),
        Finish::AllDone => Asked::All(rows.into_iter().flatten().collect(), crew.layers()),
    })
}

fn total(
    form: &Form,
    secret: &[u8; 32],
    rows: Vec<Row>,
    runner_layers: u32,
    wall_ms: u64,
) -> Evaluation {
    let marks: Vec<Mark> = rows.iter().map(|row| row.mark.clone()).collect();
    let leaves: Vec<(&str, &str)> = marks
        .iter()
        .map(|mark| (mark.points.as_str(), mark.verdict.as_str()))
        .collect();
    let answered = rows
        .iter()
        .filter(|row| row.ending.outcome.is_answered())
        .count() as u64;
    let items = rows.len() as u64;
    let fuel: u128 = rows.iter().map(|row| u128::from(row.ending.fuel)).sum();
    Evaluation {
        counts: Counts {
            answered,
            failed: items - answered,
            items,
        },
        outcomes: outcome::tree(secret, &leaves),
        scores: score::scores(&form.items, &marks),
        usage: Usage {
            fuel: fuel.to_string(),
            wall_ms,
        },
        rows,
        runner_layers,
    }
}

/// The answer as graders see it: the outcome decides the state, text counts only where there is one.
fn answer(ending: &Ending) -> Answer<'_> {
    let state = match ending.outcome {
        Outcome::Answered if ending.cut => AnswerState::Truncated,
        Outcome::Answered if ending.answer.is_empty() => AnswerState::Empty,
        Outcome::Answered => AnswerState::Ok,
        Outcome::Declined => AnswerState::Declined,
        Outcome::GuestFault => AnswerState::Empty,
        Outcome::Fuel | Outcome::Time => AnswerState::Timeout,
        Outcome::Trap
        | Outcome::Memory
        | Outcome::Stack
        | Outcome::BadResult
        | Outcome::TooLarge
        | Outcome::Lost
        | Outcome::Unwired => AnswerState::Trap,
    };
    Answer {
        state,
        text: &ending.answer,
    }
}

fn prompt(question: &Question, seed: u64) -> Prompt<'_> {
    Prompt {
        ticket: rand::random::<Ticket>(),
        seed,
        answer_bytes_max: question.max_bytes,
        asks: match question.asks {
            Asks::FreeText => 0,
            Asks::OneChoice => 1,
            Asks::Number => 3,
        },
        lang: &question.lang,
        turns: question
            .turns
            .iter()
            .map(|(speaker, text)| match speaker {
                Speaker::User => (1, text.as_str()),
            })
            .collect(),
        choices: question.choices.iter().map(String::as_str).collect(),
    }
}

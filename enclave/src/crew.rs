//! The chief's runners: hands out items, collects how they ended, and replaces runners that die.
//!
//! Every item ends exactly once. A runner's first death on an item is retried alone in a new process;
//! the second is the item's outcome. The crew knows prompts and ends; it knows no answer key and marks
//! nothing.

mod hand;

use std::{
    collections::VecDeque,
    io,
    time::{Duration, Instant},
};

use rustix::event::{PollFd, PollFlags, Timespec};

use crate::{
    blob::BlobError,
    channel::ChannelError,
    control::Helper,
    frame::FrameError,
    layer,
    message::Prompt,
    outcome::Outcome,
    quarantine::Image,
    steward::{Steward, StewardError},
};
use hand::{Hand, Heard};

/// Prompts in a runner at once: the one worked on and those that wait in its socket.
pub const WINDOW: usize = 4;
/// Items after which a runner is replaced.
pub const ITEMS_PER_RUNNER: usize = 256;
/// After this many lost items the rest are lost unrun.
const LOST_MAX: usize = 8;
/// Runners in a row that may die before they are ready.
const LOADS_MAX: usize = 3;
/// Items that may end without any instance having started before the run is given up.
const STARTS_TRIED: usize = 8;
/// How often a stop is noticed while nothing else happens.
const ATTENTION: Duration = Duration::from_millis(100);

/// Why the crew could not go on; a fault of ours.
#[derive(Debug, thiserror::Error)]
pub enum CrewError {
    /// No process.
    #[error(transparent)]
    Steward(#[from] StewardError),
    /// A prompt above the frame limit; the form is refused before it comes to this.
    #[error("prompt: {0}")]
    Prompt(#[from] FrameError),
    /// A runner's socket could not be prepared.
    #[error("socket: {0}")]
    Io(#[from] io::Error),
    /// The image came out of our own compiler, so one that cannot be loaded is no fault of the guest.
    #[error(
        "{LOADS_MAX} runners in a row died before they were ready; does this processor have AVX2 and FMA?"
    )]
    NeverReady,
    /// The image could not be passed.
    #[error(transparent)]
    Blob(#[from] BlobError),
}

/// How the crew came to an end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Finish<S> {
    /// Every item ended.
    AllDone,
    /// No instance ever started.
    NeverStarts,
    /// Told to stop.
    Stopped(S),
}

/// How one item ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ending {
    /// Place of the item in the form.
    pub item: usize,
    /// How.
    pub outcome: Outcome,
    /// True when an instance came up.
    pub started: bool,
    /// True when the answer was cut.
    pub cut: bool,
    /// Exact figure; zero where there is none.
    pub fuel: u64,
    /// Most linear memory, in pages.
    pub peak_pages: u32,
    /// Deaths of runners before this end.
    pub retries: u8,
    /// The answer.
    pub answer: String,
}

/// Runners that work through the items of one run.
pub struct Crew<'a> {
    steward: &'a Steward,
    image: &'a Image,
    hands: Vec<Hand>,
    hands_max: usize,
    waiting: VecDeque<usize>,
    suspects: VecDeque<usize>,
    deaths: Vec<u8>,
    open: usize,
    ended: usize,
    lost: usize,
    any_started: bool,
    failed_loads: usize,
    layers: Option<u32>,
}

impl<'a> Crew<'a> {
    /// A crew for these items in this order; `hands_max` is the number of runners at once.
    pub fn new(steward: &'a Steward, image: &'a Image, order: &[u32], hands_max: usize) -> Self {
        let places = order.iter().max().map_or(0, |last| *last as usize + 1);
        Self {
            steward,
            image,
            hands: Vec::new(),
            hands_max: hands_max.max(1),
            waiting: order.iter().map(|item| *item as usize).collect(),
            suspects: VecDeque::new(),
            deaths: vec![0; places],
            open: order.len(),
            ended: 0,
            lost: 0,
            any_started: false,
            failed_loads: 0,
            layers: None,
        }
    }

    /// Layers that every runner of this run had, seen from inside and outside.
    pub fn layers(&self) -> u32 {
        self.layers.unwrap_or(0)
    }

    /// Runs until every item ended or `stop` says so; `prompt` makes an item's prompt, `end` takes its end.
    pub fn run<'q, S>(
        &mut self,
        prompt: impl Fn(usize) -> Prompt<'q>,
        mut end: impl FnMut(Ending),
        stop: impl Fn() -> Option<S>,
    ) -> Result<Finish<S>, CrewError> {
        while self.open > 0 {
            if let Some(reason) = stop() {
                return Ok(Finish::Stopped(reason));
            }
            if self.failed_loads >= LOADS_MAX {
                return Err(CrewError::NeverReady);
            }
            if !self.any_started && self.ended >= STARTS_TRIED {
                return Ok(Finish::NeverStarts);
            }
            if self.lost >= LOST_MAX {
                self.lose_the_rest(&mut end);
                break;
            }
            self.hire()?;
            self.feed(&prompt)?;
            self.listen(&mut end)?;
        }
        let never = !self.any_started && self.lost == 0;
        Ok(if never {
            Finish::NeverStarts
        } else {
            Finish::AllDone
        })
    }

    /// Starts runners while there is work that no present one has or will take.
    fn hire(&mut self) -> Result<(), CrewError> {
        self.hands.retain(|hand| !hand.is_spent());
        let wanted = self.hands_max.min(self.open.div_ceil(WINDOW));
        while self.hands.len() < wanted {
            let process = self.steward.start(Helper::Runner)?;
            self.hands.push(Hand::start(process, self.image)?);
        }
        Ok(())
    }

    fn feed<'q>(&mut self, prompt: &impl Fn(usize) -> Prompt<'q>) -> Result<(), CrewError> {
        for hand in &mut self.hands {
            if hand.is_idle()
                && let Some(item) = self.suspects.pop_front()
            {
                hand.give_alone(item, &prompt(item))?;
            }
            while hand.has_room()
                && let Some(item) = self.waiting.pop_front()
            {
                hand.give(item, &prompt(item))?;
            }
        }
        Ok(())
    }

    /// Sends what waits, waits for frames, a deadline or the next look at `stop`, and takes what came.
    fn listen(&mut self, end: &mut impl FnMut(Ending)) -> Result<(), CrewError> {
        let mut heard = Vec::new();
        let mut dead = Vec::new();
        for (place, hand) in self.hands.iter_mut().enumerate() {
            if hand.flush().is_err() {
                dead.push(place);
            }
        }
        if dead.is_empty() {
            let ready = self.wait()?;
            let now = Instant::now();
            for (place, hand) in self.hands.iter_mut().enumerate() {
                let alive = if ready[place] {
                    hand.listen(&mut heard)
                } else {
                    Ok(())
                };
                if alive.is_err() || hand.is_overdue(now) {
                    dead.push(place);
                }
            }
        }
        for event in heard {
            self.take(event, end)?;
        }
        for place in dead.into_iter().rev() {
            self.bury(place, end)?;
        }
        Ok(())
    }

    fn wait(&self) -> Result<Vec<bool>, CrewError> {
        let now = Instant::now();
        let soonest = self.hands.iter().filter_map(Hand::deadline).min();
        let left = soonest.map_or(ATTENTION, |soonest| soonest.saturating_duration_since(now));
        let timeout = Timespec::try_from(left.min(ATTENTION)).expect("a tenth of a second fits");
        let mut polled: Vec<PollFd<'_>> = self
            .hands
            .iter()
            .map(|hand| PollFd::new(hand.channel(), hand.interest()))
            .collect();
        match rustix::event::poll(&mut polled, Some(&timeout)) {
            Err(rustix::io::Errno::INTR) => return Ok(vec![false; polled.len()]),
            other => other.map_err(io::Error::from)?,
        };
        let readable = PollFlags::IN | PollFlags::HUP | PollFlags::ERR;
        Ok(polled
            .iter()
            .map(|fd| fd.revents().intersects(readable))
            .collect())
    }

    fn take(&mut self, event: Heard, end: &mut impl FnMut(Ending)) -> Result<(), CrewError> {
        match event {
            Heard::Ready { number, layers } => {
                let view = self.steward.view(number)?;
                // One that is gone already ran no item; its socket will say so.
                if view & layer::SEEN != 0 {
                    let seen = layers & (view | !layer::VISIBLE);
                    self.layers = Some(self.layers.map_or(seen, |before| before & seen));
                    self.failed_loads = 0;
                }
            }
            Heard::Done(ending) => {
                self.any_started |= ending.started;
                let retries = self.deaths[ending.item];
                self.close(Ending { retries, ..ending }, end);
            }
        }
        Ok(())
    }

    /// A runner is gone or must go: the item it worked on is blamed, the others go back.
    fn bury(&mut self, place: usize, end: &mut impl FnMut(Ending)) -> Result<(), CrewError> {
        let hand = self.hands.remove(place);
        self.steward.kill(hand.number())?;
        let how = self.steward.end_of(hand.number())?;
        tracing::warn!(
            ?how,
            ready = hand.is_ready(),
            "a runner ended before its work did"
        );
        if !hand.is_ready() {
            self.failed_loads += 1;
        }
        let mut left = hand.into_open();
        if let Some(blamed) = left.pop_front() {
            self.deaths[blamed] += 1;
            if self.deaths[blamed] < 2 {
                self.suspects.push_back(blamed);
            } else {
                self.lose(blamed, end);
            }
        }
        for item in left.into_iter().rev() {
            self.waiting.push_front(item);
        }
        Ok(())
    }

    fn lose(&mut self, item: usize, end: &mut impl FnMut(Ending)) {
        self.lost += 1;
        let retries = self.deaths[item];
        let ending = Ending {
            item,
            outcome: Outcome::Lost,
            started: false,
            cut: false,
            fuel: 0,
            peak_pages: 0,
            retries,
            answer: String::new(),
        };
        self.close(ending, end);
    }

    fn lose_the_rest(&mut self, end: &mut impl FnMut(Ending)) {
        let mut rest: Vec<usize> = self
            .waiting
            .drain(..)
            .chain(self.suspects.drain(..))
            .collect();
        for hand in self.hands.drain(..) {
            // Nobody waits for it: what it still says is not heard, and its end is of no interest.
            let _ = self.steward.kill(hand.number());
            rest.extend(hand.into_open());
        }
        for item in rest {
            self.lose(item, end);
        }
    }

    fn close(&mut self, ending: Ending, end: &mut impl FnMut(Ending)) {
        self.open -= 1;
        self.ended += 1;
        end(ending);
    }
}

impl Drop for Crew<'_> {
    /// Whatever made the crew end, none of it goes on.
    fn drop(&mut self) {
        for hand in &self.hands {
            // A starter that is gone has taken all its processes with it.
            let _ = self.steward.kill(hand.number());
        }
    }
}

impl From<ChannelError> for CrewError {
    fn from(error: ChannelError) -> Self {
        Self::Io(io::Error::other(error))
    }
}

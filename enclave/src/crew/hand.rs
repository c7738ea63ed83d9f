//! One runner as the chief sees it: its socket, the items it has, and by when it must be heard from.

use std::{
    collections::VecDeque,
    io,
    os::fd::AsFd,
    time::{Duration, Instant},
};

use rustix::event::PollFlags;

use super::{CrewError, Ending, ITEMS_PER_RUNNER, WINDOW};
use crate::{
    channel::{Channel, ChannelError},
    engine,
    frame::FrameError,
    limits,
    message::{self, Done, Load, Prompt, Ticket},
    quarantine::Image,
    steward::Started,
};

/// Time from exec to a runner that is loaded and locked.
const LOAD_WALL: Duration = Duration::from_mins(1);
/// Time that a runner has beyond the wall limit of the item it works on.
const GRACE: Duration = Duration::from_secs(2);
const ITEM_WALL: Duration = Duration::from_millis(limits::WALL_MS_PER_ITEM).saturating_add(GRACE);

/// What a runner said.
pub enum Heard {
    /// Loaded and locked.
    Ready {
        /// The starter's number of the process.
        number: u32,
        /// Its report.
        layers: u32,
    },
    /// An item ended.
    Done(Ending),
}

/// A runner and what it was given.
pub struct Hand {
    number: u32,
    channel: Channel,
    open: VecDeque<(usize, Ticket)>,
    given: usize,
    window: usize,
    is_ready: bool,
    heard_from: Instant,
}

impl Hand {
    /// Has a new process load the image.
    pub fn start(process: Started, image: &Image) -> Result<Self, CrewError> {
        let mut channel = Channel::new(process.socket);
        let load = Load {
            image: image.digest,
            image_bytes: image.bytes,
            config: engine::config_id(),
        };
        load.write(channel.output())?;
        channel.flush_with_descriptor(image.file.as_fd())?;
        channel.set_nonblocking()?;
        Ok(Self {
            number: process.number,
            channel,
            open: VecDeque::with_capacity(WINDOW),
            given: 0,
            window: WINDOW,
            is_ready: false,
            heard_from: Instant::now(),
        })
    }

    pub fn number(&self) -> u32 {
        self.number
    }

    pub fn channel(&self) -> &Channel {
        &self.channel
    }

    pub fn is_ready(&self) -> bool {
        self.is_ready
    }

    /// Ready and without work: a place for an item whose runner, another one, died.
    pub fn is_idle(&self) -> bool {
        self.open.is_empty() && self.has_room()
    }

    pub fn has_room(&self) -> bool {
        self.is_ready && self.open.len() < self.window && self.given < ITEMS_PER_RUNNER
    }

    /// Has done all that one process may do.
    pub fn is_spent(&self) -> bool {
        self.given >= ITEMS_PER_RUNNER && self.open.is_empty()
    }

    /// Gives an item, with no other beside it until it ended.
    pub fn give_alone(&mut self, item: usize, prompt: &Prompt<'_>) -> Result<(), FrameError> {
        self.window = 1;
        self.give(item, prompt)
    }

    /// Gives an item; it is sent with the next flush.
    pub fn give(&mut self, item: usize, prompt: &Prompt<'_>) -> Result<(), FrameError> {
        prompt.write(self.channel.output())?;
        if self.open.is_empty() {
            self.heard_from = Instant::now();
        }
        self.open.push_back((item, prompt.ticket));
        self.given += 1;
        Ok(())
    }

    pub fn flush(&mut self) -> Result<(), ChannelError> {
        if self.channel.has_output() {
            self.channel.flush()
        } else {
            Ok(())
        }
    }

    pub fn interest(&self) -> PollFlags {
        if self.channel.has_output() {
            PollFlags::IN | PollFlags::OUT
        } else {
            PollFlags::IN
        }
    }

    /// Reads what came; an error means that this runner is of no more use.
    pub fn listen(&mut self, heard: &mut Vec<Heard>) -> Result<(), ChannelError> {
        match self.channel.fill() {
            // Nothing there after all.
            Err(ChannelError::Io(error)) if error.kind() == io::ErrorKind::WouldBlock => {
                return Ok(());
            }
            other => other?,
        }
        while let Some((kind, body)) = self.channel.buffered()? {
            match kind {
                message::READY if !self.is_ready => {
                    self.is_ready = true;
                    heard.push(Heard::Ready {
                        number: self.number,
                        layers: message::read_ready(body)?,
                    });
                }
                message::DONE => {
                    let done = Done::read(body)?;
                    // Items end in the order given; any other ticket is a runner that lies.
                    let (item, ticket) = self.open.pop_front().ok_or(FrameError::Kind(kind))?;
                    if ticket != done.ticket {
                        self.open.push_front((item, ticket));
                        return Err(FrameError::Kind(kind).into());
                    }
                    self.window = WINDOW;
                    heard.push(Heard::Done(ending(item, &done)));
                }
                other => return Err(FrameError::Kind(other).into()),
            }
            // Only a whole frame that was due counts: a runner that drips bytes is still overdue.
            self.heard_from = Instant::now();
        }
        Ok(())
    }

    /// By when it must be heard from; none while it has nothing to do.
    pub fn deadline(&self) -> Option<Instant> {
        match (self.is_ready, self.open.is_empty()) {
            (false, _) => Some(self.heard_from + LOAD_WALL),
            (true, false) => Some(self.heard_from + ITEM_WALL),
            (true, true) => None,
        }
    }

    pub fn is_overdue(&self, now: Instant) -> bool {
        self.deadline().is_some_and(|deadline| now >= deadline)
    }

    /// Items that it did not end, the one it worked on first.
    pub fn into_open(self) -> VecDeque<usize> {
        self.open.into_iter().map(|(item, _)| item).collect()
    }
}

fn ending(item: usize, done: &Done<'_>) -> Ending {
    Ending {
        item,
        outcome: done.outcome,
        started: done.started,
        cut: done.cut,
        fuel: done.fuel,
        peak_pages: done.peak_pages,
        retries: 0,
        answer: done.answer.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use std::os::fd::OwnedFd;

    use assay_evidence::digest::Digest;
    use rustix::net::{AddressFamily, SocketFlags, SocketType};

    use super::*;
    use crate::blob;

    /// A hand, and the end of its socket that the runner would have.
    fn hand() -> (Hand, OwnedFd) {
        let kind = SocketType::STREAM;
        let (socket, runner) =
            rustix::net::socketpair(AddressFamily::UNIX, kind, SocketFlags::CLOEXEC, None).unwrap();
        let image = Image {
            file: blob::sealed("image", b"code").unwrap(),
            digest: Digest::of(b"code"),
            bytes: 4,
        };
        let process = Started { number: 1, socket };
        (Hand::start(process, &image).unwrap(), runner)
    }

    #[test]
    fn bytes_that_make_no_whole_frame_do_not_put_off_the_deadline() {
        let (mut hand, runner) = hand();
        let mut ready = Vec::new();
        message::write_ready(&mut ready, 0).unwrap();
        let (first, rest) = ready.split_at(3);
        let deadline = hand.deadline();
        let mut heard = Vec::new();

        rustix::io::write(&runner, first).unwrap();
        hand.listen(&mut heard).unwrap();
        assert!(heard.is_empty());
        assert_eq!(hand.deadline(), deadline);

        let before = hand.heard_from;
        rustix::io::write(&runner, rest).unwrap();
        hand.listen(&mut heard).unwrap();
        assert_eq!(heard.len(), 1);
        assert!(hand.heard_from > before);
    }
}

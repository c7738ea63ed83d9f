//! The chief's side of the starter: asks for processes, kills them, learns how they ended.
//!
//! Several threads may ask; one conversation with the starter is held at a time.

use std::{
    collections::HashMap,
    io,
    os::fd::OwnedFd,
    sync::{Mutex, MutexGuard, PoisonError},
};

use crate::control::{self, End, Helper, Notice, Request};

/// Ends that nobody asked for yet; older ones are forgotten beyond this.
const ENDS_KEPT_MAX: usize = 256;

/// Why a process could not be had.
#[derive(Debug, thiserror::Error)]
pub enum StewardError {
    /// The starter is gone or breaks the form of its messages.
    #[error("the starter does not answer: {0}")]
    Starter(#[from] io::Error),
    /// The starter refused.
    #[error("no process for the {}; the machine is out of processes or memory", .0.word())]
    NotStarted(Helper),
}

/// A process that was started, and our end of its socket.
pub struct Started {
    /// The starter's number for it.
    pub number: u32,
    /// Connected to the process.
    pub socket: OwnedFd,
}

/// Speaks with the starter.
pub struct Steward(Mutex<Conversation>);

struct Conversation {
    socket: OwnedFd,
    ends: HashMap<u32, End>,
}

impl Steward {
    /// Takes the control socket.
    pub fn new(socket: OwnedFd) -> Self {
        Self(Mutex::new(Conversation {
            socket,
            ends: HashMap::new(),
        }))
    }

    /// Has a process started.
    pub fn start(&self, helper: Helper) -> Result<Started, StewardError> {
        let mut talk = self.talk();
        talk.ask(Request::Start(helper))?;
        loop {
            match talk.hear()? {
                (Notice::Started(number), Some(socket)) => return Ok(Started { number, socket }),
                (Notice::NotStarted, _) => return Err(StewardError::NotStarted(helper)),
                _ => {}
            }
        }
    }

    /// Has a process killed; its socket closes.
    pub fn kill(&self, number: u32) -> Result<(), StewardError> {
        Ok(self.talk().ask(Request::Kill(number))?)
    }

    /// Waits until a process is gone and says how it ended. Call it once the socket is closed or after a kill.
    pub fn end_of(&self, number: u32) -> Result<End, StewardError> {
        let mut talk = self.talk();
        loop {
            if let Some(end) = talk.ends.remove(&number) {
                return Ok(end);
            }
            talk.hear()?;
        }
    }

    /// The layers of a process that the starter sees.
    pub fn view(&self, number: u32) -> Result<u32, StewardError> {
        let mut talk = self.talk();
        talk.ask(Request::View(number))?;
        loop {
            if let (Notice::View(of, bits), _) = talk.hear()?
                && of == number
            {
                return Ok(bits);
            }
        }
    }

    fn talk(&self) -> MutexGuard<'_, Conversation> {
        // A panic aborts the process, so a poisoned lock is never seen.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Conversation {
    fn ask(&self, request: Request) -> io::Result<()> {
        control::send(&self.socket, request.to_bytes(), None)
    }

    /// One notice; ends are kept for whoever asks.
    fn hear(&mut self) -> io::Result<(Notice, Option<OwnedFd>)> {
        let (bytes, descriptor) = control::receive(&self.socket)?;
        let notice = Notice::parse(&bytes).ok_or(io::ErrorKind::UnexpectedEof)?;
        if let Notice::Ended(number, end) = notice {
            if self.ends.len() >= ENDS_KEPT_MAX
                && let Some(oldest) = self.ends.keys().min().copied()
            {
                self.ends.remove(&oldest);
            }
            self.ends.insert(number, end);
        }
        Ok((notice, descriptor))
    }
}

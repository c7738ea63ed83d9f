//! One end of a socket between two roles: whole frames in, batches of frames out.
//!
//! It buffers, so that several frames cost one system call each way. It does not know the kinds of
//! frames, and it accepts a descriptor only where its owner asks for one.

use std::{
    io::{self, IoSlice, IoSliceMut},
    mem::MaybeUninit,
    os::fd::{AsFd, BorrowedFd, OwnedFd},
    time::Instant,
};

use rustix::{
    event::{PollFd, PollFlags, Timespec},
    net::{
        RecvAncillaryBuffer, RecvAncillaryMessage, RecvFlags, SendAncillaryBuffer,
        SendAncillaryMessage, SendFlags,
    },
};
use zeroize::Zeroize;

use crate::frame::{self, FrameError};

/// Bytes asked of the socket at once.
const READ_BYTES: usize = 64 * 1024;

/// Why a channel is of no more use.
#[derive(Debug, thiserror::Error)]
pub enum ChannelError {
    /// The other end is gone.
    #[error("the other end closed its socket")]
    Closed,
    /// The system call that was made did not work.
    #[error("socket: {0}")]
    Io(#[from] io::Error),
    /// The other end sent what is not a frame, or a frame that was not due.
    #[error(transparent)]
    Frame(#[from] FrameError),
    /// No whole frame came in time.
    #[error("no frame in time")]
    Late,
    /// A frame came without the descriptor that belongs to it.
    #[error("a frame came without its descriptor")]
    NoDescriptor,
}

/// A socket with a buffer each way.
pub struct Channel {
    socket: OwnedFd,
    input: Vec<u8>,
    read: usize,
    output: Vec<u8>,
    sent: usize,
}

impl Channel {
    /// Wraps a connected stream socket.
    pub fn new(socket: OwnedFd) -> Self {
        Self {
            socket,
            input: Vec::new(),
            read: 0,
            output: Vec::new(),
            sent: 0,
        }
    }

    /// Makes reads and writes return at once; the owner polls.
    pub fn set_nonblocking(&self) -> io::Result<()> {
        Ok(rustix::io::ioctl_fionbio(&self.socket, true)?)
    }

    /// The next frame that is already here.
    pub fn buffered(&mut self) -> Result<Option<(u8, &[u8])>, FrameError> {
        let start = self.read;
        let Some((kind, body, whole)) = frame::first(&self.input[start..])? else {
            return Ok(None);
        };
        self.read = start + whole;
        Ok(Some((kind, body)))
    }

    /// The next frame, waiting for it.
    pub fn next(&mut self) -> Result<(u8, &[u8]), ChannelError> {
        while frame::first(&self.input[self.read..])?.is_none() {
            self.fill()?;
        }
        self.buffered()?.ok_or(ChannelError::Closed)
    }

    /// The next frame, waiting for it, and the descriptor that came with its bytes.
    ///
    /// Frames before it must have been taken already, as nothing else orders the two.
    pub fn next_with_descriptor(&mut self) -> Result<(u8, &[u8], Option<OwnedFd>), ChannelError> {
        let mut descriptor = None;
        while frame::first(&self.input[self.read..])?.is_none() {
            let came = self.fill_with_descriptor()?;
            descriptor = descriptor.or(came);
        }
        let (kind, body) = self.buffered()?.ok_or(ChannelError::Closed)?;
        Ok((kind, body, descriptor))
    }

    /// Like [`Self::next_with_descriptor`], giving up at `deadline`.
    pub fn next_with_descriptor_before(
        &mut self,
        deadline: Instant,
    ) -> Result<(u8, &[u8], Option<OwnedFd>), ChannelError> {
        let mut descriptor = None;
        while frame::first(&self.input[self.read..])?.is_none() {
            self.wait_until(deadline)?;
            let came = self.fill_with_descriptor()?;
            descriptor = descriptor.or(came);
        }
        let (kind, body) = self.buffered()?.ok_or(ChannelError::Closed)?;
        Ok((kind, body, descriptor))
    }

    fn wait_until(&self, deadline: Instant) -> Result<(), ChannelError> {
        let left = deadline.saturating_duration_since(Instant::now());
        let timeout = Timespec::try_from(left).unwrap_or(Timespec {
            tv_sec: i64::MAX,
            tv_nsec: 0,
        });
        let mut polled = [PollFd::new(&self.socket, PollFlags::IN)];
        match retry(|| rustix::event::poll(&mut polled, Some(&timeout)))? {
            0 => Err(ChannelError::Late),
            _ => Ok(()),
        }
    }

    /// Reads once from the socket; a descriptor that comes along is dropped by the kernel.
    pub fn fill(&mut self) -> Result<(), ChannelError> {
        let room = self.room();
        let got = retry(|| rustix::io::read(&self.socket, &mut self.input[room..]));
        self.input
            .truncate(room + got.as_ref().map_or(0, |got| *got));
        match got {
            Ok(0) => Err(ChannelError::Closed),
            Ok(_) => Ok(()),
            // Closed with something of ours unread: the other end needs no more of it.
            Err(error) if error.kind() == io::ErrorKind::ConnectionReset => {
                Err(ChannelError::Closed)
            }
            Err(error) => Err(error.into()),
        }
    }

    fn fill_with_descriptor(&mut self) -> Result<Option<OwnedFd>, ChannelError> {
        let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(1))];
        let mut control = RecvAncillaryBuffer::new(&mut space);
        let room = self.room();
        let got = retry(|| {
            let piece = &mut [IoSliceMut::new(&mut self.input[room..])];
            rustix::net::recvmsg(&self.socket, piece, &mut control, RecvFlags::CMSG_CLOEXEC)
        });
        self.input
            .truncate(room + got.as_ref().map_or(0, |got| got.bytes));
        if got?.bytes == 0 {
            return Err(ChannelError::Closed);
        }
        Ok(control.drain().find_map(|message| match message {
            RecvAncillaryMessage::ScmRights(mut descriptors) => descriptors.next(),
            _ => None,
        }))
    }

    /// Forgets what was taken and makes room to read; returns where the room begins.
    fn room(&mut self) -> usize {
        if self.read > 0 {
            self.input.drain(..self.read);
            self.read = 0;
        }
        let room = self.input.len();
        self.input.resize(room + READ_BYTES, 0);
        room
    }

    /// Where to append frames; [`Self::flush`] sends them.
    pub fn output(&mut self) -> &mut Vec<u8> {
        &mut self.output
    }

    /// True when bytes wait to be sent.
    pub fn has_output(&self) -> bool {
        self.sent < self.output.len()
    }

    /// Sends what waits; on a socket that does not block, as much as it takes.
    pub fn flush(&mut self) -> Result<(), ChannelError> {
        while self.has_output() {
            let waiting = &self.output[self.sent..];
            match retry(|| rustix::net::send(&self.socket, waiting, SendFlags::NOSIGNAL)) {
                Ok(sent) => self.sent += sent,
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Ok(()),
                Err(error) => return Err(error.into()),
            }
        }
        // Prompts were in it.
        self.output.as_mut_slice().zeroize();
        self.output.clear();
        self.sent = 0;
        Ok(())
    }

    /// Sends what waits with a descriptor on its first byte; for a socket that blocks.
    pub fn flush_with_descriptor(
        &mut self,
        descriptor: BorrowedFd<'_>,
    ) -> Result<(), ChannelError> {
        let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(1))];
        let mut control = SendAncillaryBuffer::new(&mut space);
        let descriptors = [descriptor];
        control.push(SendAncillaryMessage::ScmRights(&descriptors));
        let piece = [IoSlice::new(&self.output)];
        self.sent = rustix::net::sendmsg(&self.socket, &piece, &mut control, SendFlags::NOSIGNAL)
            .map_err(io::Error::from)?;
        self.flush()
    }
}

impl AsFd for Channel {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.socket.as_fd()
    }
}

fn retry<T>(mut call: impl FnMut() -> rustix::io::Result<T>) -> io::Result<T> {
    loop {
        match call() {
            Err(rustix::io::Errno::INTR) => {}
            other => return other.map_err(io::Error::from),
        }
    }
}

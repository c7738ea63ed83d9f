//! What the keeper asks of the starter and what the starter tells it: a few bytes a message.
//!
//! One datagram is one message: a byte, then a process number, then a value. The number is the
//! starter's own count, not a process id of the system.

use std::{
    io::{self, IoSlice, IoSliceMut},
    mem::MaybeUninit,
    os::fd::{AsFd, BorrowedFd, OwnedFd},
};

use rustix::net::{
    RecvAncillaryBuffer, RecvAncillaryMessage, RecvFlags, SendAncillaryBuffer,
    SendAncillaryMessage, SendFlags,
};

/// Bytes of every message.
const MESSAGE_BYTES: usize = 9;

/// A role that the keeper may have started.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Helper {
    /// Turns one component into native code.
    Compiler,
    /// Runs one image, item by item.
    Runner,
}

impl Helper {
    /// The word on the command line.
    pub fn word(self) -> &'static str {
        match self {
            Self::Compiler => "compiler",
            Self::Runner => "runner",
        }
    }
}

/// From keeper to starter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Request {
    /// Start a process and pass the other end of its socket.
    Start(Helper),
    /// Kill that process.
    Kill(u32),
    /// Say which layers of that process are visible from outside.
    View(u32),
}

/// From starter to keeper.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Notice {
    /// Started under this number; the socket comes along.
    Started(u32),
    /// Not started: too many, or the system refused.
    NotStarted,
    /// That process is gone.
    Ended(u32, End),
    /// Layers of that process as seen from outside.
    View(u32, u32),
}

/// How a process ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// By itself, with this code.
    Code(u8),
    /// By this signal.
    Signal(u8),
}

impl Request {
    /// The message, without its fixed length.
    pub fn to_bytes(self) -> [u8; MESSAGE_BYTES] {
        match self {
            Self::Start(Helper::Compiler) => message(b'c', 0, 0),
            Self::Start(Helper::Runner) => message(b'r', 0, 0),
            Self::Kill(number) => message(b'k', number, 0),
            Self::View(number) => message(b'v', number, 0),
        }
    }

    /// Reads a message.
    pub fn parse(bytes: &[u8]) -> Option<Self> {
        let (verb, number, _) = fields(bytes)?;
        Some(match verb {
            b'c' => Self::Start(Helper::Compiler),
            b'r' => Self::Start(Helper::Runner),
            b'k' => Self::Kill(number),
            b'v' => Self::View(number),
            _ => return None,
        })
    }
}

impl Notice {
    /// The message, without its descriptor.
    pub fn to_bytes(self) -> [u8; MESSAGE_BYTES] {
        match self {
            Self::Started(number) => message(b'n', number, 0),
            Self::NotStarted => message(b'e', 0, 0),
            Self::Ended(number, End::Code(code)) => message(b'x', number, u32::from(code)),
            Self::Ended(number, End::Signal(signal)) => message(b's', number, u32::from(signal)),
            Self::View(number, bits) => message(b'v', number, bits),
        }
    }

    /// Reads a message.
    pub fn parse(bytes: &[u8]) -> Option<Self> {
        let (verb, number, value) = fields(bytes)?;
        Some(match verb {
            b'n' => Self::Started(number),
            b'e' => Self::NotStarted,
            b'x' => Self::Ended(number, End::Code(value as u8)),
            b's' => Self::Ended(number, End::Signal(value as u8)),
            b'v' => Self::View(number, value),
            _ => return None,
        })
    }
}

/// Sends one message, with a descriptor when there is one.
pub fn send(
    socket: impl AsFd,
    bytes: [u8; MESSAGE_BYTES],
    pass: Option<BorrowedFd<'_>>,
) -> io::Result<()> {
    let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(1))];
    let mut control = SendAncillaryBuffer::new(&mut space);
    let descriptors = pass.map(|descriptor| [descriptor]);
    if let Some(descriptors) = &descriptors {
        control.push(SendAncillaryMessage::ScmRights(descriptors));
    }
    rustix::net::sendmsg(
        socket,
        &[IoSlice::new(&bytes)],
        &mut control,
        SendFlags::NOSIGNAL,
    )?;
    Ok(())
}

/// Receives one message into bytes; empty when the other end is gone.
pub fn receive(socket: impl AsFd) -> io::Result<(Vec<u8>, Option<OwnedFd>)> {
    let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(1))];
    let mut control = RecvAncillaryBuffer::new(&mut space);
    let mut bytes = vec![0; MESSAGE_BYTES];
    let got = loop {
        let piece = &mut [IoSliceMut::new(&mut bytes)];
        match rustix::net::recvmsg(&socket, piece, &mut control, RecvFlags::CMSG_CLOEXEC) {
            Err(rustix::io::Errno::INTR) => {}
            other => break other?,
        }
    };
    bytes.truncate(got.bytes);
    let descriptor = control.drain().find_map(|message| match message {
        RecvAncillaryMessage::ScmRights(mut descriptors) => descriptors.next(),
        _ => None,
    });
    Ok((bytes, descriptor))
}

fn message(verb: u8, number: u32, value: u32) -> [u8; MESSAGE_BYTES] {
    let mut bytes = [0; MESSAGE_BYTES];
    bytes[0] = verb;
    bytes[1..5].copy_from_slice(&number.to_le_bytes());
    bytes[5..9].copy_from_slice(&value.to_le_bytes());
    bytes
}

fn fields(bytes: &[u8]) -> Option<(u8, u32, u32)> {
    let bytes: &[u8; MESSAGE_BYTES] = bytes.try_into().ok()?;
    let [verb, n0, n1, n2, n3, v0, v1, v2, v3] = *bytes;
    Some((
        verb,
        u32::from_le_bytes([n0, n1, n2, n3]),
        u32::from_le_bytes([v0, v1, v2, v3]),
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_message_is_read_as_it_was_written() {
        for request in [
            Request::Start(Helper::Compiler),
            Request::Start(Helper::Runner),
            Request::Kill(7),
            Request::View(70_000),
        ] {
            assert_eq!(Request::parse(&request.to_bytes()), Some(request));
        }
        for notice in [
            Notice::Started(1),
            Notice::NotStarted,
            Notice::Ended(2, End::Code(70)),
            Notice::Ended(3, End::Signal(9)),
            Notice::View(4, 0x20),
        ] {
            assert_eq!(Notice::parse(&notice.to_bytes()), Some(notice));
        }
    }

    #[test]
    fn a_message_of_another_length_or_verb_is_refused() {
        assert_eq!(Request::parse(b"r"), None);
        assert_eq!(Request::parse(&[0; MESSAGE_BYTES + 1]), None);
        assert_eq!(Request::parse(&message(b'z', 0, 0)), None);
        assert_eq!(Notice::parse(&message(b'r', 0, 0)), None);
    }
}

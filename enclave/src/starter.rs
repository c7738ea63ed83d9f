//! The first process: starts the other roles, passes their sockets, waits for them, and ends with the chief.
//!
//! The chief is the process that asks for compilers and runners: the keeper, or that of a trial or a
//! screening. The starter parses no foreign bytes and holds no secret: it reads the few bytes of
//! [`crate::control`] from the chief and nothing else. When the chief ends, the starter ends with its
//! code and every other process dies with the starter.

use std::{
    collections::BTreeMap,
    fs, io,
    os::{
        fd::{AsFd, OwnedFd},
        unix::process::{CommandExt, ExitStatusExt},
    },
    process::{Child, Command, ExitCode, ExitStatus, Stdio},
};

use rustix::{
    event::{PollFd, PollFlags},
    net::{AddressFamily, SocketFlags, SocketType},
    process::{Pid, PidfdFlags, Signal},
};

use crate::{
    control::{self, End, Helper, Notice, Request},
    layer,
};

/// Processes at once, besides the chief.
const CHILDREN_MAX: usize = 80;

/// Who sees what helpers write to stderr.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HelperStderr {
    /// Nobody: a process that runs foreign code has no text channel.
    Dropped,
    /// Whoever started us, to find a fault of ours.
    Passed,
}

struct Running {
    child: Child,
    pidfd: OwnedFd,
}

struct Starter {
    chief: Running,
    control: OwnedFd,
    helpers: BTreeMap<u32, Running>,
    last: u32,
    stderr: HelperStderr,
}

/// Starts the chief with these arguments and serves it until it ends.
pub fn run(chief: &[String], stderr: HelperStderr) -> io::Result<ExitCode> {
    let (control, for_chief) = pair(SocketType::SEQPACKET)?;
    let chief = start_chief(chief, &for_chief)?;
    drop(for_chief);
    release_standard_streams()?;
    Starter {
        chief,
        control,
        helpers: BTreeMap::new(),
        last: 0,
        stderr,
    }
    .serve()
}

impl Starter {
    fn serve(mut self) -> io::Result<ExitCode> {
        loop {
            let ready = self.wait()?;
            if ready.contains(&Event::Chief) {
                let end = end_of(self.chief.child.wait()?);
                return Ok(match end {
                    End::Code(code) => ExitCode::from(code),
                    End::Signal(_) => ExitCode::FAILURE,
                });
            }
            for event in ready {
                match event {
                    Event::Chief => {}
                    Event::Helper(number) => self.reap(number)?,
                    Event::Request => self.answer()?,
                }
            }
        }
    }

    fn wait(&self) -> io::Result<Vec<Event>> {
        let mut events = vec![Event::Chief, Event::Request];
        let mut polled = vec![
            PollFd::new(&self.chief.pidfd, PollFlags::IN),
            PollFd::new(&self.control, PollFlags::IN),
        ];
        for (number, helper) in &self.helpers {
            events.push(Event::Helper(*number));
            polled.push(PollFd::new(&helper.pidfd, PollFlags::IN));
        }
        loop {
            match rustix::event::poll(&mut polled, None) {
                Err(rustix::io::Errno::INTR) => {}
                Err(error) => return Err(error.into()),
                Ok(_) => break,
            }
        }
        let ready = polled
            .iter()
            .zip(events)
            .filter(|(fd, _)| !fd.revents().is_empty());
        Ok(ready.map(|(_, event)| event).collect())
    }

    /// Reads one request. A chief that breaks the form of a message is killed, which ends all.
    fn answer(&mut self) -> io::Result<()> {
        let bytes = match control::receive(&self.control) {
            Ok((bytes, _)) => bytes,
            // It went with a notice of ours unread.
            Err(error) if is_gone(&error) => Vec::new(),
            Err(error) => return Err(error),
        };
        match Request::parse(&bytes) {
            Some(Request::Start(helper)) => self.start(helper),
            Some(Request::Kill(number)) => {
                if let Some(helper) = self.helpers.get_mut(&number) {
                    helper.child.kill()?;
                }
                Ok(())
            }
            Some(Request::View(number)) => {
                let pid = self.helpers.get(&number).map(|helper| helper.child.id());
                self.tell(Notice::View(number, pid.map_or(0, visible_layers)), None)
            }
            // A chief that closed its end is about to exit; its code is what counts.
            None if bytes.is_empty() => self.chief.child.wait().map(|_| ()),
            None => self.chief.child.kill(),
        }
    }

    fn start(&mut self, helper: Helper) -> io::Result<()> {
        if self.helpers.len() >= CHILDREN_MAX {
            return self.tell(Notice::NotStarted, None);
        }
        let (ours, theirs) = pair(SocketType::STREAM)?;
        let mut command = role(&["role".to_owned(), helper.word().to_owned()], &theirs);
        command.stdin(Stdio::null()).stdout(Stdio::null());
        if self.stderr == HelperStderr::Dropped {
            command.stderr(Stdio::null());
        }
        match spawn(&mut command) {
            Ok(running) => {
                self.last += 1;
                self.helpers.insert(self.last, running);
                self.tell(Notice::Started(self.last), Some(&ours))
            }
            Err(_) => self.tell(Notice::NotStarted, None),
        }
    }

    fn reap(&mut self, number: u32) -> io::Result<()> {
        let Some(mut helper) = self.helpers.remove(&number) else {
            return Ok(());
        };
        let end = end_of(helper.child.wait()?);
        self.tell(Notice::Ended(number, end), None)
    }

    /// A chief that no longer listens is about to be reaped, so a failed send is no fault.
    fn tell(&self, notice: Notice, pass: Option<&OwnedFd>) -> io::Result<()> {
        match control::send(&self.control, notice.to_bytes(), pass.map(AsFd::as_fd)) {
            Err(error) if !is_gone(&error) => Err(error),
            _ => Ok(()),
        }
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Event {
    Chief,
    Request,
    Helper(u32),
}

fn start_chief(arguments: &[String], socket: &OwnedFd) -> io::Result<Running> {
    let mut arguments = arguments.to_vec();
    arguments.insert(0, "role".to_owned());
    spawn(&mut role(&arguments, socket))
}

/// This program again, with an empty environment and one socket.
fn role(arguments: &[String], socket: &OwnedFd) -> Command {
    let mut command = Command::new("/proc/self/exe");
    command.arg0("assay-enclave").args(arguments).env_clear();
    crate::native::prepare_child(&mut command, socket);
    command
}

fn spawn(command: &mut Command) -> io::Result<Running> {
    let child = command.spawn()?;
    let pid = Pid::from_child(&child);
    let pidfd = rustix::process::pidfd_open(pid, PidfdFlags::empty())?;
    Ok(Running { child, pidfd })
}

fn pair(kind: SocketType) -> io::Result<(OwnedFd, OwnedFd)> {
    Ok(rustix::net::socketpair(
        AddressFamily::UNIX,
        kind,
        SocketFlags::CLOEXEC,
        None,
    )?)
}

/// The streams belong to the chief now: the caller must see them end when the chief does.
fn release_standard_streams() -> io::Result<()> {
    let null = fs::File::options()
        .read(true)
        .write(true)
        .open("/dev/null")?;
    crate::native::replace_standard_streams(&null.into())
}

fn end_of(status: ExitStatus) -> End {
    match (status.code(), status.signal()) {
        (Some(code), _) => End::Code(code as u8),
        (None, Some(signal)) => End::Signal(signal as u8),
        (None, None) => End::Signal(Signal::KILL.as_raw() as u8),
    }
}

fn is_gone(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::BrokenPipe | io::ErrorKind::ConnectionReset
    )
}

/// What the kernel says of a process to others: bits 5 and 11 of the self-report, if it is there.
fn visible_layers(pid: u32) -> u32 {
    let Ok(status) = fs::read_to_string(format!("/proc/{pid}/status")) else {
        return 0;
    };
    let is = |key: &str, value: &str| {
        status.lines().any(|line| {
            line.split_once(":\t")
                .is_some_and(|(k, v)| k == key && v == value)
        })
    };
    let mut bits = layer::SEEN;
    if is("NoNewPrivs", "1") {
        bits |= layer::NO_NEW_PRIVS;
    }
    if is("Seccomp", "2") {
        bits |= layer::FILTER_B;
    }
    bits
}

//! The chief's side of a compiler process: one component in, a report and perhaps an image out.
//!
//! The chief does not look inside either. It remembers the digest of what came out of that very
//! process, and only that digest is ever loaded. A process that crashed, lied about its frames or cost
//! too much is a refusal of the component, never an error of the run.

use std::{
    os::fd::{AsFd, OwnedFd},
    time::{Duration, Instant},
};

use assay_evidence::{digest::Digest, wire::ScreenReport};

use crate::{
    blob::{self, BlobError, IMAGE_BYTES_MAX},
    channel::{Channel, ChannelError},
    compiler::PANICKED,
    control::{End, Helper},
    frame::FrameWriter,
    layer,
    lock::COMPILE_CPU_SECONDS,
    message::{self, Compiled, Refusal},
    steward::{Steward, StewardError},
};

/// Wall time of a compiler process.
const COMPILE_WALL: Duration = Duration::from_secs(90);

/// Why a component could not be judged at all; a fault of ours.
#[derive(Debug, thiserror::Error)]
pub enum QuarantineError {
    /// No compiler process.
    #[error(transparent)]
    Steward(#[from] StewardError),
    /// No memory file for the component.
    #[error(transparent)]
    Blob(#[from] BlobError),
}

/// Native code that came out of one compiler process.
pub struct Image {
    /// Sealed.
    pub file: OwnedFd,
    /// SHA-256, taken by the chief.
    pub digest: Digest,
    /// Length.
    pub bytes: u64,
}

/// What became of a component.
pub struct Finding {
    /// As the server is told.
    pub report: ScreenReport,
    /// Present when it was accepted.
    pub image: Option<Image>,
    /// Layers of the compiler process, seen from inside and outside.
    pub layers: u32,
}

/// Has a component screened and compiled in a process of its own.
pub fn compile(steward: &Steward, component: &[u8]) -> Result<Finding, QuarantineError> {
    let component_bytes = component.len() as u64;
    if component_bytes > blob::COMPONENT_BYTES_MAX {
        let detail = format!(
            "{component_bytes} bytes, more than {}; strip debug sections and data",
            blob::COMPONENT_BYTES_MAX
        );
        return Ok(refused(component_bytes, "too-large", &detail));
    }
    let blob = blob::sealed("component", component)?;
    let process = steward.start(Helper::Compiler)?;
    let mut channel = Channel::new(process.socket);
    let answer = converse(&mut channel, &blob);
    let answer = match answer {
        Ok((compiled, file)) => {
            let view = steward.view(process.number)? | !layer::VISIBLE;
            let layers = compiled.layers & view;
            Ok((Compiled { layers, ..compiled }, file))
        }
        Err(error) => Err(error),
    };
    // It has said all that counts; one that would stay is not waited for.
    steward.kill(process.number)?;
    let end = steward.end_of(process.number)?;
    Ok(match answer {
        Ok((compiled, file)) => found(component_bytes, compiled, file),
        Err(error) => stopped(component_bytes, &error, end),
    })
}

fn converse(
    channel: &mut Channel,
    component: &OwnedFd,
) -> Result<(Compiled, Option<OwnedFd>), ChannelError> {
    let deadline = Instant::now() + COMPILE_WALL;
    FrameWriter::begin(channel.output(), message::COMPILE).end()?;
    channel.flush_with_descriptor(component.as_fd())?;
    let (kind, body, file) = channel.next_with_descriptor_before(deadline)?;
    Ok((Compiled::read(kind, body)?, file))
}

fn found(component_bytes: u64, compiled: Compiled, file: Option<OwnedFd>) -> Finding {
    let Compiled {
        compile_ms,
        layers,
        imports,
        refusal,
    } = compiled;
    let (image, refusal) = match (refusal, file) {
        (Some(refusal), _) => (None, Some(refusal)),
        (None, None) => (
            None,
            Some(engine_fault("the compiler process gave no image")),
        ),
        (None, Some(file)) => match blob::read(&file, IMAGE_BYTES_MAX) {
            Ok(bytes) => (
                Some(Image {
                    file,
                    digest: Digest::of(&bytes),
                    bytes: bytes.len() as u64,
                }),
                None,
            ),
            Err(error) => (None, Some(engine_fault(&error.to_string()))),
        },
    };
    let report = ScreenReport {
        accepted: image.is_some(),
        code: refusal.as_ref().map(|refusal| refusal.code.clone()),
        compile_ms,
        component_bytes,
        detail: refusal.map(|refusal| refusal.detail),
        image_bytes: image.as_ref().map_or(0, |image| image.bytes),
        imports,
    };
    Finding {
        report,
        image,
        layers,
    }
}

/// The process ended without an answer: which of its caps did it meet?
fn stopped(component_bytes: u64, error: &ChannelError, end: End) -> Finding {
    let (code, detail) = match (error, end) {
        (ChannelError::Late, _) => (
            "compile-wall",
            format!(
                "compiling took more than {} s; make its functions smaller",
                COMPILE_WALL.as_secs()
            ),
        ),
        (_, End::Signal(signal)) if i32::from(signal) == libc::SIGXCPU => (
            "compile-cpu",
            format!(
                "compiling took more than {COMPILE_CPU_SECONDS} s of CPU time; make its functions smaller"
            ),
        ),
        (_, End::Signal(signal)) if [libc::SIGABRT, libc::SIGKILL].contains(&i32::from(signal)) => {
            (
                "compile-memory",
                "compiling took more memory than a compiler may have; make its functions smaller"
                    .to_owned(),
            )
        }
        (_, End::Code(PANICKED)) => ("compile-engine", ENGINE_GAVE_UP.to_owned()),
        (_, End::Code(_) | End::Signal(_)) => {
            ("compile-engine", format!("{ENGINE_GAVE_UP} ({error})"))
        }
    };
    refused(component_bytes, code, &detail)
}

const ENGINE_GAVE_UP: &str = "the compiler gave up on it; rebuild the component with a current toolchain, and report it if that does not help";

fn engine_fault(detail: &str) -> Refusal {
    Refusal {
        code: "compile-engine".to_owned(),
        detail: format!("{ENGINE_GAVE_UP} ({detail})"),
    }
}

fn refused(component_bytes: u64, code: &str, detail: &str) -> Finding {
    let report = ScreenReport {
        accepted: false,
        code: Some(code.to_owned()),
        compile_ms: 0,
        component_bytes,
        detail: Some(detail.to_owned()),
        image_bytes: 0,
        imports: Vec::new(),
    };
    Finding {
        report,
        image: None,
        layers: 0,
    }
}

#[cfg(test)]
mod tests {
    use rustix::{
        event::{PollFd, PollFlags, Timespec},
        net::{AddressFamily, SocketFlags, SocketType},
    };

    use super::*;

    fn code(error: &ChannelError, end: End) -> String {
        stopped(1, error, end).report.code.unwrap_or_default()
    }

    #[test]
    fn a_compiler_that_was_stopped_is_a_refusal_that_names_the_cap() {
        let closed = ChannelError::Closed;
        let signal = |signal: i32| End::Signal(signal as u8);
        assert_eq!(
            code(&ChannelError::Late, signal(libc::SIGKILL)),
            "compile-wall"
        );
        assert_eq!(code(&closed, signal(libc::SIGXCPU)), "compile-cpu");
        assert_eq!(code(&closed, signal(libc::SIGABRT)), "compile-memory");
        assert_eq!(code(&closed, signal(libc::SIGSEGV)), "compile-engine");
        assert_eq!(code(&closed, End::Code(PANICKED)), "compile-engine");
        assert_eq!(code(&closed, End::Code(0)), "compile-engine");
    }

    /// A starter whose only compiler refuses at once and then stays; was it killed?
    fn starter_of_a_compiler_that_stays(control: &OwnedFd) -> bool {
        use crate::control::{self, Notice, Request};
        let tell = |notice: Notice, pass: Option<&OwnedFd>| {
            control::send(control, notice.to_bytes(), pass.map(AsFd::as_fd)).unwrap();
        };
        let mut compiler = None;
        loop {
            let mut asked = [PollFd::new(control, PollFlags::IN)];
            let patience = Timespec {
                tv_sec: 20,
                tv_nsec: 0,
            };
            if rustix::event::poll(&mut asked, Some(&patience)).unwrap() == 0 {
                tell(Notice::Ended(1, End::Code(0)), None);
                return false;
            }
            let (bytes, _) = control::receive(control).unwrap();
            match Request::parse(&bytes).unwrap() {
                Request::Start(_) => {
                    let (ours, theirs) = pair(SocketType::STREAM);
                    tell(Notice::Started(1), Some(&theirs));
                    let mut channel = Channel::new(ours);
                    refusing("elf").write(channel.output()).unwrap();
                    channel.flush().unwrap();
                    compiler = Some(channel);
                }
                Request::View(_) => tell(Notice::View(1, 0), None),
                Request::Kill(_) => {
                    drop(compiler.take());
                    tell(Notice::Ended(1, End::Signal(libc::SIGKILL as u8)), None);
                    return true;
                }
            }
        }
    }

    fn pair(kind: SocketType) -> (OwnedFd, OwnedFd) {
        let flags = SocketFlags::CLOEXEC;
        rustix::net::socketpair(AddressFamily::UNIX, kind, flags, None).unwrap()
    }

    fn refusing(code: &str) -> Compiled {
        Compiled {
            compile_ms: 1,
            layers: 0,
            imports: Vec::new(),
            refusal: Some(Refusal {
                code: code.to_owned(),
                detail: "no component".to_owned(),
            }),
        }
    }

    #[test]
    fn a_compiler_that_answers_and_stays_is_killed_and_its_answer_counts() {
        let (ours, theirs) = pair(SocketType::SEQPACKET);
        let (finding, was_killed) = std::thread::scope(|scope| {
            let starter = scope.spawn(|| starter_of_a_compiler_that_stays(&theirs));
            let finding = compile(&Steward::new(ours), b"component").unwrap();
            (finding, starter.join().unwrap())
        });
        assert!(was_killed);
        assert_eq!(finding.report.code.as_deref(), Some("elf"));
    }

    #[test]
    fn an_answer_without_a_sealed_image_is_a_refusal() {
        let compiled = Compiled {
            compile_ms: 1,
            layers: 0,
            imports: Vec::new(),
            refusal: None,
        };
        let missing = found(1, compiled.clone(), None);
        assert_eq!(missing.report.code.as_deref(), Some("compile-engine"));
        let unsealed = found(1, compiled.clone(), Some(blob::empty("test").unwrap()));
        assert!(unsealed.image.is_none());
        let sealed = found(1, compiled, Some(blob::sealed("test", b"code").unwrap()));
        assert_eq!(sealed.image.unwrap().digest, Digest::of(b"code"));
    }
}

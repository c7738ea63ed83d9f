//! The compiler role: one component in, native code or a refusal out, then the process ends.
//!
//! Everything is in place before the first foreign byte is read: limits, no new privileges, no
//! executable memory, no files, no sockets. It holds no secret and sees no item. A component that
//! costs too much is stopped from outside or by its own limits; nobody retries it.

use std::{process::ExitCode, thread};

use crate::{
    blob::{self, IMAGE_BYTES_MAX},
    channel::{Channel, ChannelError},
    engine,
    frame::FrameError,
    lock::{self, LockError, Role},
    message::{self, Compiled, Refusal},
    native, screen,
};

/// Exit code of a panic, which is a defect of the engine or of ours.
pub const PANICKED: u8 = 70;
/// The thread that parses and compiles; deep structures recurse.
const WORKER_STACK_BYTES: usize = 64 * 1024 * 1024;

/// Why a compiler process ended without an answer.
#[derive(Debug, thiserror::Error)]
enum CompilerError {
    #[error(transparent)]
    Lock(#[from] LockError),
    #[error(transparent)]
    Channel(#[from] ChannelError),
    #[error(transparent)]
    Frame(#[from] FrameError),
    #[error(transparent)]
    Blob(#[from] blob::BlobError),
    #[error("engine: {0}")]
    Engine(wasmtime::Error),
    #[error("process: {0}")]
    Io(#[from] std::io::Error),
}

/// Runs the role.
pub fn main() -> ExitCode {
    lock::end_on_panic(Some(i32::from(PANICKED)));
    match start() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("assay-enclave compiler: {error}");
            ExitCode::FAILURE
        }
    }
}

fn start() -> Result<(), CompilerError> {
    lock::first(Role::Compiler)?;
    let channel = Channel::new(native::take_role_socket()?);
    let worker = thread::Builder::new()
        .stack_size(WORKER_STACK_BYTES)
        .spawn(move || serve(channel))?;
    worker
        .join()
        .expect("a panic ends the process before the thread can be joined")
}

fn serve(mut channel: Channel) -> Result<(), CompilerError> {
    let engine = engine::compiling().map_err(CompilerError::Engine)?;
    let output = blob::empty("image")?;
    let layers = lock::last(Role::Compiler)?;
    let (kind, body, component) = channel.next_with_descriptor()?;
    if kind != message::COMPILE {
        return Err(FrameError::Kind(kind).into());
    }
    if !body.is_empty() {
        return Err(FrameError::Trailing(body.len()).into());
    }
    let component = blob::read(
        component.ok_or(ChannelError::NoDescriptor)?,
        blob::COMPONENT_BYTES_MAX,
    )?;

    let screened = screen::screen(&component);
    let result = match screened.refusal {
        Some(refusal) => Err(refusal),
        None => compile(&engine, &component),
    };
    let compiled = |refusal| Compiled {
        compile_ms: native::cpu_ms(),
        layers,
        imports: screened.imports.clone(),
        refusal,
    };
    match result {
        Ok(image) => {
            blob::fill_and_seal(&output, &image)?;
            compiled(None).write(channel.output())?;
            channel.flush_with_descriptor(std::os::fd::AsFd::as_fd(&output))?;
        }
        Err(refusal) => {
            compiled(Some(refusal)).write(channel.output())?;
            channel.flush()?;
        }
    }
    // The keeper looks at this process from outside before it lets it go.
    match channel.next() {
        Err(ChannelError::Closed) => Ok(()),
        Err(error) => Err(error.into()),
        Ok((kind, _)) => Err(FrameError::Kind(kind).into()),
    }
}

fn compile(engine: &wasmtime::Engine, component: &[u8]) -> Result<Vec<u8>, Refusal> {
    let image = engine.precompile_component(component).map_err(|error| Refusal {
        code: "compile-engine".to_owned(),
        detail: format!("the engine could not compile it: {error}; rebuild the component with a current toolchain"),
    })?;
    if image.len() as u64 > IMAGE_BYTES_MAX {
        return Err(Refusal {
            code: "compile-size".to_owned(),
            detail: format!(
                "{} bytes of native code, more than {IMAGE_BYTES_MAX}; make the component smaller",
                image.len()
            ),
        });
    }
    Ok(image)
}

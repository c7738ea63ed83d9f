//! The runner role: loads one image, locks itself down, then runs one item at a time.
//!
//! It never holds an answer key, a mark, a key or the rest of the form. At most
//! [`crate::crew::WINDOW`] prompts are in the process: the one being worked on and those waiting in
//! its socket. Two threads: the worker, and the main thread as the clock of the wall limit.

mod budget;
mod item;

use std::{process::ExitCode, thread, time::Duration};

use wasmtime::{Engine, component::Linker};

use crate::{
    blob::{AuthenticImage, BlobError},
    channel::{Channel, ChannelError},
    engine,
    frame::FrameError,
    layer, limits,
    lock::{self, LockError, Role},
    message::{self, Load, Prompt},
    native,
};

mod bindings {
    //! Types of the adapter's world, made from the contract itself.
    #![allow(missing_docs, clippy::pedantic)]
    wasmtime::component::bindgen!({ path: "wit", world: "sealed" });
}

/// Why a runner ended without being asked to.
#[derive(Debug, thiserror::Error)]
enum RunnerError {
    #[error(transparent)]
    Lock(#[from] LockError),
    #[error(transparent)]
    Channel(#[from] ChannelError),
    #[error(transparent)]
    Frame(#[from] FrameError),
    #[error(transparent)]
    Blob(#[from] BlobError),
    #[error("engine: {0}")]
    Engine(wasmtime::Error),
    #[error("the keeper expects another engine configuration")]
    Config,
    #[error("process: {0}")]
    Io(#[from] std::io::Error),
}

/// Runs the role; the keeper ends it by closing its socket.
pub fn main() -> ExitCode {
    lock::end_on_panic(None);
    match start() {
        Ok(engine) => tick(&engine),
        Err(error) => fail(&error),
    }
}

fn fail(error: &RunnerError) -> ! {
    eprintln!("assay-enclave runner: {error}");
    std::process::exit(1)
}

fn start() -> Result<Engine, RunnerError> {
    lock::first(Role::Runner)?;
    let channel = Channel::new(native::take_role_socket()?);
    let engine = engine::running().map_err(RunnerError::Engine)?;
    let clock = engine.clone();
    // The lock forbids new threads, so this one is made before it and locks both.
    thread::Builder::new()
        .stack_size(engine::WORKER_STACK_BYTES)
        .spawn(move || match serve(&engine, channel) {
            Ok(()) => std::process::exit(0),
            Err(error) => fail(&error),
        })?;
    Ok(clock)
}

fn tick(engine: &Engine) -> ! {
    loop {
        thread::sleep(Duration::from_millis(limits::TICK_MS));
        engine.increment_epoch();
    }
}

fn serve(engine: &Engine, mut channel: Channel) -> Result<(), RunnerError> {
    let (kind, body, image) = channel.next_with_descriptor()?;
    if kind != message::LOAD {
        return Err(FrameError::Kind(kind).into());
    }
    let load = Load::read(body)?;
    if load.config != engine::config_id() {
        return Err(RunnerError::Config);
    }
    lock::limit_data(engine::runner_data_bytes(load.image_bytes))?;
    let image = AuthenticImage::open(image.ok_or(ChannelError::NoDescriptor)?, load.image)?;
    let adapter = prepare(engine, &image).map_err(RunnerError::Engine)?;
    drop(image);
    let layers = lock::last(Role::Runner)? | layer::IMAGE_VERIFIED;
    message::write_ready(channel.output(), layers)?;
    channel.flush()?;
    run_items(engine, &adapter, &mut channel)
}

/// Loads, links nothing, and makes one instance, so that nothing is left to map later.
fn prepare(
    engine: &Engine,
    image: &AuthenticImage,
) -> wasmtime::Result<bindings::SealedPre<budget::Budget>> {
    let component = native::load(engine, image)?;
    component.initialize_copy_on_write_image()?;
    let adapter = bindings::SealedPre::new(Linker::new(engine).instantiate_pre(&component)?)?;
    item::warm_up(engine, &adapter);
    Ok(adapter)
}

fn run_items(
    engine: &Engine,
    adapter: &bindings::SealedPre<budget::Budget>,
    channel: &mut Channel,
) -> Result<(), RunnerError> {
    let mut answers = Vec::new();
    loop {
        let (kind, body) = match channel.next() {
            Err(ChannelError::Closed) => return Ok(()),
            other => other?,
        };
        if kind != message::ITEM {
            return Err(FrameError::Kind(kind).into());
        }
        item::run(engine, adapter, &Prompt::read(body)?, &mut answers)?;
        // One item, one write: an answer never waits for the next item, whose time is its own.
        std::mem::swap(channel.output(), &mut answers);
        channel.flush()?;
    }
}

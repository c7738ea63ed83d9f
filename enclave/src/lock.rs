//! Gives powers up, in the order in which it still works, and reports what was then refused.
//!
//! Two steps: [`first`] before any foreign byte is read, [`last`] before any foreign code runs. A bit
//! of the report is set by an attempt that was refused or a fact that was observed, never because a
//! call to set it returned without an error. Namespaces, Landlock and allow-lists of system calls are
//! not in this file; their bits stay clear.

mod filter;
mod probe;

use std::io;

use rustix::process::{DumpableBehavior, Resource, Rlimit};

use crate::{layer, native};

/// Descriptors of a role; the chief's own need is larger.
const HELPER_DESCRIPTORS: u64 = 32;
const CHIEF_DESCRIPTORS: u64 = 512;
/// CPU time of a compiler process.
pub const COMPILE_CPU_SECONDS: u64 = 60;
/// Writable memory of a compiler process.
const COMPILE_DATA_BYTES: u64 = 3 * 512 * 1024 * 1024;

/// Why a role could not be locked.
#[derive(Debug, thiserror::Error)]
pub enum LockError {
    /// The kernel refused to take a power away.
    #[error("could not give up a power: {0}")]
    Kernel(#[from] io::Error),
    /// The filter could not be installed.
    #[error("system call filter: {0}")]
    Filter(#[from] seccompiler::Error),
    /// The filter could not be built.
    #[error("system call filter: {0}")]
    Build(#[from] seccompiler::BackendError),
}

/// A role that runs under a lock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// Keeper, or the chief of a trial or screening.
    Chief,
    /// Compiler.
    Compiler,
    /// Runner.
    Runner,
}

/// Before the first foreign byte and the first thread: limits, no new privileges, not dumpable.
pub fn first(role: Role) -> Result<(), LockError> {
    let descriptors = match role {
        Role::Chief => CHIEF_DESCRIPTORS,
        Role::Compiler | Role::Runner => HELPER_DESCRIPTORS,
    };
    limit(Resource::Nofile, descriptors)?;
    limit(Resource::Core, 0)?;
    if role == Role::Compiler {
        // The soft limit ends it with a signal of its own, by which the keeper knows the cause.
        let hard = Some(COMPILE_CPU_SECONDS + 1);
        let cpu = Rlimit {
            current: Some(COMPILE_CPU_SECONDS),
            maximum: hard,
        };
        rustix::process::setrlimit(Resource::Cpu, cpu).map_err(io::Error::from)?;
        limit(Resource::Data, COMPILE_DATA_BYTES)?;
    }
    rustix::thread::set_no_new_privs(true).map_err(io::Error::from)?;
    rustix::process::set_dumpable_behavior(DumpableBehavior::NotDumpable)
        .map_err(io::Error::from)?;
    Ok(())
}

/// Bounds the writable memory of a runner, once the size of its image is known.
pub fn limit_data(bytes: u64) -> Result<(), LockError> {
    limit(Resource::Data, bytes)
}

/// Refuses write-execute memory, then installs the role's filter; returns the layers found in force.
///
/// A runner calls it after loading: no new native code can come in afterwards.
pub fn last(role: Role) -> Result<u32, LockError> {
    native::set_write_execute_refused()?;
    let mut report = probe::write_execute();
    if role == Role::Runner {
        limit(Resource::Fsize, 0)?;
        limit(Resource::Nproc, 0)?;
    }
    filter::install(role)?;
    if role != Role::Chief {
        report |= probe::filter_b();
    }
    Ok(report | probe::privileges() | probe::limits(role))
}

fn limit(resource: Resource, value: u64) -> Result<(), LockError> {
    let both = Rlimit {
        current: Some(value),
        maximum: Some(value),
    };
    Ok(rustix::process::setrlimit(resource, both).map_err(io::Error::from)?)
}

/// A panic is a defect of ours: the process ends at once, without unwinding into anything.
pub fn end_on_panic(code: Option<i32>) {
    std::panic::set_hook(Box::new(move |panic| {
        eprintln!("assay-enclave: {panic}");
        match code {
            Some(code) => std::process::exit(code),
            None => std::process::abort(),
        }
    }));
}

/// Bits that a role of this build reports when every layer it has is in force.
pub fn expected(role: Role) -> u32 {
    let always =
        layer::NO_NEW_PRIVS | layer::NOT_DUMPABLE | layer::NO_WRITE_EXECUTE | layer::LIMITS;
    match role {
        Role::Chief => always,
        Role::Compiler => always | layer::FILTER_B,
        Role::Runner => always | layer::FILTER_B | layer::IMAGE_VERIFIED,
    }
}

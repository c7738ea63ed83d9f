//! Attempts that must be refused, and facts that can be read: the bits of the self-report.
//!
//! Each probe runs right after its layer is set, before the next layer would answer in its place.

use std::{io, thread};

use rustix::{
    fs::MemfdFlags,
    process::{DumpableBehavior, Resource},
};

use super::{COMPILE_DATA_BYTES, Role};
use crate::{layer, native};

/// Write-execute memory is refused by the kernel itself: EACCES, before a filter could say EPERM.
pub fn write_execute() -> u32 {
    let refused = error(native::try_gain_execute()) == Some(libc::EACCES)
        && error(native::try_map_executable()) == Some(libc::EACCES);
    bit(refused, layer::NO_WRITE_EXECUTE)
}

/// The filter refuses executable mappings, memory files and threads: EPERM.
pub fn filter_b() -> u32 {
    let thread = thread::Builder::new().spawn(|| ()).map(|_| ());
    let memory = rustix::fs::memfd_create("probe", MemfdFlags::CLOEXEC).map(|_| ());
    let refused = error(native::try_map_executable()) == Some(libc::EPERM)
        && error(native::try_gain_execute()) == Some(libc::EPERM)
        && error(memory.map_err(io::Error::from)) == Some(libc::EPERM)
        && error(thread) == Some(libc::EPERM);
    bit(refused, layer::FILTER_B)
}

/// No new privileges, not dumpable, no core file: read back from the kernel.
pub fn privileges() -> u32 {
    let no_new_privs = rustix::thread::no_new_privs() == Ok(true);
    let not_dumpable = rustix::process::dumpable_behavior() == Ok(DumpableBehavior::NotDumpable)
        && is_limited(Resource::Core, 0);
    bit(no_new_privs, layer::NO_NEW_PRIVS) | bit(not_dumpable, layer::NOT_DUMPABLE)
}

/// Limits: descriptors run out when tried, memory does too, the rest is read back.
pub fn limits(role: Role) -> u32 {
    let data = match role {
        Role::Chief => true,
        Role::Compiler => is_limited(Resource::Data, COMPILE_DATA_BYTES) && memory_runs_out(),
        Role::Runner => {
            memory_runs_out() && is_limited(Resource::Fsize, 0) && is_limited(Resource::Nproc, 0)
        }
    };
    bit(data && descriptors_run_out(), layer::LIMITS)
}

fn memory_runs_out() -> bool {
    let Some(most) = rustix::process::getrlimit(Resource::Data).current else {
        return false;
    };
    error(native::try_map_writable(most as usize + 1)) == Some(libc::ENOMEM)
}

/// Duplicates stderr until the limit answers; never more often than the limit allows.
fn descriptors_run_out() -> bool {
    let Some(most) = rustix::process::getrlimit(Resource::Nofile).current else {
        return false;
    };
    let stderr = io::stderr();
    let mut held = Vec::new();
    for _ in 0..=most {
        match rustix::io::fcntl_dupfd_cloexec(&stderr, 0) {
            Ok(descriptor) => held.push(descriptor),
            Err(refusal) => return refusal == rustix::io::Errno::MFILE,
        }
    }
    false
}

fn is_limited(resource: Resource, value: u64) -> bool {
    let found = rustix::process::getrlimit(resource);
    found.current == Some(value) && found.maximum == Some(value)
}

fn error<T>(attempt: io::Result<T>) -> Option<i32> {
    attempt.err().and_then(|error| error.raw_os_error())
}

fn bit(holds: bool, layer: u32) -> u32 {
    if holds { layer } else { 0 }
}
